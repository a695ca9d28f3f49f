/* Passing one lane through the layers of a stage, forward and backward. */
#include "model/plan.h"

float *cvy_lane_floats(const cvy_lane_pass *lane, size_t offset)
{
    if (offset >= CVY_IN_STORE)
        return lane->store + (offset - CVY_IN_STORE) / sizeof(float);
    return (float *)(void *)(lane->arena + offset);
}

float *cvy_lane_input(const cvy_lane_pass *lane)
{
    return cvy_lane_floats(lane, lane->plan->input);
}

float *cvy_lane_output(const cvy_lane_pass *lane)
{
    return cvy_lane_floats(lane, lane->plan->output);
}

float *cvy_lane_output_gradient(const cvy_lane_pass *lane)
{
    return cvy_lane_floats(lane, lane->plan->output_gradient);
}

float *cvy_lane_collected(const cvy_lane_pass *lane)
{
    return cvy_lane_floats(lane, lane->plan->collected);
}

static cvy_pass pass_of_layer(const cvy_lane_pass *lane, size_t i)
{
    const cvy_plan *plan = lane->plan;
    const cvy_place *place = &plan->places[i];
    cvy_pass pass = {
        .compute = plan->compute,
        .share = lane->share,
        .cuts = plan->cuts,
        .is_training = plan->is_training,
        .weights = plan->model->weights,
        .keep = lane->arena + place->keep,
        .scratch = lane->scratch,
        .dropout = &lane->dropout,
        .penalty = lane->penalty,
        .penalty_scale = lane->penalty_scale,
    };
    const cvy_layer_plan *layer = &plan->layers[i].plan;
    if (!plan->is_training)
        return pass;
    pass.filled = lane->filled;
    if (layer->batch_sums > 0)
        pass.totals = cvy_layer_totals(plan, i, lane->totals, lane->batch_samples);
    else if (layer->gradient == CVY_GRADIENT_BATCH)
        pass.store = (cvy_batch_store){
            .x = lane->store + place->store_x * CVY_LANE,
            .dy = lane->store + place->store_dy * CVY_LANE,
        };
    return pass;
}

/* Attach the next layer if this one feeds it. */
static void attach_next(const cvy_lane_pass *lane, size_t i, cvy_pass *pass, cvy_pass *next)
{
    if (!cvy_feeds_next(lane->plan, i))
        return;
    *next = pass_of_layer(lane, i + 1);
    pass->next = &lane->plan->layers[i + 1];
    pass->next_pass = next;
}

/* Wait for the other shares: the next layer reads what all of them wrote. */
static void meet_others(const cvy_lane_pass *lane)
{
    if (lane->share.count > 1)
        lane->meet(lane->meet_context);
}

static float *gradient_of(const cvy_lane_pass *lane, const cvy_place *place)
{
    return lane->gradients + cvy_lane_gradient_at(place, lane->lane_capacity, lane->lane);
}

/* --- graphs --- */

/* A layer's inputs and their gradients. */
typedef struct {
    const float *inputs[CVY_SOURCES_MAX];
    float *gradients[CVY_SOURCES_MAX];
} joints;

static void attach_joints(const cvy_lane_pass *lane, size_t i, cvy_pass *pass, joints *of)
{
    const cvy_place *place = &lane->plan->places[i];

    if (!lane->plan->is_graph)
        return;
    for (size_t k = 0; k < lane->plan->layers[i].source_count; k++) {
        of->inputs[k] = cvy_lane_floats(lane, place->xs[k]);
        of->gradients[k] = place->needs[k] ? cvy_lane_floats(lane, place->dxs[k]) : NULL;
    }
    pass->inputs = of->inputs;
    pass->input_gradients = of->gradients;
}

/* Add the parts that the layer wrote separately to the gradients of its inputs. */
static void add_parts(const cvy_lane_pass *lane, size_t i)
{
    const cvy_layer *layer = &lane->plan->layers[i];
    const cvy_place *place = &lane->plan->places[i];

    for (size_t k = 0; lane->plan->is_graph && k < layer->source_count; k++) {
        if (!place->adds[k])
            continue;
        const cvy_range range = cvy_share_range(lane->share, layer->source_values[k], 1);
        float *sum = cvy_lane_floats(lane, place->gradients[k]) + range.begin * CVY_LANE;
        const float *part = cvy_lane_floats(lane, place->dxs[k]) + range.begin * CVY_LANE;
        for (size_t v = 0; v < (range.end - range.begin) * CVY_LANE; v++)
            sum[v] += part[v];
        meet_others(lane);
    }
}

static void run_forward(const cvy_lane_pass *lane, const cvy_stage *stage, bool is_sample)
{
    for (size_t i = stage->forward_begin; i < stage->forward_end; i++) {
        const cvy_layer *layer = &lane->plan->layers[i];
        const cvy_place *place = &lane->plan->places[i];
        cvy_pass pass = pass_of_layer(lane, i), next;
        joints of;
        attach_next(lane, i, &pass, &next);
        attach_joints(lane, i, &pass, &of);
        if (pass.next != NULL)
            i++;
        (is_sample ? layer->kind->forward_sample
                   : layer->kind->forward)(layer, &pass, cvy_lane_floats(lane, place->x),
                                           cvy_lane_floats(lane, lane->plan->places[i].y));
        meet_others(lane);
    }
}

void cvy_lane_forward(const cvy_lane_pass *lane, const cvy_stage *stage)
{
    run_forward(lane, stage, false);
}

void cvy_sample_forward(const cvy_lane_pass *lane, const cvy_stage *stage)
{
    run_forward(lane, stage, true);
}

void cvy_lane_backward(const cvy_lane_pass *lane, const cvy_stage *stage)
{
    const cvy_plan *plan = lane->plan;

    for (size_t i = stage->backward_end; i-- > stage->backward_begin;) {
        if (cvy_is_fed(plan, i) || !plan->places[i].runs_backward)
            continue; /* run by the layer that feeds it */
        const cvy_layer *layer = &plan->layers[i];
        const cvy_place *place = &plan->places[i];
        cvy_pass pass = pass_of_layer(lane, i), next;
        const bool has_lane_gradient = layer->plan.gradient == CVY_GRADIENT_LANE;
        joints of;
        attach_next(lane, i, &pass, &next);
        attach_joints(lane, i, &pass, &of);
        layer->kind->backward(layer, &pass,
                              cvy_lane_floats(lane, layer->plan.reads_output ? place->y : place->x),
                              cvy_lane_floats(lane, place->dy),
                              place->needs_dx ? cvy_lane_floats(lane, place->dx) : NULL,
                              has_lane_gradient ? gradient_of(lane, place) : NULL);
        meet_others(lane);
        add_parts(lane, i);
    }
}

void cvy_lane_measure(const cvy_lane_pass *lane, const cvy_stage *stage, double *sums)
{
    const cvy_layer *layer = &lane->plan->layers[stage->measured];
    const cvy_place *place = &lane->plan->places[stage->measured];
    const cvy_pass pass = pass_of_layer(lane, stage->measured);

    if (stage->is_gradient_measured)
        layer->kind->measure_gradient(layer, &pass, cvy_lane_floats(lane, place->x),
                                      cvy_lane_floats(lane, place->dy), sums);
    else
        layer->kind->measure(layer, &pass, cvy_lane_floats(lane, place->x), sums);
}
