/* Optimizers without a model: one variable, updated by the code that trains models. */
#include <string.h>

#include "base/memory.h"
#include "convoy/optimizer.h"
#include "schedules/schedule.h"
#include "train/infer.h"
#include "train/update.h"

enum { TILE_FLOATS = 8192 };

struct cvy_optimizer {
    size_t count, calls;
    void *settings;
    cvy_schedule schedule;
    float *weights, *gradients; /* [count], aligned as the loops require */
    cvy_variable variable;
    cvy_tile *tiles;
    cvy_updater updater;
};

static cvy_status check(const char *spec, size_t steps_total, size_t count,
                        cvy_optimizer *const *optimizer)
{
    CVY_REQUIRE(spec);
    CVY_REQUIRE(optimizer);
    if (steps_total < 1)
        return cvy_fail(CVY_ERR_SETTING, "steps_total: found 0, expected at least 1");
    if (count < 1 || count > SIZE_MAX / sizeof(float) - TILE_FLOATS)
        return cvy_fail(CVY_ERR_SETTING, "count: found %zu, expected at least 1", count);
    return CVY_OK;
}

/* Read the requested schedule, or use the optimizer's own learning rate. */
static cvy_status read_rate(cvy_optimizer *o, const cvy_kind *kind, const char *learning_rate,
                            size_t steps_total)
{
    char own[64];

    cvy_setting_print(cvy_setting_find(kind->settings, "learning_rate"), o->settings, own,
                      sizeof own);
    cvy_status status =
        cvy_schedule_read(learning_rate != NULL ? learning_rate : own, &o->schedule);
    if (status == CVY_OK)
        cvy_schedule_start(&o->schedule, (cvy_schedule_run){ 1, steps_total });
    return status;
}

static cvy_status allocate(cvy_optimizer *o, const cvy_optimizer_kind *kind)
{
    const size_t tile_count = (o->count + TILE_FLOATS - 1) / TILE_FLOATS;
    cvy_update_task task = { .optimizer = kind,
                             .settings = o->settings,
                             .threads = 1,
                             .variables = &o->variable,
                             .variable_count = 1,
                             .tile_count = tile_count,
                             .block_floats = o->count };
    cvy_status status = cvy_compute_choose(&task.compute);

    if (status == CVY_OK)
        status = cvy_memory_create(o->count, sizeof *o->weights, &o->weights);
    if (status == CVY_OK)
        status = cvy_memory_create(o->count, sizeof *o->gradients, &o->gradients);
    if (status == CVY_OK)
        status = cvy_memory_create(tile_count, sizeof *o->tiles, &o->tiles);
    for (size_t i = 0; status == CVY_OK && i < tile_count; i++) {
        const size_t first = i * TILE_FLOATS, left = o->count - first;
        o->tiles[i] =
            (cvy_tile){ .first = first, .count = left < TILE_FLOATS ? left : TILE_FLOATS };
    }
    task.tiles = o->tiles;
    task.weights = o->weights;
    task.gradients = o->gradients;
    return status == CVY_OK ? cvy_updater_create(&task, &o->updater) : status;
}

cvy_status cvy_optimizer_create(const char *spec, const char *learning_rate, size_t steps_total,
                                size_t count, cvy_optimizer **optimizer)
{
    const cvy_optimizer_kind *kind;
    cvy_optimizer *o;
    cvy_status status = check(spec, steps_total, count, optimizer);

    if (status == CVY_OK)
        status = cvy_memory_create(1, sizeof *o, &o);
    if (status != CVY_OK)
        return status;
    o->count = count;
    o->variable = (cvy_variable){
        .name = "vector", .path = "vector", .rank = 1, .dims = { count }, .count = count
    };
    status = cvy_optimizer_read(spec, &kind, &o->settings);
    if (status == CVY_OK)
        status = read_rate(o, &kind->kind, learning_rate, steps_total);
    if (status == CVY_OK)
        status = allocate(o, kind);
    if (status == CVY_OK)
        *optimizer = o;
    else
        cvy_optimizer_destroy(o);
    return status;
}

cvy_status cvy_optimizer_update(cvy_optimizer *o, float *weights, const float *gradients)
{
    CVY_REQUIRE(o);
    CVY_REQUIRE(weights);
    CVY_REQUIRE(gradients);
    cvy_updater *updater = &o->updater;

    memcpy(o->weights, weights, o->count * sizeof *weights);
    memcpy(o->gradients, gradients, o->count * sizeof *gradients);
    const unsigned long entered = cvy_compute_enter_worker(&updater->task.compute);
    if (o->calls == 0)
        cvy_updater_start(updater);
    cvy_updater_begin(updater, o->calls, cvy_schedule_rate(&o->schedule, o->calls));
    for (size_t i = 0; i < updater->task.tile_count; i++)
        cvy_updater_take_tile(updater, i, o->gradients + updater->task.tiles[i].first);
    if (updater->piece_count > 0)
        cvy_updater_enter(updater, 0);
    for (size_t i = 0; i < updater->piece_count; i++)
        cvy_updater_take_piece(updater, 0, i);
    cvy_compute_leave_worker(entered);
    o->calls++;
    memcpy(weights, o->weights, o->count * sizeof *weights);
    return CVY_OK;
}

void cvy_optimizer_destroy(cvy_optimizer *o)
{
    if (o == NULL)
        return;
    cvy_updater_release(&o->updater);
    cvy_schedule_release(&o->schedule);
    cvy_memory_free(o->tiles);
    cvy_memory_free(o->gradients);
    cvy_memory_free(o->weights);
    cvy_memory_free(o->settings);
    cvy_memory_free(o);
}
