/* Adam with the (decaying) largest gradient instead of the mean square; the values and defaults of
 * Keras's Adamax.
 *     m += (1 - beta_1) (dw - m)      u = max(beta_2 u, |dw|)
 *     w -= rate / (1 - beta_1^n) * m / (u + epsilon)
 * Source: Kingma and Ba, Adam (2015), section 7.1. */
#include "optimizers/adam.h"

typedef struct {
    cvy_optimizer_settings common;
    double beta_1, beta_2, epsilon;
} adamax_settings;

CVY_OPTIMIZER_ROWS_DEFINE(adamax) = {
    CVY_LEARNING_RATE_ROW("0.001"),
    CVY_MOMENT_ROWS(adamax_settings),
    CVY_WEIGHT_DECAY_ROW("none", CVY_OR_NONE),
    CVY_COMMON_ROWS,
    { 0 },
};

static size_t slots(const void *config, const char *names[CVY_SLOTS_MAX])
{
    (void)config;
    names[0] = "momentum";
    names[1] = "infinity_norm";
    return 2;
}

static void prepare(const void *config, cvy_update *step)
{
    const adamax_settings *s = config;
    step->scalar[0] = step->rate / (1 - pow(s->beta_1, (double)step->number));
}

static void update(const void *config, const cvy_update *step, size_t n, float *restrict w,
                   const float *restrict dw, float *const *slot)
{
    const adamax_settings *s = config;
    const float rate = (float)step->scalar[0], new_1 = (float)(1 - s->beta_1);
    const float beta_2 = (float)s->beta_2, epsilon = (float)s->epsilon;
    float *restrict m = slot[0], *restrict u = slot[1];

    for (size_t i = 0; i < n; i++) {
        const float size = fabsf(dw[i]), kept = beta_2 * u[i];
        m[i] += new_1 * (dw[i] - m[i]);
        u[i] = kept > size ? kept : size;
        w[i] -= rate * m[i] / (u[i] + epsilon);
    }
}

const cvy_optimizer_kind CVY_OPTIMIZER(adamax) = {
    .kind = { "adamax", "Adam with the infinity norm instead of the second moment",
              CVY_OPTIMIZER_ROWS(adamax), sizeof(adamax_settings) },
    .slots = slots,
    .prepare = prepare,
    .update = update,
};
