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

/* What makes probabilities of logits. */
typedef enum { CVY_LINK_NONE, CVY_LINK_SOFTMAX, CVY_LINK_SIGMOID } cvy_link;

/* What a model ends with, as far as a loss cares. */
typedef enum { CVY_ENDS_OTHERWISE, CVY_ENDS_LINEAR, CVY_ENDS_IN_SOFTMAX } cvy_ending;

/* The settings of a loss that takes logits or probabilities begin with this. */
typedef struct {
    int from_logits;
    bool takes_logits; /* what is settled: by from_logits, or by what the model ends with */
} cvy_logit_choice;

enum { CVY_LOGITS_AUTO, CVY_LOGITS_TRUE, CVY_LOGITS_FALSE };
extern const char *const cvy_logit_choices[];

#define CVY_FROM_LOGITS_ROW                                                                        \
    {                                                                                              \
        "from_logits", CVY_CHOICE, offsetof(cvy_logit_choice, from_logits), "auto", 0, 0,          \
            "auto: linear outputs are logits, others probabilities in [1e-7, 1 - 1e-7]; softmax "  \
            "is fused, unclipped: a saturated sample can cost 30, in Keras 16.1",                  \
            0, cvy_logit_choices                                                                   \
    }

typedef struct {
    cvy_kind kind;

    /* What makes probabilities of the logits that it can take: its settings begin with a
     * cvy_logit_choice. CVY_LINK_NONE: it takes outputs as they are. */
    cvy_link link;

    /* A single output means yes or no: its labels are 0 and 1. */
    bool is_yes_or_no;

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
 * Read "mean_squared_error", Keras's short "mse", or a spec such as
 * "sparse_categorical_crossentropy:label_smoothing=0.1"; NULL is the first of the list. Until
 * cvy_loss_settle() a loss with from_logits=auto takes logits. Released with cvy_loss_release().
 * Returns CVY_ERR_SETTING or CVY_ERR_MEMORY.
 */
cvy_status cvy_loss_read(const char *spec, cvy_loss *loss);

/** Tell a loss what the model ends with, which decides what from_logits=auto means. */
void cvy_loss_settle(cvy_loss *loss, cvy_ending ending);

void cvy_loss_release(cvy_loss *loss);

/** Whether a softmax at the model's end is left to the loss, which applies it with less rounding. */
bool cvy_loss_fuses_softmax(const cvy_loss *loss);

/** What makes probabilities of what the loss takes. */
cvy_link cvy_loss_link(const cvy_loss *loss);

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
