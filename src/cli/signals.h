/* Signals: requests to stop, and writes to a closed pipe or past a size limit. */
#ifndef CVY_CLI_SIGNALS_H
#define CVY_CLI_SIGNALS_H

#include <stdbool.h>

/** Called first. From now on
 *  - a write to a pipe that nobody reads (SIGPIPE) or beyond the file size limit (SIGXFSZ) fails
 *    with EPIPE or EFBIG instead of ending the program, so that a training run continues and is
 *    saved;
 *  - SIGINT (Ctrl-C), SIGTERM, SIGHUP (the terminal is gone) and SIGXCPU (the time limit) remove
 *    the temporary files of this process and end it with exit status 128 plus the signal number;
 *  - SIGBUS in a mapped file (base/mapped.h), which was shortened or is on a failing disk, ends the
 *    program with a sentence and exit status 1.
 *  A signal that the program was started to ignore stays ignored. */
void cvy_signals_prepare(void);

/** Whether output to stdout was lost because nobody reads the pipe any more, as after `| head -1`.
 *  That needs no error message. */
bool cvy_stdout_is_abandoned(void);

/** Return the exit status; but if stdout is abandoned, end the program by SIGPIPE, as usual in a
 *  pipeline. Its work is done. */
int cvy_signals_settle(int exit_status);

/** From now on the first of these signals only sets a flag, and one that comes half a second later or
 *  more ends the program at once: for commands that keep what was done so far and check
 *  cvy_stop_requested() often. */
void cvy_signals_catch(void);

/** Whether a stop was requested, and by which signal (0: none). Any thread. */
bool cvy_stop_requested(void);
int cvy_stop_signal(void);

/** Count a signal that stopped another process of the same run as this process's own. */
void cvy_stop_adopt(int number);

#endif
