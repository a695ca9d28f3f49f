/* convoy train: train a model on data and save it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/plural.h"
#include "base/visible.h"
#include "cli/command.h"
#include "cli/data_options.h"
#include "cli/command_line.h"
#include "cli/folds.h"
#include "cli/keeping.h"
#include "cli/log.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/ranks.h"
#include "cli/rows.h"
#include "cli/sharing.h"
#include "cli/signals.h"
#include "cli/train_outputs.h"
#include "cli/train_report.h"
#include "cli/values.h"
#include "cli/warm_start.h"
#include "convoy/convoy.h"
#include "machine/machine.h"
#include "scaling/scaling.h"

typedef struct {
    cvy_data_choice data;
    const char *validation_data, *normalize, *model, *weights, *optimizer, *learning_rate, *loss,
        *metrics, *class_weight, *output, *log, *config;
    cvy_text_list callbacks, augmentations, frozen;
    size_t epochs, batch_size, limit, steps, folds;
    double validation_split;
    cvy_keeping keeping;
    int bind, on_nan, wire;
    bool fast_reduce;
} train_options;

static const char *const on_nans[] = { "stop", "skip", "ignore", NULL }; /* in the order of
                                                                            cvy_on_nan */
static const char *const wires[] = { "fp32", "bf16", NULL }; /* in the order of cvy_wire */

#define AT(member) offsetof(train_options, member)
static const cvy_setting options[] = {
    { "config", CVY_TEXT, AT(config), NULL, 0, 0,
      "FILE: options as a JSON object, or the name of a recipe (convoy info --recipes); the "
      "command "
      "line wins",
      0, NULL },
    CVY_DATA_CHOICE_ROWS(train_options, data),
    { "augment", CVY_TEXT_LIST, AT(augmentations), NULL, 0, 0,
      "SPEC: augment training images, as in random_rotation:factor=0.05 (convoy info "
      "--augmentations)",
      0, NULL },
    { "validation-data", CVY_TEXT, AT(validation_data), NULL, 0, 0,
      "WHERE: validate on the images of another data set", 0, NULL },
    { "normalize", CVY_TEXT, AT(normalize), NULL, 0, 0,
      "pixel normalization: standard (mean 0, deviation 1; the default), unit (0 to 1) or none; "
      "a "
      "trained model keeps its own",
      0, NULL },
    { "folds", CVY_COUNT, AT(folds), "0", 0, 1000,
      "cross-validation: train K times, each with another part held out; saves no model", 0, NULL },
    { "model", CVY_TEXT, AT(model), "lenet5", 0, 0,
      "NAME: a built-in one (convoy info --models), a FILE.json that Keras wrote, or a trained "
      "FILE.safetensors, FILE.keras or FILE.h5 to go on from",
      0, NULL },
    { "weights", CVY_TEXT, AT(weights), NULL, 0, 0,
      "FILE: weights of the model's shapes to go on from, in a .safetensors, .keras or .weights.h5",
      0, NULL },
    { "freeze", CVY_TEXT_LIST, AT(frozen), NULL, 0, 0,
      "LAYER: a layer to freeze, or a pattern, as in conv2d*", 0, NULL },
    { "epochs", CVY_COUNT, AT(epochs), "8", 1, 1000000, "passes over the training images", 0,
      NULL },
    CVY_BATCH_SIZE_ROW(AT(batch_size), "images per update; full: all of them"),
    CVY_OPTIMIZER_ROW(AT(optimizer)),
    { "learning-rate", CVY_TEXT, AT(learning_rate), NULL, 0, 0,
      "SPEC: a number or a schedule (convoy info --schedules; default: the optimizer's)", 0, NULL },
    { "loss", CVY_TEXT, AT(loss), NULL, 0, 0,
      "SPEC: as in mean_squared_error (convoy info --losses; default: the model's, from its "
      "compile_config or its training, else sparse_categorical_crossentropy; of a single output "
      "binary_crossentropy after a sigmoid, else mean_squared_error)",
      0, NULL },
    { "metrics", CVY_TEXT, AT(metrics), NULL, 0, 0,
      "A,B,...: also report these, as in auc,top_k_categorical_accuracy:k=3 (convoy info "
      "--metrics)",
      0, NULL },
    { "class-weight", CVY_TEXT, AT(class_weight), NULL, 0, 0,
      "SPEC: class weights in the loss, as in 7=2.5,9=0.5 (1 for others), or balanced", 0, NULL },
    { "callback", CVY_TEXT_LIST, AT(callbacks), NULL, 0, 0,
      "SPEC: as in early_stopping:patience=3 (convoy info --callbacks)", 0, NULL },
    CVY_VALIDATION_SPLIT_ROW(AT(validation_split), "0"),
    CVY_LIMIT_ROW(AT(limit)),
    { "steps", CVY_COUNT, AT(steps), "0", 0, HUGE_VAL, "stop after N updates; 0: after the epochs",
      CVY_BELOW_MAX, NULL },
    { "on-nan", CVY_CHOICE, AT(on_nan), "stop", 0, 0,
      "when a loss, gradient or weight is not a finite number: end with the last good weights, "
      "skip that "
      "update, or go on as Keras does",
      0, on_nans },
    { "wire", CVY_CHOICE, AT(wire), "fp32", 0, 0,
      "precision of the gradients sent between ranks (docs/cluster.md): bf16 sends up to half as "
      "much, and rounds in the same way in one process, so that any number of ranks trains the "
      "same weights",
      0, wires },
    { "fast-reduce", CVY_BOOL, AT(fast_reduce), "false", 0, 0,
      "let MPI sum the gradients of the ranks in its own order: sends less, but the bits depend on "
      "the number of ranks",
      0, NULL },
    { "output", CVY_TEXT, AT(output), "model.safetensors", 0, 0,
      "FILE: where the trained model is saved", 0, NULL },
    CVY_BIND_ROW(AT(bind)),
    { "log", CVY_TEXT, AT(log), NULL, 0, 0, "FILE: a line per epoch, .csv or .jsonl", 0, NULL },
    CVY_KEEPING_ROWS(train_options, keeping),
    { 0 },
};

/* Where progress is reported. */
typedef struct {
    const cvy_call *call;
    cvy_progress_bar bar;
    cvy_log log;
} reporting;

static bool report(void *context, const cvy_progress *progress)
{
    reporting *to = context;

    cvy_progress_bar_show(&to->bar, progress);
    if (progress->finished != NULL)
        cvy_log_epoch(&to->log, progress->finished);
    return !cvy_keeping_must_stop();
}

/* Printed after the line of its epoch. */
static void report_event(void *context, const cvy_event *event)
{
    reporting *to = context;
    cvy_progress_bar_tell(&to->bar, event);
}

static bool must_stop(void *context)
{
    (void)context;
    return cvy_keeping_must_stop();
}

static bool was_signaled(void *context)
{
    (void)context;
    return cvy_stop_requested();
}

/* The log gets the epochs of the checkpoint and those that follow. */
static void report_resumption(void *context, const cvy_resumption *resumption)
{
    reporting *to = context;

    cvy_keeping_print_resumption(to->call, resumption);
    cvy_log_resume(&to->log, resumption->epochs, resumption->epoch_count);
}

/* Whether training starts from weights in a file. */
static bool has_weights(const train_options *o)
{
    return cvy_is_trained_name(o->model) || o->weights != NULL;
}

/* The settings of the training; functions are added later. */
static void make_settings(const cvy_call *call, cvy_train_settings *settings)
{
    const train_options *o = call->options;

    cvy_train_settings_init(settings);
    settings->optimizer = o->optimizer;
    settings->learning_rate = o->learning_rate;
    settings->loss = o->loss; /* NULL: the model's loss */
    settings->keep_weights = has_weights(o);
    settings->metrics = o->metrics;
    settings->class_weight = o->class_weight;
    settings->callbacks = o->callbacks.texts;
    settings->callback_count = o->callbacks.count;
    settings->epochs = o->epochs;
    settings->batch_size = o->batch_size;
    settings->steps = o->steps;
    settings->limit = o->limit;
    settings->validation_split = o->validation_split;
    settings->normalize = o->normalize;
    settings->augmentations = o->augmentations.texts;
    settings->augmentation_count = o->augmentations.count;
    settings->threads = call->common.threads;
    settings->seed = call->common.seed;
    settings->on_nan = (cvy_on_nan)o->on_nan;
    settings->bind = (cvy_bind)o->bind;
    settings->wire = (cvy_wire)o->wire;
    settings->fast_reduce = o->fast_reduce;
}

/* Errors in the command line alone are reported before any data are read. */
static cvy_status check_options(const train_options *o, const cvy_train_settings *settings)
{
    cvy_status status = cvy_train_check(NULL, NULL, settings, NULL);

    if (status == CVY_OK && has_weights(o) && o->folds > 0)
        status = cvy_fail(CVY_ERR_SETTING,
                          "--folds: found %zu with %s, which has seen some of the images "
                          "already, expected a model without weights",
                          o->folds, cvy_is_trained_name(o->model) ? o->model : o->weights);
    if (status == CVY_OK && o->validation_data != NULL && o->validation_split > 0)
        status = cvy_fail(CVY_ERR_SETTING, "--validation-split and --validation-data: one of them");
    if (status == CVY_OK && o->folds == 1)
        status = cvy_fail(CVY_ERR_SETTING, "--folds: found 1, expected at least 2");
    if (status == CVY_OK && o->folds > 0 && o->keeping.checkpoint != NULL && o->log != NULL)
        status = cvy_fail(CVY_ERR_SETTING,
                          "--log: found %s with --folds and --checkpoint, "
                          "expected no log, since one of several models cannot be continued",
                          o->log);
    if (status == CVY_OK && o->folds > 0 && (o->validation_split > 0 || o->validation_data != NULL))
        status = cvy_fail(CVY_ERR_SETTING,
                          "--folds: every fold validates, so no other validation data are taken");
    return status == CVY_OK ? cvy_log_check_name(o->log) : status;
}

/* Print one line about unusual data; pictures that were left out have been reported on opening. */
static cvy_status warn_of_data(const cvy_call *call, const cvy_dataset *data)
{
    cvy_dataset_report *report;

    if (call->common.quiet)
        return CVY_OK;
    cvy_status status = cvy_dataset_check(data, &report);
    if (status != CVY_OK)
        return status;
    const cvy_dataset_finding *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < report->count; i++)
        if (strcmp(report->findings[i]->name, "left_out") != 0)
            first = count++ == 0 ? report->findings[i] : first;
    if (first != NULL)
        cvy_visible_print(stderr, "convoy: warning: %s: %s%s\n", cvy_dataset_describe(data).name,
                          first->text, count > 1 ? " (and more: convoy data check)" : "");
    cvy_dataset_report_destroy(report);
    return CVY_OK;
}

/* More threads than can run at once make training slower, possibly many times. */
static void warn_of_threads(const cvy_call *call)
{
    cvy_machine machine;

    if (call->common.quiet)
        return;
    cvy_machine_diagnose_threads(call->common.threads_wanted, &machine);
    for (size_t i = 0; i < machine.warning_count; i++)
        cvy_visible_print(stderr, "warning: %s\n", machine.warnings[i]);
}

/* "180 of 20,000", or "20,000" if it is all of them. */
static void print_share(FILE *file, size_t count, size_t all)
{
    fprintf(file, "%s", cvy_human_count(count).text);
    if (count < all)
        fprintf(file, " of %s", cvy_human_count(all).text);
}

/* The model and the data to train it on. */
typedef struct {
    cvy_model *model;
    cvy_warm_start warm;
    cvy_dataset *data;
    size_t available; /* training images before --limit and --validation-split */
} work;

/* Announce what is about to be done, with warnings about unusual settings. */
static void announce(const cvy_call *call, const work *w, const cvy_train_plan *plan)
{
    const cvy_dataset_info info = cvy_dataset_describe(w->data);
    FILE *file = cvy_print_file(call);

    if (call->common.quiet)
        return;
    if (!call->common.json) {
        cvy_visible_print(file, "%s on %s: %s parameters, %zu thread%s\n", cvy_model_name(w->model),
                          info.name, cvy_human_count(cvy_model_parameter_count(w->model)).text,
                          call->common.threads, cvy_plural(call->common.threads));
        fputs("images: ", file);
        print_share(file, plan->train_count, w->available);
        fprintf(file, " for training, %s for validation, %s for the test\n",
                cvy_human_count(plan->validation_count).text,
                cvy_human_count(info.test_count).text);
        cvy_warm_start_print(&w->warm, w->model, file);
        if (cvy_model_compiled_optimizer(w->model) != NULL)
            cvy_visible_print(file, "Keras compiled it with --optimizer %s\n",
                              cvy_model_compiled_optimizer(w->model));
        fflush(file);
    }
    for (size_t i = 0; i < plan->warning_count; i++)
        cvy_visible_print(stderr, "warning: %s\n", plan->warnings[i]);
}

/* Whether all ranks ended in the same way: all finished or stopped, or none could begin, or training
 * diverged, which happens on all ranks alike. */
static bool ended_together(const cvy_train_settings *settings, cvy_status status)
{
    return settings->comm == NULL || status == CVY_OK || status == CVY_ERR_STOPPED ||
           status == CVY_ERR_DIVERGED || status == CVY_ERR_SETTING ||
           cvy_comm_has_failed(settings->comm);
}

static cvy_status train(const cvy_call *call, cvy_train_settings *settings, const work *w,
                        const cvy_train_plan *plan, double start)
{
    const cvy_dataset *data = w->data;
    cvy_model *model = w->model;
    const train_options *o = call->options;
    reporting to = { .call = call };
    const bool leads = !cvy_ranks_follows();
    cvy_train_report result = { .call = call,
                                .comm = settings->comm,
                                .class_weight = o->class_weight,
                                .output = o->output,
                                .metrics = o->metrics,
                                .is_rounding = settings->wire == CVY_WIRE_BF16,
                                .is_fast =
                                    settings->fast_reduce && cvy_comm_size(settings->comm) > 1,
                                .callbacks = &o->callbacks,
                                .keeping = &o->keeping,
                                .model = model,
                                .data = data,
                                .plan = plan,
                                .warm = &w->warm };
    /* first, since opening the log empties it */
    cvy_status status = leads && !settings->resume
                            ? cvy_train_write_configuration(o->log, settings->configuration)
                            : CVY_OK;
    if (status == CVY_OK && leads)
        status = cvy_log_open(o->log, settings->resume, &to.log);

    status = cvy_comm_agree(settings->comm, status);
    if (status != CVY_OK)
        return status;
    settings->on_progress = report;
    settings->on_event = report_event;
    settings->on_resume = leads ? report_resumption : NULL;
    settings->stop_requested = leads ? must_stop : was_signaled; /* one clock decides */
    settings->context = &to;
    announce(call, w, plan);
    warn_of_threads(call);
    cvy_progress_bar_init(&to.bar, call);
    cvy_signals_catch();
    result.exchange = cvy_comm_times_of(settings->comm);
    status = o->folds > 0 ? cvy_folds_run(call, model, data, settings, o->folds)
                          : cvy_train(model, data, settings, &result.history);
    cvy_progress_bar_end(&to.bar);
    if (!ended_together(settings, status))
        return cvy_ranks_give_up(settings->comm, status);
    if (status != CVY_OK) /* all ranks now know of it, so none has to end the others */
        status = cvy_comm_agree(settings->comm, status);
    if (result.history != NULL && result.history->has_diverged)
        status = cvy_train_report_diverged(&result, start, status);
    else if (status == CVY_OK && o->folds == 0)
        status = cvy_train_report_finish(&result, start);
    cvy_status log_status = cvy_log_close(&to.log);
    if (log_status == CVY_OK && leads && settings->resume) /* resuming may have been refused */
        log_status = cvy_train_write_configuration(o->log, settings->configuration);
    cvy_history_destroy(result.history);
    return status == CVY_OK ? log_status : status;
}

/* Open the images, with those for validation in a part of their own. */
static cvy_status open_images(const cvy_call *call, const train_options *o, work *w)
{
    const cvy_model *like = w->warm.file != NULL ? w->model : NULL;
    cvy_dataset *divided;
    cvy_status status = cvy_data_open_to_learn(call, &o->data, like, &w->data);

    if (like != NULL)
        status = cvy_data_blame_model(status, w->warm.file);
    if (status == CVY_OK)
        w->available = cvy_dataset_count(w->data, CVY_SPLIT_TRAIN);
    if (status == CVY_OK && o->validation_data != NULL)
        status = cvy_data_add_validation(call, &o->data, o->validation_data, &w->data);
    if (status != CVY_OK || o->validation_split == 0)
        return status;
    status = cvy_dataset_divide(w->data, o->validation_split, o->limit, &divided);
    if (status == CVY_OK) {
        cvy_dataset_close(w->data);
        w->data = divided;
    }
    return status;
}

/* Open the model and its images, each adapted to the other. */
static cvy_status open_work(const cvy_call *call, const train_options *o, work *w)
{
    cvy_status status = cvy_warm_start_open(o->model, o->weights, &w->warm, &w->model);

    if (status == CVY_OK)
        status = cvy_warm_start_check(&w->warm, w->model, o->normalize);
    if (status == CVY_OK)
        status = open_images(call, o, w);
    if (status == CVY_OK)
        status = cvy_warm_start_take_classes(&w->warm, w->data, call->common.seed, &w->model);
    return status == CVY_OK ? cvy_warm_start_freeze(&w->warm, &o->frozen, w->model) : status;
}

static void close_work(work *w)
{
    cvy_warm_start_release(&w->warm);
    cvy_model_destroy(w->model);
    cvy_dataset_close(w->data);
    *w = (work){ 0 };
}

/* Called by all ranks: those that could not open everything get the model and the images of rank
 * 0. */
static cvy_status share_work(const cvy_call *call, cvy_comm *comm, bool is_missing, work *w)
{
    const train_options *o = call->options;

    if (is_missing)
        close_work(w);
    cvy_status status = cvy_share_model(comm, is_missing, &w->model);
    if (status == CVY_OK)
        status = cvy_share_data(comm, is_missing, call->common.threads, &w->data);
    if (status == CVY_OK && is_missing)
        status = cvy_warm_start_freeze(&w->warm, &o->frozen, w->model);
    return status;
}

/* The ranks of one machine share a cache of decoded images, which the first of them writes. */
static cvy_status open_work_in_turn(const cvy_call *call, cvy_comm *comm, cvy_status status,
                                    work *w)
{
    const train_options *o = call->options;
    const bool follows = cvy_ranks_follows();

    if (status == CVY_OK && !follows)
        status = open_work(call, o, w);
    status = cvy_comm_agree(comm, status);
    if (status != CVY_OK || comm == NULL)
        return status;
    const bool is_missing = follows && open_work(call, o, w) != CVY_OK;
    bool is_any_missing = is_missing;
    status = cvy_comm_any(comm, &is_any_missing);
    return status == CVY_OK && is_any_missing ? share_work(call, comm, is_missing, w) : status;
}

/* The whole command on this rank. */
static cvy_status run_rank(const cvy_call *call, cvy_comm *comm)
{
    const train_options *o = call->options;
    const double start = cvy_clock_seconds();
    cvy_train_settings settings;
    work w = { 0 };
    cvy_train_plan *plan = NULL;
    char *configuration = NULL;

    make_settings(call, &settings);
    settings.comm = comm;
    cvy_status status = cvy_keeping_read(&o->keeping, start, &settings);
    if (status == CVY_OK)
        status = cvy_json_print(cvy_configuration_of(call), JSON_COMPACT, "configuration",
                                &configuration);
    settings.configuration = configuration;
    if (status == CVY_OK)
        status = check_options(o, &settings);
    if (status == CVY_OK && !cvy_ranks_follows())
        status = cvy_train_check_outputs(&(cvy_train_files){ .output = o->output,
                                                             .log = o->log,
                                                             .callbacks = &o->callbacks,
                                                             .data = &o->data.where,
                                                             .validation_data = o->validation_data,
                                                             .config = o->config,
                                                             .checkpoint = o->keeping.checkpoint,
                                                             .has_result = call->common.json });
    status = open_work_in_turn(call, comm, status, &w);
    settings.validation_split = 0; /* the data set has a validation part */
    if (status == CVY_OK)
        status = cvy_train_check(w.model, w.data, &settings, &plan);
    if (status == CVY_OK)
        status = warn_of_data(call, w.data);
    status = cvy_comm_agree(comm, status);
    if (status == CVY_OK)
        status = train(call, &settings, &w, plan, start);
    cvy_train_plan_destroy(plan);
    free(configuration);
    close_work(&w);
    return status;
}

static cvy_status run(const cvy_call *call)
{
    return cvy_ranks_run(call, run_rank);
}

const cvy_command cvy_command_train = {
    .name = "train",
    .summary = "train a model and save it",
    .examples = "convoy train\n"
                "convoy train --data mnist/ --epochs 5 --output digits.safetensors\n"
                "convoy train --data mnist/ --data my-digits/ --validation-split 0.1\n"
                "convoy train --model mnist-cnn --optimizer sgd:momentum=0.9 \\\n"
                "    --learning-rate exponential_decay:initial_learning_rate=0.05,"
                "decay_steps=1000,decay_rate=0.9\n"
                "convoy train --validation-split 0.1 --epochs 50 \\\n"
                "    --callback early_stopping:patience=3,restore_best_weights=true\n"
                "convoy train --checkpoint run1/ --epochs 20\n"
                "convoy train --checkpoint run1/ --epochs 20 --resume\n"
                "convoy train --model digits.safetensors --data mine/ --freeze 'conv2d*'\n"
                "convoy train --json --log epochs.csv\n",
    .options = options,
    .options_size = sizeof(train_options),
    .is_for_ranks = true,
    .run = run,
};
