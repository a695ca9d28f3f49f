/* Measure rounds of all points, each round in its own order, so that drifts of the machine affect
 * all points alike. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/threads.h"
#include "machine/ceilings.h"
#include "machine/load.h"
#include "scaling/scaling_ranks.h"

static const double seconds_of_repeat = 0.5; /* on one thread */
enum { TRIAL_STEPS = 5, STEPS_MIN = 10, STEPS_MAX = 1000000 };

/* --- one training --- */

/* Called by the participating ranks. step_times: [steps], or NULL */
static cvy_status train(const cvy_scaling *s, const cvy_dataset *data, size_t threads,
                        size_t batch_size, size_t steps, cvy_train_times *times, double *step_times,
                        char digest[CVY_DIGEST_TEXT_BYTES])
{
    const cvy_scaling_request *request = &s->request;
    cvy_train_settings settings = cvy_train_defaults();
    const size_t images = cvy_dataset_describe(data).train_count;
    const size_t steps_per_epoch = (images + batch_size - 1) / batch_size;
    cvy_model *model;
    cvy_history *history;
    cvy_comm *comm = cvy_comm_size(request->comm) > 1 ? request->comm : NULL;
    cvy_status status = cvy_comm_agree(comm, cvy_model_create_for(request->model, data, &model));

    if (status != CVY_OK)
        return status;
    settings.optimizer = request->optimizer;
    settings.batch_size = batch_size;
    settings.steps = request->warm_up + steps;
    settings.epochs = (settings.steps + steps_per_epoch - 1) / steps_per_epoch;
    settings.threads = threads;
    settings.seed = request->seed;
    settings.bind = request->bind;
    settings.measure_times = true;
    settings.warm_up = request->warm_up;
    /* after a stop, remaining work may finish */
    settings.stop_requested = s->repeats_wanted == 0 ? request->stop_requested : NULL;
    settings.context = request->context;
    settings.comm = comm;
    status = cvy_train(model, data, &settings, &history);
    if (status == CVY_OK && history->is_stopped) {
        cvy_history_destroy(history);
        status = cvy_fail(CVY_ERR_STOPPED, "stopped");
    }
    if (status == CVY_OK) {
        *times = *history->times;
        if (step_times != NULL && times->step_seconds != NULL)
            memcpy(step_times, times->step_seconds, steps * sizeof *step_times);
        times->step_seconds = NULL; /* owned by the history */
        cvy_history_destroy(history);
        status = cvy_model_digest(model, digest);
    }
    cvy_model_destroy(model);
    return status;
}

static void keep_places(cvy_scaling_point *point, const cvy_train_times *times)
{
    point->workers = times->workers;
    for (size_t i = 0; i < times->workers; i++) {
        point->cpus[i] = times->last_cpu[i];
        point->moves += times->first_cpu[i] != times->last_cpu[i];
    }
}

static void keep_digest(cvy_scaling_point *point, size_t repeat, const char *digest)
{
    if (repeat > 0 && strcmp(point->digest, digest) != 0)
        point->has_changed = true;
    else
        strcpy(point->digest, digest);
}

static cvy_status measure(cvy_scaling *s, const cvy_dataset *data, cvy_scaling_point *point,
                          size_t repeat)
{
    char digest[CVY_DIGEST_TEXT_BYTES];
    cvy_train_times times;
    cvy_status status = train(s, data, point->threads, point->batch_size, s->steps, &times,
                              point->step_times + point->step_time_count, digest);

    if (status != CVY_OK)
        return status;
    point->rates[repeat] = (double)times.images / times.seconds;
    point->steps[repeat] = times.seconds / (double)times.steps;
    for (size_t phase = 0; phase < CVY_PHASE_COUNT; phase++)
        point->phases[phase][repeat] = times.phases[phase] / (double)times.steps;
    point->bytes = times.bytes;
    point->step_time_count += s->steps;
    keep_places(point, &times);
    keep_digest(point, repeat, digest);
    return cvy_scaling_measure_messages(s, point, repeat, &times);
}

/* Measure the peaks of all ranks running at the same time. */
static cvy_status measure_ceilings(cvy_scaling *s, const cvy_triad *triad, cvy_scaling_point *point,
                                   size_t repeat)
{
    const cvy_bind bind = s->request.bind;
    double fma = cvy_measure_fma(s->machine.kernels, bind, point->threads, 2);
    double bandwidth = cvy_measure_triad(triad, bind, point->threads);
    cvy_status status = CVY_OK;

    if (point->ranks > 1)
        status = cvy_scaling_add_up(s->request.comm, &fma);
    if (point->ranks > 1 && status == CVY_OK)
        status = cvy_scaling_add_up(s->request.comm, &bandwidth);
    point->fma = fmax(point->fma, fma);
    point->triad = fmax(point->triad, bandwidth);
    point->exchanges[repeat] = cvy_measure_exchange(triad, bind, point->threads);
    return status;
}

/* Called by all ranks: those of the point measure, the others wait. */
static cvy_status measure_in_turn(cvy_scaling *s, const cvy_dataset *data, const cvy_triad *triad,
                                  cvy_scaling_point *point, size_t repeat)
{
    cvy_comm *comm = s->request.comm;
    cvy_status status = comm != NULL ? cvy_comm_narrow(comm, point->ranks) : CVY_OK;

    if (status != CVY_OK)
        return status;
    if (cvy_comm_rank(comm) < cvy_comm_size(comm))
        status = measure_ceilings(s, triad, point, repeat);
    if (status == CVY_OK && cvy_comm_rank(comm) < cvy_comm_size(comm))
        status = measure(s, data, point, repeat);
    const cvy_status met = cvy_comm_narrow(comm, cvy_comm_started(comm));
    return met == CVY_OK ? cvy_comm_agree(comm, status) : met;
}

/* --- all of them --- */

/* Train on one rank alone, while the others wait. */
static cvy_status train_alone(cvy_scaling *s, const cvy_dataset *data, size_t batch_size,
                              size_t steps, cvy_train_times *times,
                              char digest[CVY_DIGEST_TEXT_BYTES])
{
    cvy_comm *comm = s->request.comm;
    cvy_status status = cvy_comm_narrow(comm, 1);

    if (status == CVY_OK && cvy_scaling_leads(s))
        status = train(s, data, s->points[0].threads, batch_size, steps, times, NULL, digest);
    const cvy_status met = cvy_comm_narrow(comm, cvy_comm_started(comm));
    return met == CVY_OK ? cvy_comm_agree(comm, status) : met;
}

static cvy_status choose_steps(cvy_scaling *s, const cvy_dataset *data)
{
    char digest[CVY_DIGEST_TEXT_BYTES];
    cvy_train_times times = { .steps = 1, .seconds = 1 };

    s->steps = s->request.steps;
    if (s->steps > 0)
        return CVY_OK;
    cvy_status status = train_alone(s, data, s->request.batch_size, TRIAL_STEPS, &times, digest);
    if (status == CVY_OK)
        s->steps = (size_t)fmin(
            fmax(ceil(seconds_of_repeat * (double)times.steps / times.seconds), STEPS_MIN),
            STEPS_MAX);
    return status == CVY_OK ? cvy_comm_broadcast(s->request.comm, &s->steps, sizeof s->steps, 0)
                            : status;
}

static cvy_status create_messages(size_t repeats, cvy_scaling_messages *messages)
{
    double **const series[] = { &messages->seconds, &messages->alone, &messages->latencies,
                                &messages->bandwidths };
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < sizeof series / sizeof *series; i++)
        status = cvy_memory_create(repeats, sizeof **series[i], series[i]);
    return status;
}

static cvy_status create_points(cvy_scaling *s)
{
    const cvy_scaling_request *request = &s->request;
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < request->point_count; i++) {
        cvy_scaling_point *point = &s->points[i];
        point->threads = request->thread_counts[i];
        point->ranks = request->comm != NULL ? request->rank_counts[i] : 0;
        point->batch_size = request->batch_size * (request->is_weak ? cvy_scaling_count(point) : 1);
        status = cvy_memory_create(request->repeats, sizeof(double), &point->rates);
        if (status == CVY_OK && point->ranks > 1)
            status = create_messages(request->repeats, &point->messages);
        if (status == CVY_OK)
            status = cvy_memory_create(request->repeats, sizeof(double), &point->steps);
        if (status == CVY_OK)
            status = cvy_memory_create(request->repeats, sizeof(double), &point->exchanges);
        if (status == CVY_OK)
            status = cvy_memory_create(request->repeats, sizeof *point->turns, &point->turns);
        for (size_t phase = 0; status == CVY_OK && phase < CVY_PHASE_COUNT; phase++)
            status = cvy_memory_create(request->repeats, sizeof(double), &point->phases[phase]);
    }
    return status;
}

static cvy_status create_step_times(cvy_scaling *s)
{
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < s->request.point_count; i++)
        status = cvy_memory_create(s->request.repeats, s->steps * sizeof(double),
                                   &s->points[i].step_times);
    return status;
}

/* Find the digest that each point must have: that of one thread or rank with the same batches. */
static cvy_status find_references(cvy_scaling *s, const cvy_dataset *data)
{
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < s->request.point_count; i++) {
        cvy_scaling_point *point = &s->points[i];
        cvy_train_times times;
        strcpy(point->reference, s->points[0].digest);
        if (s->request.is_weak && cvy_scaling_count(point) > 1)
            status = train_alone(s, data, point->batch_size, s->steps, &times, point->reference);
    }
    return status;
}

/* Keep the complete rounds, from which a report can be made. */
static cvy_status stop(cvy_scaling *s, size_t rounds)
{
    const size_t wanted = s->request.repeats;

    if (rounds > 0) {
        s->repeats_wanted = wanted;
        s->request.repeats = rounds;
    }
    for (size_t i = 0; i < s->request.point_count; i++) /* drop the unfinished round's steps */
        s->points[i].step_time_count = rounds * s->steps;
    return cvy_fail(CVY_ERR_STOPPED, "stopped after %zu of %zu repeats of all points", rounds,
                    wanted);
}

/* Check the precision after this many repeats. The interval needs six, and a valid report
 * CVY_REPEATS_ENOUGH. */
static cvy_status check_precision(cvy_scaling *s, size_t repeats, double *values)
{
    const double precision = s->request.precision;

    s->has_precision = false;
    if (!(precision > 0) || repeats < CVY_REPEATS_ENOUGH || !cvy_scaling_leads(s))
        return CVY_OK;
    for (size_t i = 0; i < s->request.point_count; i++) {
        memcpy(values, s->points[i].rates, repeats * sizeof *values);
        const cvy_repeats r = cvy_repeats_sum_up(values, repeats);
        if (!(r.low >= r.median * (1 - precision) && r.high <= r.median * (1 + precision)))
            return CVY_OK;
    }
    s->has_precision = true;
    s->request.repeats = repeats;
    return CVY_OK;
}

/* Rank 0 decides whether all ranks continue. */
static cvy_status ask_to_go_on(const cvy_scaling *s, size_t done, size_t total)
{
    const cvy_scaling_request *request = &s->request;
    cvy_status status = CVY_OK;

    if (request->on_repeat != NULL && !request->on_repeat(request->context, done, total))
        status = cvy_fail(CVY_ERR_STOPPED, "stopped");
    return cvy_comm_agree(request->comm, cvy_scaling_leads(s) ? status : CVY_OK);
}

static cvy_status run_rounds(cvy_scaling *s, const cvy_dataset *data, const cvy_triad *triad)
{
    const cvy_scaling_request *request = &s->request;
    const size_t points = request->point_count, total = points * request->repeats;
    double *values;
    cvy_status status =
        cvy_comm_agree(request->comm, cvy_memory_create(request->repeats, sizeof *values, &values));

    for (size_t repeat = 0; status == CVY_OK && repeat < request->repeats; repeat++) {
        const cvy_random_stream stream = { request->seed, CVY_RANDOM_SHUFFLE, (uint32_t)repeat };
        const cvy_permutation order = cvy_permutation_create(&stream, (uint32_t)points);
        for (size_t i = 0; i < points && status == CVY_OK; i++) {
            cvy_scaling_point *point = &s->points[cvy_permutation_at(&order, (uint32_t)i)];
            status = ask_to_go_on(s, repeat * points + i, total);
            if (status != CVY_OK)
                break;
            point->turns[repeat] = repeat * points + i;
            status = measure_in_turn(s, data, triad, point, repeat);
        }
        if (status == CVY_ERR_STOPPED) {
            cvy_memory_free(values);
            return stop(s, repeat);
        }
        if (status != CVY_OK)
            break;
        status = check_precision(s, repeat + 1, values);
        if (status == CVY_OK)
            status = cvy_comm_broadcast(request->comm, &s->request.repeats,
                                        sizeof s->request.repeats, 0);
    }
    cvy_memory_free(values);
    return status;
}

static cvy_status describe(cvy_scaling *s, const cvy_dataset *data)
{
    const cvy_dataset_info info = cvy_dataset_describe(data);
    cvy_model *model;
    cvy_status status = cvy_model_create_for(s->request.model, data, &model);

    if (status != CVY_OK)
        return status;
    snprintf(s->model, sizeof s->model, "%.63s", cvy_model_name(model));
    snprintf(s->data, sizeof s->data, "%.255s", info.name);
    s->train_count = info.train_count;
    s->parameters = cvy_model_parameter_count(model);
    s->flops = cvy_model_flops(model, true);
    cvy_model_destroy(model);

    const cvy_scaling_request *request = &s->request;
    const cvy_scaling_point *last = &s->points[request->point_count - 1];
    const size_t most = last->threads, count = cvy_scaling_count(last);
    const size_t largest = last->batch_size;
    if (largest > info.train_count)
        return cvy_fail(CVY_ERR_SETTING,
                        "batch_size: %zu images an update with %zu %.*s, but %s has %zu", largest,
                        count, (int)strlen(cvy_scaling_unit(s)) - (count == 1), cvy_scaling_unit(s),
                        info.name, info.train_count);
    status = cvy_threads_prepare(most);
    return status == CVY_OK ? cvy_machine_look(most, &s->machine) : status;
}

static cvy_status measure_all(cvy_scaling *s, const cvy_dataset *data)
{
    const cvy_topology *topology = cvy_topology_detect();
    const size_t cores = topology->allowed_cores;
    cvy_triad triad;
    cvy_status status =
        cvy_comm_agree(s->request.comm, cvy_triad_create(s->request.bind, cores, 0, &triad));

    s->triad_bytes = triad.count * sizeof(double);
    s->has_small_triad = triad.is_small;
    if (status == CVY_OK)
        status = choose_steps(s, data);
    if (status == CVY_OK)
        status = cvy_comm_agree(s->request.comm, create_step_times(s));
    const double start = cvy_clock_seconds();
    const cvy_load_mark before = cvy_load_begin();
    if (status == CVY_OK)
        status = run_rounds(s, data, &triad);
    s->seconds = cvy_clock_seconds() - start;
    double neighbours = 0;
    if (s->request.comm != NULL && (status == CVY_OK || s->repeats_wanted > 0)) {
        const cvy_status asked =
            cvy_scaling_neighbour_time(s->request.comm, cvy_load_own(&before), &neighbours);
        status = status == CVY_OK ? asked : status;
    }
    s->load_elsewhere = cvy_load_elsewhere_but(&before, neighbours);
    cvy_triad_release(&triad);
    if (status != CVY_OK && s->repeats_wanted == 0)
        return status;
    const cvy_status found = find_references(s, data);
    return status == CVY_OK ? found : status;
}

cvy_status cvy_scaling_run(const cvy_scaling_request *request, cvy_scaling *s)
{
    cvy_dataset *data = NULL;

    *s = (cvy_scaling){ .request = *request };
    cvy_status status = cvy_comm_agree(
        request->comm,
        cvy_dataset_open(request->data, cvy_topology_threads(cvy_topology_detect()), &data));
    if (status == CVY_OK && request->batch_size == 0)
        s->request.batch_size = cvy_dataset_describe(data).train_count;
    if (status == CVY_OK)
        status = create_points(s);
    if (status == CVY_OK)
        status = describe(s, data);
    status = cvy_comm_agree(request->comm, status);
    if (status == CVY_OK)
        status = measure_all(s, data);
    cvy_dataset_close(data);
    if (status != CVY_OK && s->repeats_wanted == 0)
        return status;
    const cvy_status worked_out = cvy_scaling_leads(s) ? cvy_scaling_work_out(s) : CVY_OK;
    return worked_out == CVY_OK ? status : worked_out;
}

void cvy_scaling_release(cvy_scaling *s)
{
    for (size_t i = 0; i < CVY_POINTS_MAX; i++) {
        cvy_memory_free(s->points[i].rates);
        cvy_memory_free(s->points[i].steps);
        cvy_memory_free(s->points[i].exchanges);
        cvy_memory_free(s->points[i].turns);
        cvy_memory_free(s->points[i].step_times);
        cvy_memory_free(s->points[i].messages.seconds);
        cvy_memory_free(s->points[i].messages.alone);
        cvy_memory_free(s->points[i].messages.latencies);
        cvy_memory_free(s->points[i].messages.bandwidths);
        for (size_t phase = 0; phase < CVY_PHASE_COUNT; phase++)
            cvy_memory_free(s->points[i].phases[phase]);
    }
    s->request.point_count = 0;
}
