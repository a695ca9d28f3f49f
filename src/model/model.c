/* A model's life, and what can be asked of it. */
#include "model/model.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/memory.h"
#include "layers/initializer.h"
#include "model/embedded.h"

enum { ARCHITECTURE_FILE_LIMIT = 16 << 20 };

static const cvy_embedded_model *find_embedded(const char *name)
{
    for (size_t i = 0; i < cvy_embedded_model_count; i++)
        if (strcmp(name, cvy_embedded_models[i].name) == 0)
            return &cvy_embedded_models[i];
    return NULL;
}

/* Why a name that is neither built in nor a file's leads nowhere. */
static cvy_status fail_unknown(const char *name)
{
    const char *names[16], *nearest;
    char list[256] = "";
    size_t count = 0, used = 0;

    for (const char *known; count < 16 && (known = cvy_model_builtin(count)) != NULL; count++) {
        names[count] = known;
        if (used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", count > 0 ? ", " : "",
                                     known);
    }
    nearest = cvy_nearest_name(name, names, count);
    if (nearest != NULL)
        return cvy_fail(CVY_ERR_OPEN, "%s: no built-in model; did you mean \"%s\"?", name, nearest);
    return cvy_fail(CVY_ERR_OPEN, "%s: neither a built-in model (%s) nor an existing file", name,
                    list);
}

static cvy_status read_architecture(const char *path, cvy_model **model)
{
    unsigned char *text;
    size_t size;

    if (strpbrk(path, "/.") == NULL && access(path, F_OK) != 0)
        return fail_unknown(path);
    cvy_status status = cvy_file_read(path, ARCHITECTURE_FILE_LIMIT, &text, &size);
    if (status != CVY_OK)
        return status;
    status = cvy_model_from_json(path, (const char *)text, size, model);
    cvy_memory_free(text);
    return status;
}

cvy_status cvy_model_create(const char *architecture, cvy_model **model)
{
    const cvy_embedded_model *built_in = find_embedded(architecture);
    cvy_model *created;
    cvy_status status = built_in != NULL ? cvy_model_from_json(built_in->name, built_in->text,
                                                               built_in->size, &created)
                                         : read_architecture(architecture, &created);

    if (status != CVY_OK)
        return status;
    status = cvy_model_allocate(created);
    if (status != CVY_OK) {
        cvy_model_destroy(created);
        return cvy_fail_at(status, "%s", architecture);
    }
    *model = created;
    return CVY_OK;
}

void cvy_model_destroy(cvy_model *model)
{
    if (model == NULL)
        return;
    for (size_t i = 0; i < model->layer_count; i++)
        cvy_memory_free(model->layers[i].settings);
    cvy_memory_free(model->layers);
    cvy_loss_release(&model->loss);
    cvy_memory_free(model->weights);
    cvy_memory_free(model->class_names);
    cvy_memory_free(model->architecture);
    cvy_memory_free(model->training);
    cvy_memory_free(model);
}

/* Places for all weights that are state, or for all others. */
static void lay_out(cvy_model *model, bool is_state, cvy_layout *layout)
{
    for (size_t i = 0; i < model->layer_count; i++) {
        cvy_layer *layer = &model->layers[i];
        for (size_t w = 0; w < layer->plan.weight_count; w++)
            if (layer->plan.weights[w].is_state == is_state)
                layer->weight_offset[w] =
                    cvy_layout_add(layout, layer->plan.weights[w].count, sizeof(float)) /
                    sizeof(float);
    }
}

void cvy_model_lay_out(cvy_model *model)
{
    cvy_layout layout = { 0 };

    for (size_t i = 0; i < model->layer_count; i++)
        model->layers[i].index = i;
    lay_out(model, false, &layout);
    model->trained_floats = layout.bytes / sizeof(float);
    lay_out(model, true, &layout);
    model->block_floats = layout.bytes / sizeof(float);
}

cvy_status cvy_model_allocate(cvy_model *model)
{
    return cvy_memory_create(model->block_floats, sizeof *model->weights, &model->weights);
}

bool cvy_model_weight(const cvy_model *model, size_t index, cvy_weight *weight)
{
    for (size_t i = 0; i < model->layer_count; i++) {
        const cvy_layer *layer = &model->layers[i];
        if (index < layer->plan.weight_count) {
            *weight = (cvy_weight){ layer, index, &layer->plan.weights[index],
                                    layer->weight_offset[index] };
            return true;
        }
        index -= layer->plan.weight_count;
    }
    return false;
}

cvy_status cvy_model_initialize(cvy_model *model, uint64_t seed)
{
    cvy_weight weight;

    for (size_t i = 0; cvy_model_weight(model, i, &weight); i++) {
        const cvy_random_stream stream = { seed, CVY_RANDOM_WEIGHTS, (uint32_t)i };
        cvy_status status = cvy_initialize(weight.plan->initializer, &stream, weight.plan->rank,
                                           weight.plan->dims, model->weights + weight.offset);
        if (status != CVY_OK)
            return status;
    }
    return CVY_OK;
}

const char *cvy_model_builtin(size_t index)
{
    return index < cvy_embedded_model_count ? cvy_embedded_models[index].name : NULL;
}

const char *cvy_model_name(const cvy_model *model)
{
    return model->name;
}

cvy_shape cvy_model_input(const cvy_model *model)
{
    return model->input;
}

cvy_shape cvy_model_output(const cvy_model *model)
{
    return model->layer_count > 0 ? model->layers[model->layer_count - 1].plan.out : model->input;
}

size_t cvy_model_output_count(const cvy_model *model)
{
    return cvy_shape_count(cvy_model_output(model));
}

size_t cvy_model_layer_count(const cvy_model *model)
{
    size_t count = 0;
    for (size_t i = 0; i < model->layer_count; i++)
        count += !model->layers[i].is_part_of_previous;
    return count;
}

/* Values of the layer's first `weights` tensors. */
static size_t values_of(const cvy_layer *layer, size_t weights)
{
    size_t count = 0;
    for (size_t w = 0; w < weights; w++)
        count += layer->plan.weights[w].count;
    return count;
}

static size_t weights_of(const cvy_layer *layer)
{
    return values_of(layer, layer->plan.weight_count);
}

cvy_layer_info cvy_model_layer(const cvy_model *model, size_t index)
{
    cvy_layer_info info = { 0 };

    for (size_t i = 0; i < model->layer_count; i++) {
        const cvy_layer *layer = &model->layers[i];
        if (!layer->is_part_of_previous && index-- == 0)
            info = (cvy_layer_info){ .name = layer->name, .kind = layer->kind->class_name };
        else if (info.name == NULL)
            continue;
        else if (!layer->is_part_of_previous)
            break;
        info.output = layer->plan.out;
        info.parameters += weights_of(layer);
        info.flops += layer->plan.flops;
    }
    return info;
}

size_t cvy_model_parameter_count(const cvy_model *model)
{
    size_t count = 0;
    for (size_t i = 0; i < model->layer_count; i++)
        count += weights_of(&model->layers[i]);
    return count;
}

size_t cvy_model_trained_count(const cvy_model *model)
{
    size_t count = 0;
    for (size_t i = 0; i < model->layer_count; i++)
        if (!model->layers[i].is_frozen)
            count += values_of(&model->layers[i], cvy_trained_count(&model->layers[i].plan));
    return count;
}

/* Backward costs what forward does once for the gradient of the weights and once for that of the
 * input, which the first layer with weights need not have. */
double cvy_model_flops(const cvy_model *model, bool is_training)
{
    double flops = 0;
    bool is_first = true; /* of the layers with weights */

    for (size_t i = 0; i < model->layer_count; i++) {
        const cvy_layer_plan *plan = &model->layers[i].plan;
        const double passes = !is_training ? 1 : is_first ? 2 : 3;
        flops += passes * plan->flops;
        is_first = is_first && cvy_trained_count(plan) == 0;
    }
    return flops;
}

cvy_status cvy_model_name_classes(cvy_model *model, size_t count, const char *const *names)
{
    cvy_memory_free(model->class_names);
    model->class_count = 0;
    cvy_status status = cvy_memory_create(count, sizeof *model->class_names, &model->class_names);
    if (status != CVY_OK)
        return status;
    model->class_count = count;
    for (size_t i = 0; i < count; i++)
        snprintf(model->class_names[i], sizeof model->class_names[i], "%s", names[i]);
    return CVY_OK;
}

const char *cvy_model_class_name(const cvy_model *model, size_t index)
{
    static _Thread_local char number[24];

    if (index < model->class_count)
        return model->class_names[index];
    snprintf(number, sizeof number, "%zu", index);
    return number;
}

const char *cvy_model_training_record(const cvy_model *model)
{
    return model->training;
}

cvy_status cvy_model_digest(const cvy_model *model, char text[CVY_DIGEST_HEX_BYTES])
{
    cvy_digest *digest;
    cvy_weight weight;
    cvy_status status = cvy_digest_create(&digest);

    if (status != CVY_OK)
        return status;
    for (size_t i = 0; cvy_model_weight(model, i, &weight); i++)
        cvy_digest_add(digest, model->weights + weight.offset,
                       weight.plan->count * sizeof *model->weights);
    cvy_digest_finish(digest, text);
    return CVY_OK;
}
