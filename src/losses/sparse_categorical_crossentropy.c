/* -log of the probability that softmax gives to the true class; its derivative by the outputs
 * before the softmax is the probability, minus one at the true class.
 *
 * label_smoothing e of C classes: the target is 1 - e + e / C at the true class and e / C elsewhere,
 * as in Keras's CategoricalCrossentropy with one-hot targets; Keras's sparse twin has no such option.
 * Sources: Goodfellow et al., Deep Learning (2016), section 6.2.2.3; Szegedy et al., Rethinking the
 * Inception Architecture for Computer Vision (2016), section 7. */
#include "losses/loss.h"

typedef struct {
    double label_smoothing;
} cross_entropy_settings;

static const cvy_setting settings[] = {
    { "label_smoothing", CVY_FLOAT, offsetof(cross_entropy_settings, label_smoothing), "0", 0, 1,
      "share of the target that is spread over all classes", CVY_CLOSED, NULL },
    { 0 },
};

static float smoothing_of(const void *config)
{
    return (float)((const cross_entropy_settings *)config)->label_smoothing;
}

static void forward(const void *config, const cvy_kernels *kernels, size_t outputs, const float *z,
                    const cvy_targets *targets, float loss[CVY_LANE])
{
    kernels->softmax->cross_entropy(outputs, z, targets->label, smoothing_of(config), loss);
}

static void backward(const void *config, const cvy_kernels *kernels, size_t outputs, const float *z,
                     const cvy_targets *targets, float *dz)
{
    kernels->softmax->cross_entropy_back(outputs, z, targets->label, smoothing_of(config),
                                         targets->weight, dz);
}

const cvy_loss_kind cvy_loss_sparse_categorical_crossentropy = {
    .kind = { "sparse_categorical_crossentropy", "-log of the true class's probability", settings,
              sizeof(cross_entropy_settings) },
    .is_from_logits = true,
    .forward = forward,
    .backward = backward,
};
