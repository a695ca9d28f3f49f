/* The choice between crews and workers alone, from made-up times of steps. */
#include <criterion/criterion.h>

#include "train/pace.h"

enum { TRIAL = 2 * CVY_PACE_TRIED };

/* Steps that take so long with crews and without; returns how many of them were alone. */
static size_t run(cvy_pace *pace, size_t steps, double crews, double alone)
{
    size_t count = 0;

    for (size_t i = 0; i < steps; i++) {
        const bool is_alone = pace->is_alone;
        count += is_alone;
        /* now and then another process takes the core */
        cvy_pace_note(pace, (is_alone ? alone : crews) * (i % 5 == 4 ? 100 : 1));
    }
    return count;
}

Test(pace, both_ways_are_tried_equally_often)
{
    cvy_pace pace = { 0 };

    cr_expect_eq(run(&pace, TRIAL, 1, 2), CVY_PACE_TRIED);
}

Test(pace, the_faster_way_is_kept)
{
    cvy_pace slow_crews = { 0 }, fast_crews = { 0 };

    run(&slow_crews, TRIAL, 3, 2);
    cr_expect_eq(run(&slow_crews, CVY_PACE_KEPT, 3, 2), CVY_PACE_KEPT);
    run(&fast_crews, TRIAL, 1, 2);
    cr_expect_eq(run(&fast_crews, CVY_PACE_KEPT, 1, 2), 0);
}

Test(pace, a_choice_is_looked_at_again)
{
    cvy_pace pace = { 0 };

    run(&pace, TRIAL + CVY_PACE_KEPT, 1, 2);
    run(&pace, TRIAL, 3, 2); /* a core is gone meanwhile */
    cr_expect_eq(run(&pace, CVY_PACE_KEPT, 3, 2), CVY_PACE_KEPT);
}

Test(pace, of_two_equal_ways_fewer_workers_are_taken)
{
    cvy_pace pace = { 0 };

    run(&pace, TRIAL, 2, 2);
    cr_expect(pace.is_alone);
}
