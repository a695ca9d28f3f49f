#include "study/study_run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/minmax.h"
#include "base/stop.h"
#include "convoy/train.h"

/* A loss above this multiple of a guess's loss has exploded. */
static const double exploded = 10;

/* A training in a job. */
typedef struct {
    cvy_workshop *shop;
    cvy_study_run *run;
    cvy_recorder *recorder; /* NULL: nothing is recorded */
    size_t steps_told;
    double seconds_before; /* training time of the completed epochs */
} job;

/* --- progress --- */

/* A step never waits for another job's report, but skips its own. The end of a run is always
 * reported. */
static void tell(job *j, bool is_run_end)
{
    cvy_workshop *shop = j->shop;

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

static void note_failure(cvy_workshop *shop, cvy_status status)
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

/* --- training --- */

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

/* With cross-entropy, a far too large learning rate seldom gives non-finite numbers: the loss grows
 * by orders of magnitude, the units die, and from then on the network guesses. */
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

/* Gradient noise is measured only in the first run of each configuration, since it takes time. */
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

/* The noise scale does not depend on the batch size, but its estimate needs several batches and is
 * poor from single images. So it is measured with the study's batch size for all of --grid
 * batch_size, and with a smaller one if the images do not suffice. */
static cvy_status end_record(job *j, const cvy_model *model, const cvy_train_settings *settings)
{
    const cvy_setup *setup = &j->shop->study->setup;
    const size_t most = setup->train_count / CVY_NOISE_BATCHES;
    cvy_train_settings for_noise = *settings;

    if (j->recorder == NULL)
        return CVY_OK;
    for_noise.batch_size = cvy_max(1, cvy_min(setup->batch_size, most));
    return cvy_recorder_finish(j->recorder, j->run->state == CVY_RUN_FINISHED ? model : NULL,
                               j->shop->data, &for_noise, &j->run->inside);
}

cvy_train_settings cvy_study_settings_of(const cvy_study *study, size_t configuration,
                                         uint64_t seed)
{
    const cvy_setup *setup = &study->setup;
    const cvy_configuration *c = &study->configurations[configuration];
    cvy_train_settings settings = cvy_train_defaults();

    settings.optimizer = c->optimizer;
    settings.learning_rate = c->learning_rate;
    settings.loss = setup->loss;
    settings.epochs = setup->epochs;
    settings.batch_size = c->batch_size;
    settings.limit = setup->limit;
    settings.validation_split = setup->has_validation_part ? 0 : setup->validation_split;
    settings.threads = setup->threads;
    settings.seed = seed;
    return settings;
}

/* Train; a stopped run returns to waiting. */
static cvy_status train(job *j, cvy_model *model)
{
    cvy_study_run *run = j->run;
    const cvy_study *study = j->shop->study;
    cvy_history *history = NULL;
    cvy_train_settings settings = cvy_study_settings_of(study, run->configuration, run->seed);

    settings.evaluate_every = study->configurations[run->configuration].evaluate_every;
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

static cvy_status train_and_keep(job *j, cvy_load_mark *mark)
{
    cvy_workshop *shop = j->shop;
    cvy_study_run *run = j->run;
    const double start = cvy_clock_seconds();
    cvy_model *model = NULL;
    cvy_status status =
        cvy_memory_create(cvy_study_evaluations(&shop->study->setup,
                                                &shop->study->configurations[run->configuration]),
                          sizeof *run->points, &run->points);

    if (status == CVY_OK)
        status = cvy_model_create_for(shop->study->setup.model, shop->data, &model);
    if (status == CVY_OK)
        status = train(j, model);
    cvy_model_destroy(model);
    cvy_recorder_destroy(j->recorder);
    j->recorder = NULL;
    run->seconds = cvy_clock_seconds() - start;
    run->load = cvy_load_elsewhere(mark);
    if (!isnan(run->load))
        *mark = cvy_load_begin();
    if (status == CVY_OK && run->state != CVY_RUN_WAITING)
        status = cvy_run_store_write(shop->store, run);
    return status;
}

void cvy_study_do_run(cvy_workshop *shop, cvy_study_run *run, cvy_load_mark *mark)
{
    const cvy_study *study = shop->study;
    job j = { .shop = shop, .run = run };
    const cvy_status status = train_and_keep(&j, mark);

    if (status != CVY_OK) {
        note_failure(shop, status);
    } else if (run->state != CVY_RUN_WAITING) {
        add_steps(&j, cvy_study_steps(&study->setup, &study->configurations[run->configuration]));
        atomic_fetch_add(&shop->runs_done, 1);
        tell(&j, true);
    }
}
