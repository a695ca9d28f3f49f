/* Settings that are allowed but seldom meant. */
#ifndef CVY_TRAIN_WARNINGS_H
#define CVY_TRAIN_WARNINGS_H

#include "train/training.h"

enum { CVY_WARNINGS_MAX = 12, CVY_WARNING_BYTES = 320 };

typedef struct {
    size_t count;
    char texts[CVY_WARNINGS_MAX][CVY_WARNING_BYTES];
} cvy_warnings;

/** Collect a sentence for each such setting of a run that cvy_training_choose() has prepared. */
void cvy_warnings_find(const cvy_training *t, const cvy_model *model, cvy_warnings *warnings);

#endif
