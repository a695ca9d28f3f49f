/* convoy predict: what a trained model reads in pictures. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/command.h"
#include "cli/pictures.h"
#include "cli/print.h"
#include "cli/values.h"
#include "convoy/convoy.h"

enum { OPERANDS_MAX = 1 << 20 };

typedef struct {
    int invert;
    size_t top;
} predict_options;

static const char *const inverts[] = { "auto", "yes", "no", NULL }; /* as cvy_invert counts */

#define AT(member) offsetof(predict_options, member)
static const cvy_setting options[] = {
    { "invert", CVY_CHOICE, AT(invert), "auto", 0, 0, "whether the ink is darker than the paper", 0,
      inverts },
    { "top", CVY_COUNT, AT(top), "3", 1, 1000, "how many of the best classes to name", 0, NULL },
    { 0 },
};

/* One image's outputs, best first. */
typedef struct {
    size_t class_index;
    float probability;
} ranked;

static int by_probability(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->probability != y->probability)
        return x->probability < y->probability ? 1 : -1;
    return (x->class_index > y->class_index) - (x->class_index < y->class_index);
}

static void rank(const float *outputs, size_t count, ranked *best)
{
    for (size_t i = 0; i < count; i++)
        best[i] = (ranked){ i, outputs[i] };
    qsort(best, count, sizeof *best, by_probability);
}

static json_t *json_prediction(const cvy_model *model, const char *file, const ranked *best,
                               size_t top)
{
    json_t *list = json_array();

    for (size_t i = 0; i < top; i++)
        json_array_append_new(list, json_pack("{s:s, s:f}", "label",
                                              cvy_model_class_name(model, best[i].class_index),
                                              "probability", (double)best[i].probability));
    return json_pack("{s:o, s:s, s:f, s:o}", "file", cvy_json_text(file), "label",
                     cvy_model_class_name(model, best[0].class_index), "probability",
                     (double)best[0].probability, "top", list);
}

static void add_row(cvy_table *table, const cvy_model *model, const char *file, const ranked *best,
                    size_t top)
{
    char others[256] = "";
    size_t length = 0;

    for (size_t i = 1; i < top && length + 1 < sizeof others; i++)
        length += (size_t)snprintf(
            others + length, sizeof others - length, "%s%s %.1f%%", i > 1 ? ", " : "",
            cvy_model_class_name(model, best[i].class_index), 100 * (double)best[i].probability);
    cvy_table_add(table, "%s", file);
    cvy_table_add(table, "%s", cvy_model_class_name(model, best[0].class_index));
    cvy_table_add(table, "%.1f%%", 100 * (double)best[0].probability);
    cvy_table_add(table, "%s", others);
}

/* A model with a single output predicts a number, not a class. */
static json_t *json_value(const char *file, float value)
{
    return json_pack("{s:o, s:f}", "file", cvy_json_text(file), "value", (double)value);
}

typedef struct {
    const cvy_model *model;
    const cvy_pictures *pictures;
    const float *outputs; /* [pictures->count][output_count] */
    size_t output_count, top;
    ranked *best; /* [output_count] */
} results;

/* Every picture in the order it was given: a prediction or an error. */
static cvy_status print_json(const results *r)
{
    json_t *list = json_array();
    size_t image = 0;

    for (size_t i = 0; i < r->pictures->entry_count; i++) {
        const cvy_picture_entry *entry = &r->pictures->entries[i];
        if (entry->error != NULL) {
            json_array_append_new(list, json_pack("{s:o, s:o}", "file", cvy_json_text(entry->name),
                                                  "error", cvy_json_text(entry->error)));
            continue;
        }
        const float *outputs = r->outputs + image++ * r->output_count;
        rank(outputs, r->output_count, r->best);
        json_array_append_new(list, r->output_count == 1
                                        ? json_value(entry->name, outputs[0])
                                        : json_prediction(r->model, entry->name, r->best, r->top));
    }
    return cvy_print_json(json_pack("{s:s, s:o}", "command", "predict", "predictions", list));
}

static cvy_status print_text(const results *r, bool is_verbose, FILE *file)
{
    cvy_table table;
    size_t image = 0;

    cvy_table_begin(&table, "llrl");
    cvy_table_add(&table, "picture");
    cvy_table_add(&table, r->output_count == 1 ? "value" : "reads");
    cvy_table_add(&table, "sure");
    cvy_table_add(&table, "else");
    for (size_t i = 0; i < r->pictures->entry_count; i++) {
        const cvy_picture_entry *entry = &r->pictures->entries[i];
        if (entry->error != NULL)
            continue;
        if (is_verbose && entry->report != NULL)
            fprintf(file, "%s: %s\n", entry->name, entry->report);
        const float *outputs = r->outputs + image++ * r->output_count;
        rank(outputs, r->output_count, r->best);
        if (r->output_count > 1) {
            add_row(&table, r->model, entry->name, r->best, r->top);
        } else {
            cvy_table_add(&table, "%s", entry->name);
            cvy_table_add(&table, "%g", (double)outputs[0]);
            cvy_table_add(&table, "%s", "");
            cvy_table_add(&table, "%s", "");
        }
    }
    return cvy_table_print(&table, file);
}

/* The rest was predicted; the exit status still says that not all was well. */
static cvy_status count_errors(const cvy_pictures *pictures)
{
    const char *last = NULL;
    size_t errors = 0;

    for (size_t i = 0; i < pictures->entry_count; i++)
        if (pictures->entries[i].error != NULL) {
            last = pictures->entries[i].error;
            errors++;
        }
    if (errors == 0)
        return CVY_OK;
    if (errors == 1)
        return cvy_fail(CVY_ERR_READ, "%s", last);
    for (size_t i = 0; i < pictures->entry_count; i++)
        if (pictures->entries[i].error != NULL)
            fprintf(stderr, "convoy: predict: %s\n", pictures->entries[i].error);
    return cvy_fail(CVY_ERR_READ, "%zu of %zu pictures could not be read", errors,
                    pictures->entry_count);
}

static cvy_status predict(const cvy_call *call, const cvy_model *model,
                          const cvy_pictures *pictures)
{
    const predict_options *o = call->options;
    const size_t output_count = cvy_model_output_count(model);
    float *outputs = NULL;
    results r = { .model = model,
                  .pictures = pictures,
                  .output_count = output_count,
                  .top = o->top < output_count ? o->top : output_count };
    cvy_status status =
        cvy_memory_create(pictures->image_count, output_count * sizeof *outputs, &outputs);

    if (status == CVY_OK)
        status = cvy_memory_create(output_count, sizeof *r.best, &r.best);
    if (status == CVY_OK)
        status = cvy_model_predict(model, pictures->images, pictures->image_count,
                                   call->common.threads, outputs);
    r.outputs = outputs;
    if (status == CVY_OK && call->common.json)
        status = print_json(&r);
    else if (status == CVY_OK && pictures->image_count > 0)
        status = print_text(&r, call->common.verbose, cvy_print_file(call));
    cvy_memory_free(r.best);
    cvy_memory_free(outputs);
    return status == CVY_OK ? count_errors(pictures) : status;
}

static cvy_status run(const cvy_call *call)
{
    const predict_options *o = call->options;
    cvy_pictures pictures = { 0 };
    cvy_model *model = NULL;
    cvy_status status = cvy_model_open_trained(call->operands[0], &model);

    if (status == CVY_OK)
        status = cvy_pictures_read(call->operands + 1, call->operand_count - 1,
                                   cvy_model_input(model), (cvy_invert)o->invert, &pictures);
    if (status == CVY_OK)
        status = predict(call, model, &pictures);
    cvy_pictures_release(&pictures);
    cvy_model_destroy(model);
    return status;
}

const cvy_command cvy_command_predict = {
    .name = "predict",
    .operands = "MODEL FILE...",
    .summary = "read pictures, folders of them, or IDX files",
    .examples = "convoy predict model.safetensors seven.png\n"
                "convoy predict model.safetensors scans/ --json\n"
                "convoy predict model.safetensors --invert no --verbose night.jpg\n",
    .options = options,
    .options_size = sizeof(predict_options),
    .operands_min = 2,
    .operands_max = OPERANDS_MAX,
    .run = run,
};
