/* An optimizer at work on variables of a golden file, without a model: gradients go in, weights come
 * out. */
#ifndef TESTS_SUPPORT_UPDATES_H
#define TESTS_SUPPORT_UPDATES_H

#include <jansson.h>

#include "schedules/schedule.h"
#include "train/update.h"

enum { UPDATES_VARIABLES = 8, UPDATES_TILES = 128 };

typedef struct {
    cvy_updater updater;
    cvy_schedule schedule;
    void *settings;
    cvy_variable variables[UPDATES_VARIABLES];
    cvy_tile tiles[UPDATES_TILES];
    size_t variable_count, tile_count, block_floats;
    size_t count;  /* weights of all variables, without the gaps between them */
    size_t *place; /* [count] of each in the block */
    size_t calls;
    float *weights, *gradients;
} updates;

/* Who does the work, and in which parts. */
typedef struct {
    const cvy_kernels *kernels; /* NULL: the best */
    size_t tile_floats;         /* a multiple of CVY_LANE; 0: a variable is one tile */
    size_t workers;             /* that take turns with the pieces; 0: one */
} update_way;

/** variables: [{"layer": ..., "name": ..., "shape": [...]}, ...]; initial: the weights of all of
 *  them, one after another; rate: a number or a schedule, NULL for the optimizer's own. Whatever is
 *  wrong fails the test. Released with updates_end(). */
void updates_begin(updates *u, const char *spec, const char *rate, const json_t *variables,
                   const json_t *initial, update_way way);
void updates_end(updates *u);

/** The next call, with a gradient in the order of `initial`. */
void updates_call(updates *u, const json_t *gradient);

static inline float updates_weight(const updates *u, size_t i)
{
    return u->weights[u->place[i]];
}

#endif
