#include "model/penalty.h"

/* Find the floats of a weight in first .. first + count - 1 of the block. Return false if there are
 * none, or the weight has no penalty. */
static bool cut_weight(const cvy_layer *layer, size_t weight, size_t *first, size_t *count)
{
    const cvy_weight_plan *plan = &layer->plan.weights[weight];
    const size_t begin = layer->weight_offset[weight], end = begin + plan->count;
    const size_t last = *first + *count;

    if (layer->is_frozen || cvy_regularizer_is_none(&plan->penalty) || end <= *first ||
        last <= begin)
        return false;
    *first = begin > *first ? begin : *first;
    *count = (end < last ? end : last) - *first;
    return true;
}

double cvy_layer_penalty(const cvy_layer *layer, const float *weights, size_t first, size_t count)
{
    double sum = 0;

    for (size_t w = 0; w < layer->plan.weight_count; w++) {
        size_t begin = first, floats = count;
        if (cut_weight(layer, w, &begin, &floats))
            sum +=
                cvy_regularizer_penalty(&layer->plan.weights[w].penalty, floats, weights + begin);
    }
    return sum;
}

void cvy_layer_penalty_gradient(const cvy_layer *layer, const float *weights, float scale,
                                size_t first, size_t count, float *gradient)
{
    for (size_t w = 0; w < layer->plan.weight_count; w++) {
        size_t begin = first, floats = count;
        if (cut_weight(layer, w, &begin, &floats))
            cvy_regularizer_gradient(&layer->plan.weights[w].penalty, scale, floats,
                                     weights + begin, gradient + (begin - first));
    }
}

bool cvy_model_has_penalty(const cvy_model *model)
{
    cvy_weight weight;

    for (size_t i = 0; cvy_model_weight(model, i, &weight); i++)
        if (!weight.layer->is_frozen && !cvy_regularizer_is_none(&weight.plan->penalty))
            return true;
    return false;
}

double cvy_model_penalty(const cvy_model *model)
{
    double sum = 0;

    for (size_t i = 0; i < model->layer_count; i++)
        if (model->layers[i].repeats == 0)
            sum += cvy_layer_penalty(&model->layers[i], model->weights, 0, model->block_floats);
    return sum;
}
