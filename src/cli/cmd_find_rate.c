/* convoy find-rate: a learning rate range test. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/folder.h"
#include "base/number.h"
#include "base/visible.h"
#include "charts/gnuplot.h"
#include "cli/amounts.h"
#include "cli/command.h"
#include "cli/command_line.h"
#include "cli/data_options.h"
#include "cli/print.h"
#include "cli/rows.h"
#include "cli/signals.h"
#include "cli/values.h"
#include "convoy/convoy.h"
#include "report/rate_report.h"

typedef struct {
    cvy_data_choice data;
    const char *model, *loss, *class_weight, *normalize, *rates, *report, *figures;
    cvy_text_list optimizers, augmentations;
    size_t steps, batch_size, limit, seeds;
} find_rate_options;

#define AT(member) offsetof(find_rate_options, member)
static const cvy_setting options[] = {
    CVY_DATA_CHOICE_ROWS(find_rate_options, data),
    { "augment", CVY_TEXT_LIST, AT(augmentations), NULL, 0, 0,
      "SPEC: augment training images, as for train", 0, NULL },
    { "normalize", CVY_TEXT, AT(normalize), "standard", 0, 0,
      "pixel normalization: standard (mean 0, deviation 1), unit (0 to 1) or none", 0, NULL },
    CVY_MODEL_ROW(AT(model)),
    { "optimizer", CVY_TEXT_LIST, AT(optimizers), NULL, 0, 0,
      "SPEC or NAME=SPEC: an optimizer to test (default: adam)", 0, NULL },
    { "rates", CVY_TEXT, AT(rates), "1e-6..10", 0, 0,
      "LOW..HIGH: learning rates of the first and of the last update", 0, NULL },
    { "steps", CVY_COUNT, AT(steps), "300", CVY_RATE_STEPS_MIN, CVY_RATE_STEPS_MAX,
      "updates of a run, unless it diverges earlier", 0, NULL },
    { "seeds", CVY_COUNT, AT(seeds), "3", 1, 1000,
      "runs of each optimizer, with seeds from --seed on", 0, NULL },
    CVY_BATCH_SIZE_ROW(AT(batch_size), "images per update; full: all of them"),
    CVY_LOSS_ROW(AT(loss)),
    { "class-weight", CVY_TEXT, AT(class_weight), NULL, 0, 0,
      "SPEC: weights of classes in the loss, as for train", 0, NULL },
    CVY_LIMIT_ROW(AT(limit)),
    CVY_FIGURES_ROW(AT(figures)),
    { "report", CVY_TEXT, AT(report), NULL, 0, 0,
      "DIR: folder of report.html, summary.json, rates.csv and the figure (default: no report)", 0,
      NULL },
    { 0 },
};

static cvy_status read_range(const char *text, double *low, double *high)
{
    char *end, *last;

    errno = 0;
    *low = cvy_number_read(text, &end);
    if (end != text && strncmp(end, "..", 2) == 0 && end[2] != '.') {
        const char *rest = end + 2;
        *high = cvy_number_read(rest, &end);
        if (end != rest && *end == '\0' && errno == 0 && *low > 0 && *high > *low &&
            isfinite(*high))
            return CVY_OK;
    }
    cvy_fail(CVY_ERR_SETTING,
             "--rates: found \"%.80s\", expected LOW..HIGH with 0 < LOW < HIGH, as in 1e-6..10",
             text);
    const double other = end != text && strchr(",:- ;", *end) != NULL && *end != '\0'
                             ? cvy_number_read(end + 1, &last)
                             : 0;
    if (*low > 0 && other > *low && isfinite(other) && *last == '\0')
        return cvy_fail_add(CVY_ERR_SETTING, "; did you mean %g..%g?", *low, other);
    return CVY_ERR_SETTING;
}

static cvy_status make_request(const cvy_call *call, cvy_rate_request *request)
{
    const find_rate_options *o = call->options;

    *request = (cvy_rate_request){
        .model = o->model,
        .loss = o->loss,
        .normalize = o->normalize,
        .class_weight = o->class_weight,
        .optimizers = o->optimizers,
        .augmentations = o->augmentations,
        .steps = o->steps,
        .batch_size = o->batch_size,
        .limit = o->limit,
        .seed_count = o->seeds,
        .seed = call->common.seed,
        .threads = call->common.threads,
    };
    if (o->optimizers.count == 0)
        request->optimizers = (cvy_text_list){ 1, { "adam" } };
    if (cvy_is_trained_name(o->model))
        return cvy_fail(CVY_ERR_SETTING,
                        "--model: found %s, a trained model, expected a built-in name or a .json "
                        "file",
                        o->model);
    cvy_status status = read_range(o->rates, &request->low, &request->high);
    if (status == CVY_OK)
        status = cvy_gnuplot_read_formats(o->figures, &(unsigned){ 0 });
    if (status == CVY_OK && o->report != NULL)
        status = cvy_rate_report_check(o->report);
    return status;
}

/* The context of show_progress(). */
typedef struct {
    const cvy_call *call;
    double start;
} watcher;

static bool show_progress(void *context, const cvy_rate_sweep *sweep, size_t done, size_t total)
{
    const watcher *w = context;
    const double seconds = cvy_clock_seconds() - w->start;

    if (!w->call->common.quiet && !w->call->common.json && cvy_is_terminal(stderr) && done > 0)
        cvy_visible_print(
            stderr, "\r%.60s: update %zu of %zu, ETA %s\x1b[K", sweep->label, done, total,
            cvy_human_seconds(ceil(seconds / (double)done * (double)(total - done))).text);
    return !cvy_stop_requested();
}

static void end_progress(const cvy_call *call)
{
    if (!call->common.quiet && !call->common.json && cvy_is_terminal(stderr))
        fputs("\r\x1b[K", stderr);
}

static cvy_status print(const cvy_call *call, const cvy_rate_test *test)
{
    const find_rate_options *o = call->options;

    if (call->common.json) {
        json_t *object = cvy_rate_report_json(test);
        cvy_json_set(&object, "command", cvy_json_text("find-rate"));
        cvy_json_set(&object, "report", cvy_json_text(o->report));
        return cvy_print_json(object);
    }
    cvy_status status = cvy_rate_report_print(test, stdout);
    if (status == CVY_OK && o->report != NULL)
        cvy_visible_print(stdout, "report in %s/report.html\n", o->report);
    return status;
}

static cvy_status find_rate(const cvy_call *call, cvy_rate_test *test, const cvy_dataset *data)
{
    const find_rate_options *o = call->options;
    watcher watch = { call, cvy_clock_seconds() };
    unsigned formats;

    cvy_signals_catch();
    cvy_status status = cvy_rate_test_run(test, data, show_progress, &watch);
    end_progress(call);
    const bool is_stopped = status == CVY_ERR_STOPPED && test->sweep_count > 0;
    if (is_stopped) /* a report of the runs that were done */
        status = CVY_OK;
    if (status == CVY_OK)
        status = cvy_gnuplot_read_formats(o->figures, &formats);
    if (status == CVY_OK && o->report != NULL)
        status = cvy_rate_report_write(test, o->report, formats);
    if (status == CVY_OK)
        status = print(call, test);
    if (status == CVY_OK && is_stopped)
        status =
            cvy_fail(CVY_ERR_STOPPED, "find-rate: stopped after %zu of %zu runs, which it reports",
                     test->runs_done, test->runs_wanted);
    return status;
}

/* The folder is made first, so that a report that cannot be written is noticed before anything is measured. */
static cvy_status find_rate_into_folder(const cvy_call *call, cvy_rate_test *test)
{
    const find_rate_options *o = call->options;
    cvy_dataset *data = NULL;
    bool is_new = false;
    int lock = -1;
    cvy_status status = CVY_OK;

    if (o->report != NULL)
        status = cvy_folder_make_new(o->report, &is_new);
    if (status == CVY_OK && o->report != NULL)
        status = cvy_folder_lock(o->report, "writing its report", &lock);
    if (status == CVY_OK)
        status = cvy_data_open(call, &o->data, CVY_PART_TRAIN, NULL, &data);
    if (status == CVY_OK)
        status = find_rate(call, test, data);
    cvy_dataset_close(data);
    cvy_folder_unlock(lock);
    if (status != CVY_OK && is_new)
        rmdir(o->report); /* if it is empty */
    return status;
}

static cvy_status run(const cvy_call *call)
{
    cvy_rate_request request;
    cvy_rate_test test = { 0 };
    char *command = NULL;
    cvy_status status = make_request(call, &request);

    if (status == CVY_OK)
        status = cvy_command_line_print(call, NULL, &command);
    request.command = command;
    if (status == CVY_OK)
        status = cvy_rate_test_plan(&request, &test);
    if (status == CVY_OK)
        status = find_rate_into_folder(call, &test);
    cvy_rate_test_release(&test);
    free(command);
    return status;
}

const cvy_command cvy_command_find_rate = {
    .name = "find-rate",
    .summary = "find a learning rate with a short run in which it increases",
    .examples = "convoy find-rate\n"
                "convoy find-rate --data mnist/ --optimizer sgd --optimizer sgd:momentum=0.9 \\\n"
                "    --optimizer rmsprop --optimizer adam --seeds 5 --report rates\n",
    .options = options,
    .options_size = sizeof(find_rate_options),
    .run = run,
};
