/* A request that this process end its work, as Ctrl-C makes one. Long work that has no callback to ask looks here. */
#ifndef CVY_BASE_STOP_H
#define CVY_BASE_STOP_H

#include <stdbool.h>

/** May be called from a signal handler and by any thread. Nothing takes a request back. */
void cvy_stop_request(void);

/** Safe from any thread. The context is not used: it makes this a callback (cvy_train_settings.stop_requested). */
bool cvy_stop_is_requested(void *context);

#endif
