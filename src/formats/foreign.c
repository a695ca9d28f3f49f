/* Sources of the signatures: the file formats' own specifications (HDF5 file format 3.0, section II.A; ZIP
 * APPNOTE 6.3, section 4.3.7; Python's pickletools; NumPy's numpy.lib.format; onnx.proto; TensorFlow
 * Lite's schema.fbs; MAT-file level 5; Apache Parquet and Arrow; TFRecord; tar (POSIX ustar); PNG, JPEG, GIF,
 * BMP). */
#include "formats/foreign.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

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

/* Advice for data. */
#define ARRAYS                                                                                     \
    "Save its arrays for convoy in Python: numpy.savez(\"data.npz\", x_train=..., y_train=..., "   \
    "x_test=..., y_test=...)."
#define FOLDERS "Give the folder of the images instead: one folder of pictures for each class."
#define A_MODEL "A model is given to --model, or follows evaluate and predict."

static const cvy_foreign keras = { "a .keras file", DESCRIBE, A_MODEL };
static const cvy_foreign hdf5 = { "an HDF5 file, as Keras saves models and weights", DESCRIBE,
                                  ARRAYS };
static const cvy_foreign pytorch = { "a PyTorch file", REBUILD, ARRAYS };
static const cvy_foreign pickle = { "a Python pickle", REBUILD,
                                    ARRAYS
                                    " Of CIFAR-10 and CIFAR-100, download the binary version." };
static const cvy_foreign onnx = { "an ONNX file", REBUILD, A_MODEL };
static const cvy_foreign tflite = { "a TensorFlow Lite file", REBUILD, A_MODEL };
static const cvy_foreign saved_model = { "a folder with a TensorFlow SavedModel", DESCRIBE,
                                         A_MODEL };
static const cvy_foreign gguf = { "a GGUF file", REBUILD, A_MODEL };
static const cvy_foreign darknet = { "a Darknet configuration", REBUILD, A_MODEL };
static const cvy_foreign caffe = { "a Caffe network", REBUILD, A_MODEL };
static const cvy_foreign openvino = { "an XML file", REBUILD, FOLDERS };
static const cvy_foreign npz = { "a NumPy archive (.npz)",
                                 "Arrays alone do not say which layers they belong to.", NULL };
static const cvy_foreign npy = { "a NumPy array (.npy)",
                                 "Arrays alone do not say which layers they belong to.", ARRAYS };
static const cvy_foreign matlab = { "a MATLAB file (.mat)", REBUILD,
                                    ARRAYS " scipy.io.loadmat() reads it." };
static const cvy_foreign parquet = { "a Parquet file", REBUILD,
                                     ARRAYS " pandas.read_parquet() reads it." };
static const cvy_foreign arrow = { "an Arrow or Feather file", REBUILD,
                                   ARRAYS " pandas.read_feather() reads it." };
static const cvy_foreign records = { "a TFRecord file", REBUILD,
                                     ARRAYS " tf.data.TFRecordDataset reads it." };
static const cvy_foreign sqlite = { "an SQLite database", REBUILD, ARRAYS };
static const cvy_foreign sheet = { "a spreadsheet", REBUILD, "Export it as .csv." };
static const cvy_foreign zip = { "a ZIP archive", "Unpack it first.",
                                 "Unpack it first, with unzip, and give the folder." };
static const cvy_foreign gzip = { "compressed by gzip", "Unpack it first, with gunzip.",
                                  "Unpack it first, with gunzip." };
static const cvy_foreign tar_gz = { "a tar archive, compressed by gzip",
                                    "Unpack it first, with tar xzf.",
                                    "Unpack it first, with tar xzf, and give the folder." };
static const cvy_foreign tar = { "a tar archive", "Unpack it first, with tar xf.",
                                 "Unpack it first, with tar xf, and give the folder." };
static const cvy_foreign packed = { "a compressed file (bzip2, xz, Zstandard, 7-Zip or RAR)",
                                    "Unpack it first.", "Unpack it first, and give the folder." };
static const cvy_foreign idx = { "an IDX file of images or labels",
                                 "Data are given as a folder: --data FOLDER.",
                                 "Data are given as a folder: --data FOLDER." };
#define IDX_FORM "An IDX data set has images as unsigned bytes in three dimensions, labels in one."
static const cvy_foreign other_idx = { "an IDX file of another type or other dimensions", IDX_FORM,
                                       IDX_FORM };
static const cvy_foreign picture = { "an image",
                                     "Images follow the model: convoy predict MODEL FILE...",
                                     FOLDERS };
static const cvy_foreign python = { "a Python program", DESCRIBE, ARRAYS };
static const cvy_foreign yaml = { "a YAML file", DESCRIBE, FOLDERS };
static const cvy_foreign toml = { "a TOML file", NULL, FOLDERS };
static const cvy_foreign pdf = { "a PDF document",
                                 "Images follow the model: convoy predict MODEL FILE...",
                                 "Save its pages as pictures first, as in pdftoppm -png." };
static const cvy_foreign notebook = { "a Jupyter notebook", DESCRIBE, ARRAYS };
static const cvy_foreign table = { "a table", "Data are given by --data.", NULL };
static const cvy_foreign protobuf = { "a TensorFlow graph (.pb)", DESCRIBE, A_MODEL };
static const cvy_foreign json = { "an architecture without weights",
                                  "Train it first: convoy train --model FILE.json.", NULL };
/* A JSON file given as data, which may be something else than an architecture. */
static const cvy_foreign other_json = { "a JSON file",
                                        "An architecture is what Keras's model.to_json() writes.",
                                        "An architecture is given to --model; images are read from "
                                        "folders, .npz, .csv, IDX and CIFAR's files." };
static const cvy_foreign safetensors = { "a safetensors file",
                                         "The name of a trained model ends in .safetensors.",
                                         A_MODEL };

static bool begins(const file_head *head, size_t at, const char *text, size_t length)
{
    return head->count >= at + length && memcmp(head->bytes + at, text, length) == 0;
}

static bool ends_in(const char *text, size_t length, const char *ending)
{
    const size_t tail = strlen(ending);
    return length >= tail && memcmp(text + length - tail, ending, tail) == 0;
}

/* Recognise a ZIP archive by the name of its first entry. */
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
    if (ends_in(name, length, "[Content_Types].xml"))
        return &sheet;
    if (ends_in(name, length, "metadata.json") || ends_in(name, length, "config.json") ||
        ends_in(name, length, ".weights.h5"))
        return &keras;
    return &zip;
}

/* Whether the file starts with an IR version and the next field of onnx.proto's ModelProto: a text,
 * a number or the graph. */
static bool is_onnx(const file_head *head)
{
    static const unsigned char next[] = { 0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42 };

    return head->count > 16 && head->bytes[0] == 0x08 && head->bytes[1] >= 1 &&
           head->bytes[1] <= 32 && memchr(next, head->bytes[2], sizeof next) != NULL;
}

/* PyTorch before 1.6 started its files with a pickled magic number. */
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

static bool has_text(const file_head *head, const char *text)
{
    const size_t length = strlen(text);

    for (size_t i = 0; i + length <= head->count; i++)
        if (memcmp(head->bytes + i, text, length) == 0)
            return true;
    return false;
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
        return has_text(head, "\"class_name\"") || has_text(head, "\"layers\"") ||
                       head->count == HEAD_BYTES
                   ? &json
                   : &other_json;
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

/* Whether the file starts with a length below 4 GiB, its checksum, and the first field of a
 * tf.train.Example. */
static bool is_records(const file_head *head)
{
    const unsigned char *b = head->bytes;
    return head->count > 16 && (b[0] != 0 || b[1] != 0) && memcmp(b + 4, "\0\0\0\0", 4) == 0 &&
           b[12] == 0x0a && b[8] != '{';
}

static const cvy_foreign *recognise_data(const file_head *head)
{
    static const struct {
        size_t at, length;
        const char *bytes;
        const cvy_foreign *what;
    } signatures[] = {
        { 0, 10, "MATLAB 5.0", &matlab },
        { 0, 4, "PAR1", &parquet },
        { 0, 6, "ARROW1", &arrow },
        { 0, 4, "FEA1", &arrow },
        { 0, 5, "%PDF-", &pdf },
        { 0, 15, "SQLite format 3", &sqlite },
        { 0, 8, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", &sheet },
        { 257, 5, "ustar", &tar },
        { 0, 3, "BZh", &packed },
        { 0, 6,
          "\xfd"
          "7zXZ\0",
          &packed },
        { 0, 4, "\x28\xb5\x2f\xfd", &packed },
        { 0, 6, "7z\xbc\xaf\x27\x1c", &packed },
        { 0, 6, "Rar!\x1a\x07", &packed },
    };

    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++)
        if (begins(head, signatures[i].at, signatures[i].bytes, signatures[i].length))
            return signatures[i].what;
    return is_records(head) ? &records : NULL;
}

static const cvy_foreign *recognise(const file_head *head)
{
    const unsigned char *b = head->bytes;
    const cvy_foreign *data = recognise_data(head);

    if (data != NULL)
        return data;
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
    if (begins(head, 0, "\0\0", 2) && b[2] >= 8 && b[2] <= 14 && b[3] >= 1 && b[3] <= 4)
        return &other_idx;
    if (b[0] == 0x80 && b[1] >= 2 && b[1] <= 5)
        return recognise_pickle(head);
    if (is_picture(head))
        return &picture;
    if (head->count > 9 && b[6] == 0 && b[7] == 0 && b[8] == '{')
        return &safetensors;
    return is_onnx(head) ? &onnx : recognise_text(head);
}

/* Recognise a file that could hold anything by its name. */
static const cvy_foreign *recognise_name(const char *path)
{
    static const struct {
        const char *ending;
        const cvy_foreign *what;
    } names[] = { { ".ipynb", &notebook }, { ".yaml", &yaml }, { ".yml", &yaml },
                  { ".toml", &toml },      { ".csv", &table }, { ".tsv", &table },
                  { ".pb", &protobuf },    { ".py", &python } };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (ends_in(path, strlen(path), names[i].ending))
            return names[i].what;
    return NULL;
}

static bool holds(const char *folder, const char *name)
{
    char path[1024];

    return snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path &&
           access(path, F_OK) == 0;
}

static bool read_head(const char *path, file_head *head)
{
    /* do not wait for a pipe */
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

/* Whether a gzipped file contains a tar archive. */
static bool holds_tar(const char *path)
{
    file_head head = { .count = 0 };
    gzFile stream = gzopen(path, "rb");

    if (stream == NULL)
        return false;
    const int got = gzread(stream, head.bytes, sizeof head.bytes);
    gzclose(stream);
    head.count = got > 0 ? (size_t)got : 0;
    return begins(&head, 257, "ustar", 5);
}

const cvy_foreign *cvy_foreign_recognise(const char *path)
{
    file_head head = { .count = 0 };
    struct stat about;

    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode))
        return holds(path, "saved_model.pb") ? &saved_model : NULL;
    if (!read_head(path, &head))
        return NULL;
    const cvy_foreign *found = recognise(&head);
    if (found == NULL || found == &json || found == &other_json)
        return recognise_name(path) != NULL ? recognise_name(path) : found;
    return found == &gzip && holds_tar(path) ? &tar_gz : found;
}

bool cvy_foreign_is_keras(const char *path)
{
    return cvy_foreign_recognise(path) == &keras;
}

cvy_status cvy_foreign_explain(cvy_status status, const char *path, cvy_wanted wanted)
{
    static const char *const expected[] = { "a trained model (.safetensors)",
                                            "an architecture (.json)", "a data set" };
    const cvy_foreign *own = wanted == CVY_WANTED_MODEL          ? &safetensors
                             : wanted == CVY_WANTED_ARCHITECTURE ? &json
                                                                 : &npz;

    if (status == CVY_OK || status == CVY_ERR_MEMORY)
        return status;
    const cvy_foreign *foreign = cvy_foreign_recognise(path);
    if (foreign == NULL || foreign == own)
        return status;
    if (foreign == &json && wanted == CVY_WANTED_DATA)
        foreign = &other_json;
    const char *advice = wanted == CVY_WANTED_DATA ? foreign->data : foreign->advice;
    cvy_fail(status, "%s: %s, expected %s", path, foreign->name, expected[wanted]);
    return cvy_fail_advise(status, advice);
}
