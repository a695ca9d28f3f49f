/* Cutting a lane's pass into stages at layers that need the whole batch. With two such layers, a
 * and b:
 *     forward up to a, measure a | a and forward up to b, measure b | b and the rest, the loss,
 *     backward down to b, measure its gradient | b and backward down to a, measure its gradient |
 *     a and the rest
 * Layers below the lowest one that learns do not run backward,
 * so their gradients are not measured. */
#include "base/memory.h"
#include "model/plan.h"

static bool is_measured(const cvy_plan *plan, size_t layer)
{
    return plan->is_training && plan->layers[layer].plan.batch_sums > 0;
}

static cvy_stage *add_stage(cvy_plan *plan)
{
    cvy_stage *stage = &plan->stages[plan->stage_count++];
    stage->measured = CVY_NO_LAYER;
    return stage;
}

static void cut_forward(cvy_plan *plan)
{
    cvy_stage *stage = add_stage(plan);

    for (size_t i = 0; i < plan->layer_count; i++) {
        if (is_measured(plan, i)) {
            stage->measured = i;
            stage = add_stage(plan);
            stage->forward_begin = i;
        }
        stage->forward_end = i + 1;
    }
}

static void cut_backward(cvy_plan *plan)
{
    cvy_stage *stage = &plan->stages[plan->stage_count - 1];

    stage->has_loss = true;
    stage->backward_begin = stage->backward_end = plan->layer_count;
    for (size_t i = plan->layer_count; i-- > plan->first_backward;) {
        if (is_measured(plan, i) && plan->places[i].runs_backward) {
            stage->measured = i;
            stage->is_gradient_measured = true;
            stage = add_stage(plan);
            stage->backward_end = i + 1;
        }
        stage->backward_begin = i;
    }
}

cvy_status cvy_plan_cut_stages(cvy_plan *plan)
{
    size_t cuts = 0;

    for (size_t i = 0; i < plan->layer_count; i++)
        cuts += is_measured(plan, i);
    cvy_status status = cvy_memory_create(2 * cuts + 1, sizeof *plan->stages, &plan->stages);
    if (status != CVY_OK)
        return status;
    cut_forward(plan);
    if (plan->is_training)
        cut_backward(plan);
    return CVY_OK;
}

size_t cvy_stage_totals(const cvy_plan *plan, const cvy_stage *stage, size_t *count)
{
    *count = plan->layers[stage->measured].plan.batch_sums;
    return plan->places[stage->measured].totals + (stage->is_gradient_measured ? *count : 0);
}

cvy_batch_totals cvy_layer_totals(const cvy_plan *plan, size_t layer, const double *totals,
                                  size_t samples)
{
    if (totals == NULL) /* no layer needs totals */
        return (cvy_batch_totals){ .samples = samples };
    const double *sums = totals + plan->places[layer].totals;
    return (cvy_batch_totals){ samples, sums, sums + plan->layers[layer].plan.batch_sums };
}
