/* The mean over the outputs of (target - output)^2, as in Keras. */
#include "losses/loss.h"

static void forward(const void *settings, const cvy_kernels *kernels, size_t outputs,
                    const float *z, const cvy_targets *targets, float loss[CVY_LANE])
{
    (void)settings;
    (void)kernels;
    for (size_t s = 0; s < CVY_LANE; s++) {
        float sum = 0;
        for (size_t o = 0; o < outputs; o++) {
            float error = z[o * CVY_LANE + s] - cvy_target_value(targets, outputs, o, s);
            sum += error * error;
        }
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
            dz[o * CVY_LANE + s] = targets->weight[s] * 2.0f * error / (float)outputs;
        }
}

const cvy_loss_kind cvy_loss_mean_squared_error = {
    .kind = { .name = "mean_squared_error", .summary = "mean of the squared errors" },
    .forward = forward,
    .backward = backward,
};
