/* What a loss is: a number for each sample, and its derivative. */
#ifndef CVY_LOSSES_LOSS_H
#define CVY_LOSSES_LOSS_H

#include <stdint.h>

#include "base/settings.h"
#include "kernels/kernels.h"

/* What the samples of a lane should come out as. Empty slots have label 0 and weight 0. */
typedef struct {
    uint16_t label[CVY_LANE];
    float weight[CVY_LANE]; /* of the sample in the gradient: class weight / batch size, or 0 */
} cvy_targets;

typedef struct {
    cvy_kind kind;

    /* Whether it takes what stands before a final softmax, and applies the softmax itself. */
    bool is_from_logits;

    /* z: the model's outputs [outputs][LANE]. loss: one number a sample, unweighted. */
    void (*forward)(const void *settings, const cvy_kernels *kernels, size_t outputs,
                    const float *z, const cvy_targets *targets, float loss[CVY_LANE]);

    /* dz = weight * derivative of the sample's loss by z. */
    void (*backward)(const void *settings, const cvy_kernels *kernels, size_t outputs,
                     const float *z, const cvy_targets *targets, float *dz);
} cvy_loss_kind;

/* A loss as someone asked for it. */
typedef struct {
    const cvy_loss_kind *kind;
    void *settings;
} cvy_loss;

/* The list. NULL-terminated. */
extern const cvy_kind *const cvy_loss_kinds[];

/**
 * Read "mean_squared_error" or a spec such as "sparse_categorical_crossentropy:label_smoothing=0.1";
 * NULL is the first of the list. Released with cvy_loss_release(). Returns CVY_ERR_SETTING or
 * CVY_ERR_MEMORY.
 */
cvy_status cvy_loss_read(const char *spec, cvy_loss *loss);

void cvy_loss_release(cvy_loss *loss);

/** What output `output` of a sample should be: with several outputs the label one-hot, with a
 *  single one the label as a number. */
static inline float cvy_target_value(const cvy_targets *targets, size_t outputs, size_t output,
                                     size_t sample)
{
    if (outputs == 1)
        return (float)targets->label[sample];
    return targets->label[sample] == output ? 1.0f : 0.0f;
}

#endif
