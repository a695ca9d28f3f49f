/* A loss: a number for each sample, and its derivative. */
#ifndef CVY_LOSSES_LOSS_H
#define CVY_LOSSES_LOSS_H

#include <stdint.h>

#include "base/settings.h"
#include "kernels/kernels.h"

/* The targets of a lane's samples. Empty elements have label 0 and weight 0. */
typedef struct {
    uint16_t label[CVY_LANE];
    float weight[CVY_LANE]; /* factor of the gradient: class weight / batch size, or 0 */
} cvy_targets;

/* The function from logits to probabilities. */
typedef enum { CVY_LINK_NONE, CVY_LINK_SOFTMAX, CVY_LINK_SIGMOID } cvy_link;

/* How a model ends, as far as the loss is concerned. */
typedef enum { CVY_ENDS_OTHERWISE, CVY_ENDS_LINEAR, CVY_ENDS_IN_SOFTMAX } cvy_ending;

/* The settings of a loss that takes logits or probabilities begin with this. */
typedef struct {
    int from_logits;
    bool takes_logits; /* decided by from_logits or by how the model ends */
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

    /* The function from its logits to probabilities; its settings begin with a cvy_logit_choice.
     * CVY_LINK_NONE: the loss uses outputs as they are. */
    cvy_link link;

    /* A single output means yes or no: its labels are 0 and 1. */
    bool is_yes_or_no;

    /* z: the model's outputs [outputs][LANE]. loss: one number per sample, unweighted. */
    void (*forward)(const void *settings, const cvy_kernels *kernels, size_t outputs,
                    const float *z, const cvy_targets *targets, float loss[CVY_LANE]);

    /* dz = weight * derivative of the sample's loss with respect to z. */
    void (*backward)(const void *settings, const cvy_kernels *kernels, size_t outputs,
                     const float *z, const cvy_targets *targets, float *dz);
} cvy_loss_kind;

/* A loss with its settings. */
typedef struct {
    const cvy_loss_kind *kind;
    void *settings;
} cvy_loss;

/* The list. NULL-terminated. */
extern const cvy_kind *const cvy_loss_kinds[];

/**
 * Read "mean_squared_error", Keras's short "mse", or a spec such as
 * "sparse_categorical_crossentropy:label_smoothing=0.1"; NULL means the first of the list. Until
 * cvy_loss_settle(), a loss with from_logits=auto takes logits. Released with cvy_loss_release().
 * Returns CVY_ERR_SETTING or CVY_ERR_MEMORY.
 */
cvy_status cvy_loss_read(const char *spec, cvy_loss *loss);

/** Resolve from_logits=auto according to how the model ends. */
void cvy_loss_settle(cvy_loss *loss, cvy_ending ending);

void cvy_loss_release(cvy_loss *loss);

/** Whether the loss applies a softmax at the model's end itself, with less rounding. */
bool cvy_loss_fuses_softmax(const cvy_loss *loss);

/** The function from the loss's inputs to probabilities. */
cvy_link cvy_loss_link(const cvy_loss *loss);

/** The target of output `output` of a sample: the one-hot label, or the label as a number if there
 *  is only one output. */
static inline float cvy_target_value(const cvy_targets *targets, size_t outputs, size_t output,
                                     size_t sample)
{
    if (outputs == 1)
        return (float)targets->label[sample];
    return targets->label[sample] == output ? 1.0f : 0.0f;
}

#endif
