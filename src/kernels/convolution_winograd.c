/* Convolutions by Winograd's minimal filtering F(2 x 2, 3 x 3). Source: Lavin and Gray, Fast
 * Algorithms for Convolutional Neural Networks (2015), section 4.
 *
 * A tile of 2 x 2 outputs reads a patch d of 4 x 4 inputs, and its kernel g has 3 x 3 weights:
 *
 *     y = A' (sum over c of (G g G') * (B' d B)) A        * multiplies element by element
 *
 * with the matrices of kernels/winograd_transforms.h. So each of the 16 positions of the transforms
 * has its own matrix product over the channels: 16 products for 4 outputs instead of 36.
 *
 * The arithmetic is the same on every machine. The transforms work on columns first, then on rows;
 * they only add and subtract in the order of the code, and halve. The sum at a position is a chain
 * of fused multiply-adds over c, which starts with 0, but at position (1, 1) with the bias: A adds
 * this position to all four outputs. The tiles' first rows and columns are even, whichever rows are
 * computed together. The gradient of the input is the same computation: dy is padded with
 * 2 - padding zeros, the kernel is turned by 180 degrees, and filters and channels change places;
 * the result is added to dx.
 *
 * Error. Let D = |B'| |d| |B| and W = |G| |g| |G'|, computed from absolute values. Each element of
 * a patch's transform has two roundings, each of a kernel's four, a chain over n channels n, and
 * the last transform four: so with u = 2^-24 and g(k) = k u / (1 - k u)
 *
 *     |computed y - y| <= g(n + 10) |A'| (|bias at (1, 1)| + sum over c of W * D) |A|
 *
 * and one more rounding where the result is added to dx. With |d| and |g| at most 1 the sum is at
 * most 64 n instead of a direct sum's 9 n, but g(n + 10) replaces g(9 n): the bounds are about
 * equal. Compiled once per instruction set. */
#include "kernels/convolution_winograd.h"
#include "base/minmax.h"
#include "kernels/winograd_transforms.h"

/* Positions of a transform, one of which takes the bias; cells of the kernel; tiles of lanes and of
 * a sample that are computed together; outputs whose sums are in memory at a time. */
enum { POSITIONS = 16, BIAS_POSITION = 5, CELLS = 9, TILES = 6, SAMPLE_TILES = 12, OUTPUTS = 16 };

static const float zeros[CVY_LANE];

/* --- weights --- */

/* Floats from one position of a transformed array to the next: an odd number of cache lines, so that
 * the 16 elements of one transform do not fall into the same set of the cache. */
static size_t odd_lines(size_t floats)
{
    return (cvy_lanes_of(floats) | 1) * CVY_LANE;
}

/* From w [9][inputs][outputs] to u [16][inputs][outputs], whose positions are odd_lines() apart; if
 * is_turned, the kernel is turned by 180 degrees. */
static void make_weights(size_t inputs, size_t outputs, const float *w, bool is_turned, float *u)
{
    const size_t cell = inputs * outputs, u_step = odd_lines(cell);
    const ptrdiff_t step = is_turned ? -(ptrdiff_t)cell : (ptrdiff_t)cell;
    const size_t whole = cell / VECTOR * VECTOR;

    if (is_turned)
        w += (CELLS - 1) * cell;
    for (size_t i = 0; i < whole; i += VECTOR)
        transform_weights(w + i, step, u + i, u_step, false, 0);
    if (whole < cell)
        transform_weights(w + whole, step, u + whole, u_step, true, cell - whole);
}

const float *CVY_FOR_ISA(cvy_winograd_pack)(const cvy_convolution *c, cvy_packing packing,
                                            const float *w, float *packed)
{
    const size_t channels = c->window.channels, filters = c->filters;
    float *turned = packed + POSITIONS * odd_lines(channels * filters);

    if (packing == CVY_PACK_FORWARD) {
        make_weights(channels, filters, w, false, packed);
    } else {
        cvy_direct_turn_kernel(c, w, turned);
        make_weights(filters, channels, turned, true, packed);
    }
    return packed;
}

/* --- tiles --- */

/* A convolution as this file sees it: forward, or for the gradient of the input. Distances are in
 * floats. */
typedef struct {
    const float *x;         /* row x_rows.begin of the image; the rows outside x_rows are zero */
    size_t inputs, x_width; /* channels, pixels of a row */
    size_t x_row, x_pixel;  /* from one row and one pixel to the next */
    size_t pad_top, pad_left;
    cvy_range x_rows;
    size_t outputs, y_width;
    size_t y_row, y_pixel;
    cvy_range y_rows; /* to compute; the first is at y */
    float *y;
    const float *weights; /* [16][inputs][outputs], positions odd_lines() apart */
    bool is_added;        /* to y */
} problem;

/* A tile: its patch and its outputs. A patch that the image contains begins at `patch`. Of another
 * one, pixel i is at pixels[i], and at this address plus (k & reach[i]) in channels k floats
 * further; a pixel outside the image is `zeros`, and has no reach. */
typedef struct {
    bool is_inside;
    const float *patch, *pixels[POSITIONS];
    size_t reach[POSITIONS];
    size_t first_row, end_row, end_column; /* of the tile's two that are kept */
    float *to;                             /* the first output kept */
} tile;

/* Find the pixels of a patch of which a part is outside; its first pixel is (row, column) of x. */
static void place_cut_patch(const problem *p, ptrdiff_t row, ptrdiff_t column, tile *t)
{
    const size_t height = p->x_rows.end - p->x_rows.begin;

    for (size_t i = 0; i < POSITIONS; i++) {
        const size_t y = (size_t)(row + (ptrdiff_t)(i / 4)); /* very large outside */
        const size_t x = (size_t)(column + (ptrdiff_t)(i % 4));
        const bool is_pixel = y < height && x < p->x_width;
        t->pixels[i] = is_pixel ? p->x + y * p->x_row + x * p->x_pixel : zeros;
        t->reach[i] = is_pixel ? SIZE_MAX : 0;
    }
}

/* Place the tile whose first output is (row, column). */
static void place_tile(const problem *p, size_t row, size_t column, tile *t)
{
    const ptrdiff_t height = (ptrdiff_t)(p->x_rows.end - p->x_rows.begin);
    const ptrdiff_t y = (ptrdiff_t)row - (ptrdiff_t)(p->pad_top + p->x_rows.begin);
    const ptrdiff_t x = (ptrdiff_t)column - (ptrdiff_t)p->pad_left;

    t->is_inside = y >= 0 && y + 4 <= height && x >= 0 && x + 4 <= (ptrdiff_t)p->x_width;
    if (t->is_inside)
        t->patch = p->x + (size_t)y * p->x_row + (size_t)x * p->x_pixel;
    else
        place_cut_patch(p, y, x, t);
    t->first_row = cvy_max(row, p->y_rows.begin) - row;
    t->end_row = cvy_min(row + 2, p->y_rows.end) - row;
    t->end_column = cvy_min(column + 2, p->y_width) - column;
    t->to = p->y + (row + t->first_row - p->y_rows.begin) * p->y_row + column * p->y_pixel;
}

/* Transform the vector of a tile's patch that is `at` floats after the first one. */
ALWAYS_INLINE void transform_tile(const problem *p, const tile *t, size_t at, float *to,
                                  size_t step, bool is_part, size_t count)
{
    vector d[4][4];

    if (t->is_inside) {
        const float *from = t->patch + at;
        for (size_t i = 0; i < 4; i++)
            for (size_t j = 0; j < 4; j++)
                d[i][j] = load(is_part, count, from + i * p->x_row + j * p->x_pixel);
    } else {
        for (size_t i = 0; i < POSITIONS; i++)
            d[i / 4][i % 4] = load(is_part, count, t->pixels[i] + (at & t->reach[i]));
    }
    transform_patch(d, to, step, is_part, count);
}

/* Compute one vector of a tile's outputs. to: this vector of the first output kept. */
ALWAYS_INLINE void finish_tile(const problem *p, const tile *t, const float *sums, size_t step,
                               float *to, bool is_part, size_t count)
{
    vector y[2][2];

    transform_sums(sums, step, y, is_part, count);
    for (size_t i = t->first_row; i < t->end_row; i++, to += p->y_row)
        for (size_t j = 0; j < t->end_column; j++) {
            float *at = to + j * p->y_pixel;
            store(is_part, count, at, p->is_added ? load(is_part, count, at) + y[i][j] : y[i][j]);
        }
}

/* --- lanes --- */

/* The arrays of some tiles of lanes: patches [16][inputs][tiles][LANE], sums
 * [16][OUTPUTS][tiles][LANE], and the floats from one position to the next. */
typedef struct {
    float *patches, *sums;
    size_t patch_step, sum_step;
    const float *bias; /* [outputs][LANE], or NULL */
    size_t x_plane, y_plane;
} lanes;

static void transform_tiles(const problem *p, const lanes *l, size_t count, const tile *tiles)
{
    float *to = l->patches;

    for (size_t c = 0; c < p->inputs; c++)
        for (size_t i = 0; i < count; i++, to += CVY_LANE)
            for (size_t part = 0; part < CVY_LANE; part += VECTOR)
                transform_tile(p, &tiles[i], c * l->x_plane + part, to + part, l->patch_step, false,
                               0);
}

/* The sums of some outputs at all positions. */
static void sum_channels(const cvy_tiles *of_isa, const problem *p, const lanes *l, size_t count,
                         cvy_range outputs)
{
    const cvy_tap_run run = { 0, 0 };
    cvy_tap_sums s = { .runs = &run,
                       .run_count = 1,
                       .run_taps = p->inputs,
                       .from_step = (ptrdiff_t)(count * CVY_LANE),
                       .w_step = (ptrdiff_t)p->outputs,
                       .outputs = outputs.end - outputs.begin,
                       .plane = count * CVY_LANE,
                       .w = p->weights + outputs.begin };

    for (size_t i = 0; i < POSITIONS; i++, s.w += odd_lines(p->inputs * p->outputs)) {
        const bool has_bias = i == BIAS_POSITION && l->bias != NULL;
        s.start = has_bias ? l->bias + outputs.begin * CVY_LANE : zeros;
        s.start_step = has_bias ? CVY_LANE : 0;
        cvy_direct_line(of_isa, &s, count, l->patches + i * l->patch_step,
                        l->sums + i * l->sum_step);
    }
}

static void finish_tiles(const problem *p, const lanes *l, size_t count, const tile *tiles,
                         cvy_range outputs)
{
    const float *sums = l->sums;

    for (size_t k = outputs.begin; k < outputs.end; k++)
        for (size_t i = 0; i < count; i++, sums += CVY_LANE)
            for (size_t part = 0; part < CVY_LANE; part += VECTOR)
                finish_tile(p, &tiles[i], sums + part, l->sum_step,
                            tiles[i].to + k * l->y_plane + part, false, 0);
}

static void run_tiles(const cvy_tiles *of_isa, const problem *p, lanes *l, size_t count,
                      const tile *tiles)
{
    l->patch_step = odd_lines(p->inputs * count * CVY_LANE);
    l->sum_step = odd_lines(cvy_min(p->outputs, OUTPUTS) * count * CVY_LANE);
    transform_tiles(p, l, count, tiles);
    for (size_t k = 0; k < p->outputs; k += OUTPUTS) {
        const cvy_range outputs = { k, cvy_min(k + OUTPUTS, p->outputs) };
        sum_channels(of_isa, p, l, count, outputs);
        finish_tiles(p, l, count, tiles, outputs);
    }
}

/* All tiles of the rows of y, in groups as even as possible. */
static void run_lanes(const cvy_tiles *of_isa, const problem *p, lanes *l)
{
    const size_t across = (p->y_width + 1) / 2, first_row = p->y_rows.begin / 2;
    const size_t count = ((p->y_rows.end + 1) / 2 - first_row) * across;
    const size_t groups = group_count(count, TILES);
    tile tiles[TILES];

    for (size_t g = 0; g < groups; g++) {
        const size_t begin = group_begin(count, groups, g), end = group_begin(count, groups, g + 1);
        for (size_t i = begin; i < end; i++)
            place_tile(p, 2 * (first_row + i / across), 2 * (i % across), &tiles[i - begin]);
        run_tiles(of_isa, p, l, end - begin, tiles);
    }
}

static lanes divide_scratch(size_t inputs, size_t x_plane, size_t y_plane, float *scratch)
{
    return (lanes){ .patches = scratch,
                    .sums = scratch + POSITIONS * odd_lines(inputs * TILES * CVY_LANE),
                    .x_plane = x_plane,
                    .y_plane = y_plane };
}

void CVY_FOR_ISA(cvy_winograd_forward)(const cvy_tiles *tiles, const cvy_convolution *c,
                                       const float *x, const float *packed, const float *bias,
                                       cvy_range rows, float *y, size_t plane, float *scratch)
{
    const cvy_window *w = &c->window;
    const problem p = { .x = x,
                        .inputs = w->channels,
                        .x_width = w->width,
                        .x_row = w->width * CVY_LANE,
                        .x_pixel = CVY_LANE,
                        .pad_top = w->pad_top,
                        .pad_left = w->pad_left,
                        .x_rows = { 0, w->height },
                        .outputs = c->filters,
                        .y_width = w->columns,
                        .y_row = w->columns * CVY_LANE,
                        .y_pixel = CVY_LANE,
                        .y_rows = rows,
                        .y = y,
                        .weights = packed };
    lanes l = divide_scratch(w->channels, w->height * w->width * CVY_LANE, plane,
                             scratch + c->filters * CVY_LANE);

    for (size_t f = 0; f < c->filters && bias != NULL; f++)
        for (size_t i = 0; i < CVY_LANE; i++)
            scratch[f * CVY_LANE + i] = bias[f];
    l.bias = bias != NULL ? scratch : NULL;
    run_lanes(tiles, &p, &l);
}

/* The rows of dx that are complete when the rows of dy before `end` are known: whole tiles. */
static size_t complete_rows(const cvy_convolution *c, size_t end)
{
    return end > c->window.pad_top ? (end - c->window.pad_top) / 2 * 2 : 0;
}

void CVY_FOR_ISA(cvy_winograd_input_gradient)(const cvy_tiles *tiles, const cvy_convolution *c,
                                              const float *packed, const float *dy, size_t plane,
                                              cvy_range rows, bool is_last, cvy_range dx_rows,
                                              float *dx, float *scratch)
{
    const cvy_window *w = &c->window;
    const size_t complete = is_last ? w->height : complete_rows(c, rows.end);
    const size_t earlier = cvy_min(rows.begin, cvy_convolution_earlier_rows(c));
    const cvy_range made = { cvy_max(dx_rows.begin, complete_rows(c, rows.begin)),
                             cvy_min(dx_rows.end, complete) };
    const problem p = { .x = dy - earlier * w->columns * CVY_LANE,
                        .inputs = c->filters,
                        .x_width = w->columns,
                        .x_row = w->columns * CVY_LANE,
                        .x_pixel = CVY_LANE,
                        .pad_top = 2 - w->pad_top,
                        .pad_left = 2 - w->pad_left,
                        .x_rows = { rows.begin - earlier, rows.end },
                        .outputs = w->channels,
                        .y_width = w->width,
                        .y_row = w->width * CVY_LANE,
                        .y_pixel = CVY_LANE,
                        .y_rows = made,
                        .y = dx + made.begin * w->width * CVY_LANE,
                        .weights = packed,
                        .is_added = true };
    lanes l = divide_scratch(c->filters, plane, w->height * w->width * CVY_LANE, scratch);

    if (made.begin < made.end)
        run_lanes(tiles, &p, &l);
}

/* --- a sample --- */

/* The patches [16][tiles][inputs] and sums [16][tiles][outputs] of some tiles of a sample. */
static void run_sample_tiles(const cvy_tiles *of_isa, const problem *p, const float *bias,
                             size_t count, const tile *tiles, float *scratch)
{
    const cvy_tap_run run = { 0, 0 };
    const size_t patch_step = count * p->inputs, sum_step = count * p->outputs;
    float *patches = scratch, *sums = scratch + POSITIONS * patch_step;
    cvy_tap_sums s = { .runs = &run,
                       .run_count = 1,
                       .run_taps = p->inputs,
                       .from_step = 1,
                       .w_step = (ptrdiff_t)p->outputs,
                       .outputs = p->outputs,
                       .w = p->weights };
    cvy_sample_line line = {
        .pixels = count, .from = patches, .to = sums, .from_step = p->inputs, .to_step = p->outputs
    };

    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < p->inputs; c += VECTOR)
            if (c + VECTOR <= p->inputs)
                transform_tile(p, &tiles[i], c, patches + i * p->inputs + c, patch_step, false, 0);
            else
                transform_tile(p, &tiles[i], c, patches + i * p->inputs + c, patch_step, true,
                               p->inputs - c);
    for (size_t i = 0; i < POSITIONS; i++) {
        const bool has_bias = i == BIAS_POSITION && bias != NULL;
        s.start = has_bias ? bias : zeros;
        s.start_step = has_bias;
        of_isa->run_line(&s, &line);
        s.w += odd_lines(p->inputs * p->outputs), line.from += patch_step, line.to += sum_step;
    }
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < p->outputs; k += VECTOR)
            if (k + VECTOR <= p->outputs)
                finish_tile(p, &tiles[i], sums + i * p->outputs + k, sum_step, tiles[i].to + k,
                            false, 0);
            else
                finish_tile(p, &tiles[i], sums + i * p->outputs + k, sum_step, tiles[i].to + k,
                            true, p->outputs - k);
}

void CVY_FOR_ISA(cvy_winograd_sample)(const cvy_tiles *tiles, const cvy_convolution *c,
                                      const float *x, const float *w, const float *bias, float *y,
                                      float *scratch)
{
    const cvy_window *window = &c->window;
    const size_t across = (window->columns + 1) / 2, count = (window->rows + 1) / 2 * across;
    const problem p = { .x = x,
                        .inputs = window->channels,
                        .x_width = window->width,
                        .x_row = window->width * window->channels,
                        .x_pixel = window->channels,
                        .pad_top = window->pad_top,
                        .pad_left = window->pad_left,
                        .x_rows = { 0, window->height },
                        .outputs = c->filters,
                        .y_width = window->columns,
                        .y_row = window->columns * c->filters,
                        .y_pixel = c->filters,
                        .y_rows = { 0, window->rows },
                        .y = y,
                        .weights = scratch };
    tile some[SAMPLE_TILES];

    make_weights(window->channels, c->filters, w, false, scratch);
    scratch += POSITIONS * odd_lines(window->channels * c->filters);
    for (size_t first = 0, end; first < count; first = end) {
        end = cvy_min(first + SAMPLE_TILES, count);
        for (size_t i = first; i < end; i++)
            place_tile(&p, 2 * (i / across), 2 * (i % across), &some[i - first]);
        run_sample_tiles(tiles, &p, bias, end - first, some, scratch);
    }
}

/* --- sizes --- */

size_t CVY_FOR_ISA(cvy_winograd_scratch)(const cvy_convolution *c)
{
    const size_t most = cvy_max(c->window.channels, c->filters);

    return c->filters * CVY_LANE +
           POSITIONS * (odd_lines(most * TILES * CVY_LANE) + odd_lines(OUTPUTS * TILES * CVY_LANE));
}

size_t CVY_FOR_ISA(cvy_winograd_sample_scratch)(const cvy_convolution *c)
{
    const size_t channels = c->window.channels, filters = c->filters;

    return POSITIONS * (odd_lines(channels * filters) + SAMPLE_TILES * (channels + filters));
}

size_t CVY_FOR_ISA(cvy_winograd_packed)(const cvy_convolution *c)
{
    const size_t cell = c->window.channels * c->filters;

    return POSITIONS * odd_lines(cell) + CELLS * cell;
}
