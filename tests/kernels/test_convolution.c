/* Every convolution backend against plain loops in double precision. An element that sums n products
 * may be off by n + 1 roundings of the sum of their absolute values (Higham, Accuracy and Stability of
 * Numerical Algorithms, 2002, section 3.1). */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/kernel_sets.h"
#include "support/numbers.h"

/* Sizes of a convolution's arrays in floats, of one lane. */
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

/* A product of the convolution: which elements of x, w and y it belongs to, counted in pixels. */
typedef struct {
    size_t x, w, y;
} product;

typedef void visitor(void *context, product p);

/* The products of the output rows `rows`. */
static void visit(const cvy_convolution *c, cvy_range rows, visitor *function, void *context)
{
    const cvy_window *w = &c->window;
    const size_t group_channels = w->channels / c->groups, group_filters = c->filters / c->groups;

    for (size_t f = 0; f < c->filters; f++)
        for (size_t i = rows.begin * w->columns; i < rows.end * w->columns; i++)
            for (size_t tap = 0; tap < cvy_convolution_taps(c); tap++) {
                const size_t cell = tap / group_channels, channel = tap % group_channels;
                size_t pixel;
                if (window_pixel(w, f / group_filters * group_channels + channel, i / w->columns,
                                 i % w->columns, cell / w->window_width, cell % w->window_width,
                                 &pixel))
                    function(context, (product){ pixel, tap * c->filters + f,
                                                 f * w->rows * w->columns + i });
            }
}

/* What an element should be, the sum of its products' absolute values, and how many there are. */
typedef struct {
    double value, size, count;
} sum;

typedef struct {
    const float *x, *w, *dy;
    sum *y, *dw, *dx; /* the one that is wanted */
} sums;

static void add(sum *s, double a, double b)
{
    s->value += a * b;
    s->size += fabs(a * b);
    s->count++;
}

static void add_product(void *context, product p)
{
    sums *of = context;

    for (size_t s = 0; s < CVY_LANE; s++) {
        const size_t x = p.x * CVY_LANE + s, y = p.y * CVY_LANE + s;
        if (of->y != NULL)
            add(&of->y[y], (double)of->w[p.w], (double)of->x[x]);
        if (of->dw != NULL)
            add(&of->dw[p.w], (double)of->dy[y], (double)of->x[x]);
        if (of->dx != NULL)
            add(&of->dx[x], (double)of->dy[y], (double)of->w[p.w]);
    }
}

static sum *sums_create(size_t count, const float *start)
{
    sum *s = calloc(count, sizeof *s);

    cr_assert_not_null(s);
    for (size_t i = 0; start != NULL && i < count; i++)
        s[i] = (sum){ (double)start[i], fabs((double)start[i]), 1 };
    return s;
}

static void expect_near(size_t n, const float *found, const sum *expected, const char *what,
                        const char *backend, size_t number)
{
    for (size_t i = 0; i < n; i++) {
        const double bound = (expected[i].count + 1) * 0x1p-24 * expected[i].size;
        if (fabs((double)found[i] - expected[i].value) <= bound)
            continue;
        cr_expect(false, "%s of case %zu with %s: element %zu is %g, expected %g within %g", what,
                  number, backend, i, (double)found[i], expected[i].value, bound);
        return;
    }
}

/* --- cases --- */

enum { UNTOUCHED = 12345 };

typedef struct {
    shape s;
    size_t number;
    cvy_compute compute;
    const cvy_convolution_backend *backend;
    float *x, *w, *bias, *dy, *out, *scratch;
} probe;

static probe create(shape s, size_t number, cvy_compute compute)
{
    const size_t largest = s.x > s.y ? s.x : s.y;
    probe p = { .s = s,
                .number = number,
                .compute = compute,
                .backend = cvy_convolution_of(&compute),
                .x = numbers_floats(s.x),
                .w = numbers_floats(s.w),
                .bias = numbers_floats(s.c.filters),
                .dy = numbers_floats(s.y),
                .out = numbers_floats(largest > s.w ? largest : s.w) };

    const size_t scratch = p.backend->scratch_floats(&s.c, s.c.window.rows);
    p.scratch = numbers_floats(scratch + 1);
    for (size_t i = 0; i < scratch; i++)
        p.scratch[i] = NAN; /* must be written before it is read */
    numbers_fill_uniform(1, -1, 1, s.x, p.x);
    numbers_fill_uniform(2, -1, 1, s.w, p.w);
    numbers_fill_uniform(3, -1, 1, s.c.filters, p.bias);
    numbers_fill_uniform(4, -1, 1, s.y, p.dy);
    return p;
}

static void release(probe *p)
{
    free(p->x);
    free(p->w);
    free(p->bias);
    free(p->dy);
    free(p->out);
    free(p->scratch);
}

/* Strips of so many rows each. */
#define FOR_STRIPS(range, p, rows_at_once)                                                         \
    for (cvy_range range = { 0, 0 }; range.begin = range.end,                                      \
                   range.end = next_strip(&(p)->s.c, range.end, rows_at_once),                     \
                   range.begin < range.end;)

static size_t next_strip(const cvy_convolution *c, size_t begin, size_t rows)
{
    return begin + rows < c->window.rows ? begin + rows : c->window.rows;
}

static size_t row_floats(const probe *p)
{
    return p->s.c.window.columns * CVY_LANE;
}

static void check_forward(probe *p, size_t rows_at_once, bool has_bias)
{
    const size_t plane = p->s.c.window.rows * row_floats(p);
    sums of = { .x = p->x, .w = p->w, .y = sums_create(p->s.y, NULL) };

    for (size_t i = 0; has_bias && i < p->s.y; i++)
        add(&of.y[i], 1, (double)p->bias[i / plane]);
    visit(&p->s.c, (cvy_range){ 0, p->s.c.window.rows }, add_product, &of);
    for (size_t i = 0; i < p->s.y; i++)
        p->out[i] = NAN;
    FOR_STRIPS(rows, p, rows_at_once)
    p->backend->forward_rows(&p->compute, &p->s.c, p->x, p->w, has_bias ? p->bias : NULL, rows,
                             p->out + rows.begin * row_floats(p), plane, p->scratch);
    expect_near(p->s.y, p->out, of.y, "y", p->backend->name, p->number);
    free(of.y);
}

/* Some filters at a time; the others must stay as they are. */
static void check_weight_gradient(probe *p, size_t rows_at_once, size_t cuts)
{
    const size_t plane = p->s.c.window.rows * row_floats(p), filters = p->s.c.filters;
    sums of = { .x = p->x, .dy = p->dy, .dw = sums_create(p->s.w, NULL) };

    visit(&p->s.c, (cvy_range){ 0, p->s.c.window.rows }, add_product, &of);
    for (size_t i = 0; i < p->s.w; i++)
        p->out[i] = UNTOUCHED;
    for (size_t cut = 0; cut < cuts; cut++) {
        const cvy_range some = { filters * cut / cuts, filters * (cut + 1) / cuts };
        FOR_STRIPS(rows, p, rows_at_once)
        p->backend->add_weight_gradient(&p->compute, &p->s.c, p->x,
                                        p->dy + some.begin * plane + rows.begin * row_floats(p),
                                        plane, rows, some, rows.begin > 0, p->out, p->scratch);
        for (size_t i = 0; i < p->s.w; i++)
            cr_assert(i % filters < some.end || p->out[i] == UNTOUCHED, "%s: dw %zu of case %zu",
                      p->backend->name, i, p->number);
    }
    expect_near(p->s.w, p->out, of.dw, "dw", p->backend->name, p->number);
    free(of.dw);
}

/* Added to what is there, in some rows of dx; the others must stay as they are. */
static void check_input_gradient(probe *p, size_t rows_at_once, size_t cuts)
{
    const cvy_window *w = &p->s.c.window;
    const size_t plane = w->rows * row_floats(p);
    sums of = { .w = p->w, .dy = p->dy, .dx = sums_create(p->s.x, p->x) };

    visit(&p->s.c, (cvy_range){ 0, w->rows }, add_product, &of);
    for (size_t i = 0; i < p->s.x; i++)
        p->out[i] = p->x[i];
    for (size_t cut = 0; cut < cuts; cut++) {
        const cvy_range some = { w->height * cut / cuts, w->height * (cut + 1) / cuts };
        FOR_STRIPS(rows, p, rows_at_once)
        p->backend->add_input_gradient(&p->compute, &p->s.c, p->w,
                                       p->dy + rows.begin * row_floats(p), plane, rows, some,
                                       p->out, p->scratch);
    }
    expect_near(p->s.x, p->out, of.dx, "dx", p->backend->name, p->number);
    free(of.dx);
}

static void check_case(shape s, size_t number, cvy_compute compute)
{
    const size_t strips[] = { 1, 2, 3, s.c.window.rows };
    probe p = create(s, number, compute);

    for (size_t i = 0; i < sizeof strips / sizeof *strips; i++) {
        check_forward(&p, strips[i], i % 2 == 0);
        check_weight_gradient(&p, strips[i], 1 + i % 3);
        check_input_gradient(&p, strips[i], 1 + i % 3);
    }
    release(&p);
}

/* Wider images than the windows for pooling, gaps between cells, and strides beside them: channels,
 * size, output, window, stride, padding, gaps. */
static const cvy_window windows[] = {
    { 6, 10, 9, 8, 7, 3, 3, 1, 1, 0, 0, 0, 0 },    { 6, 9, 8, 9, 8, 3, 3, 1, 1, 1, 1, 0, 0 },
    { 12, 6, 7, 2, 3, 5, 5, 1, 1, 0, 0, 0, 0 },    { 6, 9, 11, 5, 7, 3, 3, 1, 1, 0, 0, 1, 1 },
    { 6, 9, 11, 9, 11, 3, 3, 1, 1, 2, 2, 1, 1 },   { 6, 11, 9, 3, 2, 3, 3, 2, 3, 0, 0, 1, 0 },
    { 6, 5, 4, 5, 4, 1, 1, 1, 1, 0, 0, 0, 0 },     { 6, 9, 9, 5, 5, 1, 1, 2, 2, 0, 0, 0, 0 },
    { 6, 12, 13, 12, 13, 5, 5, 1, 1, 2, 2, 0, 0 }, { 6, 8, 8, 4, 4, 3, 3, 2, 2, 0, 0, 0, 0 },
};
enum { WINDOW_COUNT = sizeof windows / sizeof *windows };

/* Numbers of filters around the sizes of tiles. */
static const size_t filters[] = { 1, 2, 3, 5, 7, 8, 9, 13, 17 };

static void check_all(cvy_compute compute)
{
    const unsigned long entered = cvy_cpu_flush_denormals();

    for (size_t i = 0; i < kernel_window_count; i++)
        check_case(shape_of(&kernel_windows[i], filters[i % 9], 1), i, compute);
    for (size_t i = 0; i < WINDOW_COUNT; i++) {
        const size_t number = 100 * (i + 1);
        check_case(shape_of(&windows[i], filters[(i + 3) % 9], 1), number, compute);
        check_case(shape_of(&windows[i], 6, 3), number + 1, compute);
        check_case(shape_of(&windows[i], 2 * windows[i].channels, windows[i].channels), number + 2,
                   compute);
    }
    cvy_cpu_restore_denormals(entered);
}

Test(convolution, agrees_with_plain_loops)
{
    const cvy_convolution_backend *backend;
    const cvy_kernels *set;

    for (size_t b = 0; (backend = convolution_backend(b)) != NULL; b++)
        for (size_t k = 0; (set = kernel_set(k)) != NULL; k++) {
            if (backend->isa == NULL || strcmp(backend->isa, set->name) == 0)
                check_all((cvy_compute){ set, gemm_backend(k), backend });
        }
}

Test(convolution, the_environment_forces_a_backend)
{
    const cvy_convolution_backend *backend;

    setenv("CONVOY_CONVOLUTION", "im2col", 1);
    cr_expect(eq(int, cvy_convolution_choose(&backend), CVY_OK));
    cr_expect(eq(str, (char *)backend->name, "im2col"));
    setenv("CONVOY_CONVOLUTION", "winograd", 1);
    cr_expect(eq(int, cvy_convolution_choose(&backend), CVY_ERR_SETTING));
    cr_expect(ne(ptr, strstr(cvy_error_message(), "found \"winograd\""), NULL));
}
