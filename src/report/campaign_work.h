/* How a campaign comes about: contestants out of words, trainings side by side, runs kept in files. */
#ifndef CVY_REPORT_CAMPAIGN_WORK_H
#define CVY_REPORT_CAMPAIGN_WORK_H

#include <jansson.h>

#include "convoy/model.h"
#include "report/campaign.h"

enum { CVY_CONTESTANTS_MAX = 256 };

/* What was asked for. Texts must outlive the campaign's making. */
typedef struct {
    const char *model, *data, *loss;
    const cvy_text_list *optimizers;     /* SPEC or NAME=SPEC; none: the usual six */
    const cvy_text_list *learning_rates; /* each with each optimizer; none: the optimizer's own */
    const cvy_text_list *grids;          /* KEY=V1;V2;... */
    const cvy_text_list *targets;        /* METRIC=VALUE or auto; none: auto */
    const cvy_text_list *tunings;        /* KEY=LOW..HIGH:COUNT[:quasi-random] */
    bool is_about_schedules;             /* one optimizer with six schedules */
    size_t seed_count;                   /* 0: 5 for what is compared by default, else 10 */
    uint64_t seed;                       /* the first of them */
    size_t epochs, batch_size, limit;
    size_t evaluate_every; /* updates; 0: four times in an epoch that is long, else at its end */
    double validation_split;
    size_t threads, jobs; /* jobs 0: as many as threads, and runs, allow */
    const char *command;  /* the command line */
} cvy_campaign_settings;

/**
 * Make a campaign with all its contestants and with runs that wait.
 * model, data  opened from settings->model and settings->data, and fit each other
 * Returns CVY_ERR_SETTING for what is wrong with the settings, CVY_ERR_DATA, CVY_ERR_MEMORY. To be
 * released in any case.
 */
cvy_status cvy_campaign_plan(const cvy_campaign_settings *settings, const cvy_model *model,
                             const cvy_dataset *data, cvy_campaign *campaign);

/** Fill in contestants, compared_count and tuning. steps_total: updates of a run. For the plan. */
cvy_status cvy_contestants_make(const cvy_campaign_settings *settings, size_t steps_total,
                                cvy_campaign *campaign);

/** Add a key: "learning_rate=1e-5..1e2:36". Returns CVY_ERR_SETTING. */
cvy_status cvy_tuning_read(const char *text, cvy_tuning *tuning);

/** How often a contestant is tried that has these keys; 0 if it has none. */
size_t cvy_tuning_trials(const cvy_tuning *tuning, const bool has_key[CVY_TUNED_KEYS_MAX]);

/** What a key that it has is in trial number `trial`. */
double cvy_tuning_value(const cvy_tuning *tuning, const bool has_key[CVY_TUNED_KEYS_MAX],
                        size_t trial, size_t key);

/** After the trials every compared contestant takes over the best value. */
cvy_status cvy_campaign_choose_tuned(cvy_campaign *campaign);

/** Targets out of words; the values of the automatic ones come with cvy_campaign_set_targets(). */
cvy_status cvy_targets_read(const cvy_campaign_settings *settings, bool has_accuracy,
                            cvy_campaign *campaign);
cvy_status cvy_campaign_set_targets(cvy_campaign *campaign);

/* --- runs in files --- */

/* Where a campaign keeps its runs. */
typedef struct {
    const char *folder;
    const cvy_campaign *campaign;
    json_t *common;               /* settings that all runs share, with digests of model and data */
    size_t kept;                  /* runs that were read */
    size_t outdated;              /* runs that were there, but done with other settings */
    char changed[CVY_NAME_BYTES]; /* one of the settings that differed */
} cvy_run_store;

/**
 * Whether the folder is new, empty, or one that a campaign has written. Looks only.
 * Returns CVY_ERR_SETTING for a folder that holds something else, or what is not a folder.
 */
cvy_status cvy_run_store_check(const char *folder);

/** Make the folder, if need be, and mark it as one that a campaign has written. Returns CVY_ERR_OPEN,
 *  CVY_ERR_WRITE, CVY_ERR_MEMORY. */
cvy_status cvy_run_store_mark(const char *folder, const char *command);

/** Mark the folder, and make room for runs. Returns likewise. */
cvy_status cvy_run_store_open(const char *folder, const cvy_campaign *campaign,
                              const cvy_model *model, cvy_run_store *store);

/** Take over what was kept of a run, if it was done with the same settings; else it goes on waiting.
 *  Returns CVY_ERR_MEMORY; a file that cannot be read is as good as none. */
cvy_status cvy_run_store_read(cvy_run_store *store, cvy_run *run);

/** Keep a run. From any thread. */
cvy_status cvy_run_store_write(const cvy_run_store *store, const cvy_run *run);

void cvy_run_store_close(cvy_run_store *store);

/** Write curves.csv: a line for every evaluation of every run. */
cvy_status cvy_curves_write(const cvy_campaign *campaign, const char *folder);

/* --- the work --- */

/* How a campaign is coming along. */
typedef struct {
    const cvy_campaign *campaign;
    const char *workload; /* its name where there are several, else NULL */
    size_t runs_done, run_count;
    size_t steps_total; /* updates that this call has to do */
    double share;       /* of them, 0 .. 1 */
    double seconds;     /* since the call began */
    const cvy_run *run; /* the one that is told of */
    bool is_run_end;    /* it has just ended */
} cvy_campaign_progress;

/** Called by one thread at a time; false: stop. */
typedef bool cvy_campaign_function(void *context, const cvy_campaign_progress *progress);

/**
 * Do all runs that the store does not have, jobs at a time, trials first; then choose what was tuned
 * best, and set the targets.
 * Returns CVY_OK, CVY_ERR_STOPPED, or what made a run fail.
 */
cvy_status cvy_campaign_run(cvy_campaign *campaign, const cvy_dataset *data, cvy_run_store *store,
                            cvy_campaign_function *function, void *context);

#endif
