/* Freezing layers. */
#include "convoy/fine_tuning.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/letters.h"
#include "model/model.h"
#include "optimizers/optimizer.h"

/* The ways in which a pattern may match layers; the first that matches any is used. */
typedef enum { BY_NAME, BY_GLOB, BY_EXPRESSION, WAYS } way;

static bool chooses(way by, const char *pattern, const char *name)
{
    return by == BY_NAME   ? strcmp(pattern, name) == 0
           : by == BY_GLOB ? cvy_fits_glob(pattern, name)
                           : cvy_pattern_finds(pattern, name);
}

/* Freeze or unfreeze all matching layers. Return their number, counted as in Keras. */
static size_t mark(cvy_model *model, way by, const char *pattern, bool is_trainable)
{
    size_t count = 0;
    bool is_chosen = false;

    for (size_t i = 0; i < model->layer_count; i++) {
        cvy_layer *layer = &model->layers[i];
        if (layer->repeats > 0) { /* it shares another layer's weights */
            layer->is_frozen = model->layers[layer->repeats - 1].is_frozen;
            continue;
        }
        const bool is_part = layer->is_part_of_previous && is_chosen;
        is_chosen = is_part || chooses(by, pattern, layer->name);
        if (is_chosen)
            layer->is_frozen = !is_trainable;
        count += is_chosen && !is_part;
    }
    return count;
}

static cvy_status fail_unknown(const cvy_model *model, const char *pattern)
{
    char names[600] = "";
    size_t used = 0;

    for (size_t i = 0; i < cvy_model_layer_count(model) && used < sizeof names; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i > 0 ? ", " : "",
                                 cvy_model_layer(model, i)->name);
    if (used >= sizeof names)
        memcpy(names + sizeof names - 4, "...", 4);
    return cvy_fail(CVY_ERR_SETTING, "layer %.120s: the model %s has none of that name, only %s",
                    pattern, model->name, names);
}

cvy_status cvy_model_set_trainable(cvy_model *model, const char *layers, bool is_trainable,
                                   size_t *count)
{
    size_t chosen = 0;

    CVY_REQUIRE(model);
    CVY_REQUIRE(layers);
    for (way by = BY_NAME; chosen == 0 && by < WAYS; by++) {
        cvy_status status =
            by == BY_EXPRESSION ? cvy_pattern_check("layer", layers) : (cvy_status)CVY_OK;
        if (status != CVY_OK)
            return status;
        chosen = mark(model, by, layers, is_trainable);
    }
    if (chosen == 0)
        return fail_unknown(model, layers);
    cvy_model_count_trained(model);
    if (count != NULL)
        *count = chosen;
    return CVY_OK;
}

bool cvy_model_is_trainable(const cvy_model *model, size_t index)
{
    size_t seen = 0;

    for (size_t i = 0; model != NULL && i < model->layer_count; i++) {
        if (model->layers[i].is_part_of_previous)
            continue;
        if (seen++ == index)
            return !model->layers[i].is_frozen;
    }
    return false;
}
