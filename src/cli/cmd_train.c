/* convoy train: train a model on data and save it. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/plural.h"
#include "base/visible.h"
#include "cli/command.h"
#include "cli/command_line.h"
#include "cli/folds.h"
#include "cli/keeping.h"
#include "cli/log.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/ranks.h"
#include "cli/signals.h"
#include "cli/train_options.h"
#include "cli/train_outputs.h"
#include "cli/train_report.h"
#include "cli/train_work.h"
#include "convoy/convoy.h"
#include "machine/machine.h"

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

/* Announce what is about to be done, with warnings about unusual settings. */
static void announce(const cvy_call *call, const cvy_train_work *w, const cvy_train_plan *plan)
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

static cvy_status train(const cvy_call *call, cvy_train_settings *settings, const cvy_train_work *w,
                        const cvy_train_plan *plan, double start)
{
    const cvy_dataset *data = w->data;
    cvy_model *model = w->model;
    const cvy_train_options *o = call->options;
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

/* The whole command on this rank. */
static cvy_status run_rank(const cvy_call *call, cvy_comm *comm)
{
    const cvy_train_options *o = call->options;
    const double start = cvy_clock_seconds();
    cvy_train_settings settings;
    cvy_train_work w = { 0 };
    cvy_train_plan *plan = NULL;
    char *configuration = NULL;

    cvy_train_options_apply(call, &settings);
    settings.comm = comm;
    cvy_status status = cvy_keeping_read(&o->keeping, start, &settings);
    if (status == CVY_OK)
        status = cvy_json_print(cvy_configuration_of(call), JSON_COMPACT, "configuration",
                                &configuration);
    settings.configuration = configuration;
    if (status == CVY_OK)
        status = cvy_train_options_check(o, &settings);
    if (status == CVY_OK && !cvy_ranks_follows())
        status = cvy_train_check_outputs(&(cvy_train_files){ .output = o->output,
                                                             .log = o->log,
                                                             .callbacks = &o->callbacks,
                                                             .data = &o->data.where,
                                                             .validation_data = o->validation_data,
                                                             .config = o->config,
                                                             .checkpoint = o->keeping.checkpoint,
                                                             .has_result = call->common.json });
    status = cvy_train_work_open(call, comm, status, &w);
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
    cvy_train_work_close(&w);
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
    .options = cvy_train_option_rows,
    .options_size = sizeof(cvy_train_options),
    .is_for_ranks = true,
    .run = run,
};
