/* Evaluation of a run of images: cvy_evaluate(), and validation during training. */
#ifndef CVY_TRAIN_SCORE_H
#define CVY_TRAIN_SCORE_H

#include "convoy/train.h"
#include "train/infer.h"

/** As cvy_evaluate(), on images and labels [images.count], all below the output count; called by the
 *  leader of the team. */
cvy_status cvy_score_images(const cvy_model *model, cvy_compute compute, cvy_image_run images,
                            const uint16_t *labels, size_t k, cvy_team *team, cvy_score **score);

#endif
