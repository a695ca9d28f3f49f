/* Every layer, forward and backward, twice over: against the plain implementation, with every
 * instruction set; and its gradients against central differences of its own forward.
 *
 * The lane is partly filled: the last slots hold numbers but have no gradient, as the engine
 * leaves them. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/kernel_sets.h"
#include "support/lane_layer.h"
#include "support/numbers.h"
#include "support/plain_layer.h"

enum { FILLED = 11 };

typedef struct {
    const char *spec;
    cvy_shape in;
} layer_case;

static const layer_case cases[] = {
    { "conv2d:filters=4,kernel_size=3", { 3, { 6, 5, 2 } } },
    { "conv2d:filters=3,kernel_size=3,padding=same", { 3, { 5, 7, 1 } } },
    { "conv2d:filters=3,kernel_size=[3;2],strides=[2;3],padding=same", { 3, { 7, 8, 2 } } },
    { "conv2d:filters=2,kernel_size=4,strides=2,use_bias=false", { 3, { 7, 6, 2 } } },
    { "conv2d:filters=2,kernel_size=2,strides=3", { 3, { 9, 7, 1 } } },
    { "conv2d:filters=5,kernel_size=1", { 3, { 3, 4, 3 } } },
    { "conv2d:filters=2,kernel_size=5,padding=same",
      { 3, { 3, 1, 2 } } }, /* larger than the image */
    { "conv2d:filters=1,kernel_size=5", { 3, { 5, 5, 1 } } },
    { "conv2d:filters=2,kernel_size=5,padding=same",
      { 3, { 13, 12, 8 } } }, /* several column blocks */
    { "max_pooling2d", { 3, { 6, 4, 3 } } },
    { "max_pooling2d", { 3, { 5, 7, 2 } } },
    { "max_pooling2d:padding=same", { 3, { 5, 7, 2 } } },
    { "max_pooling2d:pool_size=3,strides=1,padding=same", { 3, { 4, 5, 2 } } },
    { "max_pooling2d:pool_size=[2;3],strides=[3;2]", { 3, { 7, 7, 1 } } },
    { "average_pooling2d:pool_size=2", { 3, { 6, 4, 3 } } },
    { "average_pooling2d:pool_size=2,padding=same", { 3, { 5, 7, 2 } } },
    { "average_pooling2d:pool_size=3,strides=1,padding=same", { 3, { 4, 5, 2 } } },
    { "average_pooling2d:pool_size=[2;3],strides=[3;2]", { 3, { 7, 7, 1 } } },
    { "flatten", { 3, { 3, 4, 5 } } },
    { "flatten", { 1, { 7 } } },
    { "dense:units=5", { 1, { 7 } } },
    { "dense:units=1", { 1, { 13 } } },
    { "dense:units=17,use_bias=false", { 1, { 3 } } },
    { "activation:activation=linear", { 3, { 3, 2, 3 } } },
    { "activation:activation=relu", { 3, { 3, 4, 5 } } },
    { "activation:activation=leaky_relu", { 1, { 41 } } },
    { "activation:activation=leaky_relu,alpha=0.05", { 1, { 41 } } },
    { "activation:activation=elu", { 1, { 41 } } },
    { "activation:activation=elu,alpha=0.5", { 1, { 41 } } },
    { "activation:activation=gelu", { 3, { 3, 4, 5 } } },
    { "activation:activation=sigmoid", { 1, { 41 } } },
    { "activation:activation=tanh", { 3, { 3, 4, 5 } } },
    { "activation:activation=softmax", { 3, { 3, 2, 5 } } },
    { "activation:activation=softmax", { 1, { 10 } } },
    { "activation:activation=relu6", { 1, { 41 } } },
    { "activation:activation=selu", { 1, { 41 } } },
    { "activation:activation=celu", { 1, { 41 } } },
    { "activation:activation=gelu_tanh", { 1, { 41 } } },
    { "activation:activation=silu", { 1, { 41 } } },
    { "activation:activation=mish", { 1, { 41 } } },
    { "activation:activation=log_sigmoid", { 1, { 41 } } },
    { "activation:activation=hard_sigmoid", { 1, { 41 } } },
    { "activation:activation=hard_silu", { 1, { 41 } } },
    { "activation:activation=hard_tanh", { 1, { 30 } } },
    { "activation:activation=tanh_shrink", { 1, { 41 } } },
    { "activation:activation=soft_shrink", { 1, { 13 } } },
    { "activation:activation=softplus", { 1, { 41 } } },
    { "activation:activation=softsign", { 1, { 41 } } },
    { "activation:activation=squareplus", { 1, { 41 } } },
    { "activation:activation=sparse_plus", { 1, { 30 } } },
    { "activation:activation=sparse_sigmoid", { 1, { 30 } } },
    { "activation:activation=exponential", { 1, { 41 } } },
    { "activation:activation=log_softmax", { 1, { 41 } } },
    { "activation:activation=hard_shrink", { 1, { 5 } } }, /* jumps at 1/2 */
    { "activation:activation=sparsemax", { 1, { 5 } } },
    { "activation:activation=glu", { 3, { 3, 2, 4 } } },
    { "activation:activation=glu", { 1, { 10 } } },
    { "relu:max_value=0.66,threshold=0.3", { 1, { 41 } } },
    { "conv2d:filters=4,kernel_size=3,dilation_rate=2", { 3, { 7, 8, 2 } } },
    { "conv2d:filters=6,kernel_size=3,groups=2,padding=same", { 3, { 5, 4, 4 } } },
    { "depthwise_conv2d:kernel_size=3", { 3, { 6, 5, 3 } } },
    { "depthwise_conv2d:kernel_size=[2;3],padding=same,depth_multiplier=2", { 3, { 5, 4, 3 } } },
    { "depthwise_conv2d:kernel_size=3,strides=2,use_bias=false", { 3, { 7, 8, 2 } } },
    { "zero_padding2d", { 3, { 3, 4, 2 } } },
    { "zero_padding2d:padding=[1;0;2;3]", { 3, { 3, 4, 2 } } },
    { "cropping2d:cropping=[1;2]", { 3, { 4, 6, 3 } } },
    { "up_sampling2d", { 3, { 3, 4, 2 } } },
    { "up_sampling2d:size=[1;3]", { 3, { 3, 2, 2 } } },
    { "reshape:target_shape=[2;-1;2]", { 3, { 3, 4, 2 } } },
    { "reshape:target_shape=-1", { 3, { 3, 4, 2 } } },
    { "reshape:target_shape=[3;2;2]", { 1, { 12 } } },
    { "rescaling:scale=0.25,offset=-1", { 3, { 3, 4, 2 } } },
    { "global_average_pooling2d", { 3, { 3, 4, 5 } } },
    { "global_average_pooling2d:keepdims=true", { 3, { 3, 4, 5 } } },
    { "global_max_pooling2d", { 3, { 3, 4, 5 } } },
    { "prelu", { 3, { 3, 4, 2 } } },
    { "prelu:shared_axes=[1;2]", { 3, { 3, 4, 5 } } },
    { "prelu", { 1, { 11 } } },
    { "layer_normalization", { 3, { 3, 2, 5 } } },
    { "layer_normalization:scale=false", { 1, { 12 } } },
    { "group_normalization:groups=2", { 3, { 3, 2, 4 } } },
    { "group_normalization:groups=3,center=false", { 1, { 12 } } },
    { "unit_normalization", { 3, { 3, 2, 5 } } },
    { "layer_normalization:axis=[1;2;3]", { 3, { 3, 2, 4 } } },
    { "layer_normalization:axis=[1;2;3],center=false", { 3, { 2, 3, 5 } } },
    { "rms_normalization", { 3, { 3, 2, 5 } } },
    { "rms_normalization:axis=[1;2;3]", { 3, { 3, 2, 4 } } },
    { "rms_normalization", { 1, { 12 } } },
    { "permute:dims=[2;1;3]", { 3, { 3, 4, 2 } } },
    { "permute:dims=[3;1;2]", { 3, { 3, 4, 2 } } },
    { "permute:dims=1", { 1, { 5 } } },
    { "up_sampling2d:interpolation=bilinear", { 3, { 3, 4, 2 } } },
    { "up_sampling2d:size=[3;1],interpolation=bilinear", { 3, { 2, 3, 2 } } },
    { "up_sampling2d:size=4,interpolation=bilinear", { 3, { 1, 2, 1 } } },
    { "resizing:height=5,width=3", { 3, { 3, 4, 2 } } },
    { "resizing:height=2,width=7,interpolation=nearest", { 3, { 5, 4, 2 } } },
    { "rescaling:scale=[0.25;2],offset=[-1;3]", { 3, { 3, 4, 2 } } },
    { "normalization:mean=0.5,variance=4", { 3, { 3, 4, 2 } } },
    { "normalization:mean=[0.5;-1],variance=[4;0.25],invert=true", { 3, { 3, 4, 2 } } },
    { "conv2d_transpose:filters=3,kernel_size=3", { 3, { 4, 5, 2 } } },
    { "conv2d_transpose:filters=2,kernel_size=3,strides=2,padding=same", { 3, { 3, 4, 3 } } },
    { "conv2d_transpose:filters=2,kernel_size=[2;5],strides=[3;2],padding=same",
      { 3, { 3, 2, 2 } } },
    { "conv2d_transpose:filters=2,kernel_size=2,strides=3", { 3, { 2, 3, 2 } } },
    { "conv2d_transpose:filters=2,kernel_size=4,strides=2,use_bias=false,padding=same",
      { 3, { 2, 3, 2 } } },
    { "conv2d_transpose:filters=1,kernel_size=3,strides=2,padding=same,output_padding=1",
      { 3, { 2, 3, 2 } } },
    { "conv2d_transpose:filters=2,kernel_size=2,dilation_rate=2", { 3, { 3, 4, 2 } } },
    { "gaussian_noise:stddev=0.5", { 3, { 3, 4, 2 } } },
    { "gaussian_dropout:rate=0.25", { 3, { 3, 4, 2 } } },
    { "alpha_dropout:rate=0.25", { 1, { 24 } } },
    { "spatial_dropout2d:rate=0.5", { 3, { 3, 4, 6 } } },
    { "spatial_dropout2d:rate=0.5,noise_shape=[0;1;1;1]", { 3, { 3, 4, 2 } } },
    { "spatial_dropout2d:rate=0.5,noise_shape=[0;3;1;2]", { 3, { 3, 4, 2 } } },
    { "relu:max_value=0.66,negative_slope=0.2", { 3, { 3, 4, 5 } } },
    { "activity_regularization:l1=0.5,l2=0.25", { 3, { 3, 4, 5 } } },
    { "relu", { 3, { 3, 4, 5 } } },
    { "relu:negative_slope=0.1", { 1, { 41 } } },
    { "leaky_relu", { 1, { 41 } } },
    { "elu", { 3, { 3, 4, 5 } } },
    { "elu:alpha=0.3", { 1, { 41 } } },
    { "softmax", { 1, { 10 } } },
    { "softmax", { 1, { 1 } } },
    { "dropout:rate=0.375", { 3, { 3, 4, 5 } } },
    { "dropout:rate=0", { 1, { 10 } } },
    { "dropout:rate=1", { 1, { 10 } } },
};
enum { CASE_COUNT = sizeof cases / sizeof *cases };

Test(layers, every_kind_of_the_list_has_a_case)
{
    for (size_t k = 0; cvy_layer_kinds[k] != NULL; k++) {
        const cvy_layer_kind *kind = (const cvy_layer_kind *)cvy_layer_kinds[k];
        const size_t length = strlen(kind->kind.name);
        /* the input computes nothing; what needs the whole batch: test_batch_normalization.c */
        bool is_tested = kind->forward == NULL || kind->measure != NULL ||
                         kind->plan_merge != NULL || kind->is_augmentation;
        for (size_t i = 0; i < CASE_COUNT; i++) {
            const char after = cases[i].spec[strspn(cases[i].spec, "abcdefghijklmnopqrstuvwxyz_2")];
            is_tested = is_tested || (strncmp(cases[i].spec, kind->kind.name, length) == 0 &&
                                      (after == ':' || after == '\0'));
        }
        cr_expect(is_tested, "no case of %s", kind->kind.name);
    }
}

/* Values a step apart, each sample's in an order of its own, none within half a step of 0: so a
 * smaller change crosses no kink and changes no maximum. */
static const float STEP = 0.06f;

static void fill_x(lane_layer *l)
{
    size_t *places = malloc(l->x_count * sizeof *places);

    cr_assert_not_null(places);
    for (size_t s = 0; s < CVY_LANE; s++) {
        numbers_fill_shuffled((uint32_t)s, l->x_count, places);
        for (size_t i = 0; i < l->x_count; i++)
            l->x[i * CVY_LANE + s] =
                STEP * ((float)(places[i] % 200) - (float)(l->x_count % 200 / 2) + 0.5f);
    }
    free(places);
}

static lane_layer create_case(const layer_case *c, cvy_compute compute)
{
    lane_layer l = lane_layer_create(c->spec, c->in, compute);

    fill_x(&l);
    numbers_fill_uniform(2, -1, 1, l.y_count * CVY_LANE, l.dy);
    for (size_t i = 0; i < l.y_count * CVY_LANE; i++)
        if (i % CVY_LANE >= FILLED)
            l.dy[i] = 0;
    return l;
}

/* Everything of a lane as the plain implementation has it. */
typedef struct {
    double *y, *dx, *weights, *dw;
} plain_lane;

static void *create_plain_sample(const cvy_shape shape, const float *lane, size_t sample)
{
    double *x = numbers_doubles(cvy_shape_count(shape));

    for (size_t i = 0; i < cvy_shape_count(shape); i++)
        x[i] = lane[lane_place(shape, i, sample)];
    return x;
}

/* By the generator's formula, as tests/kernels/test_dropout.c has it; here it is taken from what
 * forward kept, so that the layer's own scale is what is tested. */
static double *create_mask(const lane_layer *l, size_t sample)
{
    double *mask = numbers_doubles(l->x_count);

    if (strcmp(l->layer.kind->kind.name, "dropout") != 0)
        return mask;
    const double rate = *(const double *)layer_setting(&l->layer, "rate");
    for (size_t i = 0; i < l->x_count; i++)
        if (((const uint8_t *)l->keep)[lane_place(l->layer.in, i, sample)])
            mask[i] = 1 / (1 - rate);
    return mask;
}

static void run_plain_sample(const lane_layer *l, size_t sample, plain_lane *lane)
{
    double *x = create_plain_sample(l->layer.in, l->x, sample);
    double *dy = create_plain_sample(l->layer.plan.out, l->dy, sample);
    double *y = numbers_doubles(l->y_count), *dx = numbers_doubles(l->x_count);
    double *mask = create_mask(l, sample);
    plain_image image = { .x = x, .dy = dy, .y = y, .dx = dx, .mask = mask };

    for (size_t w = 0; w < l->layer.plan.weight_count; w++) {
        image.weights[w] = lane->weights + l->layer.weight_offset[w];
        image.dweights[w] = lane->dw + l->layer.weight_offset[w];
    }
    plain_layer_run(&l->layer, &image);
    for (size_t i = 0; i < l->y_count; i++)
        lane->y[lane_place(l->layer.plan.out, i, sample)] = y[i];
    for (size_t i = 0; i < l->x_count; i++)
        lane->dx[lane_place(l->layer.in, i, sample)] = dx[i];
    free(x);
    free(dy);
    free(y);
    free(dx);
    free(mask);
}

/* Single precision against double: sums of up to 2500 terms, relative to the largest of them. */
static void expect_close(size_t n, const float *found, const double *expected, const char *spec,
                         const char *what, cvy_compute compute)
{
    numbers_expect_near(n, found, expected, 0, 1e-5 * fmax(1, numbers_largest(n, expected)),
                        "%s: %s by %s, %s", spec, what, compute.kernels->name, compute.gemm->name);
}

static void compare_with_plain(const layer_case *c, cvy_compute compute)
{
    lane_layer l = create_case(c, compute);
    plain_lane lane = { numbers_doubles(l.y_count * CVY_LANE),
                        numbers_doubles(l.x_count * CVY_LANE), numbers_doubles(l.weight_floats),
                        numbers_doubles(l.weight_floats) };

    for (size_t i = 0; i < l.weight_floats; i++)
        lane.weights[i] = l.weights[i];
    lane_layer_forward(&l, false);
    lane_layer_backward(&l, false, true);
    for (size_t s = 0; s < CVY_LANE; s++)
        run_plain_sample(&l, s, &lane);
    expect_close(l.y_count * CVY_LANE, l.y, lane.y, c->spec, "y", compute);
    expect_close(l.x_count * CVY_LANE, l.dx, lane.dx, c->spec, "dx", compute);
    /* what lies between the weights is expected untouched */
    expect_close(l.weight_floats, l.dw, lane.dw, c->spec, "dw", compute);
    free(lane.y);
    free(lane.dx);
    free(lane.weights);
    free(lane.dw);
    lane_layer_release(&l);
}

/* What is drawn at random has no plain twin: finite differences check it here, and its numbers elsewhere. */
static bool has_plain_twin(const layer_case *c)
{
    static const char *const others[] = { "gaussian", "alpha", "spatial" };

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strncmp(c->spec, others[i], strlen(others[i])) == 0)
            return false;
    return true;
}

/* The others come to the same with any matrix product. */
static bool multiplies(const layer_case *c)
{
    return strncmp(c->spec, "conv2d", 6) == 0 || strncmp(c->spec, "dense", 5) == 0;
}

Test(layers, agree_with_the_plain_implementation)
{
    const cvy_kernels *set;
    const cvy_gemm_backend *gemm;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++)
        for (size_t g = 0; (gemm = gemm_backend(g)) != NULL; g++)
            for (size_t i = 0; i < CASE_COUNT; i++)
                if ((g == 0 || multiplies(&cases[i])) && has_plain_twin(&cases[i]))
                    compare_with_plain(&cases[i], (cvy_compute){ set, gemm, NULL });
}

/* What the environment forces, or the best. */
static cvy_compute chosen_compute(void)
{
    cvy_compute compute;

    cr_assert(eq(int, cvy_kernels_choose(&compute.kernels), CVY_OK), "%s", cvy_error_message());
    cr_assert(eq(int, cvy_gemm_choose(&compute.gemm), CVY_OK), "%s", cvy_error_message());
    cr_assert(eq(int, cvy_convolution_choose(&compute.convolution), CVY_OK));
    return compute;
}

/* The function whose gradient backward gives: the sum of y times dy, of each sample. */
static void run_objective(lane_layer *l, double sums[CVY_LANE])
{
    memset(sums, 0, CVY_LANE * sizeof *sums);
    lane_layer_forward(l, false);
    for (size_t i = 0; i < l->y_count * CVY_LANE; i++)
        sums[i % CVY_LANE] += (double)l->y[i] * (double)l->dy[i];
}

/* The central difference by up to 16 numbers at once, one of each sample. Divided by what was
 * really added: the sum is rounded. */
static void difference(lane_layer *l, float *numbers, size_t count, float h, double slopes[])
{
    float before[CVY_LANE], width[CVY_LANE];
    double below[CVY_LANE], above[CVY_LANE];

    memcpy(before, numbers, count * sizeof *numbers);
    for (size_t s = 0; s < count; s++)
        numbers[s] = before[s] - h;
    run_objective(l, below);
    for (size_t s = 0; s < count; s++) {
        width[s] = before[s] + h - numbers[s];
        numbers[s] = before[s] + h;
    }
    run_objective(l, above);
    memcpy(numbers, before, count * sizeof *numbers);
    for (size_t s = 0; s < CVY_LANE; s++)
        slopes[s] = (above[s] - below[s]) / (double)width[s % count];
}

/* Checks some hundred places of large arrays; the steps go to all rows and channels in turn. */
static size_t steps_between_places(size_t count)
{
    return count <= 100 ? 1 : count / 100 * 2 + 1;
}

/* h of x is a third of STEP, so that no kink is crossed. The error of a central difference is
 * h^2 / 6 times the third derivative, at most 2 for these functions: 1.4e-4; and what forward
 * rounds, about 1e-6 of the largest y, divided by 2 h. */
static void differ_by_x(lane_layer *l, const char *spec)
{
    const float h = STEP / 3;
    /* what divides by a small deviation is bent more */
    const double bend = strstr(spec, "normalization") != NULL ? 1e-2 : 3e-4;
    double largest = 0;

    for (size_t i = 0; i < l->y_count * CVY_LANE; i++)
        largest = fmax(largest, fabs((double)l->y[i]));
    for (size_t i = 0; i < l->x_count; i += steps_between_places(l->x_count)) {
        double slopes[CVY_LANE];
        difference(l, l->x + i * CVY_LANE, CVY_LANE, h, slopes);
        numbers_expect_near(CVY_LANE, l->dx + i * CVY_LANE, slopes, 1e-3,
                            bend + 1e-6 * largest / (double)(2 * h), "%s: dx %zu", spec, i);
    }
}

/* The layers are linear in their weights: h can be large, and rounding is all that is left. */
static void differ_by_weights(lane_layer *l, size_t weight, const char *spec)
{
    const cvy_weight_plan *plan = &l->layer.plan.weights[weight];
    const size_t offset = l->layer.weight_offset[weight];

    for (size_t i = 0; i < plan->count; i += steps_between_places(plan->count)) {
        double slopes[CVY_LANE], sum = 0;
        difference(l, l->weights + offset + i, 1, 0.5f, slopes);
        for (size_t s = 0; s < FILLED; s++)
            sum += slopes[s];
        numbers_expect_near(1, l->dw + offset + i, &sum, 1e-3, 1e-2, "%s: %s %zu", spec, plan->name,
                            i);
    }
}

Test(layers, gradients_agree_with_differences)
{
    const cvy_compute compute = chosen_compute();

    for (size_t i = 0; i < CASE_COUNT; i++) {
        lane_layer l = create_case(&cases[i], compute);
        lane_layer_forward(&l, false);
        lane_layer_backward(&l, false, true);
        differ_by_x(&l, cases[i].spec);
        for (size_t w = 0; w < l.layer.plan.weight_count; w++)
            differ_by_weights(&l, w, cases[i].spec);
        lane_layer_release(&l);
    }
}

/* A plan may put y over x and dx over dy, and the first layer with weights is asked for no dx: no
 * bit changes. */
Test(layers, buffers_may_be_shared_where_the_plan_says_so)
{
    const cvy_compute compute = chosen_compute();

    for (size_t i = 0; i < CASE_COUNT; i++) {
        lane_layer l = create_case(&cases[i], compute);
        float *dw = numbers_floats(l.weight_floats);
        lane_layer_forward(&l, false);
        lane_layer_backward(&l, false, true);
        memcpy(dw, l.dw, l.weight_floats * sizeof *dw);
        if (l.layer.plan.weight_count > 0) /* nobody asks others for nothing */
            lane_layer_backward(&l, false, false);
        numbers_expect_same(l.weight_floats, l.dw, dw, "%s: dw without dx", cases[i].spec);
        if (l.layer.plan.can_be_in_place) {
            lane_layer_forward(&l, true);
            lane_layer_backward(&l, true, true);
            numbers_expect_same(l.y_count * CVY_LANE, l.x, l.y, "%s: y over x", cases[i].spec);
            numbers_expect_same(l.x_count * CVY_LANE, l.dy, l.dx, "%s: dx over dy", cases[i].spec);
        }
        free(dw);
        lane_layer_release(&l);
    }
}

/* The filled slots of `lane` have the bits they have in `other`. */
static void expect_filled_same(size_t count, const float *lane, const float *other,
                               const char *spec, const char *what)
{
    for (size_t i = 0; i < count; i++)
        numbers_expect_same(FILLED, lane + i * CVY_LANE, other + i * CVY_LANE, "%s: %s %zu", spec,
                            what, i);
}

/* Samples do not see each other: other numbers in the empty slots change neither the rest of the
 * lane nor the gradient of the weights. */
Test(layers, empty_slots_change_nothing)
{
    const cvy_compute compute = chosen_compute();

    for (size_t i = 0; i < CASE_COUNT; i++) {
        lane_layer l = create_case(&cases[i], compute), other = create_case(&cases[i], compute);
        for (size_t j = 0; j < other.x_count * CVY_LANE; j++)
            if (j % CVY_LANE >= FILLED)
                other.x[j] = 3 - other.x[j];
        lane_layer_forward(&l, false);
        lane_layer_backward(&l, false, true);
        lane_layer_forward(&other, false);
        lane_layer_backward(&other, false, true);
        expect_filled_same(l.y_count, l.y, other.y, cases[i].spec, "y");
        expect_filled_same(l.x_count, l.dx, other.dx, cases[i].spec, "dx");
        numbers_expect_same(l.weight_floats, l.dw, other.dw, "%s: dw", cases[i].spec);
        lane_layer_release(&l);
        lane_layer_release(&other);
    }
}

/* Outside training dropout passes on what it is given. */
Test(layers, dropout_does_nothing_outside_training)
{
    lane_layer l = lane_layer_create("dropout:rate=0.4", (cvy_shape){ 1, { 9 } }, chosen_compute());
    const cvy_pass pass = { .compute = l.compute, .share = { 0, 1 }, .cuts = 1 };

    fill_x(&l);
    l.layer.kind->forward(&l.layer, &pass, l.x, l.y);
    numbers_expect_same(l.x_count * CVY_LANE, l.y, l.x, "apart");
    l.layer.kind->forward(&l.layer, &pass, l.x, l.x);
    numbers_expect_same(l.x_count * CVY_LANE, l.x, l.y, "in place");
    lane_layer_release(&l);
}

/* Two dropout layers of a model must not drop the same places. */
Test(layers, each_dropout_layer_has_a_mask_of_its_own)
{
    lane_layer l =
        lane_layer_create("dropout:rate=0.5", (cvy_shape){ 1, { 64 } }, chosen_compute());
    float *first = numbers_floats(64 * CVY_LANE);
    size_t same = 0;

    for (size_t i = 0; i < 64 * CVY_LANE; i++)
        l.x[i] = 1;
    lane_layer_forward(&l, false);
    memcpy(first, l.y, 64 * CVY_LANE * sizeof *first);
    l.layer.index++;
    lane_layer_forward(&l, false);
    for (size_t i = 0; i < 64 * CVY_LANE; i++)
        same += l.y[i] == first[i];
    /* half of 1024, give or take five standard deviations of 16 */
    cr_expect(gt(sz, same, 432));
    cr_expect(lt(sz, same, 592));
    free(first);
    lane_layer_release(&l);
}
