/* Sums of many terms, the peak loop, and the largest of values among which is a NaN. The rest of what is done to
 * lanes is checked by bench/kernels. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/kernel_sets.h"
#include "support/numbers.h"

/* Small terms must not be lost: 65 thousand times 0.1 in one running sum would be off by 1e-3. */
Test(lanes, sums_of_many_terms_stay_accurate)
{
    enum { N = 1 << 16 };
    const cvy_kernels *set;
    float *x = numbers_floats(N);

    for (size_t i = 0; i < N; i++)
        x[i] = 0.1f;
    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++) {
        float sum;
        const double expected = N * (double)0.1f;
        set->lane->sum_rows(1, N, N, x, false, &sum);
        numbers_expect_near(1, &sum, &expected, 1e-5, 0, "%s", set->name);
    }
    free(x);
}

Test(lanes, the_peak_loop_says_how_much_it_computed)
{
    const cvy_kernels *set;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++) {
        float result = NAN;
        double operations = set->fma_peak->run(100, &result);
        cr_expect(isfinite(result), "%s", set->name);
        cr_expect(ge(dbl, operations, 200), "%s", set->name);
        cr_expect(eq(dbl, set->fma_peak->run(200, &result), 2 * operations), "%s", set->name);
    }
}

Test(lanes, the_largest_of_absolute_values_as_bits)
{
    const cvy_kernels *set;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++)
        for (size_t n = 1; n < 70; n += 4) {
            float x[70];
            numbers_fill_uniform(7, -1, 1, n, x);
            x[n / 2] = -2;
            cr_expect(eq(u32, set->lane->largest(n, x), 0x40000000U), "%s: %zu", set->name, n);
            x[n / 3] = -INFINITY;
            cr_expect(eq(u32, set->lane->largest(n, x), 0x7f800000U), "%s: %zu", set->name, n);
            x[n - 1] = -NAN;
            cr_expect(gt(u32, set->lane->largest(n, x), 0x7f800000U), "%s: %zu", set->name, n);
        }
}
