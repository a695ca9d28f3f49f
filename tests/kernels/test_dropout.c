/* Which sample a mask of dropout belongs to, and what becomes of dropped values. The masks themselves are checked
 * by bench/kernels. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/kernel_sets.h"
#include "support/numbers.h"
#include "support/plain_lanes.h"

enum { ROWS = 37, FLOATS = ROWS * CVY_LANE, ALL = 65536, PART = 2 * CVY_DROPOUT_UNIT };

Test(dropout, backward_uses_the_mask_and_both_may_be_in_place)
{
    const cvy_dropout_stream stream = plain_dropout_stream();
    const cvy_kernels *set;
    float *x = numbers_floats(FLOATS), *y = numbers_floats(FLOATS);
    uint8_t kept[FLOATS];

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++) {
        numbers_fill_uniform(1, 1, 2, FLOATS, x);
        set->dropout->forward(0, ROWS, &stream, 20000, 1.5f, x, y, kept);
        set->dropout->forward(0, ROWS, &stream, 20000, 1.5f, x, x, kept);
        numbers_expect_same(FLOATS, x, y, "%s", set->name);

        numbers_fill_uniform(2, -1, 1, FLOATS, x);
        set->dropout->backward(ROWS, 1.5f, kept, x, y);
        for (size_t i = 0; i < FLOATS; i++)
            x[i] = kept[i] ? 1.5f * x[i] : 0;
        numbers_expect_same(FLOATS, y, x, "%s, backward", set->name);
        numbers_fill_uniform(2, -1, 1, FLOATS, x);
        set->dropout->backward(ROWS, 1.5f, kept, x, x);
        numbers_expect_same(FLOATS, x, y, "%s, backward in place", set->name);
    }
    free(x);
    free(y);
}

/* A lane that is put together otherwise, as the last of a shorter epoch, changes no sample's
 * mask. */
Test(dropout, a_sample_has_its_mask_in_every_slot)
{
    const cvy_kernels *set;
    cvy_dropout_stream stream = plain_dropout_stream(), turned = plain_dropout_stream();
    float *x = numbers_floats(FLOATS), *y = numbers_floats(FLOATS);
    uint8_t kept[FLOATS], kept_turned[FLOATS];

    for (size_t s = 0; s < CVY_LANE; s++)
        turned.position[s] = stream.position[(s + 5) % CVY_LANE];
    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++) {
        size_t moved = 0;
        set->dropout->forward(0, ROWS, &stream, 32768, 2, x, y, kept);
        set->dropout->forward(0, ROWS, &turned, 32768, 2, x, y, kept_turned);
        for (size_t i = 0; i < FLOATS; i++)
            moved += kept_turned[i] != kept[i / CVY_LANE * CVY_LANE + (i + 5) % CVY_LANE];
        cr_expect(zero(sz, moved), "%s", set->name);
    }
    free(x);
    free(y);
}

Test(dropout, what_is_dropped_is_zero_whatever_it_was)
{
    const cvy_dropout_stream stream = plain_dropout_stream();
    const cvy_kernels *set;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++) {
        float x[CVY_LANE] __attribute__((aligned(64))), zeros[CVY_LANE] = { 0 };
        float y[CVY_LANE] __attribute__((aligned(64)));
        uint8_t kept[CVY_LANE];
        for (size_t s = 0; s < CVY_LANE; s++)
            x[s] = s % 2 == 0 ? NAN : -INFINITY;
        set->dropout->forward(0, 1, &stream, ALL, 0, x, y, kept);
        numbers_expect_same(CVY_LANE, y, zeros, "%s", set->name);
        set->dropout->backward(1, 0, kept, x, y);
        numbers_expect_same(CVY_LANE, y, zeros, "%s, backward", set->name);
        y[0] = 7;
        set->dropout->forward(0, 0, &stream, ALL, 0, x, y, kept);
        set->dropout->backward(0, 0, kept, x, y);
        cr_expect(eq(flt, y[0], 7), "%s: no rows are no work", set->name);
    }
}
