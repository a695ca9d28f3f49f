/* Convolutions, forward and both gradients: strips of different heights, filters and rows cut into
 * parts, strides, padding, dilation, groups; forward of one sample. */
#include <assert.h>
#include <math.h>

#include "checks.h"
#include "layers/layer.h"
#include "support/kernel_sets.h"
#include "winograd_bound.h"

/* A convolution, and the number of floats in its arrays. */
typedef struct {
    cvy_convolution c;
    size_t x, y, w;
} shape;

static shape shape_of(const cvy_window *window, size_t filters, size_t groups)
{
    shape s = { .c = { *window, filters, groups } };

    s.x = window_image_floats(window);
    s.y = filters * window->rows * window->columns * CVY_LANE;
    s.w = cvy_convolution_taps(&s.c) * filters;
    return s;
}

/* --- expected results --- */

/* A product of the convolution: the indices of its elements of x, w and y, counted in pixels. */
typedef struct {
    size_t x, w, y;
} product;

typedef struct {
    shape s;
    float *x, *w, *bias, *dy, *y, *dw, *dx, *packed, *scratch;
    check_sum *expected_y, *expected_dw, *expected_dx;
    double *bias_in_y; /* y with the bias minus y without it */
} arrays;

static void add_product(const arrays *a, product p)
{
    for (size_t s = 0; s < CVY_LANE; s++) {
        const size_t at_x = p.x * CVY_LANE + s, at_y = p.y * CVY_LANE + s;
        const double x = (double)a->x[at_x], w = (double)a->w[p.w], dy = (double)a->dy[at_y];
        check_add(&a->expected_y[at_y], w * x);
        check_add(&a->expected_dw[p.w], dy * x);
        check_add(&a->expected_dx[at_x], dy * w);
    }
}

static void add_products(const arrays *a)
{
    const cvy_convolution *c = &a->s.c;
    const cvy_window *w = &c->window;
    const size_t group_channels = w->channels / c->groups, group_filters = c->filters / c->groups;

    for (size_t f = 0; f < c->filters; f++)
        for (size_t i = 0; i < w->rows * w->columns; i++)
            for (size_t tap = 0; tap < cvy_convolution_taps(c); tap++) {
                const size_t cell = tap / group_channels, channel = tap % group_channels;
                size_t pixel;
                if (window_pixel(w, f / group_filters * group_channels + channel, i / w->columns,
                                 i % w->columns, cell / w->window_width, cell % w->window_width,
                                 &pixel))
                    add_product(
                        a, (product){ pixel, tap * c->filters + f, f * w->rows * w->columns + i });
            }
}

/* y starts with the bias, dx with its previous values;
 * each product may be rounded before it is added. */
static void begin_sums(const arrays *a)
{
    const size_t plane = a->s.c.window.rows * a->s.c.window.columns * CVY_LANE;

    for (size_t i = 0; i < a->s.y; i++)
        check_add(&a->expected_y[i], (double)a->bias[i / plane]), a->expected_y[i].count++;
    for (size_t i = 0; i < a->s.w; i++)
        a->expected_dw[i].count++;
    for (size_t i = 0; i < a->s.x; i++)
        check_add(&a->expected_dx[i], (double)a->x[i]), a->expected_dx[i].count++;
}

/* The bounds of sums that convoy's own kernels compute by Winograd's algorithm. */
static void bound_winograd(const arrays *a)
{
    const cvy_convolution *c = &a->s.c;
    const cvy_window *w = &c->window;
    const size_t cell = w->channels * c->filters;
    const winograd_problem forward = { w->channels, w->height,  w->width,        w->pad_top,
                                       w->pad_left, c->filters, w->rows,         w->columns,
                                       a->x,        a->w,       (ptrdiff_t)cell, c->filters,
                                       1,           a->bias };
    const winograd_problem back = {
        c->filters, w->rows,  w->columns, 2 - w->pad_top,  2 - w->pad_left,  w->channels,
        w->height,  w->width, a->dy,      a->w + 8 * cell, -(ptrdiff_t)cell, 1,
        c->filters, NULL
    };

    winograd_bound(&forward, a->expected_y);
    winograd_bound(&back, a->expected_dx);
    for (size_t i = 0; i < a->s.x; i++) /* added to dx's previous values */
        a->expected_dx[i].size += fabs((double)a->x[i]), a->expected_dx[i].count++;
}

static arrays create(const check_subject *subject, shape s)
{
    const cvy_convolution_backend *backend = cvy_convolution_of(&subject->compute);
    arrays a = { .s = s,
                 .x = check_floats(s.x),
                 .w = check_floats(s.w),
                 .bias = check_floats(s.c.filters),
                 .dy = check_floats(s.y),
                 .y = check_floats(s.y),
                 .dw = check_floats(s.w),
                 .dx = check_floats(s.x),
                 .packed = check_floats(backend->packed_floats(&s.c)),
                 .scratch = check_floats(backend->scratch_floats(&s.c, s.c.window.rows)),
                 .expected_y = check_sums(s.y),
                 .expected_dw = check_sums(s.w),
                 .expected_dx = check_sums(s.x) };

    check_fill(1, -1, 1, s.x, a.x);
    check_fill(2, -1, 1, s.w, a.w);
    check_fill(3, -1, 1, s.c.filters, a.bias);
    check_fill(4, -1, 1, s.y, a.dy);
    begin_sums(&a);
    add_products(&a);
    if (backend->isa != NULL && cvy_convolution_is_winograd(&s.c))
        bound_winograd(&a);
    return a;
}

/* --- actual results --- */

/* Loop over strips of `rows_at_once` rows. */
#define FOR_STRIPS(range, a, rows_at_once)                                                         \
    for (cvy_range range = { 0, 0 }; range.begin = range.end,                                      \
                   range.end = next_strip(&(a)->s.c, range.end, rows_at_once),                     \
                   range.begin < range.end;)

static size_t next_strip(const cvy_convolution *c, size_t begin, size_t rows)
{
    return begin + rows < c->window.rows ? begin + rows : c->window.rows;
}

static size_t row_floats(const arrays *a)
{
    return a->s.c.window.columns * CVY_LANE;
}

static void fill(float value, size_t n, float *x)
{
    for (size_t i = 0; i < n; i++)
        x[i] = value;
}

static void check_forward(const check_subject *subject, arrays *a, size_t rows_at_once)
{
    const cvy_convolution_backend *backend = cvy_convolution_of(&subject->compute);
    const size_t plane = a->s.c.window.rows * row_floats(a);
    const float *packed = backend->pack(&a->s.c, CVY_PACK_FORWARD, a->w, a->packed);

    fill(NAN, a->s.y, a->y);
    FOR_STRIPS(rows, a, rows_at_once)
    backend->forward_rows(&subject->compute, &a->s.c, a->x, packed, a->bias, rows,
                          a->y + rows.begin * row_floats(a), plane, a->scratch);
    check_near("y", a->s.y, a->y, a->expected_y);
}

/* One sample of the lane by itself gets the lane's bits, which are in a->y. */
static void check_sample(const check_subject *subject, const arrays *a, size_t sample)
{
    const cvy_convolution_backend *backend = cvy_convolution_of(&subject->compute);
    const cvy_convolution *c = &a->s.c;
    const size_t inputs = a->s.x / CVY_LANE, outputs = a->s.y / CVY_LANE;
    const size_t in_plane = inputs / c->window.channels, out_plane = outputs / c->filters;

    if (backend->forward_sample == NULL)
        return;
    float *x = check_floats(inputs), *y = check_floats(outputs), *expected = check_floats(outputs);
    for (size_t i = 0; i < inputs; i++)
        x[i % in_plane * c->window.channels + i / in_plane] = a->x[i * CVY_LANE + sample];
    for (size_t i = 0; i < outputs; i++)
        expected[i % out_plane * c->filters + i / out_plane] = a->y[i * CVY_LANE + sample];
    backend->forward_sample(c, x, a->w, a->bias, y,
                            check_floats(cvy_convolution_sample_scratch(c)));
    check_same("y of a sample", outputs * sizeof *y, y, expected);
}

/* Check dw for some filters at a time; later ones must not change yet. */
static void check_weight_gradient(const check_subject *subject, arrays *a, size_t rows_at_once,
                                  size_t cuts)
{
    enum { UNTOUCHED = 12345 };
    const size_t plane = a->s.c.window.rows * row_floats(a), filters = a->s.c.filters;
    size_t touched = 0;

    fill(UNTOUCHED, a->s.w, a->dw);
    for (size_t cut = 0; cut < cuts; cut++) {
        const cvy_range some = { filters * cut / cuts, filters * (cut + 1) / cuts };
        FOR_STRIPS(rows, a, rows_at_once)
        cvy_convolution_of(&subject->compute)
            ->add_weight_gradient(&subject->compute, &a->s.c, a->x,
                                  a->dy + some.begin * plane + rows.begin * row_floats(a), plane,
                                  rows, some, rows.begin > 0, a->dw, a->scratch);
        for (size_t i = 0; i < a->s.w; i++)
            touched += i % filters >= some.end && a->dw[i] != UNTOUCHED;
    }
    check_same("other filters of dw", sizeof touched, &touched, &(size_t){ 0 });
    check_near("dw", a->s.w, a->dw, a->expected_dw);
}

/* The least multiple of a unit that is at least n. */
static size_t group_of(size_t n, size_t unit)
{
    return (n + unit - 1) / unit * unit;
}

/* Check dx, which is added to previous values, for some rows at a time. */
static void check_input_gradient(const check_subject *subject, arrays *a, size_t rows_at_once,
                                 size_t cuts)
{
    const cvy_convolution_backend *backend = cvy_convolution_of(&subject->compute);
    const cvy_window *w = &a->s.c.window;
    const size_t plane = w->rows * row_floats(a), dx_row = w->width * CVY_LANE;
    const size_t unit = cvy_convolution_tile_rows(&a->s.c);
    const float *packed = backend->pack(&a->s.c, CVY_PACK_INPUT_GRADIENT, a->w, a->packed);
    size_t touched = 0;

    for (size_t i = 0; i < a->s.x; i++)
        a->dx[i] = a->x[i];
    for (size_t cut = 0; cut < cuts; cut++) {
        const cvy_range some = { w->height * cut / cuts, w->height * (cut + 1) / cuts };
        FOR_STRIPS(rows, a, group_of(rows_at_once, unit))
        backend->add_input_gradient(&subject->compute, &a->s.c, packed,
                                    a->dy + rows.begin * row_floats(a), plane, rows,
                                    rows.end == w->rows, some, a->dx, a->scratch);
        for (size_t i = 0; i < a->s.x; i++)
            touched += i / dx_row % w->height >= some.end && a->dx[i] != a->x[i];
    }
    check_same("other rows of dx", sizeof touched, &touched, &(size_t){ 0 });
    check_near("dx", a->s.x, a->dx, a->expected_dx);
}

/* Check one convolution in several cuts. im2col's bits may depend on how rows are cut. */
static void check_case(const check_subject *subject, const shape *s)
{
    const cvy_window *w = &s->c.window;
    const size_t strips[] = { 1, 2, 3, w->rows };

    check_begin("%zu x %zu x %zu to %zu, %zu x %zu, stride %zu x %zu, padding %zu x %zu, gap %zu x "
                "%zu, %zu groups",
                w->height, w->width, w->channels, s->c.filters, w->window_height, w->window_width,
                w->stride_y, w->stride_x, w->pad_top, w->pad_left, w->gap_y, w->gap_x, s->c.groups);
    arrays a = create(subject, *s);
    for (size_t i = 0; i < sizeof strips / sizeof *strips; i++) {
        check_forward(subject, &a, strips[i]);
        check_weight_gradient(subject, &a, strips[i], 1 + i % 3);
        check_input_gradient(subject, &a, strips[i], 1 + i % 3);
    }
    check_sample(subject, &a, s->y % CVY_LANE);
    check_sample(subject, &a, CVY_LANE - 1);
    check_end();
}

/* --- cases --- */

/* In addition to kernel_windows, which pooling uses too: wider images, gaps between cells, also
 * with strides. The columns are channels, size, output, window, stride, padding, gaps. */
static const cvy_window windows[] = {
    { 6, 10, 9, 8, 7, 3, 3, 1, 1, 0, 0, 0, 0 },    { 6, 9, 8, 9, 8, 3, 3, 1, 1, 1, 1, 0, 0 },
    { 12, 6, 7, 2, 3, 5, 5, 1, 1, 0, 0, 0, 0 },    { 6, 9, 11, 5, 7, 3, 3, 1, 1, 0, 0, 1, 1 },
    { 6, 9, 11, 9, 11, 3, 3, 1, 1, 2, 2, 1, 1 },   { 6, 11, 9, 3, 2, 3, 3, 2, 3, 0, 0, 1, 0 },
    { 6, 5, 4, 5, 4, 1, 1, 1, 1, 0, 0, 0, 0 },     { 6, 9, 9, 5, 5, 1, 1, 2, 2, 0, 0, 0, 0 },
    { 6, 12, 13, 12, 13, 5, 5, 1, 1, 2, 2, 0, 0 }, { 6, 8, 8, 4, 4, 3, 3, 2, 2, 0, 0, 0, 0 },
};
enum { WINDOW_COUNT = sizeof windows / sizeof *windows };

/* Convolutions by Winograd's algorithm: odd and even sizes; no padding, padding on one side, on all
 * sides, and twice; numbers of filters and tiles that leave a rest. */
static const struct {
    cvy_window window;
    size_t filters;
} wide[] = {
    { { 32, 4, 4, 4, 4, 3, 3, 1, 1, 1, 1, 0, 0 }, 32 },
    { { 33, 6, 15, 4, 13, 3, 3, 1, 1, 0, 0, 0, 0 }, 36 },
    { { 34, 7, 6, 7, 6, 3, 3, 1, 1, 1, 1, 0, 0 }, 33 },
    { { 64, 4, 4, 6, 6, 3, 3, 1, 1, 2, 2, 0, 0 }, 40 },
    { { 24, 4, 13, 4, 13, 3, 3, 1, 1, 1, 1, 0, 0 }, 33 },
    { { 40, 9, 6, 8, 6, 3, 3, 1, 1, 0, 1, 0, 0 }, 33 },
};
enum { WIDE_COUNT = sizeof wide / sizeof *wide };

/* Numbers of filters around the sizes of tiles. */
static const size_t filters[] = { 1, 2, 3, 5, 7, 8, 9, 13, 17 };
enum { FILTERS = sizeof filters / sizeof *filters };

/* Check rows of outputs one shorter and one longer than a tile's pixels, with many channels and
 * filters, Keras's two paddings and strides. */
static void check_channels(const check_subject *subject)
{
    static const size_t channels[] = { 1, 3, 17, 64 }, widths[] = { 3, 7, 8, 9, 14 };
    static const size_t deep[] = { 31, 33, 16, 8 };
    size_t number = 0;

    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 5; j++, number++) {
            const size_t side = number % 5 == 4 && widths[j] > 5 ? 5 : 3, stride = 1 + number % 2;
            cvy_window w;
            const cvy_shape in = { 3, { 5, widths[j], channels[i] } };
            if (cvy_window_plan(in, (size_t[]){ side, side }, (size_t[]){ stride, stride }, NULL,
                                number % 3 == 0, &w) != CVY_OK)
                continue;
            const shape s = shape_of(&w, j == 0 ? deep[i] : filters[number % FILTERS], 1);
            check_case(subject, &s);
        }
}

static void run(const check_subject *subject)
{
    if (subject->compute.gemm->enter_worker != NULL)
        subject->compute.gemm->enter_worker();
    for (size_t i = 0; i < kernel_window_count; i++) {
        const shape s = shape_of(&kernel_windows[i], filters[i % FILTERS], 1);
        check_case(subject, &s);
    }
    for (size_t i = 0; i < WINDOW_COUNT; i++) {
        const size_t channels = windows[i].channels;
        const shape all = shape_of(&windows[i], filters[(i + 3) % FILTERS], 1);
        const shape groups = shape_of(&windows[i], 6, 3);
        const shape depthwise = shape_of(&windows[i], 2 * channels, channels);
        check_case(subject, &all);
        check_case(subject, &groups);
        check_case(subject, &depthwise);
    }
    for (size_t i = 0; i < WIDE_COUNT; i++) {
        const shape s = shape_of(&wide[i].window, wide[i].filters, 1);
        assert(cvy_convolution_is_winograd(&s.c));
        check_case(subject, &s);
    }
    check_channels(subject);
}

const kernel_check check_convolutions = { "convolutions", true, run };
