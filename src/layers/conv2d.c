/* 2-D convolution (cross-correlation, as in Keras) by im2col and matrix products.
 *     y[o] = bias[o] + sum over k of w[k][o] * col[k]         col = im2col(x), k = (ky, kx, c)
 *     dw[k][o] = sum over pixels and samples of col[k] * dy[o]      dcol[k] = sum of w[k][o] * dy[o]
 * A few output rows at a time, so that their columns stay in the L2 cache. Where a pooling follows that
 * takes strips, it does so at once: the output never lies in memory as a whole, nor does its gradient.
 * Source: Chellapilla, Puri and Simard, High Performance Convolutional Neural Networks for
 * Document Processing (2006). */
#include "layers/layer.h"

enum { PADDING_VALID, PADDING_SAME };

typedef struct {
    size_t filters, kernel_size[2], strides[2], dilation_rate[2], groups;
    int padding, data_format;
    bool use_bias;
    char activation[CVY_NAME_BYTES];
    char kernel_initializer[CVY_NAME_BYTES], bias_initializer[CVY_NAME_BYTES];
    char kernel_regularizer[CVY_NAME_BYTES], bias_regularizer[CVY_NAME_BYTES];
    char kernel_constraint[CVY_NAME_BYTES], bias_constraint[CVY_NAME_BYTES];
    char activity_regularizer[CVY_NAME_BYTES];
} conv2d_settings;

static const char *const paddings[] = { "valid", "same", NULL };
static const char *const data_formats[] = { "channels_last", NULL };

#define AT(member) offsetof(conv2d_settings, member)
static const cvy_setting settings[] = {
    { "filters", CVY_COUNT, AT(filters), NULL, 1, 65536, "output channels", 0, NULL },
    { "kernel_size", CVY_COUNT_PAIR, AT(kernel_size), NULL, 1, 4096, "rows and columns", 0, NULL },
    { "strides", CVY_COUNT_PAIR, AT(strides), "1", 1, 4096, "rows and columns", 0, NULL },
    { "padding", CVY_CHOICE, AT(padding), "valid", 0, 0, "at the edges", 0, paddings },
    { "data_format", CVY_CHOICE, AT(data_format), "channels_last", 0, 0, "", 0, data_formats },
    { "dilation_rate", CVY_COUNT_PAIR, AT(dilation_rate), "1", 1, 1, "only 1", 0, NULL },
    { "groups", CVY_COUNT, AT(groups), "1", 1, 1, "only 1", 0, NULL },
    { "activation", CVY_NAME, AT(activation), "linear", 0, 0, "behind it", 0, NULL },
    { "use_bias", CVY_BOOL, AT(use_bias), "true", 0, 0, "add one number a channel", 0, NULL },
    { "kernel_initializer", CVY_NAME, AT(kernel_initializer), "glorot_uniform", 0, 0, "", 0, NULL },
    { "bias_initializer", CVY_NAME, AT(bias_initializer), "zeros", 0, 0, "", 0, NULL },
    { "kernel_regularizer", CVY_NAME, AT(kernel_regularizer), "none", 0, 0,
      "none, l1, l2 or l1l2: part of the loss", 0, NULL },
    { "bias_regularizer", CVY_NAME, AT(bias_regularizer), "none", 0, 0, "likewise", 0, NULL },
    { "activity_regularizer", CVY_NAME, AT(activity_regularizer), "none", 0, 0,
      "likewise, of the output", 0, NULL },
    { "kernel_constraint", CVY_NAME, AT(kernel_constraint), "none", 0, 0,
      "none, max_norm, min_max_norm, non_neg or unit_norm", 0, NULL },
    { "bias_constraint", CVY_NAME, AT(bias_constraint), "none", 0, 0, "likewise", 0, NULL },
    { 0 },
};

/* Bytes of columns that are worked on at a time. */
enum { COLUMN_BLOCK_BYTES = 192 * 1024 };

typedef struct {
    cvy_window window;
    size_t depth;          /* rows of the column matrix: kh * kw * in */
    size_t filters;        /* output channels */
    size_t row_floats;     /* of one output row of one channel */
    size_t plane_floats;   /* of one output channel */
    size_t rows;           /* of output that anybody reads */
    size_t rows_per_block; /* output rows whose columns are worked on at a time */
    size_t rows_per_strip; /* that go to the next layer at a time, or make a block */
} geometry;

/* fed_rows: as in the layer's plan. */
static cvy_status plan_geometry(const conv2d_settings *s, cvy_shape in, size_t fed_rows,
                                geometry *g)
{
    cvy_status status =
        cvy_window_plan(in, s->kernel_size, s->strides, s->padding == PADDING_SAME, &g->window);
    if (status != CVY_OK)
        return status;
    g->depth = s->kernel_size[0] * s->kernel_size[1] * in.dims[2];
    g->filters = s->filters;
    g->row_floats = g->window.columns * CVY_LANE;
    g->plane_floats = g->window.rows * g->row_floats;
    g->rows_per_block = COLUMN_BLOCK_BYTES / (g->depth * g->row_floats * sizeof(float));
    if (g->rows_per_block < 1)
        g->rows_per_block = 1;
    if (g->rows_per_block > g->window.rows)
        g->rows_per_block = g->window.rows;
    const size_t unit = fed_rows > 0 ? fed_rows : g->rows_per_block;
    g->rows = fed_rows > 0 ? g->window.rows / unit * unit : g->window.rows;
    g->rows_per_strip = g->rows_per_block > unit ? g->rows_per_block / unit * unit : unit;
    return CVY_OK;
}

/* What depends on how the output is cut. */
static void plan_cut(const geometry *g, cvy_layer_plan *plan)
{
    const size_t columns = g->depth * g->rows_per_block * g->row_floats;
    const size_t strip = plan->fed_rows > 0 ? g->filters * g->rows_per_strip * g->row_floats : 0;

    plan->gradient_pieces = (g->rows + g->rows_per_strip - 1) / g->rows_per_strip;
    plan->scratch_bytes = (columns + strip) * sizeof(float);
}

static cvy_status plan(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    const conv2d_settings *s = settings_of_layer;
    geometry g;
    cvy_status status = plan_geometry(s, in, 0, &g);
    if (status == CVY_OK)
        status = cvy_shape_image(g.window.rows, g.window.columns, s->filters, &plan->out);
    if (status != CVY_OK)
        return status;

    const double pixels = (double)(g.window.rows * g.window.columns);
    plan->weights[plan->weight_count++] = (cvy_weight_plan){
        .name = "kernel",
        .rank = 4,
        .dims = { s->kernel_size[0], s->kernel_size[1], in.dims[2], s->filters },
        .initializer = s->kernel_initializer,
        .regularizer = s->kernel_regularizer,
        .constraint = s->kernel_constraint,
    };
    if (s->use_bias)
        plan->weights[plan->weight_count++] = (cvy_weight_plan){
            .name = "bias",
            .rank = 1,
            .dims = { s->filters },
            .initializer = s->bias_initializer,
            .regularizer = s->bias_regularizer,
            .constraint = s->bias_constraint,
        };
    plan->gradient = CVY_GRADIENT_LANE;
    plan->reads_input = true;
    plan_cut(&g, plan);
    plan->flops = 2 * pixels * (double)g.depth * (double)s->filters;
    return CVY_OK;
}

static const char *activation(const void *settings_of_layer)
{
    return ((const conv2d_settings *)settings_of_layer)->activation;
}

static geometry geometry_of(const cvy_layer *layer)
{
    geometry g;
    cvy_status status = plan_geometry(layer->settings, layer->in, layer->plan.fed_rows, &g);
    (void)status; /* it went well when the layer was planned */
    return g;
}

static void feed(cvy_layer *layer, const cvy_layer *next)
{
    layer->plan.fed_rows = next->plan.strip_rows;
    const geometry g = geometry_of(layer);
    plan_cut(&g, &layer->plan);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static cvy_range rows_of_strip(const geometry *g, size_t first_row)
{
    return (cvy_range){ first_row, smaller(first_row + g->rows_per_strip, g->rows) };
}

/* The next layer's strip. */
static float *strip_in_scratch(const geometry *g, const cvy_pass *pass)
{
    return (float *)pass->scratch + g->depth * g->rows_per_block * g->row_floats;
}

/* What the next layer makes of these rows. */
static cvy_range rows_of_next(const cvy_pass *pass, cvy_range rows)
{
    const size_t strip_rows = pass->next->plan.strip_rows;
    return (cvy_range){ rows.begin / strip_rows, rows.end / strip_rows };
}

/* Output rows, the first of each filter at y and `plane` floats on. */
static void make_rows(const cvy_layer *layer, const cvy_pass *pass, const geometry *g,
                      const float *x, cvy_range of, float *y, size_t plane)
{
    const conv2d_settings *s = layer->settings;
    const float *kernel = pass->weights + layer->weight_offset[0];
    float *col = pass->scratch;

    if (s->use_bias)
        pass->compute.kernels->lane->spread_bias(g->filters, (of.end - of.begin) * g->row_floats,
                                                 plane, pass->weights + layer->weight_offset[1], y);
    for (size_t row = of.begin; row < of.end; row += g->rows_per_block) {
        const size_t rows = smaller(g->rows_per_block, of.end - row);
        const size_t width = rows * g->row_floats;
        pass->compute.kernels->im2col->gather(&g->window, x, row, rows, col);
        pass->compute.gemm->run(CVY_GEMM_TN, g->filters, width, g->depth, kernel, g->filters, col,
                                width, s->use_bias, y + (row - of.begin) * g->row_floats, plane);
    }
}

static void forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const geometry g = geometry_of(layer);
    const cvy_range range = cvy_share_range(pass->share, g.rows, g.rows_per_strip);

    for (size_t row = range.begin; row < range.end; row += g.rows_per_strip) {
        const cvy_range of = rows_of_strip(&g, row);
        if (pass->next == NULL) {
            make_rows(layer, pass, &g, x, of, y + row * g.row_floats, g.plane_floats);
            continue;
        }
        float *strip = strip_in_scratch(&g, pass);
        make_rows(layer, pass, &g, x, of, strip, (of.end - of.begin) * g.row_floats);
        pass->next->kind->forward_strip(pass->next, pass->next_pass, rows_of_next(pass, of), strip,
                                        y);
    }
}

/* What a share does on the way back: pieces of dw, which are sums over output rows of their own, and
 * rows of dx. */
typedef struct {
    cvy_range pieces, dx_rows;
} backward_share;

/* A line of all pieces, then of all rows of dx, each half of it, cut into equal shares; a piece
 * belongs where its middle lies. Two shares are dw and dx. More cut dx, and then the columns of the
 * output rows that reach both sides of a cut are made on both. */
static backward_share share_backward(const geometry *g, const cvy_pass *pass)
{
    const size_t pieces = pass->gradient_pieces, height = g->window.height;
    const size_t i = pass->share.index, count = pass->share.count;
    const size_t begin = (4 * pieces * i + count - 1) / (2 * count);
    const size_t end = (4 * pieces * (i + 1) + count - 1) / (2 * count);

    return (backward_share){
        .pieces = { begin < pieces ? begin : pieces, end < pieces ? end : pieces },
        .dx_rows = { 2 * i > count ? height * (2 * i - count) / count : 0,
                     2 * i + 2 > count ? height * (2 * i + 2 - count) / count : 0 },
    };
}

/* One call of backward. */
typedef struct {
    const cvy_layer *layer;
    const cvy_pass *pass;
    geometry g;
    backward_share share;
    const float *x, *dy;
    float *dx, *dw;
} way_back;

/* Whether output rows row .. row + rows - 1 read one of the share's rows of the image. */
static bool reaches_share(const way_back *way, size_t row, size_t rows)
{
    const cvy_window *w = &way->g.window;
    const cvy_range of = way->share.dx_rows;

    return of.begin < of.end && row * w->stride_y < of.end + w->pad_top &&
           (row + rows - 1) * w->stride_y + w->window_height > of.begin + w->pad_top;
}

static void clear_dx(const way_back *way)
{
    const geometry *g = &way->g;
    const cvy_range rows = way->share.dx_rows;
    const size_t row_floats = g->window.width * CVY_LANE;

    for (size_t c = 0; c < g->window.channels; c++)
        way->pass->compute.kernels->lane->clear((rows.end - rows.begin) * row_floats,
                                                way->dx + (c * g->window.height + rows.begin) *
                                                              row_floats);
}

/* Output rows on the way back: the gradient of the first of each filter at dy and `plane` floats on. */
typedef struct {
    cvy_range rows;
    const float *dy;
    size_t plane;
} strip;

static strip strip_at(const way_back *way, size_t first_row)
{
    const geometry *g = &way->g;
    const cvy_pass *pass = way->pass;
    const cvy_range rows = rows_of_strip(g, first_row);

    if (pass->next == NULL)
        return (strip){ rows, way->dy + first_row * g->row_floats, g->plane_floats };
    float *dy = strip_in_scratch(g, pass);
    pass->next->kind->backward_strip(pass->next, pass->next_pass, rows_of_next(pass, rows), way->dy,
                                     dy);
    return (strip){ rows, dy, (rows.end - rows.begin) * g->row_floats };
}

/* Of a strip's rows those from `row` on, whose columns are in work together. */
static void add_to_dw(const way_back *way, const strip *of, size_t row, size_t rows,
                      bool accumulate, float *dw)
{
    const geometry *g = &way->g;
    const size_t width = rows * g->row_floats;
    float *col = way->pass->scratch;

    way->pass->compute.kernels->im2col->gather(&g->window, way->x, row, rows, col);
    way->pass->compute.gemm->run(CVY_GEMM_NT, g->depth, g->filters, width, col, width,
                                 of->dy + (row - of->rows.begin) * g->row_floats, of->plane,
                                 accumulate, dw, g->filters);
}

static void add_to_dx(const way_back *way, const strip *of, size_t row, size_t rows)
{
    const geometry *g = &way->g;
    const size_t width = rows * g->row_floats;
    const float *kernel = way->pass->weights + way->layer->weight_offset[0];
    const cvy_range share = way->share.dx_rows;
    float *col = way->pass->scratch;

    way->pass->compute.gemm->run(CVY_GEMM_NN, g->depth, width, g->filters, kernel, g->filters,
                                 of->dy + (row - of->rows.begin) * g->row_floats, of->plane, false,
                                 col, width);
    way->pass->compute.kernels->im2col->scatter(&g->window, col, row, rows, share.begin, share.end,
                                                way->dx);
}

static void add_to_bias(const way_back *way, const strip *of, bool accumulate, float *dw)
{
    const size_t *offset = way->layer->weight_offset;
    const size_t floats = (of->rows.end - of->rows.begin) * way->g.row_floats;

    way->pass->compute.kernels->lane->sum_rows(way->g.filters, floats, of->plane, of->dy,
                                               accumulate, dw + (offset[1] - offset[0]));
}

/* What a strip brings: to dw, a piece of the gradient, unless that is another share's (NULL), and to
 * the share's rows of dx. */
static void run_strip(const way_back *way, size_t first_row, bool is_first, float *dw)
{
    const conv2d_settings *s = way->layer->settings;
    const geometry *g = &way->g;
    const cvy_range rows = rows_of_strip(g, first_row);
    const bool has_dx = way->dx != NULL && reaches_share(way, first_row, rows.end - rows.begin);

    if (dw == NULL && !has_dx)
        return;
    const strip of = strip_at(way, first_row);
    if (dw != NULL && s->use_bias)
        add_to_bias(way, &of, !is_first, dw);
    for (size_t row = rows.begin; row < rows.end; row += g->rows_per_block) {
        const size_t count = smaller(g->rows_per_block, rows.end - row);
        if (dw != NULL)
            add_to_dw(way, &of, row, count, !is_first || row > rows.begin, dw);
        if (has_dx && reaches_share(way, row, count))
            add_to_dx(way, &of, row, count);
    }
}

static void run_piece(const way_back *way, size_t piece)
{
    const cvy_pass *pass = way->pass;
    const size_t unit = way->g.rows_per_strip;
    const cvy_range range =
        cvy_share_range((cvy_share){ piece, pass->gradient_pieces }, way->g.rows, unit);
    const bool has_dw = piece >= way->share.pieces.begin && piece < way->share.pieces.end;
    float *dw = has_dw ? way->dw + piece * pass->gradient_stride : NULL;

    for (size_t row = range.begin; row < range.end; row += unit)
        run_strip(way, row, row == range.begin, dw);
}

static void backward(const cvy_layer *layer, const cvy_pass *pass, const float *x, const float *dy,
                     float *dx, float *dw)
{
    way_back way = {
        .layer = layer, .pass = pass, .g = geometry_of(layer), .x = x, .dy = dy, .dx = dx, .dw = dw
    };

    way.share.pieces = cvy_share_range(pass->share, pass->gradient_pieces, 1);
    if (dx != NULL) {
        way.share = share_backward(&way.g, pass);
        clear_dx(&way);
    }
    for (size_t piece = 0; piece < pass->gradient_pieces; piece++)
        run_piece(&way, piece);
}

const cvy_layer_kind cvy_layer_conv2d = {
    .kind = { "conv2d", "2-D convolution", settings, sizeof(conv2d_settings) },
    .class_name = "Conv2D",
    .plan = plan,
    .activation = activation,
    .forward = forward,
    .backward = backward,
    .feed = feed,
};
