/* Files of other programs: what their first bytes say. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "formats/foreign.h"
#include "base/output.h"
#include "support/models.h"

TestSuite(foreign, .init = scratch_open, .fini = scratch_close);

/* What a file of these bytes is called; "" for nothing known. */
static const char *name_of(const void *bytes, size_t size)
{
    const char *path = scratch_path("file");

    cr_assert_eq(cvy_file_write(path, bytes, size), CVY_OK);
    const cvy_foreign *foreign = cvy_foreign_recognise(path);
    return foreign != NULL ? foreign->name : "";
}

/* The name of a ZIP archive's first entry. */
static const char *zip_of(const char *entry)
{
    unsigned char bytes[256] = "PK\3\4";

    bytes[26] = (unsigned char)strlen(entry);
    memcpy(bytes + 30, entry, strlen(entry));
    return name_of(bytes, sizeof bytes);
}

Test(foreign, archives_are_told_apart_by_their_first_entry)
{
    cr_expect_str_eq(zip_of("metadata.json"), "a .keras file");
    cr_expect_str_eq(zip_of("config.json"), "a .keras file");
    cr_expect_str_eq(zip_of("archive/data.pkl"), "a PyTorch file");
    cr_expect_str_eq(zip_of("weights.npy"), "a NumPy archive (.npz)");
    cr_expect_str_eq(zip_of("README"), "a ZIP archive");
    cr_expect_str_eq(zip_of(""), "a ZIP archive");
}

/* The length of an entry's name is what the file says: nothing is read beyond the bytes there are. */
Test(foreign, an_archive_that_lies_is_only_an_archive)
{
    unsigned char bytes[30] = "PK\3\4";

    bytes[26] = bytes[27] = 0xff;
    cr_expect_str_eq(name_of(bytes, sizeof bytes), "a ZIP archive");
    cr_expect_str_eq(name_of(bytes, 4), "a ZIP archive");
}

Test(foreign, signatures)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *words;
    } cases[] = {
        { "\x89HDF\r\n\x1a\n", 8, "HDF5" },
        { "\x08\x07\x12\x07pytorch\x1a\x05"
          "2.0.1",
          18, "ONNX" },
        { "\x80\x02}q", 4, "pickle" },
        { "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15, "PyTorch" },
        { "\x1c\0\0\0TFL3", 8, "TensorFlow Lite" },
        { "\x93NUMPY\1\0", 8, "NumPy array" },
        { "GGUF\3\0\0\0", 8, "GGUF" },
        { "\x1f\x8b\x08", 3, "gzip" },
        { "\0\0\x08\3\0\0\0\1", 8, "IDX" },
        { "\x89PNG\r\n\x1a\n", 8, "image" },
        { "P5\n2 2\n255\n", 11, "image" },
        { "{\"a\": 1}", 8, "a JSON file" },
        { "{\"class_name\": 1}", 17, "architecture" },
        { "%PDF-1.4\n", 9, "PDF" },
        { "#!/usr/bin/python\nimport torch\n", 31, "Python" },
        { "<?xml version=\"1.0\"?>", 21, "XML" },
        { "\x10\0\0\0\0\0\0\0{\"__meta", 16, "safetensors" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_not_null(strstr(name_of(cases[i].bytes, cases[i].size), cases[i].words),
                           "case %zu: %s", i, cases[i].words);
}

Test(foreign, other_files_are_nothing_known)
{
    cr_expect_str_eq(name_of("", 0), "");
    cr_expect_str_eq(name_of("x", 1), "");
    cr_expect_str_eq(name_of("\x08\x07", 2), "");
    cr_expect_str_eq(name_of("This is a text.\n", 16), "");
    cr_expect_null(cvy_foreign_recognise(scratch_path("missing")));
    cr_expect_null(cvy_foreign_recognise("/"));
    cr_expect_null(cvy_foreign_recognise("/dev/null"));
}

Test(foreign, only_a_wrong_kind_replaces_the_sentence)
{
    const char *path = scratch_path("file");

    cr_assert_eq(cvy_file_write(path, "{\"class_name\": 1}", 17), CVY_OK);
    cvy_fail(CVY_ERR_FORMAT, "its own sentence");
    cr_expect_eq(cvy_foreign_explain(CVY_ERR_FORMAT, path, CVY_WANTED_ARCHITECTURE),
                 CVY_ERR_FORMAT);
    cr_expect_str_eq(cvy_error_message(), "its own sentence");
    expect_refusal("an architecture", cvy_foreign_explain(CVY_ERR_FORMAT, path, CVY_WANTED_MODEL),
                   CVY_ERR_FORMAT, "an architecture without weights|expected a trained model");
    cr_expect_eq(cvy_foreign_explain(CVY_OK, path, CVY_WANTED_MODEL), CVY_OK);
}
