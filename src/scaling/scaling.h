/* A scaling report: the same training with different numbers of threads or ranks (processes,
 * convoy/comm.h), repeated in turns, with an evaluation and a validity check. cmd_scale.c fills in
 * the request, scaling_run.c measures, scaling_ranks.c measures messages between ranks, scaling.c
 * evaluates. */
#ifndef CVY_SCALING_SCALING_H
#define CVY_SCALING_SCALING_H

#include "convoy/convoy.h"
#include "statistics/laws.h"
#include "machine/machine.h"
#include "statistics/repeats.h"

enum {
    CVY_POINTS_MAX = 64,
    CVY_REPEATS_ENOUGH = 10,
    CVY_REPEATS_MAX = 1000,
    CVY_REASONS_MAX = 16,
    CVY_REASON_BYTES = 320,
    CVY_SCALING_LANE = 16, /* smallest share of a batch for one rank, in images */
};

/* What to measure. */
typedef struct {
    const char *model, *data, *optimizer;
    bool is_weak; /* the batch grows with the threads (ranks): batch_size is per thread (rank) */
    size_t batch_size; /* images per update; 0: all of them */
    size_t repeats, warm_up;
    size_t steps; /* per repeat; 0: as many as take about half a second on one thread */
    /* Repeat until the 95 % interval of each median is within this share of it, at most `repeats`
     * times; 0: always `repeats` times. */
    double precision;
    cvy_bind bind;
    uint64_t seed; /* for training, and for the order of the repeats */
    size_t thread_counts[CVY_POINTS_MAX], point_count; /* ascending; the first is 1 */
    cvy_comm *comm; /* NULL: vary threads. Else ranks; thread_counts, all equal, are per rank */
    size_t rank_counts[CVY_POINTS_MAX]; /* with comm: ascending; the first is 1 */
    size_t neighbours;                  /* with comm: ranks started on the machine of rank 0 */
    const char *command;                /* the command line of this report; NULL: unknown */

    /* Called before every repeat; return false to stop. May be NULL. */
    bool (*on_repeat)(void *context, size_t done, size_t total);
    bool (*stop_requested)(void *context); /* as in cvy_train_settings */
    unsigned formats;                      /* figure formats in addition to SVG */
    void *context;
} cvy_scaling_request;

/* The messages between the ranks of a point in a step. Bytes are those received by rank 0. */
typedef struct {
    double count, bytes; /* collective messages per step, and their bytes */
    size_t sum_ranks;    /* as in cvy_train_times, like the next five */
    double lane_bytes, input_bytes, output_gradient_bytes, subtree_bytes, gradient_bytes;
    double *seconds;    /* [repeats] time in them, including waiting for the slowest rank */
    double *alone;      /* [repeats] their time without waiting for other ranks */
    double *latencies;  /* [repeats] seconds of a short message, from a ping-pong */
    double *bandwidths; /* [repeats] bytes per second in a long one */
    double second, second_alone, latency, bandwidth; /* from here on: computed; medians */
    double predicted;      /* predicted time of the messages (scaling_ranks.c) */
    double predicted_step; /* predicted seconds per step, based on one rank's */
} cvy_scaling_messages;

/* One number of threads or ranks. Rates are in images per second. */
typedef struct {
    size_t threads, batch_size;
    size_t ranks;          /* 0: threads are varied; else threads is per rank */
    double *rates, *steps; /* [repeats] in measuring order; steps: seconds per step */
    size_t *turns;         /* [repeats] position among all measurements, from 0 */
    double *exchanges; /* [repeats] cache-to-cache latency (cvy_measure_exchange), before each */
    double *phases[CVY_PHASE_COUNT]; /* [repeats] seconds per step, mean over the workers */
    double *step_times; /* [step_time_count] seconds of steps of all repeats; sorted later */
    size_t step_time_count;
    double fma, triad;                     /* best measured FLOP/s and bytes/s of this point */
    double bytes;                          /* minimum memory traffic of a step */
    size_t workers, moves;                 /* threads obtained; migrations during repeats */
    int cpus[CVY_WORKERS_MAX];             /* in the last repeat; -1: unknown */
    char digest[CVY_DIGEST_TEXT_BYTES];    /* digest of the weights */
    char reference[CVY_DIGEST_TEXT_BYTES]; /* the digest expected */
    bool has_changed;                      /* whether the digest differs between repeats */
    bool is_same;                          /* whether all repeats have the reference digest */
    cvy_repeats rate, exchange;            /* from here on: computed */
    double step, phase[CVY_PHASE_COUNT];   /* seconds, medians */
    double speedup, speedup_low, speedup_high, efficiency;
    double karp_flatt, gustafson; /* for strong and weak scaling; NaN at 1 thread */
    double flops, peak_share;     /* FLOP/s, and their share of fma */
    double bytes_share;           /* share of triad */
    double wait_share;            /* share of the step */
    double step_p50, step_p95, step_p99, step_max; /* seconds, of single steps */
    double gain;   /* median over the repeats of rate / previous point's rate; NaN at the first */
    double gain_p; /* p of no gain: Wilcoxon's signed-rank test on paired repeats, after Holm */
    double intensity;              /* FLOPs per byte of memory traffic */
    cvy_scaling_messages messages; /* if there are two ranks or more */
} cvy_scaling_point;

typedef struct {
    cvy_scaling_request request;
    cvy_machine machine;
    char model[64], data[256];
    size_t parameters, train_count, steps;
    double flops;          /* for training on one image */
    size_t triad_bytes;    /* size of one of its arrays */
    bool has_small_triad;  /* less than four times the last-level cache */
    double load_elsewhere; /* share of processor time used by other processes; NaN: unknown */
    double seconds;        /* total measuring time */
    bool has_precision;    /* request.precision was reached */
    size_t repeats_wanted; /* 0; after a stop, the number requested, above request.repeats */
    cvy_scaling_point points[CVY_POINTS_MAX];
    cvy_serial_fit amdahl, gustafson;
    cvy_usl usl;
    bool has_same_digests;
    size_t reason_count; /* 0: VALID */
    char reasons[CVY_REASONS_MAX][CVY_REASON_BYTES];
} cvy_scaling;

extern const char *const cvy_phase_names[CVY_PHASE_COUNT];
extern const char *const cvy_bind_names[]; /* NULL-terminated */

/** What varies between points, "threads" or "ranks", and their number at a point. */
static inline const char *cvy_scaling_unit(const cvy_scaling *scaling)
{
    return scaling->request.comm != NULL ? "ranks" : "threads";
}
static inline size_t cvy_scaling_count(const cvy_scaling_point *point)
{
    return point->ranks > 0 ? point->ranks : point->threads;
}

/**
 * Measure and evaluate. With request.comm all ranks call it; afterwards only rank 0 has the
 * figures. `scaling` is released with cvy_scaling_release(), also after a failure.
 * Returns CVY_ERR_SETTING, CVY_ERR_STOPPED (on request: if every point has at least one repeat,
 * repeats_wanted is set and the complete rounds are evaluated) or errors of training.
 */
cvy_status cvy_scaling_run(const cvy_scaling_request *request, cvy_scaling *scaling);
void cvy_scaling_release(cvy_scaling *scaling);

enum { CVY_STEP_BINS = 48 };

/** A histogram of step times with the same bins for all points: the lower edge of a bin in
 *  seconds (bin CVY_STEP_BINS: the upper edge of the last), and the number of a point's steps in
 *  each bin. */
double cvy_scaling_bin_edge(const cvy_scaling *scaling, size_t bin);
void cvy_scaling_count_steps(const cvy_scaling *scaling, size_t point,
                             size_t counts[CVY_STEP_BINS]);

/** The serial fraction to report for a point: Karp and Flatt's or, for weak scaling, Gustafson's;
 *  NaN in an INVALID run, where it is noise and may exceed 1. */
double cvy_scaling_serial(const cvy_scaling *scaling, size_t point);

/** Describe the digests of the weights in a phrase. */
const char *cvy_scaling_digests_words(const cvy_scaling *scaling);

/** Compute speedups, fits and verdict from the measurements. Returns CVY_ERR_MEMORY. */
cvy_status cvy_scaling_work_out(cvy_scaling *scaling);

#endif
