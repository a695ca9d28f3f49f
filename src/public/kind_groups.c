/* The lists of kinds as public structs, built from the internal tables at the first call. */
#include "convoy/kinds.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "augmentations/augmentation.h"
#include "base/memory.h"
#include "callbacks/callback.h"
#include "data/dataset.h"
#include "layers/activation.h"
#include "layers/constraint.h"
#include "layers/initializer.h"
#include "layers/layer.h"
#include "losses/loss.h"
#include "model/model.h"
#include "metrics/metric.h"
#include "optimizers/optimizer.h"
#include "public/kind_groups.h"
#include "schedules/schedule.h"

enum { RANGE_BYTES = 256, SUMMARY_BYTES = 96 };

/* The source of a group: a list of kinds, or only names. */
typedef struct {
    const char *name, *title, *what; /* what: begins the sentences of failures */
    const cvy_kind *const *kinds;
} source;

static const source sources[CVY_KINDS_COUNT] = {
    [CVY_KINDS_OPTIMIZERS] = { "optimizers", "Optimizers", "optimizer", cvy_optimizer_kinds },
    [CVY_KINDS_SCHEDULES] = { "schedules", "Learning-rate schedules", "learning rate",
                              cvy_schedule_kinds },
    [CVY_KINDS_LOSSES] = { "losses", "Losses", "loss", cvy_loss_kinds },
    [CVY_KINDS_METRICS] = { "metrics", "Metrics", "metric", cvy_metric_kinds },
    [CVY_KINDS_CALLBACKS] = { "callbacks", "Callbacks", "callback", cvy_callback_kinds },
    [CVY_KINDS_DATASETS] = { "datasets", "Data sets", "data set", cvy_dataset_kinds },
    [CVY_KINDS_LAYERS] = { "layers", "Layers", "layer", cvy_layer_kinds },
    [CVY_KINDS_INITIALIZERS] = { "initializers", "Initializers", "initializer",
                                 cvy_initializer_kinds },
    [CVY_KINDS_REGULARIZERS] = { "regularizers", "Regularizers", "regularizer",
                                 cvy_regularizer_kinds },
    [CVY_KINDS_MODELS] = { "models", "Built-in models", "model", NULL },
    [CVY_KINDS_AUGMENTATIONS] = { "augmentations", "Augmentations", "augmentation",
                                  cvy_augmentation_kinds },
    [CVY_KINDS_CONSTRAINTS] = { "constraints", "Constraints", "constraint", cvy_constraint_kinds },
    [CVY_KINDS_ACTIVATIONS] = { "activations", "Activation functions", "activation", NULL },
};

/* A group once built. Texts that are not constant are kept in `texts`. */
typedef struct {
    cvy_kinds kinds;
    cvy_kind_info *infos;
    const cvy_kind_info **list;
    cvy_setting_info *settings; /* of all kinds, one after the other */
    const cvy_setting_info **setting_list;
    char (*texts)[RANGE_BYTES];
} group;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static group *groups[CVY_KINDS_COUNT]; /* written once each, under the mutex */

static size_t count_rows(const cvy_kind *kind)
{
    size_t count = 0;

    while (kind->settings != NULL && kind->settings[count].name != NULL)
        count++;
    return count;
}

/* The names of a group without a list of kinds; NULL past the last. */
static const char *name_of(cvy_kind_group number, size_t index)
{
    return number == CVY_KINDS_MODELS ? cvy_model_builtin(index) : cvy_activation_name(index);
}

static size_t count_kinds(cvy_kind_group number)
{
    size_t count = 0;

    if (sources[number].kinds != NULL)
        return cvy_kind_count(sources[number].kinds);
    while (name_of(number, count) != NULL)
        count++;
    return count;
}

static size_t count_settings(cvy_kind_group number)
{
    const cvy_kind *const *kinds = sources[number].kinds;
    size_t count = 0;

    for (size_t i = 0; kinds != NULL && kinds[i] != NULL; i++)
        count += count_rows(kinds[i]);
    return count;
}

static cvy_value_type type_of(const cvy_setting *row)
{
    switch (row->type) {
    case CVY_FLOAT:
        return CVY_VALUE_NUMBER;
    case CVY_FLOAT_LIST:
        return CVY_VALUE_NUMBERS;
    case CVY_COUNT:
        return CVY_VALUE_COUNT;
    case CVY_COUNT_PAIR:
        return CVY_VALUE_COUNT_PAIR;
    case CVY_BOOL:
        return CVY_VALUE_BOOL;
    case CVY_CHOICE:
        return CVY_VALUE_CHOICE;
    case CVY_PATH:
        return CVY_VALUE_PATH;
    case CVY_NAME:
    case CVY_TEXT:
    case CVY_TEXT_LIST:
        break;
    }
    return CVY_VALUE_NAME;
}

static cvy_setting_info describe_row(const cvy_setting *row, char range[RANGE_BYTES])
{
    cvy_setting_describe(row, range, RANGE_BYTES);
    return (cvy_setting_info){
        .name = row->name,
        .type = type_of(row),
        .default_text = row->fallback,
        .range = range,
        .help = row->help,
        .min = row->min,
        .max = row->max,
        .is_min_excluded = (row->bounds & CVY_ABOVE_MIN) != 0,
        .is_max_excluded = (row->bounds & CVY_BELOW_MAX) != 0,
        .allows_none = (row->bounds & CVY_OR_NONE) != 0,
        .choices = row->choices,
    };
}

static void fill_kinds(group *g, cvy_kind_group number)
{
    const cvy_kind *const *kinds = sources[number].kinds;
    size_t row = 0;

    for (size_t i = 0; i < g->kinds.count; i++) {
        const size_t rows = count_rows(kinds[i]);
        g->infos[i] = (cvy_kind_info){
            .name = kinds[i]->name,
            .summary = kinds[i]->summary,
            .class_name =
                number == CVY_KINDS_LAYERS ? ((const cvy_layer_kind *)kinds[i])->class_name : NULL,
            .setting_count = rows,
            .settings = g->setting_list + row,
        };
        for (size_t r = 0; r < rows; r++, row++) {
            g->settings[row] = describe_row(&kinds[i]->settings[r], g->texts[row]);
            g->setting_list[row] = &g->settings[row];
        }
    }
}

/* "28x28x1, 61,706 parameters". */
static cvy_status describe_model(const char *name, char text[RANGE_BYTES])
{
    cvy_model *model;
    char shape[SUMMARY_BYTES];
    cvy_status status = cvy_model_create(name, &model);

    if (status != CVY_OK)
        return status;
    cvy_shape_print(cvy_model_input(model), shape, sizeof shape);
    snprintf(text, RANGE_BYTES, "%zu layers from %s to %zu outputs, %zu parameters",
             cvy_model_layer_count(model), shape, cvy_model_output_count(model),
             cvy_model_parameter_count(model));
    cvy_model_destroy(model);
    return CVY_OK;
}

static cvy_status fill_models(group *g)
{
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < g->kinds.count; i++) {
        g->infos[i] = (cvy_kind_info){ .name = cvy_model_builtin(i), .summary = g->texts[i] };
        status = describe_model(cvy_model_builtin(i), g->texts[i]);
    }
    return status;
}

static void fill_activations(group *g)
{
    for (size_t i = 0; i < g->kinds.count; i++)
        g->infos[i] =
            (cvy_kind_info){ .name = cvy_activation_name(i), .summary = cvy_activation_summary(i) };
}

static void free_group(group *g)
{
    cvy_memory_free(g->infos);
    cvy_memory_free(g->list);
    cvy_memory_free(g->settings);
    cvy_memory_free(g->setting_list);
    cvy_memory_free(g->texts);
    cvy_memory_free(g);
}

static cvy_status allocate_group(cvy_kind_group number, group *g)
{
    const size_t count = count_kinds(number), settings = count_settings(number);
    const size_t texts = number == CVY_KINDS_MODELS ? count : settings;
    cvy_status status = cvy_memory_create(count, sizeof *g->infos, &g->infos);

    if (status == CVY_OK)
        status = cvy_memory_create(count, sizeof *g->list, &g->list);
    if (status == CVY_OK)
        status = cvy_memory_create(settings, sizeof *g->settings, &g->settings);
    if (status == CVY_OK)
        status = cvy_memory_create(settings, sizeof *g->setting_list, &g->setting_list);
    if (status == CVY_OK)
        status = cvy_memory_create(texts, sizeof *g->texts, &g->texts);
    g->kinds = (cvy_kinds){ sources[number].name, sources[number].title, count, g->list };
    return status;
}

static cvy_status make_group(cvy_kind_group number, group **result)
{
    group *g;
    cvy_status status = cvy_memory_create(1, sizeof *g, &g);

    if (status != CVY_OK)
        return status;
    status = allocate_group(number, g);
    if (status == CVY_OK && number == CVY_KINDS_MODELS)
        status = fill_models(g);
    else if (status == CVY_OK && number == CVY_KINDS_ACTIVATIONS)
        fill_activations(g);
    else if (status == CVY_OK)
        fill_kinds(g, number);
    if (status != CVY_OK) {
        free_group(g);
        return status;
    }
    for (size_t i = 0; i < g->kinds.count; i++)
        g->list[i] = &g->infos[i];
    *result = g;
    return CVY_OK;
}

cvy_status cvy_kinds_get(cvy_kind_group number, const cvy_kinds **kinds)
{
    cvy_status status = CVY_OK;

    CVY_REQUIRE(kinds);
    if ((int)number < 0 || number >= CVY_KINDS_COUNT)
        return cvy_fail(CVY_ERR_SETTING, "group: found %d, expected 0 to %d", (int)number,
                        CVY_KINDS_COUNT - 1);
    pthread_mutex_lock(&mutex);
    if (groups[number] == NULL)
        status = make_group(number, &groups[number]);
    if (status == CVY_OK)
        *kinds = &groups[number]->kinds;
    pthread_mutex_unlock(&mutex);
    return status;
}

const cvy_kind *const *cvy_kinds_list(cvy_kind_group number)
{
    return sources[number].kinds;
}

const char *cvy_kinds_what(cvy_kind_group number)
{
    return sources[number].what;
}
