/* The tiles of the direct convolution (convolution_direct.c): sums for a few outputs and a few
 * pixels, which stay in registers during the loop over the taps.
 * Compiled once per instruction set. */
#include "kernels/compute.h"
#include "kernels/convolution_winograd.h"
#include "kernels/vector.h"

/* Compute a range in tiles of `outputs` outputs. There must be at least one run with one tap. */
ALWAYS_INLINE void tiles(size_t outputs, size_t width, const cvy_tap_sums *s,
                         const cvy_tile_pixels *at, cvy_range range)
{
    const size_t run_taps = s->run_taps, plane = s->plane;
    const size_t start_step = s->start_step;
    const ptrdiff_t from_step = s->from_step, w_step = s->w_step;

    for (size_t first = range.begin; first < range.end; first += outputs)
        for (size_t part = 0; part < CVY_LANE; part += VECTOR) {
            vector sum[CVY_TILE_OUTPUTS][CVY_TILE_PIXELS];
            const float *from[CVY_TILE_PIXELS];
            for (size_t p = 0; p < width; p++) {
                from[p] = at->from[p] + part;
                for (size_t i = 0; i < outputs; i++)
                    sum[i][p] = vector_load(at->start[p] + (first + i) * start_step + part);
            }
            const cvy_tap_run *r = s->runs, *const end = s->runs + s->run_count;
            do {
                const float *w = s->w + first + r->w;
                ptrdiff_t offset = r->from;
                size_t taps = run_taps;
                do {
                    vector x[CVY_TILE_PIXELS];
                    for (size_t p = 0; p < width; p++)
                        x[p] = vector_load(from[p] + offset);
                    for (size_t i = 0; i < outputs; i++) {
                        const vector factor = vector_spread(w[i]);
                        for (size_t p = 0; p < width; p++)
                            sum[i][p] = vector_fma(factor, x[p], sum[i][p]);
                    }
                    offset += from_step, w += w_step;
                } while (--taps > 0);
            } while (++r < end);
            for (size_t p = 0; p < width; p++)
                for (size_t i = 0; i < outputs; i++)
                    vector_store(at->to[p] + (first + i) * plane + part, sum[i][p]);
        }
}

/* The compiler makes a separate loop for each size whose sums fit in the registers. */
#define TILE(outputs, width)                                                                       \
    case (outputs)*8 + (width):                                                                    \
        if ((outputs) <= CVY_TILE_OUTPUTS && (width) <= CVY_TILE_PIXELS &&                         \
            (outputs) * (width) <= TILE_SUMS)                                                      \
            tiles(outputs, width, s, at, range);                                                   \
        break;
#define TILES(outputs)                                                                             \
    TILE(outputs, 1)                                                                               \
    TILE(outputs, 2)                                                                               \
    TILE(outputs, 3)                                                                               \
    TILE(outputs, 4)                                                                               \
    TILE(outputs, 5)                                                                               \
    TILE(outputs, 6)

static void run(size_t outputs, size_t width, const cvy_tap_sums *s, const cvy_tile_pixels *at,
                cvy_range range)
{
    switch (outputs * 8 + width) {
        TILES(1)
        TILES(2)
        TILES(3)
        TILES(4)
        TILES(5)
        TILES(6)
        TILES(7)
        TILES(8)
    }
}

static const cvy_tiles of_isa = { TILE_SUMS, run, NULL };
static const cvy_tiles of_sample = { 0, NULL, CVY_FOR_ISA(cvy_sample_line) };

static const float *pack(const cvy_convolution *c, cvy_packing packing, const float *w,
                         float *packed)
{
    if (cvy_convolution_is_winograd(c))
        return CVY_FOR_ISA(cvy_winograd_pack)(c, packing, w, packed);
    if (packing == CVY_PACK_FORWARD)
        return w;
    cvy_direct_turn_kernel(c, w, packed);
    return packed;
}

static size_t packed_floats(const cvy_convolution *c)
{
    const size_t floats = cvy_convolution_taps(c) * c->filters;

    return cvy_convolution_is_winograd(c) ? CVY_FOR_ISA(cvy_winograd_packed)(c) : floats;
}

static void forward_rows(const cvy_compute *compute, const cvy_convolution *c, const float *x,
                         const float *w, const float *bias, cvy_range rows, float *y, size_t plane,
                         float *scratch)
{
    (void)compute;
    if (cvy_convolution_is_winograd(c))
        CVY_FOR_ISA(cvy_winograd_forward)(&of_isa, c, x, w, bias, rows, y, plane, scratch);
    else
        cvy_direct_forward(&of_isa, c, x, w, bias, rows, y, plane, scratch);
}

static size_t sample_scratch_floats(const cvy_convolution *c)
{
    return cvy_convolution_is_winograd(c) ? CVY_FOR_ISA(cvy_winograd_sample_scratch)(c)
                                          : cvy_direct_sample_scratch(c);
}

static void forward_sample(const cvy_convolution *c, const float *x, const float *w,
                           const float *bias, float *y, float *scratch)
{
    if (cvy_convolution_is_winograd(c))
        CVY_FOR_ISA(cvy_winograd_sample)(&of_sample, c, x, w, bias, y, scratch);
    else
        cvy_direct_forward_sample(&of_sample, c, x, w, bias, y, scratch);
}

static void add_input_gradient(const cvy_compute *compute, const cvy_convolution *c, const float *w,
                               const float *dy, size_t plane, cvy_range rows, bool is_last,
                               cvy_range dx_rows, float *dx, float *scratch)
{
    (void)compute;
    if (cvy_convolution_is_winograd(c))
        CVY_FOR_ISA(cvy_winograd_input_gradient)
    (&of_isa, c, w, dy, plane, rows, is_last, dx_rows, dx, scratch);
    else cvy_direct_input_gradient(&of_isa, c, w, dy, plane, rows, dx_rows, dx, scratch);
}

static size_t scratch_floats(const cvy_convolution *c, size_t rows)
{
    const size_t for_sums = cvy_convolution_is_winograd(c) ? CVY_FOR_ISA(cvy_winograd_scratch)(c)
                                                           : cvy_direct_scratch(c);
    const size_t for_dw = CVY_FOR_ISA(cvy_convolution_gradient_scratch)(c, rows);

    return for_sums > for_dw ? for_sums : for_dw;
}

extern const cvy_kernels CVY_FOR_ISA(cvy_kernels);

static bool is_usable(const cvy_cpu *cpu)
{
    return CVY_FOR_ISA(cvy_kernels).is_usable(cpu);
}

extern const cvy_convolution_backend CVY_FOR_ISA(cvy_convolution);
const cvy_convolution_backend CVY_FOR_ISA(cvy_convolution) = {
    .name = CVY_ISA_TEXT(CVY_ISA),
    .summary = "copies nothing, for " CVY_ISA_TEXT(CVY_ISA),
    .isa = CVY_ISA_TEXT(CVY_ISA),
    .is_cut_freely = true,
    .is_usable = is_usable,
    .packed_floats = packed_floats,
    .pack = pack,
    .scratch_floats = scratch_floats,
    .forward_rows = forward_rows,
    .sample_scratch_floats = sample_scratch_floats,
    .forward_sample = forward_sample,
    .add_weight_gradient = CVY_FOR_ISA(cvy_convolution_gradient),
    .add_input_gradient = add_input_gradient,
};
