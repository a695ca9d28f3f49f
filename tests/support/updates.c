#include "support/updates.h"

#include <criterion/criterion.h>
#include <math.h>

#include "base/memory.h"
#include "support/golden.h"

static void read_variable(updates *u, const json_t *entry)
{
    const json_t *shape = golden_member(entry, "shape");
    cvy_variable *variable = &u->variables[u->variable_count++];

    *variable = (cvy_variable){ .name = golden_text(entry, "name"),
                                .rank = json_array_size(shape),
                                .count = 1,
                                .offset = u->block_floats };
    golden_sizes(entry, "shape", variable->rank, variable->dims);
    for (size_t i = 0; i < variable->rank; i++)
        variable->count *= variable->dims[i];
    snprintf(variable->path, sizeof variable->path, "%s/%s", golden_text(entry, "layer"),
             variable->name);
    u->block_floats += cvy_whole_lanes(variable->count);
    u->count += variable->count;
}

static void cut_tiles(updates *u, size_t tile_floats)
{
    for (size_t v = 0; v < u->variable_count; v++) {
        const cvy_variable *variable = &u->variables[v];
        const size_t step = tile_floats > 0 ? tile_floats : variable->count;
        for (size_t i = 0; i < variable->count; i += step) {
            const size_t left = variable->count - i;
            cr_assert_lt(u->tile_count, UPDATES_TILES);
            u->tiles[u->tile_count++] = (cvy_tile){ .variable = v,
                                                    .first = variable->offset + i,
                                                    .count = left < step ? left : step };
        }
    }
}

static void place_weights(updates *u, const json_t *initial)
{
    size_t i = 0;

    cr_assert_eq(json_array_size(initial), u->count);
    cr_assert_eq(cvy_memory_create(u->count, sizeof *u->place, &u->place), CVY_OK);
    cr_assert_eq(cvy_memory_create(u->block_floats, sizeof(float), &u->weights), CVY_OK);
    cr_assert_eq(cvy_memory_create(u->block_floats, sizeof(float), &u->gradients), CVY_OK);
    for (size_t v = 0; v < u->variable_count; v++)
        for (size_t j = 0; j < u->variables[v].count; j++, i++) {
            u->place[i] = u->variables[v].offset + j;
            u->weights[u->place[i]] = (float)json_number_value(json_array_get(initial, i));
        }
}

void updates_begin(updates *u, const char *spec, const char *rate, const json_t *variables,
                   const json_t *initial, update_way way)
{
    const cvy_optimizer_kind *kind;
    cvy_compute compute;
    char own_rate[64];

    *u = (updates){ 0 };
    for (size_t i = 0; i < json_array_size(variables); i++)
        read_variable(u, json_array_get(variables, i));
    cut_tiles(u, way.tile_floats);
    place_weights(u, initial);
    cr_assert_eq(cvy_optimizer_read(spec, &kind, &u->settings), CVY_OK, "%s", cvy_error_message());
    cvy_setting_print(kind->kind.settings, u->settings, own_rate, sizeof own_rate);
    cr_assert_eq(cvy_schedule_read(rate != NULL ? rate : own_rate, &u->schedule), CVY_OK, "%s",
                 cvy_error_message());
    cr_assert_eq(cvy_kernels_choose(&compute.kernels), CVY_OK);
    cr_assert_eq(cvy_gemm_choose(&compute.gemm), CVY_OK);
    cr_assert_eq(cvy_convolution_choose(&compute.convolution), CVY_OK);
    if (way.kernels != NULL)
        compute.kernels = way.kernels;
    const cvy_update_task task = { .optimizer = kind,
                                   .settings = u->settings,
                                   .compute = compute,
                                   .threads = way.workers > 0 ? way.workers : 1,
                                   .variables = u->variables,
                                   .variable_count = u->variable_count,
                                   .tiles = u->tiles,
                                   .tile_count = u->tile_count,
                                   .block_floats = u->block_floats,
                                   .weights = u->weights,
                                   .gradients = u->gradients };
    cr_assert_eq(cvy_updater_create(&task, &u->updater), CVY_OK);
    cvy_updater_start(&u->updater);
}

void updates_end(updates *u)
{
    cvy_updater_release(&u->updater);
    cvy_schedule_release(&u->schedule);
    cvy_memory_free(u->settings);
    cvy_memory_free(u->place);
    cvy_memory_free(u->weights);
    cvy_memory_free(u->gradients);
}

/* Tiles and pieces from the last to the first: the order must not matter. */
void updates_call(updates *u, const json_t *gradient)
{
    cvy_updater *updater = &u->updater;
    const size_t workers = updater->task.threads;

    cr_assert_eq(json_array_size(gradient), u->count);
    for (size_t i = 0; i < u->count; i++)
        u->gradients[u->place[i]] = (float)json_number_value(json_array_get(gradient, i));
    cvy_updater_begin(updater, u->calls, cvy_schedule_rate(&u->schedule, u->calls));
    u->calls++;
    for (size_t t = u->tile_count; t-- > 0;)
        cvy_updater_take_tile(updater, t, u->gradients + updater->task.tiles[t].first);
    if (updater->piece_count == 0)
        return;
    for (size_t worker = 0; worker < workers; worker++)
        cvy_updater_enter(updater, worker);
    for (size_t i = updater->piece_count; i-- > 0;)
        cvy_updater_take_piece(updater, i % workers, i);
}
