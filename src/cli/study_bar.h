/* The progress of a study, on stderr: on a terminal a bar that is redrawn in place, and
 * everywhere one line after each run. --quiet disables both, --json only the bar. */
#ifndef CVY_CLI_STUDY_BAR_H
#define CVY_CLI_STUDY_BAR_H

#include "cli/command.h"
#include "study/study_train.h"

typedef struct {
    bool has_bar, has_lines;
    bool is_drawn;
    double last_draw; /* seconds */
} cvy_study_bar;

void cvy_study_bar_init(cvy_study_bar *bar, const cvy_call *call);

/** Show the progress reported by cvy_workloads_run(); draws at most ten times a second. */
void cvy_study_bar_show(cvy_study_bar *bar, const cvy_study_progress *progress);

/** Remove the bar. Called before anything else is printed, also after a failure. */
void cvy_study_bar_end(cvy_study_bar *bar);

/** "run 12/30  mlp on digits: adam, seed 3  val_accuracy 98.10%  test 97.95%  2.1 s  ETA 1 min 05 s", cut to `size`
 *  bytes. */
void cvy_study_print_line(const cvy_study_progress *progress, char *text, size_t size);

/** "runs 12/30 [####......] 41% ETA 1 min 05 s", at most `width` characters and cut to `size` bytes. */
void cvy_study_print_bar(const cvy_study_progress *progress, size_t width, char *text, size_t size);

#endif
