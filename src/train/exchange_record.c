#include "train/exchange_record.h"

#include <string.h>

#include "base/memory.h"
#include "train/wire.h"

/* A walk through a record that copies its parts in or out, or only counts their bytes. */
typedef struct {
    char *record;  /* NULL: only count */
    size_t bytes;  /* so far */
    size_t inputs; /* bytes of x among these */
    bool is_packing;
} walk;

/* The address of the next part of the record; NULL if parts are only counted. */
static char *take_place(walk *w, size_t bytes)
{
    char *place = w->record != NULL && bytes > 0 ? w->record + w->bytes : NULL;

    w->bytes += (bytes + 7) / 8 * 8;
    return place;
}

static void move(walk *w, void *data, size_t bytes)
{
    char *place = take_place(w, bytes);

    if (place == NULL || bytes == 0)
        return;
    if (w->is_packing)
        memcpy(place, data, bytes);
    else
        memcpy(data, place, bytes);
}

/* Copy floats that gradients are computed from. Those sent as bf16 have been rounded before. */
static void move_floats(walk *w, bool is_rounded, float *data, size_t count)
{
    if (!is_rounded) {
        move(w, data, count * sizeof *data);
        return;
    }
    uint16_t *place = (uint16_t *)(void *)take_place(w, count * sizeof(uint16_t));
    if (place != NULL && w->is_packing)
        cvy_wire_pack(count, data, place);
    else if (place != NULL)
        cvy_wire_unpack(count, place, data);
}

/* The address of element `index`; NULL for a buffer that the model does not need. */
static void *at(void *buffer, size_t index, size_t bytes)
{
    return buffer != NULL ? (char *)buffer + index * bytes : NULL;
}

/* For a layer whose gradient is a product over the batch: copy the rows of x that the tile's rows of
 * dw need and, with the layer's first tile in the share, dy, which all of its tiles need. */
static void move_factors(const cvy_stepper *stepper, const cvy_tile *tile, bool is_first,
                         size_t lane, walk *w)
{
    const cvy_plan *plan = &stepper->plan;
    const cvy_layer_plan *layer = &plan->layers[tile->layer].plan;
    const cvy_place *place = &plan->places[tile->layer];
    const bool is_rounded = stepper->ranks.is_rounding;
    const size_t first = lane * plan->store_rows;
    const size_t row_bytes = CVY_LANE * sizeof(float);

    if (layer->batch_sums > 0) /* computed from totals, which all ranks have */
        return;
    if (layer->weights[tile->weight].rank > 1) {
        const size_t before = w->bytes;
        move_floats(w, is_rounded,
                    at(stepper->store, first + place->store_x + tile->first_row, row_bytes),
                    tile->row_count * CVY_LANE);
        w->inputs += w->bytes - before;
    }
    if (is_first)
        move_floats(w, is_rounded, at(stepper->store, first + place->store_dy, row_bytes),
                    cvy_store_row(cvy_shape_count(layer->out)) * CVY_LANE);
}

/* For a layer whose gradient is computed by each lane. */
static void move_gradient(const cvy_stepper *stepper, const cvy_tile *tile, size_t lane, walk *w)
{
    const size_t first =
        cvy_lane_gradient_at(&stepper->plan.places[tile->layer], stepper->lanes_per_grain, lane);

    if (!stepper->ranks.sends_subtrees)
        move_floats(w, stepper->ranks.is_rounding,
                    at(stepper->lane_gradients, first + tile->lane_offset, sizeof(float)),
                    tile->count);
}

/* Copy the data for each tile of a share, for every layer that uses the tile's weights. */
static void move_gradients(const cvy_stepper *stepper, const cvy_rank_share *share, size_t lane,
                           walk *w)
{
    const cvy_plan *plan = &stepper->plan;

    if (stepper->ranks.is_fast)
        return;
    for (size_t t = share->tile_begin; t < share->tile_end; t++) {
        cvy_tile tile = stepper->tiles[t];
        const bool is_first = t == share->tile_begin || stepper->tiles[t - 1].layer != tile.layer;
        do {
            if (plan->layers[tile.layer].plan.gradient == CVY_GRADIENT_LANE)
                move_gradient(stepper, &tile, lane, w);
            else
                move_factors(stepper, &tile, is_first, lane, w);
        } while ((tile.layer = plan->places[tile.layer].repeat) > 0);
    }
}

bool cvy_stage_is_last(const cvy_stepper *stepper, const cvy_stage *stage)
{
    return stage == &stepper->plan.stages[stepper->plan.stage_count - 1];
}

static void move_record(const cvy_stepper *stepper, const cvy_stage *stage,
                        const cvy_rank_share *share, size_t lane, walk *w)
{
    const cvy_plan *plan = &stepper->plan;
    const cvy_metrics *metrics = stepper->task->metrics;
    size_t sums = 0;

    if (stage->measured != CVY_NO_LAYER) {
        cvy_stage_totals(plan, stage, &sums);
        move(w, at(stepper->lane_sums, lane * plan->lane_sums, sizeof(double)),
             sums * sizeof(double));
    }
    if (!cvy_stage_is_last(stepper, stage))
        return;
    move(w, &stepper->lane_loss[lane], sizeof *stepper->lane_loss);
    move(w, &stepper->lane_correct[lane], sizeof *stepper->lane_correct);
    if (stepper->lane_metrics != NULL)
        move(w, stepper->lane_metrics + lane * metrics->sum_count,
             metrics->sum_count * sizeof *stepper->lane_metrics);
    move_gradients(stepper, share, lane, w);
}

size_t cvy_record_bytes(const cvy_stepper *stepper, const cvy_stage *stage,
                        const cvy_rank_share *share)
{
    walk w = { 0 };

    move_record(stepper, stage, share, 0, &w);
    return cvy_round_to_line(w.bytes);
}

size_t cvy_record_input_bytes(const cvy_stepper *stepper, const cvy_rank_share *share)
{
    walk w = { 0 };

    move_gradients(stepper, share, 0, &w);
    return w.inputs;
}

void cvy_record_pack(const cvy_stepper *stepper, const cvy_stage *stage,
                     const cvy_rank_share *share, size_t lane, char *record)
{
    walk w = { .record = record, .is_packing = true };

    move_record(stepper, stage, share, lane, &w);
}

void cvy_record_unpack(const cvy_stepper *stepper, const cvy_stage *stage,
                       const cvy_rank_share *share, size_t lane, char *record)
{
    walk w = { .record = record };

    move_record(stepper, stage, share, lane, &w);
}
