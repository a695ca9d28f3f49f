/* Evaluation of a run of images: cvy_evaluate(), and validation during training. */
#ifndef CVY_TRAIN_SCORE_H
#define CVY_TRAIN_SCORE_H

#include "convoy/train.h"
#include "metrics/metric.h"
#include "train/infer.h"

/** Evaluate like cvy_evaluate(), on images and labels [images.count], all below the output count.
 *  Called by the leader of the team. Metrics, if not NULL, are written to values
 *  [metrics->count]. */
cvy_status cvy_score_images(const cvy_model *model, cvy_compute compute, cvy_image_run images,
                            const uint16_t *labels, size_t k, const cvy_metrics *metrics,
                            double *values, cvy_team *team, cvy_score **score);

/** Turn the outputs of a lane into probabilities, in place. */
void cvy_apply_link(const cvy_kernels *kernels, cvy_link link, size_t outputs, float *z);

#endif
