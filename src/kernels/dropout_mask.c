/* Dropout of one lane: 16 Philox generators side by side. Each draw gives four words, and each word
 * the 16-bit numbers of two elements. */
#include "kernels/kernels.h"

/* Run the ten rounds of base/random.c on a lane of counters at once. Each counter is in the lower
 * half of 64 bits, to leave room for products. */
static void draw(const cvy_dropout_stream *stream, const uint32_t low[CVY_LANE],
                 const uint32_t high[CVY_LANE], uint32_t words[4][CVY_LANE])
{
    uint64_t c0[CVY_LANE], c1[CVY_LANE], c2[CVY_LANE], c3[CVY_LANE];
    uint32_t k0 = stream->key[0], k1 = stream->key[1];

    for (size_t s = 0; s < CVY_LANE; s++) {
        c0[s] = low[s];
        c1[s] = high[s];
        c2[s] = stream->major;
        c3[s] = stream->purpose;
    }
    for (int round = 0; round < 10; round++) {
        for (size_t s = 0; s < CVY_LANE; s++) {
            const uint64_t product0 = 0xD2511F53 * c0[s], product1 = 0xCD9E8D57 * c2[s];
            c0[s] = product1 >> 32 ^ c1[s] ^ k0;
            c2[s] = product0 >> 32 ^ c3[s] ^ k1;
            c1[s] = product1 & UINT32_MAX;
            c3[s] = product0 & UINT32_MAX;
        }
        k0 += 0x9E3779B9;
        k1 += 0xBB67AE85;
    }
    for (size_t s = 0; s < CVY_LANE; s++) {
        words[0][s] = (uint32_t)c0[s];
        words[1][s] = (uint32_t)c1[s];
        words[2][s] = (uint32_t)c2[s];
        words[3][s] = (uint32_t)c3[s];
    }
}

typedef float floats __attribute__((vector_size(CVY_LANE * sizeof(float)), may_alias));
typedef uint32_t numbers __attribute__((vector_size(CVY_LANE * sizeof(uint32_t))));
typedef uint8_t bytes __attribute__((vector_size(CVY_LANE), aligned(1), may_alias));

/* Drop elements of one row. */
static void drop(const uint32_t word[CVY_LANE], uint32_t shift, uint32_t threshold, float scale,
                 const float *x, float *y, uint8_t *kept)
{
    const numbers number = *(const numbers *)word >> shift & 0xffff;
    const numbers mask = (numbers)(number >= threshold); /* all bits set: the element is kept */
    const floats scaled = scale * *(const floats *)x;

    *(floats *)y = (floats)((numbers)scaled & mask);
    *(bytes *)kept = __builtin_convertvector(mask & 1, bytes);
}

static void forward(size_t first_row, size_t rows, const cvy_dropout_stream *stream,
                    uint32_t threshold, float scale, const float *x, float *y, uint8_t *kept)
{
    _Alignas(numbers) uint32_t words[4][CVY_LANE];

    for (size_t row = first_row; row < first_row + rows;
         row++, x += CVY_LANE, y += CVY_LANE, kept += CVY_LANE) {
        const size_t element = row % CVY_DROPOUT_UNIT;
        if (element == 0) {
            const numbers block = (uint32_t)(row / CVY_DROPOUT_UNIT) - (numbers){ 0 };
            draw(stream, (const uint32_t *)&block, stream->position, words);
        }
        drop(words[element / 2], element % 2 * 16, threshold, scale, x, y, kept);
    }
}

static void backward(size_t rows, float scale, const uint8_t *kept, const float *dy, float *dx)
{
    for (size_t i = 0; i < rows * CVY_LANE; i++)
        dx[i] = kept[i] ? scale * dy[i] : 0.0f;
}

extern const cvy_dropout_kernels CVY_FOR_ISA(cvy_dropout_kernels);
const cvy_dropout_kernels CVY_FOR_ISA(cvy_dropout_kernels) = {
    .forward = forward,
    .backward = backward,
    .draw = draw,
};
