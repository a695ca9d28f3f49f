/* Members of a callback's saved state. */
#ifndef CVY_CALLBACKS_CALLBACK_STATE_H
#define CVY_CALLBACKS_CALLBACK_STATE_H

#include "base/json.h"
#include "callbacks/monitor.h"

/** An exact number; NaN and infinities, which JSON does not have, become texts. NULL if memory is
 *  short. */
json_t *cvy_state_number(double value);

/* Read a member. Return CVY_ERR_FORMAT if it is missing or of another type, and leave *value. */
cvy_status cvy_state_read_number(const json_t *state, const char *name, double *value);
cvy_status cvy_state_read_count(const json_t *state, const char *name, size_t *value);
cvy_status cvy_state_read_bool(const json_t *state, const char *name, bool *value);

/** The best value so far, as an object. */
json_t *cvy_state_best(const cvy_best *best);
cvy_status cvy_state_read_best(const json_t *state, const char *name, cvy_best *best);

#endif
