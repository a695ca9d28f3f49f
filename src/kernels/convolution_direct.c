/* Direct convolutions: a GEMM whose column matrix is never written. Row (ky, kx, c) of it is an
 * offset into the image, which each pixel of a tile adds to its own address.
 *
 * A tile of sums for a few outputs and a few pixels stays in registers during the sum over the
 * taps. The gradient of the input is the same sum over dy with the kernel flipped. Pixels at an
 * edge lack some taps, so the work is cut into rectangles of pixels with the same taps.
 *
 * The result does not depend on the vector width: y is a chain of fused multiply-adds that starts
 * with the bias, over the taps in the order (ky, kx, c); dx is a chain over descending ky, then
 * descending kx, then f. Source of the idea: Dukhan, The Indirect Convolution Algorithm (2019). */
#include "kernels/convolution_direct.h"
#include "kernels/taps.h"
#include "kernels/vector.h"

static const float zeros[CVY_LANE];

/* Run the outputs of some pixels in groups as even as possible, the larger ones first. */
static void run_pixels(const cvy_tiles *tiles, const cvy_tap_sums *s, size_t groups, size_t width,
                       const cvy_tile_pixels *at)
{
    const size_t small = s->outputs / groups;
    const size_t end_of_large = s->outputs % groups * (small + 1);

    if (end_of_large > 0)
        tiles->run(small + 1, width, s, at, (cvy_range){ 0, end_of_large });
    tiles->run(small, width, s, at, (cvy_range){ end_of_large, s->outputs });
}

/* Handle pixels that have no tap inside the image. */
static void start_pixels(const cvy_tap_sums *s, size_t width, const cvy_tile_pixels *at)
{
    for (size_t p = 0; p < width && s->start != NULL; p++)
        for (size_t i = 0; i < s->outputs; i++)
            memcpy(at->to[p] + i * s->plane, s->start + i * s->start_step,
                   CVY_LANE * sizeof *s->start);
}

/* A rectangle of pixels: its first one, and the distances between rows and columns, in floats. */
typedef struct {
    size_t rows, columns;
    const float *from;
    float *to;
    size_t from_row, from_column, to_row, to_column;
} rectangle;

/* Choose the number of groups of outputs. The more pixels a tile has, the fewer outputs fit in the
 * registers; there must be enough independent sums to hide the latency of an addition. */
static size_t choose_groups(size_t most_sums, size_t outputs, size_t count)
{
    const size_t fitting = most_sums / (count < 3 ? count : 3);
    const size_t most = fitting < CVY_TILE_OUTPUTS ? fitting : CVY_TILE_OUTPUTS;

    return outputs * 2 <= most_sums && outputs <= CVY_TILE_OUTPUTS ? 1 : group_count(outputs, most);
}

/* Run the rectangle of one sample as lines along its longer side. */
static void run_lines(const cvy_tiles *tiles, const cvy_tap_sums *s, const rectangle *r)
{
    const bool is_along_rows = r->columns >= r->rows;
    const size_t lines = is_along_rows ? r->rows : r->columns;
    cvy_sample_line line = { .pixels = is_along_rows ? r->columns : r->rows,
                             .from_step = is_along_rows ? r->from_column : r->from_row,
                             .to_step = is_along_rows ? r->to_column : r->to_row };

    for (size_t i = 0; i < lines; i++) {
        line.from = r->from + i * (is_along_rows ? r->from_row : r->from_column);
        line.to = r->to + i * (is_along_rows ? r->to_row : r->to_column);
        tiles->run_line(s, &line);
    }
}

static void run_lanes(const cvy_tiles *tiles, const cvy_tap_sums *s, const rectangle *r)
{
    const size_t count = r->rows * r->columns;
    const size_t output_groups = choose_groups(tiles->most, s->outputs, count);
    const size_t in_tile = group_count(s->outputs, output_groups);
    const size_t most =
        tiles->most / in_tile < CVY_TILE_PIXELS ? tiles->most / in_tile : CVY_TILE_PIXELS;
    const size_t groups = group_count(count, most);
    size_t row = 0, column = 0;

    for (size_t g = 0; g < groups; g++) {
        const size_t width = group_begin(count, groups, g + 1) - group_begin(count, groups, g);
        cvy_tile_pixels at;
        for (size_t p = 0; p < width; p++) {
            at.from[p] = r->from + row * r->from_row + column * r->from_column;
            at.to[p] = r->to + row * r->to_row + column * r->to_column;
            at.start[p] = s->start != NULL ? s->start : at.to[p];
            if (++column == r->columns)
                column = 0, row++;
        }
        if (s->run_count > 0)
            run_pixels(tiles, s, output_groups, width, &at);
        else
            start_pixels(s, width, &at);
    }
}

void cvy_direct_line(const cvy_tiles *tiles, const cvy_tap_sums *s, size_t count, const float *from,
                     float *to)
{
    run_lanes(tiles, s,
              &(rectangle){ .rows = 1,
                            .columns = count,
                            .from = from,
                            .to = to,
                            .from_column = CVY_LANE,
                            .to_column = CVY_LANE });
}

static void run_rectangle(const cvy_tiles *tiles, const cvy_tap_sums *s, const rectangle *r)
{
    if (tiles->run_line != NULL)
        run_lines(tiles, s, r);
    else
        run_lanes(tiles, s, r);
}

/* The input: rows of `width` pixels, `pixel` floats apart, whose channels are `plane` floats apart. */
typedef struct {
    const float *pixels;
    size_t channels, plane, width, pixel;
} source;

/* List the taps of a rectangle as runs: over the channels, or over a row of the kernel if its taps
 * are a fixed step apart: those of one channel, or of all channels of a sample, which are
 * contiguous. The weights have `w_row` floats for each channel of each kernel cell. */
static void list_runs(const cvy_span *y, const cvy_span *x, size_t window_width, const source *from,
                      size_t w_row, cvy_tap_run *runs, cvy_tap_sums *s)
{
    const bool is_over_columns = from->channels == 1;
    const bool is_over_row = is_over_columns || (from->plane * from->channels == from->pixel &&
                                                 x->tap_move == 1 && x->tap_step == 1);
    const size_t cells = is_over_row ? 1 : x->tap_count;

    s->runs = runs;
    s->run_count = 0;
    s->run_taps = is_over_row ? x->tap_count * from->channels : from->channels;
    s->from_step = (ptrdiff_t)(is_over_columns ? x->tap_move * from->pixel : from->plane);
    s->w_step = (ptrdiff_t)w_row * (is_over_columns ? x->tap_step : 1);
    for (size_t i = 0; i < y->tap_count; i++)
        for (size_t j = 0; j < cells && x->tap_count > 0; j++) {
            const size_t ky = (size_t)((ptrdiff_t)y->first_tap + (ptrdiff_t)i * y->tap_step);
            const size_t kx = (size_t)((ptrdiff_t)x->first_tap + (ptrdiff_t)j * x->tap_step);
            const size_t offset = i * y->tap_move * from->width + j * x->tap_move;
            runs[s->run_count++] =
                (cvy_tap_run){ (uint32_t)(offset * from->pixel),
                               (uint32_t)((ky * window_width + kx) * from->channels * w_row) };
        }
}

/* --- forward --- */

static void forward_group(const cvy_tiles *tiles, const cvy_convolution *c, const source *x,
                          cvy_tap_sums *s, cvy_range rows, float *y, cvy_tap_run *runs)
{
    const cvy_axis down = cvy_axis_y(&c->window), across = cvy_axis_x(&c->window);
    const size_t row_floats = c->window.columns * s->pixel;

    for (size_t row = rows.begin; row < rows.end;) {
        const cvy_span v = cvy_span_forward(&down, row, rows.end);
        for (size_t column = 0; column < c->window.columns;) {
            const cvy_span h = cvy_span_forward(&across, column, c->window.columns);
            list_runs(&v, &h, c->window.window_width, x, c->filters, runs, s);
            run_rectangle(
                tiles, s,
                &(rectangle){ .rows = v.count,
                              .columns = h.count,
                              .from = x->pixels + (v.source * x->width + h.source) * x->pixel,
                              .to = y + (row - rows.begin) * row_floats + column * s->pixel,
                              .from_row = v.pixel_move * x->width * x->pixel,
                              .from_column = h.pixel_move * x->pixel,
                              .to_row = row_floats,
                              .to_column = s->pixel });
            column += h.count;
        }
        row += v.count;
    }
}

static void spread_bias(size_t filters, const float *bias, float *lanes)
{
    for (size_t f = 0; f < filters; f++, lanes += CVY_LANE)
        for (size_t i = 0; i < CVY_LANE; i++)
            lanes[i] = bias[f];
}

void cvy_direct_forward(const cvy_tiles *tiles, const cvy_convolution *c, const float *x,
                        const float *w, const float *bias, cvy_range rows, float *y, size_t plane,
                        float *scratch)
{
    const size_t filters = c->filters / c->groups, image = c->window.height * c->window.width;
    source of = { .channels = c->window.channels / c->groups,
                  .plane = image * CVY_LANE,
                  .width = c->window.width,
                  .pixel = CVY_LANE };

    for (size_t group = 0; group < c->groups; group++) {
        const size_t first = group * filters;
        cvy_tap_sums s = {
            .outputs = filters, .plane = plane, .pixel = CVY_LANE, .w = w + first, .start = zeros
        };
        if (bias != NULL) {
            spread_bias(filters, bias + first, scratch);
            s.start = scratch;
            s.start_step = CVY_LANE;
        }
        of.pixels = x + group * of.channels * of.plane;
        forward_group(tiles, c, &of, &s, rows, y + first * plane,
                      (cvy_tap_run *)(void *)(scratch + filters * CVY_LANE));
    }
}

void cvy_direct_forward_sample(const cvy_tiles *tiles, const cvy_convolution *c, const float *x,
                               const float *w, const float *bias, float *y, float *scratch)
{
    const size_t filters = c->filters / c->groups;
    source of = { .channels = c->window.channels / c->groups,
                  .plane = 1,
                  .width = c->window.width,
                  .pixel = c->window.channels };

    for (size_t group = 0; group < c->groups; group++) {
        const size_t first = group * filters;
        cvy_tap_sums s = { .outputs = filters,
                           .plane = 1,
                           .pixel = c->filters,
                           .w = w + first,
                           .start = bias != NULL ? bias + first : zeros,
                           .start_step = bias != NULL };
        of.pixels = x + group * of.channels;
        forward_group(tiles, c, &of, &s, (cvy_range){ 0, c->window.rows }, y + first,
                      (cvy_tap_run *)(void *)scratch);
    }
}

/* --- the input's gradient --- */

void cvy_direct_turn_kernel(const cvy_convolution *c, const float *w, float *turned)
{
    const size_t channels = c->window.channels / c->groups, filters = c->filters / c->groups;
    const size_t cells = c->window.window_height * c->window.window_width;

    for (size_t group = 0; group < c->groups; group++)
        for (size_t cell = 0; cell < cells; cell++, turned += channels * filters)
            for (size_t channel = 0; channel < channels; channel++) {
                const float *of = w + (cell * channels + channel) * c->filters + group * filters;
                for (size_t f = 0; f < filters; f++)
                    turned[f * channels + channel] = of[f];
            }
}

static void input_gradient_of_group(const cvy_tiles *tiles, const cvy_convolution *c,
                                    const source *dy, cvy_tap_sums *s, cvy_range rows,
                                    cvy_range dx_rows, float *dx, cvy_tap_run *runs)
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
                        tiles, s,
                        &(rectangle){ .rows = v.count,
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

void cvy_direct_input_gradient(const cvy_tiles *tiles, const cvy_convolution *c,
                               const float *turned, const float *dy, size_t plane, cvy_range rows,
                               cvy_range dx_rows, float *dx, float *scratch)
{
    const size_t channels = c->window.channels / c->groups;
    const size_t image = c->window.height * c->window.width * CVY_LANE;
    source of = { .channels = c->filters / c->groups,
                  .plane = plane,
                  .width = c->window.columns,
                  .pixel = CVY_LANE };
    cvy_tap_run *runs = (cvy_tap_run *)(void *)scratch;

    for (size_t group = 0; group < c->groups; group++) {
        cvy_tap_sums s = { .outputs = channels,
                           .plane = image,
                           .w = turned + group * cvy_convolution_taps(c) * of.channels,
                           .start_step = image };
        of.pixels = dy + group * of.channels * plane;
        input_gradient_of_group(tiles, c, &of, &s, rows, dx_rows, dx + group * channels * image,
                                runs);
    }
}

/* Room for runs, and for a group's bias. */
size_t cvy_direct_scratch(const cvy_convolution *c)
{
    return 2 * cells_of(c) + c->filters / c->groups * CVY_LANE;
}

size_t cvy_direct_sample_scratch(const cvy_convolution *c)
{
    return 2 * cells_of(c);
}
