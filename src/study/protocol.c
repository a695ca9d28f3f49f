#include "study/protocol.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "study/tuning.h"

/* Source: MLCommons, AlgoPerf 0.6, Technical Documentation, «External tuning ruleset»: 3 studies (5 before 0.6) of 5
 * trials, drawn quasi-randomly from a search space that is the same for all workloads. The space is the
 * submitter's; this one covers the learning rates of the optimizers here. */
static const cvy_protocol algoperf_external = {
    .name = "algoperf-external",
    .title = "AlgoPerf, external tuning",
    .tunings = { 1, { "learning_rate=1e-4..1:15:quasi-random" } },
    .trials = 15,
    .studies = 3,
    .words = "15 quasi-random points, dealt to 3 studies of 5 trials; the time of a study is that "
             "of its "
             "fastest trial to the target, the score their median",
    .source = "Dahl et al., Benchmarking Neural Network Training Algorithms (2023); MLCommons, "
              "AlgoPerf 0.6",
};

/* Source: Schneider, Balles and Hennig, DeepOBS: A Deep Learning Optimizer Benchmark Suite (ICLR 2019), and its
 * manual, «Suggested Protocol». */
static const cvy_protocol deepobs = {
    .name = "deepobs",
    .title = "DeepOBS",
    .tunings = { 1, { "learning_rate=1e-5..100:36" } },
    .trials = 36,
    .seed_count = 10,
    .words = "36 learning rates on a logarithmic grid from 1e-5 to 100, one seed each; the best at "
             "the end "
             "of training again with 10 seeds",
    .source = "Schneider, Balles and Hennig, DeepOBS (ICLR 2019)",
};

const cvy_protocol *const cvy_protocols[] = { &algoperf_external, &deepobs, NULL };

/* --- settings --- */

static cvy_status find(const char *name, const cvy_protocol **protocol)
{
    char known[128] = "";

    for (size_t i = 0; cvy_protocols[i] != NULL; i++) {
        *protocol = cvy_protocols[i];
        if (strcmp((*protocol)->name, name) == 0)
            return CVY_OK;
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", i > 0 ? " or " : "",
                 (*protocol)->name);
    }
    return cvy_fail(CVY_ERR_SETTING, "--protocol: found \"%.80s\", expected %s", name, known);
}

/* A user's search space must have the protocol's number of trials and way of drawing them. */
static cvy_status check_budget(const cvy_study_settings *settings, const cvy_protocol *protocol)
{
    cvy_tuning tuning = { 0 };
    const bool is_random = protocol->studies > 0;

    for (size_t i = 0; i < settings->tunings->count; i++) {
        cvy_status status = cvy_tuning_read(settings->tunings->texts[i], &tuning);
        if (status != CVY_OK)
            return status;
        if (tuning.keys[i].count != protocol->trials || tuning.is_random != is_random ||
            (!is_random && settings->tunings->count > 1))
            return cvy_fail(CVY_ERR_SETTING,
                            "--tune: found \"%.80s\", expected %zu %s of %s with --protocol %s",
                            settings->tunings->texts[i], protocol->trials,
                            is_random ? "quasi-random points" : "values on a grid",
                            is_random ? "each key" : "one key", protocol->name);
    }
    return CVY_OK;
}

cvy_status cvy_protocol_apply(cvy_study_settings *settings, const cvy_protocol **protocol)
{
    *protocol = NULL;
    if (settings->protocol == NULL)
        return CVY_OK;
    cvy_status status = find(settings->protocol, protocol);
    if (status == CVY_OK)
        status = check_budget(settings, *protocol);
    if (status != CVY_OK)
        return status;
    if (settings->tunings->count == 0)
        settings->tunings = &(*protocol)->tunings;
    if (settings->seed_count == 0)
        settings->seed_count = (*protocol)->seed_count;
    return CVY_OK;
}

/* --- the score --- */

size_t cvy_protocol_study_of(const cvy_protocol *protocol, uint64_t seed, size_t trial)
{
    const cvy_random_stream stream = { seed, CVY_RANDOM_SHUFFLE, 0 };
    const cvy_permutation order = cvy_permutation_create(&stream, (uint32_t)protocol->trials);
    const size_t each = protocol->trials / protocol->studies;

    return trial < protocol->trials ? cvy_permutation_at(&order, (uint32_t)trial) / each : 0;
}

static double median_of(const double *values, size_t count)
{
    double sorted[CVY_STUDIES_MAX];

    memcpy(sorted, values, count * sizeof *sorted);
    cvy_sort(sorted, count);
    return cvy_quantile(sorted, count, 0.5);
}

cvy_protocol_score cvy_protocol_score_of(const cvy_study *study, size_t configuration,
                                         const cvy_target *target)
{
    const cvy_protocol *protocol = study->protocol;
    cvy_protocol_score score = { 0 };
    double seconds[CVY_STUDIES_MAX];

    for (size_t s = 0; s < protocol->studies; s++)
        score.steps[s] = seconds[s] = HUGE_VAL;
    for (size_t i = 0; i < study->configuration_count; i++) {
        const cvy_configuration *c = &study->configurations[i];
        if (c->role != CVY_ROLE_TRIAL || c->base != configuration)
            continue;
        const size_t s = cvy_protocol_study_of(protocol, study->tuning.seed, score.trials++);
        const cvy_point *hit = cvy_study_hit(&study->runs[c->first_run], target);
        if (hit == NULL)
            continue;
        score.reached++;
        score.steps[s] = fmin(score.steps[s], (double)hit->step);
        seconds[s] = fmin(seconds[s], hit->train_seconds);
    }
    score.median_steps = median_of(score.steps, protocol->studies);
    score.median_seconds = median_of(seconds, protocol->studies);
    return score;
}
