/* The categorical cross-entropies: of logits, with the softmax kernels;
 * of probabilities, as in Keras. */
#ifndef CVY_LOSSES_CROSSENTROPY_H
#define CVY_LOSSES_CROSSENTROPY_H

#include "losses/loss.h"

typedef struct {
    cvy_logit_choice logits;
    double label_smoothing;
} cvy_crossentropy_settings;

extern const cvy_setting cvy_crossentropy_rows[];

void cvy_crossentropy_forward(const void *settings, const cvy_kernels *kernels, size_t outputs,
                              const float *z, const cvy_targets *targets, float loss[CVY_LANE]);
void cvy_crossentropy_backward(const void *settings, const cvy_kernels *kernels, size_t outputs,
                               const float *z, const cvy_targets *targets, float *dz);

#endif
