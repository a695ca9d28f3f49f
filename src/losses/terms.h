/* Losses that are the sum or mean over the outputs of a function of target and prediction. */
#ifndef CVY_LOSSES_TERMS_H
#define CVY_LOSSES_TERMS_H

#include "losses/loss.h"

/* A loss of the target t and the prediction p of an output: the output itself, its softmax or
 * sigmoid, or its share in the sum of all outputs. */
typedef struct {
    cvy_link link;
    bool is_share;                      /* after the link, p = p / sum of p */
    bool is_mean;                       /* mean over the outputs, else sum */
    double smoothing, smoothing_target; /* t (1 - smoothing) + smoothing smoothing_target */
    double (*value)(const void *settings, double t, double p);
    double (*slope)(const void *settings, double t, double p); /* derivative with respect to p */
} cvy_terms;

void cvy_terms_forward(const cvy_terms *terms, const void *settings, size_t outputs, const float *z,
                       const cvy_targets *targets, float loss[CVY_LANE]);
void cvy_terms_backward(const cvy_terms *terms, const void *settings, size_t outputs,
                        const float *z, const cvy_targets *targets, float *dz);

/* Keras's epsilon: in logarithms, probabilities are clipped to [1e-7, 1 - 1e-7]. NaN stays NaN. */
#define CVY_LOSS_EPSILON 1e-7

static inline double cvy_clip_probability(double p)
{
    const double above = p < CVY_LOSS_EPSILON ? CVY_LOSS_EPSILON : p;
    return above > 1 - CVY_LOSS_EPSILON ? 1 - CVY_LOSS_EPSILON : above;
}

/** The derivative of clipping: 0 for a clipped value, else 1. */
static inline double cvy_clip_slope(double p)
{
    return p < CVY_LOSS_EPSILON || p > 1 - CVY_LOSS_EPSILON ? 0 : 1;
}

/* forward() and backward() of a kind whose terms are `terms`, an expression that may use `settings`
 * and `outputs`. */
#define CVY_TERM_PASSES(terms)                                                                     \
    static void forward(const void *settings, const cvy_kernels *kernels, size_t outputs,          \
                        const float *z, const cvy_targets *targets, float loss[CVY_LANE])          \
    {                                                                                              \
        const cvy_terms of_kind = (terms);                                                         \
        (void)kernels;                                                                             \
        cvy_terms_forward(&of_kind, settings, outputs, z, targets, loss);                          \
    }                                                                                              \
    static void backward(const void *settings, const cvy_kernels *kernels, size_t outputs,         \
                         const float *z, const cvy_targets *targets, float *dz)                    \
    {                                                                                              \
        const cvy_terms of_kind = (terms);                                                         \
        (void)kernels;                                                                             \
        cvy_terms_backward(&of_kind, settings, outputs, z, targets, dz);                           \
    }

/* A kind whose terms do not depend on its settings. The second is for labels 0 and 1 where there is one output. */
#define CVY_TERM_LOSS(name, summary, rows, bytes, terms)                                           \
    CVY_TERM_LOSS_OF(name, summary, rows, bytes, terms, false)
#define CVY_YES_OR_NO_LOSS(name, summary, terms)                                                   \
    CVY_TERM_LOSS_OF(name, summary, NULL, 0, terms, true)

#define CVY_TERM_LOSS_OF(name, summary, rows, bytes, terms, yes_or_no)                             \
    CVY_TERM_PASSES(terms)                                                                         \
    const cvy_loss_kind cvy_loss_##name = { .kind = { #name, summary, rows, bytes },               \
                                            .is_yes_or_no = (yes_or_no),                           \
                                            .forward = forward,                                    \
                                            .backward = backward };

#endif
