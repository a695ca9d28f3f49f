/* Minus the cosine of the angle between outputs and targets. Norms in the divisor are at least
 * 1e-7. Source: Keras 3, cosine_similarity. */
#include <math.h>

#include "losses/loss.h"

typedef struct {
    double length, target_length, product;
} angle;

static angle measure(size_t outputs, const float *z, const cvy_targets *targets, size_t slot)
{
    double squares = 0, target_squares = 0, product = 0;

    for (size_t o = 0; o < outputs; o++) {
        const double t = (double)cvy_target_value(targets, outputs, o, slot);
        const double value = (double)z[o * CVY_LANE + slot];
        squares += value * value;
        target_squares += t * t;
        product += t * value;
    }
    const double length = sqrt(squares), least = 1e-7;
    return (angle){ length < least ? least : length, fmax(sqrt(target_squares), least), product };
}

static void forward(const void *settings, const cvy_kernels *kernels, size_t outputs,
                    const float *z, const cvy_targets *targets, float loss[CVY_LANE])
{
    (void)settings, (void)kernels;
    for (size_t slot = 0; slot < CVY_LANE; slot++) {
        const angle a = measure(outputs, z, targets, slot);
        loss[slot] = (float)(-a.product / a.length / a.target_length);
    }
}

static void backward(const void *settings, const cvy_kernels *kernels, size_t outputs,
                     const float *z, const cvy_targets *targets, float *dz)
{
    (void)settings, (void)kernels;
    for (size_t slot = 0; slot < CVY_LANE; slot++) {
        const angle a = measure(outputs, z, targets, slot);
        const double weight = (double)targets->weight[slot];
        for (size_t o = 0; o < outputs; o++) {
            const double t = (double)cvy_target_value(targets, outputs, o, slot);
            const double value = (double)z[o * CVY_LANE + slot];
            const double turn = t - a.product * value / (a.length * a.length);
            dz[o * CVY_LANE + slot] = (float)(-weight * turn / a.length / a.target_length);
        }
    }
}

const cvy_loss_kind cvy_loss_cosine_similarity = {
    .kind = { .name = "cosine_similarity", .summary = "minus the cosine of outputs and targets" },
    .forward = forward,
    .backward = backward,
};
