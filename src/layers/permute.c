/* Permutes the axes of an image. Source: Keras 3, Permute. */
#include <string.h>

#include "layers/layer.h"

typedef struct {
    cvy_float_list dims;
} permute_settings;

static const cvy_setting settings[] = {
    { "dims", CVY_FLOAT_LIST, offsetof(permute_settings, dims), NULL, 1, 3,
      "the input axis of each output axis: [2;1;3] swaps rows and columns", 0, NULL },
    { 0 },
};

/* Set from[d] to the dim of the input that becomes dim d of the output. */
static bool read_dims(const permute_settings *s, size_t rank, size_t from[3])
{
    size_t found = 0;

    for (size_t d = 0; d < rank && s->dims.count == rank; d++) {
        from[d] = (size_t)s->dims.values[d] - 1;
        if (s->dims.values[d] != (double)(from[d] + 1) || from[d] >= rank)
            return false;
        found |= (size_t)1 << from[d];
    }
    return found == ((size_t)1 << rank) - 1;
}

static cvy_status plan(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    size_t from[3];

    if (!read_dims(settings_of_layer, in.rank, from))
        return cvy_fail(CVY_ERR_SHAPE, "dims: expected the numbers 1 to %zu, each once", in.rank);
    plan->out = in;
    for (size_t d = 0; d < in.rank; d++)
        plan->out.dims[d] = in.dims[from[d]];
    return in.rank == 3 ? cvy_shape_image(plan->out.dims[0], plan->out.dims[1], plan->out.dims[2],
                                          &plan->out)
                        : CVY_OK;
}

/* The index in the input's lane of value i of the output's lane; both are
 * [channels][rows][columns]. */
static size_t place_in(const cvy_layer *layer, const size_t from[3], size_t i)
{
    const cvy_shape out = layer->plan.out, in = layer->in;
    const size_t positions = out.dims[0] * out.dims[1];
    const size_t place[3] = { i % positions / out.dims[1], i % out.dims[1], i / positions };
    size_t source[3] = { 0 };

    for (size_t d = 0; d < 3; d++)
        source[from[d]] = place[d];
    return (source[2] * in.dims[0] + source[0]) * in.dims[1] + source[1];
}

/* Move values forward from x to y or, if y is NULL, backward from dy to dx. */
static void move(const cvy_layer *layer, cvy_share share, const float *x, float *y, const float *dy,
                 float *dx)
{
    const cvy_range range = cvy_share_range(share, cvy_shape_count(layer->in), 1);
    size_t from[3];

    (void)read_dims(layer->settings, layer->in.rank, from); /* checked by plan() */
    for (size_t i = range.begin; i < range.end; i++) {
        const size_t at = layer->in.rank == 3 ? place_in(layer, from, i) : i;
        if (y != NULL)
            memcpy(y + i * CVY_LANE, x + at * CVY_LANE, CVY_LANE * sizeof *y);
        else
            memcpy(dx + at * CVY_LANE, dy + i * CVY_LANE, CVY_LANE * sizeof *dx);
    }
}

static void forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    move(layer, pass->share, x, y, NULL, NULL);
}

static void backward(const cvy_layer *layer, const cvy_pass *pass, const float *x, const float *dy,
                     float *dx, float *dw)
{
    (void)x, (void)dw;
    move(layer, pass->share, NULL, NULL, dy, dx);
}

const cvy_layer_kind cvy_layer_permute = {
    .kind = { "permute", "reorders the axes of an image", settings, sizeof(permute_settings) },
    .class_name = "Permute",
    .plan = plan,
    .forward = forward,
    .backward = backward,
};
