/* The reference convolution: im2col for a few output rows at a time, then a GEMM. It works with any
 * GEMM backend. */
#include "kernels/compute.h"
#include "base/minmax.h"

/* Bytes of the column matrix that are processed at a time. */
enum { COLUMN_BLOCK_BYTES = 192 * 1024 };

/* A group of a convolution is itself a convolution, whose weights are some columns of w. */
typedef struct {
    cvy_window window; /* over the group's channels */
    size_t filters;    /* of the group */
    size_t depth;      /* rows of the column matrix */
    size_t row_floats; /* of one output row of one channel */
    size_t block_rows; /* output rows processed at a time */
} group_plan;

static group_plan plan_group(const cvy_convolution *c)
{
    group_plan g = { .window = c->window, .filters = c->filters / c->groups };

    g.window.channels = c->window.channels / c->groups;
    g.depth = cvy_convolution_taps(c);
    g.row_floats = c->window.columns * CVY_LANE;
    g.block_rows = COLUMN_BLOCK_BYTES / (g.depth * g.row_floats * sizeof(float));
    if (g.block_rows < 1)
        g.block_rows = 1;
    g.block_rows = cvy_min(g.block_rows, c->window.rows);
    return g;
}

static size_t group_floats(const group_plan *g)
{
    return g->window.channels * g->window.height * g->window.width * CVY_LANE;
}

static size_t packed_floats(const cvy_convolution *c)
{
    (void)c;
    return 0;
}

static const float *pack(const cvy_convolution *c, cvy_packing packing, const float *w,
                         float *packed)
{
    (void)c, (void)packing, (void)packed;
    return w;
}

static size_t scratch_floats(const cvy_convolution *c, size_t rows)
{
    const group_plan g = plan_group(c);
    return g.depth * g.row_floats * cvy_min(g.block_rows, rows);
}

static void forward_rows(const cvy_compute *compute, const cvy_convolution *c, const float *x,
                         const float *w, const float *bias, cvy_range rows, float *y, size_t plane,
                         float *col)
{
    const group_plan g = plan_group(c);

    if (bias != NULL)
        compute->kernels->lane->spread_bias(c->filters, (rows.end - rows.begin) * g.row_floats,
                                            plane, bias, y);
    for (size_t group = 0; group < c->groups; group++)
        for (size_t row = rows.begin; row < rows.end; row += g.block_rows) {
            const size_t count = cvy_min(g.block_rows, rows.end - row);
            const size_t width = count * g.row_floats;
            compute->kernels->im2col->gather(&g.window, x + group * group_floats(&g), row, count,
                                             col);
            compute->gemm->run(CVY_GEMM_TN, g.filters, width, g.depth, w + group * g.filters,
                               c->filters, col, width, bias != NULL,
                               y + group * g.filters * plane + (row - rows.begin) * g.row_floats,
                               plane);
        }
}

static void add_weight_gradient(const cvy_compute *compute, const cvy_convolution *c,
                                const float *x, const float *dy, size_t plane, cvy_range rows,
                                cvy_range filters, bool accumulate, float *dw, float *col)
{
    const group_plan g = plan_group(c);

    for (size_t f = filters.begin, end; f < filters.end; f = end) {
        const size_t group = f / g.filters;
        end = cvy_min((group + 1) * g.filters, filters.end);
        for (size_t row = rows.begin; row < rows.end; row += g.block_rows) {
            const size_t count = cvy_min(g.block_rows, rows.end - row);
            const size_t width = count * g.row_floats;
            compute->kernels->im2col->gather(&g.window, x + group * group_floats(&g), row, count,
                                             col);
            compute->gemm->run(CVY_GEMM_NT, g.depth, end - f, width, col, width,
                               dy + (f - filters.begin) * plane + (row - rows.begin) * g.row_floats,
                               plane, accumulate || row > rows.begin, dw + f, c->filters);
        }
    }
}

/* Whether output rows row .. row + count - 1 read one of these rows of the image. */
static bool reaches(const cvy_window *w, size_t row, size_t count, cvy_range of)
{
    const size_t reach = w->window_height + (w->window_height - 1) * w->gap_y;

    return of.begin < of.end && row * w->stride_y < of.end + w->pad_top &&
           (row + count - 1) * w->stride_y + reach > of.begin + w->pad_top;
}

static void add_input_gradient(const cvy_compute *compute, const cvy_convolution *c, const float *w,
                               const float *dy, size_t plane, cvy_range rows, bool is_last,
                               cvy_range dx_rows, float *dx, float *col)
{
    const group_plan g = plan_group(c);

    (void)is_last; /* each strip is complete in itself */
    for (size_t group = 0; group < c->groups; group++)
        for (size_t row = rows.begin; row < rows.end; row += g.block_rows) {
            const size_t count = cvy_min(g.block_rows, rows.end - row);
            const size_t width = count * g.row_floats;
            if (!reaches(&g.window, row, count, dx_rows))
                continue;
            compute->gemm->run(CVY_GEMM_NN, g.depth, width, g.filters, w + group * g.filters,
                               c->filters,
                               dy + group * g.filters * plane + (row - rows.begin) * g.row_floats,
                               plane, false, col, width);
            compute->kernels->im2col->scatter(&g.window, col, row, count, dx_rows.begin,
                                              dx_rows.end, dx + group * group_floats(&g));
        }
}

static bool is_usable(const cvy_cpu *cpu)
{
    (void)cpu;
    return true;
}

extern const cvy_convolution_backend cvy_convolution_im2col;
const cvy_convolution_backend cvy_convolution_im2col = {
    .name = "im2col",
    .summary = "columns copied, then multiplied with the chosen GEMM",
    .is_usable = is_usable,
    .packed_floats = packed_floats,
    .pack = pack,
    .scratch_floats = scratch_floats,
    .forward_rows = forward_rows,
    .add_weight_gradient = add_weight_gradient,
    .add_input_gradient = add_input_gradient,
};
