/* The settings of a training as its caller gave them, whatever header the caller was built with. */
#ifndef CVY_TRAIN_TRAIN_SETTINGS_H
#define CVY_TRAIN_TRAIN_SETTINGS_H

#include "convoy/train.h"

/** Copy what the caller's struct has, and take defaults for members that it does not have. Returns
 *  CVY_ERR_SETTING for a struct that was not set up, or that sets members this library does not know. */
cvy_status cvy_settings_take(const cvy_train_settings *given, cvy_train_settings *settings);

/** Check what needs neither model nor data: NULL, ranges. Returns CVY_ERR_SETTING. */
cvy_status cvy_settings_check(const cvy_train_settings *settings);

/** CVY_ERR_SETTING unless threads is 1 to CVY_WORKERS_MAX. */
cvy_status cvy_threads_check(size_t threads);

#endif
