/* A record of a run's internals at a few updates, which changes no bit of the run. */
#ifndef CVY_STUDY_INSIDE_H
#define CVY_STUDY_INSIDE_H

#include "base/json.h"
#include "base/settings.h"
#include "convoy/dataset.h"
#include "convoy/model.h"
#include "convoy/train.h"
#include "study/effective_rate.h"
#include "study/gradient_noise.h"

enum { CVY_INSIDE_POINTS = 24 };

/* One recorded update. Norms are Euclidean; NaN is "unknown". */
typedef struct {
    size_t step;          /* batches trained on, including this one */
    double learning_rate; /* of the update */
    double gradient_norm; /* over all trained weights, as seen by the update rule */
    double weight_norm, update_norm;
    double cosine; /* cosine between this update and the next: -1 zigzag, 1 straight line */
    /* Quartiles of effective learning rates of weights with nonzero gradient, out of at most 4,096
     * evenly spaced weights. */
    double rate_q1, rate_median, rate_q3;
} cvy_inside_point;

typedef struct {
    size_t layer_count; /* weight tensors of rank 2 and more, in layer order */
    char (*layers)[CVY_NAME_BYTES];
    size_t point_count;
    cvy_inside_point *points;
    double *ratios; /* [point_count][layer_count] norm of the update / norm of the weights */
    size_t noise_count;
    cvy_noise_point *noise;
} cvy_inside;

/* The recorder of one run. */
typedef struct cvy_recorder cvy_recorder;

/**
 * Prepare to record a run.
 * optimizer     its spec
 * steps_total   updates of the run
 * noise_points  points of the gradient noise scale, at most CVY_NOISE_POINTS; 0: none
 * Returns CVY_ERR_SETTING, CVY_ERR_MEMORY.
 */
cvy_status cvy_recorder_create(const cvy_model *model, const char *optimizer, size_t steps_total,
                               size_t noise_points, cvy_recorder **recorder);
void cvy_recorder_destroy(cvy_recorder *recorder);

/** Called by the run's on_update, which returns its result. */
size_t cvy_recorder_note(cvy_recorder *recorder, const cvy_update_view *view);

/**
 * Finish a run: measure the gradient noise at the kept weights, and return the record.
 * model     the trained model; it is copied. NULL: it diverged, and no noise is measured
 * settings  settings of the run; data, batch size and threads are used
 * inside    released with cvy_inside_destroy()
 * Returns CVY_ERR_MEMORY, or an error of training.
 */
cvy_status cvy_recorder_finish(cvy_recorder *recorder, const cvy_model *model,
                               const cvy_dataset *data, const cvy_train_settings *settings,
                               cvy_inside **inside);

void cvy_inside_destroy(cvy_inside *inside);

/** Convert a record to JSON and back. NULL: out of memory; not a record. */
json_t *cvy_inside_json(const cvy_inside *inside);
cvy_inside *cvy_inside_read(const json_t *object);

#endif
