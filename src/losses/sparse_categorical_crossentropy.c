/* -log of the probability that softmax gives to the true class; its derivative by the outputs
 * before the softmax is the probability, minus one at the true class.
 * Source: Goodfellow et al., Deep Learning (2016), section 6.2.2.3. */
#include "losses/loss.h"

static void forward(const cvy_kernels *kernels, size_t outputs, const float *z,
                    const cvy_targets *targets, float loss[CVY_LANE])
{
    kernels->softmax->cross_entropy(outputs, z, targets->label, loss);
}

static void backward(const cvy_kernels *kernels, size_t outputs, const float *z,
                     const cvy_targets *targets, float *dz)
{
    kernels->softmax->cross_entropy_back(outputs, z, targets->label, targets->weight, dz);
}

const cvy_loss_kind cvy_loss_sparse_categorical_crossentropy = {
    .kind = { .name = "sparse_categorical_crossentropy",
              .summary = "-log of the true class's probability" },
    .is_from_logits = true,
    .forward = forward,
    .backward = backward,
};
