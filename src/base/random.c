#include "base/random.h"

#include <math.h>
#include <string.h>

void cvy_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];

    for (int round = 0; round < 10; round++) {
        uint64_t product0 = (uint64_t)0xD2511F53 * c0;
        uint64_t product1 = (uint64_t)0xCD9E8D57 * c2;
        c0 = (uint32_t)(product1 >> 32) ^ c1 ^ k0;
        c2 = (uint32_t)(product0 >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)product1;
        c3 = (uint32_t)product0;
        k0 += 0x9E3779B9;
        k1 += 0xBB67AE85;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

void cvy_random_words(const cvy_random_stream *stream, uint64_t index, uint32_t out[4])
{
    const uint32_t counter[4] = { (uint32_t)index, (uint32_t)(index >> 32), stream->major,
                                  (uint32_t)stream->purpose };
    const uint32_t key[2] = { (uint32_t)stream->seed, (uint32_t)(stream->seed >> 32) };

    cvy_philox(counter, key, out);
}

void cvy_random_normal(uint32_t a, uint32_t b, float *x, float *y)
{
    float radius = sqrtf(-2.0f * logf(1.0f - cvy_random_unit(a)));
    float angle = 6.28318530718f * cvy_random_unit(b);

    *x = radius * cosf(angle);
    *y = radius * sinf(angle);
}

float cvy_random_unit_at(const cvy_random_stream *stream, uint64_t position)
{
    uint32_t words[4];
    cvy_random_words(stream, position / 4, words);
    return cvy_random_unit(words[position % 4]);
}

cvy_permutation cvy_permutation_create(const cvy_random_stream *stream, uint32_t count)
{
    cvy_permutation permutation = { .count = count, .half_bits = 1 };

    while ((uint64_t)1 << (2 * permutation.half_bits) < count)
        permutation.half_bits++;
    cvy_random_words(stream, 0, permutation.key);
    return permutation;
}

/* The round function: the finalizer of MurmurHash3, which mixes all bits into all bits. */
static uint32_t mix(uint32_t x)
{
    x ^= x >> 16;
    x *= 0x85ebca6b;
    x ^= x >> 13;
    x *= 0xc2b2ae35;
    return x ^ x >> 16;
}

uint32_t cvy_permutation_at(const cvy_permutation *permutation, uint32_t position)
{
    const uint32_t bits = permutation->half_bits, mask = ((uint32_t)1 << bits) - 1;
    uint64_t value = position;

    do {
        uint32_t left = (uint32_t)(value >> bits), right = (uint32_t)value & mask;
        for (uint32_t round = 0; round < 8; round++) {
            uint32_t next = left ^ (mix(right + permutation->key[round % 4] + round) & mask);
            left = right;
            right = next;
        }
        value = (uint64_t)left << bits | right;
    } while (value >= permutation->count);
    return (uint32_t)value;
}
