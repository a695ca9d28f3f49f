/* How fast each layer's products are on one core: GFLOP/s and the share of the FMA peak, for the layers of
 * the built-in models, forward and both gradients. The peak is measured in turns with the kernels, by the
 * processor time of the thread, so that neighbours on a shared machine disturb less; the fastest of
 * several tries counts, since everything else only adds to it.
 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "cli/options.h"
#include "harness.h"
#include "model/model.h"
#include "train/infer.h"

/* What a try takes, in floating-point operations: some milliseconds. */
static const double TRY_FLOPS = 3e8;

enum { FORWARD, WEIGHTS, INPUT, CALL_COUNT };

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static float *floats(size_t count)
{
    float *x;

    if (cvy_memory_create(count, sizeof *x, &x) != CVY_OK)
        bench_fail("arrays");
    for (size_t i = 0; i < count; i++)
        x[i] = (float)(i * 2654435761U % 1999) / 1000 - 1;
    return x;
}

/* A layer's arrays for one lane. */
typedef struct {
    const cvy_layer *layer;
    cvy_compute compute;
    cvy_convolution c; /* of a convolution */
    size_t strip_rows;
    float *x, *y, *w, *dw, *dx, *scratch;
} probe;

static const void *setting(const cvy_layer *layer, const char *name)
{
    const cvy_setting *row = cvy_setting_find(layer->kind->kind.settings, name);
    return (const char *)layer->settings + row->offset;
}

static void plan_convolution(probe *p)
{
    const cvy_layer *layer = p->layer;
    const cvy_weight_plan *kernel = &layer->plan.weights[0];

    p->c = (cvy_convolution){ .filters = kernel->dims[3],
                              .groups = layer->in.dims[2] / kernel->dims[2] };
    if (cvy_window_plan(layer->in, kernel->dims, setting(layer, "strides"),
                        setting(layer, "dilation_rate"),
                        *(const int *)setting(layer, "padding") == 1, &p->c.window) != CVY_OK)
        bench_fail(layer->name);
    p->strip_rows = 112 / p->c.window.columns / 2 * 2; /* as layers/convolve.c has it */
    p->strip_rows = p->strip_rows > 0 ? p->strip_rows : 1;
    p->scratch = floats(cvy_convolution_scratch(&p->c, p->c.window.rows));
}

static probe create(const cvy_layer *layer, cvy_compute compute)
{
    const size_t x = cvy_shape_count(layer->in) * CVY_LANE;
    probe p = { .layer = layer,
                .compute = compute,
                .x = floats(x),
                .dx = floats(x),
                .y = floats(cvy_store_row(cvy_shape_count(layer->plan.out)) * CVY_LANE),
                .w = floats(layer->plan.weights[0].count),
                .dw = floats(layer->plan.weights[0].count) };

    if (layer->in.rank == 3)
        plan_convolution(&p);
    return p;
}

static void release(probe *p)
{
    float *const all[] = { p->x, p->y, p->w, p->dw, p->dx, p->scratch };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        cvy_memory_free(all[i]);
}

static void run_dense(const probe *p, int call)
{
    const size_t in = p->layer->in.dims[0], units = p->layer->plan.out.dims[0];
    cvy_gemm *gemm = p->compute.gemm->run;

    if (call == FORWARD)
        gemm(CVY_GEMM_TN, units, CVY_LANE, in, p->w, units, p->x, CVY_LANE, false, p->y, CVY_LANE);
    else if (call == WEIGHTS)
        gemm(CVY_GEMM_NN, in, units, CVY_LANE, p->x, CVY_LANE, p->y, cvy_store_row(units), true,
             p->dw, units);
    else
        gemm(CVY_GEMM_NN, in, CVY_LANE, units, p->w, units, p->y, CVY_LANE, false, p->dx, CVY_LANE);
}

static void run_strip(const probe *p, int call, cvy_range rows)
{
    const cvy_convolution_backend *backend = cvy_convolution_of(&p->compute);
    const cvy_window *w = &p->c.window;
    const size_t plane = w->rows * w->columns * CVY_LANE;
    float *strip = p->y + rows.begin * w->columns * CVY_LANE;

    if (call == FORWARD)
        backend->forward_rows(&p->compute, &p->c, p->x, p->w, NULL, rows, strip, plane, p->scratch);
    else if (call == WEIGHTS)
        backend->add_weight_gradient(&p->compute, &p->c, p->x, strip, plane, rows,
                                     (cvy_range){ 0, p->c.filters }, rows.begin > 0, p->dw,
                                     p->scratch);
    else
        backend->add_input_gradient(&p->compute, &p->c, p->w, strip, plane, rows,
                                    (cvy_range){ 0, w->height }, p->dx, p->scratch);
}

static void run_call(const probe *p, int call)
{
    if (p->layer->in.rank != 3) {
        run_dense(p, call);
        return;
    }
    if (call == INPUT)
        memset(p->dx, 0, cvy_shape_count(p->layer->in) * CVY_LANE * sizeof *p->dx);
    for (size_t row = 0, end; row < p->c.window.rows; row = end) {
        end = row + p->strip_rows < p->c.window.rows ? row + p->strip_rows : p->c.window.rows;
        run_strip(p, call, (cvy_range){ row, end });
    }
}

/* Operations a second, the most of the tries; and of the peak between them. */
static void measure(const probe *p, size_t tries, double rates[CALL_COUNT], double *peak)
{
    const double flops = p->layer->plan.flops * CVY_LANE;
    const size_t rounds = (size_t)(TRY_FLOPS / flops) + 1;
    float result;

    for (size_t i = 0; i < tries; i++) {
        double start = now();
        const double done = p->compute.kernels->fma_peak->run(500000, &result);
        *peak = fmax(*peak, done / (now() - start));
        for (int call = 0; call < CALL_COUNT; call++) {
            start = now();
            for (size_t round = 0; round < rounds; round++)
                run_call(p, call);
            rates[call] = fmax(rates[call], flops * (double)rounds / (now() - start));
        }
    }
}

static void report(const char *model, const cvy_layer *layer, const double *rates, double peak,
                   bool has_dx, json_t *list)
{
    static const char *const names[] = { "forward", "weight_gradient", "input_gradient" };
    char in[32], out[32];
    json_t *object =
        json_pack("{ssssss}", "model", model, "layer", layer->name, "kind", layer->kind->kind.name);

    cvy_shape_print(layer->in, in, sizeof in);
    cvy_shape_print(layer->plan.out, out, sizeof out);
    if (object == NULL || json_object_set_new(object, "peak", json_real(peak)) != 0)
        bench_fail("JSON");
    if (list == NULL)
        printf("%-10s %-10s %13s %13s", model, layer->name, in, out);
    for (int call = 0; call < CALL_COUNT; call++) {
        if (call == INPUT && !has_dx)
            continue;
        if (json_object_set_new(object, names[call], json_real(rates[call])) != 0)
            bench_fail("JSON");
        if (list == NULL)
            printf(" %7.1f %4.0f%%", rates[call] * 1e-9, 100 * rates[call] / peak);
    }
    if (list == NULL)
        printf("%s\n", has_dx ? "" : "       -");
    if (list != NULL && json_array_append(list, object) != 0)
        bench_fail("JSON");
    json_decref(object);
    fflush(stdout);
}

static void measure_model(const char *name, cvy_compute compute, size_t tries, json_t *list)
{
    cvy_model *model;

    if (cvy_model_create(name, &model) != CVY_OK)
        bench_fail(name);
    bool is_first = true; /* nobody needs the gradient of the images */
    for (size_t i = 0; i < model->layer_count; i++) {
        const cvy_layer *layer = &model->layers[i];
        if (layer->plan.flops == 0)
            continue;
        probe p = create(layer, compute);
        double rates[CALL_COUNT] = { 0 }, peak = 0;
        measure(&p, tries, rates, &peak);
        report(name, layer, rates, peak, !is_first, list);
        release(&p);
        is_first = false;
    }
    cvy_model_destroy(model);
}

typedef struct {
    size_t repeats;
    bool json, help;
} bench_options;

#define AT(member) offsetof(bench_options, member)
static const cvy_setting rows[] = {
    { "repeats", CVY_COUNT, AT(repeats), "25", 1, 10000, "tries; the fastest counts", 0, NULL },
    { "json", CVY_BOOL, AT(json), "false", 0, 0, "print JSON, in operations a second", 0, NULL },
    { "help", CVY_BOOL, AT(help), "false", 0, 0, "print this", 0, NULL },
    { 0 },
};

static int print_usage(void)
{
    printf("Usage: bench_layers [OPTIONS] [MODEL]...\nOptions:\n");
    for (const cvy_setting *row = rows; row->name != NULL; row++)
        printf("  --%-12s %s (default %s)\n", row->name, row->help, row->fallback);
    return 0;
}

static void measure_all(const bench_options *o, cvy_compute compute, char **models, size_t count)
{
    static const char *const known[] = { "lenet5", "fast", "mnist-cnn", "cnn-bn", "mlp" };
    json_t *list = o->json ? json_array() : NULL;

    if (!o->json)
        printf("%s loops, %s convolutions, %s products; one thread, GFLOP/s and share of the peak\n"
               "%-10s %-10s %13s %13s %13s %13s %13s\n",
               compute.kernels->name, cvy_convolution_of(&compute)->name, compute.gemm->name,
               "model", "layer", "input", "output", "forward", "dw", "dx");
    for (size_t i = 0; i < (count > 0 ? count : sizeof known / sizeof *known); i++)
        measure_model(count > 0 ? models[i] : known[i], compute, o->repeats, list);
    if (list != NULL && json_dumpf(list, stdout, JSON_INDENT(2)) != 0)
        bench_fail("JSON");
    json_decref(list);
}

int main(int count, char **arguments)
{
    const cvy_option_set set = { rows, &(bench_options){ 0 } };
    const bench_options *o = set.values;
    char **models = arguments + 1;
    size_t model_count;
    cvy_compute compute;

    if (cvy_options_read(&set, 1, models, (size_t)count - 1, &model_count) != CVY_OK) {
        fprintf(stderr, "bench_layers: %s\n", cvy_error_message());
        return 2;
    }
    if (o->help)
        return print_usage();
    if (cvy_compute_choose(&compute) != CVY_OK)
        bench_fail("kernels");
    const unsigned long entered = cvy_compute_enter_worker(&compute);
    measure_all(o, compute, models, model_count);
    cvy_compute_leave_worker(entered);
    return 0;
}
