#include "study/workloads.h"

#include <string.h>

#include "base/clock.h"
#include "base/letters.h"
#include "base/memory.h"
#include "convoy/train.h"

enum { NAME_BYTES = 512, SLUG_BYTES = 64, FOLDER_BYTES = 4096 };

/* --- models and data --- */

static cvy_status check_twice(const char *option, const cvy_text_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(list->texts[i], list->texts[j]) == 0)
                return cvy_fail(CVY_ERR_SETTING, "--%s: \"%.80s\" is given twice", option,
                                list->texts[i]);
    return CVY_OK;
}

/* Open data as `convoy train` does: the same fraction of each class is kept for validation, unless
 * the data set has its own validation part. */
static cvy_status open_data(const cvy_study_settings *settings, const char *where,
                            cvy_dataset **data)
{
    cvy_dataset *divided;
    cvy_status status = cvy_dataset_open(where, settings->threads, data);

    if (status != CVY_OK || settings->validation_split == 0 ||
        cvy_dataset_count(*data, CVY_SPLIT_VALIDATION) > 0)
        return status;
    status = cvy_dataset_divide(*data, settings->validation_split, settings->limit, &divided);
    cvy_dataset_close(*data);
    *data = status == CVY_OK ? divided : NULL;
    return status;
}

static cvy_status read_all(const cvy_study_settings *settings, const cvy_text_list *models,
                           const cvy_text_list *data, cvy_workloads *w)
{
    cvy_status status = check_twice("model", models);

    if (status == CVY_OK)
        status = check_twice("data", data);
    if (status == CVY_OK && models->count * data->count > CVY_WORKLOADS_MAX)
        status = cvy_fail(CVY_ERR_SETTING, "--model, --data: %zu pairs, expected at most %d",
                          models->count * data->count, CVY_WORKLOADS_MAX);
    for (size_t i = 0; status == CVY_OK && i < models->count; i++) {
        status = cvy_model_create(models->texts[i], &w->models[i]);
        w->model_count += status == CVY_OK;
    }
    for (size_t i = 0; status == CVY_OK && i < data->count; i++) {
        status = open_data(settings, data->texts[i], &w->data[i]);
        w->data_count += status == CVY_OK;
    }
    return status;
}

/* --- names of pairs --- */

/* The short name of number `index`, or the name as given if another has the same short name. */
static const char *tell_apart(const char *const *names, const cvy_text_list *asked, size_t index)
{
    for (size_t i = 0; i < asked->count; i++)
        if (i != index && strcmp(names[i], names[index]) == 0)
            return asked->texts[index];
    return names[index];
}

static bool has_folder(const cvy_workloads *w, const char *folder)
{
    for (size_t i = 0; i < w->count; i++)
        if (strcmp(w->items[i].folder, folder) == 0)
            return true;
    return false;
}

/* Choose a folder: mlp-on-digits for "mlp on digits"; a suffix number distinguishes equal names. */
static cvy_status choose_folder(const cvy_workloads *w, const char *name, char **folder)
{
    char slug[SLUG_BYTES], path[FOLDER_BYTES + SLUG_BYTES * 2];

    snprintf(slug, sizeof slug, "%.*s", SLUG_BYTES - 1, name);
    for (char *c = slug; *c != '\0'; c++)
        if (!cvy_is_letter_or_digit(*c) && *c != '.' && *c != '_' && *c != '=')
            *c = '-';
    snprintf(path, sizeof path, "%.*s/%s", FOLDER_BYTES, w->folder, slug);
    for (size_t number = 2; has_folder(w, path); number++)
        snprintf(path, sizeof path, "%.*s/%s-%zu", FOLDER_BYTES, w->folder, slug, number);
    return cvy_text_copy(path, folder);
}

static cvy_status name_workload(const cvy_workloads *w, const char *model, const char *data,
                                bool is_only, cvy_workload *item)
{
    char name[NAME_BYTES];

    snprintf(name, sizeof name, "%.*s on %.*s", NAME_BYTES / 2 - 3, model, NAME_BYTES / 2 - 3,
             data);
    cvy_status status = cvy_text_copy(name, &item->name);
    if (status != CVY_OK)
        return status;
    if (is_only)
        return cvy_text_copy(w->folder, &item->folder);
    status = choose_folder(w, name, &item->folder);
    return status == CVY_OK ? cvy_run_store_check(item->folder) : status;
}

/* --- the plan --- */

/* Check that the data fit the model and the loss; everything else is checked when configurations
 * are made. */
static cvy_status check_fit(const cvy_study_settings *settings, const cvy_workload *item)
{
    cvy_train_settings train = cvy_train_defaults();

    train.loss = settings->loss;
    return cvy_train_check(item->model, item->data, &train, NULL);
}

static cvy_status plan_pair(const cvy_study_settings *settings, const cvy_text_list *models,
                            const cvy_text_list *data, size_t m, size_t d, cvy_workloads *w)
{
    cvy_workload *item = &w->items[w->count];
    cvy_study_settings own = *settings;
    const char *model_names[CVY_LIST_MAX], *data_names[CVY_LIST_MAX];

    for (size_t i = 0; i < models->count; i++)
        model_names[i] = cvy_model_name(w->models[i]);
    for (size_t i = 0; i < data->count; i++)
        data_names[i] = cvy_dataset_describe(w->data[i]).name;
    own.model = models->texts[m];
    own.data = data->texts[d];
    item->data = w->data[d];
    cvy_status status = cvy_model_create_for(models->texts[m], item->data, &item->model);
    if (status == CVY_OK)
        status = check_fit(settings, item);
    if (status == CVY_OK)
        status =
            name_workload(w, tell_apart(model_names, models, m), tell_apart(data_names, data, d),
                          models->count * data->count == 1, item);
    w->count++;
    return status == CVY_OK ? cvy_study_plan(&own, item->model, item->data, &item->study) : status;
}

cvy_status cvy_workloads_plan(const cvy_study_settings *settings, const cvy_text_list *models,
                              const cvy_text_list *data, const char *folder, cvy_workloads *w)
{
    *w = (cvy_workloads){ .folder = folder };
    cvy_status status = read_all(settings, models, data, w);

    for (size_t m = 0; status == CVY_OK && m < models->count; m++)
        for (size_t d = 0; status == CVY_OK && d < data->count; d++)
            status = plan_pair(settings, models, data, m, d, w);
    return status;
}

void cvy_workloads_release(cvy_workloads *w)
{
    for (size_t i = 0; i < w->count; i++) {
        cvy_memory_free(w->items[i].name);
        cvy_memory_free(w->items[i].folder);
        cvy_study_release(&w->items[i].study);
        cvy_model_destroy(w->items[i].model);
    }
    for (size_t i = 0; i < w->model_count; i++)
        cvy_model_destroy(w->models[i]);
    for (size_t i = 0; i < w->data_count; i++)
        cvy_dataset_close(w->data[i]);
    *w = (cvy_workloads){ 0 };
}

/* --- the work --- */

/* Progress over all workloads. Work is counted in floating-point operations, since updates of
 * models differ many times in cost. */
typedef struct {
    const cvy_workloads *workloads;
    size_t current, runs_before, run_count;
    double work_before, work_behind; /* work of the completed and of the remaining workloads */
    double flops;                    /* FLOPs per update of the current one */
    double start;
    cvy_study_function *function;
    void *context;
} teller;

/* The mean number of images per update, over all updates. */
static double mean_batch(const cvy_study *study)
{
    double images = 0;

    for (size_t i = 0; i < study->configuration_count; i++) {
        const cvy_configuration *c = &study->configurations[i];
        images +=
            (double)(c->run_count * cvy_study_steps(&study->setup, c)) * (double)c->batch_size;
    }
    return images / (double)cvy_study_all_steps(study);
}

static double flops_of(const cvy_workload *item)
{
    return cvy_model_flops(item->model, true) * mean_batch(&item->study);
}

static double whole_work(const cvy_workload *item)
{
    return flops_of(item) * (double)cvy_study_all_steps(&item->study);
}

static bool tell(void *context, const cvy_study_progress *progress)
{
    const teller *t = context;
    const double own = t->flops * (double)progress->steps_total;
    const double all = t->work_before + own + t->work_behind;
    cvy_study_progress told = *progress;

    if (t->workloads->count > 1)
        told.workload = t->workloads->items[t->current].name;
    told.runs_done += t->runs_before;
    told.run_count = t->run_count;
    told.share = all > 0 ? (t->work_before + progress->share * own) / all : 1;
    told.seconds = cvy_clock_seconds() - t->start;
    return t->function(t->context, &told);
}

static cvy_status run_one(cvy_workload *item, teller *t)
{
    cvy_comm *comm = item->study.comm;
    const bool leads = cvy_comm_rank(comm) == 0;
    cvy_run_store store = { 0 };
    cvy_status status = cvy_comm_check_alike(comm, NULL, item->data);

    if (status == CVY_OK && leads)
        status = cvy_run_store_open(item->folder, &item->study, item->model, &store);
    status = cvy_comm_agree(comm, status);
    if (status == CVY_OK && !leads)
        status = cvy_run_store_open(item->folder, &item->study, item->model, &store);
    status = cvy_comm_agree(comm, status);

    if (status == CVY_OK)
        status = cvy_study_train(&item->study, item->data, &store, tell, t);
    item->kept = store.kept;
    item->outdated = store.outdated;
    memcpy(item->changed, store.changed, sizeof item->changed);
    cvy_run_store_close(&store);
    return status;
}

cvy_status cvy_workloads_run(cvy_workloads *w, cvy_study_function *function, void *context)
{
    teller t = {
        .workloads = w, .start = cvy_clock_seconds(), .function = function, .context = context
    };
    cvy_status status = CVY_OK;

    if (w->count > 1 && cvy_comm_rank(w->items[0].study.comm) == 0)
        status = cvy_run_store_mark(w->folder, w->items[0].study.setup.command);
    for (size_t i = 0; i < w->count; i++) {
        t.run_count += w->items[i].study.run_count;
        t.work_behind += whole_work(&w->items[i]);
    }
    for (size_t i = 0; status == CVY_OK && i < w->count; i++) {
        cvy_workload *item = &w->items[i];
        t.current = i;
        t.work_behind -= whole_work(item);
        t.flops = flops_of(item);
        status = run_one(item, &t);
        t.runs_before += item->study.run_count;
        t.work_before +=
            whole_work(item) *
            (1 - (double)item->kept / (double)item->study.run_count); /* what was done here */
    }
    w->seconds = cvy_clock_seconds() - t.start;
    return status;
}
