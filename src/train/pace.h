/* Whether crews pay: whether it is faster to share the layers of a lane among workers, who then meet at every layer,
 * or to leave the lane to one of them. That depends on the layers, and on how soon a waiting worker gets a core, so
 * it is measured: some steps each way, then the faster way for a while. It changes no bit. */
#ifndef CVY_TRAIN_PACE_H
#define CVY_TRAIN_PACE_H

#include <stdbool.h>
#include <stddef.h>

enum {
    CVY_PACE_BLOCK = 8,   /* steps one way before the other is tried */
    CVY_PACE_TRIED = 16,  /* steps each way before a choice */
    CVY_PACE_KEPT = 2048, /* steps after it, until the next trial */
};

/* Begins zeroed. Worker 0 writes it at the end of a step, between two barriers; the others read is_alone. */
typedef struct {
    bool is_alone;                     /* no crews */
    size_t steps;                      /* since the trial began */
    double seconds[2][CVY_PACE_TRIED]; /* [is_alone] */
} cvy_pace;

/** A step is done, the way that is_alone says, and took so long: choose how to do the next one. */
void cvy_pace_note(cvy_pace *pace, double seconds);

#endif
