#include "study/cost.h"

#include <math.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "convoy/train.h"
#include "machine/load.h"
#include "study/study_run.h"

static const double seconds_of_repeat = 0.03;
enum { TRIAL_STEPS = 10, STEPS_MAX = 1000, WARM_UP = 3 };

/* Measure the seconds per update; NaN if the run diverges. The batches are those of the study,
 * without its validation images. */
static cvy_status measure(const cvy_study *study, const cvy_dataset *data, size_t configuration,
                          size_t steps, double *seconds)
{
    const cvy_configuration *c = &study->configurations[configuration];
    cvy_train_settings settings = cvy_study_settings_of(study, configuration, study->seeds[0]);
    cvy_model *model;
    cvy_history *history = NULL;
    cvy_status status = cvy_model_create_for(study->setup.model, data, &model);

    if (status != CVY_OK)
        return status;
    settings.validation_split = 0;
    settings.limit = study->setup.train_count;
    settings.measure_times = true;
    settings.warm_up = steps < WARM_UP ? steps : WARM_UP;
    settings.steps = settings.warm_up + steps;
    settings.epochs =
        settings.steps / (cvy_study_steps(&study->setup, c) / study->setup.epochs) + 1;
    *seconds = NAN;
    status = cvy_train(model, data, &settings, &history);
    if (status == CVY_OK)
        *seconds = history->times->seconds / (double)history->times->steps;
    cvy_history_destroy(history);
    cvy_model_destroy(model);
    return status == CVY_ERR_DIVERGED ? CVY_OK : status;
}

/* Choose the number of updates so that a repeat takes about seconds_of_repeat. Large batches need one update to tell
 * that one is enough. */
static cvy_status choose_steps_of(const cvy_study *study, const cvy_dataset *data,
                                  size_t configuration, size_t *steps)
{
    double seconds = NAN;
    cvy_status status = measure(study, data, configuration, 1, &seconds);

    if (status == CVY_OK && !(seconds * TRIAL_STEPS > seconds_of_repeat))
        status = measure(study, data, configuration, TRIAL_STEPS, &seconds);
    *steps = isnan(seconds) ? TRIAL_STEPS
                            : (size_t)fmin(fmax(ceil(seconds_of_repeat / seconds), 1), STEPS_MAX);
    return status;
}

/* Those with the batch size of a configuration before have its number, so that they are timed alike. */
static cvy_status choose_steps(cvy_study *study, const cvy_dataset *data)
{
    cvy_status status = CVY_OK;

    for (size_t k = 0; status == CVY_OK && k < study->compared_count; k++) {
        size_t same = 0;
        while (study->configurations[same].batch_size != study->configurations[k].batch_size)
            same++;
        if (same < k)
            study->costs[k].steps = study->costs[same].steps;
        else
            status = choose_steps_of(study, data, k, &study->costs[k].steps);
    }
    return status;
}

/* --- rounds --- */

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
            status = measure(study, data, k, study->costs[k].steps, &seconds[k * rounds + r]);
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

/* Plain SGD with the batch size of a configuration; compared_count: it is not compared. */
static size_t find_reference(const cvy_study *study, size_t configuration)
{
    const size_t batch_size = study->configurations[configuration].batch_size;
    size_t i = 0;

    while (i < study->compared_count &&
           (!cvy_study_is_plain_sgd(study, i) || study->configurations[i].batch_size != batch_size))
        i++;
    return i;
}

/* ratios is scratch for one configuration; they come first, as summing up sorts the seconds. */
static void sum_up_all(cvy_study *study, double *seconds, double *ratios)
{
    const size_t rounds = study->cost_repeats;

    for (size_t k = 0; k < study->compared_count; k++) {
        const size_t plain = find_reference(study, k);
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

    if (rounds == 0)
        return CVY_OK;
    cvy_status status =
        cvy_memory_create(study->compared_count, sizeof *study->costs, &study->costs);
    if (status == CVY_OK)
        status = choose_steps(study, data);
    if (status == CVY_OK)
        status = cvy_memory_create((study->compared_count + 1) * rounds, sizeof *seconds, &seconds);
    const cvy_load_mark before = cvy_load_begin();
    if (status == CVY_OK)
        status = run_rounds(study, data, function, context, seconds, &is_stopped);
    study->cost_load = cvy_load_elsewhere(&before);
    if (status == CVY_OK && !is_stopped) {
        sum_up_all(study, seconds, seconds + study->compared_count * rounds);
    } else {
        cvy_memory_free(study->costs);
        study->costs = NULL;
        study->is_cost_stopped = is_stopped;
    }
    cvy_memory_free(seconds);
    return status;
}
