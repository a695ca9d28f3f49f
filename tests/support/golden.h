/* Reading the golden files: JSON that tests/golden/make_*.py wrote with Keras. Whatever is not as
 * it should be fails the test that asked. */
#ifndef TESTS_SUPPORT_GOLDEN_H
#define TESTS_SUPPORT_GOLDEN_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/** The file tests/golden/NAME; released with json_decref(). */
json_t *golden_open(const char *name);

/** A member that must be there. */
const json_t *golden_member(const json_t *object, const char *key);
const char *golden_text(const json_t *object, const char *key);
double golden_number(const json_t *object, const char *key);

/** An array of numbers, released with free(); count, where not NULL, receives how many. */
double *golden_numbers(const json_t *object, const char *key, size_t *count);

/** An array of exactly `count` sizes. */
void golden_sizes(const json_t *object, const char *key, size_t count, size_t *sizes);

/** Expects |found[i] - golden[i]| <= tolerance * max(1, |golden[i]|) for all of the array `key`,
 *  and says which is farthest off. */
void golden_compare(const json_t *object, const char *key, const double *found, double tolerance,
                    const char *what);

/* The images of training_runs.json. */
enum {
    GOLDEN_IMAGES = 50,
    GOLDEN_CLASSES = 5,
    GOLDEN_SIDE = 12,
    GOLDEN_PIXELS = GOLDEN_SIDE * GOLDEN_SIDE,
};

/** Fills the pixels of image i and returns its label. */
uint16_t golden_image(size_t i, uint8_t pixels[GOLDEN_PIXELS]);

#endif
