/* Reading the caller's settings, whatever version of the header the caller was built with. */
#ifndef CVY_TRAIN_TRAIN_SETTINGS_H
#define CVY_TRAIN_TRAIN_SETTINGS_H

#include "convoy/train.h"

/** Copy the members of the caller's struct, and set defaults for those that it lacks. Returns
 *  CVY_ERR_SETTING for a struct that was not initialized,
 *  or that sets members unknown to this library. */
cvy_status cvy_settings_take(const cvy_train_settings *given, cvy_train_settings *settings);

/** Check everything that needs neither model nor data: NULL, ranges. Returns CVY_ERR_SETTING. */
cvy_status cvy_settings_check(const cvy_train_settings *settings);

/** Returns CVY_ERR_SETTING unless threads is 1 to CVY_WORKERS_MAX. */
cvy_status cvy_threads_check(size_t threads);

#endif
