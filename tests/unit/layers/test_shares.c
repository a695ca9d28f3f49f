/* Workers at one lane: the same bits for any number of shares, whatever order they come in. Buffers
 * begin as NaN, so what no share writes is seen, and what two write differently as well. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "support/slow_build.h"
#include "support/kernel_sets.h"
#include "support/lane_layer.h"
#include "support/numbers.h"
#include "train/infer.h"

typedef struct {
    const char *spec;
    cvy_shape in;
    bool in_place;
} probe;

/* Sides and channels that no number of shares divides; windows that overlap, leave gaps, and hang
 * over the edges. */
static const probe probes[] = {
    { "activity_regularization:l1=0.5", { 3, { 5, 3, 7 } }, false },
    { "depthwise_conv2d:kernel_size=3", { 3, { 9, 8, 5 } }, false },
    { "zero_padding2d", { 3, { 5, 3, 7 } }, false },
    { "cropping2d:cropping=1", { 3, { 5, 3, 7 } }, false },
    { "up_sampling2d", { 3, { 5, 3, 7 } }, false },
    { "reshape:target_shape=-1", { 3, { 5, 3, 7 } }, false },
    { "rescaling:scale=2", { 3, { 5, 3, 7 } }, false },
    { "global_average_pooling2d", { 3, { 5, 3, 7 } }, false },
    { "global_max_pooling2d", { 3, { 5, 3, 7 } }, false },
    { "prelu", { 3, { 5, 3, 7 } }, false },
    { "layer_normalization", { 3, { 5, 3, 7 } }, false },
    { "group_normalization:groups=7", { 3, { 5, 3, 7 } }, false },
    { "unit_normalization", { 3, { 5, 3, 7 } }, false },
    { "gaussian_noise:stddev=1", { 3, { 5, 3, 7 } }, false },
    { "gaussian_dropout:rate=0.5", { 3, { 5, 3, 7 } }, false },
    { "alpha_dropout:rate=0.5", { 3, { 5, 3, 7 } }, false },
    { "spatial_dropout2d:rate=0.5", { 3, { 5, 3, 7 } }, false },
    { "spatial_dropout2d:rate=0.5,noise_shape=[0;1;3;1]", { 3, { 5, 3, 7 } }, false },
    { "up_sampling2d:interpolation=bilinear", { 3, { 5, 3, 7 } }, false },
    { "resizing:height=7,width=2", { 3, { 5, 3, 7 } }, false },
    { "permute:dims=[3;1;2]", { 3, { 5, 3, 7 } }, false },
    { "normalization", { 3, { 5, 3, 7 } }, false },
    { "rms_normalization", { 3, { 5, 3, 7 } }, false },
    { "layer_normalization:axis=[1;2;3]", { 3, { 5, 3, 7 } }, false },
    { "conv2d_transpose:filters=3,kernel_size=3,strides=2,padding=same",
      { 3, { 5, 3, 7 } },
      false },
    { "conv2d_transpose:filters=5,kernel_size=[2;4],use_bias=false", { 3, { 5, 3, 3 } }, false },
    { "conv2d:filters=5,kernel_size=3", { 3, { 13, 11, 3 } }, false },
    { "conv2d:filters=7,kernel_size=[5;2],padding=same,use_bias=false", { 3, { 9, 9, 2 } }, false },
    { "conv2d:filters=4,kernel_size=2,strides=3", { 3, { 14, 14, 1 } }, false },
    { "conv2d:filters=64,kernel_size=3", { 3, { 9, 9, 32 } }, false },
    { "conv2d:filters=3,kernel_size=4,strides=2,padding=same", { 3, { 7, 6, 40 } }, false },
    { "conv2d:filters=2,kernel_size=1", { 3, { 1, 1, 1 } }, false },
    { "dense:units=10", { 1, { 37 } }, false },
    { "dense:units=130,use_bias=false", { 1, { 300 } }, false },
    { "max_pooling2d:pool_size=2", { 3, { 7, 7, 5 } }, false },
    { "max_pooling2d:pool_size=3,strides=2,padding=same", { 3, { 8, 7, 3 } }, false },
    { "average_pooling2d:pool_size=3,strides=1", { 3, { 6, 6, 7 } }, false },
    { "flatten", { 3, { 5, 3, 7 } }, false },
    { "activation:activation=relu", { 3, { 5, 3, 7 } }, true },
    { "activation:activation=gelu", { 1, { 37 } }, false },
    { "softmax", { 3, { 5, 3, 7 } }, false },
    { "softmax", { 1, { 10 } }, false },
    { "dropout:rate=0.3", { 1, { 37 } }, true },
    { "batch_normalization", { 3, { 5, 3, 7 } }, false },
    { "batch_normalization:scale=false", { 1, { 37 } }, false },
};

enum { PROBE_COUNT = sizeof probes / sizeof *probes, SUMS = 80 };

typedef struct {
    lane_layer l;
    double sums[2 * SUMS]; /* of measure(), of measure_gradient() */
} passed;

static passed pass_through(const probe *p, cvy_compute compute, size_t shares, size_t cuts)
{
    passed r = { .l = lane_layer_create(p->spec, p->in, compute) };
    lane_layer *l = &r.l;
    const size_t sums = l->layer.plan.batch_sums;

    cr_assert_leq(sums, SUMS);
    l->shares = shares;
    l->cuts = cuts;
    l->totals = (cvy_batch_totals){ CVY_LANE, r.sums, r.sums + SUMS };
    numbers_fill_uniform(1, -1, 1, l->x_count * CVY_LANE, l->x);
    numbers_fill_uniform(2, -1, 1, l->y_count * CVY_LANE, l->dy);
    if (sums > 0)
        lane_layer_measure(l, r.sums);
    lane_layer_forward(l, p->in_place);
    if (p->in_place)
        memcpy(l->y, l->x, l->y_count * CVY_LANE * sizeof *l->y);
    if (sums > 0)
        lane_layer_measure_gradient(l, r.sums + SUMS);
    lane_layer_backward(l, p->in_place, true);
    return r;
}

static void expect_same(const probe *p, size_t shares, size_t cuts, const passed *found,
                        const passed *wanted)
{
    const size_t x = wanted->l.x_count * CVY_LANE, y = wanted->l.y_count * CVY_LANE;

    numbers_expect_same(y, found->l.y, wanted->l.y, "%s: y, %zu shares, %zu cuts", p->spec, shares,
                        cuts);
    numbers_expect_same(x, p->in_place ? found->l.dy : found->l.dx,
                        p->in_place ? wanted->l.dy : wanted->l.dx, "%s: dx, %zu shares, %zu cuts",
                        p->spec, shares, cuts);
    for (size_t w = 0; w < cvy_trained_count(&wanted->l.layer.plan); w++)
        numbers_expect_same(wanted->l.layer.plan.weights[w].count,
                            found->l.dw + found->l.layer.weight_offset[w],
                            wanted->l.dw + wanted->l.layer.weight_offset[w],
                            "%s: dw %zu, %zu shares, %zu cuts", p->spec, w, shares, cuts);
    cr_expect_arr_eq(found->sums, wanted->sums, sizeof wanted->sums, "%s: sums, %zu shares",
                     p->spec, shares);
}

static void check(const probe *p, cvy_compute compute, size_t cuts)
{
    static const size_t counts[] = { 2, 3, 5, 8, 40 };
    passed whole = pass_through(p, compute, 1, cuts);

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        passed shared = pass_through(p, compute, counts[i], cuts);
        expect_same(p, counts[i], cuts, &shared, &whole);
        lane_layer_release(&shared.l);
    }
    lane_layer_release(&whole.l);
}

Test(shares, every_layer_in_any_number)
{
    for (size_t b = 0; gemm_backend(b) != NULL; b++) {
        const cvy_compute compute = { kernel_set(0), gemm_backend(b), NULL };
        const unsigned long entered = cvy_compute_enter_worker(&compute);
        for (size_t i = 0; i < PROBE_COUNT; i++)
            for (size_t cuts = 1; cuts <= 4; cuts += IS_SLOW ? 2 : 1)
                check(&probes[i], compute, cuts);
        cvy_compute_leave_worker(entered);
    }
}

/* A kind that is not probed would go unseen. */
Test(shares, every_layer_is_probed)
{
    for (size_t k = 0; cvy_layer_kinds[k] != NULL; k++) {
        const cvy_layer_kind *kind = (const cvy_layer_kind *)cvy_layer_kinds[k];
        /* several inputs: test_graph.c; augmentations have no way back */
        bool is_probed = kind->forward == NULL || kind->plan_merge != NULL || kind->is_augmentation;
        for (size_t i = 0; i < PROBE_COUNT && !is_probed; i++) {
            lane_layer l = lane_layer_create(probes[i].spec, probes[i].in,
                                             (cvy_compute){ kernel_set(0), gemm_backend(0), NULL });
            is_probed = l.layer.kind->forward == kind->forward;
            lane_layer_release(&l);
        }
        cr_expect(is_probed, "%s", kind->kind.name);
    }
}
