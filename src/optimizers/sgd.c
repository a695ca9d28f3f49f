/* Gradient descent with momentum; the values and defaults of Keras's SGD.
 *     v = momentum * v - rate * dw        w += v
 *     nesterov:                           w += momentum * v - rate * dw
 * Source: Sutskever et al., On the importance of initialization and momentum (2013). */
#include "optimizers/optimizer.h"

typedef struct {
    cvy_optimizer_settings common;
    double momentum;
    bool nesterov;
} sgd_settings;

#define AT(member) offsetof(sgd_settings, member)
CVY_OPTIMIZER_ROWS_DEFINE(sgd) = {
    CVY_LEARNING_RATE_ROW("0.01"),
    { "momentum", CVY_FLOAT, AT(momentum), "0", 0, 1, "fraction of the previous step that is kept",
      0, NULL },
    { "nesterov", CVY_BOOL, AT(nesterov), "false", 0, 0, "use Nesterov momentum", 0, NULL },
    CVY_WEIGHT_DECAY_ROW("none", CVY_OR_NONE),
    CVY_COMMON_ROWS,
    { 0 },
};

static size_t slots(const void *config, const char *names[CVY_SLOTS_MAX])
{
    names[0] = "momentum";
    return ((const sgd_settings *)config)->momentum != 0 ? 1 : 0;
}

static void update(const void *config, const cvy_update *step, size_t n, float *restrict w,
                   const float *restrict dw, float *const *slot)
{
    const sgd_settings *s = config;
    const float rate = (float)step->rate, momentum = (float)s->momentum;

    if (s->momentum == 0) {
        for (size_t i = 0; i < n; i++)
            w[i] -= rate * dw[i];
        return;
    }
    float *restrict v = slot[0];
    if (s->nesterov)
        for (size_t i = 0; i < n; i++) {
            v[i] = momentum * v[i] - rate * dw[i];
            w[i] += momentum * v[i] - rate * dw[i];
        }
    else
        for (size_t i = 0; i < n; i++) {
            v[i] = momentum * v[i] - rate * dw[i];
            w[i] += v[i];
        }
}

const cvy_optimizer_kind CVY_OPTIMIZER(sgd) = {
    .kind = { "sgd", "gradient descent, with optional momentum", CVY_OPTIMIZER_ROWS(sgd),
              sizeof(sgd_settings) },
    .slots = slots,
    .update = update,
};
