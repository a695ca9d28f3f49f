/* Softmax, cross-entropy and the class that wins, in each instruction set against the plain ones,
 * with logits from denormal to the largest floats. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "support/kernel_sets.h"
#include "support/numbers.h"
#include "support/plain.h"
#include "support/plain_lanes.h"

enum { CLASSES_MAX = 47 };
static const size_t class_counts[] = { 1, 2, 3, 10, CLASSES_MAX };
enum { CLASS_COUNTS = sizeof class_counts / sizeof *class_counts };

/* How far apart the logits lie. */
static const float spreads[] = { 0, 1e-40f, 1, 20, 1000, 1e6f, 1e30f };
enum { SPREADS = sizeof spreads / sizeof *spreads };

/* Shares of the target that go to all classes. */
static const float smoothings[] = { 0, 0.125f, 0.1f, 1 };
enum { SMOOTHINGS = sizeof smoothings / sizeof *smoothings };

static const double ABSOLUTE = 3e-7, RELATIVE = 1e-6;

static void write_column(size_t classes, size_t stride, const double *column, double *x)
{
    for (size_t c = 0; c < classes; c++)
        x[c * stride] = column[c];
}

/* Rows of three lanes, of which `positions` are used; dx as the plain softmax gives it. */
enum { ROW = 3 * CVY_LANE };

static void check_softmax(const cvy_kernels *set, size_t classes, size_t positions, float spread)
{
    const size_t n = classes * ROW, used = positions * CVY_LANE;
    float *x = numbers_floats(n), *y = numbers_floats(n), *dy = numbers_floats(n);
    float *dx = numbers_floats(n);
    double *expected_y = numbers_doubles(n), *expected_dx = numbers_doubles(n);

    numbers_fill_uniform(1, -spread, spread, n, x);
    numbers_fill_uniform(2, -1, 1, n, dy);
    set->softmax->forward(classes, positions, ROW, x, y);
    set->softmax->backward(classes, positions, ROW, y, dy, dx);
    for (size_t i = 0; i < used; i++) {
        double column[CLASSES_MAX], slopes[CLASSES_MAX], result[CLASSES_MAX];
        plain_column(classes, ROW, x + i, column);
        plain_softmax_forward(1, classes, column, result);
        write_column(classes, ROW, result, expected_y + i);
        plain_column(classes, ROW, dy + i, slopes);
        plain_softmax_backward(1, classes, result, slopes, column);
        write_column(classes, ROW, column, expected_dx + i);
    }
    /* what lies beside the used part is expected as it was: 0 */
    numbers_expect_near(n, y, expected_y, RELATIVE, ABSOLUTE, "%s: %zu classes, spread %g",
                        set->name, classes, (double)spread);
    numbers_expect_near(n, dx, expected_dx, RELATIVE, ABSOLUTE,
                        "%s: %zu classes, spread %g, backward", set->name, classes, (double)spread);
    free(x);
    free(y);
    free(dy);
    free(dx);
    free(expected_y);
    free(expected_dx);
}

Test(softmax, follows_its_formula_for_logits_of_any_size)
{
    const cvy_kernels *set;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++)
        for (size_t i = 0; i < CLASS_COUNTS; i++)
            for (size_t j = 0; j < SPREADS; j++)
                for (size_t positions = 0; positions <= 3; positions++)
                    check_softmax(set, class_counts[i], positions, spreads[j]);
}

Test(softmax, forward_and_backward_may_be_in_place)
{
    enum { CLASSES = 10, FLOATS = CLASSES * ROW };
    const cvy_kernels *set;
    float *x = numbers_floats(FLOATS), *y = numbers_floats(FLOATS), *dx = numbers_floats(FLOATS);

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++) {
        numbers_fill_uniform(1, -5, 5, FLOATS, x);
        set->softmax->forward(CLASSES, 3, ROW, x, y);
        set->softmax->forward(CLASSES, 3, ROW, x, x);
        numbers_expect_same(FLOATS, x, y, "%s", set->name);
        numbers_fill_uniform(2, -5, 5, FLOATS, x);
        set->softmax->backward(CLASSES, 3, ROW, y, x, dx);
        set->softmax->backward(CLASSES, 3, ROW, y, x, x);
        numbers_expect_same(FLOATS, x, dx, "%s, backward", set->name);
    }
    free(x);
    free(y);
    free(dx);
}

static void check_cross_entropy(const cvy_kernels *set, size_t classes, float spread,
                                float smoothing)
{
    const size_t n = classes * CVY_LANE;
    float *z = numbers_floats(n), *dz = numbers_floats(n), *loss = numbers_floats(CVY_LANE);
    float weight[CVY_LANE];
    uint16_t label[CVY_LANE];
    double expected_loss[CVY_LANE], *expected_dz = numbers_doubles(n);

    numbers_fill_uniform(3, -spread, spread, n, z);
    plain_targets(classes, label, weight);
    for (size_t s = 0; s < CVY_LANE; s++) {
        double column[CLASSES_MAX], slopes[CLASSES_MAX];
        plain_column(classes, CVY_LANE, z + s, column);
        expected_loss[s] =
            plain_smoothed_cross_entropy(classes, column, label[s], (double)smoothing, slopes);
        for (size_t c = 0; c < classes; c++)
            expected_dz[c * CVY_LANE + s] = weight[s] * slopes[c];
    }
    set->softmax->cross_entropy(classes, z, label, smoothing, loss);
    set->softmax->cross_entropy_back(classes, z, label, smoothing, weight, dz);
    numbers_expect_near(CVY_LANE, loss, expected_loss, RELATIVE, ABSOLUTE,
                        "%s: %zu classes, spread %g, smoothing %g", set->name, classes,
                        (double)spread, (double)smoothing);
    numbers_expect_near(n, dz, expected_dz, RELATIVE, ABSOLUTE,
                        "%s: %zu classes, spread %g, smoothing %g, backward", set->name, classes,
                        (double)spread, (double)smoothing);
    free(z);
    free(dz);
    free(loss);
    free(expected_dz);
}

Test(softmax, cross_entropy_and_its_gradient_for_logits_of_any_size)
{
    const cvy_kernels *set;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++)
        for (size_t i = 0; i < CLASS_COUNTS; i++)
            for (size_t j = 0; j < SPREADS; j++)
                for (size_t l = 0; l < SMOOTHINGS; l++)
                    check_cross_entropy(set, class_counts[i], spreads[j], smoothings[l]);
}

/* log 3 must not drown in logits that are all alike and large. */
Test(softmax, cross_entropy_sees_differences_of_large_logits)
{
    const uint16_t label[CVY_LANE] = { 0 };
    const cvy_kernels *set;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++) {
        float z[3 * CVY_LANE] __attribute__((aligned(64))), loss[CVY_LANE];
        double expected[CVY_LANE];
        for (size_t i = 0; i < 3 * CVY_LANE; i++)
            z[i] = 1e7f;
        for (size_t s = 0; s < CVY_LANE; s++)
            expected[s] = log(3);
        set->softmax->cross_entropy(3, z, label, 0, loss);
        numbers_expect_near(CVY_LANE, loss, expected, RELATIVE, 0, "%s", set->name);
    }
}

/* The largest floats, on whose difference subtraction overflows: probabilities stay numbers. */
Test(softmax, the_largest_floats_give_zero_and_one)
{
    const cvy_kernels *set;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++) {
        float z[2 * CVY_LANE] __attribute__((aligned(64))), y[2 * CVY_LANE];
        double expected[2 * CVY_LANE];
        for (size_t i = 0; i < 2 * CVY_LANE; i++) {
            z[i] = i < CVY_LANE ? FLT_MAX : -FLT_MAX;
            expected[i] = i < CVY_LANE;
        }
        set->softmax->forward(2, 1, CVY_LANE, z, y);
        numbers_expect_near(2 * CVY_LANE, y, expected, 0, 0x1p-120, "%s", set->name);
    }
}

Test(softmax, a_logit_that_is_no_number_spoils_its_own_sample_only)
{
    const uint16_t label[CVY_LANE] = { 0 };
    const cvy_kernels *set;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++)
        for (size_t c = 0; c < 3; c++) {
            float z[3 * CVY_LANE] __attribute__((aligned(64))) = { 0 }, loss[CVY_LANE];
            z[c * CVY_LANE + 5] = NAN;
            set->softmax->cross_entropy(3, z, label, 0, loss);
            for (size_t s = 0; s < CVY_LANE; s++)
                cr_expect(isnan(loss[s]) == (s == 5), "%s: class %zu, sample %zu", set->name, c, s);
        }
}

Test(softmax, of_equal_classes_the_lowest_wins)
{
    const cvy_kernels *set;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++)
        for (size_t i = 0; i < CLASS_COUNTS; i++) {
            const size_t classes = class_counts[i];
            float *z = numbers_floats(classes * CVY_LANE);
            uint16_t found[CVY_LANE];
            numbers_fill_whole(4, 2, classes * CVY_LANE, z);
            set->softmax->argmax(classes, z, found);
            for (size_t s = 0; s < CVY_LANE; s++) {
                size_t best = 0;
                for (size_t c = 1; c < classes; c++)
                    if (z[c * CVY_LANE + s] > z[best * CVY_LANE + s])
                        best = c;
                cr_expect(eq(u16, found[s], (uint16_t)best), "%s: %zu classes, sample %zu",
                          set->name, classes, s);
            }
            free(z);
        }
}

Test(softmax, no_class_wins_where_an_output_is_a_nan)
{
    const cvy_kernels *set;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++)
        for (size_t at = 0; at < 5; at++) {
            float z[5 * CVY_LANE];
            uint16_t found[CVY_LANE];
            numbers_fill_whole(4, 2, 5 * CVY_LANE, z);
            z[at * CVY_LANE + 3] = NAN;
            z[at * CVY_LANE + 4] = INFINITY;
            set->softmax->argmax(5, z, found);
            cr_expect(eq(u16, found[3], CVY_NO_CLASS), "%s: NaN at %zu", set->name, at);
            cr_expect(eq(u16, found[4], (uint16_t)at), "%s: infinity at %zu", set->name, at);
            cr_expect(lt(u16, found[5], 5), "%s", set->name);
        }
}
