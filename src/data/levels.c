/* Histograms of grey levels: ranks, the best cut in two, the extent of noise. */
#include "data/levels.h"

#include <math.h>

void cvy_levels_add(cvy_levels *levels, float value)
{
    float held = fminf(fmaxf(value, 0), CVY_LEVELS - 1);

    levels->count[(size_t)(held + 0.5F)]++;
    levels->total++;
}

size_t cvy_levels_at_rank(const cvy_levels *levels, size_t rank)
{
    size_t level = 0, seen = levels->count[0];

    while (level + 1 < CVY_LEVELS && seen <= rank)
        seen += levels->count[++level];
    return level;
}

/* Values, their sum and the sum of their squares over the levels begin .. end - 1. */
typedef struct {
    double count, sum, squares;
} moments;

static moments moments_of(const cvy_levels *levels, size_t begin, size_t end)
{
    moments m = { 0 };

    for (size_t i = begin; i < end; i++) {
        double count = (double)levels->count[i], level = (double)i;
        m.count += count;
        m.sum += count * level;
        m.squares += count * level * level;
    }
    return m;
}

/* The first level of the upper class. Where levels between the classes are empty, many cuts are
 * equally good and the middle one is taken. */
static size_t best_cut(const cvy_levels *levels)
{
    size_t first = CVY_LEVELS, last = CVY_LEVELS;
    double best = 0;

    for (size_t cut = 1; cut < CVY_LEVELS; cut++) {
        moments low = moments_of(levels, 0, cut), high = moments_of(levels, cut, CVY_LEVELS);
        if (low.count == 0 || high.count == 0)
            continue;
        double apart = high.sum / high.count - low.sum / low.count;
        double between = low.count * high.count * apart * apart;
        if (between > best)
            first = cut;
        if (between >= best) {
            best = between;
            last = cut;
        }
    }
    return (first + last) / 2;
}

cvy_level_classes cvy_levels_separate(const cvy_levels *levels)
{
    size_t cut = best_cut(levels);
    moments low = moments_of(levels, 0, cut), high = moments_of(levels, cut, CVY_LEVELS);
    double low_mean = low.count > 0 ? low.sum / low.count : 0;

    return (cvy_level_classes){
        .threshold = (double)cut - 0.5,
        .low_mean = low_mean,
        .low_deviation =
            low.count > 0 ? sqrt(fmax(0, low.squares / low.count - low_mean * low_mean)) : 0,
        .high_mean = high.count > 0 ? high.sum / high.count : low_mean,
        .high_count = (size_t)high.count,
    };
}

double cvy_levels_mean_above(const cvy_levels *levels, double threshold)
{
    moments above = moments_of(levels, (size_t)(threshold + 1), CVY_LEVELS);

    return above.sum / above.count;
}

double cvy_levels_noise_top(const cvy_levels *levels, double threshold)
{
    const double deviations_per_distance = 1.4826; /* of normal noise, to the median distance */
    cvy_levels low = { 0 }, distances = { 0 };

    for (size_t i = 0; i < CVY_LEVELS && (double)i < threshold; i++) {
        low.count[i] = levels->count[i];
        low.total += levels->count[i];
    }
    size_t median = cvy_levels_at_rank(&low, low.total / 2);
    for (size_t i = 0; i < CVY_LEVELS; i++)
        distances.count[i > median ? i - median : median - i] += low.count[i];
    return (double)median +
           3 * deviations_per_distance * (double)cvy_levels_at_rank(&distances, low.total / 2);
}
