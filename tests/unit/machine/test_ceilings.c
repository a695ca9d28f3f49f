/* What a machine can do at most: of figures that no test can know, that they are there and sane. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>

#include "machine/ceilings.h"

enum { BYTES = 1 << 20 };

static void expect_between(double low, double found, double high, const char *what)
{
    cr_expect(low <= found && found <= high, "%s: %g, expected %g to %g", what, found, low, high);
}

Test(ceilings, bandwidth_and_exchange)
{
    cvy_triad triad;

    cr_assert(eq(int, cvy_triad_create(CVY_BIND_NONE, 2, BYTES, &triad), CVY_OK));
    expect_between(1e7, cvy_measure_triad(&triad, CVY_BIND_NONE, 2), 1e13, "triad");
    cr_expect(isnan(cvy_measure_exchange(&triad, CVY_BIND_NONE, 1)), "alone");
    expect_between(1e-11, cvy_measure_exchange(&triad, CVY_BIND_NONE, 2), 1e-4, "two");
    expect_between(1e-11, cvy_measure_exchange(&triad, CVY_BIND_NONE, 3), 1e-4, "three");
    cvy_triad_release(&triad);
}

/* The exchange takes as many lines as there are. */
Test(ceilings, exchange_of_a_small_array)
{
    cvy_triad triad;

    cr_assert(eq(int, cvy_triad_create(CVY_BIND_NONE, 2, 256, &triad), CVY_OK));
    expect_between(1e-11, cvy_measure_exchange(&triad, CVY_BIND_NONE, 2), 1e-4, "few lines");
    cvy_triad_release(&triad);
}

Test(ceilings, arithmetic)
{
    const cvy_kernels *kernels;

    cr_assert(eq(int, cvy_kernels_choose(&kernels), CVY_OK));
    expect_between(1e6, cvy_measure_fma(kernels, CVY_BIND_NONE, 2, 1), 1e13, "fma");
}
