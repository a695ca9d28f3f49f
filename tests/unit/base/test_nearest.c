/* Which name a misspelt one most likely means. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include "base/settings.h"

static const char *const names[] = { "learning-rate", "batch-size", "epochs", "seed", "threads" };
enum { NAME_COUNT = sizeof names / sizeof *names };

static void expect_nearest(const char *typed, const char *expected)
{
    const char *found = cvy_nearest_name(typed, names, NAME_COUNT);

    if (expected == NULL || found == NULL)
        cr_expect(eq(ptr, (void *)found, (void *)expected), "%s", typed);
    else
        cr_expect(eq(str, (char *)found, (char *)expected), "%s", typed);
}

Test(nearest, one_slip_of_each_sort)
{
    expect_nearest("epoch", "epochs");   /* left out */
    expect_nearest("epochss", "epochs"); /* too many */
    expect_nearest("epaats", NULL);      /* three of six */
    expect_nearest("epokhs", "epochs");  /* another */
    expect_nearest("epohcs", "epochs");  /* swapped: one slip, not two */
    expect_nearest("Epochs", "epochs");  /* case is no slip */
    expect_nearest("SEDE", "seed");      /* swapped, in capitals */
    expect_nearest("batchsize", "batch-size");
}

Test(nearest, a_third_of_the_longer_name_is_the_limit)
{
    expect_nearest("eochsx", "epochs"); /* 2 of 6 */
    expect_nearest("eocsxx", NULL);     /* more */
    expect_nearest("se", NULL);         /* 2 of 4 */
    expect_nearest("see", "seed");      /* 1 of 4 */
    expect_nearest("", NULL);
    expect_nearest("learning", NULL);               /* 5 of 13 */
    expect_nearest("learningrat", "learning-rate"); /* 2 of 13 */
}

Test(nearest, of_equally_near_names_the_first)
{
    static const char *const alike[] = { "relu6", "relu7", "relu" };

    cr_expect(eq(str, (char *)cvy_nearest_name("relu8", alike, 2), "relu6"));
    cr_expect(eq(str, (char *)cvy_nearest_name("relu", alike, 3), "relu"));
    cr_expect(eq(ptr, (void *)cvy_nearest_name("relu", alike, 0), NULL));
}

/* Sixty-four bytes are compared; longer names are near nothing, and do no harm. */
Test(nearest, long_names)
{
    char longest[66], typed[66];
    const char *const list[] = { longest };

    memset(longest, 'a', 64);
    longest[64] = '\0';
    strcpy(typed, longest);
    typed[63] = 'b';
    cr_expect(eq(ptr, (void *)cvy_nearest_name(typed, list, 1), longest));
    strcpy(longest + 64, "a");
    cr_expect(eq(ptr, (void *)cvy_nearest_name(typed, list, 1), NULL));
    cr_expect(eq(ptr, (void *)cvy_nearest_name(longest, list, 1), NULL));
}

Test(nearest, names_of_commands_and_options)
{
    static const char *const words[] = { "train", "evaluate", "predict", "batch-size", "epochs" };
    static const char *const cases[][2] = {
        { "trian", "train" },           { "tran", "train" },
        { "TRAIN", "train" },           { "evalaute", "evaluate" },
        { "batch_size", "batch-size" }, { "predicts", "predict" },
        { "epoch", "epochs" },          { "eopchs", "epochs" },
    };
    char long_name[300];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *found = cvy_nearest_name(cases[i][0], words, 5);
        cr_assert(ne(ptr, (void *)found, NULL), "%s", cases[i][0]);
        cr_expect(eq(str, (char *)found, (char *)cases[i][1]));
    }
    memset(long_name, 't', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    cr_expect(eq(ptr, (void *)cvy_nearest_name("xyz", words, 5), NULL));
    cr_expect(eq(ptr, (void *)cvy_nearest_name("", words, 5), NULL));
    cr_expect(eq(ptr, (void *)cvy_nearest_name(long_name, words, 5), NULL));
    cr_expect(eq(ptr, (void *)cvy_nearest_name("train", words, 0), NULL));
}
