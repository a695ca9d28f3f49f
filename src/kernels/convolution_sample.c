/* Convolutions of one sample, channels last. A vector holds neighboring outputs of one pixel;
 * each input value is broadcast and multiplied by the weights of these outputs. The sums of a
 * few pixels stay in registers during the sum over the taps, whose order is the same as in a
 * lane, so the bits are the same. A dense layer is a convolution of an image of one pixel.
 * Compiled once per instruction set. */
#include "kernels/convolution_direct.h"
#include "kernels/vector.h"

/* The largest tiles: pixels with one vector of outputs each, or one pixel with several vectors. */
enum { PIXELS = TILE_SUMS < 12 ? 4 : 12, VECTORS = TILE_SUMS < 12 ? 4 : 8 };

/* Load a vector, or the last outputs, which are fewer. */
ALWAYS_INLINE vector load(bool is_part, size_t part, const float *x)
{
    return is_part ? vector_load_part(x, part) : vector_load(x);
}

/* Compute outputs from `first` on for the first pixels of a line. */
ALWAYS_INLINE void tile(size_t pixels, size_t vectors, bool is_part, const cvy_tap_sums *s,
                        const cvy_sample_line *line, size_t first)
{
    const size_t part = s->outputs - first, step = line->from_step, taps = s->run_taps;
    const ptrdiff_t from_step = s->from_step, w_step = s->w_step;
    const float *const start = s->start + first * s->start_step;
    vector sum[PIXELS][VECTORS];

    for (size_t p = 0; p < pixels; p++)
        for (size_t j = 0; j < vectors; j++)
            sum[p][j] = load(is_part, part, start + j * VECTOR * s->start_step);
    for (const cvy_tap_run *r = s->runs, *end = r + s->run_count; r < end; r++) {
        const float *w = s->w + first + r->w, *x = line->from + r->from;
        for (size_t t = 0; t < taps; t++) {
            vector weights[VECTORS];
            for (size_t j = 0; j < vectors; j++)
                weights[j] = load(is_part, part, w + j * VECTOR);
            for (size_t p = 0; p < pixels; p++) {
                const vector value = vector_spread(x[p * step]);
                for (size_t j = 0; j < vectors; j++)
                    sum[p][j] = vector_fma(weights[j], value, sum[p][j]);
            }
            x += from_step, w += w_step;
        }
    }
    for (size_t p = 0; p < pixels; p++)
        for (size_t j = 0; j < vectors; j++)
            if (is_part)
                vector_store_part(line->to + p * line->to_step + first, sum[p][j], part);
            else
                vector_store(line->to + p * line->to_step + first + j * VECTOR, sum[p][j]);
}

/* Compute all outputs from `first` on, a vector at a time. */
ALWAYS_INLINE void run_outputs(size_t pixels, const cvy_tap_sums *s, const cvy_sample_line *line,
                               size_t first)
{
    for (; first + VECTOR <= s->outputs; first += VECTOR)
        tile(pixels, 1, false, s, line, first);
    if (first < s->outputs)
        tile(pixels, 1, true, s, line, first);
}

/* Compute one pixel: independent sums of several vectors hide the latency of an addition. */
static void run_one(const cvy_tap_sums *s, const cvy_sample_line *line)
{
    size_t first = 0;

    for (; first + VECTORS * VECTOR <= s->outputs; first += VECTORS * VECTOR)
        tile(1, VECTORS, false, s, line, first);
    for (; first + VECTORS / 2 * VECTOR <= s->outputs; first += VECTORS / 2 * VECTOR)
        tile(1, VECTORS / 2, false, s, line, first);
    run_outputs(1, s, line, first);
}

/* Take as many pixels as fit the registers, then fewer. */
void CVY_FOR_ISA(cvy_sample_line)(const cvy_tap_sums *s, const cvy_sample_line *whole)
{
    cvy_sample_line line = *whole;

    while (line.pixels > 0) {
        size_t taken = 1;
        if (line.pixels >= PIXELS)
            run_outputs(taken = PIXELS, s, &line, 0);
        else if (line.pixels >= 8 && PIXELS > 8)
            run_outputs(taken = 8, s, &line, 0);
        else if (line.pixels >= 4)
            run_outputs(taken = 4, s, &line, 0);
        else if (line.pixels >= 2)
            run_outputs(taken = 2, s, &line, 0);
        else
            run_one(s, &line);
        line.pixels -= taken;
        line.from += taken * line.from_step;
        line.to += taken * line.to_step;
    }
}
