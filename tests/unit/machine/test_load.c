/* What other processes took of the machine, as far as ticks of 10 ms can tell. */
#include <criterion/criterion.h>
#include <math.h>

#include "base/topology.h"
#include "machine/load.h"

Test(load, a_few_milliseconds_tell_nothing)
{
    cvy_load_mark mark = cvy_load_begin();

    cr_expect(isnan(cvy_load_elsewhere(&mark)));
    mark.busy -= 1; /* whatever was counted meanwhile */
    cr_expect(isnan(cvy_load_elsewhere(&mark)));
}

/* Of the last hundred seconds all processors were busy for thirty, ten of them with this process. */
Test(load, busy_time_that_is_not_ours_is_that_of_others)
{
    const double cpus = (double)cvy_topology_detect()->allowed_cpus;
    cvy_load_mark mark = cvy_load_begin();

    if (isnan(mark.busy))
        cr_skip_test("no /proc/stat here");
    mark.wall -= 100;
    mark.busy -= 30 * cpus;
    mark.own -= 10 * cpus;
    cr_expect_float_eq(cvy_load_elsewhere(&mark), 0.2, 0.01);
    cr_expect_float_eq(cvy_load_elsewhere_but(&mark, 15 * cpus), 0.05, 0.01);
    cr_expect_float_eq(cvy_load_own(&mark), 10 * cpus, 1);
}
