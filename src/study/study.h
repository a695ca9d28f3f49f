/* A study: one model trained from the same starts by several configurations (an optimizer and its
 * learning rate) over several seeds. What it was asked for, and what came of it; the numbers here
 * are raw, statistics are the report's.
 *
 * Configurations come in this order: those that are compared, then, where there was tuning, the same
 * ones with nothing tuned, then the trials of the tuning. Runs come in the order of the configurations,
 * and of one configuration in the order of the seeds, whatever order they were done in. */
#ifndef CVY_STUDY_STUDY_H
#define CVY_STUDY_STUDY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/settings.h"
#include "convoy/comm.h"
#include "convoy/dataset.h"
#include "statistics/repeats.h"
#include "study/inside.h"

/* What is measured at every evaluation. The first two are better when lower. */
typedef enum {
    CVY_METRIC_LOSS,
    CVY_METRIC_VAL_LOSS,
    CVY_METRIC_ACCURACY,
    CVY_METRIC_VAL_ACCURACY,
    CVY_METRIC_COUNT
} cvy_metric;

/** "loss", "val_loss", "accuracy", "val_accuracy". */
extern const char *const cvy_metric_names[CVY_METRIC_COUNT];

/* One evaluation: after every so many updates of an epoch, and at its end. */
typedef struct {
    size_t step;                     /* updates done */
    double epoch;                    /* epochs done, parts of one counted */
    double train_seconds;            /* of training up to here, without evaluations */
    double learning_rate;            /* of the last update */
    double metric[CVY_METRIC_COUNT]; /* loss and accuracy: means over the images since the last
                                        evaluation of the epoch, as they were trained on; val_...:
                                        NaN without validation images */
} cvy_point;

typedef enum {
    CVY_RUN_WAITING, /* not done (only while a study goes on) */
    CVY_RUN_FINISHED,
    CVY_RUN_DIVERGED, /* loss or weights were not finite, or the loss exploded and the run ended no
                         better than guessing: no test, no digest, and points up to there */
} cvy_run_state;

typedef struct {
    size_t configuration; /* its place in the study's list */
    uint64_t seed; /* of weights, order of images and dropout: the same for all configurations */
    cvy_run_state state;
    size_t point_count;
    cvy_point *points;
    bool
        has_test; /* finished runs of a configuration that is not a trial, if there are test images */
    double test_loss, test_accuracy;
    size_t steps;         /* updates done; of a diverged run up to there */
    double train_seconds; /* without evaluation */
    double seconds;       /* with evaluation and test */
    double
        load; /* share of the processors' time that others took meanwhile, or since the last run that has it; NaN:
                    unknown, as in a run of milliseconds */
    char weights_sha256[CVY_DIGEST_TEXT_BYTES]; /* empty when diverged */
    char kernels[32], instructions[32];
    char why[256];      /* diverged: the sentence that says so; else empty */
    cvy_inside *inside; /* NULL: not recorded */
} cvy_study_run;

typedef enum {
    CVY_ROLE_COMPARED, /* ranked; over all seeds */
    CVY_ROLE_UNTUNED,  /* a compared one at its defaults, beside it; over all seeds */
    CVY_ROLE_TRIAL,    /* a value tried in tuning; on the tuning seed, validation only */
} cvy_role;

enum { CVY_TUNED_KEYS_MAX = 12 };

/* What an update costs, measured in rounds of its own: in each of them every configuration trains a little,
 * in an order that is drawn anew, so that whatever drifts on the machine meets all of them. */
typedef struct {
    size_t steps;        /* updates of a round */
    cvy_repeats seconds; /* of an update, over the rounds */
    cvy_repeats
        ratio; /* to plain SGD's with the same batch size in the same round; NaN without it */
} cvy_cost;

/* An optimizer with a learning rate. */
typedef struct {
    char *label;         /* short and unique: "sgd momentum=0.9" */
    char *optimizer;     /* spec with every setting filled in */
    char *learning_rate; /* schedule's spec with every setting filled in */
    cvy_role role;
    size_t base; /* untuned, trial: the compared configuration it belongs to; compared: itself */
    double tuned_values[CVY_TUNED_KEYS_MAX]; /* trial: what is tried; compared: what was chosen; NaN
                                                for keys that it has not, and without tuning */
    bool is_on_edge[CVY_TUNED_KEYS_MAX];     /* compared: the least or the largest that was tried */
    bool is_tuned; /* compared: it has taken over the best of its trials; else tuned_values are NaN
                           and it runs as asked for */
    size_t state_floats; /* optimizer state a trained weight has, in floats: sgd 0, adam 2 */
    size_t state_bytes;  /* for all weights of the model */
    size_t batch_size, steps_per_epoch,
        evaluate_every;          /* unless --grid varies them, those of the setup; 0: likewise */
    size_t first_run, run_count; /* its runs are runs[first_run] ... */
} cvy_configuration;

/* --target. A loss is reached at or below the value, an accuracy at or above. */
typedef struct {
    cvy_metric metric;
    double value; /* NaN: auto, and no run finished */
    bool
        is_auto; /* value: median (of an even number the lower one) over the seeds of the best val_accuracy (without validation
                       images accuracy) in each run, of the compared configuration where it is best */
} cvy_target;

/* --tune [NAME:]KEY=LOW..HIGH:COUNT, one for each key; with NAME only for that optimizer or configuration. A configuration is tried with every combination of the
 * values of those keys that it has; off the grid with so many points that are drawn for all keys at
 * once. */
typedef struct {
    char scope[CVY_NAME_BYTES]; /* empty: for all */
    char name[CVY_NAME_BYTES];
    double low, high;
    size_t count;
} cvy_tuned_key;

typedef struct {
    size_t key_count; /* 0: no tuning */
    cvy_tuned_key keys[CVY_TUNED_KEYS_MAX];
    bool is_random; /* Halton's places on a logarithmic scale, not a logarithmic grid */
    uint64_t seed;
} cvy_tuning;

/* The setup. */
typedef struct {
    char *model, *data, *loss; /* as asked for: lenet5, digits */
    char *model_name, *data_name;
    size_t parameter_count, trained_count;
    char data_sha256[CVY_DIGEST_TEXT_BYTES];
    size_t train_count, validation_count, test_count, class_count; /* images as used, classes */
    size_t limit;                                                  /* --limit; 0: all */
    double validation_split;
    bool has_validation_part; /* of the data set: validation_split was applied when it was opened */
    size_t batch_size, steps_per_epoch, epochs;
    size_t evaluate_every;   /* updates, counted anew in each epoch; at most steps_per_epoch */
    size_t jobs, threads;    /* trainings side by side; threads of each */
    char *version, *machine; /* "0.1.0"; the processor */
    size_t core_count;
    char *kernels, *instructions; /* "openblas", "avx2": NULL before any run */
    char *command;                /* the command line that does it again */
    char *common; /* settings that names leave out, since all of a kind have them; may be empty */
} cvy_setup;

/* Which differences are tested, settled before any run: all pairs, or those with a baseline, or one pair. */
typedef enum { CVY_TESTS_ALL, CVY_TESTS_BASELINE, CVY_TESTS_PAIR } cvy_tests;

typedef struct {
    cvy_tests tests;
    size_t first, second; /* the baseline is the first */
    double margin;        /* of equivalence, in the metric's units; 0: not tested */
} cvy_hypotheses;

typedef struct cvy_surface cvy_surface;   /* surface.h */
typedef struct cvy_protocol cvy_protocol; /* protocol.h */

typedef struct {
    cvy_setup setup;
    cvy_tuning tuning;
    size_t configuration_count, compared_count, seed_count, target_count, run_count;
    cvy_configuration *configurations; /* the first compared_count of them are compared */
    uint64_t *seeds;
    cvy_target *targets;
    cvy_study_run *runs;
    cvy_cost *costs; /* [compared_count]; NULL: not measured */
    size_t cost_repeats;
    double cost_load; /* as in a run, while costs were measured */
    cvy_hypotheses hypotheses;
    const cvy_protocol *protocol; /* --protocol; NULL: none */
    bool is_about_schedules;      /* --schedules */
    bool is_recorded;             /* what happens inside of runs that are no trials */
    cvy_comm *comm;               /* ranks that share the runs out; NULL: this process alone */
    bool wants_surface;           /* --surface */
    cvy_surface *surface;         /* NULL: none */
    double seconds;               /* the whole study took, in the last call */
} cvy_study;

/** How many evaluations, and how many updates, a whole run of a configuration has. */
size_t cvy_study_evaluations(const cvy_setup *setup, const cvy_configuration *configuration);
size_t cvy_study_steps(const cvy_setup *setup, const cvy_configuration *configuration);

/** Updates of all runs. */
size_t cvy_study_all_steps(const cvy_study *study);

/** Whether --grid varies the batch size. */
bool cvy_study_varies_batches(const cvy_study *study);

/** Whether more of the metric is better. */
bool cvy_metric_rises(cvy_metric metric);

/** The run of a configuration with the seed number `seed` (0 ..), or NULL if it has none. */
const cvy_study_run *cvy_study_run_at(const cvy_study *study, size_t configuration, size_t seed);

/** How many trials a compared configuration had. */
size_t cvy_study_trials(const cvy_study *study, size_t configuration);

/** The first evaluation of the run that reaches the target, or NULL. */
const cvy_point *cvy_study_hit(const cvy_study_run *run, const cvy_target *target);

/** Whether a configuration is SGD without momentum, which costs are compared with. */
bool cvy_study_is_plain_sgd(const cvy_study *study, size_t configuration);

/** Release what a run holds. */
void cvy_study_run_release(cvy_study_run *run);

/** Release everything in it, not the struct itself. */
void cvy_study_release(cvy_study *study);

#endif
