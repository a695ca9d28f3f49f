/* Steps divided by the root of a moving mean of squared gradients; the values and defaults of
 * Keras's RMSprop.
 *     q = rho q + (1 - rho) dw^2          centered: a = rho a + (1 - rho) dw
 *     d = rate dw / sqrt(q + epsilon)     centered: d = rate dw / sqrt(q - a^2 + epsilon)
 *     w -= d                              momentum: u = momentum u + d, w -= u
 * Sources: Tieleman and Hinton, Lecture 6.5 (2012); Graves, Generating sequences (2013), for the
 * centered form. */
#include "optimizers/optimizer.h"

typedef struct {
    cvy_optimizer_settings common;
    double rho, momentum, epsilon;
    bool centered;
} rmsprop_settings;

#define AT(member) offsetof(rmsprop_settings, member)
CVY_OPTIMIZER_ROWS_DEFINE(rmsprop) = {
    CVY_LEARNING_RATE_ROW("0.001"),
    { "rho", CVY_FLOAT, AT(rho), "0.9", 0, 1, "decay of the mean square", 0, NULL },
    { "momentum", CVY_FLOAT, AT(momentum), "0", 0, 1, "fraction of the previous step that is kept",
      0, NULL },
    { "epsilon", CVY_FLOAT, AT(epsilon), "1e-7", 0, HUGE_VAL, "keeps the divisor above zero",
      CVY_BELOW_MAX, NULL },
    { "centered", CVY_BOOL, AT(centered), "false", 0, 0,
      "divide by the standard deviation of the gradient", 0, NULL },
    CVY_WEIGHT_DECAY_ROW("none", CVY_OR_NONE),
    CVY_COMMON_ROWS,
    { 0 },
};

static size_t slots(const void *config, const char *names[CVY_SLOTS_MAX])
{
    const rmsprop_settings *s = config;
    size_t count = 0;

    names[count++] = "velocity";
    if (s->momentum > 0)
        names[count++] = "momentum";
    if (s->centered)
        names[count++] = "average_gradient";
    return count;
}

/* Update one slice. has_momentum and is_centered are constants in each call, so this compiles to
 * four plain loops. */
static inline __attribute__((always_inline)) void
update_as(const rmsprop_settings *s, float rate, bool has_momentum, bool is_centered, size_t n,
          float *restrict w, const float *restrict dw, float *restrict q, float *restrict u,
          float *restrict a)
{
    const float rho = (float)s->rho, rest = (float)(1 - s->rho);
    const float momentum = (float)s->momentum, epsilon = (float)s->epsilon;

    for (size_t i = 0; i < n; i++) {
        q[i] = rho * q[i] + rest * (dw[i] * dw[i]);
        float variance = q[i];
        if (is_centered) {
            a[i] = rho * a[i] + rest * dw[i];
            variance -= a[i] * a[i];
            variance = variance > 0 ? variance : 0; /* rounding may make it negative */
        }
        float step = rate * dw[i] / sqrtf(variance + epsilon);
        if (has_momentum)
            step = u[i] = momentum * u[i] + step;
        w[i] -= step;
    }
}

static void update(const void *config, const cvy_update *step, size_t n, float *restrict w,
                   const float *restrict dw, float *const *slot)
{
    const rmsprop_settings *s = config;
    const float rate = (float)step->rate;

    if (s->momentum > 0 && s->centered)
        update_as(s, rate, true, true, n, w, dw, slot[0], slot[1], slot[2]);
    else if (s->momentum > 0)
        update_as(s, rate, true, false, n, w, dw, slot[0], slot[1], NULL);
    else if (s->centered)
        update_as(s, rate, false, true, n, w, dw, slot[0], NULL, slot[1]);
    else
        update_as(s, rate, false, false, n, w, dw, slot[0], NULL, NULL);
}

const cvy_optimizer_kind CVY_OPTIMIZER(rmsprop) = {
    .kind = { "rmsprop", "step sizes divided by a running root mean square of the gradient",
              CVY_OPTIMIZER_ROWS(rmsprop), sizeof(rmsprop_settings) },
    .slots = slots,
    .update = update,
};
