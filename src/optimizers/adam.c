/* Adam; the values and defaults of Keras's Adam.
 *     m += (1 - beta_1) (dw - m)      v += (1 - beta_2) (dw^2 - v)      amsgrad: h = max(h, v)
 *     w -= rate sqrt(1 - beta_2^n) / (1 - beta_1^n) * m / (sqrt(v or h) + epsilon)
 * epsilon stands beside the root of the uncorrected v, as in Keras.
 * Sources: Kingma and Ba (2015), the form before section 2.1; Reddi et al. (2018) for amsgrad. */
#include <math.h>

#include "optimizers/optimizer.h"

typedef struct {
    cvy_optimizer_settings common;
    double beta_1, beta_2, epsilon;
    bool amsgrad;
} adam_settings;

#define AT(member) offsetof(adam_settings, member)
static const cvy_setting settings[] = {
    CVY_LEARNING_RATE_ROW("0.001"),
    { "beta_1", CVY_FLOAT, AT(beta_1), "0.9", 0, 1, "decay of the mean", CVY_BELOW_MAX, NULL },
    { "beta_2", CVY_FLOAT, AT(beta_2), "0.999", 0, 1, "decay of the square", CVY_BELOW_MAX, NULL },
    { "epsilon", CVY_FLOAT, AT(epsilon), "1e-7", 0, HUGE_VAL, "keeps the divisor above zero",
      CVY_BELOW_MAX, NULL },
    { "amsgrad", CVY_BOOL, AT(amsgrad), "false", 0, 0, "never let the square shrink", 0, NULL },
    { 0 },
};

static size_t slot_count(const void *config)
{
    return ((const adam_settings *)config)->amsgrad ? 3 : 2;
}

static void update(const void *config, const cvy_update *step, size_t n, float *restrict w,
                   const float *restrict dw, float *const *slot)
{
    const adam_settings *s = config;
    const double number = (double)step->number;
    const float new_1 = (float)(1 - s->beta_1), new_2 = (float)(1 - s->beta_2);
    const float epsilon = (float)s->epsilon;
    const float rate =
        (float)(step->rate * sqrt(1 - pow(s->beta_2, number)) / (1 - pow(s->beta_1, number)));
    float *restrict m = slot[0], *restrict v = slot[1];

    if (!s->amsgrad) {
        for (size_t i = 0; i < n; i++) {
            m[i] += new_1 * (dw[i] - m[i]);
            v[i] += new_2 * (dw[i] * dw[i] - v[i]);
            w[i] -= rate * m[i] / (sqrtf(v[i]) + epsilon);
        }
        return;
    }
    float *restrict h = slot[2];
    for (size_t i = 0; i < n; i++) {
        m[i] += new_1 * (dw[i] - m[i]);
        v[i] += new_2 * (dw[i] * dw[i] - v[i]);
        h[i] = h[i] > v[i] ? h[i] : v[i];
        w[i] -= rate * m[i] / (sqrtf(h[i]) + epsilon);
    }
}

const cvy_optimizer_kind cvy_optimizer_adam = {
    .kind = { "adam", "steps scaled by running moments of the gradient", settings,
              sizeof(adam_settings) },
    .slot_count = slot_count,
    .update = update,
};
