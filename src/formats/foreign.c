/* Sources of the signatures: the file formats' own specifications (HDF5 file format 3.0, section II.A; ZIP
 * APPNOTE 6.3, section 4.3.7; Python's pickletools; NumPy's numpy.lib.format; onnx.proto; TensorFlow
 * Lite's schema.fbs; PNG, JPEG, GIF, BMP). */
#include "formats/foreign.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD_BYTES = 512, ZIP_NAME_AT = 30 };

/* The first bytes of a file, followed by zeros. */
typedef struct {
    unsigned char bytes[HEAD_BYTES];
    size_t count;
} file_head;

#define DESCRIBE                                                                                   \
    "Its architecture can be used: write model.to_json() to a .json file, and give that to "       \
    "convoy train --model."
#define REBUILD                                                                                    \
    "Describe the network in a .json file, as Keras's model.to_json() writes it, and train it "    \
    "with convoy train --model."

static const cvy_foreign keras = { "a .keras file", DESCRIBE };
static const cvy_foreign hdf5 = { "an HDF5 file, as Keras saves models and weights", DESCRIBE };
static const cvy_foreign pytorch = { "a PyTorch file", REBUILD };
static const cvy_foreign pickle = { "a Python pickle", REBUILD };
static const cvy_foreign onnx = { "an ONNX file", REBUILD };
static const cvy_foreign tflite = { "a TensorFlow Lite file", REBUILD };
static const cvy_foreign saved_model = { "a folder with a TensorFlow SavedModel", DESCRIBE };
static const cvy_foreign gguf = { "a GGUF file", REBUILD };
static const cvy_foreign darknet = { "a Darknet configuration", REBUILD };
static const cvy_foreign caffe = { "a Caffe network", REBUILD };
static const cvy_foreign openvino = { "an XML file", REBUILD };
static const cvy_foreign npz = { "a NumPy archive (.npz)",
                                 "Arrays alone do not say which layers they belong to." };
static const cvy_foreign npy = { "a NumPy array (.npy)",
                                 "Arrays alone do not say which layers they belong to." };
static const cvy_foreign zip = { "a ZIP archive", "Unpack it first." };
static const cvy_foreign gzip = { "compressed by gzip", "Unpack it first, with gunzip." };
static const cvy_foreign idx = { "an IDX file of images or labels",
                                 "Data are given as a folder: --data FOLDER." };
static const cvy_foreign picture = { "an image",
                                     "Images follow the model: convoy predict MODEL FILE..." };
static const cvy_foreign python = { "a Python program", DESCRIBE };
static const cvy_foreign yaml = { "a YAML file", DESCRIBE };
static const cvy_foreign json = { "an architecture without weights",
                                  "Train it first: convoy train --model FILE.json." };
static const cvy_foreign safetensors = { "a safetensors file",
                                         "The name of a trained model ends in .safetensors." };

static bool begins(const file_head *head, size_t at, const char *text, size_t length)
{
    return head->count >= at + length && memcmp(head->bytes + at, text, length) == 0;
}

static bool ends_in(const char *text, size_t length, const char *ending)
{
    const size_t tail = strlen(ending);
    return length >= tail && memcmp(text + length - tail, ending, tail) == 0;
}

/* By the name of its first entry. */
static const cvy_foreign *recognise_zip(const file_head *head)
{
    const size_t said = head->bytes[26] | (size_t)head->bytes[27] << 8;
    const size_t room = HEAD_BYTES - ZIP_NAME_AT, length = said < room ? said : room;
    const char *name = (const char *)head->bytes + ZIP_NAME_AT;

    if (ends_in(name, length, "data.pkl") || ends_in(name, length, ".format_version") ||
        ends_in(name, length, "/version"))
        return &pytorch;
    if (ends_in(name, length, ".npy"))
        return &npz;
    if (ends_in(name, length, "metadata.json") || ends_in(name, length, "config.json") ||
        ends_in(name, length, ".weights.h5"))
        return &keras;
    return &zip;
}

/* The IR version, then the next field of onnx.proto's ModelProto: a text, a number or the graph. */
static bool is_onnx(const file_head *head)
{
    static const unsigned char next[] = { 0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42 };

    return head->count > 16 && head->bytes[0] == 0x08 && head->bytes[1] >= 1 &&
           head->bytes[1] <= 32 && memchr(next, head->bytes[2], sizeof next) != NULL;
}

/* PyTorch before 1.6 began its files with a number of its own, pickled. */
static const cvy_foreign *recognise_pickle(const file_head *head)
{
    static const char magic[] = "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
    return begins(head, 2, magic, sizeof magic - 1) ? &pytorch : &pickle;
}

static bool is_picture(const file_head *head)
{
    const unsigned char *b = head->bytes;
    const bool is_pnm = head->count > 2 && b[0] == 'P' && b[1] >= '1' && b[1] <= '7' &&
                        (b[2] == '\n' || b[2] == ' ' || b[2] == '\r');

    return begins(head, 0, "\x89PNG\r\n", 6) || begins(head, 0, "\xff\xd8\xff", 3) ||
           begins(head, 0, "GIF8", 4) || begins(head, 0, "BM", 2) || begins(head, 0, "II*\0", 4) ||
           begins(head, 0, "MM\0*", 4) || begins(head, 8, "WEBP", 4) || is_pnm;
}

static bool has_line(const file_head *head, const char *beginning)
{
    const char *text = (const char *)head->bytes;
    const size_t length = strlen(beginning);

    for (size_t i = 0; i + length <= head->count; i++)
        if ((i == 0 || text[i - 1] == '\n') && memcmp(text + i, beginning, length) == 0)
            return true;
    return false;
}

static const cvy_foreign *recognise_text(const file_head *head)
{
    if (head->bytes[0] == '{' || begins(head, 0, "[{", 2))
        return &json;
    if (has_line(head, "[net]") || has_line(head, "[convolutional]"))
        return &darknet;
    if (has_line(head, "import ") || has_line(head, "from ") || has_line(head, "def "))
        return &python;
    if (has_line(head, "layer {") || has_line(head, "layers {"))
        return &caffe;
    if (begins(head, 0, "<?xml", 5))
        return &openvino;
    if (begins(head, 0, "---", 3) || has_line(head, "class_name:") || has_line(head, "backbone:") ||
        has_line(head, "nc:"))
        return &yaml;
    return NULL;
}

static const cvy_foreign *recognise(const file_head *head)
{
    const unsigned char *b = head->bytes;

    if (begins(head, 0, "PK\3\4", 4))
        return recognise_zip(head);
    if (begins(head, 0, "\x89HDF\r\n\x1a\n", 8))
        return &hdf5;
    if (begins(head, 4, "TFL3", 4))
        return &tflite;
    if (begins(head, 0, "\x93NUMPY", 6))
        return &npy;
    if (begins(head, 0, "GGUF", 4))
        return &gguf;
    if (begins(head, 0, "\x1f\x8b", 2))
        return &gzip;
    if (begins(head, 0, "\0\0\x08", 3) && (b[3] == 1 || b[3] == 3))
        return &idx;
    if (b[0] == 0x80 && b[1] >= 2 && b[1] <= 5)
        return recognise_pickle(head);
    if (is_picture(head))
        return &picture;
    if (head->count > 9 && b[6] == 0 && b[7] == 0 && b[8] == '{')
        return &safetensors;
    return is_onnx(head) ? &onnx : recognise_text(head);
}

static bool holds(const char *folder, const char *name)
{
    char path[1024];

    return snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path &&
           access(path, F_OK) == 0;
}

static bool read_head(const char *path, file_head *head)
{
    /* a pipe is not waited for */
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat about;

    if (file < 0)
        return false;
    const bool is_regular = fstat(file, &about) == 0 && S_ISREG(about.st_mode);
    const ssize_t got = is_regular ? read(file, head->bytes, sizeof head->bytes) : -1;
    close(file);
    head->count = got > 0 ? (size_t)got : 0;
    return got >= 0;
}

const cvy_foreign *cvy_foreign_recognise(const char *path)
{
    file_head head = { .count = 0 };
    struct stat about;

    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode))
        return holds(path, "saved_model.pb") ? &saved_model : NULL;
    return read_head(path, &head) ? recognise(&head) : NULL;
}

bool cvy_foreign_is_keras(const char *path)
{
    return cvy_foreign_recognise(path) == &keras;
}

cvy_status cvy_foreign_explain(cvy_status status, const char *path, cvy_wanted wanted)
{
    static const char *const expected[] = { "a trained model (.safetensors)",
                                            "an architecture (.json)" };
    const cvy_foreign *own = wanted == CVY_WANTED_MODEL ? &safetensors : &json;

    if (status == CVY_OK || status == CVY_ERR_MEMORY)
        return status;
    const cvy_foreign *foreign = cvy_foreign_recognise(path);
    if (foreign == NULL || foreign == own)
        return status;
    return cvy_fail(status, "%s: %s, expected %s%s%s", path, foreign->name, expected[wanted],
                    foreign->advice != NULL ? "\n" : "",
                    foreign->advice != NULL ? foreign->advice : "");
}
