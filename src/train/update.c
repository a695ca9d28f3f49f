#include "train/update.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"

static bool clips_norm(const cvy_optimizer_settings *common)
{
    return common->clipnorm > 0 || common->global_clipnorm > 0; /* NaN (not set) is not > 0 */
}

/* --- creation --- */

static cvy_status plan_variables(cvy_updater *updater)
{
    const cvy_update_task *task = &updater->task;
    const cvy_optimizer_settings *common = updater->common;
    cvy_status status =
        cvy_memory_create(task->variable_count, sizeof *updater->variables, &updater->variables);

    for (size_t i = 0; status == CVY_OK && i < task->variable_count; i++) {
        cvy_variable *variable = &updater->variables[i];
        *variable = task->variables[i];
        variable->weight_decay = common->weight_decay;
        if (task->optimizer->plan != NULL)
            task->optimizer->plan(task->settings, variable);
        if (cvy_pattern_finds(common->exclude_from_weight_decay, variable->name))
            variable->weight_decay = NAN;
        if (variable->scratch_floats > updater->scratch_floats)
            updater->scratch_floats = variable->scratch_floats;
    }
    /* each worker's scratch has its own cache lines */
    updater->scratch_floats =
        cvy_round_to_line(updater->scratch_floats * sizeof(float)) / sizeof(float);
    return status;
}

static cvy_status create_slots(cvy_updater *updater)
{
    const cvy_update_task *task = &updater->task;
    const size_t count = cvy_slot_count(task->optimizer, task->settings);
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < count; i++)
        status = cvy_memory_create(task->block_floats, sizeof(float), &updater->slots[i]);
    return status;
}

static cvy_status create_buffers(cvy_updater *updater)
{
    const cvy_update_task *task = &updater->task;
    const size_t floats = task->block_floats;
    cvy_status status = CVY_OK;

    if (updater->common->gradient_accumulation_steps > 0)
        status = cvy_memory_create(floats, sizeof(float), &updater->sums);
    if (status == CVY_OK && updater->common->use_ema)
        status = cvy_memory_create(floats, sizeof(float), &updater->averages);
    if (status == CVY_OK)
        status = cvy_memory_create(task->threads, updater->scratch_floats * sizeof(float),
                                   &updater->scratch);
    if (status != CVY_OK || !clips_norm(updater->common))
        return status;
    status = cvy_memory_create(task->tile_count, sizeof(double), &updater->tile_squares);
    if (status == CVY_OK)
        status = cvy_memory_create(task->threads, task->variable_count * sizeof(float),
                                   &updater->factors);
    return status;
}

/* Set pointers to element `first` of each slot. */
static void slots_at(const cvy_updater *updater, size_t first, float *slots[CVY_SLOTS_MAX])
{
    for (size_t i = 0; i < CVY_SLOTS_MAX; i++)
        slots[i] = updater->slots[i] != NULL ? updater->slots[i] + first : NULL;
}

void cvy_updater_start(cvy_updater *updater)
{
    const cvy_update_task *task = &updater->task;

    if (task->optimizer->start == NULL)
        return;
    for (size_t i = 0; i < task->variable_count; i++) {
        const cvy_variable *variable = &updater->variables[i];
        float *slots[CVY_SLOTS_MAX];
        slots_at(updater, variable->offset, slots);
        task->optimizer->start(task->settings, variable->count, task->weights + variable->offset,
                               slots);
    }
}

cvy_status cvy_updater_create(const cvy_update_task *task, cvy_updater *updater)
{
    const cvy_optimizer_set *set = cvy_optimizer_set_of(task->compute.kernels);

    *updater = (cvy_updater){ .task = *task, .common = task->settings, .loops = set->loops };
    updater->task.optimizer = cvy_optimizer_in(set, task->optimizer);
    cvy_status status = plan_variables(updater);
    if (status == CVY_OK)
        status = create_slots(updater);
    if (status == CVY_OK)
        status = create_buffers(updater);
    return status;
}

bool cvy_updater_block(const cvy_updater *updater, size_t index, cvy_update_block *block)
{
    const char *names[CVY_SLOTS_MAX];
    const size_t slots = updater->task.optimizer->slots(updater->task.settings, names);
    const struct {
        const char *name;
        float *values;
    } others[] = { { "gradient_sum", updater->sums }, { "weight_average", updater->averages } };

    *block = (cvy_update_block){ 0 };
    if (index < slots) {
        snprintf(block->name, sizeof block->name, "slot/%s", names[index]);
        block->values = updater->slots[index];
        return true;
    }
    index -= slots;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i].values != NULL && index-- == 0) {
            snprintf(block->name, sizeof block->name, "%s", others[i].name);
            block->values = others[i].values;
            return true;
        }
    return false;
}

void cvy_updater_release(cvy_updater *updater)
{
    cvy_memory_free(updater->variables);
    for (size_t i = 0; i < CVY_SLOTS_MAX; i++)
        cvy_memory_free(updater->slots[i]);
    cvy_memory_free(updater->sums);
    cvy_memory_free(updater->averages);
    cvy_memory_free(updater->tile_squares);
    cvy_memory_free(updater->factors);
    cvy_memory_free(updater->scratch);
    *updater = (cvy_updater){ 0 };
}

/* --- a call --- */

static size_t calls_per_update(const cvy_updater *updater)
{
    const size_t count = updater->common->gradient_accumulation_steps;
    return count > 0 ? count : 1;
}

void cvy_updater_begin(cvy_updater *updater, size_t call, double rate)
{
    const cvy_update_task *task = &updater->task;
    const size_t calls = calls_per_update(updater);

    updater->call = call;
    updater->is_update = (call + 1) % calls == 0;
    updater->piece_count = 0;
    if (!updater->is_update)
        return;
    updater->update.number = call / calls + 1;
    updater->update.rate = rate;
    memset(updater->update.scalar, 0, sizeof updater->update.scalar);
    if (task->optimizer->prepare != NULL)
        task->optimizer->prepare(task->settings, &updater->update);
    if (task->optimizer->update_variable != NULL)
        updater->piece_count = task->variable_count;
    else if (updater->tile_squares != NULL)
        updater->piece_count = task->tile_count;
}

/* As in Keras, which counts calls here: until the first update is done the average equals the
 * weights; after that every call refreshes it, even one that only accumulates. */
static void average(const cvy_updater *updater, size_t first, size_t count)
{
    const cvy_optimizer_settings *common = updater->common;
    const size_t finished = updater->call / calls_per_update(updater);
    const size_t frequency = common->ema_overwrite_frequency;

    if (updater->averages == NULL)
        return;
    float *weights = updater->task.weights + first, *averages = updater->averages + first;
    if (finished == 0)
        memcpy(averages, weights, count * sizeof *averages);
    else
        updater->loops->average(count, (float)common->ema_momentum, weights, averages);
    if (frequency > 0 && (finished + 1) % frequency == 0)
        memcpy(weights, averages, count * sizeof *weights);
}

static void decay(const cvy_updater *updater, const cvy_variable *variable, size_t count, float *w)
{
    if (variable->weight_decay > 0)
        updater->loops->decay(count, (float)(updater->update.rate * variable->weight_decay), w);
}

/* Check new weights while they are in the cache. */
static void look_at_weights(const cvy_updater *updater, const cvy_variable *variable, size_t count,
                            const float *w)
{
    cvy_guard *guard = updater->task.guard;

    if (guard != NULL && cvy_guard_is_on(guard))
        cvy_guard_look(guard, &guard->weight, (size_t)(variable - updater->variables), count, w,
                       updater->call);
}

/* The rule updates a copy, and the new weights are stored in one run. All workers have read the old
 * ones, so each cache line must be taken back from the other cores. Doing that line after line
 * takes half as long as between the loads and stores of a rule. */
static void update_elements(const cvy_updater *updater, const cvy_variable *variable, size_t first,
                            size_t count, const float *dw)
{
    enum { FLOATS = 8192 };
    const cvy_update_task *task = &updater->task;
    _Alignas(CVY_CACHE_LINE) float copy[FLOATS];

    for (size_t i = first, end = first + count; i < end; i += FLOATS) {
        const size_t n = end - i < FLOATS ? end - i : FLOATS;
        float *slots[CVY_SLOTS_MAX];
        slots_at(updater, i, slots);
        memcpy(copy, task->weights + i, n * sizeof *copy);
        decay(updater, variable, n, copy);
        task->optimizer->update(task->settings, &updater->update, n, copy, dw + (i - first), slots);
        look_at_weights(updater, variable, n, copy);
        memcpy(task->weights + i, copy, n * sizeof *copy);
    }
}

static void update_whole(const cvy_updater *updater, const cvy_variable *variable, size_t first,
                         size_t count, float *dw, float *scratch)
{
    const cvy_update_task *task = &updater->task;
    float *w = task->weights + first, *slots[CVY_SLOTS_MAX];

    slots_at(updater, first, slots);
    decay(updater, variable, count, w);
    task->optimizer->update_variable(task->settings, &updater->update, variable, task->compute.gemm,
                                     w, dw, slots, scratch);
    look_at_weights(updater, variable, count, w);
}

/* Clip, decay, apply the rule and average, for a part of a variable or all of it. */
static void update_part(const cvy_updater *updater, const cvy_variable *variable, size_t first,
                        size_t count, float factor, float *dw, float *scratch)
{
    if (factor != 1)
        updater->loops->scale(count, factor, dw);
    if (updater->common->clipvalue > 0)
        updater->loops->clip(count, (float)updater->common->clipvalue, dw);
    if (updater->task.optimizer->update_variable != NULL)
        update_whole(updater, variable, first, count, dw, scratch);
    else
        update_elements(updater, variable, first, count, dw);
    average(updater, first, count);
}

void cvy_updater_take_tile(cvy_updater *updater, size_t index, float *dw)
{
    const cvy_tile *tile = &updater->task.tiles[index];
    const cvy_optimizer_settings *common = updater->common;
    const cvy_update_loops *loops = updater->loops;

    if (common->loss_scale_factor > 0)
        loops->divide(tile->count, (float)common->loss_scale_factor, dw);
    if (!updater->is_update) {
        loops->add(tile->count, dw, updater->sums + tile->first);
        average(updater, tile->first, tile->count);
        return;
    }
    if (updater->sums != NULL)
        loops->take_mean(tile->count, (float)common->gradient_accumulation_steps,
                         updater->sums + tile->first, dw);
    if (updater->tile_squares != NULL)
        updater->tile_squares[index] = loops->sum_squares(tile->count, dw);
    if (updater->piece_count == 0)
        update_part(updater, &updater->variables[tile->variable], tile->first, tile->count, 1, dw,
                    NULL);
}

/* --- the second phase --- */

bool cvy_updater_has_pieces(const cvy_updater *updater)
{
    return updater->task.optimizer->update_variable != NULL || updater->tile_squares != NULL;
}

/* Every worker computes the sums for itself; all get the same bits. */
void cvy_updater_enter(cvy_updater *updater, size_t worker)
{
    const cvy_update_task *task = &updater->task;
    const double limit = updater->common->clipnorm, global_limit = updater->common->global_clipnorm;
    double all_squares = 0;

    if (updater->tile_squares == NULL)
        return;
    float *factors = updater->factors + worker * task->variable_count;
    for (size_t t = 0, v = 0; v < task->variable_count; v++) {
        double squares = 0;
        for (; t < task->tile_count && task->tiles[t].variable == v; t++)
            squares += updater->tile_squares[t];
        factors[v] = (float)(limit / fmax(sqrt(squares), limit));
        all_squares += squares;
    }
    if (!(global_limit > 0))
        return;
    /* as in Keras: one infinite gradient makes all gradients NaN */
    const double norm = sqrt(all_squares);
    const double factor = isfinite(norm) ? global_limit / fmax(norm, global_limit) : NAN;
    for (size_t v = 0; v < task->variable_count; v++)
        factors[v] = (float)factor;
}

void cvy_updater_take_piece(cvy_updater *updater, size_t worker, size_t piece)
{
    const cvy_update_task *task = &updater->task;
    const bool is_whole = task->optimizer->update_variable != NULL;
    const size_t v = is_whole ? piece : task->tiles[piece].variable;
    const cvy_variable *variable = &updater->variables[v];
    const float factor =
        updater->factors != NULL ? updater->factors[worker * task->variable_count + v] : 1;
    float *scratch =
        updater->scratch != NULL ? updater->scratch + worker * updater->scratch_floats : NULL;

    if (is_whole)
        update_part(updater, variable, variable->offset, variable->count, factor,
                    task->gradients + variable->offset, scratch);
    else
        update_part(updater, variable, task->tiles[piece].first, task->tiles[piece].count, factor,
                    task->gradients + task->tiles[piece].first, scratch);
}

void cvy_updater_finish(cvy_updater *updater)
{
    const cvy_update_task *task = &updater->task;

    if (updater->averages == NULL)
        return;
    for (size_t i = 0; i < task->variable_count; i++) {
        const cvy_variable *variable = &updater->variables[i];
        memcpy(task->weights + variable->offset, updater->averages + variable->offset,
               variable->count * sizeof(float));
    }
}
