/* The plan of a campaign: its task sheet, its seeds, and runs that wait. */
#include <math.h>
#include <string.h>

#include "base/cpu.h"
#include "base/memory.h"
#include "base/topology.h"
#include "convoy/convoy.h"
#include "report/campaign_work.h"
#include "train/infer.h"

enum { SEEDS_USUAL = 5, SEEDS_ASKED = 10 };

/* An epoch of so many updates is looked into so often, which costs some 3 % of the time each. */
enum { LONG_EPOCH = 100, LOOKS = 4 };

static cvy_status copy_texts(const cvy_campaign_settings *s, const cvy_model *model,
                             const cvy_dataset *data, cvy_task_sheet *sheet)
{
    const struct {
        const char *from;
        char **to;
    } texts[] = {
        { s->model, &sheet->model },
        { s->data, &sheet->data },
        { s->loss, &sheet->loss },
        { s->command, &sheet->command },
        { cvy_model_name(model), &sheet->model_name },
        { cvy_dataset_describe(data).name, &sheet->data_name },
        { CVY_VERSION_STRING, &sheet->version },
        { cvy_cpu_detect()->model, &sheet->machine },
    };
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < sizeof texts / sizeof *texts; i++)
        status = cvy_text_copy(texts[i].from, texts[i].to);
    return status;
}

static cvy_status copy_kernels(cvy_task_sheet *sheet)
{
    cvy_compute compute;
    cvy_status status = cvy_compute_choose(&compute);

    if (status == CVY_OK)
        status = cvy_text_copy(cvy_gemm_label(compute.gemm), &sheet->kernels);
    if (status == CVY_OK)
        status = cvy_text_copy(compute.kernels->name, &sheet->instructions);
    return status;
}

static size_t choose_interval(size_t wanted, size_t steps_per_epoch)
{
    if (wanted == 0 && steps_per_epoch >= LONG_EPOCH)
        return (steps_per_epoch + LOOKS - 1) / LOOKS;
    return wanted == 0 || wanted > steps_per_epoch ? steps_per_epoch : wanted;
}

/* As cvy_train() will do it. */
static cvy_status count_images(const cvy_campaign_settings *s, const cvy_dataset *data,
                               cvy_task_sheet *sheet)
{
    const cvy_dataset_info info = cvy_dataset_describe(data);
    const size_t count = s->limit > 0 && s->limit < info.train_count ? s->limit : info.train_count;

    sheet->train_count = (size_t)floor((double)count * (1 - s->validation_split));
    sheet->validation_count = count - sheet->train_count;
    sheet->test_count = info.test_count;
    sheet->class_count = info.class_count;
    if (sheet->train_count < 1)
        return cvy_fail(CVY_ERR_SETTING,
                        "--validation-split: found %g, which leaves none of %zu "
                        "images to train on",
                        s->validation_split, count);
    if (s->tunings->count > 0 && sheet->validation_count == 0)
        return cvy_fail(CVY_ERR_SETTING, "--tune: there are no validation images, expected a "
                                         "--validation-split above 0");
    sheet->batch_size = s->batch_size == 0 || s->batch_size > sheet->train_count
                            ? sheet->train_count
                            : s->batch_size;
    sheet->steps_per_epoch = (sheet->train_count + sheet->batch_size - 1) / sheet->batch_size;
    sheet->evaluate_every = choose_interval(s->evaluate_every, sheet->steps_per_epoch);
    return CVY_OK;
}

static cvy_status fill_sheet(const cvy_campaign_settings *s, const cvy_model *model,
                             const cvy_dataset *data, cvy_task_sheet *sheet)
{
    *sheet = (cvy_task_sheet){
        .parameter_count = cvy_model_parameter_count(model),
        .trained_count = cvy_model_trained_count(model),
        .limit = s->limit,
        .validation_split = s->validation_split,
        .epochs = s->epochs,
        .threads = s->threads,
        .core_count = cvy_topology_detect()->allowed_cores,
    };
    cvy_status status = copy_texts(s, model, data, sheet);
    if (status == CVY_OK)
        status = copy_kernels(sheet);
    if (status == CVY_OK)
        status = cvy_dataset_digest(data, sheet->data_sha256);
    return status == CVY_OK ? count_images(s, data, sheet) : status;
}

static cvy_status choose_seeds(const cvy_campaign_settings *s, cvy_campaign *campaign)
{
    const bool is_usual = s->optimizers->count == 0 && s->learning_rates->count == 0;
    const size_t count = s->seed_count > 0 ? s->seed_count : is_usual ? SEEDS_USUAL : SEEDS_ASKED;
    cvy_status status = cvy_memory_create(count, sizeof *campaign->seeds, &campaign->seeds);

    if (status != CVY_OK)
        return status;
    campaign->seed_count = count;
    for (size_t i = 0; i < count; i++)
        campaign->seeds[i] = s->seed + i;
    campaign->tuning.seed = s->seed + count; /* none of those that are compared */
    return CVY_OK;
}

static cvy_status lay_out_runs(cvy_campaign *campaign)
{
    size_t count = 0;

    for (size_t i = 0; i < campaign->contestant_count; i++) {
        cvy_contestant *c = &campaign->contestants[i];
        c->state_bytes = c->state_floats * sizeof(float) * campaign->sheet.trained_count;
        c->first_run = count;
        c->run_count = c->role == CVY_ROLE_TRIAL ? 1 : campaign->seed_count;
        count += c->run_count;
    }
    cvy_status status = cvy_memory_create(count, sizeof *campaign->runs, &campaign->runs);
    if (status != CVY_OK)
        return status;
    campaign->run_count = count;
    for (size_t i = 0; i < campaign->contestant_count; i++) {
        const cvy_contestant *c = &campaign->contestants[i];
        for (size_t s = 0; s < c->run_count; s++)
            campaign->runs[c->first_run + s] = (cvy_run){
                .contestant = i,
                .seed = c->role == CVY_ROLE_TRIAL ? campaign->tuning.seed : campaign->seeds[s],
            };
    }
    return CVY_OK;
}

cvy_status cvy_campaign_plan(const cvy_campaign_settings *settings, const cvy_model *model,
                             const cvy_dataset *data, cvy_campaign *campaign)
{
    *campaign = (cvy_campaign){ .is_about_schedules = settings->is_about_schedules };
    cvy_task_sheet *sheet = &campaign->sheet;
    cvy_status status = fill_sheet(settings, model, data, sheet);

    if (status == CVY_OK)
        status = cvy_targets_read(settings, cvy_model_output_count(model) > 1, campaign);
    if (status == CVY_OK)
        status = cvy_contestants_make(settings, sheet->steps_per_epoch * sheet->epochs, campaign);
    if (status == CVY_OK)
        status = choose_seeds(settings, campaign);
    if (status == CVY_OK)
        status = lay_out_runs(campaign);
    sheet->jobs = settings->jobs > 0 ? settings->jobs : settings->threads;
    if (sheet->jobs > campaign->run_count)
        sheet->jobs = campaign->run_count;
    if (sheet->jobs > 1)
        sheet->threads = 1;
    return status;
}
