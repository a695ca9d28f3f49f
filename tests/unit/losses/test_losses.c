/* Losses and their derivatives on numbers that can be worked out on paper, in every slot of a
 * lane; slots without a sample. Layer goldens hold them against Keras elsewhere. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "losses/loss.h"
#include "support/models.h"

enum { OUTPUTS_MAX = 4 };

/* A lane that a loss is tried on. */
typedef struct {
    _Alignas(64) float z[OUTPUTS_MAX * CVY_LANE], dz[OUTPUTS_MAX * CVY_LANE];
    float loss[CVY_LANE];
    cvy_targets targets;
} lane;

static cvy_loss read_loss(const char *spec)
{
    cvy_loss loss;

    cr_assert_eq(cvy_loss_read(spec, &loss), CVY_OK, "%s", cvy_error_message());
    return loss;
}

/* The same outputs, label and weight in every slot. */
static lane fill(size_t outputs, const float *z, uint16_t label, float weight)
{
    lane l = { 0 };

    for (size_t s = 0; s < CVY_LANE; s++) {
        for (size_t o = 0; o < outputs; o++)
            l.z[o * CVY_LANE + s] = z[o];
        l.targets.label[s] = label;
        l.targets.weight[s] = weight;
    }
    return l;
}

static void run(const char *spec, size_t outputs, lane *l)
{
    const cvy_kernels *kernels;
    cvy_loss loss = read_loss(spec);

    cr_assert_eq(cvy_kernels_choose(&kernels), CVY_OK);
    loss.kind->forward(loss.settings, kernels, outputs, l->z, &l->targets, l->loss);
    loss.kind->backward(loss.settings, kernels, outputs, l->z, &l->targets, l->dz);
    cvy_loss_release(&loss);
}

static void expect(const char *name, size_t outputs, const float *z, uint16_t label, float weight,
                   double wanted, const double *derivative)
{
    lane l = fill(outputs, z, label, weight);

    run(name, outputs, &l);
    for (size_t s = 0; s < CVY_LANE; s++) {
        cr_expect_float_eq((double)l.loss[s], wanted, 1e-6 * fmax(1, wanted),
                           "%s, slot %zu: %.9g, expected %.9g", name, s, (double)l.loss[s], wanted);
        for (size_t o = 0; o < outputs; o++) {
            const double found = (double)l.dz[o * CVY_LANE + s];
            cr_expect_float_eq(found, derivative[o], 1e-6, "%s, slot %zu, d%zu: %.9g not %.9g",
                               name, s, o, found, derivative[o]);
        }
    }
}

static void expect_from_logits(const char *name, bool wanted)
{
    cvy_loss loss = read_loss(name);

    cr_expect_eq(loss.kind->link == CVY_LINK_SOFTMAX, wanted, "%s", name);
    cvy_loss_release(&loss);
}

Test(losses, cross_entropy)
{
    const char *name = "sparse_categorical_crossentropy";
    expect_from_logits(name, true);
    /* softmax of log 1, log 2, log 5 is 1/8, 2/8, 5/8 */
    const float z[] = { 0, logf(2), logf(5) };
    expect(name, 3, z, 0, 1, log(8), (double[]){ 1. / 8 - 1, 2. / 8, 5. / 8 });
    expect(name, 3, z, 1, 1, log(4), (double[]){ 1. / 8, 2. / 8 - 1, 5. / 8 });
    expect(name, 3, z, 2, 0.25f, log(1.6), (double[]){ 1. / 32, 2. / 32, (5. / 8 - 1) / 4 });
    expect(name, 4, (float[]){ 3, 3, 3, 3 }, 2, 1, log(4), (double[]){ .25, .25, -.75, .25 });
}

Test(losses, cross_entropy_of_large_outputs_stays_finite)
{
    const char *name = "sparse_categorical_crossentropy";
    expect(name, 3, (float[]){ 1000, 0, -1000 }, 0, 1, 0, (double[]){ 0, 0, 0 });
    expect(name, 3, (float[]){ 1000, 0, -1000 }, 1, 1, 1000, (double[]){ 1, -1, 0 });
    expect(name, 3, (float[]){ 1000, 0, -1000 }, 2, 1, 2000, (double[]){ 1, 0, -1 });
    expect(name, 2, (float[]){ -1e30f, 1e30f }, 1, 1, 0, (double[]){ 0, 0 });
}

/* 0.75 of the target for the label, 0.25 shared by all: 0.8125 of four classes, 0.0625 for each
 * other. */
Test(losses, smoothed_labels)
{
    const char *name = "sparse_categorical_crossentropy:label_smoothing=0.25";
    expect(name, 4, (float[]){ 3, 3, 3, 3 }, 2, 1, log(4),
           (double[]){ 0.1875, 0.1875, 0.25 - 0.8125, 0.1875 });
    /* softmax of log 1, log 2, log 5: the logs of 8, 4 and 1.6 by 1/12, 10/12 and 1/12 */
    const float z[] = { 0, logf(2), logf(5) };
    expect(name, 3, z, 1, 0.5f, (log(8) + 10 * log(4) + log(1.6)) / 12,
           (double[]){ (1. / 8 - 1. / 12) / 2, (2. / 8 - 10. / 12) / 2, (5. / 8 - 1. / 12) / 2 });
    /* smoothed all the way, no class is the true one */
    expect("sparse_categorical_crossentropy:label_smoothing=1", 2, (float[]){ 0, logf(3) }, 0, 1,
           (log(4) + log(4. / 3)) / 2, (double[]){ -0.25, 0.25 });
    expect(name, 2, (float[]){ 1000, 0 }, 0, 1, 125, (double[]){ 0.125, -0.125 });
}

Test(losses, are_read_as_specs)
{
    cvy_loss loss;

    cr_assert_eq(cvy_loss_read(NULL, &loss), CVY_OK);
    cr_expect_str_eq(loss.kind->kind.name, "sparse_categorical_crossentropy");
    cvy_loss_release(&loss);
    expect_refusal("above 1",
                   cvy_loss_read("sparse_categorical_crossentropy:label_smoothing=1.1", &loss),
                   CVY_ERR_SETTING, "label_smoothing|1.1|[0, 1]");
    expect_refusal("below 0",
                   cvy_loss_read("sparse_categorical_crossentropy:label_smoothing=-0.1", &loss),
                   CVY_ERR_SETTING, "label_smoothing|-0.1|[0, 1]");
    expect_refusal("not of this loss",
                   cvy_loss_read("mean_squared_error:label_smoothing=0.1", &loss), CVY_ERR_SETTING,
                   "mean_squared_error|label_smoothing");
    expect_refusal("unknown", cvy_loss_read("squared_error", &loss), CVY_ERR_SETTING,
                   "\"squared_error\"|mean_squared_error");
    cr_expect_null(loss.settings);
}

Test(losses, squared_error)
{
    const char *name = "mean_squared_error";
    expect_from_logits(name, false);
    /* against 0, 1, 0: errors 0.5, -0.25, 2 */
    expect(name, 3, (float[]){ 0.5f, 0.75f, 2 }, 1, 1, (0.25 + 0.0625 + 4) / 3,
           (double[]){ 1. / 3, -0.5 / 3, 4. / 3 });
    expect(name, 3, (float[]){ 0.5f, 0.75f, 2 }, 1, 0.5f, (0.25 + 0.0625 + 4) / 3,
           (double[]){ 0.5 / 3, -0.25 / 3, 2. / 3 });
    expect(name, 3, (float[]){ 0, 1, 0 }, 1, 1, 0, (double[]){ 0, 0, 0 });
    /* a single output is held against the label's value */
    expect(name, 1, (float[]){ 325 }, 300, 1, 625, (double[]){ 50 });
    expect(name, 1, (float[]){ -2 }, 0, 1, 4, (double[]){ -4 });
}

Test(losses, absolute_error)
{
    const char *name = "mean_absolute_error";
    expect_from_logits(name, false);
    expect(name, 3, (float[]){ 0.5f, 0.75f, 2 }, 1, 1, 2.75 / 3,
           (double[]){ 1. / 3, -1. / 3, 1. / 3 });
    expect(name, 1, (float[]){ 110 }, 100, 1, 10, (double[]){ 1 });
    expect(name, 1, (float[]){ 220 }, 250, 0.2f, 30, (double[]){ -0.2 });
}

Test(losses, the_derivative_of_no_absolute_error_is_0)
{
    const char *name = "mean_absolute_error";
    expect(name, 3, (float[]){ 0, 1, 0 }, 1, 1, 0, (double[]){ 0, 0, 0 });
    expect(name, 3, (float[]){ -0.0f, 1, 0.5f }, 1, 1, 0.5 / 3, (double[]){ 0, 0, 1. / 3 });
    expect(name, 1, (float[]){ 7 }, 7, 1, 0, (double[]){ 0 });
}

/* Each slot with outputs and label of its own, the last ones empty as at the end of a data set. */
static lane half_filled(size_t outputs, size_t filled)
{
    lane l = { 0 };

    for (size_t s = 0; s < CVY_LANE; s++) {
        for (size_t o = 0; o < outputs; o++)
            l.z[o * CVY_LANE + s] = (float)((5 * s + 3 * o) % 7) - 2.5f;
        l.targets.label[s] = s < filled ? (uint16_t)(s % outputs) : 0;
        l.targets.weight[s] = s < filled ? 1.0f / (float)filled : 0;
    }
    return l;
}

Test(losses, empty_slots_add_nothing)
{
    for (size_t k = 0; cvy_loss_kinds[k] != NULL; k++)
        for (size_t filled = 0; filled <= CVY_LANE; filled++) {
            lane l = half_filled(OUTPUTS_MAX, filled);
            run(cvy_loss_kinds[k]->name, OUTPUTS_MAX, &l);
            for (size_t i = 0; i < OUTPUTS_MAX * CVY_LANE; i++)
                cr_assert(i % CVY_LANE < filled || l.dz[i] == 0, "%s: %zu filled, slot %zu: %g",
                          cvy_loss_kinds[k]->name, filled, i % CVY_LANE, (double)l.dz[i]);
        }
}

/* A loss of probabilities may be NaN for these outputs. */
static bool is_same(float a, float b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* What a slot comes to depends on nothing beside it. */
Test(losses, slots_do_not_see_each_other)
{
    for (size_t k = 0; cvy_loss_kinds[k] != NULL; k++) {
        const char *loss = cvy_loss_kinds[k]->name;
        lane all = half_filled(OUTPUTS_MAX, CVY_LANE), one;
        run(loss, OUTPUTS_MAX, &all);
        for (size_t s = 0; s < CVY_LANE; s++) {
            float z[OUTPUTS_MAX];
            for (size_t o = 0; o < OUTPUTS_MAX; o++)
                z[o] = all.z[o * CVY_LANE + s];
            one = fill(OUTPUTS_MAX, z, all.targets.label[s], all.targets.weight[s]);
            run(loss, OUTPUTS_MAX, &one);
            cr_expect(is_same(one.loss[s], all.loss[s]));
            for (size_t o = 0; o < OUTPUTS_MAX; o++)
                cr_expect(is_same(one.dz[o * CVY_LANE + s], all.dz[o * CVY_LANE + s]));
        }
    }
}

/* Those of any numbers, and without a kink; the others: tests/gradients/test_losses.c. */
static bool is_smooth(const cvy_loss_kind *kind)
{
    const char *name = kind->kind.name;
    return kind->link == CVY_LINK_SOFTMAX || strcmp(name, "mean_squared_error") == 0 ||
           strcmp(name, "mean_absolute_error") == 0 || strcmp(name, "log_cosh") == 0 ||
           strcmp(name, "binary_crossentropy") == 0;
}

/* Every derivative against (loss(z + h) - loss(z - h)) / 2h. */
Test(losses, derivatives_are_the_slopes)
{
    const float h = 1.0f / 64;

    for (size_t k = 0; cvy_loss_kinds[k] != NULL; k++)
        for (size_t o = 0; o < OUTPUTS_MAX; o++) {
            const char *loss = cvy_loss_kinds[k]->name;
            if (!is_smooth((const cvy_loss_kind *)cvy_loss_kinds[k]))
                continue;
            lane here = half_filled(OUTPUTS_MAX, CVY_LANE), up = here, down = here;
            for (size_t s = 0; s < CVY_LANE; s++) {
                up.z[o * CVY_LANE + s] += h;
                down.z[o * CVY_LANE + s] -= h;
            }
            run(loss, OUTPUTS_MAX, &here);
            run(loss, OUTPUTS_MAX, &up);
            run(loss, OUTPUTS_MAX, &down);
            for (size_t s = 0; s < CVY_LANE; s++)
                cr_expect_float_eq((double)(here.dz[o * CVY_LANE + s] * CVY_LANE),
                                   (double)((up.loss[s] - down.loss[s]) / (2 * h)), 1e-4,
                                   "%s, output %zu, slot %zu", cvy_loss_kinds[k]->name, o, s);
        }
}
