/* What a histogram of grey levels tells about a picture. */
#ifndef CVY_DATA_LEVELS_H
#define CVY_DATA_LEVELS_H

#include <stddef.h>

enum { CVY_LEVELS = 256 };

typedef struct {
    size_t count[CVY_LEVELS]; /* values per level; start with zeros */
    size_t total;
} cvy_levels;

/** Count a value at the nearest level. */
void cvy_levels_add(cvy_levels *levels, float value);

/** The level of the value that is number `rank` (from 0) in ascending order. */
size_t cvy_levels_at_rank(const cvy_levels *levels, size_t rank);

/* Two classes of levels, the lower ones below the threshold. */
typedef struct {
    double threshold, low_mean, low_deviation, high_mean;
    size_t high_count;
} cvy_level_classes;

/** The two classes that lie best apart; both means are equal when there is one level only.
 *  Source: Otsu, A Threshold Selection Method from Gray-Level Histograms (1979). */
cvy_level_classes cvy_levels_separate(const cvy_levels *levels);

/** The mean of the values above a threshold; there must be some. */
double cvy_levels_mean_above(const cvy_levels *levels, double threshold);

/** Where the noise of the values below the threshold ends: their median and three deviations. */
double cvy_levels_noise_top(const cvy_levels *levels, double threshold);

#endif
