#include "study/cost.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "convoy/train.h"
#include "machine/load.h"

static const double seconds_of_repeat = 0.03;
enum { TRIAL_STEPS = 10, STEPS_MIN = 10, STEPS_MAX = 1000, WARM_UP = 3 };

/* Measure the seconds per update; NaN if the run diverges. */
static cvy_status measure(const cvy_study *study, const cvy_dataset *data, size_t configuration,
                          size_t steps, double *seconds)
{
    const cvy_setup *setup = &study->setup;
    const cvy_configuration *c = &study->configurations[configuration];
    cvy_train_settings settings = cvy_train_defaults();
    cvy_model *model;
    cvy_history *history = NULL;
    cvy_status status = cvy_model_create_for(setup->model, data, &model);

    if (status != CVY_OK)
        return status;
    settings.optimizer = c->optimizer;
    settings.learning_rate = c->learning_rate;
    settings.loss = setup->loss;
    settings.batch_size = setup->batch_size;
    settings.limit = setup->limit;
    settings.steps = WARM_UP + steps;
    settings.epochs = settings.steps / setup->steps_per_epoch + 1;
    settings.threads = setup->threads;
    settings.seed = study->seeds[0];
    settings.measure_times = true;
    settings.warm_up = WARM_UP;
    *seconds = NAN;
    status = cvy_train(model, data, &settings, &history);
    if (status == CVY_OK)
        *seconds = history->times->seconds / (double)history->times->steps;
    cvy_history_destroy(history);
    cvy_model_destroy(model);
    return status == CVY_ERR_DIVERGED ? CVY_OK : status;
}

/* Choose the number of updates so that a repeat takes about seconds_of_repeat. */
static cvy_status choose_steps(cvy_study *study, const cvy_dataset *data)
{
    double seconds = NAN;
    cvy_status status = measure(study, data, 0, TRIAL_STEPS, &seconds);

    study->cost_steps =
        isnan(seconds)
            ? STEPS_MIN
            : (size_t)fmin(fmax(ceil(seconds_of_repeat / seconds), STEPS_MIN), STEPS_MAX);
    return status;
}

static bool is_told(const cvy_study *study, cvy_study_function *function, void *context,
                    double start)
{
    const cvy_study_progress progress = { .study = study,
                                          .runs_done = study->run_count,
                                          .run_count = study->run_count,
                                          .share = 1,
                                          .seconds = cvy_clock_seconds() - start };
    return function(context, &progress);
}

/* seconds: [configuration][round] */
static cvy_status run_rounds(cvy_study *study, const cvy_dataset *data,
                             cvy_study_function *function, void *context, double *seconds,
                             bool *is_stopped)
{
    const size_t count = study->compared_count, rounds = study->cost_repeats;
    const double start = cvy_clock_seconds();
    cvy_status status = CVY_OK;

    for (size_t r = 0; r < rounds; r++) {
        const cvy_random_stream stream = { study->seeds[0], CVY_RANDOM_SHUFFLE, (uint32_t)r };
        const cvy_permutation order = cvy_permutation_create(&stream, (uint32_t)count);
        for (size_t i = 0; i < count && status == CVY_OK; i++) {
            const size_t k = cvy_permutation_at(&order, (uint32_t)i);
            if (!is_told(study, function, context, start)) {
                *is_stopped = true;
                return CVY_OK;
            }
            status = measure(study, data, k, study->cost_steps, &seconds[k * rounds + r]);
        }
    }
    return status;
}

static cvy_repeats sum_up(double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (isnan(values[i]))
            return (cvy_repeats){ NAN, NAN, NAN, NAN, NAN, NAN };
    return cvy_repeats_sum_up(values, count);
}

/* ratios is scratch for one configuration. */
static void sum_up_all(cvy_study *study, double *seconds, double *ratios)
{
    const size_t rounds = study->cost_repeats, plain = cvy_study_plain_sgd(study);

    for (size_t k = 0; k < study->compared_count; k++) {
        for (size_t r = 0; r < rounds; r++)
            ratios[r] = plain < study->compared_count
                            ? seconds[k * rounds + r] / seconds[plain * rounds + r]
                            : NAN;
        study->costs[k].ratio = sum_up(ratios, rounds);
    }
    for (size_t k = 0; k < study->compared_count; k++)
        study->costs[k].seconds = sum_up(&seconds[k * rounds], rounds);
}

cvy_status cvy_study_measure_costs(cvy_study *study, const cvy_dataset *data,
                                   cvy_study_function *function, void *context)
{
    const size_t rounds = study->cost_repeats;
    double *seconds = NULL;
    bool is_stopped = false;

    /* with different batch sizes, updates differ in work */
    if (rounds == 0 || cvy_study_varies_batches(study))
        return CVY_OK;
    cvy_status status = choose_steps(study, data);
    if (status == CVY_OK)
        status = cvy_memory_create((study->compared_count + 1) * rounds, sizeof *seconds, &seconds);
    const cvy_load_mark before = cvy_load_begin();
    if (status == CVY_OK)
        status = run_rounds(study, data, function, context, seconds, &is_stopped);
    study->cost_load = cvy_load_elsewhere(&before);
    if (status == CVY_OK && !is_stopped)
        status = cvy_memory_create(study->compared_count, sizeof *study->costs, &study->costs);
    if (status == CVY_OK && !is_stopped)
        sum_up_all(study, seconds, seconds + study->compared_count * rounds);
    cvy_memory_free(seconds);
    return status;
}
