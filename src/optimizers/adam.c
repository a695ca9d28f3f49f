/* Adam; the values and defaults of Keras's Adam.
 *     m += (1 - beta_1) (dw - m)      v += (1 - beta_2) (dw^2 - v)      amsgrad: h = max(h, v)
 *     w -= rate sqrt(1 - beta_2^n) / (1 - beta_1^n) * m / (sqrt(v or h) + epsilon)
 * epsilon is added to the root of the uncorrected v, as in Keras.
 * Sources: Kingma and Ba (2015), the form before section 2.1; Reddi et al. (2018) for amsgrad. */
#include "optimizers/adam.h"

CVY_OPTIMIZER_ROWS_DEFINE(adam) = {
    CVY_LEARNING_RATE_ROW("0.001"),
    CVY_ADAM_ROWS,
    CVY_WEIGHT_DECAY_ROW("none", CVY_OR_NONE),
    CVY_COMMON_ROWS,
    { 0 },
};

size_t CVY_FOR_ISA(cvy_adam_slots)(const void *config, const char *names[CVY_SLOTS_MAX])
{
    names[0] = "momentum";
    names[1] = "velocity";
    names[2] = "velocity_hat";
    return ((const cvy_adam_settings *)config)->amsgrad ? 3 : 2;
}

double CVY_FOR_ISA(cvy_adam_rate)(double beta_1, double beta_2, const cvy_update *step)
{
    const double number = (double)step->number;
    return step->rate * sqrt(1 - pow(beta_2, number)) / (1 - pow(beta_1, number));
}

void CVY_FOR_ISA(cvy_adam_prepare)(const void *config, cvy_update *step)
{
    const cvy_adam_settings *s = config;
    step->scalar[0] = CVY_FOR_ISA(cvy_adam_rate)(s->beta_1, s->beta_2, step);
}

void CVY_FOR_ISA(cvy_adam_apply)(cvy_adam_factors f, size_t n, float *restrict w,
                                 const float *restrict dw, float *restrict m, float *restrict v)
{
    for (size_t i = 0; i < n; i++) {
        m[i] += f.new_1 * (dw[i] - m[i]);
        v[i] += f.new_2 * (dw[i] * dw[i] - v[i]);
        w[i] -= f.rate * m[i] / (sqrtf(v[i]) + f.epsilon);
    }
}

static void apply_amsgrad(cvy_adam_factors f, size_t n, float *restrict w, const float *restrict dw,
                          float *restrict m, float *restrict v, float *restrict h)
{
    for (size_t i = 0; i < n; i++) {
        m[i] += f.new_1 * (dw[i] - m[i]);
        v[i] += f.new_2 * (dw[i] * dw[i] - v[i]);
        h[i] = h[i] > v[i] ? h[i] : v[i];
        w[i] -= f.rate * m[i] / (sqrtf(h[i]) + f.epsilon);
    }
}

void CVY_FOR_ISA(cvy_adam_update)(const void *config, const cvy_update *step, size_t n,
                                  float *restrict w, const float *restrict dw, float *const *slot)
{
    const cvy_adam_settings *s = config;
    const cvy_adam_factors factors = { (float)step->scalar[0], (float)(1 - s->beta_1),
                                       (float)(1 - s->beta_2), (float)s->epsilon };

    if (s->amsgrad)
        apply_amsgrad(factors, n, w, dw, slot[0], slot[1], slot[2]);
    else
        CVY_FOR_ISA(cvy_adam_apply)(factors, n, w, dw, slot[0], slot[1]);
}

const cvy_optimizer_kind CVY_OPTIMIZER(adam) = {
    .kind = { "adam", "step sizes from running first and second moments of the gradient",
              CVY_OPTIMIZER_ROWS(adam), sizeof(cvy_adam_settings) },
    .slots = CVY_FOR_ISA(cvy_adam_slots),
    .prepare = CVY_FOR_ISA(cvy_adam_prepare),
    .update = CVY_FOR_ISA(cvy_adam_update),
};
