/* The result of a training run, filled in as it proceeds. */
#ifndef CVY_TRAIN_HISTORY_H
#define CVY_TRAIN_HISTORY_H

#include "base/error.h"
#include "convoy/train.h"

enum { CVY_OPTIMIZER_SPEC_BYTES = 1024, CVY_RATE_SPEC_BYTES = 2048, CVY_LOSS_TEXT_BYTES = 256 };

/* Callers of cvy_train() get a pointer to the first member. */
typedef struct {
    cvy_history history; /* must be first: it is cast back */
    cvy_epoch *epochs;   /* [epoch_room] the most that training can have */
    size_t epoch_room;
    const cvy_epoch **epoch_list; /* epochs that have begun */
    const cvy_event **event_list;
    char optimizer[CVY_OPTIMIZER_SPEC_BYTES], learning_rate[CVY_RATE_SPEC_BYTES];
    char loss[CVY_LOSS_TEXT_BYTES];
    char *checkpoint, checkpoint_problem[CVY_ERROR_BYTES];
    cvy_train_times times;
    double *step_seconds; /* with `times`: of each update after the warm-up; else NULL */
} cvy_results;

/** Allocate results for so many epochs. Released with cvy_history_destroy(&results->history).
 *  Returns CVY_ERR_MEMORY. */
cvy_status cvy_results_create(size_t epochs, cvy_results **results);

/** Append a copy of an event. Returns CVY_ERR_MEMORY. */
cvy_status cvy_results_add_event(cvy_results *results, const cvy_event *event);

#endif
