/* --log: all values of an epoch as a line of CSV or JSON. */
#include "cli/log.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/csv_cell.h"
#include "base/error.h"
#include "base/file.h"
#include "base/output.h"
#include "base/visible.h"
#include "cli/print.h"
#include "cli/values.h"

static bool ends_in(const char *path, const char *ending)
{
    const size_t length = strlen(path), tail = strlen(ending);
    return length > tail && strcmp(path + length - tail, ending) == 0;
}

cvy_status cvy_log_check_name(const char *path)
{
    if (path == NULL || ends_in(path, ".csv") || ends_in(path, ".jsonl"))
        return CVY_OK;
    cvy_fail(CVY_ERR_SETTING, "--log: found \"%s\", expected a name ending in .csv or .jsonl",
             path);
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    const int length = (int)(dot != NULL && dot > name ? dot - path : (long)strlen(path));
    return *name == '\0' || strcmp(path, "-") == 0
               ? CVY_ERR_SETTING
               : cvy_fail_add(CVY_ERR_SETTING, "; did you mean %.*s.%s?", length, path,
                              ends_in(path, ".json") ? "jsonl" : "csv");
}

cvy_status cvy_log_open(const char *path, bool is_resuming, cvy_log *log)
{
    cvy_status status = cvy_log_check_name(path);

    *log = (cvy_log){ .path = path };
    if (path == NULL || status != CVY_OK)
        return status;
    log->is_json = ends_in(path, ".jsonl");
    log->is_waiting = is_resuming;
    return cvy_output_open_lines(path, is_resuming, &log->file);
}

/* --- the line of an epoch --- */

/* Take one value of an epoch. is_there: false if it was not measured. */
typedef void take_value(void *context, const char *name, bool is_count, bool is_there,
                        double value);

/* Visit every value of an epoch in the order of a line. Header, CSV and JSON are all made from this
 * list. */
static void each_value(const cvy_epoch *e, take_value *take, void *context)
{
    char val_name[CVY_METRIC_TEXT_BYTES + 4];
    const bool has_validation = e->has_validation;

    take(context, "epoch", true, true, (double)e->epoch);
    take(context, "steps", true, true, (double)e->steps);
    take(context, "learning_rate", false, true, e->learning_rate);
    take(context, "loss", false, true, e->loss);
    take(context, "accuracy", false, true, e->accuracy);
    take(context, "val_loss", false, has_validation, e->val_loss);
    take(context, "val_accuracy", false, has_validation, e->val_accuracy);
    take(context, "seconds", false, true, e->seconds);
    take(context, "images_per_second", false, true, e->images_per_second);
    for (size_t i = 0; i < e->metric_count; i++) {
        const cvy_metric_value *metric = &e->metrics[i];
        snprintf(val_name, sizeof val_name, "val_%s", metric->name);
        take(context, metric->name, false, true, metric->value);
        take(context, val_name, false, has_validation, metric->val_value);
    }
}

/* A line of a CSV file being written. */
typedef struct {
    FILE *file;
    size_t count; /* cells written */
} csv_line;

static void begin_cell(csv_line *line)
{
    if (line->count++ > 0)
        fputc(',', line->file);
}

static void write_name(void *context, const char *name, bool is_count, bool is_there, double value)
{
    csv_line *line = context;

    (void)is_count, (void)is_there, (void)value;
    begin_cell(line);
    cvy_csv_cell(line->file, ',', name);
}

/* A value that was not measured or is not finite becomes an empty cell. */
static void write_value(void *context, const char *name, bool is_count, bool is_there, double value)
{
    csv_line *line = context;

    (void)name;
    begin_cell(line);
    if (is_there && isfinite(value))
        cvy_visible_print(line->file, is_count ? "%.0f" : "%.9g", value);
}

static void set_member(void *context, const char *name, bool is_count, bool is_there, double value)
{
    json_t **object = context;

    if (is_there)
        cvy_json_set(object, name,
                     is_count ? json_integer((json_int_t)value) : cvy_json_number(value));
}

json_t *cvy_log_json(const cvy_epoch *epoch)
{
    json_t *object = json_object();

    each_value(epoch, set_member, &object);
    return object;
}

/* --- the file --- */

/* The header is written with the first epoch, which knows the metrics. */
static void write_header(cvy_log *log, const cvy_epoch *epoch)
{
    static const cvy_epoch no_epoch;
    csv_line line = { log->file, 0 };

    if (log->is_json || log->has_header || log->is_waiting)
        return;
    log->has_header = true;
    each_value(epoch != NULL ? epoch : &no_epoch, write_name, &line);
    fputc('\n', log->file);
}

/* Returns false if memory is short. */
static bool write_object(FILE *file, const cvy_epoch *epoch)
{
    char *text;

    if (cvy_json_print(cvy_log_json(epoch), JSON_COMPACT | JSON_REAL_PRECISION(9), "log", &text) !=
        CVY_OK)
        return false;
    fputs(text, file);
    free(text);
    return true;
}

static void write_line(cvy_log *log, const cvy_epoch *epoch)
{
    csv_line line = { log->file, 0 };

    write_header(log, epoch);
    each_value(epoch, write_value, &line);
}

void cvy_log_epoch(cvy_log *log, const cvy_epoch *epoch)
{
    bool is_whole = true;

    if (log->file == NULL)
        return;
    const long whole_bytes = ftell(log->file);
    if (log->is_json)
        is_whole = write_object(log->file, epoch);
    else
        write_line(log, epoch);
    if (is_whole)
        fputc('\n', log->file);
    if (is_whole && fflush(log->file) == 0)
        return;
    /* the log ends before the line that could not be written; cvy_log_close() reports it */
    log->error = is_whole ? errno : ENOMEM;
    cvy_file_close_at(log->file, whole_bytes);
    log->file = NULL;
}

void cvy_log_resume(cvy_log *log, const cvy_epoch *const *epochs, size_t count)
{
    if (log->file == NULL)
        return;
    log->is_waiting = false;
    /* EINVAL: a pipe or a device, which cannot be truncated */
    if (ftruncate(fileno(log->file), 0) != 0 && errno != EINVAL && log->error == 0)
        log->error = errno;
    fseek(log->file, 0, SEEK_END);
    for (size_t i = 0; i < count; i++)
        cvy_log_epoch(log, epochs[i]);
}

cvy_status cvy_log_close(cvy_log *log)
{
    if (log->file != NULL) {
        write_header(log, NULL);
        if (fclose(log->file) != 0)
            log->error = errno;
        log->file = NULL;
    }
    return log->error == 0 ? CVY_OK
                           : cvy_fail(CVY_ERR_WRITE, "%s: %s", log->path, strerror(log->error));
}
