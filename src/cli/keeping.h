/* Options that protect a training run from being lost: checkpoints, resuming, a time limit; and the
 * messages about them. */
#ifndef CVY_CLI_KEEPING_H
#define CVY_CLI_KEEPING_H

#include <stdio.h>

#include "base/json.h"
#include "cli/command.h"
#include "convoy/train.h"

typedef struct {
    const char *checkpoint, *every, *time_limit;
    size_t keep;
    bool resume, resume_anyway;
} cvy_keeping;

/* clang-format off */

/* Rows for a cvy_keeping that is the member `m` of the struct `s`. */
#define CVY_KEEPING_ROWS(s, m)                                                                     \
    { "checkpoint", CVY_TEXT, offsetof(s, m.checkpoint), NULL, 0, 0,                               \
      "DIR: write checkpoints here; --resume continues an interrupted run from them", 0, NULL },   \
    { "checkpoint-every", CVY_TEXT, offsetof(s, m.every), "10s", 0, 0,                             \
      "N: updates between two checkpoints, or a time, as in 30s or 5m", 0, NULL },                 \
    { "keep", CVY_COUNT, offsetof(s, m.keep), "3", 1, 1000000,                                     \
      "number of newest checkpoints to keep, besides the best", 0, NULL },                         \
    { "resume", CVY_BOOL, offsetof(s, m.resume), "false", 0, 0,                                    \
      "continue from the newest valid checkpoint; begin where there is none", 0, NULL },           \
    { "resume-anyway", CVY_BOOL, offsetof(s, m.resume_anyway), "false", 0, 0,                      \
      "resume even if settings or data have changed", 0, NULL },                                   \
    { "time-limit", CVY_TEXT, offsetof(s, m.time_limit), NULL, 0, 0,                               \
      "T: finish within T, as in 55m or 3300s, with exit status 0", 0, NULL }

/* clang-format on */

/** Read the options into settings, and start the clock of the time limit at `start`
 *  (cvy_clock_seconds()). Returns CVY_ERR_SETTING. */
cvy_status cvy_keeping_read(const cvy_keeping *options, double start, cvy_train_settings *settings);

/** Whether a signal or the time limit requests an end. Any thread. */
bool cvy_keeping_must_stop(void);

/** Whether the time limit has been reached. */
bool cvy_keeping_is_out_of_time(void);

/** Report what resuming found, in a line or two on stderr. */
void cvy_keeping_print_resumption(const cvy_call *call, const cvy_resumption *resumption);

/** After a stopped run, say how to continue it. */
void cvy_keeping_print_way_on(const cvy_call *call, const cvy_keeping *options,
                              const cvy_history *history, FILE *file);

/** Add the members "resume" (whether the same command with --resume continues), "resumed_steps",
 *  "checkpoint". */
void cvy_keeping_add_json(const cvy_history *history, json_t **object);

#endif
