/* Adam without moments of the weights' size: of a matrix only the mean squares of rows and columns
 * are kept. The values and defaults of Keras's Adafactor. With n the number of the update:
 *     a = max(epsilon_2, rms(w)) min(rate, 1 / sqrt n)      b = 1 - n^beta_2_decay
 *     matrix: r = b r + (1 - b) mean of dw^2 + epsilon_1 along each row, c along each column;
 *             v = r c / mean(r)          vector: v = b v + (1 - b) (dw^2 + epsilon_1)
 *     u = dw / sqrt(v)                   w -= a u / max(1, rms(u) / clip_threshold)
 * A tensor with more dimensions is a sequence of matrices over the last two. 0 / 0 counts as 0: it
 * occurs if a row and a column never had a gradient, and gives NaN everywhere in Keras.
 * Source: Shazeer and Stern, Adafactor (2018), algorithms 4 to 6. */
#include "optimizers/loops.h"

typedef struct {
    cvy_optimizer_settings common;
    double beta_2_decay, epsilon_1, epsilon_2, clip_threshold;
    bool relative_step;
} adafactor_settings;

enum { RATE, KEPT };

#define AT(member) offsetof(adafactor_settings, member)
CVY_OPTIMIZER_ROWS_DEFINE(adafactor) = {
    CVY_LEARNING_RATE_ROW("0.001"),
    { "beta_2_decay", CVY_FLOAT, AT(beta_2_decay), "-0.8", -HUGE_VAL, 0,
      "weight of a new square: the number of updates to this power", CVY_ABOVE_MIN, NULL },
    { "epsilon_1", CVY_FLOAT, AT(epsilon_1), "1e-30", 0, HUGE_VAL, "added to squared gradients",
      CVY_BELOW_MAX, NULL },
    { "epsilon_2", CVY_FLOAT, AT(epsilon_2), "0.001", 0, HUGE_VAL,
      "lower bound of a variable's root mean square, which scales its steps", CVY_BELOW_MAX, NULL },
    { "clip_threshold", CVY_FLOAT, AT(clip_threshold), "1", 0, HUGE_VAL,
      "upper bound of the root mean square of a step", CVY_ABOVE_MIN | CVY_BELOW_MAX, NULL },
    { "relative_step", CVY_BOOL, AT(relative_step), "true", 0, 0,
      "no effect, as in Keras: the learning rate is at most 1 / sqrt n either way", 0, NULL },
    CVY_WEIGHT_DECAY_ROW("none", CVY_OR_NONE),
    CVY_COMMON_ROWS,
    { 0 },
};

/* r and c, or v of a vector; each is at most as large as the variable. */
static size_t slots(const void *config, const char *names[CVY_SLOTS_MAX])
{
    (void)config;
    names[0] = "row_square";
    names[1] = "column_square";
    return 2;
}

/* Scratch for sums of squares of the columns, in double precision. */
static void plan(const void *config, cvy_variable *variable)
{
    (void)config;
    if (variable->rank >= 2)
        variable->scratch_floats = 2 * variable->dims[variable->rank - 1];
}

static void prepare(const void *config, cvy_update *step)
{
    const adafactor_settings *s = config;
    const double n = (double)step->number;

    step->scalar[RATE] = fmin(step->rate, 1 / sqrt(n));
    step->scalar[KEPT] = 1 - pow(n, s->beta_2_decay);
}

static float mix(double kept, float old, double new)
{
    return (float)(kept * (double)old + (1 - kept) * new);
}

static float divide(float dw, float square)
{
    return square > 0 ? dw / sqrtf(square) : 0;
}

/* Compute u of a matrix; it replaces the gradient. */
static void scale_matrix(const adafactor_settings *s, double kept, size_t rows, size_t columns,
                         float *restrict dw, float *restrict r, float *restrict c,
                         double *restrict sums)
{
    double mean = 0;

    for (size_t j = 0; j < columns; j++)
        sums[j] = 0;
    for (size_t i = 0; i < rows; i++) {
        const float *row = dw + i * columns;
        const double square = CVY_FOR_ISA(cvy_sum_squares)(columns, row);
        r[i] = mix(kept, r[i], square / (double)columns + s->epsilon_1);
        mean += (double)r[i] / (double)rows;
        for (size_t j = 0; j < columns; j++)
            sums[j] += (double)row[j] * (double)row[j];
    }
    for (size_t j = 0; j < columns; j++)
        c[j] = mix(kept, c[j], sums[j] / (double)rows + s->epsilon_1);
    for (size_t i = 0; i < rows; i++) {
        float *restrict row = dw + i * columns;
        const float share = mean > 0 ? (float)((double)r[i] / mean) : 0;
        for (size_t j = 0; j < columns; j++)
            row[j] = divide(row[j], share * c[j]);
    }
}

static void scale_vector(const adafactor_settings *s, double kept, size_t n, float *restrict dw,
                         float *restrict v)
{
    for (size_t i = 0; i < n; i++) {
        v[i] = mix(kept, v[i], (double)dw[i] * (double)dw[i] + s->epsilon_1);
        dw[i] = divide(dw[i], v[i]);
    }
}

static void update_variable(const void *config, const cvy_update *step,
                            const cvy_variable *variable, const cvy_gemm_backend *gemm,
                            float *restrict w, float *restrict dw, float *const *slot,
                            float *restrict scratch)
{
    const adafactor_settings *s = config;
    const size_t n = variable->count, rank = variable->rank;
    const double kept = step->scalar[KEPT];

    (void)gemm;
    if (rank < 2) {
        scale_vector(s, kept, n, dw, slot[0]);
    } else {
        const size_t rows = variable->dims[rank - 2], columns = variable->dims[rank - 1];
        for (size_t i = 0; i < n / (rows * columns); i++)
            scale_matrix(s, kept, rows, columns, dw + i * rows * columns, slot[0] + i * rows,
                         slot[1] + i * columns, (double *)(void *)scratch);
    }
    const double size = sqrt(CVY_FOR_ISA(cvy_sum_squares)(n, w) / (double)n);
    const double length = sqrt(CVY_FOR_ISA(cvy_sum_squares)(n, dw) / (double)n);
    const float rate = (float)(step->scalar[RATE] * fmax(s->epsilon_2, size) /
                               fmax(1, length / s->clip_threshold));
    for (size_t i = 0; i < n; i++)
        w[i] -= rate * dw[i];
}

const cvy_optimizer_kind CVY_OPTIMIZER(adafactor) = {
    .kind = { "adafactor", "Adam with factored second moments, for little memory",
              CVY_OPTIMIZER_ROWS(adafactor), sizeof(adafactor_settings) },
    .slots = slots,
    .plan = plan,
    .prepare = prepare,
    .update_variable = update_variable,
};
