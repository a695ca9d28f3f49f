/* Planning the pass of a lane: which buffers can share memory, and which gradients are needed. */
#include "model/plan.h"

#include "base/memory.h"
#include "base/minmax.h"

/* Whether a layer may overwrite its input with its output: its kind allows it, and the previous
 * layer does not read its own output in backward. */
static bool is_in_place(const cvy_plan *plan, size_t i)
{
    const cvy_layer *layers = plan->layers;
    bool previous_reads = plan->is_training && i > 0 && layers[i - 1].plan.reads_output;
    return layers[i].plan.can_be_in_place && !previous_reads;
}

/* A place of `bytes` for what layer i is given: where the first layer that does not work in place keeps its
 * input, if it does, so that it need not be copied, or in the arena. */
static size_t place_input_of(const cvy_plan *plan, size_t i, size_t bytes, cvy_layout *layout)
{
    while (i < plan->layer_count && is_in_place(plan, i))
        i++;
    if (i < plan->layer_count && plan->layers[i].plan.keeps_input)
        return CVY_IN_STORE + plan->places[i].store_x * CVY_LANE * sizeof(float);
    return cvy_layout_add(layout, 1, bytes);
}

/* In training, each output has its own memory until backward, except for outputs that feed the next
 * layer in strips. */
static void place_training_activations(cvy_plan *plan, cvy_layout *layout)
{
    size_t x = plan->input =
        place_input_of(plan, 0, cvy_plan_bytes(plan, plan->model->input), layout);

    for (size_t i = 0; i < plan->layer_count; i++) {
        const cvy_layer *layer = &plan->layers[i];
        cvy_place *place = &plan->places[i];
        place->x = x;
        place->y = is_in_place(plan, i) || cvy_feeds_next(plan, i)
                       ? x
                       : place_input_of(plan, i + 1, cvy_plan_bytes(plan, layer->plan.out), layout);
        place->keep = cvy_layout_add(layout, 1, layer->plan.keep_bytes);
        x = place->y;
    }
    plan->output = x;
}

/* In inference, two buffers of the largest size alternate. */
static void place_inference_activations(cvy_plan *plan, cvy_layout *layout)
{
    size_t largest = cvy_plan_bytes(plan, plan->model->input), keep_bytes = 0;

    for (size_t i = 0; i < plan->layer_count; i++) {
        const cvy_layer_plan *layer = &plan->layers[i].plan;
        if (!cvy_feeds_next(plan, i))
            largest = cvy_max(largest, cvy_plan_bytes(plan, layer->out));
        if (!plan->is_of_samples)
            keep_bytes = cvy_max(keep_bytes, layer->keep_bytes);
    }
    size_t x = plan->input = cvy_layout_add(layout, 1, largest);
    size_t other = cvy_layout_add(layout, 1, largest);
    const size_t keep = cvy_layout_add(layout, 1, keep_bytes); /* written, never read again */
    for (size_t i = 0; i < plan->layer_count; i++) {
        plan->places[i].keep = keep;
        plan->places[i].x = x;
        if (!is_in_place(plan, i) && !cvy_feeds_next(plan, i)) {
            size_t next = other;
            other = x;
            x = next;
        }
        plan->places[i].y = x;
    }
    plan->output = x;
}

/* A gradient replaces its activation if that is not read any more. Otherwise two buffers alternate,
 * each as large as the largest gradient in it. */
enum { FIRST_BUFFER, SECOND_BUFFER, ELSEWHERE };

static int choose_gradient_buffer(const cvy_plan *plan, size_t i, int buffer_of_dy)
{
    const cvy_layer *layers = plan->layers;
    bool previous_reads = i > 0 && layers[i - 1].plan.reads_output;

    if (layers[i].plan.can_be_in_place || cvy_is_fed(plan, i))
        return buffer_of_dy;
    if (!layers[i].plan.reads_input && !layers[i].plan.keeps_input && !previous_reads)
        return ELSEWHERE;
    return buffer_of_dy == FIRST_BUFFER ? SECOND_BUFFER : FIRST_BUFFER;
}

/* Assign gradients from the last layer to the first, with the two buffers at these offsets. sizes:
 * bytes that each buffer needs. */
static void assign_gradients(cvy_plan *plan, const size_t offsets[2], size_t sizes[2])
{
    int buffer = FIRST_BUFFER;
    size_t dy = plan->output_gradient = offsets[buffer];

    sizes[FIRST_BUFFER] = cvy_plan_bytes(plan, cvy_model_output(plan->model));
    sizes[SECOND_BUFFER] = 0;
    for (size_t i = plan->layer_count; i-- > plan->first_backward;) {
        const cvy_layer *layer = &plan->layers[i];
        cvy_place *place = &plan->places[i];
        int next = choose_gradient_buffer(plan, i, buffer);
        place->dy = dy;
        place->needs_dx = i > plan->first_backward;
        if (next == buffer && (layer->plan.can_be_in_place || cvy_is_fed(plan, i)))
            place->dx = dy; /* the layer that feeds this one gets this one's dy */
        else
            place->dx = next == ELSEWHERE ? place->x : offsets[next];
        if (place->needs_dx && next != ELSEWHERE && !cvy_is_fed(plan, i))
            sizes[next] = cvy_max(sizes[next], cvy_plan_bytes(plan, layer->in));
        dy = place->dx;
        buffer = next;
    }
}

static void place_gradients(cvy_plan *plan, cvy_layout *layout)
{
    size_t offsets[2] = { 0 }, sizes[2];

    assign_gradients(plan, offsets, sizes);
    offsets[FIRST_BUFFER] = cvy_layout_add(layout, 1, sizes[FIRST_BUFFER]);
    offsets[SECOND_BUFFER] = cvy_layout_add(layout, 1, sizes[SECOND_BUFFER]);
    assign_gradients(plan, offsets, sizes);
}

/* Move a max-pooling before a function that it commutes with: the function is then computed only
 * for the maxima. */
static void order_layers(cvy_plan *plan)
{
    for (size_t i = 0; i < plan->layer_count; i++) {
        cvy_layer *layer = &plan->layers[i];
        *layer = plan->model->layers[i];
        if (!layer->is_frozen || layer->plan.batch_sums == 0)
            continue;
        layer->plan.batch_sums = 0; /* it uses its moving statistics, as in inference */
        layer->plan.gradient = CVY_GRADIENT_NONE;
    }
    for (size_t i = 0; !plan->is_graph && i + 1 < plan->layer_count; i++) {
        cvy_layer *first = &plan->layers[i], *second = &plan->layers[i + 1];
        if (!first->plan.keeps_maximum || !second->plan.is_maximum)
            continue;
        const cvy_layer function = *first;
        *first = *second;
        *second = function;
        second->in = second->plan.out = first->plan.out;
    }
}

static void feed_layers(cvy_plan *plan)
{
    for (size_t i = 0; !plan->is_graph && i + 1 < plan->layer_count; i++) {
        cvy_layer *layer = &plan->layers[i];
        if (layer->kind->feed != NULL && layer[1].plan.strip_rows > 0)
            layer->kind->feed(layer, layer + 1);
    }
}

/* A matter of the layers, and of kernels of convoy's own, whose sums are the same for samples and lanes. */
static bool takes_samples(const cvy_plan *plan)
{
    const cvy_compute *compute = &plan->compute;

    if (compute->convolution == NULL || compute->convolution->forward_sample == NULL ||
        compute->gemm->isa == NULL || cvy_model_output(plan->model).rank != 1)
        return false;
    for (size_t i = 0; i < plan->layer_count; i++)
        if (plan->layers[i].kind->forward_sample == NULL || plan->layers[i].plan.needs_lane)
            return false;
    return true;
}

static bool learns(const cvy_layer *layer)
{
    return layer->plan.gradient != CVY_GRADIENT_NONE && !layer->is_frozen;
}

/* Chain the layers that use the same weights, the first call first. */
static void link_repeats(cvy_plan *plan)
{
    for (size_t i = 0; i < plan->layer_count; i++) {
        if (plan->layers[i].repeats == 0)
            continue;
        size_t last = plan->layers[i].repeats - 1;
        while (plan->places[last].repeat > 0)
            last = plan->places[last].repeat;
        plan->places[last].repeat = i;
    }
}

static size_t find_first_learning(const cvy_plan *plan)
{
    size_t i = 0;
    while (i < plan->layer_count && !learns(&plan->layers[i]))
        i++;
    return i;
}

static void place_lane_gradient(cvy_plan *plan, size_t i)
{
    const cvy_layer *layer = &plan->layers[i];
    cvy_place *place = &plan->places[i];
    const size_t last = cvy_trained_count(&layer->plan) - 1;
    const size_t floats =
        layer->weight_offset[last] - layer->weight_offset[0] + layer->plan.weights[last].count;

    place->gradient_stride = cvy_round_to_line(floats * sizeof(float)) / sizeof(float);
    place->lane_gradient = plan->lane_gradient_floats;
    plan->lane_gradient_floats += place->gradient_stride;
}

static void place_weight_gradients(cvy_plan *plan)
{
    for (size_t i = 0; i < plan->layer_count; i++) {
        const cvy_layer *layer = &plan->layers[i];
        cvy_place *place = &plan->places[i];
        if (layer->plan.gradient == CVY_GRADIENT_LANE) {
            place_lane_gradient(plan, i);
        } else if (layer->plan.gradient == CVY_GRADIENT_BATCH && layer->plan.batch_sums == 0) {
            place->store_x = plan->store_rows;
            place->store_dy = place->store_x + cvy_shape_count(layer->in);
            plan->store_rows = place->store_dy + cvy_store_row(cvy_shape_count(layer->plan.out));
        }
    }
}

/* Each layer that measures has two kinds of totals;
 * a lane holds one kind of one layer at a time. */
static void place_sums(cvy_plan *plan)
{
    for (size_t i = 0; i < plan->layer_count; i++) {
        const size_t sums = plan->layers[i].plan.batch_sums;
        plan->places[i].totals = plan->totals;
        plan->totals += 2 * sums;
        plan->lane_sums = cvy_max(plan->lane_sums, sums);
    }
    plan->lane_sums = cvy_round_to_line(plan->lane_sums * sizeof(double)) / sizeof(double);
}

/* With few lanes, enough cuts for twice as many workers as CUTS_MAX on every lane; with many lanes
 * none, since more pieces mean more additions. */
enum { CUTS_MAX = 4, LANES_UNCUT = 8 };

static size_t choose_cuts(size_t batch_lanes)
{
    if (batch_lanes == 0 || batch_lanes >= LANES_UNCUT)
        return 1;
    return cvy_min(LANES_UNCUT / batch_lanes, CUTS_MAX);
}

static size_t stride_of(size_t bytes)
{
    cvy_layout layout = { bytes };

    if (bytes > 0)
        (void)cvy_layout_add(&layout, 1, CVY_APART);
    return layout.bytes;
}

static size_t scratch_of(const cvy_plan *plan)
{
    size_t most = 0;

    for (size_t i = 0; i < plan->layer_count; i++) {
        const cvy_layer_plan *layer = &plan->layers[i].plan;
        most =
            cvy_max(most, plan->is_of_samples ? layer->sample_scratch_bytes : layer->scratch_bytes);
    }
    return cvy_round_to_line(most);
}

static cvy_status make(const cvy_model *model, cvy_compute compute, size_t layer_count,
                       size_t batch_lanes, bool wants_samples, cvy_plan *plan)
{
    const bool is_training = batch_lanes > 0;
    cvy_layout layout = { 0 };

    *plan = (cvy_plan){
        .model = model,
        .compute = compute,
        .is_training = is_training,
        .is_graph = model->is_graph,
        .cuts = choose_cuts(batch_lanes),
        .layer_count = layer_count,
    };
    cvy_status status = cvy_memory_create(layer_count, sizeof *plan->places, &plan->places);
    if (status == CVY_OK)
        status = cvy_memory_create(layer_count, sizeof *plan->layers, &plan->layers);
    if (status != CVY_OK)
        return status;
    order_layers(plan);
    feed_layers(plan);
    link_repeats(plan);
    plan->is_of_samples = wants_samples && takes_samples(plan);
    plan->first_backward = find_first_learning(plan);
    for (size_t i = plan->first_backward; i < layer_count; i++)
        plan->places[i].runs_backward = true;
    if (plan->is_graph)
        cvy_plan_trace_graph(plan);
    status = cvy_plan_cut_stages(plan);
    if (status != CVY_OK)
        return status;
    if (plan->is_graph) {
        status = cvy_plan_place_graph(plan, &layout);
        if (status != CVY_OK)
            return status;
        if (is_training) {
            place_weight_gradients(plan);
            place_sums(plan);
        }
    } else if (is_training) {
        place_weight_gradients(plan);
        place_training_activations(plan, &layout);
        place_gradients(plan, &layout);
        place_sums(plan);
    } else {
        place_inference_activations(plan, &layout);
    }
    if (plan->is_of_samples)
        plan->collected =
            cvy_layout_add(&layout, CVY_LANE, cvy_model_output_count(model) * sizeof(float));
    plan->scratch_bytes = scratch_of(plan);
    plan->arena_bytes = layout.bytes;
    plan->arena_stride = stride_of(plan->arena_bytes);
    plan->scratch_stride = stride_of(plan->scratch_bytes);
    return CVY_OK;
}

cvy_status cvy_plan_make(const cvy_model *model, cvy_compute compute, size_t layer_count,
                         size_t batch_lanes, cvy_plan *plan)
{
    return make(model, compute, layer_count, batch_lanes, false, plan);
}

cvy_status cvy_plan_make_for_samples(const cvy_model *model, cvy_compute compute,
                                     size_t layer_count, cvy_plan *plan)
{
    return make(model, compute, layer_count, 0, true, plan);
}

void cvy_plan_release(cvy_plan *plan)
{
    cvy_memory_free(plan->layers);
    cvy_memory_free(plan->places);
    cvy_memory_free(plan->stages);
    plan->layers = NULL;
    plan->places = NULL;
    plan->stages = NULL;
}
