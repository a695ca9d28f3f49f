#include "report/rate_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/folder.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/output.h"
#include "base/plural.h"
#include "charts/html.h"
#include "charts/report_file.h"
#include "charts/report_folder.h"
#include "charts/table.h"
#include "convoy/convoy.h"
#include "figures/figure_rate.h"
#include "machine/environment.h"

enum { REASON_BYTES = 480 };

cvy_status cvy_rate_report_check(const char *folder)
{
    static const cvy_folder_mark mark = { "find-rate", "summary.json", "command", "find-rate" };
    return cvy_folder_check(folder, &mark);
}

/* --- JSON --- */

static json_t *run_json(const cvy_rate_run *run)
{
    json_t *object = json_object();

    cvy_json_set(&object, "seed", cvy_json_count(run->seed));
    cvy_json_set(&object, "suggested", cvy_json_number(run->suggested));
    cvy_json_set(&object, "steepest", cvy_json_number(run->steepest));
    cvy_json_set(&object, "least", cvy_json_number(run->least));
    cvy_json_set(&object, "diverged_at", cvy_json_number(run->diverged_at));
    cvy_json_set(&object, "losses", cvy_json_numbers(run->losses, run->count, cvy_json_number));
    return object;
}

static json_t *sweep_json(const cvy_rate_test *test, const cvy_rate_sweep *sweep)
{
    char reason[REASON_BYTES];
    double *medians, *values;
    json_t *object = json_object(), *seeds = json_array();
    const size_t steps = test->request.steps;

    if (cvy_memory_create(steps + sweep->run_count, sizeof *medians, &medians) != CVY_OK) {
        json_decref(object);
        json_decref(seeds);
        return NULL;
    }
    values = medians + steps;
    size_t count = 0;
    for (; count < steps; count++) {
        const cvy_quartiles q = cvy_rate_sweep_at(sweep, count, values);
        if (2 * q.count <= sweep->run_count)
            break;
        medians[count] = q.median;
    }
    for (size_t i = 0; i < sweep->run_count; i++)
        cvy_json_append(&seeds, run_json(&sweep->runs[i]));
    cvy_json_set(&object, "name", cvy_json_text(sweep->label));
    cvy_json_set(&object, "optimizer", cvy_json_text(sweep->optimizer));
    cvy_json_set(&object, "own_rate", cvy_json_number(sweep->own_rate));
    cvy_json_set(&object, "suggested", cvy_json_number(sweep->suggested));
    cvy_json_set(&object, "suggested_low", cvy_json_number(sweep->suggested_low));
    cvy_json_set(&object, "suggested_high", cvy_json_number(sweep->suggested_high));
    cvy_json_set(&object, "steepest", cvy_json_number(sweep->steepest));
    cvy_json_set(&object, "least", cvy_json_number(sweep->least));
    cvy_json_set(&object, "diverged_at", cvy_json_number(sweep->diverged_at));
    cvy_json_set(&object, "reason",
                 cvy_json_text(cvy_rate_reason(test, sweep, reason, sizeof reason)));
    cvy_json_set(&object, "rates", cvy_json_numbers(test->rates, count, cvy_json_number));
    cvy_json_set(&object, "losses", cvy_json_numbers(medians, count, cvy_json_number));
    cvy_json_set(&object, "seeds", seeds);
    cvy_memory_free(medians);
    return object;
}

json_t *cvy_rate_report_json(const cvy_rate_test *test)
{
    const cvy_rate_request *r = &test->request;
    json_t *object = json_object(), *runs = json_array();

    for (size_t i = 0; i < test->sweep_count; i++)
        cvy_json_append(&runs, sweep_json(test, &test->sweeps[i]));
    cvy_json_set(&object, "command", cvy_json_text("find-rate"));
    cvy_json_set(&object, "version", cvy_json_text(CVY_VERSION_STRING));
    cvy_json_set(&object, "model", cvy_json_text(test->model_name));
    cvy_json_set(&object, "data", cvy_json_text(test->data_name));
    cvy_json_set(&object, "train", cvy_json_count(test->train_count));
    cvy_json_set(&object, "batch_size", cvy_json_count(test->batch_size));
    cvy_json_set(&object, "steps", cvy_json_count(r->steps));
    cvy_json_set(&object, "low", cvy_json_number(r->low));
    cvy_json_set(&object, "high", cvy_json_number(r->high));
    cvy_json_set(&object, "seed", cvy_json_count(r->seed));
    cvy_json_set(&object, "seeds", cvy_json_count(r->seed_count));
    cvy_json_set(&object, "stopped", json_boolean(test->runs_done < test->runs_wanted));
    cvy_json_set(&object, "seconds", cvy_json_number(test->seconds));
    cvy_json_set(&object, "command_line", cvy_json_text(r->command));
    cvy_json_set(&object, "environment", cvy_environment_json());
    cvy_json_set(&object, "runs", runs);
    return object;
}

/* --- table --- */

static void add_rate(cvy_table *table, double rate, const char *none)
{
    if (isfinite(rate))
        cvy_table_add(table, "%.2g", rate);
    else
        cvy_table_add(table, "%s", none);
}

/* The sentence about a test that was stopped; empty for a whole one. */
static const char *print_stop(const cvy_rate_test *test, char *text, size_t size)
{
    text[0] = '\0';
    if (test->runs_done < test->runs_wanted)
        snprintf(text, size, " The test was stopped after %zu of %zu runs: only these are shown.",
                 test->runs_done, test->runs_wanted);
    return text;
}

static cvy_status make_table(const cvy_rate_test *test, cvy_table *table)
{
    char stop[128];
    static const char *const heads[] = { "optimizer",     "suggested",  "over the seeds",
                                         "steepest fall", "least loss", "diverges",
                                         "its default" };

    cvy_table_begin(table, "lrrrrrr");
    table->title = "Suggested learning rates";
    snprintf(
        table->note, sizeof table->note,
        "Medians over %zu seed%s. A suggestion is a starting point for training with a constant "
        "learning rate, or the peak of a schedule.%s",
        test->request.seed_count, cvy_plural(test->request.seed_count),
        print_stop(test, stop, sizeof stop));
    cvy_table_add_row(table, heads);
    for (size_t i = 0; i < test->sweep_count; i++) {
        const cvy_rate_sweep *sweep = &test->sweeps[i];
        cvy_table_add(table, "%s", sweep->label);
        add_rate(table, sweep->suggested, "none");
        if (isfinite(sweep->suggested))
            cvy_table_add(table, "%.2g to %.2g", sweep->suggested_low, sweep->suggested_high);
        else
            cvy_table_add(table, "–");
        add_rate(table, sweep->steepest, "–");
        add_rate(table, sweep->least, "–");
        add_rate(table, sweep->diverged_at, "no");
        cvy_table_add(table, "%g", sweep->own_rate);
    }
    return cvy_table_close(table);
}

cvy_status cvy_rate_report_print(const cvy_rate_test *test, FILE *file)
{
    cvy_table table;
    char text[REASON_BYTES + 128], reason[REASON_BYTES];

    cvy_status status = make_table(test, &table);
    if (status == CVY_OK) {
        cvy_table_as_text(&table, file);
        cvy_table_release(&table);
    }
    for (size_t i = 0; status == CVY_OK && i < test->sweep_count; i++) {
        const cvy_rate_sweep *sweep = &test->sweeps[i];
        snprintf(text, sizeof text, "%s: %s", sweep->label,
                 cvy_rate_reason(test, sweep, reason, sizeof reason));
        cvy_print_words(file, text, "");
    }
    return status;
}

/* --- files --- */

static void put_reasons(const cvy_rate_test *test, FILE *file)
{
    char reason[REASON_BYTES];

    fputs("<ul class=\"words\">\n", file);
    for (size_t i = 0; i < test->sweep_count; i++) {
        const cvy_rate_sweep *sweep = &test->sweeps[i];
        fputs("<li><b>", file);
        cvy_html_text(file, sweep->label);
        if (isfinite(sweep->suggested))
            fprintf(file, ": %.2g.</b> ", sweep->suggested);
        else
            fputs(": none.</b> ", file);
        cvy_html_text(file, cvy_rate_reason(test, sweep, reason, sizeof reason));
        fputs("</li>\n", file);
    }
    fputs("</ul>\n", file);
}

static void put_method(const cvy_rate_test *test, FILE *file)
{
    const cvy_rate_request *r = &test->request;

    fprintf(
        file,
        "<h2>Method</h2>\n<p>Each run trains from new weights for %zu updates of %zu image%s. The "
        "learning rate grows by the same factor from update to update, from %g to %g. The loss of "
        "the batch after each update is smoothed over a twentieth of the range. A run has diverged "
        "when its loss is not finite or above four times its least. The suggestion is the "
        "learning rate of the least smoothed loss where an update depends on no recent gradients "
        "(plain SGD, Adagrad). With momentum or moving averages the loss responds late to the "
        "rate, and the suggestion is the geometric mean of that and of the learning rate where the "
        "loss falls fastest.</p>\n"
        "<p class=\"note\">Smith, Cyclical Learning Rates for Training Neural Networks (WACV "
        "2017), "
        "section 3.3. All numbers are in summary.json; the smoothed losses in rates.csv.</p>\n",
        r->steps, test->batch_size, cvy_plural(test->batch_size), r->low, r->high);
}

/* How it was done, and where. */
static cvy_status make_setup(const cvy_rate_test *test, cvy_table *table)
{
    char text[640];

    cvy_table_begin(table, "ll");
    table->title = "Setup";
    for (const cvy_environment_fact *fact = cvy_environment_facts; fact->name != NULL; fact++) {
        fact->describe(text, sizeof text);
        cvy_table_add(table, "%s", fact->name);
        cvy_table_add(table, "%s", text);
    }
    cvy_table_add(table, "convoy");
    cvy_table_add(table, "%s", CVY_VERSION_STRING);
    if (test->request.command != NULL) {
        cvy_table_add(table, "command");
        cvy_table_add(table, "%s", test->request.command);
    }
    return cvy_table_close(table);
}

/* What a page is made of. */
typedef struct {
    const cvy_rate_test *test;
    cvy_figures figures;
    cvy_table rates, setup;
} content;

static void put_page(const void *what, FILE *file)
{
    const content *c = what;
    const cvy_rate_test *test = c->test;
    const cvy_figures *figures = &c->figures;

    cvy_html_begin(file);
    fputs("Learning-rate range test", file);
    cvy_html_body(file);
    fputs("<h1>Learning-rate range test: ", file);
    cvy_html_text(file, test->model_name);
    fputs(" on ", file);
    cvy_html_text(file, test->data_name);
    fputs("</h1>\n", file);
    put_reasons(test, file);
    fputs("<div class=\"figures\">\n", file);
    for (size_t i = 0; figures->end == CVY_PICTURES_DRAWN && i < figures->count; i++)
        cvy_html_figure(file, figures->figures[i].name, figures->figures[i].title,
                        figures->figures[i].svg,
                        "find-rate.svg; data in rates.csv, script in find-rate.gp");
    fputs("</div>\n", file);
    if (figures->end != CVY_PICTURES_DRAWN)
        fputs("<p>No picture: gnuplot is not installed here, or failed.</p>\n", file);
    fprintf(file, "<h2>%s</h2>\n", c->rates.title);
    cvy_table_as_html(&c->rates, file);
    put_method(test, file);
    fprintf(file, "<h2>%s</h2>\n", c->setup.title);
    cvy_table_as_facts(&c->setup, file);
    fputs("</body></html>\n", file);
}

static cvy_status write_json(const cvy_rate_test *test, const char *folder)
{
    char path[CVY_FOLDER_BYTES_MAX + 32], *text;
    cvy_status status = cvy_json_print(cvy_rate_report_json(test), JSON_INDENT(2), folder, &text);

    if (status != CVY_OK)
        return status;
    snprintf(path, sizeof path, "%s/summary.json", folder);
    status = cvy_file_write(path, text, strlen(text));
    free(text);
    return status;
}

static cvy_status write_all(content *c, const char *folder)
{
    cvy_status status = make_table(c->test, &c->rates);

    if (status == CVY_OK)
        status = make_setup(c->test, &c->setup);
    if (status == CVY_OK)
        status = write_json(c->test, folder);
    if (status == CVY_OK)
        status = cvy_figures_of_rate_test(c->test, folder, &c->figures);
    return status == CVY_OK ? cvy_report_file_write(folder, "report.html", put_page, c) : status;
}

/* Figures of an earlier test with other optimizers, or in other formats, go first. */
cvy_status cvy_rate_report_write(const cvy_rate_test *test, const char *folder, unsigned formats)
{
    content c = { .test = test, .figures = { .formats = formats } };
    cvy_status status = cvy_folder_make(folder);

    if (status != CVY_OK)
        return status;
    cvy_folder_clear_figures(folder);
    status = write_all(&c, folder);
    cvy_figures_release(&c.figures);
    cvy_table_release(&c.rates);
    cvy_table_release(&c.setup);
    return status;
}
