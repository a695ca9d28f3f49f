/* The caller's observer of updates, cvy_train_settings.on_update. */
#ifndef CVY_TRAIN_OBSERVE_H
#define CVY_TRAIN_OBSERVE_H

#include "train/step.h"

typedef struct {
    size_t (*function)(void *context, const cvy_update_view *view);
    void *context;
    cvy_block_part *parts;
    const cvy_block_part **part_list;
    size_t part_count;
    size_t due;       /* batches until the next call; SIZE_MAX: never */
    cvy_running seen; /* this epoch's sums at the last call */
} cvy_observer;

/** Allocate what calls need. The stepper's variables must be complete. Returns CVY_ERR_MEMORY.
 *  Released with cvy_observer_release(), also after a failure. */
cvy_status cvy_observer_create(const cvy_train_settings *settings, const cvy_stepper *stepper,
                               cvy_observer *observer);
void cvy_observer_release(cvy_observer *observer);

/** Make the first call, when training begins. */
void cvy_observer_begin(cvy_observer *observer, const cvy_stepper *stepper);

/** Count `batches` batches, at most observer->due, and make the next call if it is due.
 *  running  the sums of the epoch so far */
void cvy_observer_advance(cvy_observer *observer, const cvy_stepper *stepper, size_t batches,
                          const cvy_running *running);

/** Reset the sums when an epoch begins. */
void cvy_observer_begin_epoch(cvy_observer *observer);

#endif
