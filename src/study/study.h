/* A study: one model trained from the same initial weights by several configurations (an optimizer
 * and its learning rate) over several seeds. This holds its request and raw results; the report
 * computes statistics.
 *
 * Order of configurations: those compared, then, with tuning, the same ones untuned, then the
 * trials. Runs are ordered by configuration, then by seed, whatever order they were done in. */
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

/* The metrics of an evaluation. For the first two lower is better. */
typedef enum {
    CVY_METRIC_LOSS,
    CVY_METRIC_VAL_LOSS,
    CVY_METRIC_ACCURACY,
    CVY_METRIC_VAL_ACCURACY,
    CVY_METRIC_COUNT
} cvy_metric;

/** "loss", "val_loss", "accuracy", "val_accuracy". */
extern const char *const cvy_metric_names[CVY_METRIC_COUNT];

/* One evaluation, made every evaluate_every updates of an epoch and at its end. */
typedef struct {
    size_t step;          /* updates done */
    double epoch;         /* epochs done, including fractions */
    double train_seconds; /* training time so far, without evaluations */
    double learning_rate; /* of the last update */
    /* loss and accuracy: means over the images trained on since the epoch's last evaluation, as
     * they were during training; val_...: NaN without validation images */
    double metric[CVY_METRIC_COUNT];
} cvy_point;

typedef enum {
    CVY_RUN_WAITING, /* not done (only while a study runs) */
    CVY_RUN_FINISHED,
    CVY_RUN_DIVERGED, /* loss or weights not finite, or the loss exploded and the run ended no
                         better than guessing: no test, no digest, points up to there */
} cvy_run_state;

typedef struct {
    size_t configuration; /* index in the study's list */
    uint64_t seed; /* for weights, image order and dropout; the same for all configurations */
    cvy_run_state state;
    size_t point_count;
    cvy_point *points;
    bool has_test; /* for finished runs that are no trials, if there are test images */
    double test_loss, test_accuracy;
    size_t steps;         /* updates done, for a diverged run up to divergence */
    double train_seconds; /* without evaluation */
    double seconds;       /* with evaluation and test */
    double load; /* share of processor time used by other processes, since the last run that has
                    it; NaN: unknown, as in a run of milliseconds */
    char weights_sha256[CVY_DIGEST_TEXT_BYTES]; /* empty when diverged */
    char kernels[32], instructions[32];
    char why[256];      /* if diverged, the message; else empty */
    cvy_inside *inside; /* NULL: not recorded */
} cvy_study_run;

typedef enum {
    CVY_ROLE_COMPARED, /* ranked; over all seeds */
    CVY_ROLE_UNTUNED,  /* a compared one at its defaults, for reference; over all seeds */
    CVY_ROLE_TRIAL,    /* a value tried in tuning; on the tuning seed, validation only */
} cvy_role;

enum { CVY_TUNED_KEYS_MAX = 12 };

/* The time of an update, measured in separate rounds. In each of them every configuration trains
 * briefly, in random order, so that drifts of the machine affect all of them alike. */
typedef struct {
    size_t steps;        /* updates per round */
    cvy_repeats seconds; /* seconds per update, over the rounds */
    cvy_repeats ratio;   /* relative to plain SGD with the same batch size in the same round; NaN
                            without plain SGD */
} cvy_cost;

/* An optimizer with a learning rate. */
typedef struct {
    char *label;         /* short and unique: "sgd momentum=0.9" */
    char *untuned_label; /* compared and tuned: the label without the tuned values; else NULL */
    char *optimizer;     /* spec with every setting filled in */
    char *learning_rate; /* schedule's spec with every setting filled in */
    cvy_role role;
    size_t base; /* untuned, trial: the compared configuration it belongs to; compared: itself */
    /* trial: values tried; compared: values chosen; NaN for keys it lacks, and without tuning */
    double tuned_values[CVY_TUNED_KEYS_MAX];
    bool is_on_edge[CVY_TUNED_KEYS_MAX]; /* compared: the smallest or largest value tried */
    /* compared: it uses the values of its best trial; else tuned_values are NaN and it runs as
     * requested */
    bool is_tuned;
    size_t state_floats; /* floats of optimizer state per trained weight: sgd 0, adam 2 */
    size_t state_bytes;  /* for all weights of the model */
    size_t batch_size, steps_per_epoch,
        evaluate_every;          /* 0 or not varied by --grid: those of the setup */
    size_t first_run, run_count; /* its runs are runs[first_run] ... */
} cvy_configuration;

/* --target. A loss is reached at or below the value, an accuracy at or above. */
typedef struct {
    cvy_metric metric;
    double value; /* NaN: auto, but no run finished */
    /* The value is computed: take the best val_accuracy (without validation images: accuracy) of
     * each run, then the median over the seeds (of an even number the lower one); the value is the
     * largest of these medians among the compared configurations. */
    bool is_auto;
} cvy_target;

/* --tune [NAME:]KEY=LOW..HIGH:COUNT, one per key; with NAME only for that optimizer or
 * configuration. A configuration is tried with every combination of the values of the keys it has;
 * with quasi-random tuning, COUNT points are drawn jointly for all keys. */
typedef struct {
    char scope[CVY_NAME_BYTES]; /* empty: for all */
    char name[CVY_NAME_BYTES];
    double low, high;
    size_t count;
} cvy_tuned_key;

typedef struct {
    size_t key_count; /* 0: no tuning */
    cvy_tuned_key keys[CVY_TUNED_KEYS_MAX];
    bool is_random; /* Halton points on a logarithmic scale instead of a logarithmic grid */
    uint64_t seed;
} cvy_tuning;

/* The setup. */
typedef struct {
    char *model, *data, *loss; /* as requested: lenet5, digits */
    char *model_name, *data_name;
    size_t parameter_count, trained_count;
    char data_sha256[CVY_DIGEST_TEXT_BYTES];
    size_t train_count, validation_count, test_count, class_count; /* images in use, classes */
    size_t limit;                                                  /* --limit; 0: all */
    double validation_split;
    bool has_validation_part; /* in the data set: validation_split was applied when opening it */
    size_t batch_size, steps_per_epoch, epochs;
    size_t evaluate_every;   /* updates, counted anew in each epoch; at most steps_per_epoch */
    size_t jobs, threads;    /* concurrent trainings; threads of each */
    char *version, *machine; /* "0.1.0"; the processor */
    size_t core_count;
    char *kernels, *instructions; /* "openblas", "avx2": NULL before any run */
    char *command;                /* command line that repeats the study */
    char *common; /* settings omitted from names, since all of a kind share them; may be empty */
} cvy_setup;

/* The differences to be tested, fixed before any run: all pairs, those with a baseline, or one
 * pair. */
typedef enum { CVY_TESTS_ALL, CVY_TESTS_BASELINE, CVY_TESTS_PAIR } cvy_tests;

typedef struct {
    cvy_tests tests;
    size_t first, second; /* the baseline is the first */
    double margin;        /* margin of equivalence, in the metric's units; 0: not tested */
} cvy_hypotheses;

typedef struct cvy_surface cvy_surface;   /* surface.h */
typedef struct cvy_protocol cvy_protocol; /* protocol.h */

typedef struct {
    cvy_setup setup;
    cvy_tuning tuning;
    size_t configuration_count, compared_count, seed_count, target_count, run_count;
    cvy_configuration *configurations; /* the first compared_count are compared */
    uint64_t *seeds;
    cvy_target *targets;
    cvy_study_run *runs;
    cvy_cost *costs; /* [compared_count]; NULL: not measured */
    size_t cost_repeats;
    double cost_load;     /* load while costs were measured, as in a run */
    bool is_cost_stopped; /* costs are not measured because that was stopped */
    cvy_hypotheses hypotheses;
    const cvy_protocol *protocol; /* --protocol; NULL: none */
    bool is_about_schedules;      /* --schedules */
    bool is_recorded;             /* record the internals of runs that are no trials */
    cvy_comm *comm;               /* ranks that share the runs; NULL: this process alone */
    bool wants_surface;           /* --surface */
    cvy_surface *surface;         /* NULL: none */
    double seconds;               /* duration of the study's last call */
} cvy_study;

/** Whether some compared configuration is evaluated more than once in a run, so that there are
 *  curves. */
bool cvy_study_has_curves(const cvy_study *study);

/** The numbers of evaluations and updates in a whole run of a configuration. */
size_t cvy_study_evaluations(const cvy_setup *setup, const cvy_configuration *configuration);
size_t cvy_study_steps(const cvy_setup *setup, const cvy_configuration *configuration);

/** The number of updates of all runs. */
size_t cvy_study_all_steps(const cvy_study *study);

/** Whether --grid varies the batch size. */
bool cvy_study_varies_batches(const cvy_study *study);

/** Whether higher values of the metric are better. */
bool cvy_metric_rises(cvy_metric metric);

/** The run of a configuration with seed number `seed` (0 ..), or NULL. */
const cvy_study_run *cvy_study_run_at(const cvy_study *study, size_t configuration, size_t seed);

/** The number of trials of a compared configuration. */
size_t cvy_study_trials(const cvy_study *study, size_t configuration);

/** The first evaluation of the run that reaches the target, or NULL. */
const cvy_point *cvy_study_hit(const cvy_study_run *run, const cvy_target *target);

/** Whether a configuration is SGD without momentum, the reference of costs. */
bool cvy_study_is_plain_sgd(const cvy_study *study, size_t configuration);

/** Release the memory of a run. */
void cvy_study_run_release(cvy_study_run *run);

/** Release everything in the study except the struct itself. */
void cvy_study_release(cvy_study *study);

#endif
