/* Layers with several inputs: Keras 3's Add, Subtract, Multiply, Average, Maximum and Minimum. The
 * inputs have the same shape, except that sides of 1 are repeated, as in squeeze-and-excitation;
 * beside images, a vector counts as an image of one pixel. The gradient of a repeated value is the
 * sum over its uses, in the order of the output's values. Only the first of several equal maxima or
 * minima receives the gradient. */
#include <math.h>
#include <string.h>

#include "layers/layer.h"

typedef struct {
    char none;
} merge_settings;

static const cvy_setting no_rows[] = { { 0 } };

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

/* Turn a vector into an image of one pixel. */
static cvy_shape as_image(cvy_shape shape)
{
    return shape.rank == 3 ? shape : (cvy_shape){ 3, { 1, 1, shape.dims[0] } };
}

/* The shape to which both are repeated; rank 0 if there is none. */
static cvy_shape join_shapes(cvy_shape a, cvy_shape b)
{
    if (is_same_shape(a, b))
        return a;
    const cvy_shape x = as_image(a), y = as_image(b);
    cvy_shape out = { a.rank == 1 && b.rank == 1 ? 1 : 3, { 0 } };
    for (size_t d = 0; d < 3; d++) {
        if (x.dims[d] != y.dims[d] && x.dims[d] != 1 && y.dims[d] != 1)
            return (cvy_shape){ 0 };
        out.dims[d] = x.dims[d] > y.dims[d] ? x.dims[d] : y.dims[d];
    }
    if (out.rank == 1)
        out.dims[0] = out.dims[2];
    return out;
}

static cvy_status plan_equal(const void *settings, size_t count, const cvy_shape *in,
                             cvy_layer_plan *plan)
{
    char first[64], other[64];
    cvy_shape out = in[0];

    for (size_t i = 1; i < count; i++) {
        const cvy_shape joined = join_shapes(out, in[i]);
        if (joined.rank == 0) {
            cvy_shape_print(out, first, sizeof first);
            cvy_shape_print(in[i], other, sizeof other);
            return cvy_fail(CVY_ERR_SHAPE,
                            "its inputs are %s and %s, expected equal sides, or sides of 1", first,
                            other);
        }
        plan->needs_lane = plan->needs_lane || !is_same_shape(in[0], in[i]);
        out = joined;
    }
    return plan_one(settings, out, plan);
}

static cvy_status plan_two(const void *settings, size_t count, const cvy_shape *in,
                           cvy_layer_plan *plan)
{
    if (count != 2)
        return cvy_fail(CVY_ERR_SHAPE, "it has %zu inputs, expected 2", count);
    return plan_equal(settings, count, in, plan);
}

/* The output from the values of all inputs at one position,
 * and the gradients of the inputs ("slopes"). */
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

/* How to find the input value for output value (c, row, column). */
typedef struct {
    size_t of_channel, of_row, of_column; /* strides in values; 0 along a repeated side */
    size_t channels, rows, columns;       /* repetitions along each side */
} reach;

static reach reach_of(cvy_shape input, cvy_shape output)
{
    const cvy_shape in = as_image(input), out = as_image(output);

    return (reach){
        .of_channel = in.dims[2] == 1 ? 0 : in.dims[0] * in.dims[1],
        .of_row = in.dims[0] == 1 ? 0 : in.dims[1],
        .of_column = in.dims[1] == 1 ? 0 : 1,
        .channels = in.dims[2] == 1 ? out.dims[2] : 1,
        .rows = in.dims[0] == 1 ? out.dims[0] : 1,
        .columns = in.dims[1] == 1 ? out.dims[1] : 1,
    };
}

static size_t value_of(const reach *r, cvy_shape out, size_t index)
{
    const size_t width = out.dims[1], positions = out.dims[0] * width;

    return index / positions * r->of_channel + index % positions / width * r->of_row +
           index % width * r->of_column;
}

static bool is_repeated(const cvy_layer *layer)
{
    for (size_t k = 0; k < layer->source_count; k++)
        if (layer->source_values[k] != cvy_shape_count(layer->plan.out))
            return true;
    return false;
}

/* Find the 16 samples of each input for output value `index`. */
static void find_inputs(const cvy_layer *layer, const cvy_pass *pass, size_t index,
                        const float *inputs[CVY_SOURCES_MAX])
{
    const bool repeats = is_repeated(layer);
    const cvy_shape out = as_image(layer->plan.out);

    for (size_t k = 0; k < layer->source_count; k++) {
        const reach r = reach_of(layer->source_shapes[k], out);
        inputs[k] = pass->inputs[k] + (repeats ? value_of(&r, out, index) : index) * CVY_LANE;
    }
}

static void join_all(const cvy_layer *layer, const cvy_pass *pass, join_function *join, float *y)
{
    const cvy_range range = cvy_share_range(pass->share, cvy_shape_count(layer->plan.out), 1);
    const float *inputs[CVY_SOURCES_MAX];
    float values[CVY_SOURCES_MAX] = { 0 };

    for (size_t i = range.begin; i < range.end; i++) {
        find_inputs(layer, pass, i, inputs);
        for (size_t s = 0; s < CVY_LANE; s++) {
            for (size_t k = 0; k < layer->source_count; k++)
                values[k] = inputs[k][s];
            y[i * CVY_LANE + s] = join(layer->source_count, values);
        }
    }
}

/* Add to the sums the gradient of input k from one output value. */
static void add_slopes(const cvy_layer *layer, const cvy_pass *pass, part_function *part,
                       size_t index, size_t k, const float *dy, float sums[CVY_LANE])
{
    const float *inputs[CVY_SOURCES_MAX];
    float values[CVY_SOURCES_MAX] = { 0 }, slopes[CVY_SOURCES_MAX] = { 0 };

    find_inputs(layer, pass, index, inputs);
    for (size_t s = 0; s < CVY_LANE; s++) {
        for (size_t j = 0; j < layer->source_count; j++)
            values[j] = inputs[j][s];
        part(layer->source_count, values, dy[index * CVY_LANE + s], slopes);
        sums[s] += slopes[k];
    }
}

/* Compute the gradient of input k, whose values may each be used several times. A share writes its
 * own values. */
static void part_input(const cvy_layer *layer, const cvy_pass *pass, part_function *part, size_t k,
                       const float *dy)
{
    const cvy_shape in = as_image(layer->source_shapes[k]), out = as_image(layer->plan.out);
    const reach r = reach_of(in, out);
    const cvy_range range = cvy_share_range(pass->share, layer->source_values[k], 1);
    const size_t in_positions = in.dims[0] * in.dims[1], out_width = out.dims[1];
    const size_t out_positions = out.dims[0] * out_width;

    for (size_t v = range.begin; v < range.end; v++) {
        const size_t first = v / in_positions * out_positions +
                             v % in_positions / in.dims[1] * out_width + v % in.dims[1];
        float *sums = pass->input_gradients[k] + v * CVY_LANE;
        memset(sums, 0, CVY_LANE * sizeof *sums);
        for (size_t c = 0; c < r.channels; c++)
            for (size_t row = 0; row < r.rows; row++)
                for (size_t column = 0; column < r.columns; column++)
                    add_slopes(layer, pass, part,
                               first + c * out_positions + row * out_width + column, k, dy, sums);
    }
}

static void part_all(const cvy_layer *layer, const cvy_pass *pass, part_function *part,
                     const float *dy)
{
    for (size_t k = 0; k < layer->source_count; k++)
        if (pass->input_gradients[k] != NULL)
            part_input(layer, pass, part, k, dy);
}

/* --- fast paths for the common cases: sums and products of inputs of one shape, without a call per
 * value --- */

typedef struct {
    size_t begin, end;
} floats;

static floats share_floats(const cvy_layer *layer, const cvy_pass *pass)
{
    const cvy_range range = cvy_share_range(pass->share, cvy_shape_count(layer->plan.out), 1);
    return (floats){ range.begin * CVY_LANE, range.end * CVY_LANE };
}

static void add_equal(const cvy_layer *layer, const cvy_pass *pass, float *y)
{
    const floats of = share_floats(layer, pass);
    const float *a = pass->inputs[0], *b = pass->inputs[1];

    for (size_t i = of.begin; i < of.end; i++)
        y[i] = a[i] + b[i];
    for (size_t k = 2; k < layer->source_count; k++)
        for (size_t i = of.begin; i < of.end; i++)
            y[i] += pass->inputs[k][i];
}

static void add_equal_back(const cvy_layer *layer, const cvy_pass *pass, const float *dy)
{
    const floats of = share_floats(layer, pass);

    for (size_t k = 0; k < layer->source_count; k++)
        if (pass->input_gradients[k] != NULL)
            memcpy(pass->input_gradients[k] + of.begin, dy + of.begin,
                   (of.end - of.begin) * sizeof *dy);
}

/* Whether the inputs are x and a factor per channel, as in squeeze-and-excitation. */
static bool is_scaling(const cvy_layer *layer)
{
    const cvy_shape x = as_image(layer->source_shapes[0]), f = as_image(layer->source_shapes[1]);

    return layer->source_count == 2 && x.dims[2] == f.dims[2] && f.dims[0] == 1 && f.dims[1] == 1;
}

static void scale_channels(const cvy_layer *layer, const cvy_pass *pass, float *y)
{
    const floats of = share_floats(layer, pass);
    const size_t plane =
        cvy_shape_count(layer->plan.out) / as_image(layer->plan.out).dims[2] * CVY_LANE;
    const float *x = pass->inputs[0];

    for (size_t i = of.begin; i < of.end; i += CVY_LANE) {
        const float *factor = pass->inputs[1] + i / plane * CVY_LANE;
        for (size_t s = 0; s < CVY_LANE; s++)
            y[i + s] = x[i + s] * factor[s];
    }
}

static void scale_channels_back(const cvy_layer *layer, const cvy_pass *pass, const float *dy)
{
    const size_t channels = as_image(layer->plan.out).dims[2];
    const size_t plane = cvy_shape_count(layer->plan.out) / channels * CVY_LANE;
    const cvy_range range = cvy_share_range(pass->share, channels, 1);
    const float *x = pass->inputs[0], *factors = pass->inputs[1];
    float *dx = pass->input_gradients[0], *df = pass->input_gradients[1];

    for (size_t c = range.begin; c < range.end; c++) {
        const float *factor = factors + c * CVY_LANE;
        float sum[CVY_LANE] = { 0 };
        for (size_t i = c * plane; i < (c + 1) * plane; i += CVY_LANE)
            for (size_t s = 0; s < CVY_LANE; s++)
                sum[s] += dy[i + s] * x[i + s];
        for (size_t s = 0; df != NULL && s < CVY_LANE; s++)
            df[c * CVY_LANE + s] = sum[s];
        for (size_t i = c * plane; dx != NULL && i < (c + 1) * plane; i += CVY_LANE)
            for (size_t s = 0; s < CVY_LANE; s++)
                dx[i + s] = dy[i + s] * factor[s];
    }
}

static bool has_fast_way(const cvy_layer *layer, join_function *join)
{
    if (layer->source_count < 2)
        return false;
    return join == join_add ? !is_repeated(layer) : join == join_multiply && is_scaling(layer);
}

static void run_forward(const cvy_layer *layer, const cvy_pass *pass, join_function *join, float *y)
{
    if (!has_fast_way(layer, join))
        join_all(layer, pass, join, y);
    else if (join == join_add)
        add_equal(layer, pass, y);
    else
        scale_channels(layer, pass, y);
}

/* Inputs of one shape. */
static void run_sample(const cvy_layer *layer, const cvy_pass *pass, join_function *join, float *y)
{
    const size_t n = cvy_shape_count(layer->plan.out);
    float values[CVY_SOURCES_MAX] = { 0 };

    if (join == join_add) {
        memcpy(y, pass->inputs[0], n * sizeof *y);
        for (size_t k = 1; k < layer->source_count; k++)
            for (size_t i = 0; i < n; i++)
                y[i] += pass->inputs[k][i];
        return;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < layer->source_count; k++)
            values[k] = pass->inputs[k][i];
        y[i] = join(layer->source_count, values);
    }
}

static void run_backward(const cvy_layer *layer, const cvy_pass *pass, join_function *join,
                         part_function *part, const float *dy)
{
    if (!has_fast_way(layer, join))
        part_all(layer, pass, part, dy);
    else if (join == join_add)
        add_equal_back(layer, pass, dy);
    else
        scale_channels_back(layer, pass, dy);
}

#define MERGE(id, class, plan_function, text)                                                      \
    static void id##_forward(const cvy_layer *layer, const cvy_pass *pass, const float *x,         \
                             float *y)                                                             \
    {                                                                                              \
        (void)x;                                                                                   \
        run_forward(layer, pass, join_##id, y);                                                    \
    }                                                                                              \
    static void id##_sample(const cvy_layer *layer, const cvy_pass *pass, const float *x,          \
                            float *y)                                                              \
    {                                                                                              \
        (void)x;                                                                                   \
        run_sample(layer, pass, join_##id, y);                                                     \
    }                                                                                              \
    static void id##_backward(const cvy_layer *layer, const cvy_pass *pass, const float *x,        \
                              const float *dy, float *dx, float *dw)                               \
    {                                                                                              \
        (void)x, (void)dx, (void)dw;                                                               \
        run_backward(layer, pass, join_##id, part_##id, dy);                                       \
    }                                                                                              \
    const cvy_layer_kind cvy_layer_##id = {                                                        \
        .kind = { #id, text, no_rows, sizeof(merge_settings) },                                    \
        .class_name = class,                                                                       \
        .plan = plan_one,                                                                          \
        .plan_merge = plan_function,                                                               \
        .forward = id##_forward,                                                                   \
        .forward_sample = id##_sample,                                                             \
        .backward = id##_backward,                                                                 \
    };

MERGE(add, "Add", plan_equal, "the sum of several outputs")
MERGE(subtract, "Subtract", plan_two, "the difference of two outputs")
MERGE(multiply, "Multiply", plan_equal, "the product of several outputs")
MERGE(average, "Average", plan_equal, "the mean of several outputs")
MERGE(maximum, "Maximum", plan_equal, "the largest of several outputs")
MERGE(minimum, "Minimum", plan_equal, "the smallest of several outputs")
