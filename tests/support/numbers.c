#include "support/numbers.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

enum { LINE_BYTES = 64, LABEL_BYTES = 256 };

float *numbers_floats(size_t count)
{
    size_t bytes = (count * sizeof(float) + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES;
    float *x = aligned_alloc(LINE_BYTES, bytes > 0 ? bytes : LINE_BYTES);

    cr_assert_not_null(x);
    memset(x, 0, count * sizeof *x);
    return x;
}

double *numbers_doubles(size_t count)
{
    double *x = calloc(count > 0 ? count : 1, sizeof *x);

    cr_assert_not_null(x);
    return x;
}

static uint32_t word_at(uint32_t seed, size_t i)
{
    const cvy_random_stream stream = { .seed = seed, .purpose = CVY_RANDOM_AUGMENT };
    uint32_t words[4];

    cvy_random_words(&stream, i, words);
    return words[0];
}

void numbers_fill_whole(uint32_t seed, int limit, size_t n, float *x)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (float)((int)(word_at(seed, i) % (uint32_t)(2 * limit + 1)) - limit);
}

void numbers_fill_uniform(uint32_t seed, float low, float high, size_t n, float *x)
{
    for (size_t i = 0; i < n; i++)
        x[i] = low + (high - low) * cvy_random_unit(word_at(seed, i));
}

void numbers_fill_shuffled(uint32_t seed, size_t n, size_t *places)
{
    for (size_t i = 0; i < n; i++) {
        size_t j = word_at(seed, i) % (i + 1);
        places[i] = places[j];
        places[j] = i;
    }
}

void numbers_expect_same(size_t n, const float *found, const float *expected, const char *format,
                         ...)
{
    char label[LABEL_BYTES];
    size_t i = 0;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(label, sizeof label, format, arguments);
    va_end(arguments);
    while (i < n && memcmp(found + i, expected + i, sizeof *found) == 0)
        i++;
    cr_expect(eq(sz, i, n), "%s: number %zu of %zu is %.9g, expected the bits of %.9g", label, i, n,
              i < n ? (double)found[i] : 0, i < n ? (double)expected[i] : 0);
}

void numbers_expect_near(size_t n, const float *found, const double *expected, double relative,
                         double absolute, const char *format, ...)
{
    char label[LABEL_BYTES];
    size_t i = 0;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(label, sizeof label, format, arguments);
    va_end(arguments);
    while (i < n && fabs(found[i] - expected[i]) <= absolute + relative * fabs(expected[i]))
        i++;
    cr_expect(eq(sz, i, n), "%s: number %zu of %zu is %.9g, expected %.9g", label, i, n,
              i < n ? (double)found[i] : 0, i < n ? expected[i] : 0);
}

double numbers_largest(size_t n, const double *x)
{
    double largest = 0;

    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(x[i]));
    return largest;
}
