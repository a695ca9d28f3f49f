/* Keras's initializers.
 * Sources: Glorot and Bengio 2010; He et al. 2015; LeCun et al. 1998 (Efficient BackProp); Saxe,
 * McClelland and Ganguli 2014 (orthogonal). */
#include <assert.h>
#include <math.h>

#include "base/memory.h"
#include "layers/initializer.h"

typedef enum { FAN_IN, FAN_OUT, FAN_AVG } fan_mode;
typedef enum { TRUNCATED_NORMAL, NORMAL, UNTRUNCATED_NORMAL, UNIFORM } distribution;
static const char *const modes[] = { "fan_in", "fan_out", "fan_avg", NULL };
/* "normal" is Keras 2's name of the first */
static const char *const distributions[] = { "truncated_normal", "normal", "untruncated_normal",
                                             "uniform", NULL };

typedef struct {
    double value, mean, stddev, minval, maxval, scale, gain;
    int mode, distribution;
} initializer_settings;

typedef struct {
    cvy_kind kind;
    /* Draw element `index` of a tensor with these fans. */
    float (*draw)(const initializer_settings *settings, const cvy_random_stream *stream,
                  uint64_t index, double fan_in, double fan_out);
    /* Or fill the tensor as a matrix whose columns are the last dim. */
    cvy_status (*fill)(const initializer_settings *settings, const cvy_random_stream *stream,
                       size_t rows, size_t columns, float *w);
    size_t rank_min, rank_max; /* 0: any */
} initializer_kind;

static float draw_uniform(const cvy_random_stream *stream, uint64_t index, double low, double high)
{
    return (float)(low + (high - low) * (double)cvy_random_unit_at(stream, index));
}

static float draw_normal(const cvy_random_stream *stream, uint64_t index)
{
    uint32_t words[4];
    float x, y;
    cvy_random_words(stream, index, words);
    cvy_random_normal(words[0], words[1], &x, &y);
    return x;
}

/* The first normal number within two standard deviations. Attempts differ in the counter's upper
 * half. A draw fails with probability 1/22, so 64 failures in a row do not happen. */
static float draw_truncated(const cvy_random_stream *stream, uint64_t index)
{
    float x = 0;
    for (uint64_t attempt = 0; attempt < 64; attempt++) {
        x = draw_normal(stream, index | attempt << 40);
        if (fabsf(x) <= 2)
            return x;
    }
    return 0;
}

/* The standard deviation of a standard normal distribution truncated to [-2, 2]. */
static const double truncated_stddev = 0.87962566103423978;

static float constant(const initializer_settings *s, const cvy_random_stream *stream,
                      uint64_t index, double fan_in, double fan_out)
{
    (void)stream, (void)index, (void)fan_in, (void)fan_out;
    return (float)s->value;
}

static float random_uniform(const initializer_settings *s, const cvy_random_stream *stream,
                            uint64_t index, double fan_in, double fan_out)
{
    (void)fan_in, (void)fan_out;
    return draw_uniform(stream, index, s->minval, s->maxval);
}

static float random_normal(const initializer_settings *s, const cvy_random_stream *stream,
                           uint64_t index, double fan_in, double fan_out)
{
    (void)fan_in, (void)fan_out;
    return (float)(s->mean + s->stddev * (double)draw_normal(stream, index));
}

static float truncated_normal(const initializer_settings *s, const cvy_random_stream *stream,
                              uint64_t index, double fan_in, double fan_out)
{
    (void)fan_in, (void)fan_out;
    return (float)(s->mean + s->stddev * (double)draw_truncated(stream, index));
}

static double mean_fan(double fan_in, double fan_out)
{
    return (fan_in + fan_out) / 2;
}

/* Variance scaling with variance V = scale / fan: uniform on +-sqrt(3 V), or truncated normal. */
static float scaled_uniform(const cvy_random_stream *stream, uint64_t index, double scale,
                            double fan)
{
    double limit = sqrt(3 * scale / fmax(fan, 1));
    return draw_uniform(stream, index, -limit, limit);
}

static float scaled_normal(const cvy_random_stream *stream, uint64_t index, double scale,
                           double fan)
{
    return (float)(sqrt(scale / fmax(fan, 1)) / truncated_stddev *
                   (double)draw_truncated(stream, index));
}

#define VARIANCE_SCALING(name, distribution, scale, fan)                                           \
    static float name(const initializer_settings *s, const cvy_random_stream *stream,              \
                      uint64_t index, double fan_in, double fan_out)                               \
    {                                                                                              \
        (void)s, (void)fan_in, (void)fan_out;                                                      \
        return distribution(stream, index, scale, fan);                                            \
    }

VARIANCE_SCALING(glorot_uniform, scaled_uniform, 1, mean_fan(fan_in, fan_out))
VARIANCE_SCALING(glorot_normal, scaled_normal, 1, mean_fan(fan_in, fan_out))
VARIANCE_SCALING(he_uniform, scaled_uniform, 2, fan_in)
VARIANCE_SCALING(he_normal, scaled_normal, 2, fan_in)
VARIANCE_SCALING(lecun_uniform, scaled_uniform, 1, fan_in)
VARIANCE_SCALING(lecun_normal, scaled_normal, 1, fan_in)

static float variance_scaling(const initializer_settings *s, const cvy_random_stream *stream,
                              uint64_t index, double fan_in, double fan_out)
{
    const double fan = s->mode == FAN_IN    ? fan_in
                       : s->mode == FAN_OUT ? fan_out
                                            : mean_fan(fan_in, fan_out);

    if (s->distribution == UNIFORM)
        return scaled_uniform(stream, index, s->scale, fan);
    if (s->distribution == UNTRUNCATED_NORMAL)
        return (float)(sqrt(s->scale / fmax(fan, 1)) * (double)draw_normal(stream, index));
    return scaled_normal(stream, index, s->scale, fan);
}

static cvy_status identity(const initializer_settings *s, const cvy_random_stream *stream,
                           size_t rows, size_t columns, float *w)
{
    (void)stream;
    for (size_t i = 0; i < rows * columns; i++)
        w[i] = i / columns == i % columns ? (float)s->gain : 0;
    return CVY_OK;
}

static double dot(size_t n, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Orthonormalize vectors of normal numbers one by one by Gram-Schmidt, each twice, since once
 * leaves rounding errors (Giraud et al. 2005). The result is Q of the QR factorization with a
 * positive diagonal of R. */
static void make_orthonormal(size_t count, size_t length, double *v)
{
    for (size_t i = 0; i < count; i++) {
        double *own = v + i * length;
        for (int round = 0; round < 2; round++)
            for (size_t j = 0; j < i; j++) {
                const double *other = v + j * length, part = dot(length, own, other);
                for (size_t k = 0; k < length; k++)
                    own[k] -= part * other[k];
            }
        const double norm = sqrt(dot(length, own, own));
        for (size_t k = 0; k < length; k++)
            own[k] /= norm;
    }
}

/* Fill a matrix with orthonormal rows or columns, whichever are fewer. */
static cvy_status orthogonal(const initializer_settings *s, const cvy_random_stream *stream,
                             size_t rows, size_t columns, float *w)
{
    const bool is_tall = rows >= columns;
    const size_t count = is_tall ? columns : rows, length = is_tall ? rows : columns;
    double *v;
    cvy_status status = cvy_memory_create(count * length, sizeof *v, &v);

    if (status != CVY_OK)
        return status;
    for (size_t i = 0; i < count * length; i++)
        v[i] = (double)draw_normal(stream, i);
    make_orthonormal(count, length, v);
    for (size_t row = 0; row < rows; row++)
        for (size_t column = 0; column < columns; column++)
            w[row * columns + column] =
                (float)(s->gain * v[is_tall ? column * length + row : row * length + column]);
    cvy_memory_free(v);
    return CVY_OK;
}

#define ROW(member, text, help)                                                                    \
    {                                                                                              \
#member, CVY_FLOAT, offsetof(initializer_settings, member), text, -HUGE_VAL, HUGE_VAL,     \
            help, CVY_CLOSED, NULL                                                                 \
    }
#define ROWS_END                                                                                   \
    {                                                                                              \
        NULL, CVY_FLOAT, 0, NULL, 0, 0, NULL, CVY_CLOSED, NULL                                     \
    }

static const cvy_setting zeros_rows[] = { ROWS_END };
static const cvy_setting constant_rows[] = { ROW(value, "0", "value of every weight"), ROWS_END };
static const cvy_setting uniform_rows[] = { ROW(minval, "-0.05", "lower end"),
                                            ROW(maxval, "0.05", "upper end"), ROWS_END };
static const cvy_setting normal_rows[] = { ROW(mean, "0", "mean of the distribution"),
                                           ROW(stddev, "0.05", "standard deviation"), ROWS_END };

static const cvy_setting scaling_rows[] = {
    { "scale", CVY_FLOAT, offsetof(initializer_settings, scale), "1", 0, HUGE_VAL,
      "factor of the variance 1 / fan", CVY_ABOVE_MIN | CVY_BELOW_MAX, NULL },
    { "mode", CVY_CHOICE, offsetof(initializer_settings, mode), "fan_in", 0, 0, "fan to use", 0,
      modes },
    { "distribution", CVY_CHOICE, offsetof(initializer_settings, distribution), "truncated_normal",
      0, 0, "shape of the distribution", 0, distributions },
    ROWS_END
};
static const cvy_setting gain_rows[] = { ROW(gain, "1", "factor of all weights"), ROWS_END };

static float ones(const initializer_settings *s, const cvy_random_stream *stream, uint64_t index,
                  double fan_in, double fan_out)
{
    (void)s, (void)stream, (void)index, (void)fan_in, (void)fan_out;
    return 1;
}

#define KIND(function, rows, summary)                                                              \
    static const initializer_kind function##_kind = {                                              \
        { #function, summary, rows, sizeof(initializer_settings) }, function, NULL, 0, 0           \
    };
#define MATRIX_KIND(function, rank_max, summary)                                                   \
    static const initializer_kind function##_kind = { { #function, summary, gain_rows,             \
                                                        sizeof(initializer_settings) },            \
                                                      NULL,                                        \
                                                      function,                                    \
                                                      2,                                           \
                                                      rank_max };

KIND(glorot_uniform, zeros_rows, "uniform, variance 2 / (fan_in + fan_out)")
KIND(glorot_normal, zeros_rows, "truncated normal, variance 2 / (fan_in + fan_out)")
KIND(he_uniform, zeros_rows, "uniform, variance 2 / fan_in")
KIND(he_normal, zeros_rows, "truncated normal, variance 2 / fan_in")
KIND(lecun_uniform, zeros_rows, "uniform, variance 1 / fan_in")
KIND(lecun_normal, zeros_rows, "truncated normal, variance 1 / fan_in")
KIND(variance_scaling, scaling_rows, "variance scale / fan")
MATRIX_KIND(orthogonal, 4, "orthogonal rows or columns")
MATRIX_KIND(identity, 2, "the identity matrix")
KIND(random_uniform, uniform_rows, "uniform")
KIND(random_normal, normal_rows, "normal")
KIND(truncated_normal, normal_rows, "normal, cut at two standard deviations")
KIND(constant, constant_rows, "one value")
KIND(ones, zeros_rows, "all one")

/* the default of `value` is 0 */
static const initializer_kind zeros_kind = {
    { "zeros", "all zero", zeros_rows, sizeof(initializer_settings) }, constant, NULL, 0, 0
};

const cvy_kind *const cvy_initializer_kinds[] = {
    &glorot_uniform_kind.kind,
    &glorot_normal_kind.kind,
    &he_uniform_kind.kind,
    &he_normal_kind.kind,
    &lecun_uniform_kind.kind,
    &lecun_normal_kind.kind,
    &random_uniform_kind.kind,
    &random_normal_kind.kind,
    &truncated_normal_kind.kind,
    &zeros_kind.kind,
    &ones_kind.kind,
    &constant_kind.kind,
    &variance_scaling_kind.kind,
    &orthogonal_kind.kind,
    &identity_kind.kind,
    NULL,
};

cvy_status cvy_initializer_check(const char *spec, size_t rank)
{
    const cvy_kind *kind;
    void *settings;
    cvy_status status = cvy_spec_read("initializer", spec, cvy_initializer_kinds, &kind, &settings);

    if (status != CVY_OK)
        return status;
    cvy_memory_free(settings);
    const initializer_kind *own = (const initializer_kind *)kind;
    if (own->rank_max > 0 && (rank < own->rank_min || rank > own->rank_max))
        return cvy_fail(CVY_ERR_SETTING,
                        "initializer %s: found a tensor of %zu dimensions, expected %zu to %zu",
                        kind->name, rank, own->rank_min, own->rank_max);
    return CVY_OK;
}

/* Compute the fans. Rank 1: (n, n); rank 2: the dims; above: the last two dims times the size of
 * the window. */
static void count_fans(size_t rank, const size_t *dims, double *fan_in, double *fan_out)
{
    double window = 1;
    for (size_t d = 0; d + 2 < rank; d++)
        window *= (double)dims[d];
    *fan_in = window * (double)dims[rank >= 2 ? rank - 2 : 0];
    *fan_out = window * (double)dims[rank - 1];
}

cvy_status cvy_initialize(const char *spec, const cvy_random_stream *stream, size_t rank,
                          const size_t *dims, float *w)
{
    const cvy_kind *kind;
    initializer_settings *settings;
    cvy_status status = cvy_spec_read("initializer", spec, cvy_initializer_kinds, &kind, &settings);
    if (status != CVY_OK)
        return status;

    size_t count = 1;
    double fan_in, fan_out;
    assert(rank >= 1);
    for (size_t d = 0; d < rank; d++)
        count *= dims[d];
    count_fans(rank, dims, &fan_in, &fan_out);
    const initializer_kind *own = (const initializer_kind *)kind;
    if (own->fill != NULL)
        status = own->fill(settings, stream, count / dims[rank - 1], dims[rank - 1], w);
    for (size_t i = 0; own->fill == NULL && i < count; i++)
        w[i] = own->draw(settings, stream, i, fan_in, fan_out);
    cvy_memory_free(settings);
    return status;
}
