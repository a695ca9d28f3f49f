/* Signals: requests to stop, and writes that nobody reads or that a limit forbids. */
#ifndef CVY_CLI_SIGNALS_H
#define CVY_CLI_SIGNALS_H

#include <stdbool.h>

/** To be called first. From here on
 *  - a write into a pipe that nobody reads (SIGPIPE) or beyond the file size limit (SIGXFSZ) fails with EPIPE or
 *    EFBIG instead of ending the program, so that a training continues and is saved;
 *  - SIGINT (Ctrl-C), SIGTERM, SIGHUP (the terminal is gone) and SIGXCPU (the time limit) remove the temporary
 *    files of this process and end it with exit status 128 plus the number of the signal.
 *  A signal that the program was started to ignore stays ignored. */
void cvy_signals_prepare(void);

/** Whether something for stdout was lost because it is a pipe that nobody reads any more, as after
 *  `| head -1`. That needs no error message. */
bool cvy_stdout_is_abandoned(void);

/** The exit status; but where stdout is abandoned, the program ends here by SIGPIPE, as others do in a
 *  pipeline. Its work is done. */
int cvy_signals_settle(int exit_status);

/** From here on the first of these signals is only noted, and the next one ends the program at once: for
 *  commands that keep what was done so far and check cvy_stop_requested() often. */
void cvy_signals_catch(void);

/** Whether a request to stop has come, and which signal it was (0: none). Safe from any thread. */
bool cvy_stop_requested(void);
int cvy_stop_signal(void);

#endif
