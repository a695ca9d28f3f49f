#include "layers/convolve.h"

/* How the output is cut into strips. */
typedef struct {
    size_t rows;       /* of output that anybody reads */
    size_t strip_rows; /* that are made, or used up, at a time */
    size_t row_floats; /* of one output row of one filter */
} cut;

enum { KERNEL, BIAS };

/* Bytes of columns that a strip would have as a column matrix. */
enum { STRIP_COLUMN_BYTES = 192 * 1024 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* fed_rows: as in the layer's plan. */
static cut cut_rows(const cvy_convolution *c, size_t fed_rows)
{
    cut of = { .rows = c->window.rows, .row_floats = c->window.columns * CVY_LANE };
    const size_t column_row = cvy_convolution_taps(c) * of.row_floats * sizeof(float);
    size_t rows = STRIP_COLUMN_BYTES / column_row;

    rows = rows < 1 ? 1 : smaller(rows, c->window.rows);
    const size_t unit = fed_rows > 0 ? fed_rows : rows;
    of.rows = fed_rows > 0 ? c->window.rows / unit * unit : c->window.rows;
    of.strip_rows = rows > unit ? rows / unit * unit : unit;
    return of;
}

/* What depends on how the output is cut: scratch for any backend, and a strip for the pooling. */
static void plan_cut(const cvy_convolution *c, cvy_layer_plan *plan)
{
    const cut of = cut_rows(c, plan->fed_rows);
    const size_t strip = plan->fed_rows > 0 ? c->filters * of.strip_rows * of.row_floats : 0;

    plan->gradient_pieces = (of.rows + of.strip_rows - 1) / of.strip_rows;
    plan->scratch_bytes = (cvy_convolution_scratch(c, of.strip_rows) + strip) * sizeof(float);
}

cvy_status cvy_convolve_plan(const cvy_convolution *c, cvy_layer_plan *plan)
{
    const cvy_window *w = &c->window;
    cvy_status status = cvy_shape_image(w->rows, w->columns, c->filters, &plan->out);
    if (status != CVY_OK)
        return status;

    plan->gradient = CVY_GRADIENT_LANE;
    plan->reads_input = true;
    plan_cut(c, plan);
    plan->flops =
        2 * (double)(w->rows * w->columns) * (double)cvy_convolution_taps(c) * (double)c->filters;
    return CVY_OK;
}

void cvy_convolve_feed(const cvy_convolution *c, cvy_layer *layer, const cvy_layer *next)
{
    layer->plan.fed_rows = next->plan.strip_rows;
    plan_cut(c, &layer->plan);
}

/* One call of forward or backward. */
typedef struct {
    const cvy_convolution *c;
    const cvy_layer *layer;
    const cvy_pass *pass;
    const cvy_convolution_backend *backend;
    cut cut;
    size_t plane;   /* of y and dy where no pooling takes the strips */
    float *scratch; /* the backend's */
    float *strip;   /* the pooling's */
} call;

static call begin_call(const cvy_convolution *c, const cvy_layer *layer, const cvy_pass *pass)
{
    const cut of = cut_rows(c, layer->plan.fed_rows);
    float *scratch = pass->scratch;

    return (call){ .c = c,
                   .layer = layer,
                   .pass = pass,
                   .backend = cvy_convolution_of(&pass->compute),
                   .cut = of,
                   .plane = c->window.rows * of.row_floats,
                   .scratch = scratch,
                   .strip = scratch + cvy_convolution_scratch(c, of.strip_rows) };
}

static cvy_range rows_of_strip(const call *of, size_t first_row)
{
    return (cvy_range){ first_row, smaller(first_row + of->cut.strip_rows, of->cut.rows) };
}

/* What the next layer makes of these rows. */
static cvy_range rows_of_next(const call *of, cvy_range rows)
{
    const size_t strip_rows = of->pass->next->plan.strip_rows;
    return (cvy_range){ rows.begin / strip_rows, rows.end / strip_rows };
}

/* --- forward: shares are rows --- */

static void make_rows(const call *of, const float *x, cvy_range rows, float *y, size_t plane)
{
    const cvy_layer *layer = of->layer;
    const float *weights = of->pass->weights;
    const bool has_bias = layer->plan.weight_count > BIAS;

    of->backend->forward_rows(&of->pass->compute, of->c, x, weights + layer->weight_offset[KERNEL],
                              has_bias ? weights + layer->weight_offset[BIAS] : NULL, rows, y,
                              plane, of->scratch);
}

void cvy_convolve_forward(const cvy_convolution *c, const cvy_layer *layer, const cvy_pass *pass,
                          const float *x, float *y)
{
    const call of = begin_call(c, layer, pass);
    const cvy_range share = cvy_share_range(pass->share, of.cut.rows, of.cut.strip_rows);

    for (size_t row = share.begin; row < share.end; row += of.cut.strip_rows) {
        const cvy_range rows = rows_of_strip(&of, row);
        if (pass->next == NULL) {
            make_rows(&of, x, rows, y + row * of.cut.row_floats, of.plane);
            continue;
        }
        make_rows(&of, x, rows, of.strip, (rows.end - rows.begin) * of.cut.row_floats);
        pass->next->kind->forward_strip(pass->next, pass->next_pass, rows_of_next(&of, rows),
                                        of.strip, y);
    }
}

/* --- backward: shares are pieces of dw, sums over output rows of their own, and rows of dx --- */

typedef struct {
    cvy_range pieces, dx_rows;
} backward_share;

/* A line of all pieces, then of all rows of dx, each half of it, cut into equal shares; a piece
 * belongs where its middle lies. Two shares are dw and dx. More cut dx, and then the strips that reach
 * both sides of a cut are made on both. */
static backward_share share_backward(size_t height, const cvy_pass *pass)
{
    const size_t pieces = pass->gradient_pieces;
    const size_t i = pass->share.index, count = pass->share.count;
    const size_t begin = (4 * pieces * i + count - 1) / (2 * count);
    const size_t end = (4 * pieces * (i + 1) + count - 1) / (2 * count);

    return (backward_share){
        .pieces = { begin < pieces ? begin : pieces, end < pieces ? end : pieces },
        .dx_rows = { 2 * i > count ? height * (2 * i - count) / count : 0,
                     2 * i + 2 > count ? height * (2 * i + 2 - count) / count : 0 },
    };
}

typedef struct {
    call of;
    backward_share share;
    const float *x, *dy;
    float *dx, *dw;
} way_back;

/* Whether output rows read one of the share's rows of the image. */
static bool reaches_share(const way_back *way, cvy_range rows)
{
    const cvy_window *w = &way->of.c->window;
    const cvy_range of = way->share.dx_rows;
    const size_t reach = w->window_height + (w->window_height - 1) * w->gap_y;

    return of.begin < of.end && rows.begin * w->stride_y < of.end + w->pad_top &&
           (rows.end - 1) * w->stride_y + reach > of.begin + w->pad_top;
}

static void clear_dx(const way_back *way)
{
    const cvy_window *w = &way->of.c->window;
    const cvy_range rows = way->share.dx_rows;
    const size_t row_floats = w->width * CVY_LANE;

    for (size_t c = 0; c < w->channels; c++)
        way->of.pass->compute.kernels->lane->clear((rows.end - rows.begin) * row_floats,
                                                   way->dx +
                                                       (c * w->height + rows.begin) * row_floats);
}

/* A strip's gradient: that of the first row of each filter at dy and `plane` floats on. */
typedef struct {
    cvy_range rows;
    const float *dy;
    size_t plane;
} strip;

static strip strip_at(const way_back *way, cvy_range rows)
{
    const call *of = &way->of;
    const cvy_pass *pass = of->pass;

    if (pass->next == NULL)
        return (strip){ rows, way->dy + rows.begin * of->cut.row_floats, of->plane };
    pass->next->kind->backward_strip(pass->next, pass->next_pass, rows_of_next(of, rows), way->dy,
                                     of->strip);
    return (strip){ rows, of->strip, (rows.end - rows.begin) * of->cut.row_floats };
}

static void add_to_dw(const way_back *way, const strip *s, bool accumulate, float *dw)
{
    const call *of = &way->of;
    const cvy_range taps = { 0, cvy_convolution_taps(of->c) };

    if (of->layer->plan.weight_count > BIAS) {
        const size_t *offset = of->layer->weight_offset;
        of->pass->compute.kernels->lane->sum_rows(
            of->c->filters, (s->rows.end - s->rows.begin) * of->cut.row_floats, s->plane, s->dy,
            accumulate, dw + (offset[BIAS] - offset[KERNEL]));
    }
    of->backend->add_weight_gradient(&of->pass->compute, of->c, way->x, s->dy, s->plane, s->rows,
                                     taps, accumulate, dw, of->scratch);
}

/* What a strip brings: to dw, a piece of the gradient, unless that is another share's (NULL), and to
 * the share's rows of dx. */
static void run_strip(const way_back *way, cvy_range rows, bool is_first, float *dw)
{
    const call *of = &way->of;
    const bool has_dx = way->dx != NULL && reaches_share(way, rows);

    if (dw == NULL && !has_dx)
        return;
    const strip s = strip_at(way, rows);
    if (dw != NULL)
        add_to_dw(way, &s, !is_first, dw);
    if (has_dx)
        of->backend->add_input_gradient(&of->pass->compute, of->c,
                                        of->pass->weights + of->layer->weight_offset[KERNEL], s.dy,
                                        s.plane, rows, way->share.dx_rows, way->dx, of->scratch);
}

static void run_piece(const way_back *way, size_t piece)
{
    const call *of = &way->of;
    const cvy_pass *pass = of->pass;
    const cvy_range range = cvy_share_range((cvy_share){ piece, pass->gradient_pieces },
                                            of->cut.rows, of->cut.strip_rows);
    const bool has_dw = piece >= way->share.pieces.begin && piece < way->share.pieces.end;
    float *dw = has_dw ? way->dw + piece * pass->gradient_stride : NULL;

    for (size_t row = range.begin; row < range.end; row += of->cut.strip_rows)
        run_strip(way, rows_of_strip(of, row), row == range.begin, dw);
}

void cvy_convolve_backward(const cvy_convolution *c, const cvy_layer *layer, const cvy_pass *pass,
                           const float *x, const float *dy, float *dx, float *dw)
{
    way_back way = { .of = begin_call(c, layer, pass), .x = x, .dy = dy, .dx = dx, .dw = dw };

    way.share.pieces = cvy_share_range(pass->share, pass->gradient_pieces, 1);
    if (dx != NULL) {
        way.share = share_backward(c->window.height, pass);
        clear_dx(&way);
    }
    for (size_t piece = 0; piece < pass->gradient_pieces; piece++)
        run_piece(&way, piece);
}
