#include "cli/train_report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/visible.h"
#include "cli/log.h"
#include "cli/print.h"
#include "cli/ranks.h"
#include "cli/values.h"

static json_t *json_epochs(const cvy_history *history)
{
    json_t *epochs = json_array();

    for (size_t i = 0; i < history->epoch_count; i++)
        cvy_json_append(&epochs, cvy_log_json(history->epochs[i]));
    return epochs;
}

static json_t *json_callbacks(const cvy_text_list *specs)
{
    json_t *callbacks = json_array();

    for (size_t i = 0; i < specs->count; i++)
        cvy_json_append(&callbacks, cvy_json_spec(CVY_KINDS_CALLBACKS, specs->texts[i]));
    return callbacks;
}

static json_t *json_events(const cvy_history *history)
{
    json_t *events = json_array();

    for (size_t i = 0; i < history->event_count; i++) {
        const cvy_event *event = history->events[i];
        cvy_json_append(
            &events, json_pack("{s:I, s:s, s:s, s:I, s:o, s:o}", "epoch", (json_int_t)event->epoch,
                               "callback", event->callback, "event", event->event, "best_epoch",
                               (json_int_t)event->best_epoch, "value",
                               cvy_json_number(event->value), "text", cvy_json_text(event->text)));
    }
    return events;
}

static json_t *json_warnings(const cvy_train_plan *plan)
{
    json_t *warnings = json_array();

    for (size_t i = 0; i < plan->warning_count; i++)
        cvy_json_append(&warnings, cvy_json_text(plan->warnings[i]));
    return warnings;
}

/* What the ranks exchanged until training ended. */
static json_t *json_exchange(const cvy_train_report *o)
{
    const cvy_comm_times *e = &o->exchange;

    return json_pack("{s:s, s:I, s:o, s:o}", "library", cvy_comm_library(o->comm), "exchanges",
                     (json_int_t)e->exchanges, "bytes", cvy_json_number(e->bytes), "seconds",
                     cvy_json_number(e->seconds));
}

static cvy_status print_json(const cvy_train_report *o)
{
    const cvy_dataset_info data = cvy_dataset_describe(o->data);
    const cvy_history *h = o->history;
    const cvy_common_options *common = &o->call->common;
    json_t *test = json_null();

    if (o->test != NULL) {
        test = json_pack("{s:o, s:o}", "loss", cvy_json_number(o->test->loss), "accuracy",
                         cvy_json_number(o->test->accuracy));
        cvy_set_metrics(&test, o->test);
    }
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:I, s:{s:s, s:I, s:I, s:I, s:I}, s:o, s:o, s:s, s:s?, s:o, s:I, s:I, "
        "s:I, "
        "s:s, s:s, s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:f, s:f, s:I, s:b, s:s, s:o, s:o}",
        "command", "train", "version", CVY_VERSION_STRING, "model", cvy_model_name(o->model),
        "parameters", (json_int_t)cvy_model_parameter_count(o->model), "data", "name", data.name,
        "train", (json_int_t)h->train_count, "validation", (json_int_t)h->validation_count, "test",
        (json_int_t)data.test_count, "classes", (json_int_t)data.class_count, "optimizer",
        cvy_json_spec(CVY_KINDS_OPTIMIZERS, h->optimizer), "learning_rate",
        cvy_json_spec(CVY_KINDS_SCHEDULES, h->learning_rate), "loss", h->loss, "class_weight",
        o->class_weight, "callbacks", json_callbacks(o->callbacks), "batch_size",
        (json_int_t)h->batch_size, "threads", (json_int_t)common->threads, "ranks",
        (json_int_t)cvy_comm_size(o->comm), "precision", "fp32", "gemm", h->gemm, "isa", h->isa,
        "kernels", h->gemm, "instructions", h->isa, "seed", (json_int_t)common->seed, "epochs",
        json_epochs(h), "events", json_events(h), "test", test, "train_seconds", h->train_seconds,
        "total_seconds", o->total_seconds, "steps", (json_int_t)h->steps, "stopped",
        h->is_stopped || h->has_diverged, "weights_sha256", o->digest, "output",
        cvy_json_text(o->saved), "warnings", json_warnings(o->plan));

    cvy_json_set(&object, "warm_start", cvy_warm_start_json(o->warm, o->model));
    cvy_json_set(&object, "skipped_steps", cvy_json_count(h->skipped_steps));
    cvy_json_set(&object, "wire", json_string(o->is_rounding ? "bf16" : "fp32"));
    cvy_json_set(&object, "fast_reduce", json_boolean(o->is_fast));
    if (o->comm != NULL)
        cvy_json_set(&object, "exchange", json_exchange(o));
    cvy_keeping_add_json(h, &object);
    return cvy_print_json(object);
}

static cvy_status print_summary(const cvy_train_report *o)
{
    FILE *file = cvy_print_file(o->call);

    if (o->test != NULL && isfinite(o->test->accuracy))
        fprintf(file, "test accuracy %s, loss %.4f (%s images it never saw)\n",
                cvy_human_percent(o->test->accuracy).text, o->test->loss,
                cvy_human_count(o->test->image_count).text);
    else if (o->test != NULL)
        fprintf(file, "test mae %.4f, rmse %.4f (%s images it never saw)\n", o->test->mae,
                o->test->rmse, cvy_human_count(o->test->image_count).text);
    if (o->test != NULL)
        cvy_print_metrics(o->test, "test ", file);
    cvy_visible_print(file, "trained %s parameters in %s (%s %s)\n",
                      cvy_human_count(cvy_model_parameter_count(o->model)).text,
                      cvy_human_seconds(o->history->train_seconds).text,
                      cvy_human_seconds(o->total_seconds).text,
                      o->history->resumed_steps > 0 ? "since it was resumed" : "in all");
    if (o->comm != NULL)
        cvy_visible_print(
            file, "%zu ranks (%s): rank 0 received %.1f MB in %s exchanges, %s of the training\n",
            cvy_comm_size(o->comm), cvy_comm_library(o->comm), o->exchange.bytes / 1e6,
            cvy_human_count(o->exchange.exchanges).text,
            cvy_human_seconds(o->exchange.seconds).text);
    if (o->is_rounding)
        fputs("gradients were sent in bf16 (--wire)\n", file);
    if (o->is_fast)
        fputs("MPI summed the gradients (--fast-reduce): the bits depend on the number of ranks\n",
              file);
    cvy_visible_print(file, "weights sha256 %s\nsaved to %s\n", o->digest, o->output);
    return CVY_OK;
}

static bool must_stop(void *context)
{
    (void)context;
    return cvy_keeping_must_stop();
}

/* Evaluate on the test images. A signal ends the evaluation; the model is already saved. */
static cvy_status test(cvy_train_report *o, bool *is_stopped)
{
    cvy_status status = cvy_ranks_share_signal(o->comm);

    *is_stopped = o->history->is_stopped;
    if (status != CVY_OK || *is_stopped || cvy_dataset_describe(o->data).test_count == 0)
        return status;
    cvy_evaluate_options options;
    cvy_evaluate_options_init(&options);
    options.threads = o->call->common.threads;
    options.metrics = o->metrics;
    options.comm = o->comm;
    options.stop_requested = must_stop;
    status = cvy_evaluate_with(o->model, o->data, &options, &o->test);
    *is_stopped = status == CVY_ERR_STOPPED;
    return *is_stopped ? CVY_OK : status;
}

static cvy_status fail_stopped(const cvy_train_report *o)
{
    const cvy_history *h = o->history;

    if (!h->is_stopped)
        return cvy_fail(CVY_ERR_STOPPED, "%s: trained and saved; the test was stopped", o->output);
    return cvy_fail(CVY_ERR_STOPPED,
                    "%s: stopped after %zu updates; what was learned so far is saved", o->output,
                    h->steps);
}

/* Report the first file besides the model that could not be written: the work is done, but
 * incomplete. */
static cvy_status check_files(const cvy_train_report *o)
{
    const cvy_history *history = o->history;

    for (size_t i = 0; i < history->event_count; i++) {
        const cvy_event *event = history->events[i];
        if (strcmp(event->event, "failed") == 0)
            return cvy_fail(CVY_ERR_WRITE, "callback %s: %s (the model is saved)", event->callback,
                            event->text);
    }
    if (history->checkpoint_problem != NULL)
        return cvy_fail(CVY_ERR_WRITE, "%s (the model is saved)", history->checkpoint_problem);
    return CVY_OK;
}

static void warn_of_skipped(const cvy_history *history)
{
    if (history->skipped_steps > 0)
        fprintf(stderr,
                "warning: %zu of %zu updates were skipped: a loss, gradient or weight was not a "
                "finite number\n",
                history->skipped_steps, history->steps);
}

static cvy_comm_times exchanged_since(const cvy_comm *comm, cvy_comm_times before)
{
    const cvy_comm_times now = cvy_comm_times_of(comm);

    return (cvy_comm_times){ .exchanges = now.exchanges - before.exchanges,
                             .bytes = now.bytes - before.bytes,
                             .seconds = now.seconds - before.seconds };
}

/* The part of the report that ranks which write nothing take part in. */
static cvy_status follow(cvy_train_report *o)
{
    bool is_stopped;
    cvy_status status = cvy_comm_agree(o->comm, CVY_OK); /* the model is saved */

    if (status == CVY_OK)
        status = test(o, &is_stopped);
    cvy_score_destroy(o->test);
    return status;
}

cvy_status cvy_train_report_finish(cvy_train_report *o, double start)
{
    const cvy_common_options *common = &o->call->common;
    bool is_stopped = false;

    if (cvy_comm_rank(o->comm) > 0)
        return follow(o);
    o->exchange = exchanged_since(o->comm, o->exchange);
    cvy_status status = cvy_model_digest(o->model, o->digest);

    if (status == CVY_OK)
        status = cvy_model_save(o->model, o->output);
    o->saved = o->output;
    warn_of_skipped(o->history);
    const bool is_unsure = status == CVY_ERR_UNSURE;
    if (is_unsure) {
        fprintf(stderr, "convoy: warning: %s\n", cvy_error_message());
        status = CVY_OK;
    }
    status = cvy_comm_agree(o->comm, status);
    if (status == CVY_OK)
        status = test(o, &is_stopped);
    o->total_seconds = cvy_clock_seconds() - start;
    if (status == CVY_OK)
        status = common->json ? print_json(o) : print_summary(o);
    cvy_score_destroy(o->test);
    if (status == CVY_OK && is_stopped && !common->quiet)
        cvy_keeping_print_way_on(o->call, o->keeping, o->history, stderr);
    if (status == CVY_OK && is_stopped && !cvy_keeping_is_out_of_time())
        status = fail_stopped(o);
    if (status == CVY_OK && is_unsure)
        status =
            cvy_fail(CVY_ERR_UNSURE, "%s: saved, but a power failure may still undo it", o->output);
    return status == CVY_OK ? check_files(o) : status;
}

enum { OUTPUT_BYTES = 4200 };

/* "model.safetensors" becomes "model.last-good.safetensors". */
static void name_last_good(const char *output, char path[OUTPUT_BYTES])
{
    static const char ending[] = ".safetensors";
    size_t length = strlen(output);

    if (length >= sizeof ending && strcmp(output + length - (sizeof ending - 1), ending) == 0)
        length -= sizeof ending - 1;
    snprintf(path, OUTPUT_BYTES, "%.*s.last-good%s", (int)length, output, ending);
}

cvy_status cvy_train_report_diverged(cvy_train_report *o, double start, cvy_status reason)
{
    char sentence[CVY_ERROR_BYTES], path[OUTPUT_BYTES], saved[CVY_ERROR_BYTES / 2];
    cvy_status status = CVY_OK;

    if (cvy_comm_rank(o->comm) > 0)
        return CVY_ERR_DIVERGED;
    snprintf(sentence, sizeof sentence, "%s",
             reason != CVY_OK
                 ? cvy_error_message()
                 : "terminate_on_nan: a loss, gradient or weight was not a finite number");
    snprintf(saved, sizeof saved, "Nothing is saved: there are no good weights since the start.");
    name_last_good(o->output, path);
    if (o->history->good_steps > 0) {
        status = cvy_model_save(o->model, path);
        o->saved = status == CVY_OK ? path : NULL;
        snprintf(saved, sizeof saved,
                 "The last good weights, after update %zu, are saved to %.400s; %.400s is not "
                 "written.",
                 o->history->good_steps, path, o->output);
    }
    if (status == CVY_OK)
        status = cvy_model_digest(o->model, o->digest);
    o->total_seconds = cvy_clock_seconds() - start;
    if (status == CVY_OK && o->call->common.json)
        status = print_json(o);
    o->saved = NULL; /* it points into this function */
    if (status != CVY_OK)
        return status;
    cvy_fail_again(CVY_ERR_DIVERGED, sentence);
    return cvy_fail_advise(CVY_ERR_DIVERGED, saved);
}
