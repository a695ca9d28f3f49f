/* Batch normalization over several lanes, the last of them partly filled: against Keras's numbers
 * and the plain implementation, with every instruction set; its gradients against differences, the
 * batch's statistics included. The lanes' sums are added here in their order, in a step in a tree.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/golden.h"
#include "support/kernel_sets.h"
#include "support/lane_layer.h"
#include "support/numbers.h"
#include "support/plain.h"

enum { LANES_MAX = 6 };

/* The layer in as many lanes as the batch needs; all have the same weights. */
typedef struct {
    size_t samples, lane_count, channels, rows; /* rows: values of a channel in the batch */
    lane_layer lanes[LANES_MAX];
    double *sums, *gradient_sums; /* totals */
    double *x, *dy;               /* as Keras has them: [samples][height][width][channels] */
} batch;

static batch batch_create(const char *spec, cvy_shape in, size_t samples, cvy_compute compute)
{
    batch b = { .samples = samples, .lane_count = cvy_lanes_of(samples) };

    cr_assert(le(sz, b.lane_count, LANES_MAX));
    for (size_t i = 0; i < b.lane_count; i++) {
        b.lanes[i] = lane_layer_create(spec, in, compute);
        const size_t left = samples - i * CVY_LANE;
        b.lanes[i].filled = left < CVY_LANE ? left : CVY_LANE;
    }
    b.channels = in.dims[in.rank - 1];
    b.rows = samples * cvy_shape_count(in) / b.channels;
    b.sums = numbers_doubles(b.lanes[0].layer.plan.batch_sums);
    b.gradient_sums = numbers_doubles(b.lanes[0].layer.plan.batch_sums);
    for (size_t i = 0; i < b.lane_count; i++)
        b.lanes[i].totals = (cvy_batch_totals){ samples, b.sums, b.gradient_sums };
    b.x = numbers_doubles(b.rows * b.channels);
    b.dy = numbers_doubles(b.rows * b.channels);
    return b;
}

static void batch_release(batch *b)
{
    for (size_t i = 0; i < b->lane_count; i++)
        lane_layer_release(&b->lanes[i]);
    free(b->sums);
    free(b->gradient_sums);
    free(b->x);
    free(b->dy);
}

/* Value i of Keras's array in the lanes' arrays, which `member` names. */
static float *place_of(batch *b, float *(*member)(lane_layer *), size_t i)
{
    const size_t count = b->lanes[0].x_count, sample = i / count;
    lane_layer *l = &b->lanes[sample / CVY_LANE];
    return member(l) + lane_place(l->layer.in, i % count, sample % CVY_LANE);
}

static float *member_x(lane_layer *l)
{
    return l->x;
}
static float *member_y(lane_layer *l)
{
    return l->y;
}
static float *member_dy(lane_layer *l)
{
    return l->dy;
}
static float *member_dx(lane_layer *l)
{
    return l->dx;
}

/* x and dy into the lanes. The empty slots hold numbers too, for x such as spoil any sum; their dy
 * is 0, as the loss leaves it. */
static void fill_lanes(batch *b)
{
    for (size_t l = 0; l < b->lane_count; l++)
        for (size_t i = 0; i < b->lanes[l].x_count * CVY_LANE; i++) {
            b->lanes[l].x[i] = 1e6f;
            b->lanes[l].dy[i] = 0;
        }
    for (size_t i = 0; i < b->rows * b->channels; i++) {
        *place_of(b, member_x, i) = (float)b->x[i];
        *place_of(b, member_dy, i) = (float)b->dy[i];
    }
}

static void add_up(batch *b, void (*measure)(lane_layer *, double *), double *totals)
{
    const size_t count = b->lanes[0].layer.plan.batch_sums;
    double *sums = numbers_doubles(count);

    memset(totals, 0, count * sizeof *totals);
    for (size_t l = 0; l < b->lane_count; l++) {
        measure(&b->lanes[l], sums);
        for (size_t i = 0; i < count; i++)
            totals[i] += sums[i];
    }
    free(sums);
}

static void forward(batch *b)
{
    add_up(b, lane_layer_measure, b->sums);
    for (size_t l = 0; l < b->lane_count; l++)
        lane_layer_forward(&b->lanes[l], false);
}

static void backward(batch *b)
{
    add_up(b, lane_layer_measure_gradient, b->gradient_sums);
    for (size_t l = 0; l < b->lane_count; l++)
        lane_layer_backward(&b->lanes[l], false, true);
}

/* What the lanes have, in Keras's order. */
static float *collect(batch *b, float *(*member)(lane_layer *))
{
    float *values = numbers_floats(b->rows * b->channels);

    for (size_t i = 0; i < b->rows * b->channels; i++)
        values[i] = *place_of(b, member, i);
    return values;
}

static const float *weight_of(const batch *b, size_t weight, const float *block)
{
    return block + b->lanes[0].layer.weight_offset[weight];
}

/* What backward leaves in the empty slots goes into no gradient. */
static void expect_empty_slots_zero(const batch *b, const char *what)
{
    const lane_layer *last = &b->lanes[b->lane_count - 1];

    for (size_t i = 0; i < last->x_count * CVY_LANE; i++)
        if (i % CVY_LANE >= last->filled)
            cr_assert(last->dx[i] == 0, "%s: dx of an empty slot", what);
}

/* --- against Keras --- */

static void print_spec(const json_t *config, char *text, size_t size)
{
    const char *key;
    json_t *value;
    size_t length = (size_t)snprintf(text, size, "batch_normalization");

    json_object_foreach((json_t *)config, key, value)
    {
        char *number = json_dumps(value, JSON_ENCODE_ANY);
        length += (size_t)snprintf(text + length, size - length, "%c%s=%s",
                                   strchr(text, ':') == NULL ? ':' : ',', key, number);
        free(number);
    }
}

static void take_array(const json_t *golden, const char *key, size_t count, double *values)
{
    size_t found;
    double *numbers = golden_numbers(golden, key, &found);

    cr_assert(eq(sz, found, count), "%s", key);
    memcpy(values, numbers, count * sizeof *values);
    free(numbers);
}

static void take_weights(batch *b, const json_t *golden)
{
    const cvy_layer *layer = &b->lanes[0].layer;
    double *values = numbers_doubles(b->channels);

    for (size_t w = 0; w < layer->plan.weight_count; w++) {
        take_array(golden, layer->plan.weights[w].name, b->channels, values);
        for (size_t l = 0; l < b->lane_count; l++)
            for (size_t c = 0; c < b->channels; c++)
                b->lanes[l].weights[layer->weight_offset[w] + c] = (float)values[c];
    }
    free(values);
}

static void expect_golden(const json_t *golden, const char *key, size_t count, const float *found,
                          const char *what)
{
    double *values = numbers_doubles(count);

    for (size_t i = 0; i < count; i++)
        values[i] = (double)found[i];
    golden_compare(golden, key, values, 2e-6, what);
    free(values);
}

static void expect_golden_lanes(batch *b, float *(*member)(lane_layer *), const json_t *golden,
                                const char *key)
{
    float *found = collect(b, member);

    expect_golden(golden, key, b->rows * b->channels, found, golden_text(golden, "name"));
    free(found);
}

static void compare_with_keras(const json_t *golden, cvy_compute compute)
{
    size_t dims[4] = { 0 };
    const size_t rank = json_array_size(golden_member(golden, "x_shape"));
    const char *name = golden_text(golden, "name");
    char spec[256], key[64];

    golden_sizes(golden, "x_shape", rank, dims);
    print_spec(golden_member(golden, "config"), spec, sizeof spec);
    const cvy_shape in = { rank - 1, { dims[1], dims[2], dims[3] } };
    batch b = batch_create(spec, in, dims[0], compute);
    const cvy_layer *layer = &b.lanes[0].layer;
    take_weights(&b, golden);
    take_array(golden, "x", b.rows * b.channels, b.x);
    take_array(golden, "dy", b.rows * b.channels, b.dy);
    fill_lanes(&b);

    forward(&b);
    expect_golden_lanes(&b, member_y, golden, "y");
    backward(&b);
    expect_golden_lanes(&b, member_dx, golden, "dx");
    expect_empty_slots_zero(&b, name);
    for (size_t l = 0; l < b.lane_count; l++) { /* each lane has the weights itself */
        layer->kind->update_state(layer, &b.lanes[l].totals, b.lanes[l].weights);
        lane_layer_infer(&b.lanes[l]);
    }
    expect_golden_lanes(&b, member_y, golden, "y_inference");
    for (size_t w = 0; w < layer->plan.weight_count; w++) {
        const cvy_weight_plan *weight = &layer->plan.weights[w];
        snprintf(key, sizeof key, weight->is_state ? "%s_after" : "d%s", weight->name);
        expect_golden(golden, key, b.channels,
                      weight_of(&b, w, weight->is_state ? b.lanes[0].weights : b.lanes[0].dw),
                      name);
    }
    batch_release(&b);
}

Test(batch_normalization, is_keras_batch_normalization)
{
    json_t *golden = golden_open("layers.json"), *normalization;
    const cvy_kernels *set;
    size_t i;

    cr_assert(ge(sz, json_array_size(json_object_get(golden, "normalizations")), 8));
    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++)
        json_array_foreach(json_object_get(golden, "normalizations"), i, normalization)
            compare_with_keras(normalization, (cvy_compute){ set, gemm_backend(0), NULL });
    json_decref(golden);
}

/* --- against the plain implementation --- */

typedef struct {
    const char *spec;
    cvy_shape in;
    size_t samples;
} batch_case;

static const batch_case cases[] = {
    { "batch_normalization", { 3, { 5, 4, 3 } }, 16 },
    { "batch_normalization", { 3, { 5, 4, 3 } }, 41 },
    { "batch_normalization:epsilon=0.1", { 1, { 9 } }, 33 },
    { "batch_normalization:scale=false", { 3, { 2, 2, 5 } }, 17 },
    { "batch_normalization:center=false", { 1, { 4 } }, 3 },
    { "batch_normalization:center=false,scale=false", { 3, { 1, 3, 2 } }, 20 },
    { "batch_normalization:axis=3", { 3, { 3, 3, 2 } }, 1 },
    { "batch_normalization:axis=1", { 1, { 40 } }, 80 },
};
enum { CASE_COUNT = sizeof cases / sizeof *cases };

/* Channels of unlike means and spreads; some of them far from 0, as behind a relu. */
static void fill_case(batch *b)
{
    float *noise = numbers_floats(2 * b->rows * b->channels);

    numbers_fill_uniform(5, -1, 1, 2 * b->rows * b->channels, noise);
    for (size_t i = 0; i < b->rows * b->channels; i++) {
        const double spread = 0.5 + (double)(i % b->channels % 3);
        b->x[i] = (double)(float)(spread * (double)noise[2 * i] + (double)(i % b->channels) - 1.5);
        b->dy[i] = (double)noise[2 * i + 1];
    }
    free(noise);
    fill_lanes(b);
}

static void expect_close(size_t n, const float *found, const double *expected, const char *spec,
                         const char *what, const cvy_kernels *set)
{
    numbers_expect_near(n, found, expected, 0, 2e-6 * fmax(1, numbers_largest(n, expected)),
                        "%s: %s by %s", spec, what, set->name);
}

static double *widen(size_t n, const float *x)
{
    double *wide = numbers_doubles(n);

    for (size_t i = 0; i < n; i++)
        wide[i] = (double)x[i];
    return wide;
}

static void compare_with_plain(const batch_case *c, cvy_compute compute)
{
    batch b = batch_create(c->spec, c->in, c->samples, compute);
    const size_t n = b.rows * b.channels;
    const bool has_gamma = *(const bool *)layer_setting(&b.lanes[0].layer, "scale");
    const bool has_beta = *(const bool *)layer_setting(&b.lanes[0].layer, "center");
    const double epsilon = *(const double *)layer_setting(&b.lanes[0].layer, "epsilon");
    double *mean = numbers_doubles(b.channels), *variance = numbers_doubles(b.channels);
    double *dgamma = numbers_doubles(b.channels), *dbeta = numbers_doubles(b.channels);
    double *y = numbers_doubles(n), *dx = numbers_doubles(n);
    double *gamma = has_gamma ? widen(b.channels, weight_of(&b, 0, b.lanes[0].weights)) : NULL;
    double *beta =
        has_beta ? widen(b.channels, weight_of(&b, has_gamma, b.lanes[0].weights)) : NULL;

    fill_case(&b);
    plain_moments(b.rows, b.channels, b.x, mean, variance);
    plain_normalize(b.rows, b.channels, b.x, mean, variance, epsilon, gamma, beta, y);
    plain_normalize_backward(b.rows, b.channels, b.x, epsilon, gamma, b.dy, dx, dgamma, dbeta);
    forward(&b);
    backward(&b);

    float *found_y = collect(&b, member_y), *found_dx = collect(&b, member_dx);
    expect_close(n, found_y, y, c->spec, "y", compute.kernels);
    expect_close(n, found_dx, dx, c->spec, "dx", compute.kernels);
    if (has_gamma)
        expect_close(b.channels, weight_of(&b, 0, b.lanes[0].dw), dgamma, c->spec, "dgamma",
                     compute.kernels);
    if (has_beta)
        expect_close(b.channels, weight_of(&b, has_gamma, b.lanes[0].dw), dbeta, c->spec, "dbeta",
                     compute.kernels);
    expect_empty_slots_zero(&b, c->spec);
    double *const all[] = { mean, variance, dgamma, dbeta, y, dx, gamma, beta };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
    free(found_y);
    free(found_dx);
    batch_release(&b);
}

Test(batch_normalization, agrees_with_the_plain_implementation)
{
    const cvy_kernels *set;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++)
        for (size_t i = 0; i < CASE_COUNT; i++)
            compare_with_plain(&cases[i], (cvy_compute){ set, gemm_backend(0), NULL });
}

/* --- against differences --- */

/* The sum of y times dy over the batch: every x has a part in every y of its channel. */
static double objective(batch *b)
{
    double sum = 0;

    forward(b);
    for (size_t i = 0; i < b->rows * b->channels; i++)
        sum += (double)*place_of(b, member_y, i) * b->dy[i];
    return sum;
}

/* The error of the central difference: h^2 / 6 times the third derivative, some 10 for these
 * spreads, and the rounding of some hundred y of about 1, 1e-6 by 2 h. */
static double difference(batch *b, float *number)
{
    const float h = 0.01f, before = *number;

    *number = before + h;
    const float width = *number - (before - h);
    const double above = objective(b);
    *number = before - h;
    const double below = objective(b);
    *number = before;
    return (above - below) / (double)width;
}

Test(batch_normalization, gradients_agree_with_differences)
{
    cvy_compute compute = { NULL, gemm_backend(0), NULL };

    cr_assert(eq(int, cvy_kernels_choose(&compute.kernels), CVY_OK));
    for (size_t i = 0; i < CASE_COUNT; i++) {
        batch b = batch_create(cases[i].spec, cases[i].in, cases[i].samples, compute);
        const size_t n = b.rows * b.channels;
        fill_case(&b);
        forward(&b);
        backward(&b);
        for (size_t x = 0; x < n; x += 1 + n / 60) {
            const double slope = difference(&b, place_of(&b, member_x, x));
            cr_expect(fabs(slope - (double)*place_of(&b, member_dx, x)) < 1e-3,
                      "%s: dx %zu: %g, %g", cases[i].spec, x, slope,
                      (double)*place_of(&b, member_dx, x));
        }
        for (size_t w = 0; w < cvy_trained_count(&b.lanes[0].layer.plan); w++)
            for (size_t c = 0; c < b.channels; c++) {
                double slope = 0;
                const float found = weight_of(&b, w, b.lanes[0].dw)[c];
                for (size_t l = 0; l < b.lane_count; l++) /* each lane has the weights itself */
                    slope += difference(&b, (float *)weight_of(&b, w, b.lanes[l].weights) + c);
                cr_expect(fabs(slope - (double)found) < 2e-3, "%s: weight %zu, %zu: %g, %g",
                          cases[i].spec, w, c, slope, (double)found);
            }
        batch_release(&b);
    }
}

/* Far from 0 the mean of the squares less the square of the mean loses digits; in double precision
 * there are enough of them. */
Test(batch_normalization, a_large_mean_costs_no_digits)
{
    const cvy_kernels *set;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++) {
        batch b =
            batch_create("batch_normalization:scale=false,center=false,epsilon=1e-12",
                         (cvy_shape){ 1, { 1 } }, 32, (cvy_compute){ set, gemm_backend(0), NULL });
        for (size_t i = 0; i < 32; i++)
            b.x[i] = 4096 + (i % 2 == 0 ? 0.25 : -0.25);
        fill_lanes(&b);
        forward(&b);
        for (size_t i = 0; i < 32; i++)
            cr_expect(fabs((double)*place_of(&b, member_y, i) - (i % 2 == 0 ? 1 : -1)) < 1e-6,
                      "%s: %g", set->name, (double)*place_of(&b, member_y, i));
        batch_release(&b);
    }
}
