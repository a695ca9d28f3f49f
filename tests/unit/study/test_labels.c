/* Names of configurations: what they have in common is left out of long ones. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>

#include "study/labels.h"

static cvy_crossed items[4];
static cvy_crossed_list list = { items, 0 };
static char common[CVY_COMMON_BYTES];

static void shorten(size_t count, const char *const *labels)
{
    list.count = count;
    for (size_t i = 0; i < count; i++)
        snprintf(items[i].label, sizeof items[i].label, "%s", labels[i]);
    cr_assert_eq(cvy_labels_shorten(&list, common), CVY_OK);
}

Test(labels, settings_that_differ_stay)
{
    const char *const labels[] = {
        "sgd, exponential_decay initial_learning_rate=0.1 decay_steps=18 decay_rate=0.5",
        "adam beta_1=0.9 epsilon=1e-8, exponential_decay initial_learning_rate=0.1 decay_steps=18 "
        "decay_rate=0.5",
        "adam beta_1=0.8 epsilon=1e-8, exponential_decay initial_learning_rate=0.1 decay_steps=9 "
        "decay_rate=0.5",
    };

    shorten(3, labels);
    cr_expect_str_eq(items[0].label, "sgd, exponential_decay decay_steps=18");
    cr_expect_str_eq(items[1].label, "adam beta_1=0.9, exponential_decay decay_steps=18");
    cr_expect_str_eq(items[2].label, "adam beta_1=0.8, exponential_decay decay_steps=9");
    cr_expect_str_eq(
        common, "exponential_decay initial_learning_rate=0.1; exponential_decay decay_rate=0.5; "
                "adam epsilon=1e-8");
}

/* The momentum of the only SGD is what makes it another optimizer. */
Test(labels, the_only_one_of_its_kind_keeps_its_settings)
{
    const char *const labels[] = { "sgd momentum=0.9 nesterov=true weight_decay=0.0001", "adam" };

    shorten(2, labels);
    cr_expect_str_eq(items[0].label, labels[0]);
    cr_expect_str_eq(items[1].label, "adam");
    cr_expect_str_eq(common, "");
}

Test(labels, short_names_are_left_alone)
{
    const char *const labels[] = { "adam epsilon=1e-8, 0.1", "adam epsilon=1e-8, 0.01" };

    shorten(2, labels);
    cr_expect_str_eq(items[0].label, labels[0]);
    cr_expect_str_eq(items[1].label, labels[1]);
}

/* A setting that one of a kind lacks tells it apart from the others. */
Test(labels, a_setting_that_one_lacks_stays)
{
    const char *const labels[] = { "adam epsilon=1e-8, cosine_decay initial_learning_rate=0.1",
                                   "adam, cosine_decay initial_learning_rate=0.1" };

    shorten(2, labels);
    cr_expect_str_eq(items[0].label, "adam epsilon=1e-8, cosine_decay");
    cr_expect_str_eq(items[1].label, "adam, cosine_decay");
}
