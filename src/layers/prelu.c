/* x above zero; below it, x times a trained slope, one per value or shared along axes.
 * Sources: He et al., Delving Deep into Rectifiers, 2015; Keras 3, PReLU. */
#include "layers/layer.h"
#include "layers/weight_rows.h"

typedef struct {
    char alpha_initializer[CVY_NAME_BYTES], alpha_regularizer[CVY_NAME_BYTES];
    char alpha_constraint[CVY_NAME_BYTES];
    cvy_float_list shared_axes;
} prelu_settings;

#define AT(member) offsetof(prelu_settings, member)
static const cvy_setting settings[] = {
    CVY_INITIALIZER_ROW(alpha_initializer, "zeros"),
    CVY_REGULARIZER_ROW(alpha_regularizer),
    CVY_CONSTRAINT_ROW(alpha_constraint),
    { "shared_axes", CVY_FLOAT_LIST, AT(shared_axes), "0", -3, 3,
      "axes that share a slope, as in [1;2]; 0: none", 0, NULL },
    { 0 },
};

/* Whether slopes are shared along an axis; axis 1 is the first of a sample. */
static bool is_shared(const prelu_settings *s, size_t rank, size_t axis)
{
    for (size_t i = 0; i < s->shared_axes.count; i++) {
        const double value = s->shared_axes.values[i];
        if ((value < 0 ? value + (double)rank + 1 : value) == (double)axis)
            return true;
    }
    return false;
}

static void slope_dims(const prelu_settings *s, cvy_shape in, size_t dims[3])
{
    for (size_t d = 0; d < in.rank; d++)
        dims[d] = is_shared(s, in.rank, d + 1) ? 1 : in.dims[d];
}

static cvy_status plan(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    const prelu_settings *s = settings_of_layer;
    cvy_weight_plan alpha = { .name = "alpha",
                              .rank = in.rank,
                              .initializer = s->alpha_initializer,
                              .regularizer = s->alpha_regularizer,
                              .constraint = s->alpha_constraint };

    slope_dims(s, in, alpha.dims);
    plan->weights[plan->weight_count++] = alpha;
    plan->out = in;
    plan->gradient = CVY_GRADIENT_LANE;
    plan->reads_input = true;
    plan->is_function = true;
    return CVY_OK;
}

/* The index of the slope of value `index` of the lane. Slopes have Keras's layout. */
static size_t slope_of(const cvy_layer *layer, const size_t dims[3], size_t index)
{
    if (layer->in.rank == 1)
        return dims[0] == 1 ? 0 : index;
    const size_t width = layer->in.dims[1], positions = layer->in.dims[0] * width;
    const size_t c = index / positions, row = index % positions / width, column = index % width;
    const size_t r = dims[0] == 1 ? 0 : row, k = dims[1] == 1 ? 0 : column;
    return (r * dims[1] + k) * dims[2] + (dims[2] == 1 ? 0 : c);
}

static void forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const float *alpha = pass->weights + layer->weight_offset[0];
    const cvy_range range = cvy_share_range(pass->share, cvy_shape_count(layer->in), 1);
    size_t dims[3];

    slope_dims(layer->settings, layer->in, dims);
    for (size_t i = range.begin; i < range.end; i++) {
        const float slope = alpha[slope_of(layer, dims, i)];
        for (size_t s = 0; s < CVY_LANE; s++) {
            const float v = x[i * CVY_LANE + s];
            y[i * CVY_LANE + s] = v > 0 ? v : slope * v;
        }
    }
}

static void backward(const cvy_layer *layer, const cvy_pass *pass, const float *x, const float *dy,
                     float *dx, float *dw)
{
    const float *alpha = pass->weights + layer->weight_offset[0];
    const size_t count = cvy_shape_count(layer->in);
    const cvy_range range = cvy_share_range(pass->share, count, 1);
    size_t dims[3];

    slope_dims(layer->settings, layer->in, dims);
    for (size_t i = range.begin; dx != NULL && i < range.end; i++) {
        const float slope = alpha[slope_of(layer, dims, i)];
        for (size_t s = 0; s < CVY_LANE; s++)
            dx[i * CVY_LANE + s] = dy[i * CVY_LANE + s] * (x[i * CVY_LANE + s] > 0 ? 1 : slope);
    }
    if (dw == NULL || pass->share.index > 0)
        return; /* one worker adds, in a fixed order */
    for (size_t i = 0; i < layer->plan.weights[0].count; i++)
        dw[i] = 0;
    for (size_t i = 0; i < count; i++) {
        double sum = 0;
        for (size_t s = 0; s < CVY_LANE; s++)
            sum += x[i * CVY_LANE + s] > 0
                       ? 0
                       : (double)dy[i * CVY_LANE + s] * (double)x[i * CVY_LANE + s];
        dw[slope_of(layer, dims, i)] += (float)sum;
    }
}

const cvy_layer_kind cvy_layer_prelu = {
    .kind = { "prelu", "x above zero, a learned multiple of x below", settings,
              sizeof(prelu_settings) },
    .class_name = "PReLU",
    .plan = plan,
    .forward = forward,
    .backward = backward,
};
