/* The results of an epoch, or of its batches so far, by Keras's names: loss, accuracy, val_loss,
 * ... */
#ifndef CVY_CALLBACKS_LOGS_H
#define CVY_CALLBACKS_LOGS_H

#include <stdbool.h>
#include <stddef.h>

enum { CVY_LOGS_MAX = 32 };

typedef struct {
    const char *name; /* outlives the logs */
    double value;     /* as in Keras: rounded to single precision */
} cvy_log_entry;

typedef struct {
    size_t count;
    cvy_log_entry entries[CVY_LOGS_MAX];
} cvy_logs;

/** Add a value, or replace the one of that name. */
void cvy_logs_set(cvy_logs *logs, const char *name, double value);

/** The value of that name, or NULL. */
const double *cvy_logs_find(const cvy_logs *logs, const char *name);

/** "accuracy, loss, val_loss", cut to `size` bytes. */
void cvy_logs_print_names(const cvy_logs *logs, char *text, size_t size);

#endif
