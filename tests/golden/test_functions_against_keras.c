/* Activations, losses, metrics and constraints against Keras (functions.json), which computed them in
 * float64: convoy's float32 is found within 1e-6 of them, relative to the larger of the number and
 * 1; a few times that is allowed. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "layers/activation.h"
#include "layers/constraint.h"
#include "metrics/metric.h"
#include "support/golden.h"
#include "support/kernel_sets.h"
#include "support/lane_layer.h"

static const double tolerance = 5e-6;

static void expect_near(double found, double wanted, const char *spec, const char *what, size_t i)
{
    cr_expect_float_eq(found, wanted, tolerance * fmax(1, fabs(wanted)),
                       "%s: %s %zu: found %.9g, expected %.9g", spec, what, i, found, wanted);
}

/* Runs `check` on each entry of a list, of which there must be some. */
static void for_each(const char *list, size_t least, void (*check)(const json_t *item))
{
    json_t *golden = golden_open("functions.json");
    const json_t *items = golden_member(golden, list);

    cr_expect_geq(json_array_size(items), least);
    for (size_t i = 0; i < json_array_size(items); i++)
        check(json_array_get(items, i));
    json_decref(golden);
}

static void run_activation(const json_t *item, const cvy_kernels *kernels)
{
    const char *spec = golden_text(item, "spec");
    size_t x_count, y_count;
    double *x = golden_numbers(item, "x", &x_count), *y = golden_numbers(item, "y", &y_count);
    double *dy = golden_numbers(item, "dy", NULL), *dx = golden_numbers(item, "dx", NULL);
    lane_layer l = lane_layer_create(spec, (cvy_shape){ 1, { x_count } },
                                     (cvy_compute){ kernels, gemm_backend(0), NULL });

    cr_assert_eq(l.y_count, y_count);
    for (size_t i = 0; i < x_count * CVY_LANE; i++)
        l.x[i] = (float)x[i / CVY_LANE];
    for (size_t i = 0; i < y_count * CVY_LANE; i++)
        l.dy[i] = (float)dy[i / CVY_LANE];
    lane_layer_forward(&l, false);
    lane_layer_backward(&l, false, true);
    for (size_t i = 0; i < y_count; i++)
        expect_near((double)l.y[i * CVY_LANE + 5], y[i], spec, "y", i);
    for (size_t i = 0; i < x_count; i++)
        expect_near((double)l.dx[i * CVY_LANE + 9], dx[i], spec, "dx", i);
    lane_layer_release(&l);
    free(x);
    free(y);
    free(dy);
    free(dx);
}

static void check_activation(const json_t *item)
{
    const cvy_kernels *set;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++)
        run_activation(item, set);
}

Test(functions_against_keras, activations)
{
    for_each("activations", 30, check_activation);
}

/* Every function of the list is among them; the other names are Keras's other names. */
Test(functions_against_keras, every_activation_has_a_golden)
{
    json_t *golden = golden_open("functions.json");
    const json_t *items = golden_member(golden, "activations");

    for (size_t f = 0; cvy_activation_name(f) != NULL; f++) {
        char wanted[128];
        bool is_there = strstr(cvy_activation_name(f), "swish") != NULL ||
                        strcmp(cvy_activation_name(f), "sparsemax") == 0; /* as its paper has it */
        snprintf(wanted, sizeof wanted, "activation:activation=%s", cvy_activation_name(f));
        for (size_t i = 0; i < json_array_size(items); i++)
            is_there =
                is_there || strcmp(golden_text(json_array_get(items, i), "spec"), wanted) == 0;
        cr_expect(is_there, "%s", cvy_activation_name(f));
    }
    json_decref(golden);
}

enum { OUTPUTS_MAX = 8 };

static void check_loss(const json_t *item)
{
    const char *spec = golden_text(item, "spec");
    const size_t outputs = (size_t)golden_number(item, "outputs");
    _Alignas(64) float z[OUTPUTS_MAX * CVY_LANE] = { 0 }, dz[OUTPUTS_MAX * CVY_LANE];
    float found[CVY_LANE];
    cvy_targets targets = { 0 };
    cvy_loss loss;
    size_t count;
    double *labels = golden_numbers(item, "labels", &count);
    double *weights = golden_numbers(item, "weights", NULL), *all = golden_numbers(item, "z", NULL);
    double *losses = golden_numbers(item, "losses", NULL);
    double *gradient = golden_numbers(item, "gradient", NULL);

    cr_assert_eq(cvy_loss_read(spec, &loss), CVY_OK, "%s", cvy_error_message());
    for (size_t s = 0; s < count; s++) {
        targets.label[s] = (uint16_t)labels[s];
        targets.weight[s] = (float)(weights[s] / (double)count);
        for (size_t o = 0; o < outputs; o++)
            z[o * CVY_LANE + s] = (float)all[s * outputs + o];
    }
    loss.kind->forward(loss.settings, kernel_set(0), outputs, z, &targets, found);
    loss.kind->backward(loss.settings, kernel_set(0), outputs, z, &targets, dz);
    for (size_t s = 0; s < count; s++) {
        expect_near((double)found[s], losses[s], spec, "loss", s);
        for (size_t o = 0; o < outputs; o++)
            expect_near((double)dz[o * CVY_LANE + s], gradient[s * outputs + o], spec, "dz",
                        s * outputs + o);
    }
    cvy_loss_release(&loss);
    free(labels);
    free(weights);
    free(all);
    free(losses);
    free(gradient);
}

Test(functions_against_keras, losses)
{
    for_each("losses", cvy_kind_count(cvy_loss_kinds), check_loss);
}

static void fill_lane(const double *y, const double *labels, size_t outputs, size_t first,
                      size_t count, float *lane, cvy_targets *targets)
{
    for (size_t s = 0; s < count; s++) {
        targets->label[s] = (uint16_t)labels[first + s];
        for (size_t o = 0; o < outputs; o++)
            lane[o * CVY_LANE + s] = (float)y[(first + s) * outputs + o];
    }
}

static void check_metric(const json_t *metrics, const json_t *item)
{
    const char *spec = golden_text(item, "spec");
    const size_t outputs = (size_t)golden_number(metrics, "outputs");
    static double sums[CVY_METRIC_SUMS_MAX];
    cvy_metrics read;
    size_t count;
    double *labels = golden_numbers(metrics, "labels", &count);
    double *y = golden_numbers(metrics, "y", NULL), value;

    cr_assert_eq(cvy_metrics_read(spec, outputs, &read), CVY_OK, "%s", cvy_error_message());
    cr_assert_eq(read.count, 1);
    memset(sums, 0, sizeof sums);
    for (size_t first = 0; first < count; first += CVY_LANE) {
        const size_t filled = count - first < CVY_LANE ? count - first : CVY_LANE;
        float lane[OUTPUTS_MAX * CVY_LANE] = { 0 };
        cvy_targets targets = { 0 };
        fill_lane(y, labels, outputs, first, filled, lane, &targets);
        cvy_metrics_add(&read, filled, lane, &targets, sums);
    }
    cvy_metrics_results(&read, sums, &value);
    expect_near(value, golden_number(item, "value"), spec, "value", 0);
    cvy_metrics_release(&read);
    free(labels);
    free(y);
}

Test(functions_against_keras, metrics)
{
    json_t *golden = golden_open("functions.json");
    const json_t *metrics = golden_member(golden, "metrics");
    const json_t *values = golden_member(metrics, "values");

    cr_expect_geq(json_array_size(values), cvy_kind_count(cvy_metric_kinds));
    for (size_t i = 0; i < json_array_size(values); i++)
        check_metric(metrics, json_array_get(values, i));
    json_decref(golden);
}

static void check_constraint(const json_t *item)
{
    const char *spec = golden_text(item, "spec");
    size_t rank, count, dims[4];
    double *shape = golden_numbers(item, "shape", &rank), *w = golden_numbers(item, "w", &count);
    double *held = golden_numbers(item, "held", NULL);
    float *found = calloc(count, sizeof *found);
    cvy_constraint constraint;

    for (size_t d = 0; d < rank; d++)
        dims[d] = (size_t)shape[d];
    for (size_t i = 0; i < count; i++)
        found[i] = (float)w[i];
    cr_assert_eq(cvy_constraint_read(spec, rank, &constraint), CVY_OK, "%s", cvy_error_message());
    cvy_constraint_apply(&constraint, rank, dims, found);
    for (size_t i = 0; i < count; i++)
        expect_near((double)found[i], held[i], spec, "weight", i);
    free(found);
    free(shape);
    free(w);
    free(held);
}

Test(functions_against_keras, constraints)
{
    for_each("constraints", cvy_kind_count(cvy_constraint_kinds) - 1, check_constraint);
}
