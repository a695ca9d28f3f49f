/* Orthogonalized momentum, for matrices; the values and defaults of Keras's Muon.
 *     m = momentum m + dw        x = dw + momentum m (nesterov), else m
 *     x = x / (|x| + 1e-7), then ns_steps times: s = x x^T, x = a x + (b s + c s s) x
 *     w -= rate x sqrt(max(rows, columns)) rms_rate
 * With more rows than columns, s = x^T x is applied from the right, which equals transposing before
 * and after. A variable that is not a matrix (a bias, a convolution's kernel), or that is excluded,
 * is updated by adam, with learning rate rate * adam_lr_ratio and weight decay adam_weight_decay.
 * Sources: Jordan et al., Muon (2024); Liu et al., Muon is scalable for LLM training (2025), for
 * the last formula. */
#include <string.h>

#include "base/letters.h"
#include "optimizers/adam.h"
#include "optimizers/loops.h"

typedef struct {
    cvy_optimizer_settings common;
    double adam_beta_1, adam_beta_2, adam_weight_decay, epsilon;
    char exclude_layers[CVY_NAME_BYTES];
    bool exclude_embeddings;
    double muon_a, muon_b, muon_c, adam_lr_ratio, momentum;
    size_t ns_steps;
    bool nesterov;
    double rms_rate;
} muon_settings;

enum { RULE_ADAM, RULE_MUON };

#define AT(member) offsetof(muon_settings, member)
CVY_OPTIMIZER_ROWS_DEFINE(muon) = {
    CVY_LEARNING_RATE_ROW("0.001"),
    { "momentum", CVY_FLOAT, AT(momentum), "0.95", 0, 1,
      "fraction of the previous momentum that is kept", 0, NULL },
    { "nesterov", CVY_BOOL, AT(nesterov), "true", 0, 0, "use Nesterov momentum", 0, NULL },
    { "ns_steps", CVY_COUNT, AT(ns_steps), "5", 1, 1000, "rounds of orthogonalization", 0, NULL },
    { "muon_a", CVY_FLOAT, AT(muon_a), "3.4445", -HUGE_VAL, HUGE_VAL, "factor of x in a round", 0,
      NULL },
    { "muon_b", CVY_FLOAT, AT(muon_b), "-4.775", -HUGE_VAL, HUGE_VAL,
      "factor of x x^T x in a round", 0, NULL },
    { "muon_c", CVY_FLOAT, AT(muon_c), "2.0315", -HUGE_VAL, HUGE_VAL,
      "factor of x x^T x x^T x in a round", 0, NULL },
    { "rms_rate", CVY_FLOAT, AT(rms_rate), "0.2", 0, HUGE_VAL,
      "factor of steps, times the root of the longer side; none: no scaling",
      CVY_BELOW_MAX | CVY_OR_NONE, NULL },
    { "exclude_layers", CVY_NAME, AT(exclude_layers), "[]", 0, 0,
      "patterns of LAYER/NAME, as in [dense_2;out], of variables that adam updates", 0, NULL },
    { "exclude_embeddings", CVY_BOOL, AT(exclude_embeddings), "true", 0, 0,
      "adam updates variables with embedding in their names", 0, NULL },
    { "adam_lr_ratio", CVY_FLOAT, AT(adam_lr_ratio), "1", 0, HUGE_VAL,
      "adam's learning rate relative to learning_rate", CVY_BELOW_MAX, NULL },
    { "adam_beta_1", CVY_FLOAT, AT(adam_beta_1), "0.9", 0, 1, "decay of adam's first moment",
      CVY_BELOW_MAX, NULL },
    { "adam_beta_2", CVY_FLOAT, AT(adam_beta_2), "0.999", 0, 1, "decay of adam's second moment",
      CVY_BELOW_MAX, NULL },
    { "adam_weight_decay", CVY_FLOAT, AT(adam_weight_decay), "0.004", 0, HUGE_VAL,
      "weight_decay of the variables that adam updates", CVY_BELOW_MAX | CVY_OR_NONE, NULL },
    { "epsilon", CVY_FLOAT, AT(epsilon), "1e-7", 0, HUGE_VAL, "keeps adam's divisor above zero",
      CVY_BELOW_MAX, NULL },
    CVY_WEIGHT_DECAY_ROW("0.004", CVY_OR_NONE),
    CVY_COMMON_ROWS,
    { 0 },
};

static cvy_status check(const void *config)
{
    return cvy_pattern_check("exclude_layers", ((const muon_settings *)config)->exclude_layers);
}

static size_t slots(const void *config, const char *names[CVY_SLOTS_MAX])
{
    (void)config;
    names[0] = "momentum";
    names[1] = "velocity";
    return 2;
}

static bool is_embedding(const char *path)
{
    char lower[CVY_VARIABLE_PATH_BYTES];
    size_t length = 0;

    for (; path[length] != '\0'; length++)
        lower[length] = cvy_lower(path[length]);
    lower[length] = '\0';
    return strstr(lower, "embedding") != NULL;
}

/* The number of rows and columns of x x^T or x^T x, whichever is smaller. */
static size_t shorter_side(const cvy_variable *variable)
{
    return variable->dims[0] < variable->dims[1] ? variable->dims[0] : variable->dims[1];
}

static void plan(const void *config, cvy_variable *variable)
{
    const muon_settings *s = config;
    const bool is_adam = variable->rank != 2 ||
                         (s->exclude_embeddings && is_embedding(variable->path)) ||
                         cvy_pattern_finds(s->exclude_layers, variable->path);

    variable->rule = is_adam ? RULE_ADAM : RULE_MUON;
    if (is_adam) {
        variable->weight_decay = s->adam_weight_decay;
        return;
    }
    const size_t side = shorter_side(variable);
    variable->scratch_floats = cvy_whole_lanes(variable->count) + 2 * cvy_whole_lanes(side * side);
}

static void prepare(const void *config, cvy_update *step)
{
    const muon_settings *s = config;
    step->scalar[0] =
        s->adam_lr_ratio * CVY_FOR_ISA(cvy_adam_rate)(s->adam_beta_1, s->adam_beta_2, step);
}

/* Compute y = a x + (b s + c s s) x, or with s from the right; product and t are scratch. */
static void run_round(const muon_settings *s, const cvy_gemm_backend *gemm, size_t rows,
                      size_t columns, const float *x, float *y, float *product, float *t)
{
    const float a = (float)s->muon_a, b = (float)s->muon_b, c = (float)s->muon_c;
    const bool is_wide = rows <= columns;
    const size_t side = is_wide ? rows : columns;

    gemm->run(is_wide ? CVY_GEMM_NT : CVY_GEMM_TN, side, side, is_wide ? columns : rows, x, columns,
              x, columns, false, product, side);
    gemm->run(CVY_GEMM_NN, side, side, side, product, side, product, side, false, t, side);
    for (size_t i = 0; i < side * side; i++)
        t[i] = b * product[i] + c * t[i];
    for (size_t i = 0; i < rows * columns; i++)
        y[i] = a * x[i];
    if (is_wide)
        gemm->run(CVY_GEMM_NN, rows, columns, rows, t, rows, x, columns, true, y, columns);
    else
        gemm->run(CVY_GEMM_NN, rows, columns, columns, x, columns, t, columns, true, y, columns);
}

/* Orthogonalize x, which is stored in place of the gradient.
 * Return the result, which is in x or in scratch. */
static float *make_orthogonal(const muon_settings *s, const cvy_gemm_backend *gemm,
                              const cvy_variable *variable, float *x, float *scratch)
{
    const size_t n = variable->count, side = shorter_side(variable);
    float *y = scratch, *product = y + cvy_whole_lanes(n),
          *t = product + cvy_whole_lanes(side * side);
    const double length = sqrt(CVY_FOR_ISA(cvy_sum_squares)(n, x));
    const float scale = (float)(1 / (length + 1e-7));

    for (size_t i = 0; i < n; i++)
        x[i] *= scale;
    for (size_t i = 0; i < s->ns_steps; i++) {
        run_round(s, gemm, variable->dims[0], variable->dims[1], x, y, product, t);
        float *const result = y;
        y = x;
        x = result;
    }
    return x;
}

static void update_matrix(const muon_settings *s, double rate, const cvy_variable *variable,
                          const cvy_gemm_backend *gemm, float *w, float *dw, float *m,
                          float *scratch)
{
    const size_t n = variable->count;
    const float momentum = (float)s->momentum;
    const double longer = fmax((double)variable->dims[0], (double)variable->dims[1]);

    for (size_t i = 0; i < n; i++) {
        m[i] = momentum * m[i] + dw[i];
        dw[i] = s->nesterov ? dw[i] + momentum * m[i] : m[i];
    }
    const float *x = make_orthogonal(s, gemm, variable, dw, scratch);
    const float scale = (float)(rate * (isnan(s->rms_rate) ? 1 : sqrt(longer) * s->rms_rate));
    for (size_t i = 0; i < n; i++)
        w[i] -= scale * x[i];
}

static void update_variable(const void *config, const cvy_update *step,
                            const cvy_variable *variable, const cvy_gemm_backend *gemm,
                            float *restrict w, float *restrict dw, float *const *slot,
                            float *restrict scratch)
{
    const muon_settings *s = config;
    const cvy_adam_factors factors = { (float)step->scalar[0], (float)(1 - s->adam_beta_1),
                                       (float)(1 - s->adam_beta_2), (float)s->epsilon };

    if (variable->rule == RULE_ADAM)
        CVY_FOR_ISA(cvy_adam_apply)(factors, variable->count, w, dw, slot[0], slot[1]);
    else
        update_matrix(s, step->rate, variable, gemm, w, dw, slot[0], scratch);
}

const cvy_optimizer_kind CVY_OPTIMIZER(muon) = {
    .kind = { "muon", "orthogonalized momentum for matrices, Adam for the rest",
              CVY_OPTIMIZER_ROWS(muon), sizeof(muon_settings) },
    .check = check,
    .slots = slots,
    .plan = plan,
    .prepare = prepare,
    .update_variable = update_variable,
};
