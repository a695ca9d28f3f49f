/* convoy info: this build and machine; a model's layers; a learning rate over the steps; tables. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/visible.h"
#include "cli/command.h"
#include "cli/command_line.h"
#include "cli/config.h"
#include "cli/kinds.h"
#include "cli/outputs.h"
#include "cli/print.h"
#include "cli/rates.h"
#include "cli/recipes.h"
#include "cli/show_machine.h"
#include "cli/values.h"
#include "convoy/convoy.h"

enum { STEPS_DEFAULT = 1000 };

typedef struct {
    const char *learning_rate, *plot;
    size_t steps, steps_per_epoch;
    bool is_log_scale, recipes, command;
    /* one for each group of kinds */
    bool optimizers, schedules, losses, metrics, callbacks, datasets, layers, initializers,
        regularizers, constraints, activations, models, augmentations;
} info_options;

#define AT(member) offsetof(info_options, member)
#define TABLE(name, help)                                                                          \
    {                                                                                              \
#name, CVY_BOOL, AT(name), "false", 0, 0, help, 0, NULL                                    \
    }
static const cvy_setting options[] = {
    TABLE(optimizers, "list the optimizers with their settings"),
    TABLE(schedules, "list the learning-rate schedules with their settings"),
    TABLE(losses, "list the losses with their settings"),
    TABLE(metrics, "list the metrics"),
    TABLE(callbacks, "list the callbacks with their settings"),
    TABLE(datasets, "list the kinds of data with their settings"),
    TABLE(layers, "list the kinds of layers with their settings"),
    TABLE(initializers, "list the initializers with their settings"),
    TABLE(regularizers, "list the regularizers with their settings"),
    TABLE(constraints, "list the constraints with their settings"),
    TABLE(activations, "list the activation functions"),
    TABLE(models, "list the built-in models"),
    TABLE(augmentations, "list the augmentations with their settings"),
    TABLE(recipes, "list the built-in recipes (convoy train --config NAME)"),
    { "command", CVY_BOOL, AT(command), "false", 0, 0,
      "of a trained model: the command that trained it", 0, NULL },
    { "learning-rate", CVY_TEXT, AT(learning_rate), NULL, 0, 0,
      "SPEC: show the learning rate over the updates; with --json every value", 0, NULL },
    { "steps", CVY_COUNT, AT(steps), "1000", 1, 10000000, "number of updates to show", 0, NULL },
    { "steps-per-epoch", CVY_COUNT, AT(steps_per_epoch), "100", 1, 10000000,
      "updates per epoch, for schedules that count epochs", 0, NULL },
    { "plot", CVY_TEXT, AT(plot), NULL, 0, 0, "FILE: also draw the learning rate, as SVG", 0,
      NULL },
    { "log-scale", CVY_BOOL, AT(is_log_scale), "false", 0, 0, "draw it on a logarithmic scale", 0,
      NULL },
    { 0 },
};

/* --- tables of kinds --- */

static json_t *json_settings(const cvy_kind_info *kind)
{
    json_t *settings = json_array();

    for (size_t i = 0; i < kind->setting_count; i++) {
        const cvy_setting_info *s = kind->settings[i];
        cvy_json_append(&settings, json_pack("{s:s, s:s?, s:s, s:s}", "name", s->name, "default",
                                             s->default_text, "range", s->range, "help", s->help));
    }
    return settings;
}

static json_t *json_kinds(const cvy_kinds *kinds)
{
    json_t *list = json_array();

    for (size_t i = 0; i < kinds->count; i++)
        cvy_json_append(&list, json_pack("{s:s, s:s, s:o}", "name", kinds->kinds[i]->name,
                                         "summary", kinds->kinds[i]->summary, "settings",
                                         json_settings(kinds->kinds[i])));
    return list;
}

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Whether all kinds have this setting, with the same default and meaning. */
static bool is_shared(const cvy_kinds *kinds, const cvy_setting_info *setting)
{
    for (size_t i = 0; i < kinds->count; i++) {
        const cvy_setting_info *twin = cvy_kind_setting(kinds->kinds[i], setting->name);
        if (twin == NULL || !is_same_text(twin->default_text, setting->default_text) ||
            !is_same_text(twin->help, setting->help))
            return false;
    }
    return kinds->count > 1;
}

/* The number of a kind's settings that all kinds share, or that they do not. */
static size_t count_settings(const cvy_kinds *kinds, const cvy_kind_info *kind, bool shared)
{
    size_t count = 0;

    for (size_t i = 0; i < kind->setting_count; i++)
        count += is_shared(kinds, kind->settings[i]) == shared;
    return count;
}

static cvy_status print_settings(FILE *file, const cvy_kinds *kinds, const cvy_kind_info *kind,
                                 bool shared)
{
    cvy_table table;

    if (count_settings(kinds, kind, shared) == 0)
        return CVY_OK;
    cvy_table_begin(&table, "llll");
    cvy_table_add(&table, "  setting");
    cvy_table_add(&table, "default");
    cvy_table_add(&table, "takes");
    cvy_table_add(&table, "what it is");
    for (size_t i = 0; i < kind->setting_count; i++) {
        const cvy_setting_info *s = kind->settings[i];
        if (is_shared(kinds, s) != shared)
            continue;
        cvy_table_add(&table, "  %s", s->name);
        cvy_table_add(&table, "%s", s->default_text != NULL ? s->default_text : "(required)");
        cvy_table_add(&table, "%s", s->range);
        cvy_table_add(&table, "%s", s->help);
    }
    return cvy_table_print(&table, file);
}

static cvy_status print_group(FILE *file, const cvy_kinds *kinds)
{
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < kinds->count; i++) {
        const bool has_table =
            kinds->kinds[i]->setting_count > 0 || (i > 0 && kinds->kinds[i - 1]->setting_count > 0);
        fprintf(file, "%s%s: %s\n", i > 0 && has_table ? "\n" : "", kinds->kinds[i]->name,
                kinds->kinds[i]->summary);
        status = print_settings(file, kinds, kinds->kinds[i], false);
    }
    if (status != CVY_OK || count_settings(kinds, kinds->kinds[0], true) == 0)
        return status;
    fprintf(file, "\nEach of these %s also takes:\n", kinds->name);
    return print_settings(file, kinds, kinds->kinds[0], true);
}

/* Names that layers' settings accept: "Initializers: zeros, ones, ...". */
static void print_names(FILE *file, cvy_kind_group group)
{
    const cvy_kinds *kinds = cvy_kinds_of(group);

    fprintf(file, "\n%s:", kinds->title);
    for (size_t i = 0; i < kinds->count; i++)
        fprintf(file, "%s %s", i > 0 ? "," : "", kinds->kinds[i]->name);
    fprintf(file, " (convoy info --%s)\n", kinds->name);
}

static cvy_status print_kinds(const cvy_call *call, const cvy_kinds *kinds)
{
    FILE *file = cvy_print_file(call);

    if (kinds->count == 0)
        return cvy_fail(CVY_ERR_MEMORY, "info: out of memory");
    if (call->common.json)
        return cvy_print_json(
            json_pack("{s:s, s:o}", "command", "info", kinds->name, json_kinds(kinds)));
    cvy_status status = print_group(file, kinds);
    if (status == CVY_OK && strcmp(kinds->name, "layers") == 0) {
        print_names(file, CVY_KINDS_INITIALIZERS);
        print_names(file, CVY_KINDS_REGULARIZERS);
        print_names(file, CVY_KINDS_CONSTRAINTS);
        print_names(file, CVY_KINDS_ACTIVATIONS);
    }
    return status;
}

/* --- a learning rate --- */

static cvy_status print_rates(const cvy_call *call)
{
    const info_options *o = call->options;
    return cvy_rates_show(call, &(cvy_rates_request){
                                    .learning_rate = o->learning_rate,
                                    .steps = o->steps,
                                    .steps_per_epoch = o->steps_per_epoch,
                                    .plot = o->plot,
                                    .is_log_scale = o->is_log_scale,
                                });
}

/* --- a model --- */

static json_t *json_shape(cvy_shape shape)
{
    json_t *dims = json_array();
    for (size_t i = 0; i < shape.rank; i++)
        cvy_json_append(&dims, json_integer((json_int_t)shape.dims[i]));
    return dims;
}

static cvy_status print_model_json(const cvy_model *model)
{
    json_t *layers = json_array();
    json_error_t error;

    for (size_t i = 0; i < cvy_model_layer_count(model); i++) {
        const cvy_layer_info *layer = cvy_model_layer(model, i);
        cvy_json_append(&layers,
                        json_pack("{s:s, s:s, s:o, s:I, s:f}", "name", layer->name, "kind",
                                  layer->kind, "output", json_shape(layer->output), "parameters",
                                  (json_int_t)layer->parameters, "flops", layer->flops));
    }
    json_t *object =
        json_pack("{s:s, s:s, s:o, s:o, s:I, s:f, s:f, s:I}", "command", "info", "model",
                  cvy_model_name(model), "input", json_shape(cvy_model_input(model)), "layers",
                  layers, "parameters", (json_int_t)cvy_model_parameter_count(model), "flops",
                  cvy_model_flops(model, false), "training_flops", cvy_model_flops(model, true),
                  "trained_parameters", (json_int_t)cvy_model_trained_count(model));
    if (cvy_model_training_record(model) != NULL)
        cvy_json_set(&object, "training",
                     cvy_json_load_text(cvy_model_training_record(model), 0, &error));
    return cvy_print_json(object);
}

/* "trained on mnist, 60,000 images, ...": nothing for an untrained model. */
static void print_training(const cvy_model *model, FILE *file)
{
    const char *record = cvy_model_training_record(model);
    json_t *training = record != NULL ? cvy_json_load_text(record, 0, NULL) : NULL;
    const char *data, *optimizer, *rate;
    json_int_t images, epochs, steps, batch;
    char optimizer_text[256], rate_text[256];
    double loss;

    if (json_unpack(training, "{s:{s:s, s:I}, s:I, s:I, s:I, s:s, s:s, s:{s:F}}", "data", "name",
                    &data, "train", &images, "epochs", &epochs, "steps", &steps, "batch_size",
                    &batch, "optimizer", &optimizer, "learning_rate", &rate, "end", "loss",
                    &loss) == 0) {
        cvy_spec_shorten(CVY_KINDS_OPTIMIZERS, optimizer, optimizer_text, sizeof optimizer_text);
        cvy_spec_shorten(CVY_KINDS_SCHEDULES, rate, rate_text, sizeof rate_text);
        cvy_visible_print(
            file,
            "trained on %s images of %s: %s epochs, %s updates of %s, down to a loss of %.4f\n"
            "by %s, rate %s\n",
            cvy_human_count((size_t)images).text, data, cvy_human_count((size_t)epochs).text,
            cvy_human_count((size_t)steps).text, cvy_human_count((size_t)batch).text, loss,
            optimizer_text, rate_text);
    }
    json_decref(training);
}

/* "28 x 28 x 1" */
static void print_shape(cvy_shape shape, char *text, size_t size)
{
    size_t length = 0;

    for (size_t d = 0; d < shape.rank && length < size; d++)
        length += (size_t)snprintf(text + length, size - length, "%s%zu", d > 0 ? " x " : "",
                                   shape.dims[d]);
}

static cvy_status print_model_text(const cvy_model *model, FILE *file)
{
    char shape[64];
    cvy_table table;

    print_shape(cvy_model_input(model), shape, sizeof shape);
    cvy_visible_print(file, "%s, input %s\n\n", cvy_model_name(model), shape);
    cvy_table_begin(&table, "llrrr");
    cvy_table_add(&table, "layer");
    cvy_table_add(&table, "kind");
    cvy_table_add(&table, "output");
    cvy_table_add(&table, "parameters");
    cvy_table_add(&table, "FLOPs");
    for (size_t i = 0; i < cvy_model_layer_count(model); i++) {
        const cvy_layer_info *layer = cvy_model_layer(model, i);
        print_shape(layer->output, shape, sizeof shape);
        cvy_table_add(&table, "%s", layer->name);
        cvy_table_add(&table, "%s", layer->kind);
        cvy_table_add(&table, "%s", shape);
        cvy_table_add(&table, "%s", cvy_human_count(layer->parameters).text);
        cvy_table_add(&table, "%s", cvy_human_count((size_t)layer->flops).text);
    }
    cvy_status status = cvy_table_print(&table, file);
    const size_t parameters = cvy_model_parameter_count(model);
    const size_t state = parameters - cvy_model_trained_count(model);
    fprintf(file, "\n%s parameters", cvy_human_count(parameters).text);
    if (state > 0)
        fprintf(file, ", %s of them state", cvy_human_count(state).text);
    fprintf(file, "; %s FLOPs an image forward, %s in training\n",
            cvy_human_count((size_t)cvy_model_flops(model, false)).text,
            cvy_human_count((size_t)cvy_model_flops(model, true)).text);
    print_training(model, file);
    return status;
}

/* "info adam": not a model but the name of a kind. */
static cvy_status explain(cvy_status status, const char *word)
{
    char name[CVY_NAME_BYTES]; /* without settings */
    struct stat about;

    if (stat(word, &about) == 0 && S_ISDIR(about.st_mode))
        return cvy_fail_add(status, "\nDid you mean convoy data info %.80s?", word);
    for (size_t i = 0; i < cvy_recipe_count; i++)
        if (strcmp(cvy_recipes[i].name, word) == 0 || strcmp("recipes", word) == 0)
            return cvy_fail(status, "%s: no model\nDid you mean convoy info --recipes?", word);
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, ":"), word);
    for (int group = 0; group < CVY_KINDS_COUNT; group++) {
        const cvy_kinds *kinds = cvy_kinds_of((cvy_kind_group)group);
        if (cvy_kinds_find(kinds, name) != NULL || strcmp(kinds->name, word) == 0)
            return cvy_fail_add(status, "\nDid you mean convoy info --%s?", kinds->name);
    }
    return status;
}

/* Print the command line that made a model. */
static cvy_status print_command(const cvy_call *call, const cvy_model *model)
{
    const char *text = cvy_model_configuration(model);
    json_t *configuration = text != NULL ? cvy_json_load_text(text, 0, NULL) : NULL;
    char *line = NULL;
    cvy_status status = CVY_OK;

    if (configuration != NULL)
        status = cvy_configuration_print_line(configuration, &line);
    else if (!cvy_is_trained_name(call->operands[0]))
        status =
            cvy_fail(CVY_ERR_DATA, "an architecture without weights, expected a trained model");
    else
        status = cvy_fail(CVY_ERR_DATA,
                          "it does not record the command that trained it: it was trained through "
                          "the C API without a configuration, by an older convoy or by another "
                          "program");
    if (status != CVY_OK)
        status = cvy_fail_at(status, "%s", call->operands[0]);
    else if (call->common.json)
        status = cvy_print_json(json_pack("{s:s, s:s, s:O}", "command", "info", "line", line,
                                          "configuration", configuration));
    else
        cvy_visible_print(cvy_print_file(call), "%s\n", line);
    free(line);
    json_decref(configuration);
    return status;
}

static cvy_status print_model(const cvy_call *call)
{
    const info_options *o = call->options;
    cvy_model *model;
    cvy_status status = cvy_model_open(call->operands[0], &model);

    if (status != CVY_OK)
        return explain(status, call->operands[0]);
    if (o->command)
        status = print_command(call, model);
    else
        status = call->common.json ? print_model_json(model)
                                   : print_model_text(model, cvy_print_file(call));
    cvy_model_destroy(model);
    return status;
}

/* The first requested group, or NULL. */
static const cvy_kinds *find_group(const info_options *o)
{
    for (int group = 0; group < CVY_KINDS_COUNT; group++) {
        const cvy_kinds *kinds = cvy_kinds_of((cvy_kind_group)group);
        const cvy_setting *row = cvy_setting_find(options, kinds->name);
        if (row != NULL && *((const bool *)((const char *)o + row->offset)))
            return kinds;
    }
    return NULL;
}

static cvy_status run(const cvy_call *call)
{
    const info_options *o = call->options;
    const cvy_kinds *group = find_group(o);

    if (cvy_output_check_name("--plot", o->plot, ".svg") != CVY_OK)
        return CVY_ERR_SETTING;
    if (o->plot != NULL && o->learning_rate == NULL)
        return cvy_fail(CVY_ERR_SETTING,
                        "--plot: found without --learning-rate, expected a rate to draw");
    if (o->learning_rate == NULL && (o->is_log_scale || o->steps != STEPS_DEFAULT))
        return cvy_fail(CVY_ERR_SETTING,
                        "%s: found without --learning-rate, expected a rate to show",
                        o->is_log_scale ? "--log-scale" : "--steps");
    if (o->command && call->operand_count == 0)
        return cvy_fail(CVY_ERR_SETTING, "--command: found no model, expected a trained one");
    if (call->operand_count > 0)
        return print_model(call);
    if (o->recipes)
        return cvy_recipes_show(call);
    if (o->learning_rate != NULL)
        return print_rates(call);
    return group != NULL ? print_kinds(call, group) : cvy_machine_show(call);
}

const cvy_command cvy_command_info = {
    .name = "info",
    .operands = "[MODEL]",
    .summary = "show the build, the machine or a model's layers",
    .examples = "convoy info\n"
                "convoy info lenet5\n"
                "convoy info model.safetensors --json\n"
                "convoy info model.safetensors --command\n"
                "convoy info --optimizers\n"
                "convoy info --learning-rate "
                "one_cycle:max_learning_rate=0.01 --steps 2000 \\\n    --plot rate.svg\n",
    .options = options,
    .options_size = sizeof(info_options),
    .operands_max = 1,
    .run = run,
};
