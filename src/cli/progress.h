/* The progress of a training run, on stderr: on a terminal a bar that is redrawn in place, and
 * everywhere one line after each epoch. --quiet disables both, --json only the bar. */
#ifndef CVY_CLI_PROGRESS_H
#define CVY_CLI_PROGRESS_H

#include "cli/command.h"
#include "convoy/train.h"

typedef struct {
    bool has_bar, has_lines;
    bool is_drawn; /* a bar is on the terminal's last line */
} cvy_progress_bar;

/** Decide from call->common and stderr what is shown. */
void cvy_progress_bar_init(cvy_progress_bar *bar, const cvy_call *call);

/** Show the progress reported by cvy_train(): the bar, or the line of a finished epoch. Draws at
 *  every call, which cvy_train() makes at most ten times a second. */
void cvy_progress_bar_show(cvy_progress_bar *bar, const cvy_progress *progress);

/** Show what a callback did: "epoch 7  early_stopping: stopped: ...". */
void cvy_progress_bar_tell(cvy_progress_bar *bar, const cvy_event *event);

/** Remove the bar. Called before anything else is printed, also after a failure. */
void cvy_progress_bar_end(cvy_progress_bar *bar);

/** "epoch 2/5 [#####.....] 61% 24,310 img/s loss 0.1234 acc 96.5% ETA 3s", at most `width`
 *  characters and cut to `size` bytes. In a narrow line the bar is dropped first, then the end. */
void cvy_progress_print_bar(const cvy_progress *progress, size_t width, char *text, size_t size);

/** "epoch 2/5  1.2 s  24,310 img/s  loss 0.1234  acc 96.50%  val_loss 0.1010  val_acc 97.00%", cut
 *  to `size` bytes; values that the epoch does not have are left out. */
void cvy_progress_print_line(const cvy_epoch *epoch, size_t epoch_count, char *text, size_t size);

#endif
