#include "train/train_settings.h"

#include "base/json.h"
#include "train/preprocessing.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

enum { EPOCHS_MAX = 1000000, CALLBACKS_MAX = 1000, STRUCT_BYTES_MAX = 1 << 16 };

void cvy_train_settings_init_sized(cvy_train_settings *settings, size_t struct_bytes)
{
    const cvy_train_settings defaults = {
        .struct_bytes = struct_bytes,
        .optimizer = "adam",
        .epochs = 5,
        .batch_size = 64,
        .threads = 1,
    };

    if (settings == NULL || struct_bytes < sizeof struct_bytes)
        return;
    memset(settings, 0, struct_bytes);
    memcpy(settings, &defaults, struct_bytes < sizeof defaults ? struct_bytes : sizeof defaults);
}

/* A longer struct comes from a newer header. Members that this
 * library does not know must not be set. */
static bool has_only_zeros(const cvy_train_settings *given, size_t bytes)
{
    const unsigned char *byte = (const unsigned char *)given;

    for (size_t i = sizeof *given; i < bytes; i++)
        if (byte[i] != 0)
            return false;
    return true;
}

cvy_status cvy_settings_take(const cvy_train_settings *given, cvy_train_settings *settings)
{
    if (given == NULL)
        return cvy_fail(CVY_ERR_SETTING, "settings is NULL, expected cvy_train_settings");
    const size_t bytes = given->struct_bytes;
    if (bytes < sizeof bytes || bytes > STRUCT_BYTES_MAX)
        return cvy_fail(CVY_ERR_SETTING,
                        "settings.struct_bytes: found %zu, expected the size of the struct; "
                        "cvy_train_settings_init() sets it",
                        bytes);
    if (bytes > sizeof *given && !has_only_zeros(given, bytes))
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "settings: this program uses settings that this version of the library "
                        "does not have");
    cvy_train_settings_init(settings);
    memcpy(settings, given, bytes < sizeof *settings ? bytes : sizeof *settings);
    settings->struct_bytes = sizeof *settings;
    return CVY_OK;
}

cvy_status cvy_threads_check(size_t threads)
{
    if (threads >= 1 && threads <= CVY_WORKERS_MAX)
        return CVY_OK;
    return cvy_fail(CVY_ERR_SETTING, "threads: found %zu, expected 1 to %d", threads,
                    CVY_WORKERS_MAX);
}

static cvy_status check_callbacks(const cvy_train_settings *s)
{
    if (s->callback_count > CALLBACKS_MAX)
        return cvy_fail(CVY_ERR_SETTING, "callback_count: found %zu, expected at most %d",
                        s->callback_count, CALLBACKS_MAX);
    if (s->callback_count > 0 && s->callbacks == NULL)
        return cvy_fail(CVY_ERR_SETTING, "callbacks is NULL, expected %zu specs",
                        s->callback_count);
    for (size_t i = 0; i < s->callback_count; i++)
        if (s->callbacks[i] == NULL)
            return cvy_fail(CVY_ERR_SETTING, "callbacks[%zu] is NULL, expected a spec", i);
    return CVY_OK;
}

static cvy_status check_checkpoints(const cvy_train_settings *s)
{
    if (s->resume && s->checkpoint_folder == NULL)
        return cvy_fail(CVY_ERR_SETTING, "resume: found no checkpoint_folder to resume from");
    if (!(s->checkpoint_seconds >= 0 && isfinite(s->checkpoint_seconds)))
        return cvy_fail(CVY_ERR_SETTING,
                        "checkpoint_seconds: found %g, expected a finite number, at least 0",
                        s->checkpoint_seconds);
    if (s->configuration == NULL)
        return CVY_OK;
    json_t *object = cvy_json_load_text(s->configuration, JSON_REJECT_DUPLICATES, NULL);
    const bool is_object = json_is_object(object);
    json_decref(object);
    return is_object
               ? CVY_OK
               : cvy_fail(CVY_ERR_SETTING, "configuration: expected the text of a JSON object");
}

cvy_status cvy_settings_check(const cvy_train_settings *s)
{
    if (s->optimizer == NULL)
        return cvy_fail(CVY_ERR_SETTING, "optimizer is NULL, expected a spec, as in adam");
    if (s->epochs < 1 || s->epochs > EPOCHS_MAX)
        return cvy_fail(CVY_ERR_SETTING, "epochs: found %zu, expected 1 to %d", s->epochs,
                        EPOCHS_MAX);
    if (!(s->validation_split >= 0 && s->validation_split < 1))
        return cvy_fail(CVY_ERR_SETTING, "validation_split: found %g, expected a number in [0, 1)",
                        s->validation_split);
    if (s->bind < CVY_BIND_NONE || s->bind > CVY_BIND_SOCKETS)
        return cvy_fail(CVY_ERR_SETTING,
                        "bind: found %d, expected CVY_BIND_NONE, CVY_BIND_CORES or "
                        "CVY_BIND_SOCKETS",
                        (int)s->bind);
    if (s->on_nan < CVY_ON_NAN_STOP || s->on_nan > CVY_ON_NAN_IGNORE)
        return cvy_fail(CVY_ERR_SETTING,
                        "on_nan: found %d, expected CVY_ON_NAN_STOP, CVY_ON_NAN_SKIP or "
                        "CVY_ON_NAN_IGNORE",
                        (int)s->on_nan);
    if (s->wire < CVY_WIRE_FP32 || s->wire > CVY_WIRE_BF16)
        return cvy_fail(CVY_ERR_SETTING, "wire: found %d, expected CVY_WIRE_FP32 or CVY_WIRE_BF16",
                        (int)s->wire);
    if (s->wire == CVY_WIRE_BF16 && s->fast_reduce)
        return cvy_fail(CVY_ERR_SETTING,
                        "fast_reduce: MPI sums in fp32, expected no wire of bf16 with it");
    if (s->augmentation_count > 0 && s->augmentations == NULL)
        return cvy_fail(CVY_ERR_SETTING, "augmentations is NULL, expected %zu specs",
                        s->augmentation_count);
    cvy_status status = cvy_threads_check(s->threads);
    if (status == CVY_OK)
        status = check_checkpoints(s);
    if (status == CVY_OK)
        status = cvy_preprocessing_check(s->normalize);
    return status == CVY_OK ? check_callbacks(s) : status;
}
