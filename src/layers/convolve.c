#include "layers/convolve.h"

#include <string.h>

#include "base/minmax.h"

/* How the output is cut into strips. */
typedef struct {
    size_t rows;       /* output rows that are used */
    size_t unit;       /* rows that are computed, and that the next layer takes, together */
    size_t strip_rows; /* rows computed, or consumed, at a time: a multiple of unit, or all */
    size_t row_floats; /* of one output row of one filter */
} cut;

enum { KERNEL, BIAS };

/* Pixels of a strip per filter: enough to make dw's sums over them efficient, and few enough to
 * keep the gradients of a few filters in the L1 cache.
 * STRIP_BYTES_MAX bounds the strip of all filters. */
enum { STRIP_PIXELS = 112, STRIP_BYTES_MAX = 512 * 1024 };

/* fed_rows: as in the layer's plan. */
static cut cut_rows(const cvy_convolution *c, size_t fed_rows)
{
    const size_t taken = fed_rows > 0 ? fed_rows : 1, made = cvy_convolution_tile_rows(c);
    cut of = { .row_floats = c->window.columns * CVY_LANE,
               .unit = taken % made == 0 ? taken : taken * made };
    const size_t row_bytes = c->filters * of.row_floats * sizeof(float);
    const size_t rows =
        cvy_min(STRIP_PIXELS / c->window.columns, STRIP_BYTES_MAX / row_bytes) / of.unit * of.unit;

    of.rows = c->window.rows / taken * taken;
    of.strip_rows = cvy_min(cvy_max(rows, of.unit), of.rows);
    return of;
}

/* Rows of a strip's gradient in memory: its own, and those before it that dx needs. */
static size_t kept_rows(const cvy_convolution *c, const cut *of)
{
    return cvy_convolution_earlier_rows(c) + of->strip_rows;
}

/* Plan the scratch, which depends on the cut:
 * a packed kernel and scratch for any backend, plus a strip if a pooling follows. */
static void plan_cut(const cvy_convolution *c, cvy_layer_plan *plan)
{
    const cut of = cut_rows(c, plan->fed_rows);
    const bool is_feeding = plan->fed_rows > 0;
    const size_t strip = is_feeding ? c->filters * kept_rows(c, &of) * of.row_floats : 0;
    const size_t sample = is_feeding ? cvy_sample_floats(plan->out) : 0;

    plan->scratch_bytes =
        (cvy_convolution_packed(c) + cvy_convolution_scratch(c, of.strip_rows) + strip) *
        sizeof(float);
    plan->sample_scratch_bytes = (cvy_convolution_sample_scratch(c) + sample) * sizeof(float);
}

cvy_status cvy_convolve_plan(const cvy_convolution *c, cvy_layer_plan *plan)
{
    const cvy_window *w = &c->window;
    cvy_status status = cvy_shape_image(w->rows, w->columns, c->filters, &plan->out);
    if (status != CVY_OK)
        return status;

    plan->convolution = *c;
    plan->gradient = CVY_GRADIENT_LANE;
    plan->reads_input = true;
    plan_cut(c, plan);
    plan->flops =
        2 * (double)(w->rows * w->columns) * (double)cvy_convolution_taps(c) * (double)c->filters;
    return CVY_OK;
}

void cvy_convolve_add_weights(cvy_layer_plan *plan, const size_t kernel_size[2], size_t in,
                              size_t out, cvy_weight_names kernel, size_t biases,
                              cvy_weight_names bias)
{
    plan->weights[plan->weight_count++] = (cvy_weight_plan){
        .name = "kernel",
        .rank = 4,
        .dims = { kernel_size[0], kernel_size[1], in, out },
        .initializer = kernel.initializer,
        .regularizer = kernel.regularizer,
        .constraint = kernel.constraint,
    };
    if (biases > 0)
        plan->weights[plan->weight_count++] = (cvy_weight_plan){
            .name = "bias",
            .rank = 1,
            .dims = { biases },
            .initializer = bias.initializer,
            .regularizer = bias.regularizer,
            .constraint = bias.constraint,
        };
}

void cvy_convolve_feed(cvy_layer *layer, const cvy_layer *next)
{
    layer->plan.fed_rows = next->plan.strip_rows;
    plan_cut(&layer->plan.convolution, &layer->plan);
}

/* One call of forward or backward. */
typedef struct {
    const cvy_convolution *c;
    const cvy_layer *layer;
    const cvy_pass *pass;
    const cvy_convolution_backend *backend;
    cut cut;
    size_t plane;        /* floats per filter of y and dy, if no pooling takes the strips */
    const float *packed; /* the kernel */
    float *scratch;      /* for the backend */
    float *strip;        /* for the pooling */
} call;

static call begin_call(const cvy_layer *layer, const cvy_pass *pass)
{
    const cvy_convolution *c = &layer->plan.convolution;
    const cut of = cut_rows(c, layer->plan.fed_rows);
    float *scratch = (float *)pass->scratch + cvy_convolution_packed(c);

    return (call){ .c = c,
                   .layer = layer,
                   .pass = pass,
                   .backend = cvy_convolution_of(&pass->compute),
                   .cut = of,
                   .plane = c->window.rows * of.row_floats,
                   .scratch = scratch,
                   .strip = scratch + cvy_convolution_scratch(c, of.strip_rows) };
}

/* Pack the kernel: in each call, since that costs little and no worker waits for another. */
static void pack_kernel(call *of, cvy_packing packing)
{
    const float *w = of->pass->weights + of->layer->weight_offset[KERNEL];

    of->packed = of->backend->pack(of->c, packing, w, of->pass->scratch);
}

/* The rows that the next layer computes from these rows. */
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

    of->backend->forward_rows(&of->pass->compute, of->c, x, of->packed,
                              has_bias ? weights + layer->weight_offset[BIAS] : NULL, rows, y,
                              plane, of->scratch);
}

void cvy_convolve_forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    call of = begin_call(layer, pass);
    const size_t unit = of.backend->is_cut_freely ? of.cut.unit : of.cut.strip_rows;
    const cvy_range share = cvy_share_range(pass->share, of.cut.rows, unit);

    pack_kernel(&of, CVY_PACK_FORWARD);
    for (size_t row = share.begin; row < share.end; row += of.cut.strip_rows) {
        const cvy_range rows = { row, cvy_min(row + of.cut.strip_rows, share.end) };
        if (pass->next == NULL) {
            make_rows(&of, x, rows, y + row * of.cut.row_floats, of.plane);
            continue;
        }
        make_rows(&of, x, rows, of.strip, (rows.end - rows.begin) * of.cut.row_floats);
        pass->next->kind->forward_strip(pass->next, pass->next_pass, rows_of_next(&of, rows),
                                        of.strip, y);
    }
}

void cvy_convolve_forward_sample(const cvy_layer *layer, const cvy_pass *pass, const float *x,
                                 float *y)
{
    const cvy_convolution *c = &layer->plan.convolution;
    const float *weights = pass->weights;
    const bool has_bias = layer->plan.weight_count > BIAS;
    float *scratch = pass->scratch, *made = y;

    if (pass->next != NULL) /* the pooling is given all of it */
        made = scratch + cvy_convolution_sample_scratch(c);
    pass->compute.convolution->forward_sample(
        c, x, weights + layer->weight_offset[KERNEL],
        has_bias ? weights + layer->weight_offset[BIAS] : NULL, made, scratch);
    if (pass->next != NULL)
        pass->next->kind->forward_sample(pass->next, pass->next_pass, made, y);
}

/* --- backward: shares are filters of dw, and rows of dx --- */

typedef struct {
    call of;
    cvy_range filters, dx_rows; /* the share's */
    size_t piece;               /* filters whose dw is computed in one call */
    const float *x, *dy;
    float *dx, *dw;
} way_back;

/* Filters whose dw is computed in one call: few, so that their dy is still in the L1 cache after
 * the pooling computed it. If bits depend on the cut, the number of pieces depends only on the
 * batch size instead. */
enum { FILTERS_AT_ONCE = 4 };

static void share_filters(way_back *way)
{
    const call *of = &way->of;
    const size_t filters = of->c->filters, cuts = of->pass->cuts;

    if (of->backend->is_cut_freely) {
        way->filters = cvy_share_range(of->pass->share, filters, 1);
        const size_t count = way->filters.end - way->filters.begin;
        const size_t pieces = (count + FILTERS_AT_ONCE - 1) / FILTERS_AT_ONCE;
        way->piece = pieces > 0 ? (count + pieces - 1) / pieces : 1;
    } else {
        way->piece = (filters + cuts - 1) / cuts;
        way->filters = cvy_share_range(of->pass->share, filters, way->piece);
    }
}

/* Whether output rows read one of the share's rows of the image. */
static bool reaches_share(const way_back *way, cvy_range rows)
{
    const cvy_window *w = &way->of.c->window;
    const cvy_range of = way->dx_rows;
    const size_t reach = w->window_height + (w->window_height - 1) * w->gap_y;

    return of.begin < of.end && rows.begin * w->stride_y < of.end + w->pad_top &&
           (rows.end - 1) * w->stride_y + reach > of.begin + w->pad_top;
}

static void clear_dx(const way_back *way)
{
    const cvy_window *w = &way->of.c->window;
    const cvy_range rows = way->dx_rows;
    const size_t row_floats = w->width * CVY_LANE;

    for (size_t c = 0; c < w->channels; c++)
        way->of.pass->compute.kernels->lane->clear((rows.end - rows.begin) * row_floats,
                                                   way->dx +
                                                       (c * w->height + rows.begin) * row_floats);
}

/* The gradient of a strip: filter f begins at dy + f * plane. */
typedef struct {
    cvy_range rows;
    const float *dy;
    size_t plane;
} strip;

/* Where a pooling's gradient is written, after the rows kept from the strip before. */
static float *first_row_of_strip(const call *of)
{
    return of->strip + cvy_convolution_earlier_rows(of->c) * of->cut.row_floats;
}

static strip strip_at(const way_back *way, cvy_range rows)
{
    const call *of = &way->of;

    if (of->pass->next == NULL)
        return (strip){ rows, way->dy + rows.begin * of->cut.row_floats, of->plane };
    return (strip){ rows, first_row_of_strip(of), kept_rows(of->c, &of->cut) * of->cut.row_floats };
}

/* Compute the strip's gradient for some filters and return that of the first. If dx is not wanted,
 * every call overwrites the same memory. */
static const float *make_gradient(const way_back *way, const strip *s, cvy_range filters)
{
    const call *of = &way->of;
    const cvy_pass *pass = of->pass;

    if (pass->next == NULL)
        return s->dy + filters.begin * s->plane;
    float *made = first_row_of_strip(of) + (way->dx != NULL ? filters.begin * s->plane : 0);
    if (filters.begin < filters.end)
        pass->next->kind->backward_strip(pass->next, pass->next_pass, rows_of_next(of, s->rows),
                                         filters, way->dy, made, s->plane);
    return made;
}

/* Move the last rows of a strip's gradient to where the next strip's dx expects them. */
static void keep_last_rows(const way_back *way, const strip *s)
{
    const call *of = &way->of;
    const size_t earlier = cvy_convolution_earlier_rows(of->c), rows = s->rows.end - s->rows.begin;
    float *to = of->strip;

    if (of->pass->next == NULL || earlier == 0)
        return;
    for (size_t f = 0; f < of->c->filters; f++, to += s->plane)
        memmove(to, to + rows * of->cut.row_floats, earlier * of->cut.row_floats * sizeof *to);
}

static void add_to_dw(const way_back *way, const strip *s, cvy_range filters, const float *dy)
{
    const call *of = &way->of;
    const bool accumulate = s->rows.begin > 0;

    if (of->layer->plan.weight_count > BIAS) {
        const size_t *offset = of->layer->weight_offset;
        of->pass->compute.kernels->lane->sum_rows(
            filters.end - filters.begin, (s->rows.end - s->rows.begin) * of->cut.row_floats,
            s->plane, dy, accumulate, way->dw + (offset[BIAS] - offset[KERNEL]) + filters.begin);
    }
    of->backend->add_weight_gradient(&of->pass->compute, of->c, way->x, dy, s->plane, s->rows,
                                     filters, accumulate, way->dw, of->scratch);
}

/* Add a strip's contribution to the share's filters of dw and rows of dx. */
static void run_strip(const way_back *way, cvy_range rows)
{
    const call *of = &way->of;
    const cvy_range share = way->filters;
    const bool has_dx = way->dx != NULL && reaches_share(way, rows);
    const strip s = strip_at(way, rows);

    for (size_t f = share.begin; f < share.end; f += way->piece) {
        const cvy_range some = { f, cvy_min(f + way->piece, share.end) };
        add_to_dw(way, &s, some, make_gradient(way, &s, some));
    }
    if (!has_dx)
        return;
    make_gradient(way, &s, (cvy_range){ 0, share.begin });
    make_gradient(way, &s, (cvy_range){ share.end, of->c->filters });
    of->backend->add_input_gradient(&of->pass->compute, of->c, of->packed, s.dy, s.plane, rows,
                                    rows.end == of->cut.rows, way->dx_rows, way->dx, of->scratch);
    keep_last_rows(way, &s);
}

void cvy_convolve_backward(const cvy_layer *layer, const cvy_pass *pass, const float *x,
                           const float *dy, float *dx, float *dw)
{
    way_back way = { .of = begin_call(layer, pass), .x = x, .dy = dy, .dx = dx, .dw = dw };
    const size_t rows = way.of.cut.rows, strip_rows = way.of.cut.strip_rows;

    share_filters(&way);
    way.dx_rows =
        cvy_share_range(pass->share, way.of.c->window.height, cvy_convolution_tile_rows(way.of.c));
    if (dx != NULL) {
        pack_kernel(&way.of, CVY_PACK_INPUT_GRADIENT);
        clear_dx(&way);
    }
    for (size_t row = 0; row < rows; row += strip_rows)
        run_strip(&way, (cvy_range){ row, cvy_min(row + strip_rows, rows) });
}
