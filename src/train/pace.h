/* Whether crews pay. Workers that share the layers of a lane meet at every layer, so it may be
 * faster to leave the lane to one of them. That depends on the layers and on how soon a waiting
 * worker gets a core, so it is measured: some steps each way, then the faster way for a while.
 * Results do not depend on it, bit for bit. */
#ifndef CVY_TRAIN_PACE_H
#define CVY_TRAIN_PACE_H

#include <stdbool.h>
#include <stddef.h>

enum {
    CVY_PACE_BLOCK = 8,   /* steps one way before the other is tried */
    CVY_PACE_TRIED = 16,  /* steps each way before a choice */
    CVY_PACE_KEPT = 2048, /* steps after it, until the next trial */
};

/* Zeroed at first. Worker 0 writes it at the end of a step, between two barriers;
 * the others read is_alone. */
typedef struct {
    bool is_alone;                     /* no crews */
    size_t steps;                      /* since the trial began */
    double seconds[2][CVY_PACE_TRIED]; /* [is_alone] */
} cvy_pace;

/** Record the duration of a step, run as is_alone says, and choose how to run the next one. */
void cvy_pace_note(cvy_pace *pace, double seconds);

#endif
