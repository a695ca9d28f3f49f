/* Layers of several inputs: Keras 3's Add, Subtract, Multiply, Average, Maximum, Minimum and
 * Concatenate. The inputs of all but the last have one shape. Of equal maxima or minima the first input
 * alone receives the gradient. */
#include <math.h>
#include <string.h>

#include "layers/layer.h"

typedef struct {
    double axis;
} merge_settings;

static const cvy_setting no_rows[] = { { 0 } };
static const cvy_setting concatenate_rows[] = {
    { "axis", CVY_FLOAT, offsetof(merge_settings, axis), "-1", -1, 3, "only the last", 0, NULL },
    { 0 },
};

static cvy_status plan_one(const void *settings, cvy_shape in, cvy_layer_plan *plan)
{
    (void)settings;
    plan->out = in;
    plan->reads_input = true;
    return CVY_OK;
}

static bool is_same_shape(cvy_shape a, cvy_shape b)
{
    return a.rank == b.rank && memcmp(a.dims, b.dims, a.rank * sizeof *a.dims) == 0;
}

static cvy_status plan_equal(const void *settings, size_t count, const cvy_shape *in,
                             cvy_layer_plan *plan)
{
    char first[64], other[64];

    for (size_t i = 1; i < count; i++)
        if (!is_same_shape(in[0], in[i])) {
            cvy_shape_print(in[0], first, sizeof first);
            cvy_shape_print(in[i], other, sizeof other);
            return cvy_fail(CVY_ERR_SHAPE, "its inputs are %s and %s, expected equal shapes", first,
                            other);
        }
    return plan_one(settings, in[0], plan);
}

static cvy_status plan_two(const void *settings, size_t count, const cvy_shape *in,
                           cvy_layer_plan *plan)
{
    if (count != 2)
        return cvy_fail(CVY_ERR_SHAPE, "it has %zu inputs, expected 2", count);
    return plan_equal(settings, count, in, plan);
}

static cvy_status plan_concatenation(const void *settings, size_t count, const cvy_shape *in,
                                     cvy_layer_plan *plan)
{
    const double axis = ((const merge_settings *)settings)->axis;
    cvy_shape out = in[0];

    if (axis != -1 && axis != (double)in[0].rank)
        return cvy_fail(CVY_ERR_UNSUPPORTED, "axis %g is not supported, expected the last, -1",
                        axis);
    for (size_t i = 1; i < count; i++) {
        if (in[i].rank != out.rank ||
            memcmp(in[i].dims, out.dims, (out.rank - 1) * sizeof *out.dims) != 0)
            return cvy_fail(CVY_ERR_SHAPE,
                            "its inputs differ in more than their channels, which it joins");
        out.dims[out.rank - 1] += in[i].dims[out.rank - 1];
    }
    cvy_status status = out.rank == 3 ? cvy_shape_image(out.dims[0], out.dims[1], out.dims[2], &out)
                                      : cvy_shape_vector(out.dims[0], &out);
    return status == CVY_OK ? plan_one(settings, out, plan) : status;
}

/* The values of all inputs, and the slopes by them, at one place. */
typedef float join_function(size_t count, const float *values);
typedef void part_function(size_t count, const float *values, float dy, float *slopes);

static float join_add(size_t count, const float *values)
{
    float sum = values[0];
    for (size_t i = 1; i < count; i++)
        sum += values[i];
    return sum;
}

static void part_add(size_t count, const float *values, float dy, float *slopes)
{
    (void)values;
    for (size_t i = 0; i < count; i++)
        slopes[i] = dy;
}

static float join_subtract(size_t count, const float *values)
{
    (void)count;
    return values[0] - values[1];
}

static void part_subtract(size_t count, const float *values, float dy, float *slopes)
{
    (void)count, (void)values;
    slopes[0] = dy;
    slopes[1] = -dy;
}

static float join_multiply(size_t count, const float *values)
{
    float product = values[0];
    for (size_t i = 1; i < count; i++)
        product *= values[i];
    return product;
}

static void part_multiply(size_t count, const float *values, float dy, float *slopes)
{
    for (size_t i = 0; i < count; i++) {
        slopes[i] = dy;
        for (size_t j = 0; j < count; j++)
            slopes[i] *= j == i ? 1 : values[j];
    }
}

static float join_average(size_t count, const float *values)
{
    return join_add(count, values) / (float)count;
}

static void part_average(size_t count, const float *values, float dy, float *slopes)
{
    part_add(count, values, dy / (float)count, slopes);
}

static size_t find_extreme(size_t count, const float *values, float sign)
{
    size_t best = 0;
    for (size_t i = 1; i < count; i++)
        if (sign * values[i] > sign * values[best] || (isnan(values[i]) && !isnan(values[best])))
            best = i;
    return best;
}

static float join_maximum(size_t count, const float *values)
{
    return values[find_extreme(count, values, 1)];
}

static void part_maximum(size_t count, const float *values, float dy, float *slopes)
{
    memset(slopes, 0, count * sizeof *slopes);
    slopes[find_extreme(count, values, 1)] = dy;
}

static float join_minimum(size_t count, const float *values)
{
    return values[find_extreme(count, values, -1)];
}

static void part_minimum(size_t count, const float *values, float dy, float *slopes)
{
    memset(slopes, 0, count * sizeof *slopes);
    slopes[find_extreme(count, values, -1)] = dy;
}

/* What most graphs have most of. */
static void add_fast(const cvy_layer *layer, const cvy_pass *pass, cvy_range range, float *y)
{
    const size_t first = range.begin * CVY_LANE, end = range.end * CVY_LANE;
    const float *a = pass->inputs[0], *b = pass->inputs[1];

    for (size_t i = first; i < end; i++)
        y[i] = a[i] + b[i];
    for (size_t k = 2; k < layer->source_count; k++)
        for (size_t i = first; i < end; i++)
            y[i] += pass->inputs[k][i];
}

static void add_back(const cvy_layer *layer, const cvy_pass *pass, cvy_range range, const float *dy)
{
    for (size_t k = 0; k < layer->source_count; k++)
        if (pass->input_gradients[k] != NULL)
            memcpy(pass->input_gradients[k] + range.begin * CVY_LANE, dy + range.begin * CVY_LANE,
                   (range.end - range.begin) * CVY_LANE * sizeof *dy);
}

static void join_all(const cvy_layer *layer, const cvy_pass *pass, join_function *join, float *y)
{
    const cvy_range range = cvy_share_range(pass->share, cvy_shape_count(layer->in), 1);
    float values[CVY_SOURCES_MAX] = { 0 };

    if (join == join_add && layer->source_count > 1) {
        add_fast(layer, pass, range, y);
        return;
    }
    for (size_t i = range.begin * CVY_LANE; i < range.end * CVY_LANE; i++) {
        for (size_t k = 0; k < layer->source_count; k++)
            values[k] = pass->inputs[k][i];
        y[i] = join(layer->source_count, values);
    }
}

static void part_all(const cvy_layer *layer, const cvy_pass *pass, part_function *part,
                     const float *dy)
{
    const cvy_range range = cvy_share_range(pass->share, cvy_shape_count(layer->in), 1);
    float values[CVY_SOURCES_MAX] = { 0 }, slopes[CVY_SOURCES_MAX] = { 0 };

    if (part == part_add) {
        add_back(layer, pass, range, dy);
        return;
    }
    for (size_t i = range.begin * CVY_LANE; i < range.end * CVY_LANE; i++) {
        for (size_t k = 0; k < layer->source_count; k++)
            values[k] = pass->inputs[k][i];
        part(layer->source_count, values, dy[i], slopes);
        for (size_t k = 0; k < layer->source_count; k++)
            if (pass->input_gradients[k] != NULL)
                pass->input_gradients[k][i] = slopes[k];
    }
}

#define MERGE(id, class, plan_function, text)                                                      \
    static void id##_forward(const cvy_layer *layer, const cvy_pass *pass, const float *x,         \
                             float *y)                                                             \
    {                                                                                              \
        (void)x;                                                                                   \
        join_all(layer, pass, join_##id, y);                                                       \
    }                                                                                              \
    static void id##_backward(const cvy_layer *layer, const cvy_pass *pass, const float *x,        \
                              const float *dy, float *dx, float *dw)                               \
    {                                                                                              \
        (void)x, (void)dx, (void)dw;                                                               \
        part_all(layer, pass, part_##id, dy);                                                      \
    }                                                                                              \
    const cvy_layer_kind cvy_layer_##id = {                                                        \
        .kind = { #id, text, no_rows, sizeof(merge_settings) },                                    \
        .class_name = class,                                                                       \
        .plan = plan_one,                                                                          \
        .plan_merge = plan_function,                                                               \
        .forward = id##_forward,                                                                   \
        .backward = id##_backward,                                                                 \
    };

MERGE(add, "Add", plan_equal, "the sum of several outputs")
MERGE(subtract, "Subtract", plan_two, "the difference of two outputs")
MERGE(multiply, "Multiply", plan_equal, "the product of several outputs")
MERGE(average, "Average", plan_equal, "the mean of several outputs")
MERGE(maximum, "Maximum", plan_equal, "the largest of several outputs")
MERGE(minimum, "Minimum", plan_equal, "the smallest of several outputs")

/* Channels, or features, one input's behind another's: whole runs of the lane. */
static void copy_share(cvy_share share, size_t count, const float *from, float *to)
{
    const cvy_range range = cvy_share_range(share, count, 1);
    memcpy(to + range.begin * CVY_LANE, from + range.begin * CVY_LANE,
           (range.end - range.begin) * CVY_LANE * sizeof *to);
}

static void concatenate_forward(const cvy_layer *layer, const cvy_pass *pass, const float *x,
                                float *y)
{
    (void)x;
    for (size_t k = 0; k < layer->source_count; k++) {
        const size_t count = layer->source_values[k];
        copy_share(pass->share, count, pass->inputs[k], y);
        y += count * CVY_LANE;
    }
}

static void concatenate_backward(const cvy_layer *layer, const cvy_pass *pass, const float *x,
                                 const float *dy, float *dx, float *dw)
{
    (void)x, (void)dx, (void)dw;
    for (size_t k = 0; k < layer->source_count; k++) {
        const size_t count = layer->source_values[k];
        if (pass->input_gradients[k] != NULL)
            copy_share(pass->share, count, dy, pass->input_gradients[k]);
        dy += count * CVY_LANE;
    }
}

const cvy_layer_kind cvy_layer_concatenate = {
    .kind = { "concatenate", "several outputs' channels side by side", concatenate_rows,
              sizeof(merge_settings) },
    .class_name = "Concatenate",
    .plan = plan_one,
    .plan_merge = plan_concatenation,
    .forward = concatenate_forward,
    .backward = concatenate_backward,
};
