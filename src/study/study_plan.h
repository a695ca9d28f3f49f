/* Planning a study: what was asked for, and the configurations and waiting runs that follow from it. */
#ifndef CVY_STUDY_STUDY_PLAN_H
#define CVY_STUDY_STUDY_PLAN_H

#include "convoy/model.h"
#include "study/study.h"

enum { CVY_COST_REPEATS_MAX = 1000 };

/* What was asked for. Texts must outlive the study's making. */
typedef struct {
    const char *model, *data, *loss;
    const cvy_text_list *optimizers;     /* SPEC or NAME=SPEC; none: the usual six */
    const cvy_text_list *learning_rates; /* each with each optimizer; none: the optimizer's own */
    const cvy_text_list *grids;          /* KEY=V1;V2;... */
    const cvy_text_list *targets;        /* METRIC=VALUE or auto; none: auto */
    const cvy_text_list *tunings;        /* KEY=LOW..HIGH:COUNT[:quasi-random] */
    const char *protocol;                /* its name; NULL: none */
    bool is_about_schedules;             /* one optimizer with six schedules */
    size_t seed_count;                   /* 0: 5 for what is compared by default, else 10 */
    uint64_t seed;                       /* the first of them */
    size_t epochs, batch_size, limit;
    size_t evaluate_every; /* updates; 0: four times in an epoch that is long, else at its end */
    double validation_split;
    size_t threads, jobs; /* jobs 0: as many as threads, and runs, allow */
    const char
        *baseline; /* the configuration that each is tested against; NULL: all pairs are tested */
    const char *pair; /* "A,B": the only pair that is tested */
    double margin;    /* of equivalence: percentage points of accuracy, or units of loss; 0: none */
    size_t cost_repeats; /* rounds in which costs are measured; 0: not at all */
    bool wants_surface;  /* the loss surface with the paths on it */
    bool is_recorded;    /* what happens inside */
    cvy_comm *comm;      /* ranks that share the runs out; NULL: this process alone */
    const char *command; /* the command line */
} cvy_study_settings;

/**
 * Make a study with all its configurations and with runs that wait.
 * model, data  opened from settings->model and settings->data, and fit each other
 * Returns CVY_ERR_SETTING for what is wrong with the settings, CVY_ERR_DATA, CVY_ERR_MEMORY. To be
 * released in any case.
 */
cvy_status cvy_study_plan(const cvy_study_settings *settings, const cvy_model *model,
                          const cvy_dataset *data, cvy_study *study);

#endif
