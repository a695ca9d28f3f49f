/* Keras's counts of decisions. Every entry of the one-hot matrix is a decision. It is positive if
 * its output is above the threshold, or among the k largest of its sample. */
#include "metrics/confusion.h"

#include <math.h>

static bool is_among_largest(size_t outputs, size_t k, const float *y, size_t o, size_t s)
{
    size_t before = 0;

    if (isnan(y[o * CVY_LANE + s]))
        return false;
    for (size_t i = 0; i < outputs; i++) {
        const float other = y[i * CVY_LANE + s], own = y[o * CVY_LANE + s];
        before += other > own || (other == own && i < o);
    }
    return before < k;
}

void cvy_confusion_add(const void *settings, size_t outputs, size_t count, const float *y,
                       const cvy_targets *targets, double *sums)
{
    const cvy_confusion_settings *s = settings;
    const bool has_class = s->class_id >= 0;
    const float threshold =
        isnan(s->thresholds) ? (s->top_k > 0 ? -INFINITY : 0.5f) : (float)s->thresholds;

    for (size_t slot = 0; slot < count; slot++)
        for (size_t o = 0; o < outputs; o++) {
            if (has_class && o != (size_t)s->class_id)
                continue;
            const bool is_true = cvy_target_value(targets, outputs, o, slot) > 0;
            const bool is_positive =
                y[o * CVY_LANE + slot] > threshold &&
                (s->top_k == 0 || is_among_largest(outputs, s->top_k, y, o, slot));
            sums[is_true ? (is_positive ? CVY_TRUE_POSITIVES : CVY_FALSE_NEGATIVES)
                         : (is_positive ? CVY_FALSE_POSITIVES : CVY_TRUE_NEGATIVES)]++;
        }
}

size_t cvy_confusion_sums(const void *settings, size_t outputs)
{
    const cvy_confusion_settings *s = settings;
    return s->class_id < (double)outputs ? CVY_CONFUSION_COUNT : 0;
}
