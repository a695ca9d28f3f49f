/* Plan a study: turn a request into configurations and waiting runs. */
#ifndef CVY_STUDY_STUDY_PLAN_H
#define CVY_STUDY_STUDY_PLAN_H

#include "convoy/model.h"
#include "study/study.h"

enum { CVY_COST_REPEATS_MAX = 1000 };

/* The request. Texts must remain valid while the study is planned. */
typedef struct {
    const char *model, *data, *loss;
    const cvy_text_list *optimizers;     /* SPEC or NAME=SPEC; none: the usual six */
    const cvy_text_list *learning_rates; /* for each optimizer; none: the optimizer's own */
    const cvy_text_list *grids;          /* KEY=V1;V2;... */
    const cvy_text_list *targets;        /* METRIC=VALUE or auto; none: auto */
    const cvy_text_list *tunings;        /* KEY=LOW..HIGH:COUNT[:quasi-random] */
    const char *protocol;                /* name of the protocol; NULL: none */
    bool is_about_schedules;             /* one optimizer with six schedules */
    size_t seed_count;                   /* 0: 5 for the default optimizers, else 10 */
    uint64_t seed;                       /* the first seed */
    size_t epochs, batch_size, limit;
    size_t evaluate_every; /* in updates; 0: four times per long epoch, else at its end */
    double validation_split;
    size_t threads, jobs; /* jobs 0: as many as threads and runs allow */
    const char *baseline; /* each is tested against this configuration; NULL: test all pairs */
    const char *pair;     /* "A,B": the only pair tested */
    double margin; /* margin of equivalence: percentage points of accuracy, or loss; 0: none */
    size_t cost_repeats; /* rounds of measuring costs; 0: none */
    bool wants_surface;  /* compute the loss surface with the paths */
    bool is_recorded;    /* record the internals of runs */
    cvy_comm *comm;      /* ranks that share the runs; NULL: this process alone */
    const char *command; /* the command line */
} cvy_study_settings;

/**
 * Make a study with all its configurations and waiting runs.
 * model, data  opened from settings->model and settings->data, matching each other
 * Returns CVY_ERR_SETTING for invalid settings, CVY_ERR_DATA, CVY_ERR_MEMORY. The study must be
 * released, also after a failure.
 */
cvy_status cvy_study_plan(const cvy_study_settings *settings, const cvy_model *model,
                          const cvy_dataset *data, cvy_study *study);

#endif
