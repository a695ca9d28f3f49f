/* Random numbers without a state: Philox 4x32-10 turns a counter and a key into four words.
 * The same purpose, epoch and index give the same numbers, in any order and on any thread.
 * Source: Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3 (SC 2011). */
#ifndef CVY_BASE_RANDOM_H
#define CVY_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* What numbers are drawn for. Each purpose has its own stream. */
typedef enum {
    CVY_RANDOM_WEIGHTS = 1,
    CVY_RANDOM_SHUFFLE,
    CVY_RANDOM_DROPOUT,
    CVY_RANDOM_DIGITS,
    CVY_RANDOM_AUGMENT,
    CVY_RANDOM_BOOTSTRAP,
} cvy_random_purpose;

typedef struct {
    uint64_t seed;
    cvy_random_purpose purpose;
    uint32_t major; /* epoch, layer, ...: the outer counter of the purpose */
} cvy_random_stream;

/** The ten rounds: counter and key as in the paper, checked against its test vectors. */
void cvy_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/** The four words of a stream at `index`. */
void cvy_random_words(const cvy_random_stream *stream, uint64_t index, uint32_t out[4]);

/** Convert a word to a number in [0, 1), with the 24 bits that a float holds. */
static inline float cvy_random_unit(uint32_t word)
{
    return (float)(word >> 8) * 0x1p-24f;
}

/** Convert two words to an independent pair of normal numbers (Box and Muller 1958). */
void cvy_random_normal(uint32_t a, uint32_t b, float *x, float *y);

/** Number `position` of a stream as a float in [0, 1): four consecutive positions share a block of
 *  four words. For code that need not be fast. */
float cvy_random_unit_at(const cvy_random_stream *stream, uint64_t position);

/* A permutation of 0 .. count-1 that can be evaluated at any position (a keyed Feistel network,
 * iterated until the result is in range; Black and Rogaway 2002). */
typedef struct {
    uint32_t count, half_bits, key[4];
} cvy_permutation;

/** count must be between 1 and 2^31. */
cvy_permutation cvy_permutation_create(const cvy_random_stream *stream, uint32_t count);
uint32_t cvy_permutation_at(const cvy_permutation *permutation, uint32_t position);

#endif
