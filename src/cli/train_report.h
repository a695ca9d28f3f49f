/* The output of `convoy train` after a run. */
#ifndef CVY_CLI_TRAIN_REPORT_H
#define CVY_CLI_TRAIN_REPORT_H

#include "cli/command.h"
#include "cli/keeping.h"
#include "cli/warm_start.h"
#include "convoy/convoy.h"

/* A finished run, and the options that the report repeats. */
typedef struct {
    const cvy_call *call;
    cvy_comm *comm; /* NULL: this process alone */
    const char *class_weight, *output, *metrics;
    const cvy_text_list *callbacks;
    const cvy_keeping *keeping;
    cvy_model *model;
    const cvy_dataset *data;
    const cvy_train_plan *plan;
    const cvy_warm_start *warm;
    cvy_history *history;
    cvy_score *test; /* NULL: not evaluated */
    char digest[CVY_DIGEST_TEXT_BYTES];
    double total_seconds;
    cvy_comm_times exchange;   /* before training; afterwards those of the training */
    bool is_rounding, is_fast; /* --wire bf16, --fast-reduce among several ranks */
    const char *saved;         /* where the model was saved; NULL: nowhere */
} cvy_train_report;

/** Save the model, evaluate it on the test images, and report. A stopped run is saved and reported
 *  too, but not evaluated. Returns CVY_ERR_STOPPED after a signal. */
cvy_status cvy_train_report_finish(cvy_train_report *report, double start);

/** Report a run that diverged: an older good file is kept, and the last good weights go to a
 *  separate file. reason: what cvy_train() returned. */
cvy_status cvy_train_report_diverged(cvy_train_report *report, double start, cvy_status reason);

#endif
