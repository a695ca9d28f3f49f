/* A convolution that feeds a pooling in strips comes to what the two come to one after the other: y, dx and
 * dw. With small whole numbers all sums are exact, so that no bit may differ, however rows are cut. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "support/kernel_sets.h"
#include "support/lane_layer.h"
#include "support/numbers.h"
#include "support/slow_build.h"
#include "train/infer.h"

typedef struct {
    const char *conv2d, *pooling;
    cvy_shape in;
} pair;

/* Rows and columns that are left over behind the last window; one strip and many; a strip of more rows
 * than a block of columns has, and of fewer; padding, strides. */
static const pair pairs[] = {
    { "conv2d:filters=5,kernel_size=3", "max_pooling2d", { 3, { 13, 11, 3 } } },
    { "conv2d:filters=7,kernel_size=[5;2],padding=same,use_bias=false",
      "max_pooling2d:pool_size=3",
      { 3, { 23, 9, 2 } } },
    { "conv2d:filters=3,kernel_size=3", "average_pooling2d:pool_size=2", { 3, { 9, 7, 64 } } },
    { "conv2d:filters=6,kernel_size=5,padding=same", "max_pooling2d", { 3, { 28, 28, 1 } } },
    { "conv2d:filters=4,kernel_size=3,strides=2",
      "max_pooling2d:pool_size=[4;2],strides=[4;3]",
      { 3, { 27, 27, 4 } } },
    { "conv2d:filters=2,kernel_size=2", "average_pooling2d:pool_size=[2;3]", { 3, { 3, 4, 1 } } },
    { "conv2d:filters=20,kernel_size=3", "max_pooling2d", { 3, { 15, 28, 18 } } },
    { "conv2d:filters=16,kernel_size=3,padding=same",
      "max_pooling2d:pool_size=3",
      { 3, { 14, 26, 19 } } },
};
enum { PAIR_COUNT = sizeof pairs / sizeof *pairs };

typedef struct {
    lane_layer conv2d, pooling;
} passed;

static passed create(const pair *p, cvy_compute compute, size_t shares, size_t cuts)
{
    passed r = { .conv2d = lane_layer_create(p->conv2d, p->in, compute) };

    r.pooling = lane_layer_create(p->pooling, r.conv2d.layer.plan.out, compute);
    r.conv2d.shares = shares;
    r.conv2d.cuts = cuts;
    numbers_fill_whole(1, 3, r.conv2d.x_count * CVY_LANE, r.conv2d.x);
    numbers_fill_whole(2, 2, r.conv2d.weight_floats, r.conv2d.weights);
    numbers_fill_whole(3, 64, r.pooling.y_count * CVY_LANE, r.pooling.dy);
    for (size_t i = 0; i < r.pooling.y_count * CVY_LANE; i++)
        r.pooling.dy[i] *= 6; /* so that the mean of six cells is exact */
    return r;
}

static void release(passed *r)
{
    lane_layer_release(&r->conv2d);
    lane_layer_release(&r->pooling);
}

static passed pass_one_by_one(const pair *p, cvy_compute compute)
{
    passed r = create(p, compute, 1, 1);
    float *x = r.pooling.x, *dy = r.conv2d.dy;

    r.pooling.x = r.conv2d.y;
    lane_layer_forward(&r.conv2d, false);
    lane_layer_forward(&r.pooling, false);
    lane_layer_backward(&r.pooling, false, true);
    r.conv2d.dy = r.pooling.dx;
    lane_layer_backward(&r.conv2d, false, true);
    r.pooling.x = x;
    r.conv2d.dy = dy;
    return r;
}

static passed pass_in_strips(const pair *p, cvy_compute compute, size_t shares, size_t cuts)
{
    passed r = create(p, compute, shares, cuts);

    lane_layer_feed(&r.conv2d, &r.pooling);
    lane_layer_forward(&r.conv2d, false);
    lane_layer_backward(&r.conv2d, false, true);
    r.conv2d.next = NULL;
    return r;
}

static void check(const pair *p, cvy_compute compute, size_t shares, size_t cuts,
                  const passed *wanted)
{
    passed found = pass_in_strips(p, compute, shares, cuts);
    const cvy_layer *layer = &wanted->conv2d.layer;

    numbers_expect_same(wanted->pooling.y_count * CVY_LANE, found.pooling.y, wanted->pooling.y,
                        "%s, %s: y, %zu shares", p->conv2d, p->pooling, shares);
    numbers_expect_same(wanted->conv2d.x_count * CVY_LANE, found.conv2d.dx, wanted->conv2d.dx,
                        "%s, %s: dx, %zu shares, %zu cuts", p->conv2d, p->pooling, shares, cuts);
    for (size_t w = 0; w < layer->plan.weight_count; w++)
        numbers_expect_same(layer->plan.weights[w].count, found.conv2d.dw + layer->weight_offset[w],
                            wanted->conv2d.dw + layer->weight_offset[w],
                            "%s, %s: dw %zu, %zu shares, %zu cuts", p->conv2d, p->pooling, w,
                            shares, cuts);
    release(&found);
}

/* What a convolution with im2col and the pooling after it compute is expected. */
static void check_pairs(cvy_compute compute)
{
    static const size_t shares[] = { 1, 2, 7 };
    const unsigned long entered = cvy_compute_enter_worker(&compute);

    for (size_t i = 0; i < PAIR_COUNT; i++) {
        passed wanted =
            pass_one_by_one(&pairs[i], (cvy_compute){ compute.kernels, compute.gemm, NULL });
        for (size_t s = 0; s < sizeof shares / sizeof *shares; s++)
            for (size_t cuts = 1; cuts <= 4; cuts += IS_SLOW ? 2 : 1)
                check(&pairs[i], compute, shares[s], cuts, &wanted);
        release(&wanted);
    }
    cvy_compute_leave_worker(entered);
}

Test(strips, a_fed_pooling_comes_to_the_same)
{
    for (size_t b = 0; gemm_backend(b) != NULL; b++)
        check_pairs((cvy_compute){ kernel_set(0), gemm_backend(b), NULL });
}

Test(strips, a_fed_pooling_comes_to_the_same_with_own_convolutions)
{
    cvy_compute compute = { kernel_set(0), gemm_backend(0), NULL };

    for (size_t b = 0; (compute.convolution = convolution_backend(b)) != NULL; b++)
        if (compute.convolution->isa != NULL)
            check_pairs(compute);
}

/* Windows that overlap or hang over the upper edge need rows of the strip before. */
Test(strips, are_taken_where_no_row_is_needed_twice)
{
    static const struct {
        const char *spec;
        size_t strip_rows;
    } probes[] = {
        { "max_pooling2d", 2 },
        { "max_pooling2d:pool_size=[3;1]", 3 },
        { "average_pooling2d:pool_size=4", 4 },
        { "max_pooling2d:pool_size=3,strides=2", 0 },
        { "max_pooling2d:pool_size=2,strides=3", 0 },
        { "max_pooling2d:pool_size=2,padding=same", 0 },
        { "activation:activation=relu", 0 },
    };

    for (size_t i = 0; i < sizeof probes / sizeof *probes; i++) {
        cvy_layer layer;
        cr_assert(layer_make(probes[i].spec, (cvy_shape){ 3, { 13, 13, 2 } }, &layer) == CVY_OK);
        cr_expect(layer.plan.strip_rows == probes[i].strip_rows, "%s: %zu", probes[i].spec,
                  layer.plan.strip_rows);
        layer_release(&layer);
    }
}
