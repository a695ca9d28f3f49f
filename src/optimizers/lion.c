/* Steps of constant size in the direction of the momentum; the values and defaults of Keras's Lion.
 *     w -= rate sign(beta_1 m + (1 - beta_1) dw)      m = beta_2 m + (1 - beta_2) dw
 * Source: Chen et al., Symbolic discovery of optimization algorithms (2023), algorithm 2. */
#include "optimizers/optimizer.h"

typedef struct {
    cvy_optimizer_settings common;
    double beta_1, beta_2;
} lion_settings;

#define AT(member) offsetof(lion_settings, member)
CVY_OPTIMIZER_ROWS_DEFINE(lion) = {
    CVY_LEARNING_RATE_ROW("0.001"),
    { "beta_1", CVY_FLOAT, AT(beta_1), "0.9", 0, 1, "fraction of the momentum in a step",
      CVY_ABOVE_MIN, NULL },
    { "beta_2", CVY_FLOAT, AT(beta_2), "0.99", 0, 1, "decay of the momentum", 0, NULL },
    CVY_WEIGHT_DECAY_ROW("none", CVY_OR_NONE),
    CVY_COMMON_ROWS,
    { 0 },
};

static size_t slots(const void *config, const char *names[CVY_SLOTS_MAX])
{
    (void)config;
    names[0] = "momentum";
    return 1;
}

static void update(const void *config, const cvy_update *step, size_t n, float *restrict w,
                   const float *restrict dw, float *const *slot)
{
    const lion_settings *s = config;
    const float rate = (float)step->rate;
    const float beta_1 = (float)s->beta_1, new_1 = (float)(1 - s->beta_1);
    const float beta_2 = (float)s->beta_2, new_2 = (float)(1 - s->beta_2);
    float *restrict m = slot[0];

    for (size_t i = 0; i < n; i++) {
        const float direction = beta_1 * m[i] + new_1 * dw[i];
        w[i] -= direction > 0 ? rate : direction < 0 ? -rate : 0.0f;
        m[i] = beta_2 * m[i] + new_2 * dw[i];
    }
}

const cvy_optimizer_kind CVY_OPTIMIZER(lion) = {
    .kind = { "lion", "sign of the momentum as the update", CVY_OPTIMIZER_ROWS(lion),
              sizeof(lion_settings) },
    .slots = slots,
    .update = update,
};
