#include "study/study.h"

#include <stdlib.h>

#include <string.h>

#include "base/memory.h"
#include "study/surface.h"

const char *const cvy_metric_names[CVY_METRIC_COUNT] = {
    [CVY_METRIC_LOSS] = "loss",
    [CVY_METRIC_VAL_LOSS] = "val_loss",
    [CVY_METRIC_ACCURACY] = "accuracy",
    [CVY_METRIC_VAL_ACCURACY] = "val_accuracy",
};

bool cvy_metric_rises(cvy_metric metric)
{
    return metric == CVY_METRIC_ACCURACY || metric == CVY_METRIC_VAL_ACCURACY;
}

size_t cvy_study_evaluations(const cvy_setup *s, const cvy_configuration *c)
{
    const size_t steps = c->steps_per_epoch > 0 ? c->steps_per_epoch : s->steps_per_epoch;
    const size_t every = c->evaluate_every > 0 ? c->evaluate_every : s->evaluate_every;

    return s->epochs * ((steps + every - 1) / every);
}

bool cvy_study_has_curves(const cvy_study *study)
{
    for (size_t i = 0; i < study->compared_count; i++)
        if (cvy_study_evaluations(&study->setup, &study->configurations[i]) > 1)
            return true;
    return false;
}

size_t cvy_study_steps(const cvy_setup *s, const cvy_configuration *c)
{
    return s->epochs * (c->steps_per_epoch > 0 ? c->steps_per_epoch : s->steps_per_epoch);
}

size_t cvy_study_all_steps(const cvy_study *study)
{
    size_t steps = 0;

    for (size_t i = 0; i < study->configuration_count; i++)
        steps += study->configurations[i].run_count *
                 cvy_study_steps(&study->setup, &study->configurations[i]);
    return steps;
}

bool cvy_study_varies_batches(const cvy_study *study)
{
    for (size_t i = 1; i < study->compared_count; i++)
        if (study->configurations[i].batch_size != study->configurations[0].batch_size)
            return true;
    return false;
}

const cvy_study_run *cvy_study_run_at(const cvy_study *study, size_t configuration, size_t seed)
{
    const cvy_configuration *c = &study->configurations[configuration];
    return seed < c->run_count ? &study->runs[c->first_run + seed] : NULL;
}

size_t cvy_study_trials(const cvy_study *study, size_t configuration)
{
    size_t trials = 0;

    for (size_t i = study->compared_count; i < study->configuration_count; i++)
        trials += study->configurations[i].role == CVY_ROLE_TRIAL &&
                  study->configurations[i].base == configuration;
    return trials;
}

const cvy_point *cvy_study_hit(const cvy_study_run *run, const cvy_target *target)
{
    for (size_t i = 0; i < run->point_count; i++) {
        const double value = run->points[i].metric[target->metric];
        if (cvy_metric_rises(target->metric) ? value >= target->value : value <= target->value)
            return &run->points[i];
    }
    return NULL;
}

/* Plain SGD keeps no state. */
bool cvy_study_is_plain_sgd(const cvy_study *study, size_t configuration)
{
    const cvy_configuration *c = &study->configurations[configuration];
    return c->state_floats == 0 && strcspn(c->optimizer, ":") == 3 &&
           memcmp(c->optimizer, "sgd", 3) == 0;
}

void cvy_study_run_release(cvy_study_run *run)
{
    cvy_memory_free(run->points);
    cvy_inside_destroy(run->inside);
    run->points = NULL;
    run->inside = NULL;
}

void cvy_study_release(cvy_study *study)
{
    cvy_setup *s = &study->setup;
    char *texts[] = { s->model,        s->data,    s->loss,    s->model_name,
                      s->data_name,    s->version, s->machine, s->kernels,
                      s->instructions, s->command, s->common };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cvy_memory_free(texts[i]);
    for (size_t i = 0; study->configurations != NULL && i < study->configuration_count; i++) {
        cvy_memory_free(study->configurations[i].label);
        cvy_memory_free(study->configurations[i].untuned_label);
        cvy_memory_free(study->configurations[i].optimizer);
        cvy_memory_free(study->configurations[i].learning_rate);
    }
    for (size_t i = 0; study->runs != NULL && i < study->run_count; i++)
        cvy_study_run_release(&study->runs[i]);
    cvy_memory_free(study->configurations);
    cvy_memory_free(study->runs);
    cvy_memory_free(study->seeds);
    cvy_memory_free(study->targets);
    cvy_memory_free(study->costs);
    cvy_surface_destroy(study->surface);
    *study = (cvy_study){ 0 };
}
