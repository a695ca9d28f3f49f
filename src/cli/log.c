#include "cli/log.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
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

cvy_status cvy_log_open(const char *path, cvy_log *log)
{
    cvy_status status = cvy_log_check_name(path);

    *log = (cvy_log){ .path = path };
    if (path == NULL || status != CVY_OK)
        return status;
    log->is_json = ends_in(path, ".jsonl");
    log->file = fopen(path, "w");
    if (log->file == NULL)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", path, strerror(errno));
    if (!log->is_json)
        fputs("epoch,steps,learning_rate,loss,accuracy,val_loss,val_accuracy,seconds,"
              "images_per_second\n",
              log->file);
    return CVY_OK;
}

json_t *cvy_log_json(const cvy_epoch *epoch)
{
    json_t *object =
        json_pack("{s:I, s:I, s:f, s:o, s:o}", "epoch", (json_int_t)epoch->epoch, "steps",
                  (json_int_t)epoch->steps, "learning_rate", epoch->learning_rate, "loss",
                  cvy_json_number(epoch->loss), "accuracy", cvy_json_number(epoch->accuracy));

    if (epoch->has_validation) {
        json_object_set_new(object, "val_loss", cvy_json_number(epoch->val_loss));
        json_object_set_new(object, "val_accuracy", cvy_json_number(epoch->val_accuracy));
    }
    json_object_set_new(object, "seconds", cvy_json_number(epoch->seconds));
    json_object_set_new(object, "images_per_second", cvy_json_number(epoch->images_per_second));
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

void cvy_log_epoch(cvy_log *log, const cvy_epoch *epoch)
{
    if (log->file == NULL)
        return;
    if (log->is_json) {
        json_t *object = cvy_log_json(epoch);
        json_dumpf(object, log->file, JSON_COMPACT | JSON_REAL_PRECISION(9));
        json_decref(object);
    } else {
        fprintf(log->file, "%zu,%zu", epoch->epoch, epoch->steps);
        write_field(log->file, true, epoch->learning_rate);
        write_field(log->file, true, epoch->loss);
        write_field(log->file, true, epoch->accuracy);
        write_field(log->file, epoch->has_validation, epoch->val_loss);
        write_field(log->file, epoch->has_validation, epoch->val_accuracy);
        write_field(log->file, true, epoch->seconds);
        write_field(log->file, true, epoch->images_per_second);
    }
    fputc('\n', log->file);
    if (fflush(log->file) != 0 && log->error == 0)
        log->error = errno;
}

cvy_status cvy_log_close(cvy_log *log)
{
    if (log->file == NULL)
        return CVY_OK;
    if (fclose(log->file) != 0 && log->error == 0)
        log->error = errno;
    log->file = NULL;
    return log->error == 0 ? CVY_OK
                           : cvy_fail(CVY_ERR_WRITE, "%s: %s", log->path, strerror(log->error));
}
