/* Dropout of one lane: sixteen Philox generators side by side. Each draw gives four words, and a
 * word two elements' numbers of 16 bits. */
#include "kernels/kernels.h"

/* The ten rounds of base/random.c on a lane of counters at once. */
static void draw(const cvy_dropout_stream *stream, uint32_t block, uint32_t words[4][CVY_LANE])
{
    uint32_t c0[CVY_LANE], c1[CVY_LANE], c2[CVY_LANE], c3[CVY_LANE];
    uint32_t k0 = stream->key[0], k1 = stream->key[1];

    for (size_t s = 0; s < CVY_LANE; s++) {
        c0[s] = block;
        c1[s] = stream->position[s];
        c2[s] = stream->major;
        c3[s] = stream->purpose;
    }
    for (int round = 0; round < 10; round++) {
        for (size_t s = 0; s < CVY_LANE; s++) {
            uint64_t product0 = (uint64_t)0xD2511F53 * c0[s];
            uint64_t product1 = (uint64_t)0xCD9E8D57 * c2[s];
            uint32_t next0 = (uint32_t)(product1 >> 32) ^ c1[s] ^ k0;
            uint32_t next2 = (uint32_t)(product0 >> 32) ^ c3[s] ^ k1;
            c1[s] = (uint32_t)product1;
            c3[s] = (uint32_t)product0;
            c0[s] = next0;
            c2[s] = next2;
        }
        k0 += 0x9E3779B9;
        k1 += 0xBB67AE85;
    }
    for (size_t s = 0; s < CVY_LANE; s++) {
        words[0][s] = c0[s];
        words[1][s] = c1[s];
        words[2][s] = c2[s];
        words[3][s] = c3[s];
    }
}

static void forward(size_t first_row, size_t rows, const cvy_dropout_stream *stream,
                    uint32_t threshold, float scale, const float *x, float *y, uint8_t *kept)
{
    uint32_t words[4][CVY_LANE];

    for (size_t row = first_row; row < first_row + rows;
         row++, x += CVY_LANE, y += CVY_LANE, kept += CVY_LANE) {
        const size_t element = row % CVY_DROPOUT_UNIT;
        if (element == 0)
            draw(stream, (uint32_t)(row / CVY_DROPOUT_UNIT), words);
        const uint32_t *word = words[element / 2], shift = element % 2 * 16;
        uint32_t keep[CVY_LANE];
        for (size_t s = 0; s < CVY_LANE; s++) {
            keep[s] = (word[s] >> shift & 0xffff) >= threshold;
            y[s] = keep[s] ? scale * x[s] : 0.0f;
        }
        for (size_t s = 0; s < CVY_LANE; s++)
            kept[s] = (uint8_t)keep[s];
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
};
