/* Timing the kernels in the layers of models. */
#ifndef BENCH_KERNELS_TIMES_H
#define BENCH_KERNELS_TIMES_H

#include <stdbool.h>
#include <stddef.h>

/** Print the speed of each layer of the models on one core, in GFLOP/s or GB/s, and as a share of
 *  the machine's peak. Without models: the built-in ones of README.
 *  Returns the exit status of the program. */
int times_print(char **models, size_t count, size_t repeats, bool is_json);

#endif
