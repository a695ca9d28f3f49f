/* Steps scaled by the ratio of past steps to past gradients; the values and defaults of Keras's
 * Adadelta. The paper has no learning rate, which corresponds to a rate of 1.
 *     g = rho g + (1 - rho) dw^2      d = dw sqrt(x + epsilon) / sqrt(g + epsilon)
 *     x = rho x + (1 - rho) d^2       w -= rate d
 * Source: Zeiler, ADADELTA: an adaptive learning rate method (2012), algorithm 1. */
#include "optimizers/optimizer.h"

typedef struct {
    cvy_optimizer_settings common;
    double rho, epsilon;
} adadelta_settings;

#define AT(member) offsetof(adadelta_settings, member)
CVY_OPTIMIZER_ROWS_DEFINE(adadelta) = {
    CVY_LEARNING_RATE_ROW("0.001"),
    { "rho", CVY_FLOAT, AT(rho), "0.95", 0, 1, "decay of both mean squares", 0, NULL },
    { "epsilon", CVY_FLOAT, AT(epsilon), "1e-7", 0, HUGE_VAL,
      "keeps the divisor above zero, and determines the first steps", CVY_BELOW_MAX, NULL },
    CVY_WEIGHT_DECAY_ROW("none", CVY_OR_NONE),
    CVY_COMMON_ROWS,
    { 0 },
};

static size_t slots(const void *config, const char *names[CVY_SLOTS_MAX])
{
    (void)config;
    names[0] = "accumulated_gradient";
    names[1] = "accumulated_step";
    return 2;
}

static void update(const void *config, const cvy_update *step, size_t n, float *restrict w,
                   const float *restrict dw, float *const *slot)
{
    const adadelta_settings *s = config;
    const float rate = (float)step->rate, rho = (float)s->rho, rest = (float)(1 - s->rho);
    const float epsilon = (float)s->epsilon;
    float *restrict g = slot[0], *restrict x = slot[1];

    for (size_t i = 0; i < n; i++) {
        g[i] = rho * g[i] + rest * (dw[i] * dw[i]);
        const float d = dw[i] * sqrtf(x[i] + epsilon) / sqrtf(g[i] + epsilon);
        x[i] = rho * x[i] + rest * (d * d);
        w[i] -= rate * d;
    }
}

const cvy_optimizer_kind CVY_OPTIMIZER(adadelta) = {
    .kind = { "adadelta", "step sizes from running averages of past steps and gradients",
              CVY_OPTIMIZER_ROWS(adadelta), sizeof(adadelta_settings) },
    .slots = slots,
    .update = update,
};
