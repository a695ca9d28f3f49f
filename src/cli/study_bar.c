#include "cli/study_bar.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/visible.h"
#include "cli/print.h"

enum { BAR_MIN = 5, BAR_MAX = 30, LINE_BYTES = 512, NUMBERS_BYTES = 96 };

#define ERASE_REST "\x1b[K" /* ECMA-48: erase to the end of the line */

static const double seconds_between_draws = 0.1;

/* " ETA 1 min 05 s", or nothing until there is enough to estimate from. */
static void print_eta(const cvy_study_progress *progress, char *text, size_t size)
{
    text[0] = '\0';
    if (progress->share > 0 && progress->share < 1)
        snprintf(
            text, size, " ETA %s",
            cvy_human_seconds(ceil(progress->seconds / progress->share - progress->seconds)).text);
}

void cvy_study_print_bar(const cvy_study_progress *progress, size_t width, char *text, size_t size)
{
    char cells[BAR_MAX + 1] = "", eta[NUMBERS_BYTES / 2], numbers[NUMBERS_BYTES];

    print_eta(progress, eta, sizeof eta);
    snprintf(numbers, sizeof numbers, " %.0f%%%s", floor(100 * progress->share), eta);
    snprintf(text, size, "runs %zu/%zu", progress->runs_done, progress->run_count);
    const size_t taken = strlen(text) + strlen(numbers) + strlen(" []");
    if (taken + BAR_MIN <= width) {
        const size_t count = width - taken < BAR_MAX ? width - taken : BAR_MAX;
        const size_t full = (size_t)(progress->share * (double)count);
        memset(cells, '#', full);
        memset(cells + full, '.', count - full);
    }
    const size_t length = strlen(text);
    if (cells[0] != '\0')
        snprintf(text + length, size - length, " [%s]%s", cells, numbers);
    else
        snprintf(text + length, size - length, "%s", numbers);
    if (width < size)
        text[width] = '\0';
}

void cvy_study_print_line(const cvy_study_progress *progress, char *text, size_t size)
{
    const cvy_study_run *run = progress->run;
    const double *end = run->point_count > 0 ? run->points[run->point_count - 1].metric : NULL;
    char eta[NUMBERS_BYTES / 2], result[NUMBERS_BYTES] = "";

    print_eta(progress, eta, sizeof eta);
    if (run->state == CVY_RUN_DIVERGED)
        snprintf(result, sizeof result, "diverged");
    else if (end != NULL && isfinite(end[CVY_METRIC_VAL_ACCURACY]))
        snprintf(result, sizeof result, "loss %.4f  val_accuracy %s", end[CVY_METRIC_LOSS],
                 cvy_human_percent(end[CVY_METRIC_VAL_ACCURACY]).text);
    else if (end != NULL)
        snprintf(result, sizeof result, "loss %.4f", end[CVY_METRIC_LOSS]);
    snprintf(text, size, "run %zu/%zu  %s%s%s, seed %llu  %s  %s %s", progress->runs_done,
             progress->run_count, progress->workload != NULL ? progress->workload : "",
             progress->workload != NULL ? ": " : "",
             progress->study->configurations[run->configuration].label,
             (unsigned long long)run->seed, result, cvy_human_seconds(run->seconds).text, eta);
    for (size_t length = strlen(text); length > 0 && text[length - 1] == ' ';)
        text[--length] = '\0';
}

void cvy_study_bar_init(cvy_study_bar *bar, const cvy_call *call)
{
    *bar = (cvy_study_bar){
        .has_bar = !call->common.quiet && !call->common.json && cvy_is_terminal(stderr),
        .has_lines = !call->common.quiet,
    };
}

void cvy_study_bar_show(cvy_study_bar *bar, const cvy_study_progress *progress)
{
    char text[LINE_BYTES];

    if (progress->is_run_end && bar->has_lines) {
        cvy_study_bar_end(bar);
        cvy_study_print_line(progress, text, sizeof text);
        cvy_visible_print(stderr, "%s\n", text);
    }
    if (!bar->has_bar ||
        (bar->is_drawn && progress->seconds - bar->last_draw < seconds_between_draws))
        return;
    /* some terminals begin a new line after the last column */
    cvy_study_print_bar(progress, cvy_line_width(stderr) - 1, text, sizeof text);
    cvy_visible_print(stderr, "\r%s" ERASE_REST, text);
    bar->is_drawn = true;
    bar->last_draw = progress->seconds;
}

void cvy_study_bar_end(cvy_study_bar *bar)
{
    if (bar->is_drawn)
        fputs("\r" ERASE_REST, stderr);
    bar->is_drawn = false;
}
