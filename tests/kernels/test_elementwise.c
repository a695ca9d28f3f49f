/* The activation functions in each instruction set against the plain ones, from denormals to the
 * largest floats; and the exponential that they are made of. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/exponential.h"
#include "support/kernel_sets.h"
#include "support/numbers.h"
#include "support/plain.h"

typedef struct {
    const char *name;
    cvy_elementwise kernel;
    plain_activation plain;
    float alpha;
    bool backward_takes_input;
} function;

static const function functions[] = {
    { "relu", CVY_RELU, PLAIN_RELU, 0, false },
    { "leaky_relu 0.2", CVY_LEAKY_RELU, PLAIN_LEAKY_RELU, 0.2f, false },
    { "leaky_relu 0", CVY_LEAKY_RELU, PLAIN_LEAKY_RELU, 0, false },
    { "elu 1", CVY_ELU, PLAIN_ELU, 1, false },
    { "elu 1.7", CVY_ELU, PLAIN_ELU, 1.7f, false },
    { "gelu", CVY_GELU, PLAIN_GELU, 0, true },
    { "sigmoid", CVY_SIGMOID, PLAIN_SIGMOID, 0, false },
    { "tanh", CVY_TANH, PLAIN_TANH, 0, false },
};
enum { FUNCTION_COUNT = sizeof functions / sizeof *functions, N = 2048 };

/* Steps of 1/32 between -24 and 24, then numbers spread over all magnitudes up to 1e30: beyond it
 * the product of gelu's derivative with the smallest normal number would count. */
static void fill_inputs(float *x)
{
    static const float special[] = { 0,        -0.0f,  1e-45f,  -1e-45f, 1e-40f, -1e-40f, FLT_MIN,
                                     -FLT_MIN, 1e-20f, -1e-20f, 87.3f,   -87.3f, 88.4f,   -88.4f,
                                     104,      -104,   1e10f,   -1e10f,  1e30f,  -1e30f };
    enum { SPECIAL = sizeof special / sizeof *special, STEPS = 48 * 32 };

    for (size_t i = 0; i < N; i++)
        x[i] = i < STEPS             ? (float)i / 32 - 24
               : i < STEPS + SPECIAL ? special[i - STEPS]
                                     : ldexpf(i % 2 == 0 ? 1.1f : -1.1f, (int)(i % 230) - 130);
}

static void as_doubles(size_t n, const float *x, double *y)
{
    for (size_t i = 0; i < n; i++)
        y[i] = x[i];
}

/* A few roundings of numbers of size 1, and relative to large results. */
static const double ABSOLUTE = 4e-7, RELATIVE = 4e-7;

static void check_function(const cvy_kernels *set, const function *f)
{
    float *x = numbers_floats(N), *y = numbers_floats(N), *dy = numbers_floats(N);
    float *dx = numbers_floats(N);
    double *wide_x = numbers_doubles(N), *wide_dy = numbers_doubles(N);
    double *expected = numbers_doubles(N);

    fill_inputs(x);
    numbers_fill_uniform(5, -1, 1, N, dy);
    as_doubles(N, x, wide_x);
    as_doubles(N, dy, wide_dy);
    set->activation->forward[f->kernel](N, f->alpha, x, y);
    plain_activation_forward(f->plain, (double)f->alpha, N, wide_x, expected);
    numbers_expect_near(N, y, expected, RELATIVE, ABSOLUTE, "%s %s", set->name, f->name);

    set->activation->backward[f->kernel](N, f->alpha, f->backward_takes_input ? x : y, dy, dx);
    plain_activation_backward(f->plain, (double)f->alpha, N, wide_x, wide_dy, expected);
    numbers_expect_near(N, dx, expected, RELATIVE, ABSOLUTE, "%s %s, backward", set->name, f->name);
    free(x);
    free(y);
    free(dy);
    free(dx);
    free(wide_x);
    free(wide_dy);
    free(expected);
}

static void check_all_functions(void)
{
    const cvy_kernels *set;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++)
        for (size_t i = 0; i < FUNCTION_COUNT; i++)
            check_function(set, &functions[i]);
}

Test(elementwise, functions_and_derivatives_follow_their_formulas)
{
    check_all_functions();
}

/* As the workers run them. */
Test(elementwise, they_do_so_with_denormals_flushed)
{
    cvy_cpu_flush_denormals();
    check_all_functions();
}

/* The functions behind tanh: tests/golden/test_functions_against_keras.c and tests/gradients. */
Test(elementwise, every_function_of_the_list_has_a_case)
{
    bool is_tested[CVY_ELEMENTWISE_COUNT] = { false };

    for (size_t i = 0; i < FUNCTION_COUNT; i++)
        is_tested[functions[i].kernel] = true;
    for (size_t i = 0; i <= CVY_TANH; i++)
        cr_expect(is_tested[i], "function %zu", i);
}

/* The same bits lane by lane as in one go, and in place as apart. */
static void check_pieces(const cvy_kernels *set, const function *f)
{
    float *x = numbers_floats(N), *whole = numbers_floats(N), *pieces = numbers_floats(N);

    fill_inputs(x);
    set->activation->forward[f->kernel](N, f->alpha, x, whole);
    memcpy(pieces, x, N * sizeof *x);
    for (size_t i = 0; i < N; i += CVY_LANE)
        set->activation->forward[f->kernel](CVY_LANE, f->alpha, pieces + i, pieces + i);
    numbers_expect_same(N, pieces, whole, "%s %s", set->name, f->name);

    numbers_fill_uniform(5, -1, 1, N, pieces);
    set->activation->backward[f->kernel](N, f->alpha, x, pieces, whole);
    for (size_t i = 0; i < N; i += CVY_LANE)
        set->activation->backward[f->kernel](CVY_LANE, f->alpha, x + i, pieces + i, pieces + i);
    numbers_expect_same(N, pieces, whole, "%s %s, backward", set->name, f->name);
    free(x);
    free(whole);
    free(pieces);
}

Test(elementwise, bits_do_not_depend_on_length_or_place)
{
    const cvy_kernels *set;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++)
        for (size_t i = 0; i < FUNCTION_COUNT; i++) {
            float untouched = 7;
            check_pieces(set, &functions[i]);
            set->activation->forward[functions[i].kernel](0, 1, &untouched, &untouched);
            set->activation->backward[functions[i].kernel](0, 1, &untouched, &untouched,
                                                           &untouched);
            cr_expect(eq(flt, untouched, 7), "%s %s", set->name, functions[i].name);
        }
}

/* But for relu and leaky_relu, which compare, nothing may turn a NaN into a number. */
Test(elementwise, what_is_not_a_number_stays_so)
{
    static const cvy_elementwise smooth[] = { CVY_LEAKY_RELU, CVY_ELU, CVY_GELU, CVY_SIGMOID,
                                              CVY_TANH };
    const cvy_kernels *set;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++)
        for (size_t i = 0; i < sizeof smooth / sizeof *smooth; i++) {
            float x[CVY_LANE] __attribute__((aligned(64))), y[CVY_LANE];
            for (size_t s = 0; s < CVY_LANE; s++)
                x[s] = NAN;
            set->activation->forward[smooth[i]](CVY_LANE, 0.5f, x, y);
            for (size_t s = 0; s < CVY_LANE; s++)
                cr_expect(isnan(y[s]), "%s, function %d", set->name, (int)smooth[i]);
        }
}

Test(exponential, error_is_below_two_roundings)
{
    double worst = 0;

    for (int i = -87000; i <= 88000; i++) {
        float x = (float)i / 1000;
        worst = fmax(worst, fabs(cvy_exp(x) / exp((double)x) - 1));
    }
    cr_expect(lt(dbl, worst, 0x1p-22));
    cr_expect(gt(dbl, worst, 0)); /* or nothing was measured */
    cr_expect(eq(flt, cvy_exp(0), 1));
}

Test(exponential, ends_and_what_is_not_a_number)
{
    cr_expect(le(flt, cvy_exp(-INFINITY), 1.3e-38f));
    cr_expect(ge(flt, cvy_exp(-INFINITY), 0));
    cr_expect(le(flt, cvy_exp(-FLT_MAX), 1.3e-38f));
    cr_expect(isfinite(cvy_exp(INFINITY)));
    cr_expect(gt(flt, cvy_exp(FLT_MAX), 2e38f));
    cr_expect(isnan(cvy_exp(NAN)));
    cr_expect(isnan(cvy_tanh(NAN)));
    cr_expect(eq(flt, cvy_tanh(INFINITY), 1));
    cr_expect(eq(flt, cvy_tanh(-INFINITY), -1));
}

/* Near 0, where 1 - 2 / (e^2x + 1) would cancel, the relative error counts. */
Test(exponential, tanh_keeps_its_digits_near_zero)
{
    double worst = 0;

    for (int i = 1; i <= 9000; i++) {
        float x = (float)i / 1000;
        worst = fmax(worst, fabs(cvy_tanh(x) / tanh((double)x) - 1));
        worst = fmax(worst, fabs(cvy_tanh(-x) / tanh(-(double)x) - 1));
    }
    cr_expect(lt(dbl, worst, 0x1p-20));
    cr_expect(eq(flt, cvy_tanh(1e-40f), 1e-40f));
}
