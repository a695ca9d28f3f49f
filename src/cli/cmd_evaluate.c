/* convoy evaluate: measure how well a trained model classifies a data set. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/visible.h"
#include "cli/command.h"
#include "cli/data_options.h"
#include "cli/mistakes.h"
#include "cli/outputs.h"
#include "cli/print.h"
#include "cli/ranks.h"
#include "cli/rows.h"
#include "cli/sharing.h"
#include "cli/values.h"
#include "convoy/convoy.h"

typedef struct {
    cvy_data_choice data;
    int split;
    size_t top_k;
    const char *metrics;
    cvy_mistake_files files;
} evaluate_options;

static const cvy_split chosen[] = { CVY_SPLIT_TEST, CVY_SPLIT_TRAIN, CVY_SPLIT_VALIDATION };
static const char *const splits[] = { "test", "train", "validation", NULL };

#define AT(member) offsetof(evaluate_options, member)
static const cvy_setting options[] = {
    CVY_DATA_CHOICE_ROWS(evaluate_options, data),
    { "split", CVY_CHOICE, AT(split), "test", 0, 0, "part of the data set to evaluate", 0, splits },
    { "top-k", CVY_COUNT, AT(top_k), "3", 1, 1000, "also report top-K accuracy", 0, NULL },
    { "metrics", CVY_TEXT, AT(metrics), NULL, 0, 0,
      "A,B,...: also report these, as in auc,top_k_categorical_accuracy:k=3 (convoy info "
      "--metrics)",
      0, NULL },
    CVY_MISTAKE_ROWS(AT(files)),
    { 0 },
};

static json_t *json_confusion(const cvy_score *score)
{
    json_t *matrix = json_array();

    for (size_t i = 0; score->confusion != NULL && i < score->class_count; i++) {
        json_t *row = json_array();
        for (size_t j = 0; j < score->class_count; j++)
            cvy_json_append(&row, cvy_json_count(score->confusion[i * score->class_count + j]));
        cvy_json_append(&matrix, row);
    }
    return matrix;
}

static json_t *json_classes(const cvy_model *model, const cvy_score *score)
{
    json_t *classes = json_array();

    for (size_t i = 0; score->confusion != NULL && i < score->class_count; i++) {
        const cvy_class_score *c = score->classes[i];
        cvy_json_append(&classes, json_pack("{s:s, s:f, s:f, s:f, s:I}", "label",
                                            cvy_model_class_name(model, i), "precision",
                                            c->precision, "recall", c->recall, "f1", c->f1,
                                            "support", (json_int_t)c->support));
    }
    return classes;
}

static cvy_status print_json(const cvy_model *model, size_t k, const cvy_score *score)
{
    char key[24];

    snprintf(key, sizeof key, "%zu", k);
    json_t *object = json_pack(
        "{s:s, s:I, s:o, s:o, s:{s:o}, s:o, s:o, s:o, s:o, s:o, s:f, s:f}", "command", "evaluate",
        "images", (json_int_t)score->image_count, "loss", cvy_json_number(score->loss), "accuracy",
        cvy_json_number(score->accuracy), "top_k", key, cvy_json_number(score->top_k), "mae",
        cvy_json_number(score->mae), "mse", cvy_json_number(score->mse), "rmse",
        cvy_json_number(score->rmse), "confusion", json_confusion(score), "classes",
        json_classes(model, score), "seconds", score->seconds, "images_per_second",
        (double)score->image_count / fmax(score->seconds, 1e-9));

    cvy_set_metrics(&object, score);
    if (cvy_comm_launched() > 1)
        cvy_json_set(&object, "ranks", cvy_json_count(cvy_comm_launched()));
    return cvy_print_json(object);
}

static cvy_status print_classes(const cvy_model *model, const cvy_score *score, FILE *file)
{
    cvy_table table;

    cvy_table_begin(&table, "lrrrr");
    cvy_table_add(&table, "class");
    cvy_table_add(&table, "precision");
    cvy_table_add(&table, "recall");
    cvy_table_add(&table, "f1");
    cvy_table_add(&table, "images");
    for (size_t i = 0; i < score->class_count; i++) {
        const cvy_class_score *c = score->classes[i];
        cvy_table_add(&table, "%s", cvy_model_class_name(model, i));
        cvy_table_add(&table, "%.4f", c->precision);
        cvy_table_add(&table, "%.4f", c->recall);
        cvy_table_add(&table, "%.4f", c->f1);
        cvy_table_add(&table, "%s", cvy_human_count(c->support).text);
    }
    return cvy_table_print(&table, file);
}

enum { SHOWN_CLASSES_MAX = 30 }; /* a wider matrix does not fit into a terminal */

static cvy_status print_confusion(const cvy_model *model, const cvy_score *score, FILE *file)
{
    char alignment[SHOWN_CLASSES_MAX + 2] = "l";
    const size_t n = score->class_count;
    cvy_table table;

    if (n > SHOWN_CLASSES_MAX)
        return CVY_OK;
    for (size_t i = 0; i < n; i++)
        alignment[i + 1] = 'r';
    cvy_table_begin(&table, alignment);
    cvy_table_add(&table, "true \\ read as");
    for (size_t i = 0; i < n; i++)
        cvy_table_add(&table, "%s", cvy_model_class_name(model, i));
    for (size_t i = 0; i < n; i++) {
        cvy_table_add(&table, "%s", cvy_model_class_name(model, i));
        for (size_t j = 0; j < n; j++)
            cvy_table_add(&table, score->confusion[i * n + j] > 0 ? "%zu" : ".",
                          score->confusion[i * n + j]);
    }
    fputc('\n', file);
    return cvy_table_print(&table, file);
}

static cvy_status print_text(const cvy_model *model, size_t k, const cvy_score *score, FILE *file)
{
    const double rate = (double)score->image_count / fmax(score->seconds, 1e-9);
    cvy_status status = CVY_OK;

    fprintf(file, "%s images in %s (%s img/s)\n", cvy_human_count(score->image_count).text,
            cvy_human_seconds(score->seconds).text, cvy_human_count((size_t)rate).text);
    fprintf(file, "loss      %.4f\n", score->loss);
    if (score->confusion != NULL) {
        fprintf(file, "accuracy  %s\n", cvy_human_percent(score->accuracy).text);
        fprintf(file, "top-%-5zu %s\n", k, cvy_human_percent(score->top_k).text);
    }
    fprintf(file, "mae       %.5f\nmse       %.5f\nrmse      %.5f\n", score->mae, score->mse,
            score->rmse);
    cvy_print_metrics(score, "", file);
    if (score->confusion == NULL)
        return CVY_OK;
    fputc('\n', file);
    status = print_classes(model, score, file);
    return status == CVY_OK ? print_confusion(model, score, file) : status;
}

/* Name the images first: it is easy to overlook that the default is the built-in data. */
static cvy_status print_report(const cvy_call *call, const cvy_model *model,
                               const cvy_dataset *data, const cvy_score *score)
{
    const evaluate_options *o = call->options;

    if (call->common.json)
        return print_json(model, o->top_k, score);
    const cvy_dataset_info info = cvy_dataset_describe(data);
    cvy_visible_print(cvy_print_file(call), "%s on %s, %s images\n", cvy_model_name(model),
                      info.name, info.is_undivided ? "all" : splits[o->split]);
    return print_text(model, o->top_k, score, cvy_print_file(call));
}

/* Finds out before scoring that two outputs have the same file. */
static cvy_status check_outputs(const cvy_call *call, const cvy_mistake_files *files,
                                const cvy_text_list *data)
{
    cvy_outputs outputs = { 0 };
    cvy_status status = cvy_output_check_name("--mistakes", files->mistakes, ".png");

    if (status == CVY_OK)
        status = cvy_output_check_name("--predictions", files->predictions, ".csv");
    if (status == CVY_OK)
        status = cvy_output_check_name("--confusion", files->confusion, ".png");
    if (status == CVY_OK)
        status = cvy_outputs_add(&outputs, "--mistakes", files->mistakes);
    if (status == CVY_OK)
        status = cvy_outputs_add(&outputs, "--predictions", files->predictions);
    if (status == CVY_OK)
        status = cvy_outputs_add(&outputs, "--confusion", files->confusion);
    if (status == CVY_OK)
        status = cvy_outputs_settle(&outputs, call->common.json);
    if (status == CVY_OK)
        status = cvy_outputs_spare(&outputs, "evaluate", call->operands[0]);
    if (status == CVY_OK)
        status = cvy_outputs_spare_all(&outputs, "--data", data);
    if (status == CVY_OK)
        status = cvy_outputs_probe(&outputs);
    cvy_outputs_release(&outputs);
    return status;
}

/* The model and the data to evaluate it on. */
typedef struct {
    cvy_model *model;
    cvy_dataset *data;
} subject;

/* A model for other things than digits, and no --data: the default would be scored as nonsense. */
static cvy_status check_default(const cvy_call *call, const cvy_model *model)
{
    const evaluate_options *o = call->options;
    const size_t count = cvy_model_output_count(model);

    if (o->data.where.count > 0 || count < 2)
        return CVY_OK;
    for (size_t i = 0; i < count; i++) {
        const char *name = cvy_model_class_name(model, i);
        if (name[0] == '\0' || name[strspn(name, "0123456789")] != '\0')
            return cvy_fail(CVY_ERR_SETTING,
                            "--data: missing, and the classes of %s, such as %.40s, are not those "
                            "of the built-in digits, expected images of its classes",
                            call->operands[0], name);
    }
    return CVY_OK;
}

/* Images that are not divided into parts are all scored, but they are not for validation. */
static cvy_status check_split(const cvy_dataset *data, cvy_split split)
{
    const cvy_dataset_info info = cvy_dataset_describe(data);

    if (!info.is_undivided || split != CVY_SPLIT_VALIDATION)
        return CVY_OK;
    return cvy_fail(CVY_ERR_SETTING,
                    "--split validation: %s is not divided into parts, expected no --split, which "
                    "scores all of its images",
                    info.name);
}

static cvy_status open_subject(const cvy_call *call, subject *s)
{
    const evaluate_options *o = call->options;
    cvy_status status = cvy_model_open_trained(call->operands[0], &s->model);

    if (status == CVY_OK)
        status = check_default(call, s->model);
    if (status != CVY_OK)
        return status;
    status = cvy_data_open(call, &o->data, 1U << chosen[o->split], s->model, &s->data);
    status = cvy_data_blame_model(status, call->operands[0]);
    return status == CVY_OK ? check_split(s->data, chosen[o->split]) : status;
}

static void close_subject(subject *s)
{
    cvy_dataset_close(s->data);
    cvy_model_destroy(s->model);
    *s = (subject){ 0 };
}

/* Ranks that cannot read rank 0's files receive their contents. */
static cvy_status open_on_all(const cvy_call *call, cvy_comm *comm, cvy_status status, subject *s)
{
    const bool follows = cvy_ranks_follows();

    if (status == CVY_OK && !follows)
        status = open_subject(call, s);
    status = cvy_comm_agree(comm, status);
    if (status != CVY_OK || comm == NULL)
        return status;
    const bool is_missing = follows && open_subject(call, s) != CVY_OK;
    bool is_any_missing = is_missing;
    status = cvy_comm_any(comm, &is_any_missing);
    if (status != CVY_OK || !is_any_missing)
        return status;
    if (is_missing)
        close_subject(s);
    status = cvy_share_model(comm, is_missing, &s->model);
    return status == CVY_OK ? cvy_share_data(comm, is_missing, call->common.threads, &s->data)
                            : status;
}

/* Done by rank 0 only. If a file cannot be written, the scores are still reported. */
static cvy_status report(const cvy_call *call, const subject *s, const cvy_score *score)
{
    const evaluate_options *o = call->options;
    cvy_status status = cvy_mistakes_write(&o->files, s->model, s->data, chosen[o->split],
                                           call->common.threads, score);

    if (status != CVY_OK && status != CVY_ERR_OPEN && status != CVY_ERR_WRITE)
        return status;
    const cvy_status printed = print_report(call, s->model, s->data, score);
    return status == CVY_OK ? printed : status;
}

static cvy_status score_model(const cvy_call *call, cvy_comm *comm, const subject *s,
                              cvy_score **score)
{
    const evaluate_options *o = call->options;
    cvy_evaluate_options settings;

    cvy_evaluate_options_init(&settings);
    settings.split = chosen[o->split];
    settings.k = o->top_k;
    settings.threads = call->common.threads;
    settings.metrics = o->metrics;
    settings.comm = comm;
    return cvy_evaluate_with(s->model, s->data, &settings, score);
}

static cvy_status run_rank(const cvy_call *call, cvy_comm *comm)
{
    const evaluate_options *o = call->options;
    const bool leads = !cvy_ranks_follows();
    subject s = { 0 };
    cvy_score *score = NULL;
    cvy_status status = leads ? check_outputs(call, &o->files, &o->data.where) : CVY_OK;

    status = open_on_all(call, comm, status, &s);
    if (status == CVY_OK)
        status = cvy_comm_check_alike(comm, s.model, s.data);
    if (status == CVY_OK)
        status = score_model(call, comm, &s, &score);
    if (status == CVY_OK && leads)
        status = report(call, &s, score);
    if (status == CVY_OK && score->nan_count > 0)
        status =
            cvy_fail(CVY_ERR_DATA,
                     "%s: an output is not a number (NaN) for %zu of %zu images; they count as "
                     "misread",
                     call->operands[0], score->nan_count, score->image_count);
    cvy_score_destroy(score);
    close_subject(&s);
    return status;
}

static cvy_status run(const cvy_call *call)
{
    return cvy_ranks_run(call, run_rank);
}

const cvy_command cvy_command_evaluate = {
    .name = "evaluate",
    .operands = "MODEL",
    .summary = "evaluate a trained model on a data set",
    .examples = "convoy evaluate model.safetensors\n"
                "convoy evaluate model.safetensors --data mnist/ --top-k 5\n"
                "convoy evaluate model.safetensors --data mnist/ --mistakes misread.png\n",
    .options = options,
    .options_size = sizeof(evaluate_options),
    .operands_min = 1,
    .operands_max = 1,
    .is_for_ranks = true,
    .run = run,
};
