/* Amounts on the command line: memory, time, image sizes, numbers of threads; and guesses at what
 * other notations mean. */
#ifndef CVY_CLI_AMOUNTS_H
#define CVY_CLI_AMOUNTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { CVY_AMOUNT_BYTES = 128 };

/** Read "512M": bytes, or K, M or G of 1,024 each. Returns false for other notations and for 0. */
bool cvy_read_size(const char *text, size_t *bytes);

/** Read "1h30m", "55m", "90s" or "90", in seconds. Returns false for other notations. */
bool cvy_read_duration(const char *text, double *seconds);

/** Read "28x32": height and width, each from 1 to 256. Returns false for other notations. */
bool cvy_read_sides(const char *text, size_t *height, size_t *width);

/* What another notation means, as the functions above read it: "512MB" is 512M, "10min" 10m,
 * "28,28" 28x28. Return false if there is no likely meaning. */
bool cvy_size_meant(const char *text, char meant[CVY_AMOUNT_BYTES]);
bool cvy_duration_meant(const char *text, char meant[CVY_AMOUNT_BYTES]);
bool cvy_sides_meant(const char *text, char meant[CVY_AMOUNT_BYTES]);

/** Convert "1-4", "1 2 4", "[1,2,4]" or "range(1,5)" to comma-separated numbers, each at most
 *  `max`. */
bool cvy_counts_meant(const char *text, size_t max, char meant[CVY_AMOUNT_BYTES]);

/** Go on with a refusal: "; did you mean MEANT?" unless meant is NULL, and what the option's words mean
 * (cvy_suggest()) on a line of its own. Returns CVY_ERR_SETTING. */
cvy_status cvy_amount_hint(const char *option, const char *text, const char *meant);

#endif
