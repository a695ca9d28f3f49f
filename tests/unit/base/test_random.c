/* Philox against the paper's known answers, the distributions drawn from it, and permutations. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

/* The answers that Salmon et al. publish with the paper: zeros, ones, and digits of pi. */
Test(philox, gives_the_known_answers)
{
    static const struct {
        uint32_t counter[4], key[2], answer[4];
    } cases[] = {
        { { 0, 0, 0, 0 }, { 0, 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
        { { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff },
          { 0xffffffff, 0xffffffff },
          { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
        { { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 },
          { 0xa4093822, 0x299f31d0 },
          { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t out[4];
        cvy_philox(cases[i].counter, cases[i].key, out);
        for (size_t word = 0; word < 4; word++)
            cr_expect(eq(u32, out[word], cases[i].answer[word]), "case %zu, word %zu", i, word);
    }
}

Test(random, a_stream_counts_index_epoch_and_purpose_under_the_seed)
{
    const cvy_random_stream stream = { .seed = 0x299f31d0a4093822,
                                       .purpose = CVY_RANDOM_DROPOUT,
                                       .major = 7 };
    const uint32_t counter[4] = { 0x89abcdef, 0x1234567, 7, CVY_RANDOM_DROPOUT };
    const uint32_t key[2] = { 0xa4093822, 0x299f31d0 };
    uint32_t expected[4], found[4];

    cvy_philox(counter, key, expected);
    cvy_random_words(&stream, 0x123456789abcdef, found);
    cr_expect(zero(int, memcmp(found, expected, sizeof found)));
}

Test(random, streams_differ_in_seed_purpose_epoch_and_index)
{
    static const cvy_random_stream streams[] = {
        { 1, CVY_RANDOM_WEIGHTS, 0 },          { 2, CVY_RANDOM_WEIGHTS, 0 },
        { 1ull << 32, CVY_RANDOM_WEIGHTS, 0 }, { 1, CVY_RANDOM_SHUFFLE, 0 },
        { 1, CVY_RANDOM_WEIGHTS, 1 },
    };
    enum { COUNT = sizeof streams / sizeof *streams };
    uint32_t words[COUNT + 1][4];

    for (size_t i = 0; i < COUNT; i++)
        cvy_random_words(&streams[i], 5, words[i]);
    cvy_random_words(&streams[0], 5 + (1ull << 32), words[COUNT]);
    for (size_t i = 0; i <= COUNT; i++)
        for (size_t j = 0; j < i; j++)
            cr_expect(memcmp(words[i], words[j], sizeof words[i]) != 0, "%zu and %zu", i, j);
}

Test(random, units_lie_in_the_half_open_interval)
{
    cr_expect(eq(flt, cvy_random_unit(0), 0));
    cr_expect(eq(flt, cvy_random_unit(0x80000000), 0.5f));
    cr_expect(eq(flt, cvy_random_unit(0xffffffff), 1 - 0x1p-24f));
    cr_expect(eq(flt, cvy_random_unit(0x1ff), 0x1p-24f));
}

Test(random, four_positions_share_a_block)
{
    const cvy_random_stream stream = { 9, CVY_RANDOM_DIGITS, 2 };

    for (uint64_t position = 0; position < 12; position++) {
        uint32_t words[4];
        cvy_random_words(&stream, position / 4, words);
        cr_expect(
            eq(flt, cvy_random_unit_at(&stream, position), cvy_random_unit(words[position % 4])));
    }
}

/* Chi-squared of 64 equally likely cells: mean 63, standard deviation sqrt(126) = 11.2; five of
 * these to either side. */
Test(random, units_fill_the_interval_evenly)
{
    enum { CELLS = 64, DRAWS = 64000 };
    const cvy_random_stream stream = { 1, CVY_RANDOM_AUGMENT, 0 };
    double counts[CELLS] = { 0 }, chi_squared = 0;

    for (uint64_t i = 0; i < DRAWS; i++)
        counts[(size_t)(cvy_random_unit_at(&stream, i) * CELLS)]++;
    for (size_t i = 0; i < CELLS; i++)
        chi_squared += pow(counts[i] - DRAWS / CELLS, 2) / (DRAWS / CELLS);
    cr_expect(gt(dbl, chi_squared, 7));
    cr_expect(lt(dbl, chi_squared, 119));
}

/* Mean, variance, fourth moment and the pair's correlation, each within five standard errors. */
Test(random, normal_pairs_have_the_moments_of_the_normal_distribution)
{
    enum { PAIRS = 40000 };
    const cvy_random_stream stream = { 3, CVY_RANDOM_WEIGHTS, 0 };
    double sum = 0, squares = 0, fourths = 0, products = 0;

    for (uint64_t i = 0; i < PAIRS; i++) {
        uint32_t words[4];
        float x, y;
        cvy_random_words(&stream, i, words);
        cvy_random_normal(words[0], words[1], &x, &y);
        sum += x + y;
        squares += x * x + y * y;
        fourths += pow(x, 4) + pow(y, 4);
        products += x * y;
    }
    const double n = 2.0 * PAIRS;
    cr_expect(lt(dbl, fabs(sum / n), 5 / sqrt(n)));
    cr_expect(lt(dbl, fabs(squares / n - 1), 5 * sqrt(2 / n)));
    cr_expect(lt(dbl, fabs(fourths / n - 3), 5 * sqrt(96 / n)));
    cr_expect(lt(dbl, fabs(products / PAIRS), 5 / sqrt(PAIRS)));
}

Test(random, normal_numbers_are_finite_at_the_ends)
{
    static const uint32_t words[] = { 0, 0xff, 0x100, 0x80000000, 0xffffff00, 0xffffffff };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        for (size_t j = 0; j < sizeof words / sizeof *words; j++) {
            float x, y;
            cvy_random_normal(words[i], words[j], &x, &y);
            /* the largest: sqrt(-2 ln 2^-24) = 5.77 */
            cr_expect(lt(flt, fabsf(x), 5.8f));
            cr_expect(lt(flt, fabsf(y), 5.8f));
        }
}

/* Whether positions 0 .. count - 1 name each of 0 .. count - 1 once. */
static bool is_bijection(uint64_t seed, uint32_t count)
{
    const cvy_random_stream stream = { seed, CVY_RANDOM_SHUFFLE, 1 };
    const cvy_permutation permutation = cvy_permutation_create(&stream, count);
    char *is_taken = calloc(count, 1);
    uint32_t good = 0;

    cr_assert_not_null(is_taken);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t value = cvy_permutation_at(&permutation, i);
        good += value < count && !is_taken[value];
        if (value < count)
            is_taken[value] = 1;
    }
    free(is_taken);
    return good == count;
}

Test(permutation, names_every_place_once)
{
    static const uint32_t large[] = { 1023, 1024, 1025, 4096, 4097, 60000, 65536, 65537, 100003 };

    for (uint32_t count = 1; count <= 300; count++)
        cr_expect(is_bijection(count, count), "%u", count);
    for (size_t i = 0; i < sizeof large / sizeof *large; i++)
        for (uint64_t seed = 0; seed < 3; seed++)
            cr_expect(is_bijection(seed, large[i]), "%u, seed %u", large[i], (unsigned)seed);
}

Test(permutation, the_largest_count_stays_inside)
{
    const cvy_random_stream stream = { 5, CVY_RANDOM_SHUFFLE, 0 };
    const uint32_t count = (uint32_t)1 << 31;
    const cvy_permutation permutation = cvy_permutation_create(&stream, count);

    for (uint32_t i = 0; i < 1000; i++) {
        cr_expect(lt(u32, cvy_permutation_at(&permutation, i), count));
        cr_expect(lt(u32, cvy_permutation_at(&permutation, count - 1 - i), count));
    }
}

Test(permutation, depends_on_the_seed_and_the_epoch)
{
    enum { COUNT = 1000 };
    const cvy_random_stream streams[] = { { 1, CVY_RANDOM_SHUFFLE, 1 },
                                          { 2, CVY_RANDOM_SHUFFLE, 1 },
                                          { 1, CVY_RANDOM_SHUFFLE, 2 } };
    const cvy_permutation first = cvy_permutation_create(&streams[0], COUNT);

    for (size_t s = 0; s < 3; s++) {
        const cvy_permutation other = cvy_permutation_create(&streams[s], COUNT);
        size_t same = 0;
        for (uint32_t i = 0; i < COUNT; i++)
            same += cvy_permutation_at(&first, i) == cvy_permutation_at(&other, i);
        if (s == 0)
            cr_expect(eq(sz, same, COUNT));
        else
            cr_expect(lt(sz, same, 12)); /* one is expected by chance */
    }
}

/* The value at a position is as often in each quarter, over many seeds; and neighbours part. */
Test(permutation, spreads_values_evenly)
{
    enum { COUNT = 1000, SEEDS = 4000 };
    double quarters[4] = { 0 }, chi_squared = 0;
    size_t neighbours = 0;

    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        const cvy_random_stream stream = { seed, CVY_RANDOM_SHUFFLE, 0 };
        const cvy_permutation permutation = cvy_permutation_create(&stream, COUNT);
        uint32_t value = cvy_permutation_at(&permutation, 17);
        quarters[value / (COUNT / 4)]++;
        neighbours += cvy_permutation_at(&permutation, 18) == value + 1;
    }
    for (size_t i = 0; i < 4; i++)
        chi_squared += pow(quarters[i] - SEEDS / 4, 2) / (SEEDS / 4);
    cr_expect(lt(dbl, chi_squared, 20)); /* 3 degrees of freedom: exceeded 1 time in 6000 */
    cr_expect(lt(sz, neighbours, 16));   /* 4 are expected */
}
