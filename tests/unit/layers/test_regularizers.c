/* Regularizers: what they add to a loss and to a gradient, and how they are written. */
#include <criterion/criterion.h>
#include <math.h>

#include "layers/regularizer.h"
#include "support/models.h"

static cvy_regularizer read(const char *spec)
{
    cvy_regularizer regularizer = { -1, -1 };

    cr_assert_eq(cvy_regularizer_read(spec, &regularizer), CVY_OK, "%s: %s", spec,
                 cvy_error_message());
    return regularizer;
}

Test(regularizers, specs_have_keras_names_and_defaults)
{
    static const struct {
        const char *spec;
        double l1, l2;
    } cases[] = {
        { "none", 0, 0 },
        { "l1", 0.01, 0 },
        { "l2", 0, 0.01 },
        { "l1l2", 0, 0 },
        { "l1:l1=0.5", 0.5, 0 },
        { "l2:l2=1e-4", 0, 1e-4 },
        { "l1l2:l1=0.25,l2=3", 0.25, 3 },
        { "l2:l2=0", 0, 0 },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const cvy_regularizer found = read(cases[i].spec);
        cr_expect_eq(found.l1, cases[i].l1, "%s", cases[i].spec);
        cr_expect_eq(found.l2, cases[i].l2, "%s", cases[i].spec);
    }
}

Test(regularizers, bad_specs_are_refused)
{
    static const char *const cases[][2] = {
        { "l3", "regularizer|l3|l1, l2, l1l2" },
        { "orthogonal_regularizer:factor=0.01", "regularizer|orthogonal_regularizer" },
        { "l2:l2=-0.1", "regularizer l2: l2: found \"-0.1\", expected" },
        { "l1:l1=inf", "l1: found \"inf\"" },
        { "l1:l2=0.1", "l2" },
    };
    cvy_regularizer regularizer;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_refusal(cases[i][0], cvy_regularizer_read(cases[i][0], &regularizer),
                       CVY_ERR_SETTING, cases[i][1]);
}

/* Keras: l1 times the sum of absolute values, l2 times the sum of squares, without a half. */
Test(regularizers, penalty_and_gradient_are_keras)
{
    enum { COUNT = 37 };
    float w[COUNT], dw[COUNT];
    double values = 0, squares = 0;
    const cvy_regularizer both = read("l1l2:l1=0.25,l2=0.125");

    for (size_t i = 0; i < COUNT; i++) {
        w[i] = (float)((int)i - 20) / 8;
        dw[i] = 1;
        values += fabs((double)w[i]);
        squares += (double)w[i] * (double)w[i];
    }
    cr_expect_eq(cvy_regularizer_penalty(&both, COUNT, w), 0.25 * values + 0.125 * squares);
    cvy_regularizer_gradient(&both, 1, COUNT, w, dw);
    for (size_t i = 0; i < COUNT; i++) {
        const float sign = i < 20 ? -1 : i > 20 ? 1 : 0;
        cr_expect_eq(dw[i], 1 + 0.25f * sign + 0.25f * w[i], "%zu", i);
    }
}
