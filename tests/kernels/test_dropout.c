/* Dropout's masks, element by element, against the Philox generator of base/random.h. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "support/kernel_sets.h"
#include "support/numbers.h"

enum { ROWS = 37, FLOATS = ROWS * CVY_LANE, ALL = 65536, PART = 2 * CVY_DROPOUT_UNIT };

static cvy_dropout_stream create_stream(void)
{
    cvy_dropout_stream stream = { .key = { 0x12345678, 0x9abcdef0 },
                                  .major = 3,
                                  .purpose = CVY_RANDOM_DROPOUT };

    for (size_t s = 0; s < CVY_LANE; s++)
        stream.position[s] = (uint32_t)(1000 + 17 * s);
    return stream;
}

/* Eight rows share a draw: sixteen bits each, the low half of a word first. */
static uint32_t number_of(const cvy_dropout_stream *stream, size_t row, size_t sample)
{
    const uint32_t counter[4] = { (uint32_t)(row / 8), stream->position[sample], stream->major,
                                  stream->purpose };
    uint32_t words[4];

    cvy_philox(counter, stream->key, words);
    return words[row % 8 / 2] >> (row % 2 * 16) & 0xffff;
}

/* What forward should give; returns how many are kept. */
static size_t plain_forward(const cvy_dropout_stream *stream, uint32_t threshold, float scale,
                            const float *x, float *y, uint8_t *kept)
{
    size_t count = 0;

    for (size_t i = 0; i < FLOATS; i++) {
        kept[i] = number_of(stream, i / CVY_LANE, i % CVY_LANE) >= threshold;
        y[i] = kept[i] ? x[i] * scale : 0;
        count += kept[i];
    }
    return count;
}

Test(dropout, masks_are_those_of_the_generator)
{
    const cvy_dropout_stream stream = create_stream();
    /* a number that is drawn is itself kept: a threshold of 0 keeps all */
    const uint32_t drawn = number_of(&stream, 5, 3);
    const uint32_t thresholds[] = { 0, 1, drawn, drawn + 1, 32768, 65535, ALL };
    const cvy_kernels *set;
    float *x = numbers_floats(FLOATS), *y = numbers_floats(FLOATS);
    float *expected = numbers_floats(FLOATS);
    uint8_t kept[FLOATS], expected_kept[FLOATS];

    numbers_fill_uniform(1, 1, 2, FLOATS, x);
    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++)
        for (size_t i = 0; i < sizeof thresholds / sizeof *thresholds; i++) {
            size_t count = plain_forward(&stream, thresholds[i], 1.25f, x, expected, expected_kept);
            double mean = FLOATS * (1 - thresholds[i] / 65536.0);
            memset(kept, 7, sizeof kept);
            set->dropout->forward(0, PART, &stream, thresholds[i], 1.25f, x, y, kept);
            set->dropout->forward(PART, ROWS - PART, &stream, thresholds[i], 1.25f,
                                  x + PART * CVY_LANE, y + PART * CVY_LANE, kept + PART * CVY_LANE);
            numbers_expect_same(FLOATS, y, expected, "%s, threshold %u", set->name, thresholds[i]);
            cr_expect(zero(int, memcmp(kept, expected_kept, FLOATS)), "%s, threshold %u", set->name,
                      thresholds[i]);
            /* five standard deviations */
            cr_expect(
                le(dbl, fabs((double)count - mean), 1 + 5 * sqrt(mean * thresholds[i] / 65536.0)));
        }
    free(x);
    free(y);
    free(expected);
}

Test(dropout, backward_uses_the_mask_and_both_may_be_in_place)
{
    const cvy_dropout_stream stream = create_stream();
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
    cvy_dropout_stream stream = create_stream(), turned = create_stream();
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
    const cvy_dropout_stream stream = create_stream();
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
