/* A training run, prepared from its settings. */
#ifndef CVY_TRAIN_TRAINING_H
#define CVY_TRAIN_TRAINING_H

#include "base/json.h"
#include "convoy/train.h"
#include "train/history.h"
#include "train/hooks.h"
#include "train/observe.h"
#include "train/saver.h"
#include "train/step.h"

/* What the model receives when the first step begins. */
typedef struct {
    cvy_loss loss;
    float *weights; /* [block_floats], or NULL to keep the model's */
    float pixel_scale, pixel_offset;
    cvy_preparation preparation;
    cvy_class_text *class_names;
    size_t class_count;
} cvy_takeover;

enum { CVY_SKIPPED_MAX = 8 };

/* One run. */
struct cvy_training {
    cvy_train_settings settings;
    cvy_results *results;
    cvy_history *history; /* of the results */
    cvy_model *model;
    const cvy_dataset *data;
    cvy_task task;
    cvy_schedule schedule;
    void *optimizer_settings;
    float *class_weights;
    cvy_augmenter augmenter;
    cvy_metrics metrics;
    cvy_hooks hooks;
    cvy_takeover takeover;
    cvy_stepper stepper;
    cvy_observer observer;
    cvy_team *team; /* while epochs run */
    cvy_image_run validation;
    const uint16_t *validation_labels;
    size_t steps_total, steps_before;       /* of the whole run; before this epoch */
    size_t finished;                        /* epochs */
    cvy_running running;                    /* sums of this epoch */
    double epoch_seconds;                   /* training time of this epoch */
    cvy_running evaluated;                  /* this epoch's sums at its last evaluation */
    double start, epoch_start, last_report; /* seconds */
    bool has_diverged;                      /* and a callback ends training in good order */
    bool is_saved;                          /* the last checkpoint was saved inside an epoch */
    bool is_pausing; /* the workers stopped for a checkpoint, not to end training */

    /* checkpoints, and the one that the run resumes from */
    cvy_saver saver;
    char data_digest[CVY_DIGEST_TEXT_BYTES];
    cvy_safetensors *checkpoint; /* NULL: none, or already read */
    char *checkpoint_path;
    json_t *position;
    size_t skipped_count;
    char *skipped[CVY_SKIPPED_MAX];                       /* why newer ones were skipped */
    bool is_changed, has_other_rule, has_other_callbacks; /* with resume_anyway: settings differ */
};

/**
 * Check all settings, and choose images, update rule and kernels. Changes only *t, which must be
 * zero at first. Released with cvy_training_release(), also after a failure.
 * model, data  either may be NULL; then what depends on it is neither checked nor chosen
 * Returns what cvy_train_check() returns.
 */
cvy_status cvy_training_choose(cvy_training *t, const cvy_model *model, const cvy_dataset *data,
                               const cvy_train_settings *settings);

/** Call cvy_training_choose(), then allocate everything that steps and results need.
 *  Changes only *t. */
cvy_status cvy_training_prepare(cvy_training *t, cvy_model *model, const cvy_dataset *data,
                                const cvy_train_settings *settings);

/** Change the model: set its loss, class names, preprocessing and initial weights. Cannot fail. */
void cvy_training_take_over(cvy_training *t);

void cvy_training_release(cvy_training *t);

#endif
