#include "support/lane_layer.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "support/numbers.h"

cvy_status layer_make(const char *spec, cvy_shape in, cvy_layer *layer)
{
    const cvy_kind *kind;

    *layer = (cvy_layer){ .name = "probe", .index = 3 };
    cvy_status status = cvy_spec_read("layer", spec, cvy_layer_kinds, &kind, &layer->settings);
    if (status != CVY_OK) {
        layer->settings = NULL;
        return status;
    }
    layer->kind = (const cvy_layer_kind *)kind;
    return cvy_layer_plan_make(layer, in);
}

void layer_release(cvy_layer *layer)
{
    cvy_memory_free(layer->settings);
    layer->settings = NULL;
}

/* Numerical derivatives ask for the same few settings millions of times: the last answer for a name is kept,
 * found by the addresses of table and name. */
const void *layer_setting(const cvy_layer *layer, const char *name)
{
    static struct {
        const cvy_setting *table, *row;
        const char *name;
    } answers[256];
    const cvy_setting *table = layer->kind->kind.settings;
    const uintptr_t hash = ((uintptr_t)table >> 4) * 31 + (uintptr_t)name;

    if (answers[hash % 256].table != table || answers[hash % 256].name != name) {
        const cvy_setting *row = cvy_setting_find(table, name);
        cr_assert(row != NULL, "%s has no setting %s", layer->kind->kind.name, name);
        answers[hash % 256].table = table;
        answers[hash % 256].row = row;
        answers[hash % 256].name = name;
    }
    return (const char *)layer->settings + answers[hash % 256].row->offset;
}

/* Room for floats that must be written before they are read. */
static float *create_unwritten(size_t count)
{
    float *x = numbers_floats(count);

    for (size_t i = 0; i < count; i++)
        x[i] = NAN;
    return x;
}

/* Each weight begins a cache line, as in a model's block; a line more, so that no offset is 0. */
static size_t place_weights(cvy_layer *layer)
{
    size_t floats = CVY_LANE;

    for (size_t w = 0; w < layer->plan.weight_count; w++) {
        layer->weight_offset[w] = floats;
        floats += cvy_whole_lanes(layer->plan.weights[w].count);
    }
    return floats;
}

lane_layer lane_layer_create(const char *spec, cvy_shape in, cvy_compute compute)
{
    lane_layer l = { .compute = compute,
                     .dropout = { .key = { 1, 2 }, .major = 3, .purpose = CVY_RANDOM_DROPOUT },
                     .shares = 1,
                     .cuts = 1,
                     .filled = CVY_LANE };

    cr_assert(layer_make(spec, in, &l.layer) == CVY_OK, "%s: %s", spec, cvy_error_message());
    l.x_count = cvy_shape_count(in);
    l.y_count = cvy_shape_count(l.layer.plan.out);
    l.weight_floats = place_weights(&l.layer);
    l.weights = numbers_floats(l.weight_floats);
    l.dw = numbers_floats(l.weight_floats);
    l.x = numbers_floats(l.x_count * CVY_LANE);
    l.dx = create_unwritten(l.x_count * CVY_LANE);
    l.y = create_unwritten(l.y_count * CVY_LANE);
    l.dy = numbers_floats(l.y_count * CVY_LANE);
    l.keep = create_unwritten(l.layer.plan.keep_bytes / sizeof(float) + 1);
    l.scratch = create_unwritten(l.layer.plan.scratch_bytes / sizeof(float) + 1);
    l.store = create_unwritten((l.x_count + cvy_store_row(l.y_count)) * CVY_LANE);
    for (size_t w = 0; w < l.layer.plan.weight_count; w++)
        for (size_t i = 0; i < l.layer.plan.weights[w].count; i++)
            l.dw[l.layer.weight_offset[w] + i] = NAN;
    numbers_fill_uniform(11, -0.5f, 0.5f, l.weight_floats, l.weights);
    for (size_t s = 0; s < CVY_LANE; s++)
        l.dropout.position[s] = (uint32_t)(100 + s);
    return l;
}

void lane_layer_release(lane_layer *l)
{
    layer_release(&l->layer);
    free(l->weights);
    free(l->dw);
    free(l->x);
    free(l->dx);
    free(l->y);
    free(l->dy);
    free(l->keep);
    free(l->scratch);
    free(l->store);
}

void lane_layer_feed(lane_layer *l, lane_layer *next)
{
    cr_assert(l->layer.kind->feed != NULL && next->layer.plan.strip_rows > 0);
    l->layer.kind->feed(&l->layer, &next->layer);
    l->next = next;
    free(l->scratch);
    l->scratch = create_unwritten(l->layer.plan.scratch_bytes / sizeof(float) + 1);
}

static cvy_pass pass_of(lane_layer *l, size_t share)
{
    if (l->next != NULL)
        l->next_pass = pass_of(l->next, 0);
    return (cvy_pass){
        .next = l->next != NULL ? &l->next->layer : NULL,
        .next_pass = l->next != NULL ? &l->next_pass : NULL,
        .compute = l->compute,
        .share = { share, l->shares },
        .cuts = l->cuts,
        .is_training = true,
        .weights = l->weights,
        .keep = l->keep,
        .scratch = l->scratch,
        .store = { l->store, l->store + l->x_count * CVY_LANE, 1, 0, l->totals },
        .filled = l->filled,
        .totals = l->totals,
        .dropout = &l->dropout,
    };
}

void lane_layer_forward(lane_layer *l, bool in_place)
{
    for (size_t share = l->shares; share-- > 0;) {
        const cvy_pass pass = pass_of(l, share);
        float *y = l->next != NULL ? l->next->y : l->y;
        l->layer.kind->forward(&l->layer, &pass, l->x, in_place ? l->x : y);
    }
}

void lane_layer_infer(lane_layer *l)
{
    const cvy_pass pass = { .compute = l->compute,
                            .share = { 0, 1 },
                            .cuts = 1,
                            .weights = l->weights,
                            .scratch = l->scratch };
    l->layer.kind->forward(&l->layer, &pass, l->x, l->y);
}

void lane_layer_measure(lane_layer *l, double *sums)
{
    for (size_t share = l->shares; share-- > 0;) {
        const cvy_pass pass = pass_of(l, share);
        l->layer.kind->measure(&l->layer, &pass, l->x, sums);
    }
}

void lane_layer_measure_gradient(lane_layer *l, double *sums)
{
    for (size_t share = l->shares; share-- > 0;) {
        const cvy_pass pass = pass_of(l, share);
        l->layer.kind->measure_gradient(&l->layer, &pass, l->x, l->dy, sums);
    }
}

/* The gradient over the whole batch comes in pieces of rows, as in a step. */
static void run_weight_gradient(lane_layer *l, size_t weight, const cvy_batch_store *store)
{
    const cvy_weight_plan *plan = &l->layer.plan.weights[weight];
    const size_t row_floats = plan->count / plan->dims[0];
    float *dw = l->dw + l->layer.weight_offset[weight];

    for (size_t row = 0; row < plan->dims[0]; row += 3) {
        size_t left = plan->dims[0] - row, rows = left < 3 ? left : 3;
        l->layer.kind->weight_gradient(&l->layer, &l->compute, weight, store, row, rows, false,
                                       dw + row * row_floats);
    }
}

static void run_backward(lane_layer *l, float *dx)
{
    const cvy_layer_plan *plan = &l->layer.plan;
    const bool has_own = plan->gradient == CVY_GRADIENT_LANE;
    float *own = has_own ? create_unwritten(l->weight_floats) : NULL;

    for (size_t share = l->shares; share-- > 0;) {
        cvy_pass pass = pass_of(l, share);
        l->layer.kind->backward(&l->layer, &pass, plan->reads_output ? l->y : l->x,
                                l->next != NULL ? l->next->dy : l->dy, dx, own);
    }
    for (size_t w = 0; has_own && w < plan->weight_count; w++)
        memcpy(l->dw + l->layer.weight_offset[w],
               own + l->layer.weight_offset[w] - l->layer.weight_offset[0],
               plan->weights[w].count * sizeof *own);
    free(own);
}

void lane_layer_backward(lane_layer *l, bool in_place, bool has_dx)
{
    const cvy_layer_plan *plan = &l->layer.plan;
    const cvy_batch_store store = { l->store, l->store + l->x_count * CVY_LANE, 1, 0, l->totals };

    run_backward(l, has_dx ? (in_place ? l->dy : l->dx) : NULL);
    if (plan->gradient == CVY_GRADIENT_BATCH)
        for (size_t w = 0; w < cvy_trained_count(plan); w++)
            run_weight_gradient(l, w, &store);
}

size_t lane_place(cvy_shape shape, size_t index, size_t sample)
{
    size_t value = index;

    if (shape.rank == 3) {
        const size_t channels = shape.dims[2], positions = shape.dims[0] * shape.dims[1];
        value = index % channels * positions + index / channels;
    }
    return value * CVY_LANE + sample;
}
