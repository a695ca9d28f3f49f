#include "cli/rates.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/visible.h"
#include "cli/print.h"
#include "cli/values.h"
#include "charts/line_chart.h"
#include "convoy/train.h"

enum { ROWS_MAX = 18, BAR_WIDTH = 40 };

static cvy_status work_out(const cvy_rates_request *request, double **rates)
{
    cvy_status status = cvy_memory_create(request->steps, sizeof **rates, rates);

    return status == CVY_OK ? cvy_learning_rates(request->learning_rate, request->steps_per_epoch,
                                                 request->steps, 0, request->steps, *rates)
                            : status;
}

/* --- a summary as text --- */

static double highest_of(const double *rates, size_t count)
{
    double highest = 0;
    for (size_t i = 0; i < count; i++)
        highest = isfinite(rates[i]) ? fmax(highest, rates[i]) : highest;
    return highest;
}

/* The end of the run of equal rates that begins at `step`. */
static size_t run_end(const double *rates, size_t count, size_t step)
{
    size_t end = step + 1;
    while (end < count && rates[end] == rates[step])
        end++;
    return end;
}

/* Choose the first steps of the runs of equal rates or, if there are more than ROWS_MAX, evenly
 * spaced steps that include one of the highest rate. Returns their number. */
static size_t choose_steps(const double *rates, size_t count, size_t steps[ROWS_MAX])
{
    const double highest = highest_of(rates, count);
    size_t chosen = 0, step = 0, peak = 0;

    for (; step < count && chosen < ROWS_MAX; step = run_end(rates, count, step))
        steps[chosen++] = step;
    if (step >= count)
        return chosen;

    while (rates[peak] != highest && peak + 1 < count)
        peak++;
    for (size_t row = 0; row < ROWS_MAX; row++) {
        steps[row] = row * (count - 1) / (ROWS_MAX - 1);
        const size_t next = (row + 1) * (count - 1) / (ROWS_MAX - 1);
        if (row > 0 && row + 1 < ROWS_MAX && steps[row] < peak && peak < next)
            steps[row] = peak;
    }
    return ROWS_MAX;
}

static cvy_status print_digest(const cvy_call *call, const double *rates, size_t count)
{
    static const char bar[BAR_WIDTH + 1] = "########################################";
    const double highest = highest_of(rates, count);
    size_t steps[ROWS_MAX];
    const size_t rows = choose_steps(rates, count, steps);
    cvy_table table;

    cvy_table_begin(&table, "rll");
    cvy_table_add(&table, "step");
    cvy_table_add(&table, "rate");
    cvy_table_add(&table, "share of the highest");
    for (size_t row = 0; row < rows; row++) {
        const double rate = rates[steps[row]];
        const double share = highest > 0 && isfinite(rate) ? rate / highest : 0;
        cvy_table_add(&table, "%s", cvy_human_count(steps[row]).text);
        cvy_table_add(&table, "%.6g", rate);
        cvy_table_add(&table, "%.*s", (int)lround(share * BAR_WIDTH), bar);
    }
    return cvy_table_print(&table, cvy_print_file(call));
}

/* --- JSON and plot --- */

static cvy_status print_json(const cvy_rates_request *request, const double *rates)
{
    json_t *list = json_array();

    for (size_t step = 0; step < request->steps; step++)
        cvy_json_append(&list, cvy_json_number(rates[step]));
    json_t *object = json_pack("{s:s, s:{s:o, s:o}}", "command", "info", "learning_rate", "spec",
                               cvy_json_text(request->learning_rate), "rates", list);
    if (request->plot != NULL)
        cvy_json_set(&object, "plot", cvy_json_text(request->plot));
    return cvy_print_json(object);
}

static cvy_status draw(const cvy_rates_request *request, const double *rates)
{
    char title[64];
    const cvy_line_chart chart = {
        .title = title,
        .subtitle = request->learning_rate,
        .x_label = "step",
        .y_label = "learning rate",
        .is_log = request->is_log_scale,
        .y = rates,
        .count = request->steps,
    };

    snprintf(title, sizeof title, "Learning rate of %s updates",
             cvy_human_count(request->steps).text);
    return cvy_line_chart_save(&chart, request->plot);
}

cvy_status cvy_rates_show(const cvy_call *call, const cvy_rates_request *request)
{
    double *rates = NULL;
    cvy_status status = work_out(request, &rates);

    if (status == CVY_OK && request->plot != NULL)
        status = draw(request, rates);
    if (status == CVY_OK && call->common.json) {
        status = print_json(request, rates);
    } else if (status == CVY_OK) {
        status = print_digest(call, rates, request->steps);
        if (request->plot != NULL)
            cvy_visible_print(cvy_print_file(call), "wrote %s\n", request->plot);
    }
    cvy_memory_free(rates);
    return status;
}
