#include "train/tile_gradient.h"

#include <string.h>

#include "model/penalty.h"
#include "train/subtrees.h"

/* Whether a layer's gradient is computed from sums over the whole batch, which all ranks have. */
static bool is_of_totals(const cvy_plan *plan, size_t layer)
{
    for (size_t i = 0; i < plan->stage_count; i++)
        if (plan->stages[i].measured == layer)
            return true;
    return false;
}

/* The lanes over which this process sums a gradient; count 0: it adds nothing. */
static cvy_subtree lanes_to_sum(const cvy_stepper *stepper, const cvy_tile *tile,
                                const cvy_grain *part)
{
    const cvy_ranks *ranks = &stepper->ranks;
    const bool is_elsewhere =
        is_of_totals(&stepper->plan, tile->layer) && cvy_comm_rank(ranks->comm) > 0;

    if (!ranks->is_fast)
        return (cvy_subtree){ 0, part->lane_count };
    return (cvy_subtree){ part->own_begin, is_elsewhere ? 0 : part->own_end - part->own_begin };
}

/* Compute what one of the layers that share the tile's weights, tile->layer,
 * adds to their gradient. */
static void form_part(const cvy_stepper *stepper, const cvy_tile *tile, const cvy_grain *part,
                      bool accumulate, float *gradient)
{
    const cvy_plan *plan = &stepper->plan;
    const cvy_layer *layer = &plan->layers[tile->layer];
    const cvy_place *place = &plan->places[tile->layer];
    const cvy_subtree lanes = lanes_to_sum(stepper, tile, part);
    const size_t stride = plan->store_rows * CVY_LANE;

    if (lanes.count == 0) {
        if (!accumulate)
            memset(gradient, 0, tile->count * sizeof *gradient);
        return;
    }
    if (layer->plan.gradient == CVY_GRADIENT_LANE && stepper->ranks.sends_subtrees) {
        cvy_subtrees_add_up(stepper, tile, accumulate, gradient);
        return;
    }
    if (layer->plan.gradient == CVY_GRADIENT_LANE) {
        plan->compute.kernels->lane->tree_sum(
            tile->count, lanes.count, place->gradient_stride,
            stepper->lane_gradients +
                cvy_lane_gradient_at(place, stepper->lanes_per_grain, lanes.first) +
                tile->lane_offset,
            accumulate, gradient);
        return;
    }
    float *rows = stepper->store != NULL ? stepper->store + lanes.first * stride : NULL;
    const cvy_batch_store store = {
        .x = rows != NULL ? rows + place->store_x * CVY_LANE : NULL,
        .dy = rows != NULL ? rows + place->store_dy * CVY_LANE : NULL,
        .lanes = lanes.count,
        .stride = stride,
        .totals = cvy_layer_totals(plan, tile->layer, stepper->totals, part->batch_count),
    };
    layer->kind->weight_gradient(layer, &plan->compute, tile->weight, &store, tile->first_row,
                                 tile->row_count, accumulate, gradient);
}

void cvy_tile_gradient_form(const cvy_stepper *stepper, const cvy_tile *tile, const cvy_grain *part,
                            bool accumulate, float *gradient)
{
    cvy_tile repeat = *tile;

    form_part(stepper, tile, part, accumulate, gradient);
    while ((repeat.layer = stepper->plan.places[repeat.layer].repeat) > 0) {
        repeat.record += repeat.count;
        form_part(stepper, &repeat, part, true, gradient);
    }
}

void cvy_tile_gradient_add_penalty(const cvy_stepper *stepper, const cvy_tile *tile,
                                   float *gradient)
{
    const cvy_model *model = stepper->task->model;
    cvy_layer_penalty_gradient(&stepper->plan.layers[tile->layer], model->weights,
                               stepper->loss_scale, tile->first, tile->count, gradient);
}
