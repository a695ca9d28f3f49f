/* -log of the probability of the true class.
 *
 * For logits, softmax and loss are fused: the derivative with respect to a logit is its
 * probability, minus 1 for the true class. Nothing is clipped; a saturated sample can cost 30 and
 * more. For probabilities p, from any other function, Keras uses p / sum of p, clipped to [1e-7, 1
 * - 1e-7]: a sample costs at most 16.1, and clipped values have gradient 0.
 *
 * With label_smoothing e and C classes, the target is 1 - e + e / C for the true class and e / C
 * for the others, as in Keras's CategoricalCrossentropy. Keras's SparseCategoricalCrossentropy has
 * no such option; convoy's has. Sources: Goodfellow et al., Deep Learning (2016), section 6.2.2.3;
 * Szegedy et al., Rethinking the Inception Architecture for Computer Vision (2016), section 7;
 * Keras 3, categorical_crossentropy. */
#include "losses/crossentropy.h"

#include <math.h>

#include "losses/terms.h"

const cvy_setting cvy_crossentropy_rows[] = {
    CVY_FROM_LOGITS_ROW,
    { "label_smoothing", CVY_FLOAT, offsetof(cvy_crossentropy_settings, label_smoothing), "0", 0, 1,
      "fraction of the target that is spread over all classes", CVY_CLOSED, NULL },
    { 0 },
};

static double value(const void *settings, double t, double p)
{
    (void)settings;
    return t == 0 && !isnan(p) ? 0 : -t * log(cvy_clip_probability(p));
}

static double slope(const void *settings, double t, double p)
{
    (void)settings;
    return cvy_clip_slope(p) == 0 ? 0 : -t / p;
}

static cvy_terms terms_of(const cvy_crossentropy_settings *s, size_t outputs)
{
    return (cvy_terms){ .is_share = true,
                        .smoothing = s->label_smoothing,
                        .smoothing_target = 1 / (double)outputs,
                        .value = value,
                        .slope = slope };
}

void cvy_crossentropy_forward(const void *settings, const cvy_kernels *kernels, size_t outputs,
                              const float *z, const cvy_targets *targets, float loss[CVY_LANE])
{
    const cvy_crossentropy_settings *s = settings;
    const cvy_terms terms = terms_of(s, outputs);

    if (s->logits.takes_logits)
        kernels->softmax->cross_entropy(outputs, z, targets->label, (float)s->label_smoothing,
                                        loss);
    else
        cvy_terms_forward(&terms, settings, outputs, z, targets, loss);
}

void cvy_crossentropy_backward(const void *settings, const cvy_kernels *kernels, size_t outputs,
                               const float *z, const cvy_targets *targets, float *dz)
{
    const cvy_crossentropy_settings *s = settings;
    const cvy_terms terms = terms_of(s, outputs);

    if (s->logits.takes_logits)
        kernels->softmax->cross_entropy_back(outputs, z, targets->label, (float)s->label_smoothing,
                                             targets->weight, dz);
    else
        cvy_terms_backward(&terms, settings, outputs, z, targets, dz);
}
