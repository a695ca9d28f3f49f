/* The speed of updates: nanoseconds per parameter, and the share of the memory bandwidth measured
 * in the same run, on a block of parameters far larger than the caches. Every point is repeated,
 * repeats of different thread counts alternate, and the median counts. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/team.h"
#include "cli/options.h"
#include "harness.h"
#include "train/infer.h"
#include "train/update.h"

enum { THREADS_MAX = 64, REPEATS_MAX = 100, TILE_FLOATS = 8192, CALLS = 3 };

/* An optimizer, and the bytes per parameter that it reads and writes: 12 for the weight (read and
 * written) and its gradient, plus 8 for each value of state. */
typedef struct {
    const char *spec;
    size_t bytes;
    bool is_whole; /* works on whole variables, so it is not limited by its bytes */
} point;

static const point points[] = {
    { "sgd", 12, false },
    { "sgd:momentum=0.9", 20, false },
    { "sgd:momentum=0.9,nesterov=true", 20, false },
    { "adagrad", 20, false },
    { "rmsprop", 20, false },
    { "rmsprop:momentum=0.9,centered=true", 36, false },
    { "adam", 28, false },
    { "adam:amsgrad=true", 36, false },
    { "adamw", 28, false },
    { "adadelta", 28, false },
    { "adamax", 28, false },
    { "nadam", 28, false },
    { "ftrl", 28, false },
    { "lion", 20, false },
    { "schedule_free_adamw", 28, false },
    { "lamb", 28, true },
    { "adafactor", 12, true },
    { "muon", 20, true },
};
enum { POINT_COUNT = sizeof points / sizeof *points };

/* The block, cut into tiles like in training: square matrices, so that workers can share the
 * variables of a rule that needs whole ones. */
typedef struct {
    size_t variable_count, tile_count, block_floats;
    cvy_variable *variables;
    cvy_tile *tiles;
    float *weights, *gradients;
} block;

static void add_tiles(block *b, size_t v)
{
    const cvy_variable *variable = &b->variables[v];

    for (size_t i = 0; i < variable->count; i += TILE_FLOATS) {
        const size_t left = variable->count - i;
        b->tiles[b->tile_count++] = (cvy_tile){ .variable = v,
                                                .first = variable->offset + i,
                                                .count = left < TILE_FLOATS ? left : TILE_FLOATS };
    }
}

static void block_create(block *b, size_t parameters, size_t side)
{
    const size_t matrix = side * side;

    *b = (block){ .variable_count = (parameters + matrix - 1) / matrix };
    b->block_floats = b->variable_count * matrix;
    const size_t tiles = b->variable_count * (matrix / TILE_FLOATS + 1);
    if (cvy_memory_create(b->variable_count, sizeof *b->variables, &b->variables) != CVY_OK ||
        cvy_memory_create(tiles, sizeof *b->tiles, &b->tiles) != CVY_OK ||
        cvy_memory_create(b->block_floats, sizeof(float), &b->weights) != CVY_OK ||
        cvy_memory_create(b->block_floats, sizeof(float), &b->gradients) != CVY_OK)
        bench_fail("block");
    for (size_t v = 0; v < b->variable_count; v++) {
        b->variables[v] = (cvy_variable){ .name = "kernel",
                                          .path = "dense/kernel",
                                          .rank = 2,
                                          .dims = { side, side },
                                          .count = matrix,
                                          .offset = v * matrix };
        add_tiles(b, v);
    }
    for (size_t i = 0; i < b->block_floats; i++) {
        b->weights[i] = (float)(i % 1009) / 1009 - 0.5f;
        b->gradients[i] = (float)(i % 997) / 997 - 0.5f;
    }
}

static void block_release(block *b)
{
    cvy_memory_free(b->variables);
    cvy_memory_free(b->tiles);
    cvy_memory_free(b->weights);
    cvy_memory_free(b->gradients);
}

typedef struct {
    cvy_updater *updater;
    size_t *call;
} updates;

/* One worker's share of CALLS calls. The gradient is not reset; a rule may overwrite it. */
static void run_worker(void *context, cvy_team *team, size_t worker)
{
    const updates *u = context;
    cvy_updater *updater = u->updater;
    const size_t tiles = updater->task.tile_count;

    cvy_compute_enter_worker(&updater->task.compute);
    for (size_t i = 0; i < CALLS; i++) {
        if (worker == 0)
            cvy_updater_begin(updater, (*u->call)++, 0.001);
        cvy_team_meet(team, worker);
        const size_t pieces = updater->piece_count;
        for (size_t t; (t = cvy_team_take(team, worker, tiles)) < tiles;)
            cvy_updater_take_tile(updater, t,
                                  updater->task.gradients + updater->task.tiles[t].first);
        cvy_team_meet(team, worker);
        if (pieces > 0)
            cvy_updater_enter(updater, worker);
        for (size_t p; (p = cvy_team_take(team, worker, pieces)) < pieces;)
            cvy_updater_take_piece(updater, worker, p);
        cvy_team_meet(team, worker);
    }
}

static cvy_status lead(void *context, cvy_team *team)
{
    cvy_team_do(team, run_worker, context);
    return CVY_OK;
}

/* Return the seconds per call. */
static double time_calls(cvy_updater *updater, size_t threads, size_t *call)
{
    const double start = cvy_clock_seconds();

    if (cvy_team_run(threads, CVY_BIND_NONE, lead, &(updates){ updater, call }) != CVY_OK)
        bench_fail("team");
    return (cvy_clock_seconds() - start) / CALLS;
}

static void choose_kind(const char *spec, cvy_update_task *task, void *settings)
{
    if (cvy_compute_choose(&task->compute) != CVY_OK ||
        cvy_optimizer_read(spec, &task->optimizer, settings) != CVY_OK)
        bench_fail(spec);
}

typedef struct {
    size_t threads, repeats, parameters, side;
    bool help;
} bench_options;

static void print_point(const point *p, size_t threads, const block *b, double seconds,
                        double slowest, double fastest, double bandwidth)
{
    const double count = (double)b->block_floats, scale = 1e9 / count;
    const double rate = (double)p->bytes * count / seconds;

    printf("%-36s %7zu %8.3f %8.3f %8.3f %6zu %8.1f %9.1f %7.0f%%%s\n", p->spec, threads,
           seconds * scale, fastest * scale, slowest * scale, p->bytes, rate * 1e-9,
           bandwidth * 1e-9, 100 * rate / bandwidth, p->is_whole ? "  whole variables" : "");
    fflush(stdout);
}

static void measure(const point *p, const bench_options *o)
{
    static double seconds[THREADS_MAX + 1][REPEATS_MAX];
    double bandwidth[THREADS_MAX + 1] = { 0 };
    void *settings;
    block b;
    cvy_updater updater;
    size_t call = 0;

    block_create(&b, o->parameters, o->side);
    cvy_update_task task = { .threads = o->threads,
                             .variables = b.variables,
                             .variable_count = b.variable_count,
                             .tiles = b.tiles,
                             .tile_count = b.tile_count,
                             .block_floats = b.block_floats,
                             .weights = b.weights,
                             .gradients = b.gradients };
    choose_kind(p->spec, &task, &settings);
    task.settings = settings;
    if (cvy_updater_create(&task, &updater) != CVY_OK)
        bench_fail(p->spec);
    for (size_t repeat = 0; repeat < o->repeats; repeat++)
        for (size_t threads = 1; threads <= o->threads; threads++) {
            const double found = bench_bandwidth(threads, o->parameters);
            bandwidth[threads] = fmax(bandwidth[threads], found);
            seconds[threads][repeat] = time_calls(&updater, threads, &call);
        }
    for (size_t threads = 1; threads <= o->threads; threads++) {
        const double median = bench_median(seconds[threads], o->repeats);
        print_point(p, threads, &b, median, seconds[threads][o->repeats - 1], seconds[threads][0],
                    bandwidth[threads]);
    }
    cvy_updater_release(&updater);
    cvy_memory_free(settings);
    block_release(&b);
}

#define AT(member) offsetof(bench_options, member)
static const cvy_setting rows[] = {
    { "threads", CVY_COUNT, AT(threads), "2", 1, THREADS_MAX, "measure with 1 to N threads", 0,
      NULL },
    { "repeats", CVY_COUNT, AT(repeats), "7", 1, REPEATS_MAX, "repeats of every point", 0, NULL },
    { "parameters", CVY_COUNT, AT(parameters), "10000000", 1, 1e9,
      "least number of parameters of the block", 0, NULL },
    { "side", CVY_COUNT, AT(side), "1024", 16, 32768, "rows and columns of the block's matrices", 0,
      NULL },
    { "help", CVY_BOOL, AT(help), "false", 0, 0, "print this", 0, NULL },
    { 0 },
};

static int print_usage(void)
{
    printf("Usage: bench_optimizers [OPTIONS] [SPEC]...\nWithout a SPEC:");
    for (size_t i = 0; i < POINT_COUNT; i++)
        printf(" %s", points[i].spec);
    printf("\nOptions:\n");
    for (const cvy_setting *row = rows; row->name != NULL; row++)
        printf("  --%-12s %s (default %s)\n", row->name, row->help, row->fallback);
    return 0;
}

/* Find the bytes of a spec: in the list, or by counting its values of state. */
static point find_point(const char *spec)
{
    const cvy_optimizer_kind *kind;
    void *settings;

    for (size_t i = 0; i < POINT_COUNT; i++)
        if (strcmp(points[i].spec, spec) == 0)
            return points[i];
    if (cvy_optimizer_read(spec, &kind, &settings) != CVY_OK)
        bench_fail("bench_optimizers");
    const point found = { spec, 12 + 8 * cvy_slot_count(kind, settings), kind->update == NULL };
    cvy_memory_free(settings);
    return found;
}

int main(int count, char **arguments)
{
    const cvy_option_set set = { rows, &(bench_options){ 0 } };
    const bench_options *o = set.values;
    char **specs = arguments + 1;
    size_t spec_count;

    if (cvy_options_read(&set, 1, specs, (size_t)count - 1, &spec_count) != CVY_OK) {
        fprintf(stderr, "bench_optimizers: %s\n", cvy_error_message());
        return 2;
    }
    if (o->help)
        return print_usage();
    printf("%-36s %7s %8s %8s %8s %6s %8s %9s %8s\n", "optimizer", "threads", "ns", "fastest",
           "slowest", "bytes", "GB/s", "bandwidth", "share");
    for (size_t i = 0; i < (spec_count > 0 ? spec_count : POINT_COUNT); i++) {
        const point p = spec_count > 0 ? find_point(specs[i]) : points[i];
        measure(&p, o);
    }
    return 0;
}
