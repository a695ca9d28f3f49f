/* Follow the regularized leader; the values and defaults of Keras's Ftrl. With p =
 * -learning_rate_power, l1 and l2 the regularization strengths, and s the l2 shrinkage:
 *     N' = N + dw^2      z += dw + 2 s w - w (N'^p - N^p) / rate      N = N'
 *     w = (clip(z, -l1, l1) - z) / (N^p / rate + 2 l2 + beta / rate)
 * A weight depends only on z, so little of the initial weights remains after the first update. At a
 * learning rate of 0, where this is undefined, nothing changes.
 * Source: McMahan et al., Ad click prediction (2013), algorithm 1. */
#include "optimizers/optimizer.h"

typedef struct {
    cvy_optimizer_settings common;
    double learning_rate_power, initial_accumulator_value;
    double l1_regularization_strength, l2_regularization_strength;
    double l2_shrinkage_regularization_strength, beta;
} ftrl_settings;

#define AT(member) offsetof(ftrl_settings, member)
#define STRENGTH_ROW(member, help)                                                                 \
    {                                                                                              \
#member, CVY_FLOAT, AT(member), "0", 0, HUGE_VAL, help, CVY_BELOW_MAX, NULL                \
    }
CVY_OPTIMIZER_ROWS_DEFINE(ftrl) = {
    CVY_LEARNING_RATE_ROW("0.001"),
    { "learning_rate_power", CVY_FLOAT, AT(learning_rate_power), "-0.5", -HUGE_VAL, 0,
      "exponent of the sum of squares, the factor of a step", CVY_ABOVE_MIN, NULL },
    { "initial_accumulator_value", CVY_FLOAT, AT(initial_accumulator_value), "0.1", 0, HUGE_VAL,
      "initial sum of squares", CVY_BELOW_MAX, NULL },
    STRENGTH_ROW(l1_regularization_strength, "L1 penalty: sets small weights to 0"),
    STRENGTH_ROW(l2_regularization_strength, "L2 penalty: moves weights towards 0"),
    STRENGTH_ROW(l2_shrinkage_regularization_strength, "adds 2 * this * w to the gradient"),
    STRENGTH_ROW(beta, "beta / learning_rate is added to 2 * the l2 strength"),
    CVY_WEIGHT_DECAY_ROW("none", CVY_OR_NONE),
    CVY_COMMON_ROWS,
    { 0 },
};

static size_t slots(const void *config, const char *names[CVY_SLOTS_MAX])
{
    (void)config;
    names[0] = "accumulator";
    names[1] = "linear";
    return 2;
}

static void start(const void *config, size_t n, const float *w, float *const *slot)
{
    const float value = (float)((const ftrl_settings *)config)->initial_accumulator_value;

    (void)w;
    for (size_t i = 0; i < n; i++)
        slot[0][i] = value;
}

/* `root` is N'^p, `growth` is N'^p - N^p; 0 / 0 counts as 0. */
#define FTRL_WEIGHT(root, growth)                                                                  \
    do {                                                                                           \
        z[i] += dw[i] + shrinkage * w[i] - w[i] * ((growth)*per_rate);                             \
        const float above = z[i] > l1 ? l1 : z[i], within = above < -l1 ? -l1 : above;             \
        const float divisor = (root)*per_rate + added;                                             \
        w[i] = (within - z[i]) / (divisor > 0 ? divisor : 1);                                      \
    } while (0)

static void update(const void *config, const cvy_update *step, size_t n, float *restrict w,
                   const float *restrict dw, float *const *slot)
{
    const ftrl_settings *s = config;
    const float power = (float)-s->learning_rate_power, per_rate = (float)(1 / step->rate);
    const float l1 = (float)s->l1_regularization_strength;
    const float shrinkage = (float)(2 * s->l2_shrinkage_regularization_strength);
    const float added = (float)(2 * s->l2_regularization_strength + s->beta / step->rate);
    float *restrict sum = slot[0], *restrict z = slot[1];

    if (step->rate == 0)
        return;
    if (s->learning_rate_power == -0.5) {
        for (size_t i = 0; i < n; i++) {
            const float square = dw[i] * dw[i], old = sqrtf(sum[i]), root = sqrtf(sum[i] + square);
            /* root - old without cancellation */
            FTRL_WEIGHT(root, square / (root + old > 0 ? root + old : 1));
            sum[i] += square;
        }
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const float old = powf(sum[i], power);
        sum[i] += dw[i] * dw[i];
        const float root = powf(sum[i], power);
        FTRL_WEIGHT(root, root - old);
    }
}

const cvy_optimizer_kind CVY_OPTIMIZER(ftrl) = {
    .kind = { "ftrl", "follow the regularized leader, for sparse weights", CVY_OPTIMIZER_ROWS(ftrl),
              sizeof(ftrl_settings) },
    .slots = slots,
    .start = start,
    .update = update,
};
