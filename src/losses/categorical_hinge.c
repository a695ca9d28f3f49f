/* max(largest wrong output - true output + 1, 0). The largest wrong output is at least 0, since
 * Keras multiplies the true class's output by 0 there. Source: Keras 3, categorical_hinge. */
#include "losses/loss.h"

enum { NONE = -1 };

/* Return the missing margin, and the index of the largest wrong output; NONE if that is the 0. */
static double margin(size_t outputs, const float *z, const cvy_targets *targets, size_t slot,
                     int *wrong)
{
    double own = 0, other = 0;

    *wrong = NONE;
    for (size_t o = 0; o < outputs; o++) {
        const double t = (double)cvy_target_value(targets, outputs, o, slot);
        const double value = (double)z[o * CVY_LANE + slot];
        own += t * value;
        if (o == 0 || (1 - t) * value > other) {
            other = (1 - t) * value;
            *wrong = t == 1 ? NONE : (int)o;
        }
    }
    return other - own + 1;
}

static void forward(const void *settings, const cvy_kernels *kernels, size_t outputs,
                    const float *z, const cvy_targets *targets, float loss[CVY_LANE])
{
    int wrong;

    (void)settings, (void)kernels;
    for (size_t slot = 0; slot < CVY_LANE; slot++) {
        const double missing = margin(outputs, z, targets, slot, &wrong);
        loss[slot] = (float)(missing < 0 ? 0 : missing);
    }
}

static void backward(const void *settings, const cvy_kernels *kernels, size_t outputs,
                     const float *z, const cvy_targets *targets, float *dz)
{
    int wrong;

    (void)settings, (void)kernels;
    for (size_t slot = 0; slot < CVY_LANE; slot++) {
        const bool is_missed = margin(outputs, z, targets, slot, &wrong) > 0;
        const float weight = is_missed ? targets->weight[slot] : 0;
        for (size_t o = 0; o < outputs; o++) {
            const float t = cvy_target_value(targets, outputs, o, slot);
            dz[o * CVY_LANE + slot] = weight * ((int)o == wrong ? 1 - t : 0) - weight * t;
        }
    }
}

const cvy_loss_kind cvy_loss_categorical_hinge = {
    .kind = { .name = "categorical_hinge",
              .summary = "distance by which the true output falls short of the margin" },
    .is_yes_or_no = true,
    .forward = forward,
    .backward = backward,
};
