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

#include "support/layer_cases.h"
#include "support/kernel_sets.h"
#include "support/lane_layer.h"
#include "support/numbers.h"
#include "support/plain_layer.h"
#include "support/slow_build.h"

enum { FILLED = 11 };

Test(layers, every_kind_of_the_list_has_a_case)
{
    for (size_t k = 0; cvy_layer_kinds[k] != NULL; k++) {
        const cvy_layer_kind *kind = (const cvy_layer_kind *)cvy_layer_kinds[k];
        const size_t length = strlen(kind->kind.name);
        /* the input computes nothing; what needs the whole batch: test_batch_normalization.c */
        bool is_tested = kind->forward == NULL || kind->measure != NULL ||
                         kind->plan_merge != NULL || kind->is_augmentation;
        for (size_t i = 0; i < layer_case_count; i++) {
            const char after =
                layer_cases[i].spec[strspn(layer_cases[i].spec, "abcdefghijklmnopqrstuvwxyz_2")];
            is_tested = is_tested || (strncmp(layer_cases[i].spec, kind->kind.name, length) == 0 &&
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
                        "%s: %s by %s, %s, %s", spec, what, compute.kernels->name,
                        compute.gemm->name, cvy_convolution_of(&compute)->name);
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

/* What is drawn at random has no plain twin, and that of wide convolutions would take minutes: finite
 * differences check them here, and their numbers elsewhere. */
static bool has_plain_twin(const layer_case *c)
{
    static const char *const others[] = { "gaussian", "alpha", "spatial", "conv2d:filters=32",
                                          "conv2d_transpose:filters=32" };

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

/* The first set of kernels with every GEMM, the other sets with one; in slow builds the first set alone. */
Test(layers, agree_with_the_plain_implementation)
{
    const cvy_kernels *set;
    const cvy_gemm_backend *gemm;

    for (size_t k = 0; (set = kernel_set(k)) != NULL && (k == 0 || !IS_SLOW); k++)
        for (size_t g = 0; (gemm = gemm_backend(g)) != NULL && (k == 0 || g == 0); g++)
            for (size_t i = 0; i < layer_case_count; i++)
                if ((g == 0 || multiplies(&layer_cases[i])) && has_plain_twin(&layer_cases[i]))
                    compare_with_plain(&layer_cases[i], (cvy_compute){ set, gemm, NULL });
}

Test(layers, convolutions_agree_with_the_plain_implementation)
{
    cvy_compute compute = { kernel_set(0), gemm_backend(0), NULL };

    for (size_t b = 0; (compute.convolution = convolution_backend(b)) != NULL; b++)
        for (size_t i = 0; i < layer_case_count; i++)
            if (strstr(layer_cases[i].spec, "conv2d") != NULL && has_plain_twin(&layer_cases[i]))
                compare_with_plain(&layer_cases[i], compute);
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

    for (size_t i = 0; i < layer_case_count; i++) {
        lane_layer l = create_case(&layer_cases[i], compute);
        lane_layer_forward(&l, false);
        lane_layer_backward(&l, false, true);
        differ_by_x(&l, layer_cases[i].spec);
        for (size_t w = 0; w < l.layer.plan.weight_count; w++)
            differ_by_weights(&l, w, layer_cases[i].spec);
        lane_layer_release(&l);
    }
}

/* A plan may put y over x and dx over dy, and the first layer with weights is asked for no dx: no
 * bit changes. */
Test(layers, buffers_may_be_shared_where_the_plan_says_so)
{
    const cvy_compute compute = chosen_compute();

    for (size_t i = 0; i < layer_case_count; i++) {
        lane_layer l = create_case(&layer_cases[i], compute);
        float *dw = numbers_floats(l.weight_floats);
        lane_layer_forward(&l, false);
        lane_layer_backward(&l, false, true);
        memcpy(dw, l.dw, l.weight_floats * sizeof *dw);
        if (l.layer.plan.weight_count > 0) /* nobody asks others for nothing */
            lane_layer_backward(&l, false, false);
        numbers_expect_same(l.weight_floats, l.dw, dw, "%s: dw without dx", layer_cases[i].spec);
        if (l.layer.plan.can_be_in_place) {
            lane_layer_forward(&l, true);
            lane_layer_backward(&l, true, true);
            numbers_expect_same(l.y_count * CVY_LANE, l.x, l.y, "%s: y over x",
                                layer_cases[i].spec);
            numbers_expect_same(l.x_count * CVY_LANE, l.dy, l.dx, "%s: dx over dy",
                                layer_cases[i].spec);
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

    for (size_t i = 0; i < layer_case_count; i++) {
        lane_layer l = create_case(&layer_cases[i], compute),
                   other = create_case(&layer_cases[i], compute);
        for (size_t j = 0; j < other.x_count * CVY_LANE; j++)
            if (j % CVY_LANE >= FILLED)
                other.x[j] = 3 - other.x[j];
        lane_layer_forward(&l, false);
        lane_layer_backward(&l, false, true);
        lane_layer_forward(&other, false);
        lane_layer_backward(&other, false, true);
        expect_filled_same(l.y_count, l.y, other.y, layer_cases[i].spec, "y");
        expect_filled_same(l.x_count, l.dx, other.dx, layer_cases[i].spec, "dx");
        numbers_expect_same(l.weight_floats, l.dw, other.dw, "%s: dw", layer_cases[i].spec);
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
