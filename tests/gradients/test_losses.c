/* Every loss of the list against the plain implementation and against central differences, with
 * one output and with several, in a partly filled lane. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <string.h>

#include "losses/crossentropy.h"
#include "support/kernel_sets.h"
#include "support/numbers.h"
#include "support/plain.h"

enum { OUTPUTS_MAX = 10, FILLED = 11 };
static const size_t output_counts[] = { 1, 2, 3, OUTPUTS_MAX };

typedef struct {
    float z[OUTPUTS_MAX * CVY_LANE] __attribute__((aligned(64)));
    cvy_targets targets;
} lane;

/* Outputs from -2.5 to 2.5, none nearer than 0.02 to a target, where an absolute error has its
 * kink. */
static void fill_lane(lane *l, size_t outputs)
{
    memset(l, 0, sizeof *l);
    numbers_fill_whole(4, 124, outputs * CVY_LANE, l->z);
    for (size_t i = 0; i < outputs * CVY_LANE; i++)
        l->z[i] = (l->z[i] + 0.5f) * 0.02f * (1 + 0x1p-7f);
    for (size_t s = 0; s < FILLED; s++) {
        l->targets.label[s] = (uint16_t)(outputs == 1 ? s % 10 : s % outputs);
        l->targets.weight[s] = 1.0f / FILLED;
    }
}

/* The loss of one sample, and its derivative by its outputs. */
static double run_plain(const cvy_loss *loss, const lane *l, size_t outputs, size_t sample,
                        double slopes[])
{
    const char *name = loss->kind->kind.name;
    double z[OUTPUTS_MAX], target[OUTPUTS_MAX];

    for (size_t o = 0; o < outputs; o++) {
        z[o] = l->z[o * CVY_LANE + sample];
        target[o] = outputs == 1 ? l->targets.label[sample] : l->targets.label[sample] == o;
    }
    if (strcmp(name, "mean_squared_error") == 0)
        return plain_squared_error(outputs, z, target, slopes);
    if (strcmp(name, "mean_absolute_error") == 0)
        return plain_absolute_error(outputs, z, target, slopes);
    const cvy_crossentropy_settings *s = loss->settings;
    return plain_smoothed_cross_entropy(outputs, z, l->targets.label[sample], s->label_smoothing,
                                        slopes);
}

/* The others are held against Keras: tests/golden/test_functions_against_keras.c. */
static bool has_plain_twin(const cvy_loss *loss)
{
    const char *name = loss->kind->kind.name;
    return strcmp(name, "mean_squared_error") == 0 || strcmp(name, "mean_absolute_error") == 0 ||
           loss->kind->forward == cvy_crossentropy_forward;
}

/* Where outputs are probabilities they are moved to 0.02 to 0.98. */
static bool takes_probabilities(const cvy_loss *loss)
{
    static const char *const names[] = { "kl_divergence", "poisson",
                                         "categorical_generalized_cross_entropy" };
    const char *name = loss->kind->kind.name;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return loss->kind->link != CVY_LINK_NONE && cvy_loss_link(loss) == CVY_LINK_NONE;
}

static void compare_with_plain(const cvy_loss *loss, const cvy_kernels *kernels, size_t outputs)
{
    lane l;
    float found[CVY_LANE], dz[OUTPUTS_MAX * CVY_LANE] __attribute__((aligned(64)));
    double expected[CVY_LANE], expected_dz[OUTPUTS_MAX * CVY_LANE];

    fill_lane(&l, outputs);
    for (size_t s = 0; s < CVY_LANE; s++) {
        double slopes[OUTPUTS_MAX];
        expected[s] = run_plain(loss, &l, outputs, s, slopes);
        for (size_t o = 0; o < outputs; o++)
            expected_dz[o * CVY_LANE + s] = (double)l.targets.weight[s] * slopes[o];
    }
    loss->kind->forward(loss->settings, kernels, outputs, l.z, &l.targets, found);
    loss->kind->backward(loss->settings, kernels, outputs, l.z, &l.targets, dz);
    numbers_expect_near(CVY_LANE, found, expected, 2e-6, 2e-6, "%s by %s, %zu outputs",
                        loss->kind->kind.name, kernels->name, outputs);
    numbers_expect_near(outputs * CVY_LANE, dz, expected_dz, 2e-6, 2e-7,
                        "%s by %s, %zu outputs: dz", loss->kind->kind.name, kernels->name, outputs);
}

static void compare_with_differences(const cvy_loss *loss, const cvy_kernels *kernels,
                                     size_t outputs)
{
    const bool is_probability = takes_probabilities(loss);
    const float h = is_probability
                        ? 0.001f
                        : 0.008f; /* the error is h^2 / 6 times a third derivative below 1 */
    lane l;
    float below[CVY_LANE], above[CVY_LANE], dz[OUTPUTS_MAX * CVY_LANE] __attribute__((aligned(64)));

    fill_lane(&l, outputs);
    for (size_t i = 0; is_probability && i < outputs * CVY_LANE; i++)
        l.z[i] = 0.5f + 0.19f * l.z[i];
    loss->kind->backward(loss->settings, kernels, outputs, l.z, &l.targets, dz);
    for (size_t o = 0; o < outputs; o++) {
        float *z = l.z + o * CVY_LANE, before[CVY_LANE];
        double slopes[CVY_LANE], width[CVY_LANE];
        memcpy(before, z, sizeof before);
        for (size_t s = 0; s < CVY_LANE; s++)
            z[s] = before[s] - h;
        loss->kind->forward(loss->settings, kernels, outputs, l.z, &l.targets, below);
        for (size_t s = 0; s < CVY_LANE; s++) {
            width[s] = (double)(before[s] + h) - (double)z[s];
            z[s] = before[s] + h;
        }
        loss->kind->forward(loss->settings, kernels, outputs, l.z, &l.targets, above);
        memcpy(z, before, sizeof before);
        for (size_t s = 0; s < CVY_LANE; s++)
            slopes[s] =
                (double)l.targets.weight[s] * ((double)above[s] - (double)below[s]) / width[s];
        /* a loss near 100 is rounded to 8e-6, the difference divided by 0.016, weighted by 1/11 */
        double largest = 0;
        for (size_t s = 0; s < FILLED; s++)
            largest = fmax(largest, fabs((double)above[s]));
        numbers_expect_near(CVY_LANE, dz + o * CVY_LANE, slopes, is_probability ? 2e-3 : 1e-3,
                            1e-4 + 1.2e-7 * largest / (double)h, "%s, %zu outputs: dz %zu",
                            loss->kind->kind.name, outputs, o);
    }
}

static void compare(const char *spec)
{
    const cvy_kernels *set;
    cvy_loss loss;

    cr_assert(eq(int, cvy_loss_read(spec, &loss), CVY_OK), "%s", cvy_error_message());
    for (size_t j = 0; j < sizeof output_counts / sizeof *output_counts; j++)
        for (size_t k = 0; (set = kernel_set(k)) != NULL; k++) {
            if (loss.kind->link == CVY_LINK_SOFTMAX && output_counts[j] == 1)
                continue; /* refused: one output is no class */
            if (has_plain_twin(&loss) && cvy_loss_link(&loss) == loss.kind->link)
                compare_with_plain(&loss, set, output_counts[j]);
            compare_with_differences(&loss, set, output_counts[j]);
        }
    cvy_loss_release(&loss);
}

Test(losses, agree_with_the_plain_implementation_and_with_differences)
{
    for (size_t i = 0; cvy_loss_kinds[i] != NULL; i++)
        compare(cvy_loss_kinds[i]->name);
}

Test(losses, probabilities_do_as_well)
{
    compare("categorical_crossentropy:from_logits=false");
    compare("categorical_crossentropy:from_logits=false,label_smoothing=0.2");
    compare("binary_crossentropy:from_logits=false");
    compare("categorical_focal_crossentropy:from_logits=false,gamma=1.5");
    compare("binary_focal_crossentropy:from_logits=false,apply_class_balancing=true");
}

Test(losses, smoothed_labels_do_as_well)
{
    compare("sparse_categorical_crossentropy:label_smoothing=0.1");
    compare("sparse_categorical_crossentropy:label_smoothing=0.7");
    compare("sparse_categorical_crossentropy:label_smoothing=1");
}
