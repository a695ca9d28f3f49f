#include "train/snapshot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "model/model_file.h"
#include "train/checkpoint_format.h"
#include "train/position.h"
#include "train/record.h"
#include "train/resume_settings.h"
#include "train/training.h"

/* --- listing tensors --- */

typedef struct {
    cvy_snapshot *snapshot; /* NULL: only count */
    const cvy_model *model;
    size_t count, floats;
} listing;

/* Add a weight's part of a block that is laid out like the parameters. */
static void add_tensor(listing *list, const char *prefix, float *block, const cvy_weight *weight)
{
    cvy_snapshot *s = list->snapshot;

    if (s != NULL) {
        char name[CVY_TENSOR_NAME_BYTES];
        cvy_safetensor *tensor = &s->tensors[list->count];
        *tensor = cvy_model_tensor(list->model, weight, name);
        snprintf(s->names[list->count], sizeof *s->names, "%s%s", prefix, name);
        tensor->name = s->names[list->count];
        tensor->values = s->copy + list->floats;
        s->places[list->count] = block + weight->offset;
    }
    list->count++;
    list->floats += weight->plan->count;
}

static void add_block(listing *list, const char *prefix, float *block, bool with_state)
{
    cvy_weight weight;

    for (size_t i = 0; cvy_model_weight(list->model, i, &weight); i++)
        if (with_state || !weight.plan->is_state)
            add_tensor(list, prefix, block, &weight);
}

static void list_all(const cvy_training *t, listing *list)
{
    char prefix[CVY_NAME_BYTES + 64];
    cvy_update_block block;

    add_block(list, "", t->model->weights, true);
    for (size_t i = 0; cvy_updater_block(&t->stepper.updater, i, &block); i++) {
        snprintf(prefix, sizeof prefix, CVY_CHECKPOINT_TENSORS "%s/", block.name);
        add_block(list, prefix, block.values, false);
    }
    for (size_t i = 0; i < t->hooks.callbacks.count; i++) {
        const cvy_callback *callback = &t->hooks.callbacks.items[i];
        float *kept =
            callback->kind->kept_weights != NULL ? callback->kind->kept_weights(callback) : NULL;
        if (kept == NULL)
            continue;
        snprintf(prefix, sizeof prefix, CVY_CHECKPOINT_TENSORS "callback_%zu/", i);
        add_block(list, prefix, kept, true);
    }
}

cvy_status cvy_snapshot_create(const cvy_training *t, cvy_snapshot *snapshot)
{
    listing list = { .model = t->model };

    *snapshot = (cvy_snapshot){ 0 };
    list_all(t, &list);
    snapshot->room = list.count;
    snapshot->floats = list.floats;
    cvy_status status =
        cvy_memory_create(list.count, sizeof *snapshot->tensors, &snapshot->tensors);
    if (status == CVY_OK)
        status = cvy_memory_create(list.count, sizeof *snapshot->names, &snapshot->names);
    if (status == CVY_OK)
        status = cvy_memory_create(list.count, sizeof *snapshot->places, &snapshot->places);
    if (status == CVY_OK)
        status = cvy_memory_create(list.floats, sizeof *snapshot->copy, &snapshot->copy);
    if (status != CVY_OK)
        return status;
    list = (listing){ .snapshot = snapshot, .model = t->model };
    list_all(t, &list);
    snapshot->count = list.count;
    return CVY_OK;
}

static void forget_texts(cvy_snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->text_count; i++)
        cvy_memory_free((void *)(uintptr_t)snapshot->texts[i].text);
    snapshot->text_count = 0;
}

void cvy_snapshot_release(cvy_snapshot *snapshot)
{
    forget_texts(snapshot);
    cvy_memory_free(snapshot->tensors);
    cvy_memory_free(snapshot->names);
    cvy_memory_free(snapshot->places);
    cvy_memory_free(snapshot->copy);
    *snapshot = (cvy_snapshot){ 0 };
}

/* --- taking a snapshot --- */

static size_t count_values(const cvy_safetensor *tensor)
{
    size_t count = 1;

    for (size_t d = 0; d < tensor->rank; d++)
        count *= tensor->dims[d];
    return count;
}

static cvy_status add_text(cvy_snapshot *snapshot, const char *key, const char *text)
{
    char *copy;
    cvy_status status = cvy_text_copy(text, &copy);

    if (status == CVY_OK)
        snapshot->texts[snapshot->text_count++] = (cvy_safetensors_text){ key, copy };
    return status;
}

/* Takes ownership of the document. */
static cvy_status add_json(cvy_snapshot *snapshot, const char *key, json_t *document)
{
    char *text;
    cvy_status status = cvy_json_print(document, JSON_COMPACT, key, &text);

    if (status != CVY_OK)
        return status;
    status = add_text(snapshot, key, text);
    free(text);
    return status;
}

static cvy_status take_texts(cvy_training *t, cvy_snapshot *snapshot)
{
    cvy_model_texts texts;
    cvy_status status = cvy_record_training(t->model, t->data, &t->settings, t->history);

    forget_texts(snapshot);
    if (status != CVY_OK)
        return status;
    status = cvy_model_texts_print(t->model, &texts);
    for (size_t i = 0; status == CVY_OK && i < texts.count; i++)
        status = add_text(snapshot, texts.items[i].key, texts.items[i].text);
    cvy_model_texts_release(&texts);
    if (status == CVY_OK)
        status = add_text(snapshot, CVY_CHECKPOINT_FORMAT_KEY, CVY_CHECKPOINT_FORMAT);
    if (status == CVY_OK)
        status = add_json(snapshot, "settings", cvy_resume_settings(t));
    return status == CVY_OK ? add_json(snapshot, "position", cvy_position_json(t)) : status;
}

cvy_status cvy_snapshot_take(cvy_training *t, cvy_snapshot *snapshot)
{
    float *to = snapshot->copy;

    for (size_t i = 0; i < snapshot->count; i++) {
        const size_t count = count_values(&snapshot->tensors[i]);
        memcpy(to, snapshot->places[i], count * sizeof *to);
        to += count;
    }
    return take_texts(t, snapshot);
}

cvy_checkpoint_content cvy_snapshot_content(const cvy_snapshot *snapshot)
{
    return (cvy_checkpoint_content){
        .tensors = snapshot->tensors,
        .tensor_count = snapshot->count,
        .texts = snapshot->texts,
        .text_count = snapshot->text_count,
    };
}

/* --- reading it back --- */

static bool is_of_model(const cvy_safetensor *tensor)
{
    return strncmp(tensor->name, CVY_CHECKPOINT_TENSORS, sizeof CVY_CHECKPOINT_TENSORS - 1) != 0;
}

cvy_status cvy_snapshot_read(cvy_snapshot *snapshot, const cvy_safetensors *file, bool is_lenient,
                             bool must_be_finite)
{
    float *to = snapshot->copy;

    for (size_t i = 0; i < snapshot->count; i++) {
        const cvy_safetensor *tensor = &snapshot->tensors[i];
        const size_t count = count_values(tensor);
        cvy_status status = cvy_safetensors_read(file, tensor, to);
        if (status != CVY_OK && is_lenient && !is_of_model(tensor))
            memcpy(to, snapshot->places[i], count * sizeof *to);
        else if (status != CVY_OK)
            return status;
        /* not slots: a sum of squares may overflow harmlessly */
        for (size_t v = 0; must_be_finite && is_of_model(tensor) && v < count; v++)
            if (!isfinite(to[v]))
                return cvy_fail(CVY_ERR_DATA, "tensor \"%s\": value %zu is not a finite number",
                                tensor->name, v);
        to += count;
    }
    return CVY_OK;
}

void cvy_snapshot_put_back(const cvy_snapshot *snapshot)
{
    const float *from = snapshot->copy;

    for (size_t i = 0; i < snapshot->count; i++) {
        const size_t count = count_values(&snapshot->tensors[i]);
        memcpy(snapshot->places[i], from, count * sizeof *from);
        from += count;
    }
}
