/* The kernel's gradient of the direct convolution (convolution_direct.c).
 *
 * A tile of sums for a few cells (ky, kx) of one channel and a few filters stays in registers
 * during the sum over the pixels of a strip: neighbouring cells read the same pixels, from the L1
 * cache. Each of a lane's 16 samples has its own sum, a chain of fused multiply-adds in the order
 * of rows and columns; at the end of the strip the 16 sums are added in a binary tree. So the
 * result does not depend on the vector width. If the image is padded, the rows of a channel are
 * first copied with zeros around them. */
#include "kernels/compute.h"
#include "kernels/convolution_direct.h"
#include "kernels/vector.h"

enum { TILE_FILTERS = 4, TILE_CELLS = 8 };
enum { TILE_MOST = (TILE_SUMS + VECTOR - 1) / VECTOR * VECTOR }; /* whole vectors of sums */

/* The pixels that are summed over. Distances are in floats. */
typedef struct {
    size_t rows, columns;
    size_t x_row, x_column, dy_row;
} pixels;

typedef struct {
    const float *x[TILE_CELLS];
    const float *dy;
    size_t plane;
} operands;

/* Compute a tile. There must be at least one pixel. */
ALWAYS_INLINE void tile(size_t cells, size_t filters, const pixels *p, const operands *of,
                        vector *result)
{
    const size_t x_column = p->x_column, end = p->columns * CVY_LANE;

    for (size_t part = 0; part < CVY_LANE; part += VECTOR) {
        vector sum[TILE_SUMS];
        const float *x[TILE_CELLS], *dy[TILE_FILTERS];
        size_t rows = p->rows;
        for (size_t i = 0; i < cells * filters; i++)
            sum[i] = (vector){ 0 };
        for (size_t k = 0; k < cells; k++)
            x[k] = of->x[k] + part;
        for (size_t f = 0; f < filters; f++)
            dy[f] = of->dy + f * of->plane + part;
        do {
            size_t at = 0, x_at = 0;
            do {
                vector value[TILE_CELLS];
                for (size_t k = 0; k < cells; k++)
                    value[k] = vector_load(x[k] + x_at);
                for (size_t f = 0; f < filters; f++) {
                    const vector gradient = vector_load(dy[f] + at);
                    for (size_t k = 0; k < cells; k++)
                        sum[k * filters + f] = vector_fma(value[k], gradient, sum[k * filters + f]);
                }
                at += CVY_LANE, x_at += x_column;
            } while (at < end);
            for (size_t k = 0; k < cells; k++)
                x[k] += p->x_row;
            for (size_t f = 0; f < filters; f++)
                dy[f] += p->dy_row;
        } while (--rows > 0);
        for (size_t i = 0; i < cells * filters; i++)
            result[i * LANE_VECTORS + part / VECTOR] = sum[i];
    }
}

#define TILE(cells, filters)                                                                       \
    case (cells)*8 + (filters):                                                                    \
        if ((cells) * (filters) <= TILE_SUMS)                                                      \
            tile(cells, filters, p, of, result);                                                   \
        break;
#define TILES(cells) TILE(cells, 1) TILE(cells, 2) TILE(cells, 3) TILE(cells, 4)

static void run_tile(size_t cells, size_t filters, const pixels *p, const operands *of,
                     vector *result)
{
    switch (cells * 8 + filters) {
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

/* The gradient from one strip. */
typedef struct {
    const cvy_convolution *c;
    pixels pixels;
    const float *x, *dy;
    size_t first_filter, plane; /* filter of dy's first plane, and floats per plane */
    size_t x_width;             /* pixels per row of x, or of the padded copy */
    cvy_range image;            /* rows that the strip reads, counted in the padded image */
    float *halo;                /* for a padded channel's rows; NULL: no padding */
    float *dw;
    bool accumulate;
} strip;

typedef float four __attribute__((vector_size(4 * sizeof(float)), aligned(4), may_alias));

/* Add or store up to TILE_FILTERS floats. */
ALWAYS_INLINE void add_few(size_t n, const float *x, bool accumulate, float *sum)
{
    if (n == 4) {
        const four term = *(const four *)x;
        if (accumulate)
            *(four *)sum += term;
        else
            *(four *)sum = term;
        return;
    }
    for (size_t i = 0; i < n; i++)
        sum[i] = accumulate ? sum[i] + x[i] : x[i];
}

/* Add a tile's sums to dw, for some cells of `channel`, counted in its group, and some filters. */
static void store_sums(const strip *s, cvy_range cells, size_t channel, cvy_range filters,
                       const vector *lanes)
{
    const size_t width = filters.end - filters.begin, count = (cells.end - cells.begin) * width;
    const size_t channels = s->c->window.channels / s->c->groups;
    vector v[TILE_MOST];
    float dots[TILE_MOST];

    for (size_t i = 0; i < TILE_MOST; i++)
        v[i] = i < count ? vector_add_lane(lanes + i * LANE_VECTORS) : (vector){ 0 };
    for (size_t i = 0; i < count; i += VECTOR)
        vector_store(dots + i, vector_add_elements(v + i));
    const size_t cell_floats = channels * s->c->filters;
    float *dw = s->dw + cells.begin * cell_floats + channel * s->c->filters + filters.begin;
    for (size_t i = 0; i < count; i += width, dw += cell_floats)
        add_few(width, dots + i, s->accumulate, dw);
}

/* Compute dw of one channel. x: the first row that the strip reads.
 * channel: counted in its group. */
static void run_channel(const strip *s, const float *x, size_t channel, cvy_range filters)
{
    const cvy_window *w = &s->c->window;
    const size_t cells = w->window_height * w->window_width, width = filters.end - filters.begin;
    const size_t most = TILE_SUMS / width < TILE_CELLS ? TILE_SUMS / width : TILE_CELLS;
    const size_t groups = group_count(cells, most);
    operands of = { .dy = s->dy + (filters.begin - s->first_filter) * s->plane, .plane = s->plane };
    vector lanes[TILE_SUMS * LANE_VECTORS];

    for (size_t g = 0; g < groups; g++) {
        const cvy_range some = { group_begin(cells, groups, g), group_begin(cells, groups, g + 1) };
        for (size_t cell = some.begin; cell < some.end; cell++)
            of.x[cell - some.begin] = x + (cell / w->window_width * (w->gap_y + 1) * s->x_width +
                                           cell % w->window_width * (w->gap_x + 1)) *
                                              CVY_LANE;
        run_tile(some.end - some.begin, width, &s->pixels, &of, lanes);
        store_sums(s, some, channel, filters, lanes);
    }
}

/* Copy the rows of a channel that the strip reads, with the padding around them. */
static const float *copy_with_halo(const strip *s, const float *channel)
{
    const cvy_window *w = &s->c->window;
    const size_t pixel = CVY_LANE * sizeof(float), row_floats = s->x_width * CVY_LANE;
    const size_t left = s->x_width - w->pad_left;
    const size_t inside = left < w->width ? left : w->width, right = left - inside;
    float *to = s->halo;

    for (size_t row = s->image.begin; row < s->image.end; row++, to += row_floats) {
        if (row < w->pad_top || row - w->pad_top >= w->height) {
            memset(to, 0, row_floats * sizeof *to);
            continue;
        }
        memset(to, 0, w->pad_left * pixel);
        memcpy(to + w->pad_left * CVY_LANE, channel + (row - w->pad_top) * w->width * CVY_LANE,
               inside * pixel);
        memset(to + (w->pad_left + inside) * CVY_LANE, 0, right * pixel);
    }
    return s->halo;
}

/* Compute dw of filters of one group, few enough for a tile. */
static void run_filters(const strip *s, cvy_range filters)
{
    const cvy_window *w = &s->c->window;
    const size_t channels = w->channels / s->c->groups;
    const size_t first = filters.begin / (s->c->filters / s->c->groups) * channels;

    for (size_t channel = 0; channel < channels; channel++) {
        const float *x = s->x + (first + channel) * w->height * w->width * CVY_LANE;
        run_channel(
            s, s->halo != NULL ? copy_with_halo(s, x) : x + s->image.begin * w->width * CVY_LANE,
            channel, filters);
    }
}

static size_t reach(size_t window, size_t gap, size_t stride, size_t count)
{
    return (count - 1) * stride + window + (window - 1) * gap;
}

static bool is_padded(const cvy_window *w)
{
    return w->pad_top > 0 || w->pad_left > 0 ||
           reach(w->window_height, w->gap_y, w->stride_y, w->rows) > w->height ||
           reach(w->window_width, w->gap_x, w->stride_x, w->columns) > w->width;
}

size_t CVY_FOR_ISA(cvy_convolution_gradient_scratch)(const cvy_convolution *c, size_t rows)
{
    const cvy_window *w = &c->window;

    if (!is_padded(w))
        return 0;
    return reach(w->window_height, w->gap_y, w->stride_y, rows) *
           reach(w->window_width, w->gap_x, w->stride_x, w->columns) * CVY_LANE;
}

void CVY_FOR_ISA(cvy_convolution_gradient)(const cvy_compute *compute, const cvy_convolution *c,
                                           const float *x, const float *dy, size_t plane,
                                           cvy_range rows, cvy_range filters, bool accumulate,
                                           float *dw, float *scratch)
{
    const cvy_window *w = &c->window;
    const size_t in_group = c->filters / c->groups, count = rows.end - rows.begin;
    const bool has_halo = is_padded(w);
    const size_t x_width =
        has_halo ? reach(w->window_width, w->gap_x, w->stride_x, w->columns) : w->width;
    const strip s = {
        .c = c,
        .pixels = { count, w->columns, w->stride_y * x_width * CVY_LANE, w->stride_x * CVY_LANE,
                    w->columns * CVY_LANE },
        .x = x,
        .dy = dy,
        .first_filter = filters.begin,
        .plane = plane,
        .x_width = x_width,
        .image = { rows.begin * w->stride_y,
                   rows.begin * w->stride_y +
                       reach(w->window_height, w->gap_y, w->stride_y, count) },
        .halo = has_halo ? scratch : NULL,
        .dw = dw,
        .accumulate = accumulate,
    };

    (void)compute;
    for (size_t f = filters.begin; f < filters.end;) {
        const size_t group_end = (f / in_group + 1) * in_group;
        const size_t end = group_end < filters.end ? group_end : filters.end;
        const size_t groups = group_count(end - f, TILE_FILTERS);
        for (size_t g = 0; g < groups; g++)
            run_filters(&s, (cvy_range){ f + group_begin(end - f, groups, g),
                                         f + group_begin(end - f, groups, g + 1) });
        f = end;
    }
}
