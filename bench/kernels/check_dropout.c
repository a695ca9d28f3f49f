/* Dropout's masks, element by element, against the Philox generator of base/random.h. */
#include "base/random.h"
#include "checks.h"
#include "support/plain_lanes.h"

/* Eight rows share a draw, with 16 bits each, the low half of a word first. */
static uint32_t number_of(const cvy_dropout_stream *stream, size_t row, size_t sample)
{
    const uint32_t counter[4] = { (uint32_t)(row / CVY_DROPOUT_UNIT), stream->position[sample],
                                  stream->major, stream->purpose };
    uint32_t words[4];

    cvy_philox(counter, stream->key, words);
    return words[row % CVY_DROPOUT_UNIT / 2] >> (row % 2 * 16) & 0xffff;
}

static void check_rows(const check_subject *subject, size_t first, size_t rows, uint32_t threshold)
{
    const cvy_dropout_kernels *kernels = subject->compute.kernels->dropout;
    const cvy_dropout_stream stream = plain_dropout_stream();
    const size_t n = rows * CVY_LANE;
    const float scale = 1.25F;

    check_begin("rows %zu to %zu, threshold %u", first, first + rows, threshold);
    float *x = check_floats(n), *y = check_floats(n), *expected = check_floats(n);
    uint8_t *kept = check_bytes(n), *expected_kept = check_bytes(n);
    check_fill(1, 1, 2, n, x);
    for (size_t i = 0; i < n; i++) {
        expected_kept[i] = number_of(&stream, first + i / CVY_LANE, i % CVY_LANE) >= threshold;
        expected[i] = expected_kept[i] ? x[i] * scale : 0;
    }
    kernels->forward(first, rows, &stream, threshold, scale, x, y, kept);
    check_same("mask", n, kept, expected_kept);
    check_same("y", n * sizeof *y, y, expected);
    kernels->backward(rows, scale, kept, x, y);
    check_same("dx", n * sizeof *y, y, expected);
    check_end();
}

/* Check draws with arbitrary counters, whose two lower words differ between samples. */
static void check_draws(const check_subject *subject)
{
    const cvy_dropout_stream stream = plain_dropout_stream();
    uint32_t low[CVY_LANE], high[CVY_LANE], words[4][CVY_LANE];

    check_begin("draws");
    for (size_t s = 0; s < CVY_LANE; s++) {
        low[s] = UINT32_MAX - (uint32_t)(s * s);
        high[s] = (uint32_t)(s << 28);
    }
    subject->compute.kernels->dropout->draw(&stream, low, high, words);
    for (size_t s = 0; s < CVY_LANE; s++) {
        const uint32_t counter[4] = { low[s], high[s], stream.major, stream.purpose };
        uint32_t expected[4];
        cvy_philox(counter, stream.key, expected);
        for (size_t w = 0; w < 4; w++)
            check_same("words", sizeof words[w][s], &words[w][s], &expected[w]);
    }
    check_end();
}

static void run(const check_subject *subject)
{
    static const size_t rows[] = { 1, 2, 7, 8, 9, 15, 16, 17, 37, 128 };
    static const uint32_t thresholds[] = { 0, 1, 16384, 32768, 65535, 65536 };

    check_draws(subject);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t j = 0; j < sizeof thresholds / sizeof *thresholds; j++)
            for (size_t first = 0; first <= 5 * CVY_DROPOUT_UNIT; first += 5 * CVY_DROPOUT_UNIT)
                check_rows(subject, first, rows[i], thresholds[j]);
}

const kernel_check check_dropout = { "dropout", false, run };
