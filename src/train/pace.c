#include "train/pace.h"

#include <string.h>

/* A median ignores the few steps that another process interrupted. */
static double median_of(const double *seconds)
{
    double sorted[CVY_PACE_TRIED];

    for (size_t i = 0; i < CVY_PACE_TRIED; i++) {
        size_t place = i;
        for (; place > 0 && sorted[place - 1] > seconds[i]; place--)
            sorted[place] = sorted[place - 1];
        sorted[place] = seconds[i];
    }
    return sorted[CVY_PACE_TRIED / 2];
}

void cvy_pace_note(cvy_pace *pace, double seconds)
{
    enum { TRIAL = 2 * CVY_PACE_TRIED };
    const size_t step = pace->steps++;

    if (step < TRIAL) { /* blocks alternate */
        const size_t round = step / (2 * CVY_PACE_BLOCK);
        pace->seconds[pace->is_alone][round * CVY_PACE_BLOCK + step % CVY_PACE_BLOCK] = seconds;
        pace->is_alone = pace->steps / CVY_PACE_BLOCK % 2 == 1;
    }
    if (pace->steps == TRIAL)
        pace->is_alone = median_of(pace->seconds[true]) <= median_of(pace->seconds[false]);
    if (pace->steps == TRIAL + CVY_PACE_KEPT)
        memset(pace, 0, sizeof *pace);
}
