/* convoy compare: trains one model with many optimizers and learning rates and several seeds;
 * writes a report. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/memory.h"
#include "base/plural.h"
#include "base/text_stream.h"
#include "base/visible.h"
#include "cli/study_bar.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/ranks.h"
#include "cli/rows.h"
#include "cli/signals.h"
#include "cli/values.h"
#include "convoy/convoy.h"
#include "convoy/kinds.h"
#include "charts/gnuplot.h"
#include "charts/report_folder.h"
#include "charts/table.h"
#include "report/study_report.h"

typedef struct {
    const char *loss, *report, *baseline, *pair, *figures, *protocol;
    cvy_text_list data, models, tunings, optimizers, learning_rates, grids, targets;
    size_t seeds, epochs, batch_size, limit, evaluate_every, jobs, cost_repeats;
    double validation_split, margin;
    bool is_about_schedules, is_recorded, wants_surface;
} compare_options;

#define AT(member) offsetof(compare_options, member)
static const cvy_setting options[] = {
    { "data", CVY_TEXT_LIST, AT(data), NULL, 0, 0,
      "WHERE: a data set, as for train; with several, each is combined with each model (default: "
      "digits)",
      0, NULL },
    { "model", CVY_TEXT_LIST, AT(models), NULL, 0, 0,
      "NAME: a built-in model, or a FILE.json that Keras wrote (default: lenet5)", 0, NULL },
    { "optimizer", CVY_TEXT_LIST, AT(optimizers), NULL, 0, 0,
      "SPEC or NAME=SPEC, as in heavy=sgd:momentum=0.9: an optimizer to compare (default: sgd, "
      "momentum, nesterov, adagrad, rmsprop, adam)",
      0, NULL },
    { "learning-rate", CVY_TEXT_LIST, AT(learning_rates), NULL, 0, 0,
      "SPEC or NAME=SPEC: a number or a schedule, combined with each optimizer (default: the "
      "optimizer's own)",
      0, NULL },
    { "schedules", CVY_BOOL, AT(is_about_schedules), "false", 0, 0,
      "compare learning-rate schedules with one optimizer: constant, exponential, piecewise, "
      "polynomial, inverse-time and cosine decay",
      0, NULL },
    { "grid", CVY_TEXT_LIST, AT(grids), NULL, 0, 0,
      "KEY=V1;V2;...: compare each of these values of a setting, or of the batch size, as in "
      "batch_size=1;64;full",
      0, NULL },
    { "tune", CVY_TEXT_LIST, AT(tunings), NULL, 0, 0,
      "KEY=LOW..HIGH:N: try N values on a logarithmic grid, on validation images only, and compare "
      "with the best; learning_rate is the peak of a schedule; several keys give all combinations; "
      "append :quasi-random to each key to draw N joint points instead of a grid; NAME:KEY=... for "
      "one optimizer",
      0, NULL },
    { "protocol", CVY_TEXT, AT(protocol), NULL, 0, 0,
      "NAME: tune as a benchmark does: algoperf-external (15 quasi-random learning rates in 3 "
      "studies of 5) or deepobs (36 learning rates, then 10 seeds); --tune gives another search "
      "space of that budget",
      0, NULL },
    { "seeds", CVY_COUNT, AT(seeds), NULL, 1, 1000,
      "runs of each configuration, with seeds from --seed on (default: 10, or 5 without "
      "--optimizer "
      "and --learning-rate)",
      0, NULL },
    { "epochs", CVY_COUNT, AT(epochs), "6", 1, 100000, "passes over the training images", 0, NULL },
    CVY_BATCH_SIZE_ROW(AT(batch_size), "images per update; full: all of them"),
    { "evaluate-every", CVY_COUNT, AT(evaluate_every), NULL, 1, HUGE_VAL,
      "also validate after every N updates of an epoch; never changes what is learned (default: "
      "four "
      "times in an epoch of 100 updates or more)",
      CVY_BELOW_MAX, NULL },
    CVY_LOSS_ROW(AT(loss)),
    CVY_VALIDATION_SPLIT_ROW(AT(validation_split), "0.1"),
    CVY_LIMIT_ROW(AT(limit)),
    { "target", CVY_TEXT_LIST, AT(targets), NULL, 0, 0,
      "METRIC=VALUE: report the steps to this target; METRIC is loss, accuracy, val_loss or "
      "val_accuracy; auto: the median best of the best configuration (default: auto)",
      0, NULL },
    { "jobs", CVY_COUNT, AT(jobs), NULL, 1, 1024,
      "runs in parallel, one thread each; 1: one after another with all threads; never changes a "
      "result (default: as many as threads)",
      0, NULL },
    { "baseline", CVY_TEXT, AT(baseline), NULL, 0, 0,
      "NAME: test each configuration against this one only (default: all pairs)", 0, NULL },
    { "pair", CVY_TEXT, AT(pair), NULL, 0, 0, "A,B: test the difference of these two only", 0,
      NULL },
    { "margin", CVY_FLOAT, AT(margin), "0", 0, HUGE_VAL,
      "also test equivalence: equal within so many percentage points of accuracy, or units of "
      "loss; 0: do not",
      0, NULL },
    { "cost-repeats", CVY_COUNT, AT(cost_repeats), "10", 0, CVY_COST_REPEATS_MAX,
      "rounds that measure the time of an update; fewer than 6 give no interval, 0 measures "
      "nothing",
      0, NULL },
    { "record", CVY_BOOL, AT(is_recorded), "true", 0, 0,
      "record internals: gradient norms, update sizes, effective learning rates, the "
      "noise of "
      "the gradient; never changes a result",
      0, NULL },
    { "surface", CVY_BOOL, AT(wants_surface), "false", 0, 0,
      "draw the paths of the first seed on the loss surface, along their two principal directions; "
      "trains it "
      "once more",
      0, NULL },
    CVY_FIGURES_ROW(AT(figures)),
    { "report", CVY_TEXT, AT(report), "convoy-compare", 0, 0,
      "DIR: folder of the report and its runs; runs that it already has are not repeated", 0,
      NULL },
    { 0 },
};

/* --- the command line that repeats the study --- */

static void print_word(FILE *file, const char *word)
{
    const bool is_plain = word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                            "0123456789_-+=:,./")] == '\0';

    putc(' ', file);
    if (is_plain && *word != '\0') {
        fputs(word, file);
        return;
    }
    putc('\'', file);
    for (const char *c = word; *c != '\0'; c++) {
        if (*c == '\'')
            fputs("'\\'", file);
        putc(*c, file);
    }
    putc('\'', file);
}

static void print_option(FILE *file, const cvy_setting *row, const void *values)
{
    const char *member = (const char *)values + row->offset;
    char text[64];

    if (row->type == CVY_TEXT_LIST) {
        const cvy_text_list *list = (const void *)member;
        for (size_t i = 0; i < list->count; i++) {
            fprintf(file, " --%s", row->name);
            print_word(file, list->texts[i]);
        }
    } else if (row->type == CVY_TEXT) {
        const char *word;
        memcpy(&word, member, sizeof word);
        if (word != NULL) {
            fprintf(file, " --%s", row->name);
            print_word(file, word);
        }
    } else if (row->type == CVY_BOOL) {
        const bool is_on_by_default = strcmp(row->fallback, "true") == 0;
        if (*(const bool *)member != is_on_by_default)
            fprintf(file, " --%s%s", row->name, is_on_by_default ? "=false" : "");
    } else {
        cvy_setting_print(row, values, text, sizeof text);
        if (row->fallback != NULL || strcmp(text, "0") != 0)
            fprintf(file, " --%s %s", row->name, text);
    }
}

/* Leaves out threads and jobs, which change no result, so that the same work has the same line. */
static char *print_command(const compare_options *o, const cvy_common_options *common)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = cvy_text_stream_open(&text, &size);

    if (file == NULL)
        return NULL;
    fputs("convoy compare", file);
    for (const cvy_setting *row = options; row->name != NULL; row++)
        if (row->offset != AT(jobs) && row->offset != AT(report) && row->offset != AT(figures))
            print_option(file, row, o);
    fprintf(file, " --seed %zu", common->seed);
    return fclose(file) == 0 ? text : NULL;
}

/* --- the work --- */

static cvy_status check_options(const compare_options *o)
{
    cvy_spec *loss = NULL;
    cvy_status status = cvy_spec_resolve(CVY_KINDS_LOSSES, o->loss, &loss);

    cvy_spec_destroy(loss);
    for (size_t i = 0; status == CVY_OK && i < o->models.count; i++)
        if (cvy_is_trained_name(o->models.texts[i]))
            status = cvy_fail(CVY_ERR_SETTING,
                              "--model: found %s, a trained model, expected a built-in name or a "
                              ".json file",
                              o->models.texts[i]);
    if (status == CVY_OK)
        status = cvy_check_workers("--jobs", o->jobs);
    if (status == CVY_OK)
        status = cvy_gnuplot_read_formats(o->figures, &(unsigned){ 0 });
    return status == CVY_OK ? cvy_run_store_check(o->report) : status;
}

static bool show(void *context, const cvy_study_progress *progress)
{
    cvy_study_bar_show(context, progress);
    return !cvy_stop_requested();
}

static void announce(const cvy_call *call, const cvy_workloads *workloads)
{
    if (call->common.quiet || call->common.json)
        return;
    for (size_t i = 0; i < workloads->count; i++) {
        const cvy_study *study = &workloads->items[i].study;
        const cvy_setup *setup = &study->setup;
        cvy_visible_print(
            cvy_print_file(call),
            "%s: %zu configuration%s, %zu seed%s, %zu run%s of %s updates%s, %zu at a time\n",
            workloads->items[i].name, study->compared_count, cvy_plural(study->compared_count),
            study->seed_count, cvy_plural(study->seed_count), study->run_count,
            cvy_plural(study->run_count),
            cvy_human_count(cvy_study_all_steps(study) / study->run_count).text,
            cvy_study_varies_batches(study) ? " on average" : "", setup->jobs);
    }
    fflush(cvy_print_file(call));
}

/* Warn of what a reader of the report should know. With several workloads each warning names its
 * own. */
static void warn(const cvy_workload *item, bool is_only)
{
    const cvy_study *study = &item->study;
    const char *name = is_only ? "" : item->name, *colon = is_only ? "" : ": ";

    if (item->outdated > 0)
        cvy_visible_print(stderr,
                          "%s%s%zu run%s kept in %s had other settings (%s) and %s repeated\n",
                          name, colon, item->outdated, cvy_plural(item->outdated), item->folder,
                          item->changed, item->outdated == 1 ? "was" : "were");
    if (item->kept > 0)
        cvy_visible_print(stderr, "%s%s%zu of %zu run%s %s there already\n", name, colon,
                          item->kept, study->run_count, cvy_plural(study->run_count),
                          item->kept == 1 ? "was" : "were");
    for (size_t i = 0; i < study->compared_count; i++) {
        const cvy_configuration *c = &study->configurations[i];
        for (size_t k = 0; k < study->tuning.key_count; k++)
            if (c->is_on_edge[k])
                cvy_visible_print(
                    stderr,
                    "warning: %s%s%s: the best %s, %g, is at the edge of the range that was tried; "
                    "widen it\n",
                    name, colon, c->label, study->tuning.keys[k].name, c->tuned_values[k]);
    }
}

static cvy_status print_json(const cvy_study_report *report, bool is_written)
{
    json_t *object = json_pack("{s:s, s:o}", "command", "compare", "report",
                               cvy_json_text(is_written ? report->workloads->folder : NULL));
    json_t *summary = cvy_study_report_json(report);

    if (object == NULL || summary == NULL || json_object_update_missing(object, summary) != 0) {
        json_decref(object);
        object = NULL;
    }
    json_decref(summary);
    if (cvy_comm_launched() > 1)
        cvy_json_set(&object, "ranks", cvy_json_count(cvy_comm_launched()));
    return cvy_print_json(object);
}

static cvy_status finish(const cvy_call *call, const cvy_workloads *workloads)
{
    cvy_study_report report;
    const compare_options *o = call->options;
    cvy_status status = cvy_study_report_make(workloads, &report), written = CVY_OK;
    char sentence[CVY_ERROR_BYTES / 2]; /* the result is kept if the report cannot be written */

    if (status == CVY_OK)
        status = cvy_gnuplot_read_formats(o->figures, &report.formats);

    if (status == CVY_OK) {
        written = cvy_study_report_write(&report);
        status = written == CVY_ERR_OPEN || written == CVY_ERR_WRITE ? CVY_OK : written;
        snprintf(sentence, sizeof sentence, "%s", written != CVY_OK ? cvy_error_message() : "");
    }
    if (status == CVY_OK && call->common.json) {
        status = print_json(&report, written == CVY_OK);
    } else if (status == CVY_OK) {
        cvy_study_report_print(&report, stdout);
        if (written == CVY_OK)
            cvy_visible_print(stdout, "report in %s/report.html (%s)\n", workloads->folder,
                              cvy_human_seconds(workloads->seconds).text);
    }
    if (status == CVY_OK && written != CVY_OK)
        status = cvy_fail_again(written, sentence);
    cvy_study_report_release(&report);
    return status;
}

/* A report without the times of updates is written, but the signal remains the exit status. */
static cvy_status check_stop(const cvy_workloads *workloads)
{
    for (size_t i = 0; i < workloads->count; i++)
        if (workloads->items[i].study.is_cost_stopped)
            return cvy_fail(CVY_ERR_STOPPED,
                            "%s: stopped before the times of updates were measured, which the "
                            "report lacks; the same command measures them",
                            workloads->items[i].folder);
    return CVY_OK;
}

static cvy_status compare(const cvy_call *call, cvy_workloads *workloads)
{
    cvy_study_bar bar;

    announce(call, workloads);
    cvy_study_bar_init(&bar, call);
    cvy_signals_catch();
    cvy_status status = cvy_workloads_run(workloads, show, &bar);
    cvy_study_bar_end(&bar);
    for (size_t i = 0; i < workloads->count && !call->common.quiet; i++)
        warn(&workloads->items[i], workloads->count == 1);
    if (status != CVY_OK || cvy_ranks_follows())
        return status;
    status = finish(call, workloads);
    return status == CVY_OK ? check_stop(workloads) : status;
}

static cvy_status plan_and_compare(const cvy_call *call, cvy_comm *comm, const char *command)
{
    static const cvy_text_list usual_model = { 1, { "lenet5" } }, usual_data = { 1, { "digits" } };
    const compare_options *o = call->options;
    const cvy_study_settings settings = {
        .loss = o->loss,
        .optimizers = &o->optimizers,
        .learning_rates = &o->learning_rates,
        .grids = &o->grids,
        .targets = &o->targets,
        .tunings = &o->tunings,
        .protocol = o->protocol,
        .is_about_schedules = o->is_about_schedules,
        .seed_count = o->seeds,
        .seed = call->common.seed,
        .epochs = o->epochs,
        .batch_size = o->batch_size,
        .limit = o->limit,
        .evaluate_every = o->evaluate_every,
        .validation_split = o->validation_split,
        .threads = call->common.threads,
        .jobs = o->jobs,
        .baseline = o->baseline,
        .pair = o->pair,
        .margin = o->margin,
        .is_recorded = o->is_recorded,
        .wants_surface = o->wants_surface,
        .cost_repeats = o->cost_repeats,
        .comm = comm,
        .command = command,
    };
    cvy_workloads *workloads; /* half a megabyte: too much for a stack */
    cvy_status status = cvy_memory_create(1, sizeof *workloads, &workloads);

    if (status == CVY_OK)
        status =
            cvy_workloads_plan(&settings, o->models.count > 0 ? &o->models : &usual_model,
                               o->data.count > 0 ? &o->data : &usual_data, o->report, workloads);
    status = cvy_comm_agree(comm, status);
    if (status == CVY_OK)
        status = compare(call, workloads);
    if (workloads != NULL)
        cvy_workloads_release(workloads);
    cvy_memory_free(workloads);
    return status;
}

/* Two simultaneous studies would mix their runs. */
static cvy_status lock_report(const char *folder, bool *is_new, int *lock)
{
    const cvy_status status = cvy_folder_make_new(folder, is_new);
    return status == CVY_OK ? cvy_folder_lock(folder, "writing its study", lock) : status;
}

/* Only the leader locks the folder, for all ranks. */
static cvy_status run_rank(const cvy_call *call, cvy_comm *comm)
{
    const compare_options *o = call->options;
    char *command = print_command(o, &call->common);
    cvy_status status =
        command != NULL ? check_options(o) : cvy_fail(CVY_ERR_MEMORY, "compare: out of memory");
    bool is_new = false;
    int lock = -1;

    if (status == CVY_OK && !cvy_ranks_follows())
        status = lock_report(o->report, &is_new, &lock);
    status = cvy_comm_agree(comm, status);
    if (status == CVY_OK)
        status = plan_and_compare(call, comm, command);
    cvy_folder_unlock(lock);
    if (status != CVY_OK && is_new)
        rmdir(o->report); /* if it is empty */
    free(command);
    return status;
}

static cvy_status run(const cvy_call *call)
{
    return cvy_ranks_run(call, run_rank);
}

const cvy_command cvy_command_compare = {
    .name = "compare",
    .summary = "compare optimizers, learning rates and schedules over several seeds",
    .examples = "convoy compare\n"
                "convoy compare --schedules\n"
                "convoy compare --data mnist/ --optimizer sgd --optimizer adam --seeds 10 \\\n"
                "    --tune learning_rate=1e-5..10:19 --target val_accuracy=0.985 --report tuned\n"
                "convoy compare --optimizer sgd --grid 'momentum=0;0.5;0.9;0.99'\n"
                "convoy compare --model lenet5 --model mlp --data digits --data mnist/\n",
    .options = options,
    .options_size = sizeof(compare_options),
    .is_for_ranks = true,
    .run = run,
};
