#include "cli/keeping.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/letters.h"
#include "base/visible.h"
#include "cli/amounts.h"
#include "cli/command_line.h"
#include "cli/signals.h"

enum { KEEP_DEFAULT = 3 };

/* When the run must have ended, in cvy_clock_seconds(), and how long before that it stops. Set
 * before workers start. */
static double deadline = INFINITY;
static volatile bool is_out_of_time;

static cvy_status read_every(const char *text, cvy_train_settings *settings)
{
    const size_t digits = strspn(text, "0123456789");

    if (digits > 0 && digits <= 15 && text[digits] == '\0')
        settings->checkpoint_steps = strtoul(text, NULL, 10);
    else if (!cvy_read_duration(text, &settings->checkpoint_seconds))
        settings->checkpoint_seconds = 0;
    if (settings->checkpoint_steps > 0 || settings->checkpoint_seconds > 0)
        return CVY_OK;
    char meant[CVY_AMOUNT_BYTES];
    if (digits > 0 &&
        (cvy_same_letters(text + digits, "steps") || cvy_same_letters(text + digits, "updates")))
        snprintf(meant, sizeof meant, "%.*s", (int)digits, text);
    else if (!cvy_duration_meant(text, meant))
        meant[0] = '\0';
    cvy_fail(CVY_ERR_SETTING,
             "--checkpoint-every: found %.80s, expected a number of updates, at least 1, or a "
             "time, as in 30s or 5m",
             text);
    return cvy_amount_hint("--checkpoint-every", text, meant[0] != '\0' ? meant : NULL);
}

/* Reserve a twentieth of the time, at most ten seconds, for the last step, the checkpoint and the
 * model. */
static cvy_status read_limit(const char *text, double start)
{
    double seconds;

    deadline = INFINITY;
    if (text == NULL)
        return CVY_OK;
    if (!cvy_read_duration(text, &seconds) || !(seconds > 0)) {
        char meant[CVY_AMOUNT_BYTES];
        const bool is_clear = cvy_duration_meant(text, meant);
        cvy_fail(CVY_ERR_SETTING,
                 "--time-limit: found %.80s, expected a time, at least 1s, as in 55m, 1h30m or "
                 "3300s",
                 text);
        return cvy_amount_hint("--time-limit", text, is_clear ? meant : NULL);
    }
    deadline = start + seconds - fmin(seconds / 20, 10);
    return CVY_OK;
}

cvy_status cvy_keeping_read(const cvy_keeping *options, double start, cvy_train_settings *settings)
{
    const bool wants_resume = options->resume || options->resume_anyway;

    if (wants_resume && options->checkpoint == NULL)
        return cvy_fail(CVY_ERR_SETTING,
                        "%s: found no --checkpoint DIR, expected the folder to resume from",
                        options->resume ? "--resume" : "--resume-anyway");
    if (options->checkpoint != NULL && options->checkpoint[0] == '\0')
        return cvy_fail(CVY_ERR_SETTING, "--checkpoint: found \"\", expected a folder");
    if (options->checkpoint == NULL && strcmp(options->every, "10s") != 0)
        return cvy_fail(CVY_ERR_SETTING,
                        "--checkpoint-every: found no --checkpoint DIR, expected the folder where "
                        "checkpoints are kept");
    if (options->checkpoint == NULL && options->keep != KEEP_DEFAULT)
        return cvy_fail(CVY_ERR_SETTING,
                        "--keep: found no --checkpoint DIR, expected the folder where checkpoints "
                        "are kept");
    settings->checkpoint_folder = options->checkpoint;
    settings->checkpoint_keep = options->keep;
    settings->resume = wants_resume;
    settings->resume_anyway = options->resume_anyway;
    cvy_status status = read_every(options->every, settings);
    return status == CVY_OK ? read_limit(options->time_limit, start) : status;
}

bool cvy_keeping_must_stop(void)
{
    if (!is_out_of_time && isfinite(deadline) && cvy_clock_seconds() >= deadline)
        is_out_of_time = true;
    return cvy_stop_requested() || is_out_of_time;
}

bool cvy_keeping_is_out_of_time(void)
{
    return is_out_of_time && !cvy_stop_requested();
}

void cvy_keeping_print_resumption(const cvy_call *call, const cvy_resumption *resumption)
{
    for (size_t i = 0; i < resumption->skipped_count; i++)
        fprintf(stderr, "convoy: warning: %s; trying an older one\n", resumption->skipped[i]);
    if (call->common.quiet)
        return;
    if (resumption->checkpoint == NULL)
        fprintf(stderr, "no checkpoint yet: a fresh run\n");
    else
        cvy_visible_print(
            stderr, "resumed from %s: epoch %zu, update %zu\n", resumption->checkpoint,
            resumption->epoch_count + (resumption->epoch_steps > 0), resumption->steps);
}

void cvy_keeping_print_way_on(const cvy_call *call, const cvy_keeping *options,
                              const cvy_history *history, FILE *file)
{
    char *line;

    if (history->checkpoint == NULL) {
        if (options->checkpoint == NULL)
            fprintf(file, "it cannot be resumed; --checkpoint DIR makes a run resumable\n");
        return;
    }
    if (cvy_command_line_print(call, "resume", &line) != CVY_OK)
        return;
    cvy_visible_print(file, "checkpoint %s\nto continue: %s\n", history->checkpoint, line);
    free(line);
}

void cvy_keeping_add_json(const cvy_history *history, json_t **object)
{
    cvy_json_set(object, "resume",
                 json_boolean(history->is_stopped && history->checkpoint != NULL));
    cvy_json_set(object, "resumed_steps", cvy_json_count(history->resumed_steps));
    cvy_json_set(object, "checkpoint", cvy_json_text(history->checkpoint));
}
