/* A scaling report: the same training with different numbers of threads, or of ranks (processes, convoy/comm.h),
 * repeated in turns; what the figures mean; whether they can be trusted. cmd_scale.c fills in the request;
 * scaling_run.c measures, scaling_ranks.c what ranks add; scaling.c works it out. */
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
    CVY_SCALING_LANE = 16, /* images that one rank at least takes of a batch */
};

/* What to measure. */
typedef struct {
    const char *model, *data, *optimizer;
    bool is_weak; /* the batch grows with the threads (ranks): batch_size is the share of one */
    size_t batch_size; /* images per update; 0: all of them */
    size_t repeats, warm_up;
    size_t
        steps; /* measured in each repeat; 0: as many as take about half a second on one thread */
    double
        precision; /* repeat until the 95 % interval of each median lies within this share of it, at
                         most `repeats` times; 0: always `repeats` times */
    cvy_bind bind;
    uint64_t seed; /* of the training, and of the order of the repeats */
    size_t thread_counts[CVY_POINTS_MAX], point_count; /* rising; the first is 1 */
    cvy_comm *
        comm; /* NULL: threads are varied. Else ranks are, and thread_counts are all alike: of each rank */
    size_t rank_counts[CVY_POINTS_MAX]; /* then: rising; the first is 1 */
    size_t neighbours;                  /* then: ranks that were started on the machine of rank 0 */
    const char *command;                /* the command line that asked for it; NULL: unknown */

    /* Called before every repeat; returns false to stop. May be NULL. */
    bool (*on_repeat)(void *context, size_t done, size_t total);
    bool (*stop_requested)(void *context); /* as in cvy_train_settings */
    unsigned formats;                      /* of figures, beside SVG */
    void *context;
} cvy_scaling_request;

/* What the ranks of a point send each other in a step. Bytes are those that rank 0 receives. */
typedef struct {
    double count, bytes; /* messages in which all ranks take part */
    double *seconds;     /* [repeats] in them, waiting for the slowest rank included */
    double *alone;       /* [repeats] what they take when no rank has to be waited for */
    double *latencies;   /* [repeats] seconds of a short message, from a ping-pong */
    double *bandwidths;  /* [repeats] bytes a second in a long one */
    double second, second_alone, latency, bandwidth; /* from here on: worked out; medians */
    double predicted;                                /* of the messages (scaling_ranks.c) */
    double predicted_step; /* seconds: with what the point of one rank took */
} cvy_scaling_messages;

/* One number of threads, or of ranks. Rates are images a second. */
typedef struct {
    size_t threads, batch_size;
    size_t ranks;          /* 0: threads are varied; else threads are those of each rank */
    double *rates, *steps; /* [repeats] in the order they were measured; steps: seconds of one */
    size_t *turns;         /* [repeats] which of all measurements each was, from 0 */
    double *exchanges; /* [repeats] seconds of a cache line (cvy_measure_exchange), before each */
    double *phases[CVY_PHASE_COUNT]; /* [repeats] seconds of a step, mean over the workers */
    double *
        step_times; /* [step_time_count] seconds of single steps, of all repeats; rising once worked out */
    size_t step_time_count;
    double fma, triad;                     /* FLOP/s and bytes/s that this many reach, the best */
    double bytes;                          /* a step at least moves */
    size_t workers, moves;                 /* obtained; changes of place inside of repeats */
    int cpus[CVY_WORKERS_MAX];             /* of the last repeat, -1: not known */
    char digest[CVY_DIGEST_TEXT_BYTES];    /* of the weights */
    char reference[CVY_DIGEST_TEXT_BYTES]; /* what it must be */
    bool has_changed;                      /* the digest, from one repeat to the next */
    bool is_same;                          /* as the reference, in all repeats */
    cvy_repeats rate, exchange;            /* from here on: worked out */
    double step, phase[CVY_PHASE_COUNT];   /* seconds, medians */
    double speedup, speedup_low, speedup_high, efficiency;
    double karp_flatt, gustafson; /* NaN at 1 thread; one of them for strong, one for weak */
    double flops, peak_share;     /* a second, and of fma */
    double bytes_share;           /* of triad */
    double wait_share;            /* of the step */
    double step_p50, step_p95, step_p99, step_max; /* seconds, of single steps */
    double
        gain; /* the median over the repeats of its rate by that of the point before; NaN at the first */
    double gain_p; /* of no gain: Wilcoxon's signed-rank test of the repeats in pairs, after Holm */
    double intensity;              /* FLOPs a byte that a step moves */
    cvy_scaling_messages messages; /* where there are two ranks or more */
} cvy_scaling_point;

typedef struct {
    cvy_scaling_request request;
    cvy_machine machine;
    char model[64], data[256];
    size_t parameters, train_count, steps;
    double flops;          /* of one image's training */
    size_t triad_bytes;    /* of one of its arrays */
    bool has_small_triad;  /* less than four times the last cache */
    double load_elsewhere; /* share of the processors' time that others took; NaN: not known */
    double seconds;        /* that measuring took */
    bool has_precision;    /* request.precision was reached */
    size_t repeats_wanted; /* 0, or, of a run that was stopped, more than request.repeats */
    cvy_scaling_point points[CVY_POINTS_MAX];
    cvy_serial_fit amdahl, gustafson;
    cvy_usl usl;
    bool has_same_digests;
    size_t reason_count; /* 0: VALID */
    char reasons[CVY_REASONS_MAX][CVY_REASON_BYTES];
} cvy_scaling;

extern const char *const cvy_phase_names[CVY_PHASE_COUNT];
extern const char *const cvy_bind_names[]; /* NULL-terminated */

/** What the points differ in: "threads" or "ranks"; and how many of them a point has. */
static inline const char *cvy_scaling_unit(const cvy_scaling *scaling)
{
    return scaling->request.comm != NULL ? "ranks" : "threads";
}
static inline size_t cvy_scaling_count(const cvy_scaling_point *point)
{
    return point->ranks > 0 ? point->ranks : point->threads;
}

/**
 * Measure and work out. With request.comm all ranks call it; afterwards rank 0 alone has the figures. `scaling` is released with cvy_scaling_release(), also after a failure.
 * Returns CVY_ERR_SETTING, CVY_ERR_STOPPED (on request: where every point has at least one repeat,
 * repeats_wanted is set, and the whole rounds are worked out) or what training returns.
 */
cvy_status cvy_scaling_run(const cvy_scaling_request *request, cvy_scaling *scaling);
void cvy_scaling_release(cvy_scaling *scaling);

enum { CVY_STEP_BINS = 48 };

/** A histogram of single steps, with the same bins for all points: the lower edge of a bin (bin CVY_STEP_BINS: the
 *  upper edge of the last), in seconds, and how many steps of a point lie in each. */
double cvy_scaling_bin_edge(const cvy_scaling *scaling, size_t bin);
void cvy_scaling_count_steps(const cvy_scaling *scaling, size_t point,
                             size_t counts[CVY_STEP_BINS]);

/** The serial fraction to show for a point, Karp and Flatt's or, of weak scaling, Gustafson's; NaN in an INVALID run,
 *  where it is the machine's noise and may lie above 1. */
double cvy_scaling_serial(const cvy_scaling *scaling, size_t point);

/** What the digests of the weights say, as a phrase. */
const char *cvy_scaling_digests_words(const cvy_scaling *scaling);

/** The latter part of it: from what was measured to speedups, fits and verdict. Returns CVY_ERR_MEMORY. */
cvy_status cvy_scaling_work_out(cvy_scaling *scaling);

#endif
