/* What happened inside a run: recorded at a few updates, without changing a bit of the run. */
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
    size_t step;          /* batches trained on, this one included */
    double learning_rate; /* of the update */
    double gradient_norm; /* of all trained weights, as the update rule took it */
    double weight_norm, update_norm;
    double cosine; /* between this update and the next one: -1 is a zigzag, 1 a straight line */
    /* Effective learning rates over the weights whose gradient is not 0, of at most 4,096 that lie equally far
     * apart. */
    double rate_q1, rate_median, rate_q3;
} cvy_inside_point;

typedef struct {
    size_t layer_count; /* weight tensors of rank 2 and more, in layer order */
    char (*layers)[CVY_NAME_BYTES];
    size_t point_count;
    cvy_inside_point *points;
    double *ratios; /* [point_count][layer_count] norm of the update by the norm of the weights */
    size_t noise_count;
    cvy_noise_point *noise;
} cvy_inside;

/* Recording one run. */
typedef struct cvy_recorder cvy_recorder;

/**
 * Prepare to record a run.
 * optimizer     its spec
 * steps_total   updates it will have
 * noise_points  of the gradient noise scale, at most CVY_NOISE_POINTS; 0: it is not measured
 * Returns CVY_ERR_SETTING, CVY_ERR_MEMORY.
 */
cvy_status cvy_recorder_create(const cvy_model *model, const char *optimizer, size_t steps_total,
                               size_t noise_points, cvy_recorder **recorder);
void cvy_recorder_destroy(cvy_recorder *recorder);

/** To be called by on_update of the run; returns what on_update returns. */
size_t cvy_recorder_note(cvy_recorder *recorder, const cvy_update_view *view);

/**
 * The run is over: measure the noise of the gradient at the weights that were kept, and hand out the record.
 * model     as trained; it is copied. NULL: it diverged, and no noise is measured
 * settings  of the run: data, batch size and threads are taken from them
 * inside    released with cvy_inside_destroy()
 * Returns CVY_ERR_MEMORY, or what training returns.
 */
cvy_status cvy_recorder_finish(cvy_recorder *recorder, const cvy_model *model,
                               const cvy_dataset *data, const cvy_train_settings *settings,
                               cvy_inside **inside);

void cvy_inside_destroy(cvy_inside *inside);

/** As JSON and back. NULL: out of memory; not such a record. */
json_t *cvy_inside_json(const cvy_inside *inside);
cvy_inside *cvy_inside_read(const json_t *object);

#endif
