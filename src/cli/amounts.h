/* Amounts on the command line: memory, time, sides of an image, numbers of threads; and what was meant by one that is
 * written in another way. */
#ifndef CVY_CLI_AMOUNTS_H
#define CVY_CLI_AMOUNTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { CVY_AMOUNT_BYTES = 128 };

/** "512M": bytes, or K, M or G of 1,024 each. False: not written like that, or 0. */
bool cvy_read_size(const char *text, size_t *bytes);

/** "1h30m", "55m", "90s" or "90", in seconds. False: not written like that. */
bool cvy_read_duration(const char *text, double *seconds);

/** "28x32": height and width, each from 1 to 256. False: not written like that. */
bool cvy_read_sides(const char *text, size_t *height, size_t *width);

/* What was meant by another text, as the functions above read it: "512MB" is 512M, "10min" 10m, "28,28" 28x28.
 * False: none is likely. */
bool cvy_size_meant(const char *text, char meant[CVY_AMOUNT_BYTES]);
bool cvy_duration_meant(const char *text, char meant[CVY_AMOUNT_BYTES]);
bool cvy_sides_meant(const char *text, char meant[CVY_AMOUNT_BYTES]);

/** "1-4", "1 2 4", "[1,2,4]" or "range(1,5)" as numbers with commas between them, each at most `max`. */
bool cvy_counts_meant(const char *text, size_t max, char meant[CVY_AMOUNT_BYTES]);

/** Go on with a refusal: "; did you mean MEANT?" unless meant is NULL, and what the option's words mean
 * (cvy_suggest()) on a line of its own. Returns CVY_ERR_SETTING. */
cvy_status cvy_amount_hint(const char *option, const char *text, const char *meant);

#endif
