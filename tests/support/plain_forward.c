#include "support/plain_forward.h"

#include <math.h>
#include <string.h>

#include "support/lane_layer.h"

/* Number of a value in Keras's order. */
static size_t at(cvy_shape shape, size_t row, size_t column, size_t channel)
{
    return (row * shape.dims[1] + column) * shape.dims[2] + channel;
}

static size_t channels_of(cvy_shape shape)
{
    return shape.dims[shape.rank - 1];
}

static const double *list_of(const cvy_layer *layer, const char *name, size_t *count)
{
    const cvy_float_list *list = layer_setting(layer, name);

    *count = list->count;
    return list->values;
}

/* Entry of a list of one for all, or one for each. */
static double entry_of(const cvy_layer *layer, const char *name, size_t index)
{
    size_t count;
    const double *values = list_of(layer, name, &count);

    return values[count == 1 ? 0 : index];
}

/* --- convolutions --- */

typedef struct {
    const size_t *window, *strides, *dilation;
    size_t pad[2];
} sliding;

static sliding read_sliding(const cvy_layer *layer)
{
    sliding s = { layer_setting(layer, "kernel_size"),
                  layer_setting(layer, "strides"),
                  layer_setting(layer, "dilation_rate"),
                  { 0, 0 } };
    const int *padding = layer_setting(layer, "padding");

    for (size_t d = 0; d < 2 && *padding == 1; d++) {
        const size_t reach = (s.window[d] - 1) * s.dilation[d] + 1;
        const size_t covered = (layer->plan.out.dims[d] - 1) * s.strides[d] + reach;
        s.pad[d] = covered > layer->in.dims[d] ? (covered - layer->in.dims[d]) / 2 : 0;
    }
    return s;
}

/* The value of x under a cell of the window, 0 outside. */
static double under(const cvy_layer *layer, const sliding *s, const double *x, const size_t out[2],
                    const size_t cell[2], size_t channel)
{
    const long row = (long)(out[0] * s->strides[0] + cell[0] * s->dilation[0]) - (long)s->pad[0];
    const long column = (long)(out[1] * s->strides[1] + cell[1] * s->dilation[1]) - (long)s->pad[1];

    if (row < 0 || column < 0 || row >= (long)layer->in.dims[0] ||
        column >= (long)layer->in.dims[1])
        return 0;
    return x[at(layer->in, (size_t)row, (size_t)column, channel)];
}

/* filter f sees the channels from `first` on, `count` of them; its weights lie `apart`. */
static double convolve(const cvy_layer *layer, const sliding *s, const double *x,
                       const double *kernel, const size_t out[2], size_t first, size_t count,
                       size_t apart)
{
    double sum = 0;

    for (size_t ky = 0; ky < s->window[0]; ky++)
        for (size_t kx = 0; kx < s->window[1]; kx++)
            for (size_t c = 0; c < count; c++)
                sum += kernel[((ky * s->window[1] + kx) * count + c) * apart] *
                       under(layer, s, x, out, (size_t[]){ ky, kx }, first + c);
    return sum;
}

static void conv2d(const cvy_layer *layer, const double *x, const double *const *w, double *y)
{
    const sliding s = read_sliding(layer);
    const cvy_shape out = layer->plan.out;
    const size_t groups = *(const size_t *)layer_setting(layer, "groups");
    const size_t filters = out.dims[2], count = layer->in.dims[2] / groups;

    for (size_t p = 0; p < out.dims[0] * out.dims[1]; p++)
        for (size_t f = 0; f < filters; f++)
            y[p * filters + f] =
                (layer->plan.weight_count > 1 ? w[1][f] : 0) +
                convolve(layer, &s, x, w[0] + f, (size_t[]){ p / out.dims[1], p % out.dims[1] },
                         f / (filters / groups) * count, count, filters);
}

static void depthwise_conv2d(const cvy_layer *layer, const double *x, const double *const *w,
                             double *y)
{
    const sliding s = read_sliding(layer);
    const cvy_shape out = layer->plan.out;
    const size_t filters = out.dims[2], times = filters / layer->in.dims[2];

    for (size_t p = 0; p < out.dims[0] * out.dims[1]; p++)
        for (size_t f = 0; f < filters; f++)
            y[p * filters + f] =
                (layer->plan.weight_count > 1 ? w[1][f] : 0) +
                convolve(layer, &s, x, w[0] + f, (size_t[]){ p / out.dims[1], p % out.dims[1] },
                         f / times, 1, filters);
}

/* What Keras crops off the beginning of the whole output: window - 1 - left_pad. */
static long crop_of(const cvy_layer *layer, size_t side)
{
    const size_t *window = layer_setting(layer, "kernel_size");
    const size_t *strides = layer_setting(layer, "strides");
    const size_t *dilation = layer_setting(layer, "dilation_rate");
    const double more = entry_of(layer, "output_padding", side);
    const long reach = (long)((window[side] - 1) * dilation[side] + 1);
    const long all =
        more < 0 ? (long)strides[side] + reach - 2 : reach + reach % 2 - 2 + (long)more;
    const long left = all / 2 + all % 2;

    if (*(const int *)layer_setting(layer, "padding") == 0)
        return 0;
    return reach - 1 - (left < reach - 1 ? left : reach - 1);
}

/* Every input pixel spreads its window over the output. */
static void conv2d_transpose(const cvy_layer *layer, const double *x, const double *const *w,
                             double *y)
{
    const size_t *window = layer_setting(layer, "kernel_size");
    const size_t *strides = layer_setting(layer, "strides");
    const size_t *dilation = layer_setting(layer, "dilation_rate");
    const cvy_shape in = layer->in, out = layer->plan.out;

    for (size_t v = 0; v < cvy_shape_count(out); v++)
        y[v] = layer->plan.weight_count > 1 ? w[1][v % out.dims[2]] : 0;
    for (size_t v = 0; v < cvy_shape_count(in); v++)
        for (size_t cell = 0; cell < window[0] * window[1]; cell++) {
            const size_t c = v % in.dims[2], column = v / in.dims[2] % in.dims[1];
            const long oy =
                (long)(v / in.dims[2] / in.dims[1] * strides[0] + cell / window[1] * dilation[0]) -
                crop_of(layer, 0);
            const long ox =
                (long)(column * strides[1] + cell % window[1] * dilation[1]) - crop_of(layer, 1);
            if (oy < 0 || ox < 0 || oy >= (long)out.dims[0] || ox >= (long)out.dims[1])
                continue;
            for (size_t f = 0; f < out.dims[2]; f++)
                y[at(out, (size_t)oy, (size_t)ox, f)] +=
                    x[v] * w[0][(cell * out.dims[2] + f) * in.dims[2] + c];
        }
}

/* --- places --- */

/* Top and left of [all], [rows;columns] or [top;bottom;left;right]. */
static void read_corner(const cvy_layer *layer, const char *name, size_t corner[2])
{
    size_t count;
    const double *sides = list_of(layer, name, &count);

    corner[0] = (size_t)sides[0];
    corner[1] = (size_t)sides[count == 1 ? 0 : count == 2 ? 1 : 2];
}

static void zero_padding2d(const cvy_layer *layer, const double *x, const double *const *w,
                           double *y)
{
    const cvy_shape in = layer->in, out = layer->plan.out;
    size_t corner[2];

    (void)w;
    read_corner(layer, "padding", corner);
    memset(y, 0, cvy_shape_count(out) * sizeof *y);
    for (size_t row = 0; row < in.dims[0]; row++)
        for (size_t column = 0; column < in.dims[1]; column++)
            for (size_t c = 0; c < in.dims[2]; c++)
                y[at(out, row + corner[0], column + corner[1], c)] = x[at(in, row, column, c)];
}

static void cropping2d(const cvy_layer *layer, const double *x, const double *const *w, double *y)
{
    const cvy_shape in = layer->in, out = layer->plan.out;
    size_t corner[2];

    (void)w;
    read_corner(layer, "cropping", corner);
    for (size_t row = 0; row < out.dims[0]; row++)
        for (size_t column = 0; column < out.dims[1]; column++)
            for (size_t c = 0; c < out.dims[2]; c++)
                y[at(out, row, column, c)] = x[at(in, row + corner[0], column + corner[1], c)];
}

/* A place between two pixels, or at the edge. */
static double between(const double *x, cvy_shape in, double row, double column, size_t c)
{
    const double r = fmin(fmax(row, 0), (double)in.dims[0] - 1);
    const double k = fmin(fmax(column, 0), (double)in.dims[1] - 1);
    const size_t top = (size_t)r, left = (size_t)k;
    const size_t below = top + 1 < in.dims[0] ? top + 1 : top;
    const size_t right = left + 1 < in.dims[1] ? left + 1 : left;
    const double v = r - (double)top, h = k - (double)left;

    return (1 - v) * ((1 - h) * x[at(in, top, left, c)] + h * x[at(in, top, right, c)]) +
           v * ((1 - h) * x[at(in, below, left, c)] + h * x[at(in, below, right, c)]);
}

static void up_sampling2d(const cvy_layer *layer, const double *x, const double *const *w,
                          double *y)
{
    const cvy_shape in = layer->in, out = layer->plan.out;
    const size_t *size = layer_setting(layer, "size");
    const bool is_bilinear = *(const int *)layer_setting(layer, "interpolation") == 1;

    (void)w;
    for (size_t v = 0; v < cvy_shape_count(out); v++) {
        const size_t c = v % out.dims[2], column = v / out.dims[2] % out.dims[1];
        const size_t row = v / out.dims[2] / out.dims[1];
        y[v] = is_bilinear ? between(x, in, ((double)row + 0.5) / (double)size[0] - 0.5,
                                     ((double)column + 0.5) / (double)size[1] - 0.5, c)
                           : x[at(in, row / size[0], column / size[1], c)];
    }
}

static void resizing(const cvy_layer *layer, const double *x, const double *const *w, double *y)
{
    const cvy_shape in = layer->in, out = layer->plan.out;
    const double down = (double)in.dims[0] / (double)out.dims[0];
    const double right = (double)in.dims[1] / (double)out.dims[1];
    const bool is_bilinear = *(const int *)layer_setting(layer, "interpolation") == 1;

    (void)w;
    for (size_t v = 0; v < cvy_shape_count(out); v++) {
        const size_t c = v % out.dims[2];
        const double row = ((double)(v / out.dims[2] / out.dims[1]) + 0.5) * down;
        const double column = ((double)(v / out.dims[2] % out.dims[1]) + 0.5) * right;
        y[v] = is_bilinear ? between(x, in, row - 0.5, column - 0.5, c)
                           : x[at(in, (size_t)row, (size_t)column, c)];
    }
}

static void reshape(const cvy_layer *layer, const double *x, const double *const *w, double *y)
{
    (void)w;
    memcpy(y, x, cvy_shape_count(layer->in) * sizeof *y);
}

static void permute(const cvy_layer *layer, const double *x, const double *const *w, double *y)
{
    const cvy_shape in = layer->in, out = layer->plan.out;
    size_t count;
    const double *dims = list_of(layer, "dims", &count);

    (void)w;
    if (count == 1) {
        reshape(layer, x, w, y);
        return;
    }
    for (size_t v = 0; v < cvy_shape_count(out); v++) {
        const size_t place[3] = { v / out.dims[2] / out.dims[1], v / out.dims[2] % out.dims[1],
                                  v % out.dims[2] };
        size_t from[3];
        for (size_t d = 0; d < 3; d++)
            from[(size_t)dims[d] - 1] = place[d];
        y[v] = x[at(in, from[0], from[1], from[2])];
    }
}

/* --- values --- */

static void rescaling(const cvy_layer *layer, const double *x, const double *const *w, double *y)
{
    (void)w;
    for (size_t v = 0; v < cvy_shape_count(layer->in); v++) {
        const size_t c = v % channels_of(layer->in);
        y[v] = entry_of(layer, "scale", c) * x[v] + entry_of(layer, "offset", c);
    }
}

static void normalization(const cvy_layer *layer, const double *x, const double *const *w,
                          double *y)
{
    const bool is_inverse = *(const bool *)layer_setting(layer, "invert");

    (void)w;
    for (size_t v = 0; v < cvy_shape_count(layer->in); v++) {
        const size_t c = v % channels_of(layer->in);
        const double mean = entry_of(layer, "mean", c);
        const double deviation = sqrt(entry_of(layer, "variance", c));
        y[v] = is_inverse ? mean + x[v] * deviation : (x[v] - mean) / deviation;
    }
}

static void global_average_pooling2d(const cvy_layer *layer, const double *x,
                                     const double *const *w, double *y)
{
    const size_t channels = layer->in.dims[2], count = cvy_shape_count(layer->in);

    (void)w;
    memset(y, 0, channels * sizeof *y);
    for (size_t v = 0; v < count; v++)
        y[v % channels] += x[v] * (double)channels / (double)count;
}

static void global_max_pooling2d(const cvy_layer *layer, const double *x, const double *const *w,
                                 double *y)
{
    const size_t channels = layer->in.dims[2];

    (void)w;
    memcpy(y, x, channels * sizeof *y);
    for (size_t v = channels; v < cvy_shape_count(layer->in); v++)
        y[v % channels] = fmax(y[v % channels], x[v]);
}

static void prelu(const cvy_layer *layer, const double *x, const double *const *w, double *y)
{
    const cvy_shape in = layer->in;
    const size_t *dims = layer->plan.weights[0].dims;

    for (size_t v = 0; v < cvy_shape_count(in); v++) {
        size_t slope = v % dims[0];
        if (in.rank == 3) {
            const size_t row = v / in.dims[2] / in.dims[1] % dims[0];
            const size_t column = v / in.dims[2] % in.dims[1] % dims[1];
            slope = (row * dims[1] + column) * dims[2] + v % in.dims[2] % dims[2];
        }
        y[v] = x[v] > 0 ? x[v] : w[0][slope] * x[v];
    }
}

/* --- sets of values to mean 0 and variance 1 --- */

typedef struct {
    size_t sets, weight_period; /* value v has weight v % period */
    bool is_whole, keeps_mean;
    double epsilon;
} norm;

static size_t set_of(const cvy_layer *layer, const norm *n, size_t v)
{
    const size_t channels = channels_of(layer->in);

    if (n->is_whole)
        return 0;
    if (strcmp(layer->kind->kind.name, "group_normalization") == 0)
        return v % channels / (channels / n->sets);
    return v / channels;
}

static void normalize(const cvy_layer *layer, const norm *n, const double *x,
                      const double *const *w, double *y)
{
    const size_t values = cvy_shape_count(layer->in);
    const bool has_gamma =
        layer->plan.weight_count > 0 && strcmp(layer->plan.weights[0].name, "beta") != 0;
    const double *beta = layer->plan.weight_count > has_gamma ? w[has_gamma] : NULL;

    for (size_t set = 0; set < n->sets; set++) {
        double count = 0, mean = 0, variance = 0;
        for (size_t v = 0; v < values; v++)
            count += set_of(layer, n, v) == set;
        for (size_t v = 0; v < values && !n->keeps_mean; v++)
            mean += set_of(layer, n, v) == set ? x[v] / count : 0;
        for (size_t v = 0; v < values; v++)
            variance += set_of(layer, n, v) == set ? (x[v] - mean) * (x[v] - mean) / count : 0;
        for (size_t v = 0; v < values; v++)
            if (set_of(layer, n, v) == set)
                y[v] = (has_gamma ? w[0][v % n->weight_period] : 1) * (x[v] - mean) /
                           sqrt(variance + n->epsilon) +
                       (beta != NULL ? beta[v % n->weight_period] : 0);
    }
}

static void layer_normalization(const cvy_layer *layer, const double *x, const double *const *w,
                                double *y)
{
    const cvy_float_list *axis = layer_setting(layer, "axis");
    const size_t channels = channels_of(layer->in), values = cvy_shape_count(layer->in);
    const bool is_whole = axis->count == layer->in.rank && layer->in.rank > 1;
    const norm n = { is_whole ? 1 : values / channels, is_whole ? values : channels, is_whole,
                     strcmp(layer->kind->kind.name, "rms_normalization") == 0,
                     *(const double *)layer_setting(layer, "epsilon") };

    normalize(layer, &n, x, w, y);
}

static void group_normalization(const cvy_layer *layer, const double *x, const double *const *w,
                                double *y)
{
    const norm n = { *(const size_t *)layer_setting(layer, "groups"), channels_of(layer->in), false,
                     false, *(const double *)layer_setting(layer, "epsilon") };

    normalize(layer, &n, x, w, y);
}

static void unit_normalization(const cvy_layer *layer, const double *x, const double *const *w,
                               double *y)
{
    const size_t channels = channels_of(layer->in);

    (void)w;
    for (size_t v = 0; v < cvy_shape_count(layer->in); v++) {
        double squares = 0;
        for (size_t c = 0; c < channels; c++)
            squares += pow(x[v / channels * channels + c], 2);
        y[v] = x[v] / sqrt(fmax(squares, 1e-12));
    }
}

plain_forward *plain_forward_of(const cvy_layer *layer)
{
    static const struct {
        const char *name;
        plain_forward *forward;
    } kinds[] = {
        { "conv2d", conv2d },
        { "depthwise_conv2d", depthwise_conv2d },
        { "conv2d_transpose", conv2d_transpose },
        { "zero_padding2d", zero_padding2d },
        { "cropping2d", cropping2d },
        { "up_sampling2d", up_sampling2d },
        { "resizing", resizing },
        { "reshape", reshape },
        { "permute", permute },
        { "rescaling", rescaling },
        { "normalization", normalization },
        { "global_average_pooling2d", global_average_pooling2d },
        { "global_max_pooling2d", global_max_pooling2d },
        { "prelu", prelu },
        { "layer_normalization", layer_normalization },
        { "rms_normalization", layer_normalization },
        { "group_normalization", group_normalization },
        { "unit_normalization", unit_normalization },
    };

    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        if (strcmp(kinds[k].name, layer->kind->kind.name) == 0)
            return kinds[k].forward;
    return NULL;
}
