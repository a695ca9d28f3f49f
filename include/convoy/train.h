/* Teaching a model, and scoring it. */
#ifndef CONVOY_TRAIN_H
#define CONVOY_TRAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "convoy/dataset.h"
#include "convoy/model.h"
#include "convoy/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { CVY_METRICS_MAX = 8, CVY_METRIC_TEXT_BYTES = 64 };

/* One of the metrics that were asked for, by Keras's name. */
typedef struct {
    char name[CVY_METRIC_TEXT_BYTES];
    double value, val_value; /* of training, and of validation */
} cvy_metric_value;

/* What one epoch came to. Values of the training data are means over the epoch's samples, each
 * batch scored before its own update, as Keras reports them. */
typedef struct {
    size_t epoch;          /* from 1 */
    size_t steps;          /* updates in this epoch */
    double learning_rate;  /* of the epoch's last update */
    double loss, accuracy; /* accuracy is NaN for a model with a single output */
    bool has_validation;
    double val_loss, val_accuracy;
    size_t metric_count;
    cvy_metric_value metrics[CVY_METRICS_MAX]; /* of cvy_train_settings.metrics */
    double seconds;                            /* training alone, without validation */
    double images_per_second;                  /* trained on, in those seconds */
} cvy_epoch;

/* What is told while training goes on: after a step, at most ten times a second, behind each
 * evaluation inside an epoch, and after each epoch. */
typedef struct {
    bool is_epoch_end;
    size_t epoch, epoch_count;      /* the running one, from 1; how many there will be */
    size_t step, steps_per_epoch;   /* updates done in this epoch */
    size_t steps_done, steps_total; /* over all epochs */
    double seconds;                 /* since training began */
    double images_per_second;       /* in this epoch so far */
    double loss, accuracy;          /* running means of this epoch */
    const cvy_epoch *finished;      /* the epoch's record when is_epoch_end, else NULL */
    const cvy_epoch *evaluated;     /* behind an evaluation, also that at the epoch's end: the
                                       epoch's record up to here, but for loss and accuracy, which
                                       are means since the last evaluation; else NULL */
} cvy_progress;

/* Something that a callback did. */
typedef struct {
    size_t epoch;         /* in which, from 1 */
    const char *callback; /* "early_stopping" */
    const char *event;    /* "stopped", "restored", "reduced", "saved", "terminated", "missing" */
    size_t best_epoch; /* stopped, restored, reduced: of the best value; saved: of the last file */
    double value;      /* reduced: the new rate; else the best value, or NaN */
    char text[256];    /* a sentence for people */
} cvy_event;

/* Where the workers of a run may stand. */
typedef enum {
    CVY_BIND_NONE,    /* wherever OpenMP and the system let them */
    CVY_BIND_CORES,   /* each on a core of its own, as far as there are enough */
    CVY_BIND_SOCKETS, /* each inside one socket, the sockets taking turns */
} cvy_bind;

/* What a worker does at any moment of a step. */
typedef enum {
    CVY_PHASE_DATA,     /* choosing, gathering and normalising images */
    CVY_PHASE_FORWARD,  /* with the loss */
    CVY_PHASE_BACKWARD, /* with the lane's own gradients */
    CVY_PHASE_REDUCE,   /* sums over lanes; a dense gradient, which is a product over the batch */
    CVY_PHASE_UPDATE,   /* the optimizer */
    CVY_PHASE_WAIT,     /* for the other workers */
    CVY_PHASE_COUNT,
} cvy_phase;

enum { CVY_WORKERS_MAX = 1024 };

/* Where the time of a run went; asked for with cvy_train_settings.times. The phases of a worker add
 * up to its whole time. Since a worker waits exactly as long as the last one is later than itself,
 * the mean of the waiting is the mean over the steps of (longest - mean) of the work in front of
 * each barrier, and the barrier's own price. */
typedef struct {
    size_t warm_up;       /* in: so many first updates are left out of all below */
    size_t steps, images; /* that were measured */
    double seconds;       /* of wall time, from the end of the warm-up to the last step's */
    double phases[CVY_PHASE_COUNT]; /* seconds, mean over the workers */
    double bytes;                   /* a step at least moves when nothing stays in a cache */
    size_t workers;                 /* that the system gave, at most CVY_WORKERS_MAX */
    int first_cpu[CVY_WORKERS_MAX]; /* where each was when measuring began, -1: not known ... */
    int last_cpu[CVY_WORKERS_MAX];  /* ... and when it ended */
} cvy_train_times;

/* How to train. Start from cvy_train_defaults(). Texts are only read during the call. */
typedef struct {
    const char *optimizer;     /* spec: "adam", "sgd:momentum=0.9,nesterov=true" */
    const char *learning_rate; /* number or schedule spec; NULL: the optimizer's own */
    const char *loss;          /* spec: "mean_squared_error", ... */
    const char *metrics;       /* "top_k_categorical_accuracy:k=3,auc" beside loss and accuracy,
                                  which are always there; NULL: no others */
    const char *class_weight;  /* "7=2.5,cat=0.5": of samples in loss and gradient, by the class's
                                  name or number, 1 for others; "balanced": images / (classes *
                                  images of the class); NULL: all 1 */
    const char *const *callbacks; /* [callback_count] specs: "early_stopping:patience=3" */
    size_t callback_count;
    size_t epochs;           /* at least 1 */
    size_t batch_size;       /* samples an update; 0: all of them */
    size_t steps;            /* stop after so many updates; 0: no such limit */
    size_t limit;            /* use only the first so many training images; 0: all */
    double validation_split; /* share of the training data, its end, kept for validation; [0, 1) */
    size_t evaluate_every;   /* validate also inside an epoch, behind every so many of its updates;
                                0: at its end alone. Changes no bit of what is learnt */
    size_t threads;          /* workers, at least 1, and no more than the matrix product stands;
                                results do not depend on it */
    uint64_t seed;           /* of weights, shuffling and dropout */
    bool keep_weights;       /* go on from the model's weights instead of drawing new ones */
    cvy_bind bind;           /* where the workers stand */
    cvy_train_times *times;  /* filled when training ends well; NULL: no clock is read */

    /* Called in one of the workers; return false to stop after the running step. May be NULL. */
    bool (*on_progress)(void *context, const cvy_progress *progress);
    /* Called behind an epoch, and at the end of training, for each thing that a callback did. May be
     * NULL. */
    void (*on_event)(void *context, const cvy_event *event);
    void *context;
} cvy_train_settings;

/** adam at its own rate, cross-entropy, 5 epochs of batches of 64, one thread, seed 0. */
CVY_API cvy_train_settings cvy_train_defaults(void);

/* What training came to. */
typedef struct {
    size_t epoch_count; /* finished or, when stopped, begun */
    cvy_epoch *epochs;
    size_t steps;
    size_t train_count, validation_count; /* images */
    size_t batch_size;
    double train_seconds; /* all epochs, without validation */
    char optimizer[1024]; /* the spec with every setting filled in */
    char learning_rate[2048];
    const char *kernels;      /* which matrix product ran: "avx512", "openblas", ... */
    const char *instructions; /* which instruction set the other kernels used: "avx2", ... */
    bool is_stopped;          /* on_progress asked for it */
    size_t event_count;       /* what callbacks did, in order */
    cvy_event *events;
} cvy_history;

/**
 * Train a model on the training split of a data set.
 * The weights are drawn anew from the seed (see keep_weights); the model takes over the data's
 * class names and, from the training images' mean and standard deviation, its preprocessing.
 * The same seed, data and settings give the same bits on any number of threads.
 * history  written on CVY_OK, and on CVY_ERR_DIVERGED up to there; cvy_history_release() it
 * Callbacks are Keras's, in Keras's order: behind the validation of each epoch, before on_progress is
 * told of it. Loss and accuracy of training are as Keras reports them: the loss weighted by class
 * and divided by the number of samples, the accuracy unweighted; validation knows no class weights.
 * Returns CVY_OK (also when on_progress or a callback stopped it), CVY_ERR_SETTING, CVY_ERR_SHAPE (images or
 * classes do not fit the model), CVY_ERR_MEMORY, CVY_ERR_DIVERGED (the loss was not finite, and the
 * weights are those before that update; or weights were not finite when an epoch ended), and what a
 * callback's files come to: CVY_ERR_OPEN, CVY_ERR_WRITE.
 * One thread may call this for one model at a time; the data set may be shared.
 */
CVY_API cvy_status cvy_train(cvy_model *model, const cvy_dataset *data,
                             const cvy_train_settings *settings, cvy_history *history);

CVY_API void cvy_history_release(cvy_history *history);

/* How well a model reads a split. */
typedef struct {
    size_t image_count, class_count;
    double loss;
    double accuracy; /* NaN for a model with a single output, which predicts the label's value */
    double top_k;    /* share with the true class among the k best; NaN likewise */
    size_t metric_count; /* cvy_evaluate(): 0 */
    cvy_metric_value metrics[CVY_METRICS_MAX];
    double mae, mse, rmse; /* outputs against one-hot targets, or against the label's value */
    size_t *confusion;     /* [true class][predicted class], or NULL with a single output */
    double seconds;        /* of the pass over the images */
} cvy_score;

/* Of one class, worked out of a score's confusion matrix; 0 where a quotient is 0 / 0. */
typedef struct {
    double precision, recall, f1;
    size_t support; /* images of the class */
} cvy_class_score;

/**
 * Score a model on a split. The weights do not change.
 * k        for top_k, at least 1
 * threads  workers, as in cvy_train_settings; results do not depend on it
 * score    written on CVY_OK; cvy_score_release() it
 * Returns CVY_OK, CVY_ERR_SHAPE, CVY_ERR_DATA (no images), CVY_ERR_MEMORY, CVY_ERR_SETTING (too many
 * threads, or a forced kernel that does not run here).
 */
CVY_API cvy_status cvy_evaluate(const cvy_model *model, const cvy_dataset *data, cvy_split split,
                                size_t k, size_t threads, cvy_score *score);

CVY_API cvy_class_score cvy_score_class(const cvy_score *score, size_t class_index);
CVY_API void cvy_score_release(cvy_score *score);

#ifdef __cplusplus
}
#endif

#endif
