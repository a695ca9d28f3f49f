/* Adam with Nesterov momentum; the values and defaults of Keras's Nadam.
 *     mu_j = beta_1 (1 - 0.96^j / 2)       P = mu_1 mu_2 ... mu_n
 *     m += (1 - beta_1) (dw - m)           v += (1 - beta_2) (dw^2 - v)
 *     a = mu_(n+1) m / (1 - P mu_(n+1)) + (1 - mu_n) dw / (1 - P)
 *     w -= rate a / (sqrt(v / (1 - beta_2^n)) + epsilon)
 * Source: Dozat, Incorporating Nesterov momentum into Adam (2016), with Keras's 0.96^j. */
#include "optimizers/adam.h"

typedef struct {
    cvy_optimizer_settings common;
    double beta_1, beta_2, epsilon;
} nadam_settings;

/* Scalars computed by prepare(): factors of m, dw and v. */
enum { OF_MEAN, OF_GRADIENT, OF_SQUARE };

/* State: the product P. */
enum { PRODUCT };
static const char *const state_names[] = { "momentum_product", NULL };

CVY_OPTIMIZER_ROWS_DEFINE(nadam) = {
    CVY_LEARNING_RATE_ROW("0.001"),
    CVY_MOMENT_ROWS(nadam_settings),
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
    const nadam_settings *s = config;
    const double n = (double)step->number;
    const double mu = s->beta_1 * (1 - 0.5 * pow(0.96, n));
    const double next = s->beta_1 * (1 - 0.5 * pow(0.96, n + 1));
    const double product = (step->number > 1 ? step->state[PRODUCT] : 1) * mu;

    step->scalar[OF_MEAN] = next / (1 - product * next);
    step->scalar[OF_GRADIENT] = (1 - mu) / (1 - product);
    step->scalar[OF_SQUARE] = 1 / (1 - pow(s->beta_2, n));
    step->state[PRODUCT] = product;
}

static void update(const void *config, const cvy_update *step, size_t n, float *restrict w,
                   const float *restrict dw, float *const *slot)
{
    const nadam_settings *s = config;
    const float of_mean = (float)(step->rate * step->scalar[OF_MEAN]);
    const float of_gradient = (float)(step->rate * step->scalar[OF_GRADIENT]);
    const float of_square = (float)step->scalar[OF_SQUARE];
    const float new_1 = (float)(1 - s->beta_1), new_2 = (float)(1 - s->beta_2);
    const float epsilon = (float)s->epsilon;
    float *restrict m = slot[0], *restrict v = slot[1];

    for (size_t i = 0; i < n; i++) {
        m[i] += new_1 * (dw[i] - m[i]);
        v[i] += new_2 * (dw[i] * dw[i] - v[i]);
        w[i] -= (of_mean * m[i] + of_gradient * dw[i]) / (sqrtf(of_square * v[i]) + epsilon);
    }
}

const cvy_optimizer_kind CVY_OPTIMIZER(nadam) = {
    .kind = { "nadam", "Adam with Nesterov momentum", CVY_OPTIMIZER_ROWS(nadam),
              sizeof(nadam_settings) },
    .slots = slots,
    .state_names = state_names,
    .prepare = prepare,
    .update = update,
};
