/* Allocation of everything that a step needs: variables, tiles, buffers, the updater. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "model/objective.h"
#include "model/penalty.h"
#include "train/exchange.h"

/* Floats of a tile: they fit in a core's cache, and each worker gets a few tiles. */
enum { TILE_FLOATS = 8192, LANE_TILE_FLOATS = 2048 };

/* Append a tile, or only count it if `tiles` is NULL. */
static void add_tile(cvy_tile *tiles, size_t *count, cvy_tile tile)
{
    if (tiles != NULL)
        tiles[*count] = tile;
    ++*count;
}

static void describe_weight(const cvy_layer *layer, size_t w, cvy_variable *variable)
{
    const cvy_weight_plan *weight = &layer->plan.weights[w];

    *variable = (cvy_variable){
        .name = weight->name,
        .rank = weight->rank,
        .count = weight->count,
        .offset = layer->weight_offset[w],
    };
    memcpy(variable->dims, weight->dims, sizeof variable->dims);
    snprintf(variable->path, sizeof variable->path, "%s/%s", layer->name, weight->name);
}

/* Cut a weight whose gradient is summed over lanes. */
static void cut_lane_weight(const cvy_layer *layer, size_t w, cvy_tile start, cvy_tile *tiles,
                            size_t *count)
{
    const size_t floats = layer->plan.weights[w].count;

    start.lane_offset += layer->weight_offset[w] - layer->weight_offset[0];
    for (size_t i = 0; i < floats; i += LANE_TILE_FLOATS) {
        const size_t left = floats - i;
        cvy_tile tile = start;
        tile.first += i;
        tile.lane_offset += i;
        tile.count = left < LANE_TILE_FLOATS ? left : LANE_TILE_FLOATS;
        add_tile(tiles, count, tile);
    }
}

/* Cut a weight whose gradient is a product over the batch, by rows. A tile has at least 16 rows, so
 * that it starts on a cache line. */
static void cut_batch_weight(const cvy_layer *layer, size_t w, cvy_tile start, cvy_tile *tiles,
                             size_t *count)
{
    const cvy_weight_plan *weight = &layer->plan.weights[w];
    const size_t columns = weight->count / weight->dims[0];
    size_t rows = TILE_FLOATS / columns / CVY_LANE * CVY_LANE;

    rows = rows > 0 ? rows : CVY_LANE;
    for (size_t row = 0; row < weight->dims[0]; row += rows) {
        const size_t left = weight->dims[0] - row, taken = left < rows ? left : rows;
        cvy_tile tile = start;
        tile.first += row * columns;
        tile.count = taken * columns;
        tile.first_row = row;
        tile.row_count = taken;
        add_tile(tiles, count, tile);
    }
}

/* Make a variable and its tiles of every weight with a gradient. Only counts if both are NULL. */
static void cut_weights(cvy_stepper *stepper, cvy_variable *variables, cvy_tile *tiles)
{
    const cvy_plan *plan = &stepper->plan;

    stepper->variable_count = stepper->tile_count = 0;
    for (size_t i = 0; i < plan->layer_count; i++) {
        const cvy_layer *layer = &plan->layers[i];
        if (layer->plan.gradient == CVY_GRADIENT_NONE || layer->is_frozen || layer->repeats > 0)
            continue;
        for (size_t w = 0; w < cvy_trained_count(&layer->plan); w++) {
            const cvy_tile start = { .layer = i,
                                     .weight = w,
                                     .variable = stepper->variable_count++,
                                     .first = layer->weight_offset[w] };
            if (variables != NULL)
                describe_weight(layer, w, &variables[start.variable]);
            if (layer->plan.gradient == CVY_GRADIENT_LANE)
                cut_lane_weight(layer, w, start, tiles, &stepper->tile_count);
            else
                cut_batch_weight(layer, w, start, tiles, &stepper->tile_count);
        }
    }
}

static cvy_status create_tiles(cvy_stepper *stepper)
{
    cut_weights(stepper, NULL, NULL);
    cvy_status status =
        cvy_memory_create(stepper->tile_count, sizeof *stepper->tiles, &stepper->tiles);
    if (status == CVY_OK)
        status = cvy_memory_create(stepper->variable_count, sizeof *stepper->variables,
                                   &stepper->variables);
    if (status == CVY_OK)
        cut_weights(stepper, stepper->variables, stepper->tiles);
    if (status == CVY_OK && cvy_model_has_penalty(stepper->plan.model))
        status = cvy_memory_create(stepper->tile_count, sizeof *stepper->tile_penalty,
                                   &stepper->tile_penalty);
    return status;
}

static cvy_status create_updater(cvy_stepper *stepper)
{
    const cvy_task *task = stepper->task;
    const cvy_optimizer_settings *common = task->optimizer_settings;

    stepper->loss_scale = common->loss_scale_factor > 0 ? (float)common->loss_scale_factor : 1;
    return cvy_updater_create(&(cvy_update_task){ .optimizer = task->optimizer,
                                                  .settings = task->optimizer_settings,
                                                  .compute = task->compute,
                                                  .threads = task->threads,
                                                  .variables = stepper->variables,
                                                  .variable_count = stepper->variable_count,
                                                  .tiles = stepper->tiles,
                                                  .tile_count = stepper->tile_count,
                                                  .block_floats = task->model->block_floats,
                                                  .weights = task->model->weights,
                                                  .gradients = stepper->gradients,
                                                  .guard = &stepper->guard },
                              &stepper->updater);
}

static size_t largest_tile(const cvy_stepper *stepper)
{
    size_t most = 0;

    for (size_t t = 0; t < stepper->tile_count; t++)
        most = stepper->tiles[t].count > most ? stepper->tiles[t].count : most;
    return most;
}

/* Gradients are kept where several grains are added up, ranks or callers see them, or the update needs all of
 * them; and where a tile for each worker would be no less. */
static cvy_status create_tile_gradients(cvy_stepper *stepper)
{
    const cvy_task *task = stepper->task;
    const size_t stride = cvy_round_to_line(largest_tile(stepper) * sizeof(float)) / sizeof(float);
    const bool has_grains = task->batch_size > stepper->lanes_per_grain * CVY_LANE;

    stepper->tile_stride = stride;
    if (has_grains || task->keeps_gradients || task->comm != NULL ||
        cvy_updater_has_pieces(&stepper->updater) ||
        stride > task->model->block_floats / task->threads)
        return CVY_OK;
    return cvy_memory_create(task->threads, stride * sizeof(float), &stepper->tile_gradients);
}

static bool has_activity_penalty(const cvy_plan *plan)
{
    for (size_t i = 0; i < plan->layer_count; i++)
        if (plan->layers[i].plan.adds_penalty)
            return true;
    return false;
}

/* Allocate what metrics and activity regularizers need of each lane. */
static cvy_status create_scores(cvy_stepper *stepper)
{
    const cvy_model *model = stepper->task->model;
    const cvy_metrics *metrics = stepper->task->metrics;
    const size_t lanes = stepper->lanes_per_grain;
    cvy_status status = CVY_OK;

    if (has_activity_penalty(&stepper->plan))
        status = cvy_memory_create(lanes * CVY_LANE, sizeof *stepper->lane_penalty,
                                   &stepper->lane_penalty);
    if (status != CVY_OK || metrics == NULL || metrics->count == 0)
        return status;
    status = cvy_memory_create(lanes, metrics->sum_count * sizeof *stepper->lane_metrics,
                               &stepper->lane_metrics);
    if (status == CVY_OK)
        status = cvy_memory_create(metrics->sum_count, sizeof *stepper->metric_sums,
                                   &stepper->metric_sums);
    if (status == CVY_OK && stepper->plan.layer_count < model->layer_count)
        status = cvy_memory_create(
            lanes, cvy_model_output_count(model) * CVY_LANE * sizeof *stepper->lane_outputs,
            &stepper->lane_outputs);
    return status;
}

static bool is_constrained(const cvy_weight *weight)
{
    return weight->plan->bond.bond != CVY_FREE && !weight->layer->is_frozen &&
           !weight->plan->is_state;
}

static cvy_status list_constrained(cvy_stepper *stepper)
{
    const cvy_model *model = stepper->task->model;
    cvy_weight weight;
    size_t count = 0;

    for (size_t i = 0; cvy_model_weight(model, i, &weight); i++)
        count += is_constrained(&weight);
    cvy_status status =
        cvy_memory_create(count, sizeof *stepper->constrained, &stepper->constrained);
    for (size_t i = 0; status == CVY_OK && cvy_model_weight(model, i, &weight); i++)
        if (is_constrained(&weight))
            stepper->constrained[stepper->constrained_count++] = weight;
    return status;
}

static cvy_status create_buffers(cvy_stepper *stepper)
{
    const cvy_task *task = stepper->task;
    const size_t lanes = stepper->lanes_per_grain;
    const cvy_plan *plan = &stepper->plan;
    cvy_status status = cvy_memory_create(stepper->has_lane_arenas ? lanes : task->threads,
                                          plan->arena_stride, &stepper->arenas);

    if (status == CVY_OK)
        status = cvy_memory_create(task->threads, plan->scratch_stride, &stepper->scratches);
    if (status == CVY_OK)
        status = cvy_memory_create(task->threads, sizeof *stepper->crews, &stepper->crews);
    if (status == CVY_OK)
        status = cvy_memory_create(lanes, plan->lane_sums * sizeof *stepper->lane_sums,
                                   &stepper->lane_sums);
    if (status == CVY_OK)
        status = cvy_memory_create(plan->totals, sizeof *stepper->totals, &stepper->totals);
    if (status == CVY_OK)
        status = cvy_memory_create(lanes, plan->lane_gradient_floats * sizeof(float),
                                   &stepper->lane_gradients);
    if (status == CVY_OK)
        status =
            cvy_memory_create(lanes * CVY_LANE, plan->store_rows * sizeof(float), &stepper->store);
    if (status == CVY_OK)
        status = cvy_memory_create(task->model->block_floats, sizeof(float), &stepper->gradients);
    if (status == CVY_OK)
        status = cvy_memory_create(lanes, sizeof *stepper->lane_loss, &stepper->lane_loss);
    if (status == CVY_OK)
        status = cvy_memory_create(lanes, sizeof *stepper->lane_correct, &stepper->lane_correct);
    if (status == CVY_OK && task->augmenter != NULL)
        status = cvy_memory_create(task->threads * (CVY_LANE + 2), task->images.image_bytes,
                                   &stepper->augmented);
    if (status == CVY_OK && task->augmenter != NULL)
        status =
            cvy_memory_create(task->threads, cvy_augment_work_floats(&task->form) * sizeof(float),
                              &stepper->augment_work);
    if (status == CVY_OK && task->augmenter != NULL && cvy_augmenter_mixes(task->augmenter))
        status = cvy_memory_create(lanes * cvy_model_output_count(task->model),
                                   CVY_LANE * sizeof(float), &stepper->mixed_gradients);
    return status == CVY_OK ? create_scores(stepper) : status;
}

/* Bytes that a step reads and writes, as often as it does: images, gradients and factors of the
 * lanes, weights (read by lanes, read and written by the update) with their gradients and slots. */
static double count_bytes(const cvy_stepper *stepper)
{
    const cvy_task *task = stepper->task;
    const cvy_plan *plan = &stepper->plan;
    const size_t lanes = cvy_lanes_of(task->batch_size);
    size_t slots = 0;
    const size_t for_tiles = 2 * lanes * (plan->lane_gradient_floats + plan->store_rows * CVY_LANE);

    while (slots < CVY_SLOTS_MAX && stepper->updater.slots[slots] != NULL)
        slots++;
    const size_t weights = (5 + 2 * slots) * task->model->trained_floats;
    return (double)(for_tiles + weights) * sizeof(float) +
           (double)(task->batch_size * task->images.image_bytes);
}

enum { LANES_MAX = 1 << 16 }; /* the most that tree_sum() adds up */

/* A batch in one grain has all its lanes in memory. Check that it fits before allocating it. */
static cvy_status check_batch(const cvy_stepper *stepper, size_t batch_lanes)
{
    const cvy_plan *plan = &stepper->plan;
    const size_t lane_bytes = plan->arena_bytes + plan->lane_gradient_floats * sizeof(float) +
                              plan->store_rows * CVY_LANE * sizeof(float) +
                              plan->lane_sums * sizeof(double);
    const size_t fitting = cvy_memory_installed() / lane_bytes;
    const size_t lanes_max = fitting < LANES_MAX ? fitting : LANES_MAX;

    if (batch_lanes <= lanes_max)
        return CVY_OK;
    return cvy_fail(
        CVY_ERR_SETTING,
        "batch_size: found %zu, expected at most %zu: batch normalization keeps a whole "
        "batch in memory, %zu KiB for each %d images",
        stepper->task->batch_size, lanes_max * CVY_LANE, lane_bytes >> 10, CVY_LANE);
}

static cvy_status choose_grain(cvy_stepper *stepper, size_t batch_lanes)
{
    stepper->has_lane_arenas = stepper->plan.stage_count > 1;
    stepper->lanes_per_grain =
        stepper->has_lane_arenas || batch_lanes < CVY_GRAIN_LANES ? batch_lanes : CVY_GRAIN_LANES;
    return stepper->has_lane_arenas ? check_batch(stepper, batch_lanes) : CVY_OK;
}

/* Lay out a lane, and choose how many lanes are in memory at a time. */
static cvy_status make_plan(const cvy_task *task, cvy_stepper *stepper)
{
    const size_t batch_lanes = cvy_lanes_of(task->batch_size);

    *stepper = (cvy_stepper){ .task = task };
    cvy_status status =
        cvy_plan_make(task->model, task->compute, cvy_layers_before_loss(task->model, task->loss),
                      batch_lanes, &stepper->plan);
    return status == CVY_OK ? choose_grain(stepper, batch_lanes) : status;
}

cvy_status cvy_stepper_check(const cvy_task *task)
{
    cvy_stepper stepper;
    cvy_status status = make_plan(task, &stepper);

    cvy_plan_release(&stepper.plan);
    return status;
}

cvy_status cvy_stepper_create(const cvy_task *task, cvy_stepper *stepper)
{
    cvy_status status = make_plan(task, stepper);

    if (status == CVY_OK)
        status = create_tiles(stepper);
    if (status == CVY_OK)
        status = create_buffers(stepper);
    if (status == CVY_OK)
        status = cvy_guard_create(&stepper->guard, task->on_nan, task->compute.kernels->lane,
                                  stepper->variable_count, task->model->trained_floats,
                                  task->model->block_floats);
    if (status == CVY_OK)
        status = create_updater(stepper);
    if (status == CVY_OK)
        status = create_tile_gradients(stepper);
    if (status == CVY_OK)
        status = list_constrained(stepper);
    if (status == CVY_OK)
        status = cvy_ranks_create(stepper, task->comm);
    if (status == CVY_OK && task->times != NULL) {
        task->times->bytes = count_bytes(stepper);
        status = cvy_clocks_create(task->times, task->threads, task->step_seconds, task->step_room,
                                   &stepper->clocks);
    }
    return status;
}

void cvy_stepper_start(cvy_stepper *stepper)
{
    cvy_updater_start(&stepper->updater);
}

void cvy_stepper_release(cvy_stepper *stepper)
{
    cvy_plan_release(&stepper->plan);
    cvy_memory_free(stepper->arenas);
    cvy_memory_free(stepper->scratches);
    cvy_memory_free(stepper->crews);
    cvy_memory_free(stepper->lane_sums);
    cvy_memory_free(stepper->totals);
    cvy_memory_free(stepper->lane_gradients);
    cvy_memory_free(stepper->store);
    cvy_memory_free(stepper->gradients);
    cvy_memory_free(stepper->tile_gradients);
    cvy_updater_release(&stepper->updater);
    cvy_memory_free(stepper->variables);
    cvy_memory_free(stepper->tiles);
    cvy_memory_free(stepper->tile_penalty);
    cvy_memory_free(stepper->lane_loss);
    cvy_memory_free(stepper->lane_correct);
    cvy_memory_free(stepper->augmented);
    cvy_memory_free(stepper->augment_work);
    cvy_memory_free(stepper->mixed_gradients);
    cvy_memory_free(stepper->lane_penalty);
    cvy_memory_free(stepper->lane_metrics);
    cvy_memory_free(stepper->lane_outputs);
    cvy_memory_free(stepper->metric_sums);
    cvy_memory_free(stepper->constrained);
    cvy_clocks_release(&stepper->clocks);
    cvy_guard_release(&stepper->guard);
    cvy_ranks_release(&stepper->ranks);
    *stepper = (cvy_stepper){ 0 };
}
