#include "cli/progress.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/visible.h"
#include "cli/print.h"

enum { BAR_MIN = 5, BAR_MAX = 30, LINE_BYTES = 512 };

#define ERASE_REST "\x1b[K" /* ECMA-48: erase to the end of the line */

static void append(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void append(char *text, size_t size, const char *format, ...)
{
    size_t length = strlen(text);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text + length, size - length, format, arguments);
    va_end(arguments);
}

/* "3s", "1m05s", "2h07m": as short as possible. */
static void append_eta(char *text, size_t size, double seconds)
{
    const unsigned long s = (unsigned long)fmin(ceil(seconds), 1e9);

    if (s < 60)
        append(text, size, " ETA %lus", s);
    else if (s < 3600)
        append(text, size, " ETA %lum%02lus", s / 60, s % 60);
    else
        append(text, size, " ETA %luh%02lum", s / 3600, s / 60 % 60);
}

static double share_done(const cvy_progress *progress)
{
    double share = (double)progress->step / fmax((double)progress->steps_per_epoch, 1);
    return fmin(share, 1);
}

/* The text to the right of the bar. */
static void print_numbers(const cvy_progress *progress, char *text, size_t size)
{
    snprintf(text, size, " %.0f%%", floor(100 * share_done(progress)));
    if (progress->images_per_second > 0)
        append(text, size, " %s img/s", cvy_human_count((size_t)progress->images_per_second).text);
    if (isfinite(progress->loss))
        append(text, size, " loss %.4f", progress->loss);
    if (isfinite(progress->accuracy))
        append(text, size, " acc %.1f%%", 100 * progress->accuracy);
    if (progress->steps_done > 0 && progress->steps_total >= progress->steps_done)
        append_eta(text, size,
                   progress->seconds / (double)progress->steps_done *
                       (double)(progress->steps_total - progress->steps_done));
}

void cvy_progress_print_bar(const cvy_progress *progress, size_t width, char *text, size_t size)
{
    char numbers[LINE_BYTES], cells[BAR_MAX + 1];

    print_numbers(progress, numbers, sizeof numbers);
    snprintf(text, size, "epoch %zu/%zu", progress->epoch, progress->epoch_count);
    const size_t taken = strlen(text) + strlen(numbers) + strlen(" []");
    if (taken + BAR_MIN <= width) {
        size_t cell_count = width - taken < BAR_MAX ? width - taken : BAR_MAX;
        size_t full = (size_t)(share_done(progress) * (double)cell_count);
        memset(cells, '#', full);
        memset(cells + full, '.', cell_count - full);
        cells[cell_count] = '\0';
        append(text, size, " [%s]", cells);
    }
    append(text, size, "%s", numbers);
    if (width < size)
        text[width] = '\0';
}

void cvy_progress_print_line(const cvy_epoch *epoch, size_t epoch_count, char *text, size_t size)
{
    snprintf(text, size, "epoch %zu/%zu  %s  %s img/s  loss %.4f", epoch->epoch, epoch_count,
             cvy_human_seconds(epoch->seconds).text,
             cvy_human_count((size_t)fmax(epoch->images_per_second, 0)).text,
             isnan(epoch->loss) ? (double)NAN : epoch->loss); /* without a sign */
    if (isfinite(epoch->accuracy))
        append(text, size, "  acc %s", cvy_human_percent(epoch->accuracy).text);
    if (epoch->has_validation)
        append(text, size, "  val_loss %.4f", epoch->val_loss);
    if (epoch->has_validation && isfinite(epoch->val_accuracy))
        append(text, size, "  val_acc %s", cvy_human_percent(epoch->val_accuracy).text);
    for (size_t i = 0; i < epoch->metric_count; i++) {
        const cvy_metric_value *metric = &epoch->metrics[i];
        append(text, size, "  %s %.4g", metric->name, metric->value);
        if (epoch->has_validation)
            append(text, size, "  val_%s %.4g", metric->name, metric->val_value);
    }
}

void cvy_progress_bar_init(cvy_progress_bar *bar, const cvy_call *call)
{
    *bar = (cvy_progress_bar){
        .has_bar = !call->common.quiet && !call->common.json && cvy_is_terminal(stderr),
        .has_lines = !call->common.quiet,
    };
}

void cvy_progress_bar_show(cvy_progress_bar *bar, const cvy_progress *progress)
{
    char text[LINE_BYTES];

    if (progress->is_epoch_end && bar->has_lines) {
        cvy_progress_bar_end(bar);
        cvy_progress_print_line(progress->finished, progress->epoch_count, text, sizeof text);
        if (progress->step < progress->steps_per_epoch) /* --steps or a signal ended it */
            append(text, sizeof text, "  (%zu of %zu updates)", progress->step,
                   progress->steps_per_epoch);
        cvy_visible_print(stderr, "%s\n", text);
    } else if (bar->has_bar) {
        /* some terminals begin a new line after the last column */
        cvy_progress_print_bar(progress, cvy_line_width(stderr) - 1, text, sizeof text);
        cvy_visible_print(stderr, "\r%s" ERASE_REST, text);
        bar->is_drawn = true;
    }
}

void cvy_progress_bar_tell(cvy_progress_bar *bar, const cvy_event *event)
{
    if (!bar->has_lines)
        return;
    cvy_progress_bar_end(bar);
    cvy_visible_print(stderr, "epoch %zu  %s: %s\n", event->epoch, event->callback, event->text);
}

void cvy_progress_bar_end(cvy_progress_bar *bar)
{
    if (bar->is_drawn)
        fputs("\r" ERASE_REST, stderr);
    bar->is_drawn = false;
}
