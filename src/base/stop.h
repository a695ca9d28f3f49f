/* A request to end this process's work, for instance by Ctrl-C. Long work without a callback checks
 * it here. */
#ifndef CVY_BASE_STOP_H
#define CVY_BASE_STOP_H

#include <stdbool.h>

/** May be called from a signal handler and from any thread. A request cannot be withdrawn. */
void cvy_stop_request(void);

/** Any thread. The unused context makes this a callback (cvy_train_settings.stop_requested). */
bool cvy_stop_is_requested(void *context);

#endif
