/* Tuning: the values to try for each configuration, and the choice of the best one. */
#ifndef CVY_STUDY_TUNING_H
#define CVY_STUDY_TUNING_H

#include "study/study.h"

/** Add a key: "learning_rate=1e-5..1e2:36". Returns CVY_ERR_SETTING. */
cvy_status cvy_tuning_read(const char *text, cvy_tuning *tuning);

/** The number of trials of a configuration with these keys; 0 if it has none. */
size_t cvy_tuning_trials(const cvy_tuning *tuning, const bool has_key[CVY_TUNED_KEYS_MAX]);

/** The value of a key in trial number `trial`. */
double cvy_tuning_value(const cvy_tuning *tuning, const bool has_key[CVY_TUNED_KEYS_MAX],
                        size_t trial, size_t key);

/** After the trials, set every compared configuration to its best values. */
cvy_status cvy_study_choose_tuned(cvy_study *study);

#endif
