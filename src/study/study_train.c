/* The work of a study: concurrent trainings with one thread each, or consecutive ones with all
 * threads. A training's bits depend on neither, so results do not depend on the distribution. */
#include "study/study_train.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/plural.h"
#include "base/stop.h"
#include "base/threads.h"
#include "study/cost.h"
#include "study/study_run.h"
#include "study/surface.h"
#include "study/targets.h"
#include "study/tuning.h"

static bool is_trial(const cvy_study *study, const cvy_study_run *run)
{
    return study->configurations[run->configuration].role == CVY_ROLE_TRIAL;
}

/* Take one seed of each configuration in turn, so that a machine that becomes slower affects all of
 * them alike. */
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

/* Runs are assigned to ranks in turn. */
static bool is_own(const cvy_study *study, size_t place)
{
    return place % cvy_comm_size(study->comm) == cvy_comm_rank(study->comm);
}

/* A job: take runs until none is left. */
static void do_runs(cvy_workshop *shop, bool wants_trials)
{
    cvy_study *study = shop->study;
    cvy_load_mark mark = cvy_load_begin();

    while (!atomic_load(&shop->is_stopping)) {
        if (cvy_stop_is_requested(NULL)) {
            atomic_store(&shop->is_stopping, true);
            return;
        }
        const size_t index = atomic_fetch_add(&shop->next_run, 1);
        if (index >= study->run_count)
            return;
        cvy_study_run *run = &study->runs[shop->order[index]];
        if (is_own(study, index) && is_trial(study, run) == wants_trials &&
            run->state == CVY_RUN_WAITING)
            cvy_study_do_run(shop, run, &mark);
    }
}

static cvy_status read_kept(cvy_workshop *shop, bool wants_trials)
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

/* Read the runs of other ranks from the folder, which all ranks share. */
static cvy_status read_others(cvy_workshop *shop, bool wants_trials)
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
    shop->store->kept = kept; /* these are new, not kept from an earlier call */
    return status;
}

/* The number of seeds, from the first on, with which every configuration was trained. */
static size_t whole_seeds(const cvy_study *study)
{
    size_t whole = study->seed_count;

    for (size_t i = 0; i < study->run_count; i++) {
        const cvy_study_run *run = &study->runs[i];
        const size_t seed = i - study->configurations[run->configuration].first_run;
        if (run->state == CVY_RUN_WAITING && is_trial(study, run))
            return 0;
        if (run->state == CVY_RUN_WAITING && seed < whole)
            whole = seed;
    }
    return whole;
}

static cvy_status fail_stopped(const cvy_workshop *shop)
{
    const cvy_study *study = shop->study;
    const size_t whole = whole_seeds(study);
    char report[96] = "";

    if (whole > 0)
        snprintf(report, sizeof report, ", and with --seeds %zu it reports what is complete",
                 whole);
    return cvy_fail(CVY_ERR_STOPPED,
                    "%s: stopped after %zu of %zu run%s; the same command resumes it%s",
                    shop->store->folder, atomic_load(&shop->runs_done), study->run_count,
                    cvy_plural(study->run_count), report);
}

static cvy_status do_own(cvy_workshop *shop, bool wants_trials)
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
        return cvy_fail_again(shop->status, shop->sentence);
    if (atomic_load(&shop->is_stopping))
        return fail_stopped(shop);
    return CVY_OK;
}

static cvy_status do_part(cvy_workshop *shop, bool wants_trials)
{
    cvy_comm *comm = shop->study->comm;
    cvy_status status = cvy_comm_agree(comm, do_own(shop, wants_trials));

    if (status == CVY_OK && comm != NULL)
        status = cvy_comm_agree(comm, read_others(shop, wants_trials));
    return status;
}

/* Report progress of the surface to the function that watches the runs. */
static bool tell_of_surface(void *context, size_t done, size_t total)
{
    const cvy_workshop *shop = context;
    const cvy_study_progress progress = {
        .study = shop->study,
        .runs_done = shop->study->run_count,
        .run_count = shop->study->run_count,
        .share = total > 0 ? (double)done / (double)total : 1,
        .seconds = cvy_clock_seconds() - shop->start,
    };
    return shop->function(shop->context, &progress);
}

static cvy_status make_surface(cvy_workshop *shop)
{
    cvy_status status = cvy_surface_make(shop->study, shop->data, tell_of_surface, shop);

    if (status == CVY_ERR_STOPPED)
        return cvy_fail(status, "%s: stopped before the loss surface; the same command resumes it",
                        shop->store->folder);
    return status;
}

cvy_status cvy_study_train(cvy_study *study, const cvy_dataset *data, cvy_run_store *store,
                           cvy_study_function *function, void *context)
{
    cvy_workshop shop = {
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
