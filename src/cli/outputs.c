#include "cli/outputs.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/folder.h"
#include "base/letters.h"
#include "base/memory.h"
#include "base/output.h"
#include "cli/print.h"
#include "convoy/kinds.h"

enum { EPOCHS_TRIED = 1000 };

/* --- names --- */

/* Endings that promise a format. */
static const struct {
    const char *ending, *what;
} foreign[] = {
    { ".keras", "a Keras model" },
    { ".h5", "an HDF5 file" },
    { ".hdf5", "an HDF5 file" },
    { ".pt", "a PyTorch file" },
    { ".pth", "a PyTorch file" },
    { ".ckpt", "a checkpoint of PyTorch" },
    { ".onnx", "an ONNX file" },
    { ".pkl", "a Python pickle" },
    { ".pickle", "a Python pickle" },
    { ".joblib", "a Python pickle" },
    { ".tflite", "a TensorFlow Lite file" },
    { ".pb", "a TensorFlow graph" },
    { ".npz", "a NumPy archive" },
    { ".npy", "a NumPy array" },
    { ".json", "a JSON file" },
    { ".jsonl", "a JSON file" },
    { ".csv", "a CSV file" },
    { ".txt", "a text file" },
    { ".gguf", "a GGUF file" },
    { ".mlmodel", "a Core ML file" },
    { ".zip", "a ZIP archive" },
    { ".weights", "a Darknet file" },
    { ".png", "a PNG image" },
    { ".jpg", "a JPEG image" },
    { ".jpeg", "a JPEG image" },
    { ".gif", "a GIF image" },
    { ".bmp", "a BMP image" },
    { ".svg", "an SVG drawing" },
    { ".pdf", "a PDF document" },
    { ".xlsx", "a spreadsheet" },
    { ".safetensors", "a model" },
    { ".html", "an HTML page" },
    { ".packed", "a data set" },
};

/* "images" for .png, "models" for .safetensors */
static const char *what_has(const char *ending)
{
    return strcmp(ending, ".png") == 0   ? "images"
           : strcmp(ending, ".csv") == 0 ? "tables"
           : strcmp(ending, ".svg") == 0 ? "drawings"
                                         : "models";
}

static bool ends_in(const char *path, const char *ending)
{
    return cvy_ends_in_letters(path, ending);
}

cvy_status cvy_output_check_name(const char *option, const char *path, const char *ending)
{
    if (path == NULL)
        return CVY_OK;
    if (*path == '\0')
        return cvy_fail(
            CVY_ERR_SETTING,
            "%s: found \"\", expected a name ending in %s\nA shell variable in it may be "
            "empty.",
            option, ending);
    if (strcmp(path, "-") == 0)
        return cvy_fail(CVY_ERR_SETTING,
                        "%s: found \"-\", expected a name ending in %s; did you mean /dev/stdout?",
                        option, ending);
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        if (strcmp(foreign[i].ending, ending) != 0 && ends_in(path, foreign[i].ending))
            return cvy_fail(
                CVY_ERR_SETTING,
                "%s: found \"%.80s\", which names %s, expected a name ending in %s, the "
                "format that %s are saved in",
                option, path, foreign[i].what, ending, what_has(ending));
    return CVY_OK;
}

/* --- one writer per file --- */

/* "{epoch:02d}" filled in for epoch 7. Returns false if the path has another field, or none. */
static bool fill_in_epoch(const char *path, size_t epoch, char *text, size_t size)
{
    const char *open = strchr(path, '{'), *close = open != NULL ? strchr(open, '}') : NULL;
    int width = 0;

    if (close == NULL || strncmp(open, "{epoch", 6) != 0 || strchr(close, '{') != NULL)
        return false;
    if (open[6] == ':')
        width = (open[7] - '0') * 10 + (open[8] - '0');
    const bool is_plain = open[6] == '}', is_padded = strncmp(open + 6, ":0", 2) == 0 &&
                                                      open[8] >= '0' && open[8] <= '9' &&
                                                      strncmp(open + 9, "d}", 2) == 0;
    if (!is_plain && !is_padded)
        return false;
    return snprintf(text, size, "%.*s%0*zu%s", (int)(open - path), path, width, epoch, close + 1) <
           (int)size;
}

static bool is_descriptor(const char *path, int descriptor)
{
    struct stat file, open, nothing;

    return stat(path, &file) == 0 && fstat(descriptor, &open) == 0 && file.st_dev == open.st_dev &&
           file.st_ino == open.st_ino &&
           (stat("/dev/null", &nothing) != 0 || nothing.st_rdev != file.st_rdev ||
            !S_ISCHR(file.st_mode));
}

cvy_status cvy_outputs_settle(const cvy_outputs *outputs, bool has_result)
{
    const char *writer = has_result ? "the result" : NULL; /* the writer of stdout */

    for (size_t i = 0; i < outputs->count; i++) {
        const char *path = outputs->items[i].path;
        if (is_descriptor(path, STDERR_FILENO) && !isatty(STDERR_FILENO))
            return cvy_fail(
                CVY_ERR_SETTING,
                "%s: found %.120s, which is stderr, where messages go, expected another "
                "file",
                outputs->items[i].writer, path);
        if (!is_descriptor(path, STDOUT_FILENO))
            continue;
        if (writer != NULL)
            return cvy_fail(
                CVY_ERR_SETTING,
                "%s: found %.120s, which is stdout, where %s goes, expected another file",
                outputs->items[i].writer, path, writer);
        writer = outputs->items[i].writer;
        cvy_print_leave_stdout();
    }
    return CVY_OK;
}

/* The folder of a file that model_checkpoint will write, up to the first field in braces. */
static cvy_status probe_folder_of(const char *path)
{
    char folder[PATH_MAX];

    snprintf(folder, sizeof folder, "%.*s", (int)strcspn(path, "{"), path);
    char *slash = strrchr(folder, '/');
    if (slash == NULL)
        return cvy_folder_probe(".");
    slash[slash == folder] = '\0';
    return cvy_folder_probe(folder);
}

cvy_status cvy_outputs_probe(const cvy_outputs *outputs)
{
    struct stat about;
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < outputs->count; i++) {
        const char *writer = outputs->items[i].writer, *path = outputs->items[i].path;
        if (strcmp(writer, "--log") == 0 || strcmp(writer, "csv_logger") == 0)
            status = cvy_output_probe_lines(path);
        else if (strcmp(writer, "model_checkpoint") == 0 && stat(path, &about) != 0)
            status = probe_folder_of(path);
        else
            status = cvy_output_probe(path);
        if (status != CVY_OK && writer[0] != '-')
            return cvy_fail_at(status, "callback %s", writer);
    }
    return status;
}

/* Several may write to /dev/null or into one pipe. */
static bool is_device(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && !S_ISREG(about.st_mode);
}

static bool is_same(const char *a, const char *b)
{
    char text[PATH_MAX];

    if (is_device(a))
        return false;
    if (cvy_file_is_same(a, b))
        return true;
    for (size_t epoch = 1; epoch <= EPOCHS_TRIED; epoch++) {
        if (!fill_in_epoch(a, epoch, text, sizeof text))
            return false;
        if (cvy_file_is_same(text, b))
            return true;
    }
    return false;
}

cvy_status cvy_outputs_add(cvy_outputs *outputs, const char *writer, const char *path)
{
    if (path == NULL || outputs->count == CVY_OUTPUTS_MAX)
        return CVY_OK;
    for (size_t i = 0; i < outputs->count; i++)
        if (is_same(path, outputs->items[i].path) || is_same(outputs->items[i].path, path))
            return cvy_fail(
                CVY_ERR_SETTING,
                "%s: found %.120s, a file that %s writes too (%.120s), expected another file",
                writer, path, outputs->items[i].writer, outputs->items[i].path);
    const cvy_status status = cvy_text_copy(path, &outputs->items[outputs->count].path);
    outputs->items[outputs->count].writer = writer;
    outputs->count += status == CVY_OK;
    return status;
}

void cvy_outputs_release(cvy_outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++)
        cvy_memory_free(outputs->items[i].path);
    outputs->count = 0;
}

/* Whether a file inside a folder of data, such as "test/3/a.png", belongs to the data. Models and
 * logs may be there too. */
static bool is_of_data(const char *folder, const char *file)
{
    static const char *const starts[] = { "train",  "test",   "val",       "t10k",
                                          "emnist", "qmnist", "data_batch" };

    char outer[PATH_MAX], inner[PATH_MAX];

    if (!cvy_file_is_inside(file, folder) || realpath(folder, outer) == NULL ||
        realpath(file, inner) == NULL)
        return false;
    const char *inside = inner + strlen(outer) + (strcmp(outer, "/") != 0);
    if (ends_in(inside, ".safetensors") || ends_in(inside, ".json") || ends_in(inside, ".jsonl"))
        return false;
    if (strchr(inside, '/') != NULL)
        return true;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (cvy_begins_with_letters(inside, starts[i]))
            return true;
    return false;
}

cvy_status cvy_outputs_spare(const cvy_outputs *outputs, const char *reader, const char *path)
{
    struct stat about;

    if (path == NULL)
        return CVY_OK;
    const bool is_folder = stat(path, &about) == 0 && S_ISDIR(about.st_mode);
    for (size_t i = 0; i < outputs->count; i++) {
        const char *output = outputs->items[i].path;
        if (is_folder ? is_of_data(path, output) : is_same(output, path))
            return cvy_fail(CVY_ERR_SETTING,
                            "%s: found %.120s, which %s reads, expected another file",
                            outputs->items[i].writer, output, reader);
    }
    return CVY_OK;
}

cvy_status cvy_outputs_spare_all(const cvy_outputs *outputs, const char *reader,
                                 const cvy_text_list *paths)
{
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < paths->count; i++)
        status = cvy_outputs_spare(outputs, reader, paths->texts[i]);
    return status;
}

cvy_status cvy_outputs_spare_checkpoints(const cvy_outputs *outputs, const char *folder)
{
    char parent[PATH_MAX];

    for (size_t i = 0; folder != NULL && i < outputs->count; i++) {
        const char *path = outputs->items[i].path, *slash = strrchr(path, '/');
        const char *name = slash != NULL ? slash + 1 : path;
        const bool is_taken =
            strncmp(name, "checkpoint-", 11) == 0 || strcmp(name, "best.safetensors") == 0;
        snprintf(parent, sizeof parent, "%.*s", slash != NULL ? (int)(slash - path) + 1 : 2,
                 slash != NULL ? path : "./");
        if (is_taken && cvy_file_is_same(parent, folder))
            return cvy_fail(CVY_ERR_SETTING,
                            "%s: found %.120s, a name that --checkpoint %.80s needs for itself, "
                            "expected another file",
                            outputs->items[i].writer, path, folder);
    }
    return CVY_OK;
}

/* Add the paths among the settings of one callback. */
static cvy_status add_callback(cvy_outputs *outputs, const cvy_spec *spec)
{
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < spec->value_count; i++)
        if (spec->values[i]->setting->type == CVY_VALUE_PATH)
            status = cvy_outputs_add(outputs, spec->kind->name, spec->values[i]->text);
    return status;
}

cvy_status cvy_outputs_add_callbacks(cvy_outputs *outputs, const cvy_text_list *specs)
{
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < specs->count; i++) {
        cvy_spec *spec;
        status = cvy_spec_resolve(CVY_KINDS_CALLBACKS, specs->texts[i], &spec);
        if (status != CVY_OK)
            return status;
        status = add_callback(outputs, spec);
        cvy_spec_destroy(spec);
    }
    return status;
}
