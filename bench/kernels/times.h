/* How fast the kernels are in the layers of models. */
#ifndef BENCH_KERNELS_TIMES_H
#define BENCH_KERNELS_TIMES_H

#include <stdbool.h>
#include <stddef.h>

/** Print what each layer of the models takes on one core, in GFLOP/s or GB/s and as a share of what the machine
 *  can do; no models: the built-in ones of README. Returns the program's exit status. */
int times_print(char **models, size_t count, size_t repeats, bool is_json);

#endif
