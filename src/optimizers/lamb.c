/* Adam with steps proportional to the norm of each variable; the values and defaults of Keras's
 * Lamb. Unlike in the paper, weight decay is not part of u.
 *     m += (1 - beta_1) (dw - m)      v += (1 - beta_2) (dw^2 - v)
 *     u = m / (1 - beta_1^n) / (sqrt(v / (1 - beta_2^n)) + epsilon)
 *     w -= rate |w| / |u| u           (w -= rate u if |w| or |u| is 0)
 * Source: You et al., Large batch optimization for deep learning (2020), algorithm 2. */
#include "optimizers/adam.h"
#include "optimizers/loops.h"

typedef struct {
    cvy_optimizer_settings common;
    double beta_1, beta_2, epsilon;
} lamb_settings;

enum { OF_MEAN, OF_SQUARE };

CVY_OPTIMIZER_ROWS_DEFINE(lamb) = {
    CVY_LEARNING_RATE_ROW("0.001"),
    CVY_MOMENT_ROWS(lamb_settings),
    CVY_WEIGHT_DECAY_ROW("none", CVY_OR_NONE),
    CVY_COMMON_ROWS,
    { 0 },
};

static size_t slots(const void *config, const char *names[CVY_SLOTS_MAX])
{
    (void)config;
    names[0] = "momentum";
    names[1] = "velocity";
    return 2;
}

static void prepare(const void *config, cvy_update *step)
{
    const lamb_settings *s = config;
    step->scalar[OF_MEAN] = 1 / (1 - pow(s->beta_1, (double)step->number));
    step->scalar[OF_SQUARE] = 1 / (1 - pow(s->beta_2, (double)step->number));
}

/* Compute u; it replaces dw. */
static void find_direction(const lamb_settings *s, const cvy_update *step, size_t n,
                           float *restrict dw, float *restrict m, float *restrict v)
{
    const float new_1 = (float)(1 - s->beta_1), new_2 = (float)(1 - s->beta_2);
    const float of_mean = (float)step->scalar[OF_MEAN], of_square = (float)step->scalar[OF_SQUARE];
    const float epsilon = (float)s->epsilon;

    for (size_t i = 0; i < n; i++) {
        m[i] += new_1 * (dw[i] - m[i]);
        v[i] += new_2 * (dw[i] * dw[i] - v[i]);
        dw[i] = of_mean * m[i] / (sqrtf(of_square * v[i]) + epsilon);
    }
}

static void update_variable(const void *config, const cvy_update *step,
                            const cvy_variable *variable, const cvy_gemm_backend *gemm,
                            float *restrict w, float *restrict dw, float *const *slot,
                            float *restrict scratch)
{
    const size_t n = variable->count;

    (void)gemm, (void)scratch;
    find_direction(config, step, n, dw, slot[0], slot[1]);
    const double weights = CVY_FOR_ISA(cvy_sum_squares)(n, w);
    const double direction = CVY_FOR_ISA(cvy_sum_squares)(n, dw);
    const double ratio = weights > 0 && direction > 0 ? sqrt(weights / direction) : 1;
    const float rate = (float)(step->rate * ratio);
    for (size_t i = 0; i < n; i++)
        w[i] -= rate * dw[i];
}

const cvy_optimizer_kind CVY_OPTIMIZER(lamb) = {
    .kind = { "lamb", "Adam with layer-wise adaptive step sizes", CVY_OPTIMIZER_ROWS(lamb),
              sizeof(lamb_settings) },
    .slots = slots,
    .prepare = prepare,
    .update_variable = update_variable,
};
