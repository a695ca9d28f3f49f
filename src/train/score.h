/* Scoring a run of images, for evaluate and for validation. */
#ifndef CVY_TRAIN_SCORE_H
#define CVY_TRAIN_SCORE_H

#include "convoy/train.h"
#include "metrics/metric.h"
#include "train/infer.h"

/** As cvy_evaluate(), with metrics unless those are NULL, on images and labels [images.count], all below the output count; called by the
 *  team's leader. */
cvy_status cvy_score_images(const cvy_model *model, cvy_compute compute, cvy_image_run images,
                            const uint16_t *labels, size_t k, const cvy_metrics *metrics,
                            cvy_team *team, cvy_score *score);

#endif
