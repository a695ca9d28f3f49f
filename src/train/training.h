/* A training run, prepared from what was asked for. */
#ifndef CVY_TRAIN_TRAINING_H
#define CVY_TRAIN_TRAINING_H

#include "convoy/train.h"
#include "train/hooks.h"
#include "train/step.h"

/* One run. */
typedef struct {
    const cvy_train_settings *settings;
    cvy_history *history;
    cvy_model *model;
    cvy_task task;
    cvy_schedule schedule;
    void *optimizer_settings;
    float *class_weights;
    cvy_metrics metrics;
    cvy_hooks hooks;
    cvy_stepper stepper;
    cvy_team *team; /* while epochs run */
    cvy_image_run validation;
    const uint16_t *validation_labels;
    size_t steps_total, steps_before;       /* this epoch */
    cvy_running evaluated;                  /* this epoch's sums at its last evaluation */
    double start, epoch_start, last_report; /* seconds */
    bool has_diverged;                      /* and a callback took it upon itself */
} cvy_training;

/** Check all that was asked for, choose images, rule and kernels, draw the weights and allocate what
 *  steps need; settings, history and model are set, all else is zero. Released with
 *  cvy_training_release(), also after a failure. Returns what cvy_train() returns. */
cvy_status cvy_training_prepare(cvy_training *t, const cvy_dataset *data);
void cvy_training_release(cvy_training *t);

#endif
