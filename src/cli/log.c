#include "cli/log.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
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
    return cvy_fail(CVY_ERR_SETTING,
                    "--log: found \"%s\", expected a name ending in .csv or .jsonl", path);
}

cvy_status cvy_log_open(const char *path, bool is_resuming, cvy_log *log)
{
    cvy_status status = cvy_log_check_name(path);

    *log = (cvy_log){ .path = path };
    if (path == NULL || status != CVY_OK)
        return status;
    log->is_json = ends_in(path, ".jsonl");
    log->is_waiting = is_resuming;
    log->file = fopen(path, is_resuming ? "a" : "w");
    if (log->file == NULL)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", path, strerror(errno));
    return CVY_OK;
}

/* Above the first epoch, which knows the metrics. */
static void write_header(cvy_log *log, const cvy_epoch *epoch)
{
    if (log->is_json || log->has_header || log->is_waiting)
        return;
    log->has_header = true;
    fputs("epoch,steps,learning_rate,loss,accuracy,val_loss,val_accuracy,seconds,"
          "images_per_second",
          log->file);
    for (size_t i = 0; epoch != NULL && i < epoch->metric_count; i++)
        fprintf(log->file, ",%s,val_%s", epoch->metrics[i].name, epoch->metrics[i].name);
    fputc('\n', log->file);
}

/* Each metric under its name. */
static void add_metrics(json_t **object, const cvy_epoch *epoch)
{
    char name[CVY_METRIC_TEXT_BYTES + 4];

    for (size_t i = 0; i < epoch->metric_count; i++) {
        const cvy_metric_value *metric = &epoch->metrics[i];
        snprintf(name, sizeof name, "val_%s", metric->name);
        cvy_json_set(object, metric->name, cvy_json_number(metric->value));
        if (epoch->has_validation)
            cvy_json_set(object, name, cvy_json_number(metric->val_value));
    }
}

json_t *cvy_log_json(const cvy_epoch *epoch)
{
    json_t *object = json_pack(
        "{s:I, s:I, s:o, s:o, s:o}", "epoch", (json_int_t)epoch->epoch, "steps",
        (json_int_t)epoch->steps, "learning_rate", cvy_json_number(epoch->learning_rate), "loss",
        cvy_json_number(epoch->loss), "accuracy", cvy_json_number(epoch->accuracy));

    if (epoch->has_validation) {
        cvy_json_set(&object, "val_loss", cvy_json_number(epoch->val_loss));
        cvy_json_set(&object, "val_accuracy", cvy_json_number(epoch->val_accuracy));
    }
    add_metrics(&object, epoch);
    cvy_json_set(&object, "seconds", cvy_json_number(epoch->seconds));
    cvy_json_set(&object, "images_per_second", cvy_json_number(epoch->images_per_second));
    return object;
}

/* An empty field stands for what there is not. */
static void write_field(FILE *file, bool is_there, double value)
{
    if (is_there && isfinite(value))
        fprintf(file, ",%.9g", value);
    else
        fputc(',', file);
}

/* False when memory is out. */
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

static void write_fields(cvy_log *log, const cvy_epoch *epoch)
{
    write_header(log, epoch);
    fprintf(log->file, "%zu,%zu", epoch->epoch, epoch->steps);
    write_field(log->file, true, epoch->learning_rate);
    write_field(log->file, true, epoch->loss);
    write_field(log->file, true, epoch->accuracy);
    write_field(log->file, epoch->has_validation, epoch->val_loss);
    write_field(log->file, epoch->has_validation, epoch->val_accuracy);
    write_field(log->file, true, epoch->seconds);
    write_field(log->file, true, epoch->images_per_second);
    for (size_t i = 0; i < epoch->metric_count; i++) {
        write_field(log->file, true, epoch->metrics[i].value);
        write_field(log->file, epoch->has_validation, epoch->metrics[i].val_value);
    }
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
        write_fields(log, epoch);
    if (is_whole)
        fputc('\n', log->file);
    if (is_whole && fflush(log->file) == 0)
        return;
    /* the log ends before a line that could not be written; cvy_log_close() reports it */
    log->error = is_whole ? errno : ENOMEM;
    cvy_file_close_at(log->file, whole_bytes);
    log->file = NULL;
}

void cvy_log_resume(cvy_log *log, const cvy_epoch *const *epochs, size_t count)
{
    if (log->file == NULL)
        return;
    log->is_waiting = false;
    /* EINVAL: a pipe or a device, which has no beginning to go back to */
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
