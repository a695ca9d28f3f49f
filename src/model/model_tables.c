/* The tables of layers and weights that public functions return, made once when a model is built. */
#include <stdio.h>

#include "base/memory.h"
#include "model/model.h"
#include "model/model_tables.h"

/* Floats of the layer's first `weights` tensors; 0 for a repeated layer, whose weights count at
 * their first use. */
static size_t floats_of(const cvy_layer *layer, size_t weights)
{
    size_t count = 0;

    for (size_t w = 0; w < weights && layer->repeats == 0; w++)
        count += layer->plan.weights[w].count;
    return count;
}

/* Count layers as Keras does: a fused activation is part of the previous layer. */
static size_t count_layers(const cvy_model *model)
{
    size_t count = 0;

    for (size_t i = 0; i < model->layer_count; i++)
        count += !model->layers[i].is_part_of_previous;
    return count;
}

static void fill_layers(const cvy_model *model, cvy_model_tables *tables)
{
    cvy_layer_info *info = NULL;

    for (size_t i = 0; i < model->layer_count; i++) {
        const cvy_layer *layer = &model->layers[i];
        if (!layer->is_part_of_previous) {
            info = &tables->layers[tables->layer_count++];
            *info = (cvy_layer_info){ .name = layer->name, .kind = layer->kind->class_name };
        }
        info->output = layer->plan.out;
        info->parameters += floats_of(layer, layer->plan.weight_count);
        info->flops += layer->plan.flops;
        tables->parameters += floats_of(layer, layer->plan.weight_count);
    }
}

void cvy_model_count_trained(cvy_model *model)
{
    model->tables->trained = 0;
    for (size_t i = 0; i < model->layer_count; i++)
        if (!model->layers[i].is_frozen)
            model->tables->trained +=
                floats_of(&model->layers[i], cvy_trained_count(&model->layers[i].plan));
}

static void fill_weights(const cvy_model *model, cvy_model_tables *tables)
{
    cvy_weight weight;

    for (size_t i = 0; cvy_model_weight(model, i, &weight); i++) {
        cvy_weight_info *info = &tables->weights[i];
        snprintf(tables->names[i], sizeof tables->names[i], "%s/%s", weight.layer->name,
                 weight.plan->name);
        *info = (cvy_weight_info){
            .name = tables->names[i],
            .rank = weight.plan->rank,
            .count = weight.plan->count,
            .is_trained = !weight.plan->is_state,
        };
        for (size_t d = 0; d < info->rank; d++)
            info->dims[d] = weight.plan->dims[d];
    }
}

cvy_status cvy_model_make_tables(cvy_model *model)
{
    cvy_model_tables *tables;
    cvy_weight weight;
    cvy_status status = cvy_memory_create(1, sizeof *tables, &tables);

    if (status != CVY_OK)
        return status;
    model->tables = tables;
    while (cvy_model_weight(model, tables->weight_count, &weight))
        tables->weight_count++;
    status = cvy_memory_create(count_layers(model), sizeof *tables->layers, &tables->layers);
    if (status == CVY_OK)
        status = cvy_memory_create(tables->weight_count, sizeof *tables->weights, &tables->weights);
    if (status == CVY_OK)
        status = cvy_memory_create(tables->weight_count, sizeof *tables->names, &tables->names);
    if (status != CVY_OK) {
        cvy_model_free_tables(model);
        return status;
    }
    fill_layers(model, tables);
    cvy_model_count_trained(model);
    fill_weights(model, tables);
    return CVY_OK;
}

void cvy_model_free_tables(cvy_model *model)
{
    if (model->tables == NULL)
        return;
    cvy_memory_free(model->tables->layers);
    cvy_memory_free(model->tables->weights);
    cvy_memory_free(model->tables->names);
    cvy_memory_free(model->tables);
    model->tables = NULL;
}

size_t cvy_model_layer_count(const cvy_model *model)
{
    return model != NULL ? model->tables->layer_count : 0;
}

const cvy_layer_info *cvy_model_layer(const cvy_model *model, size_t index)
{
    return index < cvy_model_layer_count(model) ? &model->tables->layers[index] : NULL;
}

size_t cvy_model_parameter_count(const cvy_model *model)
{
    return model != NULL ? model->tables->parameters : 0;
}

size_t cvy_model_trained_count(const cvy_model *model)
{
    return model != NULL ? model->tables->trained : 0;
}

size_t cvy_model_weight_count(const cvy_model *model)
{
    return model != NULL ? model->tables->weight_count : 0;
}

const cvy_weight_info *cvy_model_weight_info(const cvy_model *model, size_t index)
{
    return index < cvy_model_weight_count(model) ? &model->tables->weights[index] : NULL;
}
