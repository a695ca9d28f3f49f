/* Training and evaluating a model.
 *
 * Structs that a caller fills in begin with their size, struct_bytes, which their init macro sets.
 * The library reads as many bytes as the caller's header had and uses the defaults for members that
 * were appended since, so a program keeps working with a newer shared library. Structs that the
 * library returns are allocated by it, and lists in them are lists of pointers, so that they can
 * grow too: use them in place; do not copy them or take their sizeof.
 *
 * Threads: one thread at a time may train a model; several may evaluate it or predict with it while
 * nobody trains it. Different models, and one data set, may be used by any threads at the same
 * time.
 *
 * fork(): after a call with more than one worker, the OpenMP runtime of gcc (libgomp) keeps its
 * threads for the next call. A child process made by fork() does not have these threads, so a call
 * with several workers hangs in it for ever. Fork before the first such call, call exec() in the
 * child, or use one worker in both. */
#ifndef CONVOY_TRAIN_H
#define CONVOY_TRAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "convoy/comm.h"
#include "convoy/dataset.h"
#include "convoy/model.h"
#include "convoy/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { CVY_METRICS_MAX = 8, CVY_METRIC_TEXT_BYTES = 64 };

/* The value of one requested metric, by Keras's name. */
typedef struct {
    char name[CVY_METRIC_TEXT_BYTES];
    double value, val_value; /* of training, and of validation */
} cvy_metric_value;

/* The result of one epoch. Training values are means over the epoch's samples, each batch evaluated
 * before its own update, as Keras reports them. */
typedef struct {
    size_t epoch;          /* from 1 */
    size_t steps;          /* updates in this epoch */
    double learning_rate;  /* of the epoch's last update */
    double loss, accuracy; /* accuracy is NaN for a model with a single output */
    bool has_validation;
    double val_loss, val_accuracy;
    double seconds;           /* of training, without validation */
    double images_per_second; /* training images in those seconds */
    size_t metric_count;
    cvy_metric_value metrics[CVY_METRICS_MAX]; /* of cvy_train_settings.metrics */
} cvy_epoch;

/* Progress of a running training: passed to on_progress after a step, at most ten times a second,
 * after each evaluation inside an epoch, and after each epoch. */
typedef struct {
    bool is_epoch_end;
    size_t epoch, epoch_count;      /* the current one, from 1; the total */
    size_t step, steps_per_epoch;   /* done and in all, in this epoch */
    size_t steps_done, steps_total; /* over all epochs */
    double seconds;                 /* since training began */
    double images_per_second;       /* in this epoch so far */
    double loss, accuracy;          /* running means of this epoch */
    const cvy_epoch *finished;      /* the epoch's result when is_epoch_end, else NULL */
    const cvy_epoch *evaluated; /* after an evaluation, including the one at the epoch's end: the
                                   epoch's result so far, except that loss and accuracy are means
                                   since the last evaluation; else NULL */
} cvy_progress;

/* Something that a callback did. */
typedef struct {
    size_t epoch;         /* of the event, from 1 */
    const char *callback; /* "early_stopping" */
    const char *event;    /* "stopped", "restored", "reduced", "saved", "terminated", "missing", or
                             "failed": a file could not be written, and training went on */
    size_t best_epoch;    /* stopped, restored, reduced: that of the best value; saved: that of the
                             last file */
    double value;         /* reduced: the new learning rate; else the best value, or NaN */
    char text[256];       /* a sentence for the user */
} cvy_event;

/* What the caller's own callback sees of a running training and may change. No worker runs
 * meanwhile: the model may be evaluated, saved or asked for its weights, but not changed. */
typedef struct {
    const cvy_progress *progress;
    const cvy_epoch *epoch; /* on_epoch: the finished epoch with its validation; on_step: NULL */
    double learning_rate;   /* of the next update; may be changed unless it follows a schedule */
    bool has_schedule;
    bool is_stopping; /* set it to end training; already set if an earlier callback ended it */
} cvy_moment;

/* One trained weight tensor in the blocks of a cvy_update_view. */
typedef struct {
    const char *name;     /* as in cvy_weight_info */
    size_t offset, count; /* floats of each block */
} cvy_block_part;

/* What training keeps in memory between two updates. All blocks have the layout that parts
 * describe; ignore floats that belong to no part. Allocated by the library; read-only, and valid
 * only until on_update returns. */
typedef struct {
    size_t step;          /* batches trained on so far, over all epochs; 0: none yet */
    size_t samples;       /* trained on since the last call, within this epoch */
    double loss;          /* their mean; NaN if there are none */
    double learning_rate; /* of the last update */
    const float *weights; /* the current ones */
    /* Of the last batch, as the optimizer used them: unscaled, averaged over accumulated batches,
     * clipped. NULL before the first batch, and for optimizers that work on whole tensors and use
     * this memory themselves (lamb, muon). */
    const float *gradients;
    /* Optimizer state in the shape of the weights: [slot_count] names, such as "momentum", and
     * blocks. */
    size_t slot_count;
    const char *const *slot_names;
    const float *const *slots;
    size_t part_count;
    const cvy_block_part *const *parts;
} cvy_update_view;

/* Thread pinning. */
typedef enum {
    CVY_BIND_NONE,    /* none: OpenMP and the operating system decide */
    CVY_BIND_CORES,   /* one core per worker, as far as there are enough */
    CVY_BIND_SOCKETS, /* one socket per worker, in turns */
} cvy_bind;

/* What training does when a loss, gradient or weight is not finite (NaN or infinite). */
typedef enum {
    CVY_ON_NAN_STOP,   /* end with CVY_ERR_DIVERGED before the weights change */
    CVY_ON_NAN_SKIP,   /* keep the weights, count the step, and continue with the next one */
    CVY_ON_NAN_IGNORE, /* continue, as Keras does */
} cvy_on_nan;

/* What a worker is doing at any moment of a step. */
typedef enum {
    CVY_PHASE_DATA,     /* choosing, gathering and normalizing images */
    CVY_PHASE_FORWARD,  /* with the loss */
    CVY_PHASE_BACKWARD, /* with the gradients of each lane */
    CVY_PHASE_REDUCE,   /* sums over lanes; the gradient of a dense layer, a GEMM over the batch */
    CVY_PHASE_UPDATE,   /* the optimizer */
    CVY_PHASE_WAIT,     /* for the other workers */
    CVY_PHASE_COUNT,
} cvy_phase;

enum { CVY_WORKERS_MAX = 1024 };

/* How the time of a run was spent. The phases of a worker add up to its whole time. A worker waits
 * exactly as long as the last one is later than itself; therefore the mean waiting time is the mean
 * over the steps of (longest - mean) of the work before each barrier, plus the cost of the
 * barrier. */
typedef struct {
    size_t warm_up;       /* updates at the beginning that are left out of everything below */
    size_t steps, images; /* measured ones */
    double seconds; /* of wall time, from the end of the warm-up to the end of the last step */
    double phases[CVY_PHASE_COUNT]; /* seconds, mean over the workers */
    double bytes;                   /* moved by a step at least, if nothing stays in a cache */
    size_t workers;                 /* granted by the system, at most CVY_WORKERS_MAX */
    int first_cpu[CVY_WORKERS_MAX]; /* of each worker when measuring began; -1: unknown */
    int last_cpu[CVY_WORKERS_MAX];  /* when measuring ended */
    const double *step_seconds;     /* [steps] wall time of each update, in order; NULL in a resumed
                                       run, and before the first update */
    /* with several ranks (convoy/comm.h), all 0 with one */
    size_t exchanges;        /* messages in which all ranks took part */
    double exchange_bytes;   /* received by this rank */
    double exchange_seconds; /* spent in them, including the wait for other ranks; part of phase
                                reduce too */
    size_t sum_ranks;        /* ranks that share the sums of the gradients; 1: each computes all */
    double lane_bytes;       /* exchanged per lane of 16 images, without the next two */
    double input_bytes, output_gradient_bytes; /* of the dense layers, per lane */
    double subtree_bytes;  /* gradients of the other layers, summed over lanes */
    double gradient_bytes; /* gradients of all layers */
} cvy_train_times;

/* Where a run resumes: passed to on_resume before the first step. Valid during the call only. */
typedef struct {
    const char *checkpoint;         /* the file; NULL: there was none, and the run starts afresh */
    size_t steps;                   /* updates already done */
    size_t epoch_count;             /* epochs already finished ... */
    const cvy_epoch *const *epochs; /* ... and their results */
    size_t epoch_steps;             /* updates done in the next epoch */
    size_t skipped_count;           /* newer checkpoints that could not be used ... */
    const char *const *skipped;     /* ... and why, a sentence each */
} cvy_resumption;

/* The precision in which gradients are passed on; see cvy_train_settings.wire. */
typedef enum { CVY_WIRE_FP32, CVY_WIRE_BF16 } cvy_wire;

/* How to train. Begin with cvy_train_settings_init() or cvy_train_defaults(). Texts are read only
 * during the call. */
typedef struct {
    size_t struct_bytes;       /* set by cvy_train_settings_init() */
    const char *optimizer;     /* spec: "adam", "sgd:momentum=0.9,nesterov=true" */
    const char *learning_rate; /* number or schedule spec; NULL: the optimizer's own */
    const char *loss;          /* spec: "mean_squared_error", ...; NULL: cvy_model_loss_spec() */
    const char *class_weight;  /* weights of samples in loss and gradient, by class name or number:
                                  "7=2.5,cat=0.5", 1 for the others; "balanced": images / (classes *
                                  images of the class); NULL: all 1 */
    const char *const *callbacks; /* [callback_count] specs: "early_stopping:patience=3" */
    size_t callback_count;        /* at most 1,000 */
    size_t epochs;                /* 1 to 1,000,000 */
    size_t batch_size;            /* samples per update; 0, or more than the data have: all */
    size_t steps;                 /* stop after so many updates; 0: no such limit */
    size_t limit;                 /* use only the first so many training images; 0: all */
    double validation_split;      /* fraction of the training images, taken from the end, used
                                     for validation; in [0, 1) */
    size_t evaluate_every; /* also validate inside an epoch, after every so many updates; 0: only
                              at its end. Does not change the weights */
    size_t threads;        /* workers, 1 to CVY_WORKERS_MAX, and at most what the GEMM backend
                              supports; results do not depend on it */
    uint64_t seed;         /* of weights, shuffling and dropout */
    bool keep_weights;     /* continue from the model's weights instead of drawing new ones */
    cvy_bind bind;         /* thread pinning */
    bool measure_times;    /* fill in cvy_history.times */
    size_t warm_up;        /* with measure_times: updates before measuring begins */

    /* Called by one worker while others may be computing; returns false to stop after the current
     * step. May be NULL. */
    bool (*on_progress)(void *context, const cvy_progress *progress);
    /* Called after an epoch, and at the end of training, once for each thing that a callback did.
     * May be NULL. */
    void (*on_event)(void *context, const cvy_event *event);
    /* The caller's own callbacks, between steps: on_epoch after the validation of an epoch and the
     * callbacks above, on_step after every step_every updates of an epoch. May be NULL. */
    void (*on_epoch)(void *context, cvy_moment *moment);
    void (*on_step)(void *context, cvy_moment *moment);
    size_t step_every;
    void *context;

    const char *const *augmentations; /* [augmentation_count] specs, applied in this order to every
                                         training image, with new random numbers each epoch:
                                         "random_rotation:factor=0.05" */
    size_t augmentation_count;        /* at most 16 */
    const char *normalize; /* how pixels are normalized: "standard" (mean 0 and deviation 1 over
                              the training images), "unit" (divided by 255), "none"; NULL:
                              "standard" */
    const char *metrics;   /* "top_k_categorical_accuracy:k=3,auc" besides loss and accuracy, which
                              are always reported; NULL: no others */

    /* Observes updates: called before the first batch, and then after as many further batches as it
     * returned; 0: never again. Training gives the same bits with and without it. May be NULL. */
    size_t (*on_update)(void *context, const cvy_update_view *view);

    /* Checkpoints: files from which an interrupted run resumes to the same bits, on any number of
     * threads. A library thread writes them while training continues. Only one run at a time may
     * use a folder. They do not contain state of the caller's on_step and on_epoch. */
    const char *checkpoint_folder; /* created if missing; NULL: no checkpoints */
    size_t checkpoint_steps;       /* write one every so many updates; 0: not by updates */
    double checkpoint_seconds;     /* write one every so many seconds; 0: not by time. Both 0:
                                      every 10 seconds */
    size_t checkpoint_keep;        /* number of newest ones to keep, besides the best; 0: 3 */
    bool resume;               /* continue from the newest valid checkpoint of the folder, or start
                                  afresh if there is none. If false, a folder with checkpoints is
                                  refused. epochs and steps may be larger than before, to extend a
                                  finished run */
    bool resume_anyway;        /* resume even if other settings or the data have changed */
    const char *configuration; /* JSON object stored in model and checkpoints; NULL: none */

    /* Called by any worker after each step and while images are evaluated, so it must be quick;
     * returns true to stop. An epoch that is stopped midway is not validated. May be NULL. */
    bool (*stop_requested)(void *context);
    /* With resume: called once, before the first step. May be NULL. */
    void (*on_resume)(void *context, const cvy_resumption *resumption);
    cvy_on_nan on_nan;

    /* Several processes train together (convoy/comm.h): all of them make the same call with the
     * same settings, except for threads and functions. Only rank 0 writes files: checkpoints and
     * those of callbacks. NULL: this process alone. */
    cvy_comm *comm;
    /* What each lane of 16 samples contributes to the gradients is rounded to this precision before
     * it is summed, even with one process. With bf16, ranks send about half as much; the trained
     * bits are the same for any number of ranks, but differ from those of fp32. */
    cvy_wire wire;
    /* Each rank sums the gradients of its own samples, and MPI_Allreduce sums those of the ranks,
     * in an order of its own: the trained bits depend on the number of ranks and may depend on the
     * machine. Not with bf16. */
    bool fast_reduce;
} cvy_train_settings;

/** Defaults: adam at its own learning rate, the model's loss, 5 epochs of batches of 64, one
 *  thread, seed 0. */
#define cvy_train_settings_init(settings)                                                          \
    cvy_train_settings_init_sized((settings), sizeof *(settings))
CVY_API void cvy_train_settings_init_sized(cvy_train_settings *settings, size_t struct_bytes);

/** The same settings as a value. */
static inline cvy_train_settings cvy_train_defaults(void)
{
    cvy_train_settings settings;
    cvy_train_settings_init(&settings);
    return settings;
}

/* What a training run would do; see cvy_train_check(). Allocated by the library. */
typedef struct {
    const char *optimizer;     /* specs with every setting filled in ... */
    const char *learning_rate; /* ... "constant:learning_rate=0.001,..." for a number ... */
    const char *loss;          /* ... or NULL if it depends on a model that was not given */
    bool has_schedule;         /* the learning rate is not constant */
    const char *gemm, *isa;    /* kernels that this process computes with: cvy_kernels_selected() */
    /* The rest is 0 if no data were given. */
    size_t train_count, validation_count; /* images */
    size_t batch_size, steps_per_epoch;
    size_t steps; /* total number of updates, unless a callback ends training earlier */
    /* Settings that are allowed but probably a mistake, one sentence each. */
    const char *const *warnings;
    size_t warning_count;
} cvy_train_plan;

/**
 * Make every check that cvy_train() makes before it begins, without changing a model or a file.
 * model     NULL: skip checks that depend on the model
 * data      NULL: skip checks that depend on the data
 * settings  on_progress and the other functions are not called
 * plan      NULL, or written on CVY_OK: what training would do; cvy_train_plan_destroy() it
 * Returns what cvy_train() would return for the same arguments before its first step, except
 * CVY_ERR_OPEN and CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_train_check(const cvy_model *model, const cvy_dataset *data,
                                   const cvy_train_settings *settings, cvy_train_plan **plan);

/** Release a plan. NULL is allowed. */
CVY_API void cvy_train_plan_destroy(cvy_train_plan *plan);

/**
 * Evaluate a learning rate schedule.
 * spec             a number or a schedule spec, as in cvy_train_settings
 * steps_per_epoch  at least 1, for schedules that count epochs
 * steps_total      at least 1: total number of updates, for schedules that span the whole run
 * first, count     the updates first .. first + count - 1, counted from 0
 * rates            [count] learning rates; not finite only if the schedule overflows a double
 * Returns CVY_OK, CVY_ERR_SETTING, CVY_ERR_MEMORY; rates are written on CVY_OK only.
 */
CVY_API cvy_status cvy_learning_rates(const char *spec, size_t steps_per_epoch, size_t steps_total,
                                      size_t first, size_t count, double *rates);

/* The result of a training run. Allocated by the library. */
typedef struct {
    size_t epoch_count; /* finished, or begun if training was stopped */
    const cvy_epoch *const *epochs;
    size_t steps;
    size_t train_count, validation_count; /* images */
    size_t batch_size;
    double train_seconds;      /* all epochs, without validation */
    const char *optimizer;     /* specs with every setting filled in */
    const char *learning_rate; /* a schedule, with every setting filled in */
    const char *loss;   /* as saved with the model: without settings that equal their default */
    const char *gemm;   /* GEMM that ran: "avx512", "openblas", ... */
    const char *isa;    /* instruction set of all other kernels: "avx2", ... */
    bool is_stopped;    /* on_progress, on_step or on_epoch ended the run */
    size_t event_count; /* what callbacks did, in order */
    const cvy_event *const *events;
    const cvy_train_times *times;   /* NULL unless settings.measure_times */
    size_t resumed_steps;           /* updates done before a run was resumed */
    const char *checkpoint;         /* the newest one that this run wrote, or NULL */
    const char *checkpoint_problem; /* why the last attempt is not safely on disk, or NULL */
    bool has_diverged;    /* something was not finite: CVY_ERR_DIVERGED or terminate_on_nan */
    size_t good_steps;    /* then: the number of updates that made the model's weights, the last
                             kept weights with a finite loss */
    size_t skipped_steps; /* updates that CVY_ON_NAN_SKIP skipped; `steps` counts them too */
} cvy_history;

/**
 * Train a model on the training split of a data set.
 * The weights are drawn from the seed (see keep_weights). The model takes over the data's class
 * names; its preprocessing follows from the mean and standard deviation of the training images. The
 * same seed, data and settings give the same bits on any number of threads.
 * history  NULL, or written on CVY_OK, and on CVY_ERR_DIVERGED with the epochs so far;
 *          cvy_history_destroy() it
 * Everything is checked and allocated before anything is changed: a call that is refused leaves the
 * model as it was. The model changes when the first step begins.
 * Callbacks are Keras's and run in Keras's order: after the validation of each epoch, before
 * on_epoch and on_progress. Training loss and accuracy are as Keras reports them: the loss weighted
 * by class and divided by the number of samples, the accuracy unweighted; validation ignores class
 * weights. With a checkpoint folder, a run that is stopped inside an epoch ends there after a last
 * checkpoint, without validation and callbacks of that epoch. A checkpoint that cannot be written
 * does not end training: see cvy_history.checkpoint_problem.
 * Returns CVY_OK (also when a function of the settings or a callback stopped it), CVY_ERR_SETTING
 * (also for a setting that differs from the checkpoint's, which it names), CVY_ERR_FORMAT (the
 * folder has no valid checkpoint), CVY_ERR_SHAPE (images or classes do not fit the model),
 * CVY_ERR_DATA (no training images), CVY_ERR_MEMORY, CVY_ERR_DIVERGED (see cvy_on_nan; the sentence
 * says what is not finite, where and when, and the model has the last good weights:
 * history.good_steps), CVY_ERR_OPEN (a callback cannot open its file when training begins). A file
 * that cannot be written later does not end training: see the event "failed".
 */
CVY_API cvy_status cvy_train(cvy_model *model, const cvy_dataset *data,
                             const cvy_train_settings *settings, cvy_history **history);

/** Release a history. NULL is allowed. */
CVY_API void cvy_history_destroy(cvy_history *history);

/* The scores of one class, from the confusion matrix; 0 for a quotient of 0 / 0. */
typedef struct {
    double precision, recall, f1;
    size_t support; /* images of the class */
} cvy_class_score;

/* The result of an evaluation. Allocated by the library. */
typedef struct {
    size_t image_count, class_count;
    double loss;
    double accuracy; /* NaN for a model with a single output, which predicts the label's value */
    double top_k;    /* fraction with the true class among the k best; NaN for a single output */
    double mae, mse, rmse;   /* outputs against one-hot targets, or against the label's value */
    const size_t *confusion; /* [true class][predicted class], or NULL with a single output */
    const cvy_class_score *const *classes; /* [class_count], or NULL with a single output */
    double seconds;                        /* of the pass over the images */
    size_t nan_count; /* images with a NaN output: counted as wrong, in no column of confusion */
    size_t metric_count;
    const cvy_metric_value *metrics; /* [metric_count] the requested ones, in `value`; val_value
                                        is NaN */
} cvy_score;

/**
 * Evaluate a model on a split. The model does not change.
 * k        for top_k, at least 1
 * threads  workers, as in cvy_train_settings; results do not depend on it
 * score    written on CVY_OK; cvy_score_destroy() it
 * Returns CVY_OK, CVY_ERR_SHAPE, CVY_ERR_DATA (no images), CVY_ERR_MEMORY, CVY_ERR_SETTING (k or
 * threads out of range, or a forced kernel that does not run here).
 */
CVY_API cvy_status cvy_evaluate(const cvy_model *model, const cvy_dataset *data, cvy_split split,
                                size_t k, size_t threads, cvy_score **score);

/**
 * As cvy_evaluate(), but can be stopped.
 * stop_requested  called by any worker before each 16 images; returns true to stop. May be NULL
 * Returns what cvy_evaluate() returns, and CVY_ERR_STOPPED.
 */
CVY_API cvy_status cvy_evaluate_until(const cvy_model *model, const cvy_dataset *data,
                                      cvy_split split, size_t k, size_t threads,
                                      bool (*stop_requested)(void *context), void *context,
                                      cvy_score **score);

/** As cvy_evaluate(), with the work divided among ranks (convoy/comm.h): all make the same call and
 *  get the same score. Also returns CVY_ERR_READ. */
CVY_API cvy_status cvy_evaluate_together(cvy_comm *comm, const cvy_model *model,
                                         const cvy_dataset *data, cvy_split split, size_t k,
                                         size_t threads, cvy_score **score);

/**
 * Check that all ranks have the same weights and the same data: sizes, class names, all labels, and up
 * to 256 images of each part. cvy_train() checks this itself. All ranks make the same call, and get
 * the same status.
 * comm   NULL: one process, returns CVY_OK
 * model  NULL: not compared
 * Returns CVY_OK, CVY_ERR_DATA (the message names a rank that differs from rank 0), CVY_ERR_READ,
 * CVY_ERR_MEMORY, CVY_ERR_SETTING (no data).
 */
CVY_API cvy_status cvy_comm_check_alike(cvy_comm *comm, const cvy_model *model,
                                        const cvy_dataset *data);

/* How to evaluate. Always set up by cvy_evaluate_options_init(), so that a program built against an
 * older header, whose struct is shorter, still works. Texts are read only during the call. */
typedef struct {
    size_t struct_bytes;
    cvy_split split;
    size_t k;            /* for top_k, at least 1 */
    size_t threads;      /* workers, as in cvy_train_settings; results do not depend on it */
    const char *metrics; /* as in cvy_train_settings, or NULL */
    cvy_comm *comm;      /* ranks that share the work, or NULL: see cvy_evaluate_together() */
    bool (*stop_requested)(
        void *context); /* as for cvy_evaluate_until(); not called with several ranks */
    void *context;
} cvy_evaluate_options;

/** Defaults: the test images, k = 1, one thread, no metrics. */
#define cvy_evaluate_options_init(options)                                                         \
    cvy_evaluate_options_init_sized((options), sizeof *(options))
CVY_API void cvy_evaluate_options_init_sized(cvy_evaluate_options *options, size_t struct_bytes);

/** Evaluate a model with options; combines the functions above. Errors as theirs, and
 *  CVY_ERR_SETTING for a metric that does not exist or does not fit the model's outputs. */
CVY_API cvy_status cvy_evaluate_with(const cvy_model *model, const cvy_dataset *data,
                                     const cvy_evaluate_options *options, cvy_score **score);

/** Release a score. NULL is allowed. */
CVY_API void cvy_score_destroy(cvy_score *score);

#ifdef __cplusplus
}
#endif

#endif
