/* Being asked to stop: SIGINT (Ctrl-C) and SIGTERM. */
#ifndef CVY_CLI_SIGNALS_H
#define CVY_CLI_SIGNALS_H

#include <stdbool.h>

/** From here on the first signal is only noted, and the next one ends the program at once. For
 *  commands that look at cvy_stop_requested() often; the others are simply ended by a signal. A
 *  signal that the program was started to ignore stays ignored. */
void cvy_signals_catch(void);

/** Whether a signal came, and which: 0 for none. From any thread. */
bool cvy_stop_requested(void);
int cvy_stop_signal(void);

#endif
