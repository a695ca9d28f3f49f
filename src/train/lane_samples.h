/* The samples of a lane: what goes into it, and what its outputs are worth. */
#ifndef CVY_TRAIN_LANE_SAMPLES_H
#define CVY_TRAIN_LANE_SAMPLES_H

#include "train/lanes.h"

/* The second labels of a lane's samples, where they are mixed with others (mixup, cutmix). */
typedef struct {
    cvy_targets partner; /* its label, and the weight of that */
    float share[CVY_LANE];
} cvy_lane_mix;

/**
 * Images, labels, their weights in the mean, and their places in the epoch.
 * is_gathered  the images are wanted, and augmented: in the first stage
 * image        [16]; those of empty elements stay as they are
 */
void cvy_lane_take_samples(const cvy_epoch_run *run, const cvy_grain *part, size_t worker,
                           size_t lane, bool is_gathered, const uint8_t *image[CVY_LANE],
                           cvy_targets *targets, cvy_lane_mix *mix, cvy_dropout_stream *dropout);

/** The lane's loss, hits and metrics, and the derivative that goes backward. */
void cvy_lane_score(const cvy_epoch_run *run, const cvy_lane_pass *pass, cvy_targets *targets,
                    const cvy_lane_mix *mix, size_t lane);

#endif
