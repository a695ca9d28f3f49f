/* Functions that several optimizers use. Compiled once per instruction set. */
#ifndef CVY_OPTIMIZERS_LOOPS_H
#define CVY_OPTIMIZERS_LOOPS_H

#include "optimizers/optimizer.h"

/** sum_squares() of cvy_update_loops. */
double CVY_FOR_ISA(cvy_sum_squares)(size_t n, const float *x);

#endif
