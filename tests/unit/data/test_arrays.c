/* Data sets of arrays in memory: who owns the pixels, what is refused. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <string.h>

#include "convoy/dataset.h"

static unsigned char bytes[4 * 6] = { 0, 255, 7, 9 };
static float floats[2 * 6];
static uint16_t labels[] = { 2, 0, 1, 1 };

static cvy_arrays some_arrays(void)
{
    cvy_arrays arrays;

    cvy_arrays_init(&arrays);
    arrays.height = 2;
    arrays.width = 3;
    arrays.train = (cvy_array_part){ .count = 4, .bytes = bytes, .labels = labels };
    return arrays;
}

static cvy_dataset *make(const cvy_arrays *arrays)
{
    cvy_dataset *set = NULL;

    cr_assert(eq(int, cvy_dataset_from_arrays(arrays, &set), CVY_OK), "%s", cvy_error_message());
    return set;
}

static void expect_refused(const cvy_arrays *arrays, cvy_status expected, const char *word)
{
    cvy_dataset *set = NULL;

    cr_expect(eq(int, cvy_dataset_from_arrays(arrays, &set), expected));
    cr_expect(ne(ptr, strstr(cvy_error_message(), word), NULL), "%s", cvy_error_message());
    cr_expect(eq(ptr, set, NULL));
}

Test(arrays, bytes_are_copied_or_borrowed)
{
    cvy_arrays arrays = some_arrays();
    cvy_dataset *copied = make(&arrays);

    arrays.is_borrowed = true;
    cvy_dataset *borrowed = make(&arrays);
    cr_expect(ne(ptr, (void *)cvy_dataset_image(copied, CVY_SPLIT_TRAIN, 0), bytes));
    cr_expect(eq(ptr, (void *)cvy_dataset_image(borrowed, CVY_SPLIT_TRAIN, 0), bytes));
    cr_expect(eq(int, memcmp(cvy_dataset_image(copied, CVY_SPLIT_TRAIN, 0), bytes, 24), 0));
    cvy_dataset_info info = cvy_dataset_describe(copied);
    cr_expect(eq(sz, info.class_count, 3));
    cr_expect(eq(sz, info.test_count, 0));
    cr_expect(eq(str, (char *)info.name, (char *)"arrays"));
    cr_expect(eq(sz, cvy_dataset_label(borrowed, CVY_SPLIT_TRAIN, 3), 1));
    cvy_dataset_close(copied);
    cvy_dataset_close(borrowed);
}

Test(arrays, floats_become_bytes)
{
    cvy_arrays arrays = some_arrays();

    for (size_t i = 0; i < 12; i++)
        floats[i] = (float)i / 11 * 2 - 1;
    arrays.validation = (cvy_array_part){ .count = 2, .floats = floats, .labels = labels };
    arrays.low = -1;
    cvy_dataset *set = make(&arrays);
    cr_expect(eq(sz, cvy_dataset_count(set, CVY_SPLIT_VALIDATION), 2));
    for (size_t i = 0; i < 12; i++)
        cr_expect(eq(int, cvy_dataset_image(set, CVY_SPLIT_VALIDATION, 0)[i],
                     (int)lround((double)i / 11 * 255)));
    cvy_dataset_close(set);
    floats[7] = NAN;
    expect_refused(&arrays, CVY_ERR_DATA, "validation image 1: found the pixel");
    floats[7] = 1.01F;
    expect_refused(&arrays, CVY_ERR_DATA, "expected one in [-1, 1]");
}

Test(arrays, classes_have_names)
{
    static const char *const names[] = { "cat", "dog", "owl", "bee" };
    cvy_arrays arrays = some_arrays();

    arrays.class_count = 4;
    arrays.class_names = names;
    cvy_dataset *set = make(&arrays);
    cr_expect(eq(sz, cvy_dataset_describe(set).class_count, 4));
    cr_expect(eq(str, (char *)cvy_dataset_class_name(set, 2), (char *)"owl"));
    cvy_dataset_close(set);
    arrays.class_count = 2;
    expect_refused(&arrays, CVY_ERR_DATA, "training image 0 has the label 2, expected one below 2");
}

Test(arrays, wrong_ones_are_refused)
{
    cvy_arrays arrays = some_arrays();

    arrays.train.floats = floats;
    expect_refused(&arrays, CVY_ERR_SETTING, "found both");
    arrays.train.floats = NULL;
    arrays.train.bytes = NULL;
    expect_refused(&arrays, CVY_ERR_SETTING, "found neither");
    arrays = some_arrays();
    arrays.train.labels = NULL;
    expect_refused(&arrays, CVY_ERR_SETTING, "labels is NULL");
    arrays = some_arrays();
    arrays.train.count = 0;
    expect_refused(&arrays, CVY_ERR_SETTING, "no images in any part");
    arrays = some_arrays();
    arrays.width = 257;
    expect_refused(&arrays, CVY_ERR_SETTING, "2 x 257");
    arrays = some_arrays();
    arrays.channels = 2;
    expect_refused(&arrays, CVY_ERR_SETTING, "2 channels");
    arrays = some_arrays();
    arrays.train.count = SIZE_MAX / 2;
    expect_refused(&arrays, CVY_ERR_SETTING, "an impossible number");
    arrays = some_arrays();
    arrays.low = 1;
    expect_refused(&arrays, CVY_ERR_SETTING, "low < high");
}

/* A program built against another header has parts of another size: here longer by one member. */
Test(arrays, parts_of_a_later_header_are_understood)
{
    typedef struct {
        cvy_array_part known;
        const void *later;
    } later_part;
    struct {
        unsigned char head[offsetof(cvy_arrays, train)];
        later_part train, validation, test;
    } later;
    cvy_arrays *arrays = (cvy_arrays *)&later;

    cvy_arrays_init_parts(arrays, sizeof later, sizeof(later_part));
    arrays->height = 2;
    arrays->width = 3;
    later.train = (later_part){ { .count = 4, .bytes = bytes, .labels = labels }, bytes };
    later.validation = (later_part){ { .count = 2, .bytes = bytes, .labels = labels }, bytes };
    later.test = (later_part){ { .count = 1, .bytes = bytes + 6, .labels = labels + 1 }, bytes };
    cvy_dataset *set = make(arrays);
    cr_expect(eq(sz, cvy_dataset_count(set, CVY_SPLIT_VALIDATION), 2));
    cr_expect(eq(sz, cvy_dataset_count(set, CVY_SPLIT_TEST), 1));
    cr_expect(eq(sz, cvy_dataset_label(set, CVY_SPLIT_TEST, 0), 0));
    cr_expect(eq(int, memcmp(cvy_dataset_image(set, CVY_SPLIT_TEST, 0), bytes + 6, 6), 0));
    cvy_dataset_close(set);
}

Test(arrays, null_and_structs_that_are_not_set_up_are_refused)
{
    cvy_arrays arrays = some_arrays();

    expect_refused(NULL, CVY_ERR_SETTING, "found NULL");
    cr_expect(eq(int, cvy_dataset_from_arrays(&arrays, NULL), CVY_ERR_SETTING));
    arrays.part_bytes = 1;
    expect_refused(&arrays, CVY_ERR_SETTING, "cvy_arrays_init()");
    arrays = some_arrays();
    arrays.name = NULL;
    expect_refused(&arrays, CVY_ERR_SETTING, "name is NULL");
    memset(&arrays, 0, sizeof arrays);
    expect_refused(&arrays, CVY_ERR_SETTING, "cvy_arrays_init()");
}

/* A program built against a later header may ask for more than is known, one built against an older header
 * for less: nothing beyond its struct is written. */
Test(arrays, info_is_written_as_far_as_the_caller_knows_it)
{
    cvy_arrays arrays = some_arrays();
    cvy_dataset *set = make(&arrays);
    struct {
        cvy_dataset_info info;
        size_t later;
    } room;

    memset(&room, 0xff, sizeof room);
    cvy_dataset_describe_sized(set, &room.info, sizeof room);
    cr_expect(eq(sz, room.info.train_count, 4));
    cr_expect(eq(sz, room.later, 0));
    memset(&room, 0xff, sizeof room);
    cvy_dataset_describe_sized(set, &room.info, offsetof(cvy_dataset_info, test_count));
    cr_expect(eq(sz, room.info.train_count, 4));
    cr_expect(eq(sz, room.info.test_count, SIZE_MAX));
    cr_expect(eq(sz, cvy_dataset_describe(NULL).train_count, 0));
    cvy_dataset_close(set);
}

/* A program built against an older header has a shorter struct: nothing past it is read. */
Test(arrays, a_shorter_struct_is_understood)
{
    cvy_arrays arrays = some_arrays();

    arrays.test = (cvy_array_part){ .count = 77 }; /* what happens to lie past its end */
    arrays.struct_bytes = offsetof(cvy_arrays, test);
    cvy_dataset *set = make(&arrays);
    cr_expect(eq(sz, cvy_dataset_count(set, CVY_SPLIT_TEST), 0));
    cvy_dataset_close(set);
}
