/* Convolutions that copy nothing: a matrix product whose column matrix is never written. Its row (ky, kx,
 * c) is an offset into the image, which each pixel of a tile adds to its own place.
 *
 * A tile of sums for a few outputs and a few pixels stays in registers while the sum goes over the taps.
 * The input's gradient is the same sum over dy with the kernel turned round. Pixels at an edge lack some
 * taps, so what is computed is cut into rectangles of pixels that have the same ones.
 *
 * What is computed does not depend on the width of a vector: y is a chain of fused multiply-adds from the
 * bias on, over the taps in the order (ky, kx, c); dx one over f within descending kx within descending ky.
 * Source of the idea: Dukhan, The Indirect Convolution Algorithm (2019). */
#include "kernels/compute.h"
#include "kernels/convolution_direct.h"
#include "kernels/taps.h"
#include "kernels/vector.h"

/* Outputs and pixels of a tile at most. */
enum { TILE_OUTPUTS = 8, TILE_PIXELS = 6 };

/* A run of taps a fixed step apart, in what is read and in the weights. */
typedef struct {
    uint32_t from, w;
} run;

/* Pixels that have the same taps, for some outputs `plane` floats apart. A tap's weights for the outputs
 * lie side by side. */
typedef struct {
    const run *runs;
    size_t run_count, run_taps;
    ptrdiff_t from_step, w_step;
    size_t outputs, plane;
    const float *w, *bias; /* bias NULL: none */
    bool accumulate;
} sums;

/* The pixels of a tile: where they read and write. */
typedef struct {
    const float *from[TILE_PIXELS];
    float *to[TILE_PIXELS];
} pixels;

ALWAYS_INLINE void tile(size_t outputs, size_t width, const sums *s, const pixels *at, size_t first,
                        size_t part)
{
    vector sum[TILE_OUTPUTS][TILE_PIXELS];
    const float *from[TILE_PIXELS];
    const size_t plane = s->plane, run_taps = s->run_taps;
    const ptrdiff_t from_step = s->from_step, w_step = s->w_step;

    for (size_t p = 0; p < width; p++) {
        const float *to = at->to[p] + first * plane + part;
        from[p] = at->from[p] + part;
        for (size_t i = 0; i < outputs; i++)
            sum[i][p] = s->accumulate     ? vector_load(to + i * plane)
                        : s->bias != NULL ? vector_spread(s->bias[first + i])
                                          : (vector){ 0 };
    }
    for (const run *r = s->runs, *end = s->runs + s->run_count; r < end; r++) {
        const float *w = s->w + first + r->w;
        ptrdiff_t offset = r->from;
        for (size_t tap = run_taps; tap > 0; tap--, offset += from_step, w += w_step) {
            vector x[TILE_PIXELS];
            for (size_t p = 0; p < width; p++)
                x[p] = vector_load(from[p] + offset);
            for (size_t i = 0; i < outputs; i++) {
                const vector factor = vector_spread(w[i]);
                for (size_t p = 0; p < width; p++)
                    sum[i][p] = vector_fma(factor, x[p], sum[i][p]);
            }
        }
    }
    for (size_t p = 0; p < width; p++)
        for (size_t i = 0; i < outputs; i++)
            vector_store(at->to[p] + (first + i) * plane + part, sum[i][p]);
}

/* The compiler makes a loop of its own of each size whose sums fit the registers. */
#define TILE(outputs, width)                                                                       \
    case (outputs)*8 + (width):                                                                    \
        if ((outputs) <= TILE_OUTPUTS && (width) <= TILE_PIXELS &&                                 \
            (outputs) * (width) <= TILE_SUMS)                                                      \
            tile(outputs, width, s, at, first, part);                                              \
        break;
#define TILES(outputs)                                                                             \
    TILE(outputs, 1)                                                                               \
    TILE(outputs, 2)                                                                               \
    TILE(outputs, 3)                                                                               \
    TILE(outputs, 4)                                                                               \
    TILE(outputs, 5)                                                                               \
    TILE(outputs, 6)

static void run_tile(size_t outputs, size_t width, const sums *s, const pixels *at, size_t first,
                     size_t part)
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

static void run_pixels(const sums *s, size_t groups, size_t width, const pixels *at)
{
    for (size_t g = 0; g < groups; g++) {
        const size_t first = group_begin(s->outputs, groups, g);
        const size_t outputs = group_begin(s->outputs, groups, g + 1) - first;
        for (size_t part = 0; part < CVY_LANE; part += VECTOR)
            run_tile(outputs, width, s, at, first, part);
    }
}

/* Where the pixels of a rectangle lie: the first, and the distances between rows and columns. */
typedef struct {
    size_t rows, columns;
    const float *from;
    float *to;
    size_t from_row, from_column, to_row, to_column;
} rectangle;

/* The shape of a rectangle's tiles: the more pixels, the fewer outputs fit the registers; and enough sums
 * to add to while others are not done. */
static size_t choose_groups(size_t outputs, size_t count)
{
    const size_t fitting = TILE_SUMS / (count < 3 ? count : 3);
    const size_t most = fitting < TILE_OUTPUTS ? fitting : TILE_OUTPUTS;

    return outputs * 2 <= TILE_SUMS && outputs <= TILE_OUTPUTS ? 1 : group_count(outputs, most);
}

static void run_rectangle(const sums *s, const rectangle *r)
{
    const size_t count = r->rows * r->columns;
    const size_t output_groups = choose_groups(s->outputs, count);
    const size_t in_tile = group_count(s->outputs, output_groups);
    const size_t most = TILE_SUMS / in_tile < TILE_PIXELS ? TILE_SUMS / in_tile : TILE_PIXELS;
    const size_t groups = group_count(count, most);
    size_t row = 0, column = 0;

    for (size_t g = 0; g < groups; g++) {
        const size_t width = group_begin(count, groups, g + 1) - group_begin(count, groups, g);
        pixels at;
        for (size_t p = 0; p < width; p++) {
            at.from[p] = r->from + row * r->from_row + column * r->from_column;
            at.to[p] = r->to + row * r->to_row + column * r->to_column;
            if (++column == r->columns)
                column = 0, row++;
        }
        run_pixels(s, output_groups, width, &at);
    }
}

/* What is read: `channels` planes of `width` pixels a row. */
typedef struct {
    const float *pixels;
    size_t channels, plane, width;
} source;

/* The taps of a rectangle as runs: over the channels where there are several, else over a row of the
 * kernel. w: rows of `w_row` weights, one for each channel of each cell of the kernel. */
static void list_runs(const cvy_span *y, const cvy_span *x, size_t window_width, const source *from,
                      size_t w_row, run *runs, sums *s)
{
    const bool is_over_columns = from->channels == 1;
    const size_t cells = is_over_columns ? 1 : x->tap_count;

    s->runs = runs;
    s->run_count = 0;
    s->run_taps = is_over_columns ? x->tap_count : from->channels;
    s->from_step = (ptrdiff_t)(is_over_columns ? x->tap_move * CVY_LANE : from->plane);
    s->w_step = (ptrdiff_t)w_row * (is_over_columns ? x->tap_step : 1);
    for (size_t i = 0; i < y->tap_count; i++)
        for (size_t j = 0; j < cells && x->tap_count > 0; j++) {
            const size_t ky = (size_t)((ptrdiff_t)y->first_tap + (ptrdiff_t)i * y->tap_step);
            const size_t kx = (size_t)((ptrdiff_t)x->first_tap + (ptrdiff_t)j * x->tap_step);
            const size_t offset = i * y->tap_move * from->width + j * x->tap_move;
            runs[s->run_count++] =
                (run){ (uint32_t)(offset * CVY_LANE),
                       (uint32_t)((ky * window_width + kx) * from->channels * w_row) };
        }
}

/* --- forward --- */

static void forward_group(const cvy_convolution *c, const source *x, sums *s, cvy_range rows,
                          float *y, run *runs)
{
    const cvy_axis down = cvy_axis_y(&c->window), across = cvy_axis_x(&c->window);
    const size_t row_floats = c->window.columns * CVY_LANE;

    for (size_t row = rows.begin; row < rows.end;) {
        const cvy_span v = cvy_span_forward(&down, row, rows.end);
        for (size_t column = 0; column < c->window.columns;) {
            const cvy_span h = cvy_span_forward(&across, column, c->window.columns);
            list_runs(&v, &h, c->window.window_width, x, c->filters, runs, s);
            run_rectangle(
                s, &(rectangle){ .rows = v.count,
                                 .columns = h.count,
                                 .from = x->pixels + (v.source * x->width + h.source) * CVY_LANE,
                                 .to = y + (row - rows.begin) * row_floats + column * CVY_LANE,
                                 .from_row = v.pixel_move * x->width * CVY_LANE,
                                 .from_column = h.pixel_move * CVY_LANE,
                                 .to_row = row_floats,
                                 .to_column = CVY_LANE });
            column += h.count;
        }
        row += v.count;
    }
}

static void forward_rows(const cvy_compute *compute, const cvy_convolution *c, const float *x,
                         const float *w, const float *bias, cvy_range rows, float *y, size_t plane,
                         float *scratch)
{
    const size_t filters = c->filters / c->groups, image = c->window.height * c->window.width;
    source of = { .channels = c->window.channels / c->groups,
                  .plane = image * CVY_LANE,
                  .width = c->window.width };

    (void)compute;
    for (size_t group = 0; group < c->groups; group++) {
        const size_t first = group * filters;
        sums s = { .outputs = filters,
                   .plane = plane,
                   .w = w + first,
                   .bias = bias != NULL ? bias + first : NULL };
        of.pixels = x + group * of.channels * of.plane;
        forward_group(c, &of, &s, rows, y + first * plane, (run *)(void *)scratch);
    }
}

/* --- the input's gradient --- */

/* For each cell of the kernel and filter of the group, its weights for the group's channels. */
static void turn_kernel(const cvy_convolution *c, const float *w, float *turned)
{
    const size_t channels = c->window.channels / c->groups, filters = c->filters / c->groups;
    const size_t cells = c->window.window_height * c->window.window_width;

    for (size_t cell = 0; cell < cells; cell++, turned += channels * filters)
        for (size_t channel = 0; channel < channels; channel++, w += c->filters)
            for (size_t f = 0; f < filters; f++)
                turned[f * channels + channel] = w[f];
}

static void input_gradient_of_group(const cvy_convolution *c, const source *dy, sums *s,
                                    cvy_range rows, cvy_range dx_rows, float *dx, run *runs)
{
    const cvy_axis down = cvy_axis_y(&c->window), across = cvy_axis_x(&c->window);
    const size_t row_floats = c->window.width * CVY_LANE, channels = s->outputs;
    const cvy_range columns = { 0, c->window.columns };

    for (size_t first = dx_rows.begin; first < dx_rows.begin + down.stride; first++)
        for (size_t row = first; row < dx_rows.end;) {
            const cvy_span v = cvy_span_backward(&down, row, dx_rows.end, rows);
            row += v.count * v.step;
            for (size_t start = 0; start < across.stride && v.tap_count > 0; start++)
                for (size_t column = start; column < c->window.width;) {
                    const cvy_span h = cvy_span_backward(&across, column, c->window.width, columns);
                    column += h.count * h.step;
                    if (h.tap_count == 0)
                        continue;
                    list_runs(&v, &h, c->window.window_width, dy, channels, runs, s);
                    run_rectangle(
                        s, &(rectangle){ .rows = v.count,
                                         .columns = h.count,
                                         .from = dy->pixels +
                                                 ((v.source - rows.begin) * dy->width + h.source) *
                                                     CVY_LANE,
                                         .to = dx + v.first * row_floats + h.first * CVY_LANE,
                                         .from_row = v.pixel_move * dy->width * CVY_LANE,
                                         .from_column = h.pixel_move * CVY_LANE,
                                         .to_row = v.step * row_floats,
                                         .to_column = h.step * CVY_LANE });
                }
        }
}

static size_t cells_of(const cvy_convolution *c)
{
    return c->window.window_height * c->window.window_width;
}

static void add_input_gradient(const cvy_compute *compute, const cvy_convolution *c, const float *w,
                               const float *dy, size_t plane, cvy_range rows, cvy_range dx_rows,
                               float *dx, float *scratch)
{
    const size_t channels = c->window.channels / c->groups;
    const size_t image = c->window.height * c->window.width * CVY_LANE;
    source of = { .channels = c->filters / c->groups, .plane = plane, .width = c->window.columns };
    run *runs = (run *)(void *)scratch;
    float *turned = scratch + 2 * cells_of(c);

    (void)compute;
    for (size_t group = 0; group < c->groups; group++) {
        sums s = { .outputs = channels, .plane = image, .w = turned, .accumulate = true };
        turn_kernel(c, w + group * of.channels, turned);
        of.pixels = dy + group * of.channels * plane;
        input_gradient_of_group(c, &of, &s, rows, dx_rows, dx + group * channels * image, runs);
    }
}

/* Runs, and a group's kernel turned round; or the halo of dw. */
static size_t scratch_floats(const cvy_convolution *c, size_t rows)
{
    const size_t for_dx = 2 * cells_of(c) + cvy_convolution_taps(c) * (c->filters / c->groups);
    const size_t for_dw = CVY_FOR_ISA(cvy_convolution_gradient_scratch)(c, rows);

    return for_dx > for_dw ? for_dx : for_dw;
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
    .scratch_floats = scratch_floats,
    .forward_rows = forward_rows,
    .add_weight_gradient = CVY_FOR_ISA(cvy_convolution_gradient),
    .add_input_gradient = add_input_gradient,
};
