/* Everything is computed in double precision: a sample has few outputs, and the result is as close
 * to Keras's as single precision allows. */
#include "losses/terms.h"

#include <math.h>

/* One sample's outputs, and the values that all of them share. */
typedef struct {
    const cvy_terms *terms;
    const float *z; /* the sample's outputs, LANE apart */
    size_t outputs;
    double largest, sum; /* of softmax: e^(z - largest); of shares: p */
} sample;

static double linked(const sample *s, size_t o)
{
    const double z = (double)s->z[o * CVY_LANE];

    switch (s->terms->link) {
    case CVY_LINK_SOFTMAX:
        return exp(z - s->largest);
    case CVY_LINK_SIGMOID:
        return 1 / (1 + exp(-z));
    default:
        return z;
    }
}

static bool is_divided(const cvy_terms *terms)
{
    return terms->link == CVY_LINK_SOFTMAX || terms->is_share;
}

static sample open_sample(const cvy_terms *terms, size_t outputs, const float *z)
{
    sample s = { .terms = terms, .z = z, .outputs = outputs, .largest = -INFINITY };

    for (size_t o = 0; terms->link == CVY_LINK_SOFTMAX && o < outputs; o++)
        s.largest = fmax(s.largest, (double)z[o * CVY_LANE]);
    for (size_t o = 0; is_divided(terms) && o < outputs; o++)
        s.sum += linked(&s, o);
    return s;
}

static double prediction(const sample *s, size_t o)
{
    return is_divided(s->terms) ? linked(s, o) / s->sum : linked(s, o);
}

static double target(const cvy_terms *terms, const cvy_targets *targets, size_t outputs, size_t o,
                     size_t slot)
{
    const double t = (double)cvy_target_value(targets, outputs, o, slot);
    return t * (1 - terms->smoothing) + terms->smoothing * terms->smoothing_target;
}

void cvy_terms_forward(const cvy_terms *terms, const void *settings, size_t outputs, const float *z,
                       const cvy_targets *targets, float loss[CVY_LANE])
{
    for (size_t slot = 0; slot < CVY_LANE; slot++) {
        const sample s = open_sample(terms, outputs, z + slot);
        double sum = 0;
        for (size_t o = 0; o < outputs; o++)
            sum +=
                terms->value(settings, target(terms, targets, outputs, o, slot), prediction(&s, o));
        loss[slot] = (float)(terms->is_mean ? sum / (double)outputs : sum);
    }
}

/* Backward through the division by the sum of p: dz = (dp - sum of dp p) / sum; for softmax, times
 * p instead. */
static void divide_back(const sample *s, double weight, float *dz)
{
    double shared = 0;

    for (size_t o = 0; o < s->outputs; o++)
        shared += (double)dz[o * CVY_LANE] * prediction(s, o);
    for (size_t o = 0; o < s->outputs; o++) {
        const double by_p = (double)dz[o * CVY_LANE] - shared;
        const double slope = s->terms->link == CVY_LINK_SOFTMAX ? prediction(s, o) : 1 / s->sum;
        dz[o * CVY_LANE] = (float)(weight * by_p * slope);
    }
}

void cvy_terms_backward(const cvy_terms *terms, const void *settings, size_t outputs,
                        const float *z, const cvy_targets *targets, float *dz)
{
    for (size_t slot = 0; slot < CVY_LANE; slot++) {
        const sample s = open_sample(terms, outputs, z + slot);
        const double weight =
            (double)targets->weight[slot] / (terms->is_mean ? (double)outputs : 1);
        for (size_t o = 0; o < outputs; o++) {
            const double p = prediction(&s, o);
            double slope = terms->slope(settings, target(terms, targets, outputs, o, slot), p);
            if (terms->link == CVY_LINK_SIGMOID)
                slope *= p * (1 - p);
            dz[o * CVY_LANE + slot] = (float)(is_divided(terms) ? slope : weight * slope);
        }
        if (weight == 0) /* an empty element, whose values may be NaN */
            for (size_t o = 0; o < outputs; o++)
                dz[o * CVY_LANE + slot] = 0;
        else if (is_divided(terms))
            divide_back(&s, weight, dz + slot);
    }
}
