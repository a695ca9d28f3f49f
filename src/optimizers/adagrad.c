/* Steps divided by the root of the sum of all squared gradients so far; the values and defaults of
 * Keras's Adagrad.
 *     s += dw^2        w -= rate dw / sqrt(s + epsilon)
 * Source: Duchi, Hazan and Singer, Adaptive subgradient methods (2011). */
#include "optimizers/optimizer.h"

typedef struct {
    cvy_optimizer_settings common;
    double initial_accumulator_value, epsilon;
} adagrad_settings;

#define AT(member) offsetof(adagrad_settings, member)
CVY_OPTIMIZER_ROWS_DEFINE(adagrad) = {
    CVY_LEARNING_RATE_ROW("0.001"),
    { "initial_accumulator_value", CVY_FLOAT, AT(initial_accumulator_value), "0.1", 0, HUGE_VAL,
      "initial sum of squares", CVY_BELOW_MAX, NULL },
    { "epsilon", CVY_FLOAT, AT(epsilon), "1e-7", 0, HUGE_VAL, "keeps the divisor above zero",
      CVY_BELOW_MAX, NULL },
    CVY_WEIGHT_DECAY_ROW("none", CVY_OR_NONE),
    CVY_COMMON_ROWS,
    { 0 },
};

static size_t slots(const void *config, const char *names[CVY_SLOTS_MAX])
{
    (void)config;
    names[0] = "accumulator";
    return 1;
}

static void start(const void *config, size_t n, const float *w, float *const *slot)
{
    const float value = (float)((const adagrad_settings *)config)->initial_accumulator_value;

    (void)w;
    for (size_t i = 0; i < n; i++)
        slot[0][i] = value;
}

static void update(const void *config, const cvy_update *step, size_t n, float *restrict w,
                   const float *restrict dw, float *const *slot)
{
    const float rate = (float)step->rate;
    const float epsilon = (float)((const adagrad_settings *)config)->epsilon;
    float *restrict sum = slot[0];

    for (size_t i = 0; i < n; i++) {
        sum[i] += dw[i] * dw[i];
        w[i] -= rate * dw[i] / sqrtf(sum[i] + epsilon);
    }
}

const cvy_optimizer_kind CVY_OPTIMIZER(adagrad) = {
    .kind = { "adagrad", "step sizes divided by the root of all squared gradients so far",
              CVY_OPTIMIZER_ROWS(adagrad), sizeof(adagrad_settings) },
    .slots = slots,
    .start = start,
    .update = update,
};
