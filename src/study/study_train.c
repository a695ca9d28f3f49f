/* The work of a study: trainings side by side, one thread each, or one after another with all
 * threads. A training's bits depend on neither, so results do not depend on how they were shared out. */
#include "study/study_train.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/stop.h"
#include "base/threads.h"
#include "convoy/train.h"
#include "machine/load.h"
#include "study/cost.h"
#include "study/surface.h"
#include "study/targets.h"
#include "study/tuning.h"

/* A loss this many times that of a guess has exploded. */
static const double exploded = 10;

/* What all jobs share. */
typedef struct {
    cvy_study *study;
    const cvy_dataset *data;
    cvy_run_store *store;
    cvy_study_function *function;
    void *context;
    double start;
    size_t steps_total;       /* of all runs that this call has to do */
    atomic_size_t steps_done; /* likewise */
    size_t *order;            /* [run_count] in which the runs are done */
    atomic_size_t next_run, runs_done;
    atomic_bool is_stopping;
    atomic_flag is_telling;
    cvy_status status; /* the first failure, and its sentence; written while is_telling is held */
    char sentence[CVY_ERROR_BYTES];
} workshop;

/* One training in its job. */
typedef struct {
    workshop *shop;
    cvy_study_run *run;
    cvy_recorder *recorder; /* NULL: nothing is recorded */
    size_t steps_told;
    double seconds_before; /* of training in the epochs that are over */
} job;

/* --- progress --- */

/* A step never waits for another job's report: it skips its own. The end of a run is always reported. */
static void tell(job *j, bool is_run_end)
{
    workshop *shop = j->shop;

    while (atomic_flag_test_and_set_explicit(&shop->is_telling, memory_order_acquire))
        if (!is_run_end)
            return;
    const double done = (double)atomic_load(&shop->steps_done);
    const cvy_study_progress progress = {
        .study = shop->study,
        .runs_done = atomic_load(&shop->runs_done),
        .run_count = shop->study->run_count,
        .steps_total = shop->steps_total,
        .share = shop->steps_total > 0 ? fmin(done / (double)shop->steps_total, 1) : 1,
        .seconds = cvy_clock_seconds() - shop->start,
        .run = j->run,
        .is_run_end = is_run_end,
    };
    if (!shop->function(shop->context, &progress))
        atomic_store(&shop->is_stopping, true);
    atomic_flag_clear_explicit(&shop->is_telling, memory_order_release);
}

static void note_failure(workshop *shop, cvy_status status)
{
    while (atomic_flag_test_and_set_explicit(&shop->is_telling, memory_order_acquire))
        ;
    if (shop->status == CVY_OK) {
        shop->status = status;
        snprintf(shop->sentence, sizeof shop->sentence, "%s", cvy_error_message());
    }
    atomic_store(&shop->is_stopping, true);
    atomic_flag_clear_explicit(&shop->is_telling, memory_order_release);
}

static void add_steps(job *j, size_t steps_done)
{
    atomic_fetch_add(&j->shop->steps_done, steps_done - j->steps_told);
    j->steps_told = steps_done;
}

/* --- one run --- */

static void add_point(job *j, const cvy_progress *progress)
{
    const cvy_epoch *epoch = progress->evaluated;
    const bool has_validation = epoch->has_validation;
    cvy_study_run *run = j->run;

    run->points[run->point_count++] = (cvy_point){
        .step = progress->steps_done,
        .epoch = (double)progress->steps_done / (double)progress->steps_per_epoch,
        .train_seconds = j->seconds_before + epoch->seconds,
        .learning_rate = epoch->learning_rate,
        .metric = { [CVY_METRIC_LOSS] = epoch->loss,
                    [CVY_METRIC_ACCURACY] = epoch->accuracy,
                    [CVY_METRIC_VAL_LOSS] = has_validation ? epoch->val_loss : NAN,
                    [CVY_METRIC_VAL_ACCURACY] = has_validation ? epoch->val_accuracy : NAN },
    };
    if (progress->is_epoch_end)
        j->seconds_before += epoch->seconds;
}

static bool on_progress(void *context, const cvy_progress *progress)
{
    job *j = context;

    add_steps(j, progress->steps_done);
    if (progress->evaluated != NULL)
        add_point(j, progress);
    tell(j, false);
    return !atomic_load(&j->shop->is_stopping);
}

/* With the cross-entropy, a rate far too large seldom ends in numbers that are not finite: the loss
 * grows by orders of magnitude, the units die, and from there on the network guesses. */
static bool has_exploded(const cvy_study *study, const cvy_history *history, cvy_study_run *run)
{
    const double guess = log((double)study->setup.class_count);
    double worst = 0;

    if (strcmp(study->setup.loss, "sparse_categorical_crossentropy") != 0 ||
        history->epoch_count == 0)
        return false;
    for (size_t i = 0; i < history->epoch_count; i++)
        worst = fmax(worst, history->epochs[i]->loss);
    const double last = history->epochs[history->epoch_count - 1]->loss;
    if (worst < exploded * guess || last < guess)
        return false;
    snprintf(
        run->why, sizeof run->why,
        "the loss exploded (an epoch's mean was %.3g) and ended at %.3g, no better than a guess",
        worst, last);
    return true;
}

static cvy_status finish_run(const job *j, const cvy_model *model, const cvy_history *history,
                             size_t threads)
{
    cvy_study_run *run = j->run;
    const cvy_study *study = j->shop->study;
    cvy_score *score;

    run->state = has_exploded(study, history, run) ? CVY_RUN_DIVERGED : CVY_RUN_FINISHED;
    if (run->state == CVY_RUN_DIVERGED)
        return CVY_OK;
    cvy_status status = cvy_model_digest(model, run->weights_sha256);
    if (status != CVY_OK || study->setup.test_count == 0 ||
        study->configurations[run->configuration].role == CVY_ROLE_TRIAL)
        return status;
    status = cvy_evaluate_until(model, j->shop->data, CVY_SPLIT_TEST, 1, threads,
                                cvy_stop_is_requested, NULL, &score);
    if (status == CVY_ERR_STOPPED) {
        run->state = CVY_RUN_WAITING;
        return CVY_OK;
    }
    if (status != CVY_OK)
        return status;
    run->has_test = true;
    run->test_loss = score->loss;
    run->test_accuracy = score->accuracy;
    cvy_score_destroy(score);
    return CVY_OK;
}

static size_t on_update(void *context, const cvy_update_view *view)
{
    const job *j = context;
    return cvy_recorder_note(j->recorder, view);
}

/* The noise of the gradient, which takes time, is measured in the first run of each configuration. */
static cvy_status begin_record(job *j, const cvy_model *model, cvy_train_settings *settings)
{
    const cvy_study *study = j->shop->study;
    const cvy_configuration *c = &study->configurations[j->run->configuration];
    const bool is_first = j->run == &study->runs[c->first_run];

    if (!study->is_recorded || c->role == CVY_ROLE_TRIAL)
        return CVY_OK;
    settings->on_update = on_update;
    return cvy_recorder_create(model, c->optimizer, cvy_study_steps(&study->setup, c),
                               is_first && c->role == CVY_ROLE_COMPARED ? CVY_NOISE_POINTS : 0,
                               &j->recorder);
}

static cvy_status end_record(job *j, const cvy_model *model, const cvy_train_settings *settings)
{
    if (j->recorder == NULL)
        return CVY_OK;
    return cvy_recorder_finish(j->recorder, j->run->state == CVY_RUN_FINISHED ? model : NULL,
                               j->shop->data, settings, &j->run->inside);
}

/* A run that is stopped goes back to waiting. */
static cvy_status train(job *j, cvy_model *model)
{
    cvy_study_run *run = j->run;
    const cvy_setup *setup = &j->shop->study->setup;
    const cvy_configuration *configuration = &j->shop->study->configurations[run->configuration];
    cvy_history *history = NULL;
    cvy_train_settings settings = cvy_train_defaults();

    settings.optimizer = configuration->optimizer;
    settings.learning_rate = configuration->learning_rate;
    settings.loss = setup->loss;
    settings.epochs = setup->epochs;
    settings.batch_size = configuration->batch_size;
    settings.limit = setup->limit;
    settings.validation_split = setup->has_validation_part ? 0 : setup->validation_split;
    settings.evaluate_every = configuration->evaluate_every;
    settings.threads = setup->threads;
    settings.seed = run->seed;
    settings.on_progress = on_progress;
    settings.stop_requested = cvy_stop_is_requested;
    settings.context = j;
    cvy_status status = begin_record(j, model, &settings);
    if (status == CVY_OK)
        status = cvy_train(model, j->shop->data, &settings, &history);

    if (status != CVY_OK && status != CVY_ERR_DIVERGED)
        return status;
    run->steps = history->steps;
    run->train_seconds = history->train_seconds;
    snprintf(run->kernels, sizeof run->kernels, "%s", history->gemm);
    snprintf(run->instructions, sizeof run->instructions, "%s", history->isa);
    if (status == CVY_ERR_DIVERGED) {
        run->state = CVY_RUN_DIVERGED;
        snprintf(run->why, sizeof run->why, "%s", cvy_error_message());
        status = CVY_OK;
    } else if (!history->is_stopped) {
        status = finish_run(j, model, history, settings.threads);
    }
    if (status == CVY_OK && run->state != CVY_RUN_WAITING)
        status = end_record(j, model, &settings);
    cvy_history_destroy(history);
    return status;
}

static cvy_status do_run(job *j)
{
    workshop *shop = j->shop;
    cvy_study_run *run = j->run;
    const cvy_load_mark before = cvy_load_begin();
    cvy_model *model = NULL;
    cvy_status status =
        cvy_memory_create(cvy_study_evaluations(&shop->study->setup,
                                                &shop->study->configurations[run->configuration]),
                          sizeof *run->points, &run->points);

    if (status == CVY_OK)
        status = cvy_model_create(shop->study->setup.model, &model);
    if (status == CVY_OK)
        status = train(j, model);
    cvy_model_destroy(model);
    cvy_recorder_destroy(j->recorder);
    j->recorder = NULL;
    run->seconds = cvy_clock_seconds() - before.wall;
    run->load = cvy_load_elsewhere(&before);
    if (status == CVY_OK && run->state != CVY_RUN_WAITING)
        status = cvy_run_store_write(shop->store, run);
    return status;
}

/* --- all runs --- */

static bool is_trial(const cvy_study *study, const cvy_study_run *run)
{
    return study->configurations[run->configuration].role == CVY_ROLE_TRIAL;
}

/* A seed of each configuration in turn, so that a machine that becomes slower meanwhile slows all of them. */
static void interleave(const cvy_study *study, size_t *order)
{
    size_t count = 0;

    for (size_t s = 0; count < study->run_count; s++)
        for (size_t i = 0; i < study->configuration_count; i++) {
            const cvy_configuration *c = &study->configurations[i];
            if (s < c->run_count)
                order[count++] = c->first_run + s;
        }
}

/* Ranks take the places of the order in turn. */
static bool is_own(const cvy_study *study, size_t place)
{
    return place % cvy_comm_size(study->comm) == cvy_comm_rank(study->comm);
}

/* One job: runs as long as there are any. */
static void do_runs(workshop *shop, bool wants_trials)
{
    cvy_study *study = shop->study;

    while (!atomic_load(&shop->is_stopping)) {
        if (cvy_stop_is_requested(NULL)) {
            atomic_store(&shop->is_stopping, true);
            return;
        }
        const size_t index = atomic_fetch_add(&shop->next_run, 1);
        if (index >= study->run_count)
            return;
        job j = { .shop = shop, .run = &study->runs[shop->order[index]] };
        if (!is_own(study, index) || is_trial(study, j.run) != wants_trials ||
            j.run->state != CVY_RUN_WAITING)
            continue;
        cvy_status status = do_run(&j);
        if (status != CVY_OK) {
            note_failure(shop, status);
        } else if (j.run->state != CVY_RUN_WAITING) {
            add_steps(&j,
                      cvy_study_steps(&study->setup, &study->configurations[j.run->configuration]));
            atomic_fetch_add(&shop->runs_done, 1);
            tell(&j, true);
        }
    }
}

static cvy_status read_kept(workshop *shop, bool wants_trials)
{
    cvy_study *study = shop->study;
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < study->run_count; i++) {
        cvy_study_run *run = &study->runs[i];
        if (is_trial(study, run) != wants_trials)
            continue;
        status = cvy_run_store_read(shop->store, run);
        if (run->state == CVY_RUN_WAITING)
            continue;
        shop->steps_total -=
            cvy_study_steps(&study->setup, &study->configurations[run->configuration]);
        atomic_fetch_add(&shop->runs_done, 1);
    }
    return status;
}

/* What other ranks have trained lies in the folder, which all of them see. */
static cvy_status read_others(workshop *shop, bool wants_trials)
{
    cvy_study *study = shop->study;
    const size_t kept = shop->store->kept;
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < study->run_count; i++) {
        cvy_study_run *run = &study->runs[i];
        if (is_trial(study, run) != wants_trials || run->state != CVY_RUN_WAITING)
            continue;
        status = cvy_run_store_read(shop->store, run);
        if (status == CVY_OK && run->state == CVY_RUN_WAITING)
            status = cvy_fail(CVY_ERR_READ,
                              "%s: the run of another rank is not there; all ranks need one folder "
                              "for the report",
                              shop->store->folder);
        atomic_fetch_add(&shop->runs_done, 1);
    }
    shop->store->kept = kept; /* they were not there before */
    return status;
}

static cvy_status do_own(workshop *shop, bool wants_trials)
{
    cvy_status status = read_kept(shop, wants_trials);

    if (status != CVY_OK)
        return status;
    status = cvy_threads_prepare(shop->study->setup.jobs);
    if (status != CVY_OK)
        return status;
    atomic_store(&shop->next_run, 0);
#pragma omp parallel num_threads((int)shop->study->setup.jobs) if (shop->study->setup.jobs > 1)
    do_runs(shop, wants_trials);
    if (shop->status != CVY_OK)
        return cvy_fail(shop->status, "%s", shop->sentence);
    if (atomic_load(&shop->is_stopping))
        return cvy_fail(CVY_ERR_STOPPED,
                        "%s: stopped after %zu of %zu runs; the same command goes on from there",
                        shop->store->folder, atomic_load(&shop->runs_done), shop->study->run_count);
    return CVY_OK;
}

static cvy_status do_part(workshop *shop, bool wants_trials)
{
    cvy_comm *comm = shop->study->comm;
    cvy_status status = cvy_comm_agree(comm, do_own(shop, wants_trials));

    if (status == CVY_OK && comm != NULL)
        status = cvy_comm_agree(comm, read_others(shop, wants_trials));
    return status;
}

/* Whoever watches the runs watches the surface too. */
static bool tell_of_surface(void *context, size_t done, size_t total)
{
    const workshop *shop = context;
    const cvy_study_progress progress = {
        .study = shop->study,
        .runs_done = shop->study->run_count,
        .run_count = shop->study->run_count,
        .share = total > 0 ? (double)done / (double)total : 1,
        .seconds = cvy_clock_seconds() - shop->start,
    };
    return shop->function(shop->context, &progress);
}

static cvy_status make_surface(workshop *shop)
{
    cvy_status status = cvy_surface_make(shop->study, shop->data, tell_of_surface, shop);

    if (status == CVY_ERR_STOPPED)
        return cvy_fail(status,
                        "%s: stopped before the loss surface; the same command goes on from there",
                        shop->store->folder);
    return status;
}

cvy_status cvy_study_train(cvy_study *study, const cvy_dataset *data, cvy_run_store *store,
                           cvy_study_function *function, void *context)
{
    workshop shop = {
        .study = study,
        .data = data,
        .store = store,
        .function = function,
        .context = context,
        .start = cvy_clock_seconds(),
        .steps_total = cvy_study_all_steps(study),
        .is_telling = ATOMIC_FLAG_INIT,
    };
    cvy_status status = cvy_memory_create(study->run_count, sizeof *shop.order, &shop.order);

    if (status == CVY_OK)
        interleave(study, shop.order);
    if (status == CVY_OK && study->tuning.key_count > 0)
        status = do_part(&shop, true);
    if (status == CVY_OK)
        status = cvy_study_choose_tuned(study);
    if (status == CVY_OK)
        status = do_part(&shop, false);
    if (status == CVY_OK)
        status = cvy_study_set_targets(study);
    const bool leads = cvy_comm_rank(study->comm) == 0;
    if (status == CVY_OK && leads)
        status = cvy_study_measure_costs(study, data, function, context);
    if (status == CVY_OK && leads && study->wants_surface)
        status = make_surface(&shop);
    cvy_memory_free(shop.order);
    study->seconds = cvy_clock_seconds() - shop.start;
    return status;
}
