/* Placing a graph's activations and gradients. Each has a lifetime in the steps of a lane's pass,
 * and those whose lifetimes do not overlap may share memory.
 *
 * Step i is layer i forward, step L the loss, step 2 L - i layer i backward. The output of a layer
 * lives from its step to the last step that reads it. The gradient of an output lives from the
 * first of its users that runs backward to the layer that computes the output. The first user
 * writes it; the others write memory of their own, which is then added. So sums have the order of
 * the layers on any worker. */
#include "base/memory.h"
#include "base/minmax.h"
#include "model/plan.h"

/* Bytes needed from step `first` to step `last`, inclusive. */
typedef struct {
    size_t bytes, first, last, offset;
    bool is_placed;
} item;

static cvy_shape shape_of(const cvy_plan *plan, size_t output)
{
    return output == 0 ? plan->model->input : plan->layers[output - 1].plan.out;
}

static bool learns(const cvy_layer *layer)
{
    return layer->plan.gradient != CVY_GRADIENT_NONE && !layer->is_frozen;
}

void cvy_plan_trace_graph(cvy_plan *plan)
{
    plan->first_backward = plan->layer_count;
    for (size_t i = 0; i < plan->layer_count; i++) {
        const cvy_layer *layer = &plan->layers[i];
        cvy_place *place = &plan->places[i];
        place->needs_dx = false;
        for (size_t k = 0; k < layer->source_count; k++) {
            const size_t source = layer->sources[k];
            place->needs[k] = source > 0 && plan->places[source - 1].runs_backward;
            place->needs_dx = place->needs_dx || place->needs[k];
        }
        place->runs_backward = place->needs_dx || learns(layer);
        if (place->runs_backward && plan->first_backward == plan->layer_count)
            plan->first_backward = i;
    }
}

/* Set the lifetimes of all outputs: items [layer_count + 1]. */
static void live_outputs(const cvy_plan *plan, item *outputs)
{
    const size_t count = plan->layer_count;

    for (size_t o = 0; o <= count; o++)
        outputs[o] = (item){ .bytes = cvy_plan_bytes(plan, shape_of(plan, o)),
                             .first = o > 0 ? o - 1 : 0,
                             .last = o > 0 ? o - 1 : 0 };
    outputs[count].last = count; /* the loss reads it */
    for (size_t i = 0; i < count; i++) {
        const cvy_layer *layer = &plan->layers[i];
        const bool is_backward = plan->is_training && plan->places[i].runs_backward;
        if (is_backward && layer->plan.reads_output)
            outputs[i + 1].last = 2 * count - i;
        for (size_t k = 0; k < layer->source_count; k++) {
            item *source = &outputs[layer->sources[k]];
            const size_t step = is_backward && layer->plan.reads_input ? 2 * count - i : i;
            source->last = cvy_max(source->last, step);
        }
    }
}

/* Set the lifetimes of their gradients. A gradient that is not needed takes no bytes. */
static void live_gradients(const cvy_plan *plan, item *gradients)
{
    const size_t count = plan->layer_count;

    for (size_t o = 1; o <= count; o++) {
        const bool is_needed = plan->places[o - 1].runs_backward || o == count;
        gradients[o] = (item){ .bytes = is_needed ? cvy_plan_bytes(plan, shape_of(plan, o)) : 0,
                               .first = 2 * count - (o - 1),
                               .last = 2 * count - (o - 1) };
    }
    gradients[count].first = count;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; plan->places[i].runs_backward && k < plan->layers[i].source_count; k++) {
            item *gradient = &gradients[plan->layers[i].sources[k]];
            gradient->first = cvy_min(gradient->first, 2 * count - i);
        }
}

static bool is_first_user(const cvy_plan *plan, size_t layer, size_t k)
{
    const size_t source = plan->layers[layer].sources[k];

    for (size_t j = 0; j < k; j++) /* the same input twice */
        if (plan->layers[layer].sources[j] == source)
            return false;
    for (size_t i = layer + 1; i < plan->layer_count; i++)
        for (size_t j = 0; plan->places[i].runs_backward && j < plan->layers[i].source_count; j++)
            if (plan->layers[i].sources[j] == source)
                return false;
    return true;
}

/* Set the lifetimes of what is kept for backward, and of parts of gradients that are added. */
static void live_others(cvy_plan *plan, item *keeps, item *parts)
{
    const size_t count = plan->layer_count;

    for (size_t i = 0; i < count; i++) {
        cvy_place *place = &plan->places[i];
        const size_t back = 2 * count - i;
        keeps[i] = (item){ .bytes = cvy_round_to_line(plan->layers[i].plan.keep_bytes),
                           .first = i,
                           .last = plan->is_training ? back : i };
        for (size_t k = 0; plan->is_training && k < plan->layers[i].source_count; k++) {
            place->adds[k] = place->needs[k] && !is_first_user(plan, i, k);
            parts[i * CVY_SOURCES_MAX + k] = (item){
                .bytes = place->adds[k]
                             ? cvy_plan_bytes(plan, shape_of(plan, plan->layers[i].sources[k]))
                             : 0,
                .first = back,
                .last = back,
            };
        }
    }
}

static bool meet(const item *a, const item *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* Place an item at the lowest offset that is free during its lifetime.
 * Large items are placed first. */
static void place_item(item *items, size_t count, item *next)
{
    bool has_moved = true;

    next->offset = 0;
    while (has_moved) {
        has_moved = false;
        for (size_t i = 0; i < count; i++) {
            const item *other = &items[i];
            if (!other->is_placed || other->bytes == 0 || !meet(other, next) ||
                other->offset >= next->offset + next->bytes ||
                next->offset >= other->offset + other->bytes)
                continue;
            next->offset = other->offset + other->bytes;
            has_moved = true;
        }
    }
    next->is_placed = true;
}

static size_t place_items(item *items, size_t count)
{
    size_t end = 0;

    for (size_t done = 0; done < count; done++) {
        item *largest = NULL;
        for (size_t i = 0; i < count; i++)
            if (!items[i].is_placed && (largest == NULL || items[i].bytes > largest->bytes))
                largest = &items[i];
        if (largest->bytes == 0)
            break;
        place_item(items, count, largest);
        end = cvy_max(end, largest->offset + largest->bytes);
    }
    return end;
}

static void tell_places(cvy_plan *plan, size_t base, const item *outputs, const item *gradients,
                        const item *keeps, const item *parts)
{
    const size_t count = plan->layer_count;

    for (size_t i = 0; i < count; i++) {
        const cvy_layer *layer = &plan->layers[i];
        cvy_place *place = &plan->places[i];
        place->y = base + outputs[i + 1].offset;
        place->keep = base + keeps[i].offset;
        place->dy = base + gradients[i + 1].offset;
        for (size_t k = 0; k < layer->source_count; k++) {
            place->xs[k] = base + outputs[layer->sources[k]].offset;
            place->gradients[k] = base + gradients[layer->sources[k]].offset;
            place->dxs[k] =
                place->adds[k] ? base + parts[i * CVY_SOURCES_MAX + k].offset : place->gradients[k];
        }
        place->x = place->xs[0];
        place->dx = place->dxs[0];
    }
    plan->input = base + outputs[0].offset;
    plan->output = base + outputs[count].offset;
    plan->output_gradient = base + gradients[count].offset;
}

cvy_status cvy_plan_place_graph(cvy_plan *plan, cvy_layout *layout)
{
    const size_t count = plan->layer_count, total = (count + 1) * (3 + CVY_SOURCES_MAX);
    item *items;
    cvy_status status = cvy_memory_create(total, sizeof *items, &items);

    if (status != CVY_OK)
        return status;
    item *outputs = items, *gradients = outputs + count + 1, *keeps = gradients + count + 1;
    item *parts = keeps + count + 1;
    live_outputs(plan, outputs);
    if (plan->is_training)
        live_gradients(plan, gradients);
    live_others(plan, keeps, parts);
    const size_t bytes = place_items(items, total);
    tell_places(plan, cvy_layout_add(layout, 1, bytes), outputs, gradients, keeps, parts);
    cvy_memory_free(items);
    return CVY_OK;
}
