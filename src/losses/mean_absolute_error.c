/* The mean over the outputs of |target - output|, as in Keras; the derivative at 0 is 0. */
#include <math.h>

#include "losses/loss.h"

static void forward(const void *settings, const cvy_kernels *kernels, size_t outputs,
                    const float *z, const cvy_targets *targets, float loss[CVY_LANE])
{
    (void)settings;
    (void)kernels;
    for (size_t s = 0; s < CVY_LANE; s++) {
        float sum = 0;
        for (size_t o = 0; o < outputs; o++)
            sum += fabsf(z[o * CVY_LANE + s] - cvy_target_value(targets, outputs, o, s));
        loss[s] = sum / (float)outputs;
    }
}

static void backward(const void *settings, const cvy_kernels *kernels, size_t outputs,
                     const float *z, const cvy_targets *targets, float *dz)
{
    (void)settings;
    (void)kernels;
    for (size_t o = 0; o < outputs; o++)
        for (size_t s = 0; s < CVY_LANE; s++) {
            float error = z[o * CVY_LANE + s] - cvy_target_value(targets, outputs, o, s);
            float sign = error > 0 ? 1.0f : error < 0 ? -1.0f : 0.0f;
            dz[o * CVY_LANE + s] = targets->weight[s] * sign / (float)outputs;
        }
}

const cvy_loss_kind cvy_loss_mean_absolute_error = {
    .kind = { .name = "mean_absolute_error", .summary = "mean of the absolute errors" },
    .forward = forward,
    .backward = backward,
};
