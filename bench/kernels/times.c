/* Each part of a layer is measured alternately with its ceiling, by the processor time of the
 * thread, so that other processes on a shared machine disturb less. The fastest of several tries
 * counts, since disturbances only add time. The ceiling of a GEMM or convolution is the FMA peak;
 * that of other kernels is a copy of as many bytes in the same level of the cache. */
#include "times.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "convoy/status.h"
#include "model/model.h"
#include "train/infer.h"

/* The work of a try, which takes some milliseconds. */
static const double TRY_FLOPS = 3e8, TRY_BYTES = 1e8;

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "check_kernels: %s: %s\n", what, cvy_error_message());
    exit(1);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static float *floats(size_t count)
{
    float *x;

    if (cvy_memory_create(count > 0 ? count : 1, sizeof *x, &x) != CVY_OK)
        give_up("arrays");
    for (size_t i = 0; i < count; i++)
        x[i] = (float)(i * 2654435761U % 1999) / 1000 - 1;
    return x;
}

/* A layer's arrays for one lane. */
typedef struct {
    const cvy_layer *layer;
    cvy_pass pass;
    size_t strip_rows; /* of a convolution */
    float *x, *y, *weights, *dw, *dx, *dy, *packed, *scratch;
    double *sums;
    void *keep;
    uint8_t *images;
} probe;

static const cvy_dropout_stream stream = { .key = { 1, 2 },
                                           .major = 3,
                                           .purpose = CVY_RANDOM_DROPOUT };

/* About as in layers/convolve.c. */
static size_t rows_of_strip(const cvy_convolution *c)
{
    const size_t columns = c->filters > 0 ? c->window.columns : 1;

    return columns > 56 ? cvy_convolution_tile_rows(c) : 112 / columns / 2 * 2;
}

static probe create(const cvy_layer *layer, cvy_compute compute, const float *weights)
{
    const size_t x = cvy_shape_count(layer->in) * CVY_LANE;
    const size_t y = cvy_store_row(cvy_shape_count(layer->plan.out)) * CVY_LANE;
    const cvy_convolution *c = &layer->plan.convolution;
    const size_t packed = c->filters > 0 ? cvy_convolution_packed(c) : 1;
    size_t trained = CVY_LANE;

    for (size_t w = 0; w < layer->plan.weight_count; w++)
        trained += cvy_whole_lanes(layer->plan.weights[w].count);
    probe p = { .layer = layer,
                .strip_rows = rows_of_strip(c),
                .x = floats(x),
                .dx = floats(x),
                .y = floats(y),
                .dy = floats(y),
                .dw = floats(trained),
                .packed = floats(packed),
                .scratch = floats(layer->plan.scratch_bytes / sizeof(float) + CVY_LANE),
                .keep = floats(layer->plan.keep_bytes / sizeof(float) + CVY_LANE) };
    if (cvy_memory_create(2 * layer->plan.batch_sums + 1, sizeof *p.sums, &p.sums) != CVY_OK)
        give_up("arrays");
    p.pass = (cvy_pass){ .compute = compute,
                         .share = { 0, 1 },
                         .cuts = 1,
                         .is_training = true,
                         .weights = weights,
                         .keep = p.keep,
                         .scratch = p.scratch,
                         .filled = CVY_LANE,
                         .totals = { CVY_LANE, p.sums, p.sums + layer->plan.batch_sums },
                         .dropout = &stream };
    return p;
}

static void release(probe *p)
{
    void *const all[] = {
        p->x, p->y, p->dw, p->dx, p->dy, p->packed, p->scratch, p->sums, p->keep
    };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        cvy_memory_free(all[i]);
}

/* --- the parts that are timed --- */

static const float *kernel_of(const probe *p)
{
    return p->pass.weights + p->layer->weight_offset[0];
}

static void dense_forward(const probe *p)
{
    const size_t in = p->layer->in.dims[0], units = p->layer->plan.out.dims[0];
    p->pass.compute.gemm->run(CVY_GEMM_TN, units, CVY_LANE, in, kernel_of(p), units, p->x, CVY_LANE,
                              false, p->y, CVY_LANE);
}

/* One lane's part of the weight gradient, a sum over the batch. */
static void dense_weights(const probe *p)
{
    const size_t in = p->layer->in.dims[0], units = p->layer->plan.out.dims[0];
    p->pass.compute.gemm->run(CVY_GEMM_NN, in, units, CVY_LANE, p->x, CVY_LANE, p->dy,
                              cvy_store_row(units), true, p->dw, units);
}

static void dense_input(const probe *p)
{
    const size_t in = p->layer->in.dims[0], units = p->layer->plan.out.dims[0];
    p->pass.compute.gemm->run(CVY_GEMM_NN, in, CVY_LANE, units, kernel_of(p), units, p->dy,
                              CVY_LANE, false, p->dx, CVY_LANE);
}

#define FOR_STRIPS(range, p)                                                                       \
    for (cvy_range range = { 0, 0 };                                                               \
         range.begin = range.end, range.end = next_strip(p, range.end), range.begin < range.end;)

static size_t next_strip(const probe *p, size_t begin)
{
    const size_t rows = p->layer->plan.convolution.window.rows;
    const size_t end = begin + (p->strip_rows > 0 ? p->strip_rows : 1);
    return end < rows ? end : rows;
}

static size_t row_floats(const probe *p)
{
    return p->layer->plan.convolution.window.columns * CVY_LANE;
}

static size_t plane_floats(const probe *p)
{
    return p->layer->plan.convolution.window.rows * row_floats(p);
}

static void convolution_forward(const probe *p)
{
    const cvy_convolution *c = &p->layer->plan.convolution;
    const cvy_convolution_backend *backend = cvy_convolution_of(&p->pass.compute);
    const float *packed = backend->pack(c, CVY_PACK_FORWARD, kernel_of(p), p->packed);
    FOR_STRIPS(rows, p)
    backend->forward_rows(&p->pass.compute, c, p->x, packed, NULL, rows,
                          p->y + rows.begin * row_floats(p), plane_floats(p), p->scratch);
}

static void convolution_weights(const probe *p)
{
    const cvy_convolution *c = &p->layer->plan.convolution;
    FOR_STRIPS(rows, p)
    cvy_convolution_of(&p->pass.compute)
        ->add_weight_gradient(&p->pass.compute, c, p->x, p->dy + rows.begin * row_floats(p),
                              plane_floats(p), rows, (cvy_range){ 0, c->filters }, rows.begin > 0,
                              p->dw, p->scratch);
}

static void convolution_input(const probe *p)
{
    const cvy_convolution *c = &p->layer->plan.convolution;
    const cvy_convolution_backend *backend = cvy_convolution_of(&p->pass.compute);
    const float *packed = backend->pack(c, CVY_PACK_INPUT_GRADIENT, kernel_of(p), p->packed);
    memset(p->dx, 0, cvy_shape_count(p->layer->in) * CVY_LANE * sizeof *p->dx);
    FOR_STRIPS(rows, p)
    backend->add_input_gradient(&p->pass.compute, c, packed, p->dy + rows.begin * row_floats(p),
                                plane_floats(p), rows, rows.end == c->window.rows,
                                (cvy_range){ 0, c->window.height }, p->dx, p->scratch);
}

static void any_forward(const probe *p)
{
    const cvy_layer_kind *kind = p->layer->kind;
    if (kind->measure != NULL)
        kind->measure(p->layer, &p->pass, p->x, p->sums);
    kind->forward(p->layer, &p->pass, p->x, p->y);
}

static void any_backward(const probe *p)
{
    const cvy_layer_kind *kind = p->layer->kind;
    const float *x = p->layer->plan.reads_output ? p->y : p->x;
    if (kind->measure_gradient != NULL)
        kind->measure_gradient(p->layer, &p->pass, x, p->dy, p->sums + p->layer->plan.batch_sums);
    kind->backward(p->layer, &p->pass, x, p->dy, p->dx, p->dw);
}

static void take_images(const probe *p)
{
    const cvy_shape in = p->layer->in;
    const size_t pixels = cvy_shape_count(in), channels = in.rank == 3 ? in.dims[2] : 1;
    const uint8_t *image[CVY_LANE];

    for (size_t s = 0; s < CVY_LANE; s++)
        image[s] = p->images + s * pixels;
    p->pass.compute.kernels->lane->gather_images(pixels / channels, channels, 0, pixels / channels,
                                                 image, 1.0F / 255, 0, p->x);
}

static void loss_forward(const probe *p)
{
    float loss[CVY_LANE];
    static const uint16_t label[CVY_LANE] = { 0 };
    p->pass.compute.kernels->softmax->cross_entropy(cvy_shape_count(p->layer->plan.out), p->y,
                                                    label, 0, loss);
}

static void loss_backward(const probe *p)
{
    static const float weight[CVY_LANE] = { 0 };
    static const uint16_t label[CVY_LANE] = { 0 };
    p->pass.compute.kernels->softmax->cross_entropy_back(cvy_shape_count(p->layer->plan.out), p->y,
                                                         label, 0, weight, p->dy);
}

/* --- a line of the table --- */

typedef struct {
    const char *model, *layer, *kind, *part;
    bool is_product;
    double work; /* floating-point operations or bytes per lane */
    void (*run)(const probe *p);
    double rate, ceiling; /* per second */
} line;

/* Measure the FMA peak in operations per second. */
static double peak_once(const probe *p)
{
    float result;
    const double start = now(), done = p->pass.compute.kernels->fma_peak->run(500000, &result);
    return done / (now() - start);
}

/* Measure a copy that reads and writes `bytes` bytes in total, in bytes per second. */
static double copy_once(const probe *p, double bytes, float *from)
{
    const size_t n = cvy_whole_lanes((size_t)bytes / (2 * sizeof(float)));
    const size_t rounds = (size_t)(TRY_BYTES / bytes) + 1;
    const double start = now();

    for (size_t i = 0; i < rounds; i++)
        p->pass.compute.kernels->lane->copy(n, from, from + n);
    return 2 * sizeof(float) * (double)(n * rounds) / (now() - start);
}

static void measure(line *l, const probe *p, size_t repeats)
{
    const size_t rounds = (size_t)((l->is_product ? TRY_FLOPS : TRY_BYTES) / l->work) + 1;
    float *from = l->is_product ? NULL : floats((size_t)l->work / sizeof(float) + 4 * CVY_LANE);

    for (size_t i = 0; i < repeats; i++) {
        l->ceiling = fmax(l->ceiling, l->is_product ? peak_once(p) : copy_once(p, l->work, from));
        const double start = now();
        for (size_t round = 0; round < rounds; round++)
            l->run(p);
        l->rate = fmax(l->rate, l->work * (double)rounds / (now() - start));
    }
    cvy_memory_free(from);
}

/* The destination of lines: the table, or a list. */
typedef struct {
    json_t *list;
    size_t repeats;
} report;

static void print(const report *r, const line *l)
{
    if (r->list == NULL) {
        printf("%-10s %-22s %-16s %8.1f %-8s %5.0f%%\n", l->model, l->layer, l->part,
               l->rate * 1e-9, l->is_product ? "GFLOP/s" : "GB/s", 100 * l->rate / l->ceiling);
        fflush(stdout);
        return;
    }
    json_t *object =
        json_pack("{ss ss ss ss ss sf sf sf}", "model", l->model, "layer", l->layer, "kind",
                  l->kind, "part", l->part, "unit", l->is_product ? "FLOP/s" : "byte/s", "work",
                  l->work, "rate", l->rate, "ceiling", l->ceiling);
    if (object == NULL || json_array_append_new(r->list, object) != 0)
        give_up("JSON");
}

static void report_line(const report *r, line l, const probe *p)
{
    measure(&l, p, r->repeats);
    print(r, &l);
}

static void report_product(const report *r, line l, const probe *p, bool has_dx)
{
    const bool is_convolution = p->layer->in.rank == 3;

    l.is_product = true;
    l.work = p->layer->plan.flops * CVY_LANE;
    l.part = "forward";
    l.run = is_convolution ? convolution_forward : dense_forward;
    report_line(r, l, p);
    l.part = "weight gradient";
    l.run = is_convolution ? convolution_weights : dense_weights;
    report_line(r, l, p);
    l.part = "input gradient";
    l.run = is_convolution ? convolution_input : dense_input;
    if (has_dx)
        report_line(r, l, p);
}

/* Report a layer that is not a product. It must move its input and output, what it keeps from
 * forward to backward, and x or y again if backward reads it; a layer that measures its lanes reads
 * them twice. */
static void report_other(const report *r, line l, const probe *p)
{
    const cvy_layer_plan *plan = &p->layer->plan;
    const double in = sizeof(float) * (double)(cvy_shape_count(p->layer->in) * CVY_LANE);
    const double out = sizeof(float) * (double)(cvy_shape_count(plan->out) * CVY_LANE);
    const double kept = (double)plan->keep_bytes;
    const bool is_measured = p->layer->kind->measure != NULL;

    l.part = "forward";
    l.run = any_forward;
    l.work = in + out + kept + (is_measured ? in : 0);
    report_line(r, l, p);
    l.part = "backward";
    l.run = any_backward;
    l.work = in + out + kept +
             (plan->reads_input    ? in
              : plan->reads_output ? out
                                   : 0) +
             (is_measured ? in + out : 0);
    report_line(r, l, p);
}

static void report_images(const report *r, line l, probe *p)
{
    const size_t bytes = cvy_shape_count(p->layer->in) * CVY_LANE;

    if (cvy_memory_create(bytes, 1, &p->images) != CVY_OK)
        give_up("arrays");
    l.layer = l.kind = "images";
    l.part = "to floats";
    l.run = take_images;
    l.work = (double)bytes * (1 + sizeof(float));
    report_line(r, l, p);
    cvy_memory_free(p->images);
}

static void report_loss(const report *r, line l, const probe *p)
{
    const double bytes = sizeof(float) * (double)(cvy_shape_count(p->layer->plan.out) * CVY_LANE);

    l.layer = l.kind = "cross-entropy";
    l.part = "forward";
    l.run = loss_forward;
    l.work = bytes;
    report_line(r, l, p);
    l.part = "backward";
    l.run = loss_backward;
    l.work = 2 * bytes;
    report_line(r, l, p);
}

static void report_layer(const report *r, const char *model, const cvy_layer *layer,
                         cvy_compute compute, const float *weights, bool is_first, bool is_last)
{
    /* a layer's activation has the layer's name */
    const char *name = layer->is_part_of_previous ? layer->kind->kind.name : layer->name;
    const line l = { .model = model, .layer = name, .kind = layer->kind->kind.name };
    probe p = create(layer, compute, weights);

    if (is_first)
        report_images(r, l, &p);
    if (layer->plan.flops > 0)
        report_product(r, l, &p, !is_first);
    else if (layer->kind->plan_merge == NULL)
        report_other(r, l, &p);
    if (is_last)
        report_loss(r, l, &p);
    release(&p);
}

static void report_model(const report *r, const char *name, cvy_compute compute)
{
    cvy_model *model;

    if (cvy_model_create(name, &model) != CVY_OK)
        give_up(name);
    for (size_t i = 0; i < model->layer_count; i++)
        report_layer(r, name, &model->layers[i], compute, model->weights, i == 0,
                     i + 1 == model->layer_count);
    cvy_model_destroy(model);
}

/* --- the public function --- */

static void print_json(cvy_compute compute, json_t *list)
{
    json_t *all = json_pack("{ss ss ss si so}", "isa", compute.kernels->name, "convolution",
                            cvy_convolution_of(&compute)->name, "gemm", compute.gemm->name,
                            "threads", 1, "lines", list);

    if (all == NULL || json_dumpf(all, stdout, JSON_INDENT(1)) != 0 || putchar('\n') == EOF)
        give_up("JSON");
    json_decref(all);
}

int times_print(char **models, size_t count, size_t repeats, bool is_json)
{
    static const char *const known[] = { "lenet5", "fast", "mnist-cnn", "mlp", "cnn-bn" };
    const report r = { is_json ? json_array() : NULL, repeats };
    cvy_compute compute;

    if (cvy_compute_choose(&compute) != CVY_OK || (is_json && r.list == NULL))
        give_up("kernels");
    const unsigned long entered = cvy_compute_enter_worker(&compute);
    if (!is_json)
        printf("%s loops, %s convolutions, %s products; one thread\n"
               "%-10s %-22s %-16s %8s %-8s %6s\n",
               compute.kernels->name, cvy_convolution_of(&compute)->name, compute.gemm->name,
               "model", "layer", "part", "rate", "", "share");
    for (size_t i = 0; i < (count > 0 ? count : sizeof known / sizeof *known); i++)
        report_model(&r, count > 0 ? models[i] : known[i], compute);
    if (is_json)
        print_json(compute, r.list);
    cvy_compute_leave_worker(entered);
    return 0;
}
