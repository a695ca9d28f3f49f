/* The samples of a lane: its inputs and labels, and the score of its outputs. */
#ifndef CVY_TRAIN_LANE_SAMPLES_H
#define CVY_TRAIN_LANE_SAMPLES_H

#include "train/lanes.h"

/* The second labels of a lane's samples if they are mixed with others (mixup, cutmix). */
typedef struct {
    cvy_targets partner; /* its label and that label's weight */
    float share[CVY_LANE];
} cvy_lane_mix;

/**
 * Set the images of a lane, their labels and weights in the mean, and their positions in the epoch.
 * is_gathered  set the images, and augment them; true in the first stage only
 * image        [16]; those of empty elements stay as they are
 */
void cvy_lane_take_samples(const cvy_epoch_run *run, const cvy_grain *part, size_t worker,
                           size_t lane, bool is_gathered, const uint8_t *image[CVY_LANE],
                           cvy_targets *targets, cvy_lane_mix *mix, cvy_dropout_stream *dropout);

/** Compute the lane's loss, hits and metrics, and the derivative to propagate backward. */
void cvy_lane_score(const cvy_epoch_run *run, const cvy_lane_pass *pass, cvy_targets *targets,
                    const cvy_lane_mix *mix, size_t lane);

#endif
