/* Check that all ranks train with the same settings, data and weights (convoy/comm.h). */
#ifndef CVY_TRAIN_ALIKE_H
#define CVY_TRAIN_ALIKE_H

#include "train/training.h"

/** Called by all ranks after their results are prepared; does nothing in a single process. Returns the same
 *  on all ranks: CVY_ERR_SETTING (the message names a setting that differs from rank 0's),
 *  CVY_ERR_DATA (other images, labels or weights), CVY_ERR_READ, CVY_ERR_MEMORY. */
cvy_status cvy_alike_check(const cvy_training *t);

#endif
