/* A short training with any number of workers, and its result to the last bit: for the tests of a step. */
#ifndef CVY_TESTS_SHORT_RUN_H
#define CVY_TESTS_SHORT_RUN_H

#include "convoy/model.h"
#include "data/dataset.h"
#include "train/lanes.h"

/* A short training. */
typedef struct {
    const char *optimizer, *data;
    size_t images, batch_size, epochs, step_limit; /* 0: no limit */
    size_t part;                                   /* steps at a time; 0: the whole epoch */
} short_run;

/* Its result: all that must be equal. */
typedef struct {
    char digest[CVY_DIGEST_TEXT_BYTES];
    cvy_running last;
} run_result;

/* Train a model anew. At every step each worker lets the others go first so many times: `turns` decides who
 * takes which lane, and must not change a bit. */
run_result run_short(cvy_model *model, const cvy_dataset *data, const short_run *c, size_t threads,
                     size_t turns);

void expect_same_result(const char *what, size_t threads, const run_result *found,
                        const run_result *wanted);

#endif
