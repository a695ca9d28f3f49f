/* Shared parts of precision, recall and the counts of decisions. */
#ifndef CVY_METRICS_CONFUSION_H
#define CVY_METRICS_CONFUSION_H

#include "metrics/metric.h"

typedef struct {
    double thresholds; /* NaN: 0.5, or none with top_k */
    size_t top_k;      /* 0: none */
    double class_id;   /* below 0: all */
} cvy_confusion_settings;

enum {
    CVY_TRUE_POSITIVES,
    CVY_FALSE_POSITIVES,
    CVY_TRUE_NEGATIVES,
    CVY_FALSE_NEGATIVES,
    CVY_CONFUSION_COUNT
};

#define CVY_THRESHOLD_ROW                                                                          \
    {                                                                                              \
        "thresholds", CVY_FLOAT, offsetof(cvy_confusion_settings, thresholds), "none", 0, 1,       \
            "an output above it is a positive decision; none: 0.5", CVY_OR_NONE, NULL              \
    }
#define CVY_CONFUSION_ROWS                                                                         \
    CVY_THRESHOLD_ROW,                                                                             \
        { "top_k",                                                                                 \
          CVY_COUNT,                                                                               \
          offsetof(cvy_confusion_settings, top_k),                                                 \
          "none",                                                                                  \
          1,                                                                                       \
          65536,                                                                                   \
          "only the k largest outputs of a sample count as positive",                              \
          CVY_OR_NONE,                                                                             \
          NULL },                                                                                  \
        { "class_id", CVY_FLOAT, offsetof(cvy_confusion_settings, class_id), "-1",                 \
          -1,         65535,     "count only this class; -1: all classes",   0,                    \
          NULL },                                                                                  \
    {                                                                                              \
        0                                                                                          \
    }

/* The rows of a kind that counts one sort of decision. */
#define CVY_DECISION_ROWS                                                                          \
    CVY_THRESHOLD_ROW, { "class_id", CVY_FLOAT, offsetof(cvy_confusion_settings, class_id), "-1",  \
                         -1,         65535,     "count only this class; -1: all classes",   0,     \
                         NULL },                                                                   \
    {                                                                                              \
        0                                                                                          \
    }

/** The kind's add() and sum_count(): sums[CVY_CONFUSION_COUNT]. */
void cvy_confusion_add(const void *settings, size_t outputs, size_t count, const float *y,
                       const cvy_targets *targets, double *sums);
size_t cvy_confusion_sums(const void *settings, size_t outputs);

#endif
