/* Softmax, cross-entropy and their gradients. Besides the exponential (four roundings), an output
 * of at most 1 involves one sum over the classes and a division; a loss also involves the largest
 * logit, with whose magnitude it is rounded. */
#include <math.h>

#include "checks.h"
#include "support/plain.h"
#include "support/plain_lanes.h"

enum { CLASSES_MAX = 101 };

/* The bound of numbers of magnitude max(`size`, 1): 16 roundings, and those of the sum. */
static double bound_of(size_t classes, double size)
{
    return (16 + (double)classes) * 0x1p-24 * fmax(size, 1);
}

/* Set the expected values and bounds of one sample. */
static void expect_column(size_t classes, size_t stride, const double *column, double size,
                          double *expected, double *bound)
{
    for (size_t c = 0; c < classes; c++) {
        expected[c * stride] = column[c];
        bound[c * stride] = bound_of(classes, size);
    }
}

static void check_softmax_of(const check_subject *subject, size_t classes, size_t positions,
                             float spread)
{
    const size_t stride = positions * CVY_LANE, n = classes * stride;

    check_begin("softmax, %zu classes, %zu positions, logits up to %g", classes, positions,
                (double)spread);
    float *x = check_floats(n), *y = check_floats(n), *dy = check_floats(n), *dx = check_floats(n);
    double *expected_y = check_doubles(n), *expected_dx = check_doubles(n);
    double *bound = check_doubles(n);
    check_fill(1, -spread, spread, n, x);
    check_fill(2, -1, 1, n, dy);
    for (size_t i = 0; i < stride; i++) {
        double column[CLASSES_MAX], slopes[CLASSES_MAX], result[CLASSES_MAX];
        plain_column(classes, stride, x + i, column);
        plain_softmax_forward(1, classes, column, result);
        expect_column(classes, stride, result, (double)spread, expected_y + i, bound + i);
        plain_column(classes, stride, dy + i, slopes);
        plain_softmax_backward(1, classes, result, slopes, column);
        expect_column(classes, stride, column, (double)spread, expected_dx + i, bound + i);
    }
    subject->compute.kernels->softmax->forward(classes, positions, stride, x, y);
    check_within("y", n, y, expected_y, bound);
    subject->compute.kernels->softmax->backward(classes, positions, stride, y, dy, dx);
    check_within("dx", n, dx, expected_dx, bound);
    check_end();
}

static void check_entropy(const check_subject *subject, size_t classes, float spread,
                          float smoothing)
{
    const size_t n = classes * CVY_LANE;
    float weight[CVY_LANE];
    uint16_t label[CVY_LANE];

    check_begin("cross-entropy, %zu classes, logits up to %g, smoothing %g", classes,
                (double)spread, (double)smoothing);
    float *z = check_floats(n), *dz = check_floats(n), *loss = check_floats(CVY_LANE);
    double *expected_loss = check_doubles(CVY_LANE), *expected_dz = check_doubles(n);
    double *loss_bound = check_doubles(CVY_LANE), *bound = check_doubles(n);
    check_fill(3, -spread, spread, n, z);
    plain_targets(classes, label, weight);
    for (size_t s = 0; s < CVY_LANE; s++) {
        double column[CLASSES_MAX], slopes[CLASSES_MAX];
        plain_column(classes, CVY_LANE, z + s, column);
        expected_loss[s] =
            plain_smoothed_cross_entropy(classes, column, label[s], (double)smoothing, slopes);
        loss_bound[s] = bound_of(classes, 2 * (double)spread);
        for (size_t c = 0; c < classes; c++)
            slopes[c] *= (double)weight[s];
        expect_column(classes, CVY_LANE, slopes, (double)spread, expected_dz + s, bound + s);
    }
    subject->compute.kernels->softmax->cross_entropy(classes, z, label, smoothing, loss);
    check_within("loss", CVY_LANE, loss, expected_loss, loss_bound);
    subject->compute.kernels->softmax->cross_entropy_back(classes, z, label, smoothing, weight, dz);
    check_within("dz", n, dz, expected_dz, bound);
    check_end();
}

static void check_winner(const check_subject *subject, size_t classes)
{
    uint16_t found[CVY_LANE], expected[CVY_LANE];

    check_begin("the largest of %zu classes", classes);
    float *z = check_floats(classes * CVY_LANE);
    check_fill_whole(4, 3, classes * CVY_LANE, z);
    for (size_t s = 0; s < CVY_LANE; s++) {
        expected[s] = 0;
        for (size_t c = 1; c < classes; c++)
            if (z[c * CVY_LANE + s] > z[expected[s] * CVY_LANE + s])
                expected[s] = (uint16_t)c;
    }
    subject->compute.kernels->softmax->argmax(classes, z, found);
    check_same("winner", sizeof found, found, expected);
    check_end();
}

static void run(const check_subject *subject)
{
    static const size_t classes[] = { 1, 2, 3, 7, 10, 15, 16, 17, CLASSES_MAX };
    static const float spreads[] = { 0, 1, 30 };

    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        for (size_t j = 0; j < sizeof spreads / sizeof *spreads; j++) {
            for (size_t positions = 1; positions <= 7; positions += 2 * positions - 1)
                check_softmax_of(subject, classes[i], positions, spreads[j]);
            check_entropy(subject, classes[i], spreads[j], 0);
            check_entropy(subject, classes[i], spreads[j], 0.1F);
        }
        check_winner(subject, classes[i]);
    }
}

const kernel_check check_softmax = { "softmax", false, run };
