/* The list of callbacks; reads and calls them. */
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/visible.h"
#include "callbacks/callback.h"

extern const cvy_callback_kind cvy_early_stopping, cvy_reduce_lr_on_plateau, cvy_model_checkpoint,
    cvy_terminate_on_nan, cvy_csv_logger;

const cvy_kind *const cvy_callback_kinds[] = {
    &cvy_early_stopping.kind,   &cvy_reduce_lr_on_plateau.kind, &cvy_model_checkpoint.kind,
    &cvy_terminate_on_nan.kind, &cvy_csv_logger.kind,           NULL,
};

static cvy_status read_callback(const char *spec, cvy_callback *callback)
{
    const cvy_kind *kind;
    cvy_status status =
        cvy_spec_read("callback", spec, cvy_callback_kinds, &kind, &callback->settings);

    if (status != CVY_OK)
        return status;
    callback->kind = (const cvy_callback_kind *)kind;
    if (callback->kind->check != NULL)
        status = callback->kind->check(callback->settings);
    if (status == CVY_OK)
        status = cvy_memory_create(1, callback->kind->state_bytes, &callback->state);
    return status == CVY_OK ? CVY_OK : cvy_fail_at(status, "callback %s", kind->name);
}

cvy_status cvy_callbacks_read(const char *const *specs, size_t count, cvy_callbacks *callbacks)
{
    *callbacks = (cvy_callbacks){ 0 };
    cvy_status status = cvy_memory_create(count, sizeof *callbacks->items, &callbacks->items);

    for (size_t i = 0; status == CVY_OK && i < count; i++) {
        callbacks->count = i + 1;
        status = read_callback(specs[i], &callbacks->items[i]);
    }
    return status;
}

void cvy_callbacks_release(cvy_callbacks *callbacks)
{
    for (size_t i = 0; i < callbacks->count; i++) {
        cvy_callback *callback = &callbacks->items[i];
        if (callback->state != NULL && callback->kind->release != NULL)
            callback->kind->release(callback);
        cvy_memory_free(callback->state);
        cvy_memory_free(callback->settings);
    }
    cvy_memory_free(callbacks->items);
    *callbacks = (cvy_callbacks){ 0 };
}

static cvy_status name_place(cvy_status status, const cvy_callback *callback)
{
    return status == CVY_OK ? CVY_OK
                            : cvy_fail_at(status, "callback %s", callback->kind->kind.name);
}

cvy_status cvy_callbacks_check(const cvy_callbacks *callbacks, const cvy_callback_run *run)
{
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < callbacks->count; i++) {
        const cvy_callback *callback = &callbacks->items[i];
        if (callback->kind->check_run != NULL)
            status = name_place(callback->kind->check_run(callback->settings, run), callback);
    }
    return status;
}

cvy_status cvy_callbacks_train_begin(cvy_callbacks *callbacks, cvy_callback_run *run)
{
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < callbacks->count; i++) {
        cvy_callback *callback = &callbacks->items[i];
        if (callback->kind->train_begin != NULL)
            status = name_place(callback->kind->train_begin(callback, run), callback);
    }
    return status;
}

/* A file that cannot be written must not cost the model: the first failure is an event, and
 * training continues. Any other failure ends it. */
static cvy_status settle(cvy_status status, cvy_callback *callback, const cvy_callback_run *run)
{
    if (status != CVY_ERR_OPEN && status != CVY_ERR_WRITE && status != CVY_ERR_MEMORY &&
        status != CVY_ERR_UNSURE)
        return name_place(status, callback);
    if (callback->has_failed)
        return CVY_OK;
    callback->has_failed = true;
    return cvy_callback_tell(callback, run, "failed", 0, NAN, "%s", cvy_error_message());
}

cvy_status cvy_callbacks_batch_end(cvy_callbacks *callbacks, cvy_callback_run *run, size_t batch,
                                   const cvy_logs *logs)
{
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < callbacks->count; i++) {
        cvy_callback *callback = &callbacks->items[i];
        if (callback->kind->batch_end != NULL)
            status = settle(callback->kind->batch_end(callback, run, batch, logs), callback, run);
    }
    return status;
}

cvy_status cvy_callbacks_epoch_end(cvy_callbacks *callbacks, cvy_callback_run *run, cvy_logs *logs)
{
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < callbacks->count; i++) {
        cvy_callback *callback = &callbacks->items[i];
        if (callback->kind->epoch_end != NULL)
            status = settle(callback->kind->epoch_end(callback, run, logs), callback, run);
    }
    return status;
}

cvy_status cvy_callbacks_train_end(cvy_callbacks *callbacks, cvy_callback_run *run)
{
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < callbacks->count; i++) {
        cvy_callback *callback = &callbacks->items[i];
        if (callback->kind->train_end != NULL)
            status = settle(callback->kind->train_end(callback, run), callback, run);
    }
    return status;
}

static json_t *save_one(const cvy_callback *callback)
{
    json_t *state =
        callback->kind->save_state != NULL ? callback->kind->save_state(callback) : json_object();

    return json_pack("{s:s, s:o}", "callback", callback->kind->kind.name, "state", state);
}

json_t *cvy_callbacks_save(const cvy_callbacks *callbacks)
{
    json_t *all = json_array();

    for (size_t i = 0; i < callbacks->count; i++)
        if (json_array_append_new(all, save_one(&callbacks->items[i])) != 0) {
            json_decref(all);
            return NULL;
        }
    return all;
}

static cvy_status restore_one(cvy_callback *callback, const json_t *saved)
{
    const char *name = json_string_value(json_object_get(saved, "callback"));

    if (name == NULL || strcmp(name, callback->kind->kind.name) != 0)
        return cvy_fail(CVY_ERR_FORMAT, "found the state of %s", name != NULL ? name : "none");
    return callback->kind->restore_state != NULL
               ? callback->kind->restore_state(callback, json_object_get(saved, "state"))
               : CVY_OK;
}

cvy_status cvy_callbacks_restore(cvy_callbacks *callbacks, const json_t *state)
{
    cvy_status status = CVY_OK;

    if (json_array_size(state) != callbacks->count)
        return cvy_fail(CVY_ERR_FORMAT, "callbacks: found the state of %zu, expected %zu",
                        json_array_size(state), callbacks->count);
    for (size_t i = 0; status == CVY_OK && i < callbacks->count; i++) {
        cvy_callback *callback = &callbacks->items[i];
        status = name_place(restore_one(callback, json_array_get(state, i)), callback);
    }
    return status;
}

size_t cvy_callbacks_until_due(const cvy_callbacks *callbacks)
{
    size_t least = SIZE_MAX;

    for (size_t i = 0; i < callbacks->count; i++) {
        const cvy_callback *callback = &callbacks->items[i];
        if (callback->kind->batches_until_due == NULL)
            continue;
        const size_t count = callback->kind->batches_until_due(callback);
        least = count < least ? count : least;
    }
    return least;
}

cvy_status cvy_callback_tell(const cvy_callback *callback, const cvy_callback_run *run,
                             const char *event, size_t best_epoch, double value, const char *format,
                             ...)
{
    cvy_event told = {
        .epoch = run->epoch + 1,
        .callback = callback->kind->kind.name,
        .event = event,
        .best_epoch = best_epoch,
        .value = value,
    };
    va_list arguments;

    va_start(arguments, format);
    cvy_visible_format(told.text, sizeof told.text, format, arguments);
    va_end(arguments);
    return run->tell(run->context, &told);
}
