#include "model/keras_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "base/file.h"
#include "base/memory.h"
#include "formats/foreign.h"
#include "formats/zip_archive.h"
#include "model/compile_config.h"
#include "model/keras_weights.h"
#include "model/objective.h"

static const char config_name[] = "config.json", weights_name[] = "model.weights.h5";

enum { CONFIG_BYTES_MAX = 16 << 20 };
static const size_t hdf5_bytes_max = (size_t)1 << 33;

cvy_model_file_form cvy_keras_recognise(const char *path)
{
    unsigned char head[8] = { 0 };
    struct stat about; /* opening a pipe would block */
    const bool is_regular = stat(path, &about) == 0 && S_ISREG(about.st_mode);
    FILE *file = is_regular ? fopen(path, "rb") : NULL;
    const size_t count = file != NULL ? fread(head, 1, sizeof head, file) : 0;

    if (file != NULL)
        fclose(file);
    if (count == sizeof head && memcmp(head, "PK\3\4", 4) == 0)
        return cvy_foreign_is_keras(path) ? CVY_FILE_KERAS : CVY_FILE_OTHER;
    return count == sizeof head && memcmp(head, "\x89HDF\r\n\x1a\n", 8) == 0 ? CVY_FILE_HDF5
                                                                             : CVY_FILE_OTHER;
}

/* --- the archive --- */

/* Read a whole entry of at most `limit` bytes, and append a zero byte. */
static cvy_status read_entry(cvy_zip *zip, const char *path, const char *name, uint64_t limit,
                             unsigned char **bytes, size_t *size)
{
    size_t i = 0;

    while (i < cvy_zip_count(zip) && strcmp(cvy_zip_name(zip, i), name) != 0)
        i++;
    if (i == cvy_zip_count(zip))
        return cvy_fail(CVY_ERR_FORMAT, "%s: no %s in it, expected a model saved by Keras", path,
                        name);
    if (cvy_zip_size(zip, i) > limit)
        return cvy_fail(CVY_ERR_FORMAT, "%s: %s: %llu bytes, expected at most %llu", path, name,
                        (unsigned long long)cvy_zip_size(zip, i), (unsigned long long)limit);
    *size = (size_t)cvy_zip_size(zip, i);
    cvy_status status = cvy_memory_create(*size + 1, 1, bytes);
    if (status == CVY_OK)
        status = cvy_zip_begin(zip, i);
    return status == CVY_OK ? cvy_zip_read(zip, *bytes, *size) : status;
}

/* The largest weights file that is accepted: Keras saves up to three optimizer slots with each
 * weight, in up to twice the bytes, and little else. */
static uint64_t weights_limit(const cvy_model *model)
{
    enum { OTHERS = 64 << 20 };
    return (uint64_t)cvy_model_parameter_count(model) * 8 * sizeof(double) + OTHERS;
}

/* --- the architecture --- */

/* Read config.json, and omit from the model's own JSON what only Keras needs. */
static cvy_status read_config(const char *path, const char *text, size_t size, cvy_model **model)
{
    json_error_t error;
    json_t *root = cvy_json_load(text, size, JSON_REJECT_DUPLICATES, &error);

    if (root == NULL)
        return cvy_fail(CVY_ERR_FORMAT, "%s: %s: line %d: not JSON: %s", path, config_name,
                        error.line, error.text);
    json_t *compiled =
        json_pack("{s:O*}", "compile_config", json_object_get(root, "compile_config"));
    json_object_del(root, "compile_config");
    json_object_del(root, "build_config");
    char *brief = cvy_json_dump(root, JSON_COMPACT);
    cvy_status status = brief != NULL ? cvy_model_parse(path, brief, strlen(brief), model)
                                      : cvy_fail(CVY_ERR_MEMORY, "%s: out of memory", path);
    if (status == CVY_OK)
        cvy_model_take_compile_config(*model, compiled);
    free(brief);
    json_decref(compiled);
    json_decref(root);
    return status;
}

/* --- weights --- */

static cvy_status take_weights(const char *path, const unsigned char *bytes, size_t size,
                               cvy_model *model)
{
    cvy_hdf5 *file;
    cvy_status status = cvy_hdf5_parse(path, bytes, size, &file);

    if (status != CVY_OK)
        return status;
    status = cvy_keras_read_weights(path, file, model);
    cvy_hdf5_close(file);
    return status;
}

static cvy_status take_zipped_weights(cvy_zip *zip, const char *path, cvy_model *model)
{
    unsigned char *bytes = NULL;
    size_t size;
    cvy_status status = read_entry(zip, path, weights_name, weights_limit(model), &bytes, &size);

    if (status == CVY_OK && model->weights == NULL)
        status = cvy_model_allocate(model);
    if (status == CVY_OK)
        status = take_weights(path, bytes, size, model);
    cvy_memory_free(bytes);
    return status;
}

/* --- files --- */

static cvy_status load_zip(const char *path, cvy_model **model)
{
    unsigned char *text = NULL;
    size_t size;
    cvy_zip *zip;
    cvy_model *read = NULL;
    cvy_status status = cvy_zip_open(path, &zip);

    if (status != CVY_OK)
        return status;
    status = read_entry(zip, path, config_name, CONFIG_BYTES_MAX, &text, &size);
    if (status == CVY_OK)
        status = read_config(path, (const char *)text, size, &read);
    cvy_memory_free(text);
    if (status == CVY_OK)
        status = take_zipped_weights(zip, path, read);
    cvy_zip_close(zip);
    if (status == CVY_OK)
        *model = read;
    else
        cvy_model_destroy(read);
    return status;
}

/* Read a Keras 2 .h5 file, which stores the architecture as text. */
static cvy_status take_legacy(const char *path, cvy_hdf5 *file, cvy_model **model)
{
    char **texts;
    size_t count;
    cvy_model *read = NULL;
    cvy_status status = cvy_hdf5_attribute(file, "", "model_config", &texts, &count);

    if (status == CVY_OK && count != 1)
        status = cvy_fail(CVY_ERR_FORMAT,
                          "%s: weights without an architecture\n"
                          "Give the architecture with --model, and these with --weights.",
                          path);
    if (status == CVY_OK)
        status = read_config(path, texts[0], strlen(texts[0]), &read);
    cvy_hdf5_free_texts(texts, count);
    if (status == CVY_OK)
        status = cvy_model_allocate(read);
    if (status == CVY_OK)
        status = cvy_keras_read_weights(path, file, read);
    if (status == CVY_OK)
        *model = read;
    else
        cvy_model_destroy(read);
    return status;
}

static cvy_status load_hdf5(const char *path, cvy_model **model)
{
    unsigned char *bytes;
    size_t size;
    cvy_hdf5 *file;
    cvy_status status = cvy_file_read(path, hdf5_bytes_max, &bytes, &size);

    if (status != CVY_OK)
        return status;
    status = cvy_hdf5_parse(path, bytes, size, &file);
    if (status == CVY_OK) {
        status = take_legacy(path, file, model);
        cvy_hdf5_close(file);
    }
    cvy_memory_free(bytes);
    return status;
}

cvy_status cvy_keras_file_load(const char *path, cvy_model **model)
{
    return cvy_keras_recognise(path) == CVY_FILE_HDF5 ? load_hdf5(path, model)
                                                      : load_zip(path, model);
}

cvy_status cvy_keras_file_read_weights(const char *path, cvy_model *model)
{
    unsigned char *bytes;
    size_t size;
    cvy_zip *zip;
    cvy_status status;

    if (cvy_keras_recognise(path) == CVY_FILE_HDF5) {
        status = cvy_file_read(path, hdf5_bytes_max, &bytes, &size);
        if (status != CVY_OK)
            return status;
        status = take_weights(path, bytes, size, model);
        cvy_memory_free(bytes);
        return status;
    }
    status = cvy_zip_open(path, &zip);
    if (status != CVY_OK)
        return status;
    status = take_zipped_weights(zip, path, model);
    cvy_zip_close(zip);
    return status;
}
