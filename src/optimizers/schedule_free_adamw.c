/* Adam with averaging that makes a schedule unnecessary; the values and defaults of Keras's
 * ScheduleFreeAdamW. The model's weights are the point y between z and the average x.
 *     v += (1 - beta_2) (dw^2 - v)        x = (w - (1 - beta_1) z) / beta_1
 *     z -= rate dw / (sqrt(v / (1 - beta_2^n)) + epsilon)
 *     x = (1 - 1/n) x + z / n             w = (1 - beta_1) z + beta_1 x
 * z starts as a copy of the weights. x is computed from z before its update, as with Keras's JAX
 * backend. (With PyTorch, Keras uses z after its update, because it overwrites z too early.)
 * Source: Defazio et al., The road less scheduled (2024), algorithm 1. */
#include <string.h>

#include "optimizers/optimizer.h"

typedef struct {
    cvy_optimizer_settings common;
    double beta_1, beta_2, epsilon;
    size_t warmup_steps;
} schedule_free_settings;

enum { RATE, OF_SQUARE };

#define AT(member) offsetof(schedule_free_settings, member)
CVY_OPTIMIZER_ROWS_DEFINE(schedule_free_adamw) = {
    CVY_LEARNING_RATE_ROW("0.0025"),
    { "beta_1", CVY_FLOAT, AT(beta_1), "0.9", 0, 1, "fraction of the average in the weights",
      CVY_ABOVE_MIN, NULL },
    { "beta_2", CVY_FLOAT, AT(beta_2), "0.999", 0, 1, "decay of the second moment", CVY_BELOW_MAX,
      NULL },
    { "epsilon", CVY_FLOAT, AT(epsilon), "1e-8", 0, HUGE_VAL, "keeps the divisor above zero",
      CVY_BELOW_MAX, NULL },
    { "warmup_steps", CVY_COUNT, AT(warmup_steps), "0", 0, (double)SIZE_MAX,
      "updates of a linear warm-up", 0, NULL },
    CVY_WEIGHT_DECAY_ROW("none", CVY_OR_NONE),
    CVY_COMMON_ROWS,
    { 0 },
};

static size_t slots(const void *config, const char *names[CVY_SLOTS_MAX])
{
    (void)config;
    names[0] = "z";
    names[1] = "velocity";
    return 2;
}

static void start(const void *config, size_t n, const float *w, float *const *slot)
{
    (void)config;
    memcpy(slot[0], w, n * sizeof *w);
}

static void prepare(const void *config, cvy_update *step)
{
    const schedule_free_settings *s = config;
    const double n = (double)step->number;

    step->scalar[RATE] =
        step->rate * (step->number < s->warmup_steps ? n / (double)s->warmup_steps : 1);
    step->scalar[OF_SQUARE] = 1 / (1 - pow(s->beta_2, n));
}

static void update(const void *config, const cvy_update *step, size_t n, float *restrict w,
                   const float *restrict dw, float *const *slot)
{
    const schedule_free_settings *s = config;
    const double newest = 1 / (double)step->number;
    const float rate = (float)step->scalar[RATE], of_square = (float)step->scalar[OF_SQUARE];
    const float new_2 = (float)(1 - s->beta_2), epsilon = (float)s->epsilon;
    /* w - (1 - beta_1) z is beta_1 x, so w' = (1 - 1/n) (w - (1 - beta_1) z) + z' (1 - beta_1 +
     * beta_1 / n): x itself is not needed */
    const float of_old = (float)(1 - newest), of_z = (float)(1 - s->beta_1);
    const float of_new_z = (float)(1 - s->beta_1 + s->beta_1 * newest);
    float *restrict z = slot[0], *restrict v = slot[1];

    for (size_t i = 0; i < n; i++) {
        const float old = w[i] - of_z * z[i];
        v[i] += new_2 * (dw[i] * dw[i] - v[i]);
        z[i] -= rate * dw[i] / (sqrtf(of_square * v[i]) + epsilon);
        w[i] = of_old * old + of_new_z * z[i];
    }
}

const cvy_optimizer_kind CVY_OPTIMIZER(schedule_free_adamw) = {
    .kind = { "schedule_free_adamw", "AdamW with averaging instead of a schedule",
              CVY_OPTIMIZER_ROWS(schedule_free_adamw), sizeof(schedule_free_settings) },
    .slots = slots,
    .start = start,
    .prepare = prepare,
    .update = update,
};
