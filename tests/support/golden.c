/* See golden.h. */
#include "support/golden.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef TESTS_FOLDER
#define TESTS_FOLDER "tests"
#endif

json_t *golden_open(const char *name)
{
    char path[1024];
    json_error_t error;

    snprintf(path, sizeof path, "%s/golden/%s", TESTS_FOLDER, name);
    json_t *golden = json_load_file(path, 0, &error);
    cr_assert_not_null(golden, "%s:%d: %s", path, error.line, error.text);
    return golden;
}

const json_t *golden_member(const json_t *object, const char *key)
{
    const json_t *member = json_object_get(object, key);

    cr_assert_not_null(member, "the golden has no \"%s\"", key);
    return member;
}

const char *golden_text(const json_t *object, const char *key)
{
    const json_t *text = golden_member(object, key);

    cr_assert(json_is_string(text), "\"%s\" is no text", key);
    return json_string_value(text);
}

double golden_number(const json_t *object, const char *key)
{
    const json_t *number = golden_member(object, key);

    cr_assert(json_is_number(number), "\"%s\" is no number", key);
    return json_number_value(number);
}

double *golden_numbers(const json_t *object, const char *key, size_t *count)
{
    const json_t *array = golden_member(object, key);
    size_t size = json_array_size(array);
    double *numbers = calloc(size + 1, sizeof *numbers);

    cr_assert_not_null(numbers);
    for (size_t i = 0; i < size; i++) {
        const json_t *number = json_array_get(array, i);
        cr_assert(json_is_number(number), "\"%s\"[%zu] is no number", key, i);
        numbers[i] = json_number_value(number);
    }
    if (count != NULL)
        *count = size;
    return numbers;
}

void golden_sizes(const json_t *object, const char *key, size_t count, size_t *sizes)
{
    const json_t *array = golden_member(object, key);

    cr_assert(json_array_size(array) == count, "\"%s\" does not have %zu numbers", key, count);
    for (size_t i = 0; i < count; i++)
        sizes[i] = (size_t)json_integer_value(json_array_get(array, i));
}

void golden_compare(const json_t *object, const char *key, const double *found, double tolerance,
                    const char *what)
{
    size_t count, worst = 0;
    double *golden = golden_numbers(object, key, &count);
    double largest = 0;

    cr_assert(count > 0, "%s: \"%s\" is empty", what, key);
    for (size_t i = 0; i < count; i++) {
        double error = fabs(found[i] - golden[i]) / fmax(1, fabs(golden[i]));
        if (!(error <= largest)) { /* so that NaN counts */
            largest = error;
            worst = i;
        }
    }
    cr_expect(largest <= tolerance, "%s, %s[%zu]: %.9g, the golden has %.9g", what, key, worst,
              found[worst], golden[worst]);
    free(golden);
}

uint16_t golden_image(size_t i, uint8_t pixels[GOLDEN_PIXELS])
{
    size_t label = i % GOLDEN_CLASSES;

    for (size_t row = 0; row < GOLDEN_SIDE; row++)
        for (size_t column = 0; column < GOLDEN_SIDE; column++) {
            size_t paper = (7 * i + 13 * row + 29 * column + 31 * label) % 256 / 4;
            size_t stripe = row / 2 == label ? 160 : 0;
            pixels[row * GOLDEN_SIDE + column] = (uint8_t)(paper + stripe);
        }
    return (uint16_t)label;
}
