/* HDF5 as Keras writes it, and as nobody should. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "formats/hdf5.h"
#include "support/models.h"

static unsigned char *bytes;
static size_t size;

static void begin(void)
{
    cr_assert_eq(cvy_file_read(TESTS_FOLDER "/data/keras/saved/nested.h5", 1 << 20, &bytes, &size),
                 CVY_OK, "%s", cvy_error_message());
}

static void end(void)
{
    cvy_memory_free(bytes);
}

TestSuite(hdf5, .init = begin, .fini = end);

Test(hdf5, arrays_have_paths_and_shapes)
{
    static const char path[] = "model_weights/base/base/conv/kernel";
    float values[18];
    cvy_hdf5 *file;

    cr_assert_eq(cvy_hdf5_parse("f", bytes, size, &file), CVY_OK, "%s", cvy_error_message());
    cr_expect_eq(cvy_hdf5_count(file), 9);
    const cvy_hdf5_array *array = cvy_hdf5_find(file, path);
    cr_assert_not_null(array);
    cr_expect_eq(array->rank, 4);
    cr_expect_eq(array->dims[3], 2);
    cr_expect_eq(array->count, 18);
    cr_assert_eq(cvy_hdf5_read(file, array, values), CVY_OK);
    for (size_t i = 0; i < 18; i++)
        cr_expect(values[i] > -0.31F && values[i] < 0.51F, "%g", (double)values[i]);
    cr_expect_null(cvy_hdf5_find(file, "model_weights/base/conv/nothing"));
    cr_expect_null(cvy_hdf5_array_at(file, 9));
    cvy_hdf5_close(file);
}

Test(hdf5, attributes_are_texts)
{
    char **texts;
    size_t count;
    cvy_hdf5 *file;

    cr_assert_eq(cvy_hdf5_parse("f", bytes, size, &file), CVY_OK);
    cr_assert_eq(cvy_hdf5_attribute(file, "", "model_config", &texts, &count), CVY_OK);
    cr_assert_eq(count, 1);
    cr_expect_eq(strncmp(texts[0], "{\"class_name\"", 13), 0);
    cvy_hdf5_free_texts(texts, count);
    cr_assert_eq(cvy_hdf5_attribute(file, "model_weights", "layer_names", &texts, &count), CVY_OK);
    cr_assert_eq(count, 4);
    cr_expect_str_eq(texts[1], "base");
    cvy_hdf5_free_texts(texts, count);
    cr_assert_eq(cvy_hdf5_attribute(file, "model_weights", "colour", &texts, &count), CVY_OK);
    cr_expect_eq(count, 0);
    cr_assert_eq(cvy_hdf5_attribute(file, "nowhere", "colour", &texts, &count), CVY_OK);
    cr_expect_eq(count, 0);
    cvy_hdf5_close(file);
}

Test(hdf5, other_files_are_refused)
{
    cvy_hdf5 *file;

    expect_refusal("nothing", cvy_hdf5_parse("f", bytes, 0, &file), CVY_ERR_FORMAT,
                   "f: not an HDF5 file");
    expect_refusal("half of it", cvy_hdf5_parse("f", bytes, size / 2, &file), CVY_ERR_FORMAT,
                   "f: ");
    bytes[8] = 9;
    expect_refusal("a version", cvy_hdf5_parse("f", bytes, size, &file), CVY_ERR_UNSUPPORTED,
                   "another form");
    bytes[8] = 0;
    bytes[24] = 1;
    expect_refusal("a base", cvy_hdf5_parse("f", bytes, size, &file), CVY_ERR_UNSUPPORTED,
                   "behind other data");
}

Test(hdf5, a_newer_layout_is_named)
{
    uint64_t root;
    cvy_hdf5 *file;

    memcpy(&root, bytes + 64, sizeof root);
    memcpy(bytes + root, "OHDR", 4);
    expect_refusal("version 2", cvy_hdf5_parse("f", bytes, size, &file), CVY_ERR_UNSUPPORTED,
                   "newer layout|libver");
}

/* A group that contains itself is visited until it is too deep. */
Test(hdf5, circles_end)
{
    uint64_t root;
    cvy_hdf5 *file;
    size_t changed = 0;

    memcpy(&root, bytes + 64, sizeof root);
    for (size_t i = 0; i + 48 <= size; i++)
        if (memcmp(bytes + i, "SNOD", 4) == 0) {
            memcpy(bytes + i + 16, &root, sizeof root);
            changed++;
        }
    cr_assert(changed > 0);
    expect_refusal("itself", cvy_hdf5_parse("f", bytes, size, &file), CVY_ERR_FORMAT,
                   "without end");
}
