/* Plan a study: its setup, its seeds, and its waiting runs. */
#include "study/study_plan.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cpu.h"
#include "base/memory.h"
#include "base/topology.h"
#include "convoy/convoy.h"
#include "convoy/runtime.h"
#include "study/configurations.h"
#include "study/protocol.h"
#include "study/targets.h"

enum { SEEDS_USUAL = 5, SEEDS_ASKED = 10 };

/* An epoch of at least LONG_EPOCH updates is evaluated LOOKS times; each evaluation costs about 3 %
 * of the epoch. */
enum { LONG_EPOCH = 100, LOOKS = 4 };

static cvy_status copy_texts(const cvy_study_settings *s, const cvy_model *model,
                             const cvy_dataset *data, cvy_setup *setup)
{
    const struct {
        const char *from;
        char **to;
    } texts[] = {
        { s->model, &setup->model },
        { s->data, &setup->data },
        { s->loss, &setup->loss },
        { s->command, &setup->command },
        { cvy_model_name(model), &setup->model_name },
        { cvy_dataset_describe(data).name, &setup->data_name },
        { CVY_VERSION_STRING, &setup->version },
        { cvy_cpu_detect()->model, &setup->machine },
    };
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < sizeof texts / sizeof *texts; i++)
        status = cvy_text_copy(texts[i].from, texts[i].to);
    return status;
}

static cvy_status copy_kernels(cvy_setup *setup)
{
    const char *gemm, *isa;
    cvy_status status = cvy_kernels_selected(&gemm, &isa);

    if (status == CVY_OK)
        status = cvy_text_copy(gemm, &setup->kernels);
    return status == CVY_OK ? cvy_text_copy(isa, &setup->instructions) : status;
}

static size_t choose_interval(size_t wanted, size_t steps_per_epoch)
{
    if (wanted == 0 && steps_per_epoch >= LONG_EPOCH)
        return (steps_per_epoch + LOOKS - 1) / LOOKS;
    return wanted == 0 || wanted > steps_per_epoch ? steps_per_epoch : wanted;
}

/* Count as cvy_train() does. */
static cvy_status count_images(const cvy_study_settings *s, const cvy_dataset *data,
                               cvy_setup *setup)
{
    const cvy_dataset_info info = cvy_dataset_describe(data);
    const size_t count = s->limit > 0 && s->limit < info.train_count ? s->limit : info.train_count;

    setup->has_validation_part = info.validation_count > 0;
    setup->train_count = setup->has_validation_part
                             ? count
                             : (size_t)floor((double)count * (1 - s->validation_split));
    setup->validation_count =
        setup->has_validation_part ? info.validation_count : count - setup->train_count;
    setup->test_count = info.test_count;
    setup->class_count = info.class_count;
    if (setup->train_count < 1)
        return cvy_fail(CVY_ERR_SETTING,
                        "--validation-split: found %g, which leaves none of %zu "
                        "images to train on",
                        s->validation_split, count);
    if (s->tunings->count > 0 && setup->validation_count == 0)
        return cvy_fail(CVY_ERR_SETTING, "--tune: there are no validation images, expected a "
                                         "--validation-split above 0");
    setup->batch_size = s->batch_size == 0 || s->batch_size > setup->train_count
                            ? setup->train_count
                            : s->batch_size;
    setup->steps_per_epoch = (setup->train_count + setup->batch_size - 1) / setup->batch_size;
    setup->evaluate_every = choose_interval(s->evaluate_every, setup->steps_per_epoch);
    return CVY_OK;
}

static cvy_status fill_sheet(const cvy_study_settings *s, const cvy_model *model,
                             const cvy_dataset *data, cvy_setup *setup)
{
    *setup = (cvy_setup){
        .parameter_count = cvy_model_parameter_count(model),
        .trained_count = cvy_model_trained_count(model),
        .limit = s->limit,
        .validation_split = s->validation_split,
        .epochs = s->epochs,
        .threads = s->threads,
        .core_count = cvy_topology_detect()->allowed_cores,
    };
    cvy_status status = copy_texts(s, model, data, setup);
    if (status == CVY_OK)
        status = copy_kernels(setup);
    if (status == CVY_OK)
        status = cvy_dataset_digest(data, setup->data_sha256);
    return status == CVY_OK ? count_images(s, data, setup) : status;
}

static cvy_status choose_seeds(const cvy_study_settings *s, cvy_study *study)
{
    const bool is_usual = s->optimizers->count == 0 && s->learning_rates->count == 0;
    const size_t count = s->seed_count > 0 ? s->seed_count : is_usual ? SEEDS_USUAL : SEEDS_ASKED;
    cvy_status status = cvy_memory_create(count, sizeof *study->seeds, &study->seeds);

    if (status != CVY_OK)
        return status;
    study->seed_count = count;
    for (size_t i = 0; i < count; i++)
        study->seeds[i] = s->seed + i;
    study->tuning.seed = s->seed + count; /* not among the compared seeds */
    return CVY_OK;
}

/* Trials that a protocol deals to several studies have one seed per study. */
static void set_seeds(cvy_study *study, size_t configuration, size_t trial)
{
    const cvy_configuration *c = &study->configurations[configuration];
    const cvy_protocol *protocol = study->protocol;
    uint64_t seed = study->tuning.seed;

    if (protocol != NULL && protocol->studies > 0)
        seed += cvy_protocol_study_of(protocol, study->tuning.seed, trial);
    for (size_t s = 0; s < c->run_count; s++)
        study->runs[c->first_run + s] = (cvy_study_run){
            .configuration = configuration,
            .seed = c->role == CVY_ROLE_TRIAL ? seed : study->seeds[s],
        };
}

static cvy_status lay_out_runs(cvy_study *study)
{
    size_t count = 0;

    for (size_t i = 0; i < study->configuration_count; i++) {
        cvy_configuration *c = &study->configurations[i];
        c->state_bytes = c->state_floats * sizeof(float) * study->setup.trained_count;
        c->first_run = count;
        c->run_count = c->role == CVY_ROLE_TRIAL ? 1 : study->seed_count;
        count += c->run_count;
    }
    cvy_status status = cvy_memory_create(count, sizeof *study->runs, &study->runs);
    if (status != CVY_OK)
        return status;
    study->run_count = count;
    size_t trial = 0; /* trial number within its base, whose trials are consecutive */
    for (size_t i = 0; i < study->configuration_count; i++) {
        const cvy_configuration *c = &study->configurations[i];
        const bool follows = i > 0 && c->role == CVY_ROLE_TRIAL && c[-1].role == CVY_ROLE_TRIAL &&
                             c[-1].base == c->base;
        trial = follows ? trial + 1 : 0;
        set_seeds(study, i, trial);
    }
    return CVY_OK;
}

/* --- hypotheses --- */

static cvy_status find_configuration(const cvy_study *study, const char *option, const char *name,
                                     size_t length, size_t *found)
{
    for (size_t i = 0; i < study->compared_count; i++) {
        const char *label = study->configurations[i].label;
        if (strlen(label) == length && strncmp(label, name, length) == 0) {
            *found = i;
            return CVY_OK;
        }
    }
    char names[256] = "";
    for (size_t i = 0, used = 0; i < study->compared_count && used < sizeof names; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s\"%s\"", i > 0 ? ", " : "",
                                 study->configurations[i].label);
    return cvy_fail(CVY_ERR_SETTING, "--%s: \"%.*s\" is not compared, expected one of %s", option,
                    length < 80 ? (int)length : 80, name, names);
}

/* A label may contain commas. */
static cvy_status read_pair(const char *pair, cvy_study *study)
{
    cvy_hypotheses *h = &study->hypotheses;
    cvy_status status = CVY_ERR_SETTING;

    for (const char *comma = strchr(pair, ','); comma != NULL && status != CVY_OK;
         comma = strchr(comma + 1, ',')) {
        const char *second = comma + 1 + strspn(comma + 1, " ");
        status = find_configuration(study, "pair", pair, (size_t)(comma - pair), &h->first);
        if (status == CVY_OK)
            status = find_configuration(study, "pair", second, strlen(second), &h->second);
    }
    if (strchr(pair, ',') == NULL || (status == CVY_OK && h->first == h->second))
        return cvy_fail(
            CVY_ERR_SETTING, "--pair: found \"%.80s\", expected two names: A,B, as in %s,%s", pair,
            study->configurations[0].label, study->configurations[study->compared_count > 1].label);
    return status;
}

static cvy_status read_hypotheses(const cvy_study_settings *s, cvy_study *study)
{
    cvy_hypotheses *h = &study->hypotheses;

    h->margin = s->margin;
    if (s->baseline != NULL && s->pair != NULL)
        return cvy_fail(CVY_ERR_SETTING, "--pair: found with --baseline, expected one of them");
    if (s->baseline != NULL) {
        h->tests = CVY_TESTS_BASELINE;
        return find_configuration(study, "baseline", s->baseline, strlen(s->baseline), &h->first);
    }
    if (s->pair == NULL)
        return CVY_OK;
    h->tests = CVY_TESTS_PAIR;
    return read_pair(s->pair, study);
}

cvy_status cvy_study_plan(const cvy_study_settings *asked, const cvy_model *model,
                          const cvy_dataset *data, cvy_study *study)
{
    cvy_study_settings with_protocol = *asked;
    const cvy_study_settings *settings = &with_protocol;

    *study = (cvy_study){ .is_about_schedules = asked->is_about_schedules,
                          .is_recorded = asked->is_recorded,
                          .wants_surface = asked->wants_surface,
                          .cost_repeats = asked->cost_repeats,
                          .comm = asked->comm };
    cvy_setup *setup = &study->setup;
    cvy_status status = cvy_protocol_apply(&with_protocol, &study->protocol);
    if (status == CVY_OK)
        status = fill_sheet(settings, model, data, setup);

    if (status == CVY_OK)
        status = cvy_targets_read(settings, cvy_model_output_count(model) > 1, study);
    if (status == CVY_OK)
        status = cvy_configurations_make(settings, setup->steps_per_epoch * setup->epochs, study);
    if (status == CVY_OK)
        status = read_hypotheses(settings, study);
    if (status == CVY_OK)
        status = choose_seeds(settings, study);
    if (status == CVY_OK)
        status = lay_out_runs(study);
    setup->jobs = settings->jobs > 0 ? settings->jobs : settings->threads;
    if (setup->jobs > study->run_count)
        setup->jobs = study->run_count;
    if (setup->jobs > 1)
        setup->threads = 1;
    return status;
}
