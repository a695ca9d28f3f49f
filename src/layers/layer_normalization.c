/* Normalizes each sample's values to mean 0 and variance 1 over sets of values:
 *     layer_normalization   the channels of a position, the features of a vector, or a whole image
 *     group_normalization   the channels of a group, at all positions
 *     rms_normalization     as layer_normalization, with the mean taken as 0 and no beta
 *     y = gamma[c] (x - mean) r + beta[c]                         r = 1 / sqrt(variance + epsilon)
 *     dx = r (g - mean of g - n mean of g n)      g = gamma[c] dy, n = (x - mean) r
 * (rms: dx = r (g - n mean of g n)). Over a whole image gamma and beta have its shape.
 * Sources: Ba, Kiros and Hinton, Layer Normalization, 2016; Wu and He, Group Normalization, 2018;
 * Keras 3, LayerNormalization and GroupNormalization. */
#include <math.h>

#include "layers/layer.h"
#include "layers/weight_rows.h"

extern const cvy_layer_kind cvy_layer_rms_normalization;

typedef struct {
    size_t groups; /* 0: over the channels of a position */
    cvy_float_list axis;
    double epsilon;
    bool center, scale;
    int rms_scaling;
    char beta_initializer[CVY_NAME_BYTES], gamma_initializer[CVY_NAME_BYTES];
    char beta_regularizer[CVY_NAME_BYTES], gamma_regularizer[CVY_NAME_BYTES];
    char beta_constraint[CVY_NAME_BYTES], gamma_constraint[CVY_NAME_BYTES];
} norm_settings;

#define AT(member) offsetof(norm_settings, member)
#define COMMON_ROWS                                                                                \
    {                                                                                              \
        "axis",                                                                                    \
        CVY_FLOAT_LIST,                                                                            \
        AT(axis),                                                                                  \
        "-1",                                                                                      \
        -3,                                                                                        \
        3,                                                                                         \
        "the last axis, or all axes, as in [1;2;3]",                                               \
        0,                                                                                         \
        NULL                                                                                       \
    },                                                                                             \
        { "epsilon",                                                                               \
          CVY_FLOAT,                                                                               \
          AT(epsilon),                                                                             \
          "0.001",                                                                                 \
          0,                                                                                       \
          HUGE_VAL,                                                                                \
          "added to the variance",                                                                 \
          CVY_ABOVE_MIN | CVY_BELOW_MAX,                                                           \
          NULL },                                                                                  \
        { "center", CVY_BOOL, AT(center), "true", 0, 0, "add beta", 0, NULL },                     \
        { "scale", CVY_BOOL, AT(scale), "true", 0, 0, "multiply by gamma", 0, NULL },              \
        CVY_INITIALIZER_ROW(beta_initializer, "zeros"),                                            \
        CVY_INITIALIZER_ROW(gamma_initializer, "ones"), CVY_REGULARIZER_ROW(beta_regularizer),     \
        CVY_REGULARIZER_ROW(gamma_regularizer), CVY_CONSTRAINT_ROW(beta_constraint),               \
        CVY_CONSTRAINT_ROW(gamma_constraint)
static const char *const only_false[] = { "false", NULL };
static const cvy_setting layer_rows[] = {
    COMMON_ROWS,
    { "rms_scaling", CVY_CHOICE, AT(rms_scaling), "false", 0, 0,
      "not supported; RMSNormalization is", 0, only_false },
    { 0 },
};
static const cvy_setting group_rows[] = {
    { "groups", CVY_COUNT, AT(groups), "32", 1, CVY_FEATURES_MAX, "of channels", 0, NULL },
    COMMON_ROWS,
    { 0 },
};

static const cvy_setting rms_rows[] = {
    { "axis", CVY_FLOAT_LIST, AT(axis), "-1", -3, 3, "the last axis, or all axes, as in [1;2;3]", 0,
      NULL },
    { "epsilon", CVY_FLOAT, AT(epsilon), "1e-06", 0, HUGE_VAL, "added to the mean square",
      CVY_ABOVE_MIN | CVY_BELOW_MAX, NULL },
    { 0 },
};

/* How a sample divides into sets of set_channels channels at set_positions positions each. */
typedef struct {
    size_t sets, channels, positions, set_channels, set_positions;
    bool is_whole; /* one set, with gamma and beta for each value of an image */
} division;

typedef enum { OVER_NONE, OVER_LAST, OVER_ALL } extent;

/* The extent that the axes select; they are counted from 1, or from -1 backward. */
static extent extent_of(const norm_settings *s, size_t rank)
{
    size_t found = 0;

    for (size_t i = 0; i < s->axis.count; i++) {
        const double given = s->axis.values[i], axis = given < 0 ? given + (double)rank : given - 1;
        if (axis < 0 || axis >= (double)rank || axis != (double)(size_t)axis)
            return OVER_NONE;
        found |= (size_t)1 << (size_t)axis;
    }
    if (found == (size_t)1 << (rank - 1))
        return OVER_LAST;
    return found == ((size_t)1 << rank) - 1 ? OVER_ALL : OVER_NONE;
}

static division divide(const cvy_layer *layer)
{
    const norm_settings *s = layer->settings;
    division d = { .channels = layer->in.dims[layer->in.rank - 1] };

    d.positions = cvy_shape_count(layer->in) / d.channels;
    d.sets = s->groups > 0 ? s->groups : d.positions;
    d.set_channels = s->groups > 0 ? d.channels / s->groups : d.channels;
    d.set_positions = s->groups > 0 ? d.positions : 1;
    if (s->groups == 0 && extent_of(s, layer->in.rank) == OVER_ALL && layer->in.rank > 1)
        d = (division){ 1, d.channels, d.positions, d.channels, d.positions, true };
    return d;
}

static cvy_status plan(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    const norm_settings *s = settings_of_layer;
    const size_t channels = in.dims[in.rank - 1];

    const extent over = extent_of(s, in.rank);
    if (over == OVER_NONE || (over == OVER_ALL && in.rank > 1 && s->groups > 0))
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "axis: this one is not supported, expected the last, -1%s",
                        s->groups > 0 ? "" : ", or all of a sample, [1;2;3]");
    if (s->groups > 0 && channels % s->groups != 0)
        return cvy_fail(CVY_ERR_SHAPE, "groups: found %zu, expected a divisor of %zu channels",
                        s->groups, channels);
    const cvy_shape shape = over == OVER_ALL && in.rank > 1 ? in : (cvy_shape){ 1, { channels } };
    plan->out = in;
    if (s->scale)
        plan->weights[plan->weight_count++] =
            (cvy_weight_plan){ .name = "gamma",
                               .rank = shape.rank,
                               .dims = { shape.dims[0], shape.dims[1], shape.dims[2] },
                               .initializer = s->gamma_initializer,
                               .regularizer = s->gamma_regularizer,
                               .constraint = s->gamma_constraint };
    if (s->center)
        plan->weights[plan->weight_count++] =
            (cvy_weight_plan){ .name = "beta",
                               .rank = shape.rank,
                               .dims = { shape.dims[0], shape.dims[1], shape.dims[2] },
                               .initializer = s->beta_initializer,
                               .regularizer = s->beta_regularizer,
                               .constraint = s->beta_constraint };
    plan->gradient = plan->weight_count > 0 ? CVY_GRADIENT_LANE : CVY_GRADIENT_NONE;
    plan->reads_input = true;
    return CVY_OK;
}

static bool is_rms(const cvy_layer *layer)
{
    return layer->kind == &cvy_layer_rms_normalization;
}

/* Whether the layer has gamma, which RMSNormalization calls scale. */
static bool has_gamma(const cvy_layer *layer)
{
    return is_rms(layer) || ((const norm_settings *)layer->settings)->scale;
}

/* Mean and r of one set, for each sample. */
typedef struct {
    double mean[CVY_LANE], r[CVY_LANE];
} moments;

static cvy_status plan_rms(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    const norm_settings *s = settings_of_layer;
    const extent over = extent_of(s, in.rank);
    const cvy_shape shape =
        over == OVER_ALL && in.rank > 1 ? in : (cvy_shape){ 1, { in.dims[in.rank - 1] } };

    if (over == OVER_NONE)
        return cvy_fail(CVY_ERR_UNSUPPORTED, "axis: this one is not supported, expected the last, "
                                             "-1, or all of a sample, [1;2;3]");
    plan->out = in;
    plan->weights[plan->weight_count++] =
        (cvy_weight_plan){ .name = "scale",
                           .rank = shape.rank,
                           .dims = { shape.dims[0], shape.dims[1], shape.dims[2] },
                           .initializer = "ones" };
    plan->gradient = CVY_GRADIENT_LANE;
    plan->reads_input = true;
    return CVY_OK;
}

/* The index of value i of set k in the lane, and that of its gamma and beta. */
static size_t value_at(const division *d, size_t k, size_t i, size_t *place)
{
    const bool is_group = d->set_positions > 1 || d->sets != d->positions;
    const size_t channel = is_group ? k * d->set_channels + i / d->set_positions : i;
    const size_t position = is_group ? i % d->set_positions : k;

    *place = d->is_whole ? position * d->channels + channel : channel;
    return (channel * d->positions + position) * CVY_LANE;
}

static moments measure(const division *d, const cvy_layer *layer, size_t k, const float *x)
{
    const double epsilon = ((const norm_settings *)layer->settings)->epsilon;
    const size_t count = d->set_channels * d->set_positions;
    double sum[CVY_LANE] = { 0 }, squares[CVY_LANE] = { 0 };
    moments m;
    size_t c;

    for (size_t i = 0; !is_rms(layer) && i < count; i++)
        for (size_t s = 0; s < CVY_LANE; s++)
            sum[s] += (double)x[value_at(d, k, i, &c) + s];
    for (size_t s = 0; s < CVY_LANE; s++)
        m.mean[s] = sum[s] / (double)count;
    for (size_t i = 0; i < count; i++)
        for (size_t s = 0; s < CVY_LANE; s++) {
            const double off = (double)x[value_at(d, k, i, &c) + s] - m.mean[s];
            squares[s] += off * off;
        }
    for (size_t s = 0; s < CVY_LANE; s++)
        m.r[s] = 1 / sqrt(squares[s] / (double)count + epsilon);
    return m;
}

static void forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const norm_settings *s = layer->settings;
    const division d = divide(layer);
    const cvy_range sets = cvy_share_range(pass->share, d.sets, 1);
    const float *gamma = has_gamma(layer) ? pass->weights + layer->weight_offset[0] : NULL;
    const float *beta = s->center ? pass->weights + layer->weight_offset[s->scale] : NULL;

    for (size_t k = sets.begin; k < sets.end; k++) {
        const moments m = measure(&d, layer, k, x);
        for (size_t i = 0; i < d.set_channels * d.set_positions; i++) {
            size_t c;
            const size_t at = value_at(&d, k, i, &c);
            const double by = gamma != NULL ? (double)gamma[c] : 1;
            const double plus = beta != NULL ? (double)beta[c] : 0;
            for (size_t j = 0; j < CVY_LANE; j++)
                y[at + j] = (float)(by * ((double)x[at + j] - m.mean[j]) * m.r[j] + plus);
        }
    }
}

static void make_dx(const cvy_layer *layer, const cvy_pass *pass, const division *d, size_t k,
                    const float *x, const float *dy, float *dx)
{
    const float *gamma = has_gamma(layer) ? pass->weights + layer->weight_offset[0] : NULL;
    const size_t count = d->set_channels * d->set_positions;
    const moments m = measure(d, layer, k, x);
    double sum[CVY_LANE] = { 0 }, product[CVY_LANE] = { 0 };
    size_t c;

    for (size_t i = 0; i < count; i++) {
        const size_t at = value_at(d, k, i, &c);
        for (size_t j = 0; j < CVY_LANE; j++) {
            const double g = (gamma != NULL ? (double)gamma[c] : 1) * (double)dy[at + j];
            sum[j] += is_rms(layer) ? 0 : g;
            product[j] += g * ((double)x[at + j] - m.mean[j]) * m.r[j];
        }
    }
    for (size_t i = 0; i < count; i++) {
        const size_t at = value_at(d, k, i, &c);
        for (size_t j = 0; j < CVY_LANE; j++) {
            const double g = (gamma != NULL ? (double)gamma[c] : 1) * (double)dy[at + j];
            const double n = ((double)x[at + j] - m.mean[j]) * m.r[j];
            dx[at + j] = (float)(m.r[j] * (g - (sum[j] + n * product[j]) / (double)count));
        }
    }
}

/* Compute dw: sums over all sets, by one worker, in a fixed order. dy is 0 in empty elements. */
static void make_dw(const cvy_layer *layer, const division *d, const float *x, const float *dy,
                    float *dw)
{
    const norm_settings *s = layer->settings;
    float *dgamma = has_gamma(layer) ? dw : NULL;
    float *dbeta = !s->center ? NULL
                   : s->scale ? dw + (layer->weight_offset[1] - layer->weight_offset[0])
                              : dw;

    for (size_t c = 0; c < layer->plan.weights[0].count; c++) {
        if (dgamma != NULL)
            dgamma[c] = 0;
        if (dbeta != NULL)
            dbeta[c] = 0;
    }
    for (size_t k = 0; k < d->sets; k++) {
        const moments m = measure(d, layer, k, x);
        for (size_t i = 0; i < d->set_channels * d->set_positions; i++) {
            size_t c;
            const size_t at = value_at(d, k, i, &c);
            double by_n = 0, sum = 0;
            for (size_t j = 0; j < CVY_LANE; j++) {
                by_n += (double)dy[at + j] * ((double)x[at + j] - m.mean[j]) * m.r[j];
                sum += (double)dy[at + j];
            }
            if (dgamma != NULL)
                dgamma[c] += (float)by_n;
            if (dbeta != NULL)
                dbeta[c] += (float)sum;
        }
    }
}

static void backward(const cvy_layer *layer, const cvy_pass *pass, const float *x, const float *dy,
                     float *dx, float *dw)
{
    const division d = divide(layer);
    const cvy_range sets = cvy_share_range(pass->share, d.sets, 1);

    if (dw != NULL && pass->share.index == 0)
        make_dw(layer, &d, x, dy, dw);
    for (size_t k = sets.begin; dx != NULL && k < sets.end; k++)
        make_dx(layer, pass, &d, k, x, dy, dx);
}

const cvy_layer_kind cvy_layer_layer_normalization = {
    .kind = { "layer_normalization", "normalizes the channels at each position", layer_rows,
              sizeof(norm_settings) },
    .class_name = "LayerNormalization",
    .plan = plan,
    .forward = forward,
    .backward = backward,
};

const cvy_layer_kind cvy_layer_group_normalization = {
    .kind = { "group_normalization", "normalizes groups of channels of each sample", group_rows,
              sizeof(norm_settings) },
    .class_name = "GroupNormalization",
    .plan = plan,
    .forward = forward,
    .backward = backward,
};

const cvy_layer_kind cvy_layer_rms_normalization = {
    .kind = { "rms_normalization",
              "divides the channels at each position by their root mean square", rms_rows,
              sizeof(norm_settings) },
    .class_name = "RMSNormalization",
    .plan = plan_rms,
    .forward = forward,
    .backward = backward,
};
