/* Concatenates several inputs along channels, rows or columns, or the features of vectors. Source:
 * Keras 3, Concatenate. */
#include <string.h>

#include "layers/layer.h"

typedef struct {
    double axis;
} concatenate_settings;

static const cvy_setting settings[] = {
    { "axis", CVY_FLOAT, offsetof(concatenate_settings, axis), "-1", -3, 3,
      "axis to concatenate: 1 rows, 2 columns, 3 or -1 channels; 1 or -1 for vectors", 0, NULL },
    { 0 },
};

/* Return the dim that is concatenated, or SIZE_MAX. */
static size_t dim_of(const concatenate_settings *s, size_t rank)
{
    const double dim = s->axis < 0 ? s->axis + (double)rank : s->axis - 1;

    for (size_t d = 0; d < rank; d++)
        if (dim == (double)d)
            return d;
    return SIZE_MAX;
}

static bool differ_elsewhere(cvy_shape a, cvy_shape b, size_t dim)
{
    for (size_t d = 0; a.rank == b.rank && d < a.rank; d++)
        if (d != dim && a.dims[d] != b.dims[d])
            return true;
    return a.rank != b.rank;
}

static cvy_status plan_merge(const void *settings_of_layer, size_t count, const cvy_shape *in,
                             cvy_layer_plan *plan)
{
    const concatenate_settings *s = settings_of_layer;
    const size_t dim = dim_of(s, in[0].rank);
    cvy_shape out = in[0];

    if (dim == SIZE_MAX)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "axis %g is not supported, expected one of a sample: 1 to %zu, or -1",
                        s->axis, in[0].rank);
    for (size_t i = 1; i < count; i++) {
        if (differ_elsewhere(in[0], in[i], dim))
            return cvy_fail(CVY_ERR_SHAPE,
                            "its inputs differ in more than the side along axis %g, which it joins",
                            s->axis);
        out.dims[dim] += in[i].dims[dim];
    }
    return out.rank == 3 ? cvy_shape_image(out.dims[0], out.dims[1], out.dims[2], &plan->out)
                         : cvy_shape_vector(out.dims[0], &plan->out);
}

static cvy_status plan_one(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    return plan_merge(settings_of_layer, 1, &in, plan);
}

/* The output as consecutive runs, each made of one run of every input. Lanes have channels
 * outermost: concatenating channels makes one run, concatenating rows one run per channel. */
typedef struct {
    size_t runs, out_values; /* of each run */
} division;

static division divide(const cvy_layer *layer)
{
    const cvy_shape out = layer->plan.out;
    const size_t dim = dim_of(layer->settings, out.rank);
    division d = { .runs = 1 };

    if (out.rank == 3 && dim < 2)
        d.runs = dim == 0 ? out.dims[2] : out.dims[2] * out.dims[0];
    d.out_values = cvy_shape_count(out) / d.runs;
    return d;
}

/* Copy a share's runs, or its part of the only run. */
static void copy_runs(const division *d, cvy_share share, size_t values, const float *from,
                      size_t from_values, float *to, size_t to_values)
{
    const cvy_range runs = cvy_share_range(share, d->runs, 1);

    if (d->runs == 1) {
        const cvy_range part = cvy_share_range(share, values, 1);
        memcpy(to + part.begin * CVY_LANE, from + part.begin * CVY_LANE,
               (part.end - part.begin) * CVY_LANE * sizeof *to);
        return;
    }
    for (size_t run = runs.begin; run < runs.end; run++)
        memcpy(to + run * to_values * CVY_LANE, from + run * from_values * CVY_LANE,
               values * CVY_LANE * sizeof *to);
}

static void forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const division d = divide(layer);

    (void)x;
    for (size_t k = 0; k < layer->source_count; k++) {
        const size_t values = layer->source_values[k] / d.runs;
        copy_runs(&d, pass->share, values, pass->inputs[k], values, y, d.out_values);
        y += values * CVY_LANE;
    }
}

/* In Keras's order whatever comes before the side that grows divides the output into runs. */
static void forward_sample(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const cvy_shape out = layer->plan.out;
    const size_t dim = dim_of(layer->settings, out.rank);
    size_t runs = 1;

    (void)x;
    for (size_t d = 0; d < dim; d++)
        runs *= out.dims[d];
    const size_t out_values = cvy_shape_count(out) / runs;
    for (size_t k = 0; k < layer->source_count; k++) {
        const size_t values = layer->source_values[k] / runs;
        for (size_t run = 0; run < runs; run++)
            memcpy(y + run * out_values, pass->inputs[k] + run * values, values * sizeof *y);
        y += values;
    }
}

static void backward(const cvy_layer *layer, const cvy_pass *pass, const float *x, const float *dy,
                     float *dx, float *dw)
{
    const division d = divide(layer);

    (void)x, (void)dx, (void)dw;
    for (size_t k = 0; k < layer->source_count; k++) {
        const size_t values = layer->source_values[k] / d.runs;
        if (pass->input_gradients[k] != NULL)
            copy_runs(&d, pass->share, values, dy, d.out_values, pass->input_gradients[k], values);
        dy += values * CVY_LANE;
    }
}

const cvy_layer_kind cvy_layer_concatenate = {
    .kind = { "concatenate", "concatenates its inputs along an axis", settings,
              sizeof(concatenate_settings) },
    .class_name = "Concatenate",
    .plan = plan_one,
    .plan_merge = plan_merge,
    .forward = forward,
    .forward_sample = forward_sample,
    .backward = backward,
};
