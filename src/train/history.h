/* The result of a training while it grows. */
#ifndef CVY_TRAIN_HISTORY_H
#define CVY_TRAIN_HISTORY_H

#include "base/error.h"
#include "convoy/train.h"

enum { CVY_OPTIMIZER_SPEC_BYTES = 1024, CVY_RATE_SPEC_BYTES = 2048, CVY_LOSS_TEXT_BYTES = 256 };

/* Behind the pointer that callers of cvy_train() get. */
typedef struct {
    cvy_history history; /* first, so that it can be turned back */
    cvy_epoch *epochs;   /* [epoch_room] as many as training can have */
    size_t epoch_room;
    const cvy_epoch **epoch_list; /* of those begun */
    const cvy_event **event_list;
    char optimizer[CVY_OPTIMIZER_SPEC_BYTES], learning_rate[CVY_RATE_SPEC_BYTES];
    char loss[CVY_LOSS_TEXT_BYTES];
    char *checkpoint, checkpoint_problem[CVY_ERROR_BYTES];
    cvy_train_times times;
    double *step_seconds; /* with times, one for each update after the warm-up; else NULL */
} cvy_results;

/** Room for so many epochs. Released with cvy_history_destroy(&results->history). Returns
 *  CVY_ERR_MEMORY. */
cvy_status cvy_results_create(size_t epochs, cvy_results **results);

/** Append a copy of an event. Returns CVY_ERR_MEMORY. */
cvy_status cvy_results_add_event(cvy_results *results, const cvy_event *event);

#endif
