/* Batch normalization of each channel, or of each feature of a vector.
 *     y = gamma (x - mean) r + beta                          r = 1 / sqrt(variance + epsilon)
 * In training, mean and (biased) variance are those of the channel's N values in the whole batch:
 * each lane is measured, and the lanes' sums are added in double precision. Otherwise they are the
 * moving statistics, which are updated once per batch:
 *     moving = momentum moving + (1 - momentum) batch's
 * Backward, with sums over the N values:
 *     dbeta = sum of dy           dgamma = r sum of dy (x - mean)
 *     dx = gamma r (dy - dbeta / N - (x - mean) r dgamma / N)
 * Sources: Ioffe and Szegedy, Batch Normalization, 2015; Keras BatchNormalization, whose moving
 * variance is the biased one. */
#include "layers/layer.h"

#include <math.h>

#include "base/memory.h"
#include "layers/weight_rows.h"

typedef struct {
    double axis, momentum, epsilon, renorm_momentum;
    bool center, scale;
    int synchronized, renorm;
    char beta_initializer[CVY_NAME_BYTES], gamma_initializer[CVY_NAME_BYTES];
    char beta_regularizer[CVY_NAME_BYTES], gamma_regularizer[CVY_NAME_BYTES];
    char beta_constraint[CVY_NAME_BYTES], gamma_constraint[CVY_NAME_BYTES];
    char mean_initializer[CVY_NAME_BYTES], variance_initializer[CVY_NAME_BYTES];
} normalization_settings;

static const char *const only_false[] = { "false", NULL };

#define AT(member) offsetof(normalization_settings, member)
static const cvy_setting settings[] = {
    { "axis", CVY_FLOAT, AT(axis), "-1", -1, 3,
      "one mean and variance for each index along this axis", 0, NULL },
    { "momentum", CVY_FLOAT, AT(momentum), "0.99", 0, 1,
      "fraction of the moving statistics that is kept", 0, NULL },
    { "epsilon", CVY_FLOAT, AT(epsilon), "0.001", 0, HUGE_VAL, "added to the variance",
      CVY_ABOVE_MIN | CVY_BELOW_MAX, NULL },
    { "center", CVY_BOOL, AT(center), "true", 0, 0, "add beta", 0, NULL },
    { "scale", CVY_BOOL, AT(scale), "true", 0, 0, "multiply by gamma", 0, NULL },
    CVY_INITIALIZER_ROW(beta_initializer, "zeros"),
    CVY_INITIALIZER_ROW(gamma_initializer, "ones"),
    CVY_REGULARIZER_ROW(beta_regularizer),
    CVY_REGULARIZER_ROW(gamma_regularizer),
    CVY_CONSTRAINT_ROW(beta_constraint),
    CVY_CONSTRAINT_ROW(gamma_constraint),
    { "moving_mean_initializer", CVY_NAME, AT(mean_initializer), "zeros", 0, 0,
      "initial values: convoy info --initializers", 0, NULL },
    { "moving_variance_initializer", CVY_NAME, AT(variance_initializer), "ones", 0, 0,
      "initial values: convoy info --initializers", 0, NULL },
    { "synchronized", CVY_CHOICE, AT(synchronized), "false", 0, 0,
      "statistics over processes: not supported", 0, only_false },
    { "renorm", CVY_CHOICE, AT(renorm), "false", 0, 0, "batch renormalization: not supported", 0,
      only_false },
    { "renorm_momentum", CVY_FLOAT, AT(renorm_momentum), "0.99", 0, 1, "without effect", 0, NULL },
    { 0 },
};

/* The length of the axis, usually the channels, Keras's last axis. */
static size_t channels_of(const normalization_settings *s, cvy_shape shape)
{
    return s->axis == -1 ? shape.dims[shape.rank - 1] : shape.dims[(size_t)s->axis - 1];
}

/* A lane is [channels][rows][columns]: how many runs along the axis it has. */
static size_t runs_of(const normalization_settings *s, cvy_shape shape)
{
    if (shape.rank == 1 || s->axis == -1 || s->axis == 3)
        return 1;
    return s->axis == 1 ? shape.dims[2] : shape.dims[2] * shape.dims[0];
}

static void add_weight(cvy_layer_plan *plan, size_t channels, cvy_weight_plan weight)
{
    weight.rank = 1;
    weight.dims[0] = channels;
    plan->weights[plan->weight_count++] = weight;
}

static void add_weights(const normalization_settings *s, size_t channels, cvy_layer_plan *plan)
{
    if (s->scale)
        add_weight(plan, channels,
                   (cvy_weight_plan){ .name = "gamma",
                                      .initializer = s->gamma_initializer,
                                      .regularizer = s->gamma_regularizer,
                                      .constraint = s->gamma_constraint });
    if (s->center)
        add_weight(plan, channels,
                   (cvy_weight_plan){ .name = "beta",
                                      .initializer = s->beta_initializer,
                                      .regularizer = s->beta_regularizer,
                                      .constraint = s->beta_constraint });
    add_weight(plan, channels,
               (cvy_weight_plan){
                   .name = "moving_mean", .initializer = s->mean_initializer, .is_state = true });
    add_weight(plan, channels,
               (cvy_weight_plan){ .name = "moving_variance",
                                  .initializer = s->variance_initializer,
                                  .is_state = true });
}

enum { COEFFICIENTS = 4 }; /* per channel, computed in each call */

static cvy_status plan(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    const normalization_settings *s = settings_of_layer;

    if (s->axis != -1 && !(s->axis >= 1 && s->axis <= (double)in.rank && floor(s->axis) == s->axis))
        return cvy_fail(CVY_ERR_SHAPE, "axis: found %g, expected -1 or 1 to %zu", s->axis, in.rank);
    const size_t channels = channels_of(s, in);
    add_weights(s, channels, plan);
    plan->out = in;
    plan->gradient = s->scale || s->center ? CVY_GRADIENT_BATCH : CVY_GRADIENT_NONE;
    plan->reads_input = true;
    plan->scratch_bytes = COEFFICIENTS * channels * sizeof(float);
    plan->sample_scratch_bytes = plan->scratch_bytes;
    if (runs_of(s, in) > 1) /* plus the sums of one run */
        plan->scratch_bytes =
            cvy_round_to_line(plan->scratch_bytes) + 2 * channels * sizeof(double);
    plan->batch_sums = 2 * channels;
    plan->needs_lane = channels != in.dims[in.rank - 1] || runs_of(s, in) > 1;
    return CVY_OK;
}

/* Whether to use the batch's statistics. As in Keras, a frozen layer uses its moving ones. */
static bool is_measured(const cvy_layer *layer, const cvy_pass *pass)
{
    return pass->is_training && !layer->is_frozen;
}

/* The dimensions of a layer and pointers to its weights, NULL for those that it lacks. */
typedef struct {
    const normalization_settings *settings;
    size_t channels, row_floats, runs;
    const float *gamma, *beta, *moving_mean, *moving_variance;
} normalization;

static normalization read_shape(const cvy_layer *layer)
{
    normalization n = { .settings = layer->settings,
                        .channels = channels_of(layer->settings, layer->in),
                        .runs = runs_of(layer->settings, layer->in) };

    n.row_floats = cvy_shape_count(layer->in) / n.channels / n.runs * CVY_LANE;
    return n;
}

static normalization read_layer(const cvy_layer *layer, const float *weights)
{
    const size_t *offset = layer->weight_offset;
    normalization n = read_shape(layer);

    n.gamma = n.settings->scale ? weights + *offset++ : NULL;
    n.beta = n.settings->center ? weights + *offset++ : NULL;
    n.moving_mean = weights + *offset++;
    n.moving_variance = weights + *offset;
    return n;
}

/* Mean and variance of a channel, r of the formulas above, and N. */
typedef struct {
    double mean, variance, r, count;
} statistics;

static statistics measured(const normalization *n, const cvy_batch_totals *totals, size_t c)
{
    statistics of = { .count =
                          (double)totals->samples * (double)(n->runs * n->row_floats / CVY_LANE) };

    of.mean = totals->sums[c] / of.count;
    of.variance = fmax(totals->sums[n->channels + c] / of.count - of.mean * of.mean, 0);
    of.r = 1 / sqrt(of.variance + n->settings->epsilon);
    return of;
}

static statistics remembered(const normalization *n, size_t c)
{
    statistics of = { .mean = (double)n->moving_mean[c],
                      .variance = (double)n->moving_variance[c] };

    of.r = 1 / sqrt(of.variance + n->settings->epsilon);
    return of;
}

/* The sums of the first run are written in place, those of other runs to scratch,
 * and then added. */
static double *sums_of_run(const normalization *n, const cvy_pass *pass, size_t run, double *sums)
{
    const size_t coefficients = cvy_round_to_line(COEFFICIENTS * n->channels * sizeof(float));
    return run == 0 ? sums : (double *)(void *)((char *)pass->scratch + coefficients);
}

static void add_run(const normalization *n, cvy_range range, size_t run, const double *from,
                    double *sums)
{
    for (size_t c = range.begin; run > 0 && c < range.end; c++) {
        sums[c] += from[c];
        sums[n->channels + c] += from[n->channels + c];
    }
}

static void measure(const cvy_layer *layer, const cvy_pass *pass, const float *x, double *sums)
{
    const normalization n = read_shape(layer);
    const cvy_range range = cvy_share_range(pass->share, n.channels, 1);
    const size_t first = range.begin;

    for (size_t run = 0; run < n.runs; run++) {
        double *to = sums_of_run(&n, pass, run, sums);
        pass->compute.kernels->normalization->measure(range.end - first, n.row_floats, pass->filled,
                                                      x + (run * n.channels + first) * n.row_floats,
                                                      to + first, to + n.channels + first);
        add_run(&n, range, run, to, sums);
    }
}

/* x - mean is computed as x - center - (mean - center), where center is the float nearest the mean:
 * the first difference is exact near the mean, and the second is a constant. The
 * coefficients of some channels are put into the scratch: all centers, all scales, all shifts. */
static void choose_coefficients(const cvy_layer *layer, const cvy_pass *pass,
                                const normalization *n, cvy_range channels)
{
    float *center = pass->scratch, *scale = center + n->channels, *shift = scale + n->channels;

    for (size_t c = channels.begin; c < channels.end; c++) {
        const statistics of =
            is_measured(layer, pass) ? measured(n, &pass->totals, c) : remembered(n, c);
        const double factor = of.r * (n->gamma != NULL ? (double)n->gamma[c] : 1);
        center[c] = (float)of.mean;
        scale[c] = (float)factor;
        shift[c] = (float)((n->beta != NULL ? (double)n->beta[c] : 0) -
                           factor * (of.mean - (double)center[c]));
    }
}

static void forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const normalization n = read_layer(layer, pass->weights);
    const cvy_range range = cvy_share_range(pass->share, n.channels, 1);
    const size_t first = range.begin, first_float = first * n.row_floats;
    float *center = pass->scratch, *scale = center + n.channels, *shift = scale + n.channels;

    choose_coefficients(layer, pass, &n, range);
    for (size_t run = 0; run < n.runs; run++) {
        const size_t at = run * n.channels * n.row_floats + first_float;
        pass->compute.kernels->normalization->forward(range.end - first, n.row_floats,
                                                      center + first, scale + first, shift + first,
                                                      x + at, y + at);
    }
}

static void forward_sample(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const normalization n = read_layer(layer, pass->weights);
    const size_t channels = n.channels, count = cvy_shape_count(layer->in);
    const float *center = pass->scratch, *scale = center + channels, *shift = scale + channels;

    choose_coefficients(layer, pass, &n, (cvy_range){ 0, channels });
    for (size_t i = 0; i < count; i += channels)
        for (size_t c = 0; c < channels; c++)
            y[i + c] = scale[c] * (x[i + c] - center[c]) + shift[c];
}

static void measure_gradient(const cvy_layer *layer, const cvy_pass *pass, const float *x,
                             const float *dy, double *sums)
{
    const normalization n = read_shape(layer);
    const cvy_range range = cvy_share_range(pass->share, n.channels, 1);
    const size_t first = range.begin, first_float = first * n.row_floats;
    float *center = pass->scratch;

    for (size_t c = first; c < range.end; c++)
        center[c] = (float)measured(&n, &pass->totals, c).mean;
    for (size_t run = 0; run < n.runs; run++) {
        const size_t at = run * n.channels * n.row_floats + first_float;
        double *to = sums_of_run(&n, pass, run, sums);
        pass->compute.kernels->normalization->measure_gradient(
            range.end - first, n.row_floats, pass->filled, center + first, x + at, dy + at,
            to + first, to + n.channels + first);
        add_run(&n, range, run, to, sums);
    }
}

/* dgamma of a channel, from the sums relative to its center. */
static double gamma_gradient(const normalization *n, const cvy_batch_totals *totals, size_t c,
                             const statistics *of)
{
    const double beyond = of->mean - (double)(float)of->mean;
    return of->r * (totals->gradient_sums[n->channels + c] - beyond * totals->gradient_sums[c]);
}

static void backward(const cvy_layer *layer, const cvy_pass *pass, const float *x, const float *dy,
                     float *dx, float *dw)
{
    const normalization n = read_layer(layer, pass->weights);
    const cvy_range range = cvy_share_range(pass->share, n.channels, 1);
    const size_t first = range.begin, first_float = first * n.row_floats;
    float *center = pass->scratch, *scale = center + n.channels, *slope = scale + n.channels,
          *shift = slope + n.channels;

    (void)dw;
    if (dx == NULL)
        return;
    for (size_t c = first; c < range.end; c++) {
        if (layer->is_frozen) {
            const double kept = remembered(&n, c).r * (n.gamma != NULL ? (double)n.gamma[c] : 1);
            scale[c] = (float)kept;
            center[c] = slope[c] = shift[c] = 0;
            continue;
        }
        const statistics of = measured(&n, &pass->totals, c);
        const double factor = of.r * (n.gamma != NULL ? (double)n.gamma[c] : 1);
        const double by_x = -factor * of.r * gamma_gradient(&n, &pass->totals, c, &of) / of.count;
        center[c] = (float)of.mean;
        scale[c] = (float)factor;
        slope[c] = (float)by_x;
        shift[c] = (float)(-factor * pass->totals.gradient_sums[c] / of.count -
                           by_x * (of.mean - (double)center[c]));
    }
    for (size_t run = 0; run < n.runs; run++) {
        const size_t at = run * n.channels * n.row_floats + first_float;
        pass->compute.kernels->normalization->backward(
            range.end - first, n.row_floats, pass->filled, center + first, scale + first,
            slope + first, shift + first, x + at, dy + at, dx + at);
    }
}

static void weight_gradient(const cvy_layer *layer, const cvy_compute *compute, size_t weight,
                            const cvy_batch_store *store, size_t first_row, size_t row_count,
                            bool accumulate, float *dw)
{
    const normalization n = read_shape(layer);

    (void)compute;
    for (size_t i = 0; i < row_count; i++) {
        const size_t c = first_row + i;
        const statistics of = measured(&n, &store->totals, c);
        const double gradient = n.settings->scale && weight == 0
                                    ? gamma_gradient(&n, &store->totals, c, &of)
                                    : store->totals.gradient_sums[c];
        dw[i] = (accumulate ? dw[i] : 0.0f) + (float)gradient;
    }
}

static void update_state(const cvy_layer *layer, const cvy_batch_totals *totals, float *weights)
{
    const normalization n = read_shape(layer);
    const double kept = n.settings->momentum;
    const size_t *offset = layer->weight_offset + cvy_trained_count(&layer->plan);
    float *mean = weights + offset[0], *variance = weights + offset[1];

    if (layer->is_frozen)
        return;
    for (size_t c = 0; c < n.channels; c++) {
        const statistics of = measured(&n, totals, c);
        mean[c] = (float)(kept * (double)mean[c] + (1 - kept) * of.mean);
        variance[c] = (float)(kept * (double)variance[c] + (1 - kept) * of.variance);
    }
}

const cvy_layer_kind cvy_layer_batch_normalization = {
    .kind = { "batch_normalization", "normalizes each channel over the batch", settings,
              sizeof(normalization_settings) },
    .class_name = "BatchNormalization",
    .plan = plan,
    .forward = forward,
    .forward_sample = forward_sample,
    .backward = backward,
    .weight_gradient = weight_gradient,
    .measure = measure,
    .measure_gradient = measure_gradient,
    .update_state = update_state,
};
