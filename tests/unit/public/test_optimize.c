/* Optimizers on parameters of the caller's own. */
#include <criterion/criterion.h>
#include <math.h>

#include "convoy/convoy.h"
#include "support/models.h"

/* On f(w) = a w^2 / 2 gradient descent multiplies w by 1 - rate a at every update. */
Test(optimize, gradient_descent_on_a_quadratic_is_geometric)
{
    enum { UPDATES = 20 };
    cvy_optimizer *optimizer;
    float w[2] = { 1, 1 };

    cr_assert_eq(cvy_optimizer_create("sgd:learning_rate=0.25", NULL, UPDATES, 2, &optimizer),
                 CVY_OK);
    for (size_t i = 1; i <= UPDATES; i++) {
        const float gradients[2] = { 1 * w[0], 7 * w[1] };
        cr_assert_eq(cvy_optimizer_update(optimizer, w, gradients), CVY_OK);
        cr_expect_float_eq(w[0], pow(0.75, (double)i), 1e-6);
        cr_expect_float_eq(w[1], pow(-0.75, (double)i), 1e-6);
    }
    cvy_optimizer_destroy(optimizer);
}

/* Adam's first step is the learning rate, whatever the gradient. */
Test(optimize, first_step_of_adam_is_the_learning_rate)
{
    cvy_optimizer *optimizer;
    float w[3] = { 0 };
    const float gradients[3] = { 0.1f, -5, 1000 };

    cr_assert_eq(cvy_optimizer_create("adam", "0.5", 1, 3, &optimizer), CVY_OK);
    cr_assert_eq(cvy_optimizer_update(optimizer, w, gradients), CVY_OK);
    cr_expect_float_eq(w[0], -0.5, 1e-3);
    cr_expect_float_eq(w[1], 0.5, 1e-5);
    cr_expect_float_eq(w[2], -0.5, 1e-5);
    cvy_optimizer_destroy(optimizer);
}

/* The last quarter of a vector of several tiles is updated like the first. */
Test(optimize, long_vectors_are_updated_whole)
{
    enum { COUNT = 30000 };
    static float w[COUNT], gradients[COUNT];
    cvy_optimizer *optimizer;

    for (size_t i = 0; i < COUNT; i++)
        gradients[i] = (float)i;
    cr_assert_eq(cvy_optimizer_create("sgd:global_clipnorm=1", "1", 1, COUNT, &optimizer), CVY_OK);
    cr_assert_eq(cvy_optimizer_update(optimizer, w, gradients), CVY_OK);
    double squares = 0;
    for (size_t i = 0; i < COUNT; i++)
        squares += (double)w[i] * (double)w[i];
    cr_expect_float_eq(squares, 1, 1e-4);
    cr_expect_float_eq(w[COUNT - 1] / w[COUNT / 4], (COUNT - 1) / (COUNT / 4.0), 1e-4);
    cvy_optimizer_destroy(optimizer);
}

Test(optimize, every_kind_makes_an_update)
{
    const cvy_kinds *kinds;

    cr_assert_eq(cvy_kinds_get(CVY_KINDS_OPTIMIZERS, &kinds), CVY_OK);
    for (size_t i = 0; i < kinds->count; i++) {
        const cvy_kind_info *kind = kinds->kinds[i];
        cvy_optimizer *optimizer;
        float w[2] = { 1, -2 }, gradients[2] = { 0.5f, -0.25f };
        cr_assert_eq(cvy_optimizer_create(kind->name, NULL, 1, 2, &optimizer), CVY_OK, "%s",
                     kind->name);
        for (size_t step = 0; step < 3; step++)
            cr_assert_eq(cvy_optimizer_update(optimizer, w, gradients), CVY_OK);
        cr_expect(isfinite(w[0]) && w[0] < 1, "%s", kind->name);
        cr_expect(isfinite(w[1]) && w[1] > -2, "%s", kind->name);
        cvy_optimizer_destroy(optimizer);
    }
}

Test(optimize, what_cannot_be_is_refused)
{
    cvy_optimizer *o = NULL;

    expect_refusal("name", cvy_optimizer_create("adma", NULL, 1, 1, &o), CVY_ERR_SETTING, "adam");
    expect_refusal("rate", cvy_optimizer_create("adam", "fast", 1, 1, &o), CVY_ERR_SETTING, "fast");
    expect_refusal("steps", cvy_optimizer_create("adam", NULL, 0, 1, &o), CVY_ERR_SETTING,
                   "steps_total");
    expect_refusal("count", cvy_optimizer_create("adam", NULL, 1, 0, &o), CVY_ERR_SETTING, "count");
    expect_refusal("count", cvy_optimizer_create("adam", NULL, 1, SIZE_MAX, &o), CVY_ERR_SETTING,
                   "count");
    expect_refusal("NULL", cvy_optimizer_create(NULL, NULL, 1, 1, &o), CVY_ERR_SETTING, "spec");
    cr_expect_null(o);
    expect_refusal("NULL", cvy_optimizer_update(NULL, NULL, NULL), CVY_ERR_SETTING, "NULL");
    cvy_optimizer_destroy(NULL);
}
