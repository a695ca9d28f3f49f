/* Learning-rate range test: train briefly with a rising learning rate, and find where the loss
 * falls fastest and where training diverges.
 * Source: Smith, Cyclical Learning Rates for Training Neural Networks (WACV 2017), section 3.3. */
#ifndef CVY_STUDY_RATE_TEST_H
#define CVY_STUDY_RATE_TEST_H

#include "base/settings.h"
#include "convoy/dataset.h"
#include "convoy/model.h"
#include "statistics/statistics.h"

/* The request. Texts and lists must outlive the test. */
typedef struct {
    const char *model, *loss, *normalize, *class_weight;
    cvy_text_list optimizers;    /* SPEC or NAME=SPEC; at least one */
    cvy_text_list augmentations; /* specs */
    double low, high;         /* learning rates of the first and the last update, 0 < low < high */
    size_t steps;             /* updates per run, at least 20 */
    size_t batch_size, limit; /* as in cvy_train_settings */
    size_t seed_count, threads;
    uint64_t seed;       /* the first seed */
    const char *command; /* the command line that asked for it; NULL: unknown */
} cvy_rate_request;

enum { CVY_RATE_STEPS_MIN = 20, CVY_RATE_STEPS_MAX = 1000000, CVY_RATE_LABEL_BYTES = 96 };

/* One run: an optimizer with one seed. */
typedef struct {
    uint64_t seed;
    size_t count;      /* updates before the run diverged or ended */
    bool has_memory;   /* of earlier gradients: momentum or moving averages */
    bool has_diverged; /* before the last update: loss not finite, or above 4 times its lowest */
    double start;      /* loss of the first batch, before any update */
    double *losses;    /* [steps] loss of the batch after the update; NaN from count on */
    double *smooth;    /* [steps] the same losses, smoothed */
    /* Learning rates; NaN: none. */
    double steepest;    /* where the smoothed loss falls fastest in the logarithm of the rate */
    double least;       /* where it is lowest */
    double diverged_at; /* where the run ended, if it diverged */
    double
        suggested; /* least where the optimizer has no memory, else the geometric mean of steepest
                         and least */
} cvy_rate_run;

/* An optimizer with all seeds. */
typedef struct {
    char label[CVY_RATE_LABEL_BYTES];
    char *optimizer; /* spec with every setting filled in */
    double own_rate; /* its default, or the value in its spec */
    size_t run_count;
    cvy_rate_run *runs;
    /* Medians over the seeds; NaN unless more than half of the runs have a value. */
    double steepest, least, diverged_at, suggested;
    double suggested_low, suggested_high; /* smallest and largest over the seeds */
} cvy_rate_sweep;

typedef struct {
    cvy_rate_request request;
    char *model_name, *data_name;
    size_t train_count, batch_size; /* images; images per update in use */
    double *rates;                  /* [steps] learning rate of each update */
    size_t sweep_count;
    cvy_rate_sweep *sweeps;
    size_t runs_done, runs_wanted; /* differ if the test was stopped */
    double seconds;
} cvy_rate_test;

/* Called between updates, about ten times per second; return false to stop. done, total: updates of
 * all runs */
typedef bool cvy_rate_function(void *context, const cvy_rate_sweep *sweep, size_t done,
                               size_t total);

/**
 * Read and check the request, and allocate the results.
 * test  released with cvy_rate_test_release(), also after a failure
 * Returns CVY_ERR_SETTING, CVY_ERR_MEMORY.
 */
cvy_status cvy_rate_test_plan(const cvy_rate_request *request, cvy_rate_test *test);

/** Do all runs. function may be NULL. Returns the error of a failed training, or CVY_ERR_STOPPED:
 *  then the test keeps the runs that were finished, and only the optimizers that have one. */
cvy_status cvy_rate_test_run(cvy_rate_test *test, const cvy_dataset *data,
                             cvy_rate_function *function, void *context);

/** Evaluate the losses of a run: `smooth` and the rates are written. Returns CVY_ERR_MEMORY. */
cvy_status cvy_rate_run_read(const double *rates, size_t steps, cvy_rate_run *run);

/** Explain in a sentence or two why a rate was suggested, or none. Returns text. */
const char *cvy_rate_reason(const cvy_rate_test *test, const cvy_rate_sweep *sweep, char *text,
                            size_t size);

/** Quartiles of the smoothed loss at an update over the runs that have not diverged; NaN if there
 *  are none. values: scratch, [run_count]. */
cvy_quartiles cvy_rate_sweep_at(const cvy_rate_sweep *sweep, size_t step, double *values);

void cvy_rate_test_release(cvy_rate_test *test);

#endif
