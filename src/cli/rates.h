/* A learning rate over the steps: a summary as text, all rates as JSON, a plot. */
#ifndef CVY_CLI_RATES_H
#define CVY_CLI_RATES_H

#include "cli/command.h"

typedef struct {
    const char *learning_rate; /* number or spec */
    size_t steps, steps_per_epoch;
    const char *plot;  /* SVG file to write; NULL: none */
    bool is_log_scale; /* of the plot's rates */
} cvy_rates_request;

cvy_status cvy_rates_show(const cvy_call *call, const cvy_rates_request *request);

#endif
