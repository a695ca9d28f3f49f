/* A trained model as one .safetensors file. Weights have Keras-like names, "conv2d/kernel";
 * everything else is text in the metadata:
 *     format "convoy"   version   architecture (Keras's JSON)   labels (JSON array)
 *     preprocessing {"scale": s, "offset": o}: input = byte * s + o
 *     images (model/preparation.h)
 *     loss (its spec)   training (JSON)   configuration (JSON, if the run had one)
 * A checkpoint is such a file too, with additional tensors and metadata, which are ignored here. */
#include "model/model_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/number.h"
#include "convoy/convoy.h"
#include "formats/foreign.h"
#include "formats/safetensors.h"
#include "model/keras_file.h"
#include "model/objective.h"

cvy_safetensor cvy_model_tensor(const cvy_model *model, const cvy_weight *weight,
                                char name[CVY_TENSOR_NAME_BYTES])
{
    cvy_safetensor tensor = { .name = name,
                              .rank = weight->plan->rank,
                              .values = model->weights + weight->offset };

    snprintf(name, CVY_TENSOR_NAME_BYTES, "%s/%s", weight->layer->name, weight->plan->name);
    memcpy(tensor.dims, weight->plan->dims, weight->plan->rank * sizeof *tensor.dims);
    return tensor;
}

static char *print_labels(const cvy_model *model)
{
    json_t *labels = json_array();

    bool is_whole = labels != NULL;

    for (size_t i = 0; is_whole && i < model->class_count; i++)
        is_whole = json_array_append_new(labels, cvy_json_text(model->class_names[i])) == 0;
    char *text = is_whole ? cvy_json_dump(labels, JSON_COMPACT) : NULL;
    json_decref(labels);
    return text;
}

/* The destination of a model: a file, or memory if `path` is NULL. */
typedef struct {
    const char *path;
    unsigned char *bytes;
    size_t size;
} destination;

cvy_status cvy_model_texts_print(const cvy_model *model, cvy_model_texts *texts)
{
    char scale[CVY_NUMBER_BYTES], offset[CVY_NUMBER_BYTES];

    *texts = (cvy_model_texts){ .labels = print_labels(model) };
    if (texts->labels == NULL)
        return cvy_fail(CVY_ERR_MEMORY, "class names: not UTF-8, or out of memory");
    cvy_number_format((double)model->pixel_scale, 'g', 9, scale, sizeof scale);
    cvy_number_format((double)model->pixel_offset, 'g', 9, offset, sizeof offset);
    snprintf(texts->preprocessing, sizeof texts->preprocessing, "{\"scale\":%s,\"offset\":%s}",
             scale, offset);
    cvy_preparation_print(&model->preparation, texts->images);
    const cvy_safetensors_text items[] = {
        { "format", "convoy" },
        { "version", CVY_VERSION_STRING },
        { "architecture", model->architecture },
        { "labels", texts->labels },
        { "preprocessing", texts->preprocessing },
        { "images", texts->images },
        { "loss", model->loss_spec },
        { "training", model->training != NULL ? model->training : "{}" },
        { "configuration", model->configuration },
    };
    texts->count = sizeof items / sizeof *items - (model->configuration == NULL);
    memcpy(texts->items, items, sizeof items);
    return CVY_OK;
}

void cvy_model_texts_release(cvy_model_texts *texts)
{
    free(texts->labels);
    texts->labels = NULL;
}

static cvy_status write_parts(const cvy_model *model, const cvy_safetensor *tensors, size_t count,
                              destination *to)
{
    cvy_model_texts texts;
    cvy_status status = cvy_model_texts_print(model, &texts);

    if (status == CVY_OK)
        status = to->path != NULL
                     ? cvy_safetensors_write(to->path, tensors, count, texts.items, texts.count)
                     : cvy_safetensors_print(tensors, count, texts.items, texts.count, &to->bytes,
                                             &to->size);
    else
        status = cvy_fail_at(status, "%s", to->path != NULL ? to->path : "model");
    cvy_model_texts_release(&texts);
    return status;
}

static cvy_status write_model(const cvy_model *model, destination *to)
{
    const size_t count = cvy_model_weight_count(model);
    char(*names)[CVY_TENSOR_NAME_BYTES] = NULL;
    cvy_safetensor *tensors = NULL;
    cvy_weight weight;
    cvy_status status = cvy_memory_create(count, sizeof *names, &names);
    if (status == CVY_OK)
        status = cvy_memory_create(count, sizeof *tensors, &tensors);
    for (size_t i = 0; status == CVY_OK && cvy_model_weight(model, i, &weight); i++)
        tensors[i] = cvy_model_tensor(model, &weight, names[i]);
    if (status == CVY_OK)
        status = write_parts(model, tensors, count, to);
    cvy_memory_free(tensors);
    cvy_memory_free(names);
    return status;
}

cvy_status cvy_model_save(const cvy_model *model, const char *path)
{
    CVY_REQUIRE(model);
    CVY_REQUIRE(path);
    return write_model(model, &(destination){ .path = path });
}

cvy_status cvy_model_save_memory(const cvy_model *model, void **bytes, size_t *size)
{
    destination to = { 0 };

    CVY_REQUIRE(model);
    CVY_REQUIRE(bytes);
    CVY_REQUIRE(size);
    cvy_status status = write_model(model, &to);
    if (status == CVY_OK) {
        *bytes = to.bytes;
        *size = to.size;
    }
    return status;
}

static size_t count_tensors(const cvy_safetensors *file)
{
    return cvy_safetensors_count(file) - cvy_safetensors_count_named(file, CVY_CHECKPOINT_TENSORS);
}

static cvy_status read_weights(const cvy_safetensors *file, cvy_model *model)
{
    char name[CVY_TENSOR_NAME_BYTES];
    cvy_weight weight;
    const size_t count = cvy_model_weight_count(model),
                 parameters = cvy_model_parameter_count(model);
    cvy_status status;

    if (count_tensors(file) != count)
        return cvy_fail(CVY_ERR_FORMAT, "%zu tensors, its architecture has %zu",
                        count_tensors(file), count);
    /* do not allocate more than the file could fill */
    if (parameters > cvy_safetensors_data_bytes(file) / sizeof(float))
        return cvy_fail(CVY_ERR_FORMAT, "%zu bytes of tensors, its architecture has %zu parameters",
                        cvy_safetensors_data_bytes(file), parameters);
    status = cvy_model_allocate(model);
    if (status != CVY_OK)
        return status;
    for (size_t i = 0; cvy_model_weight(model, i, &weight); i++) {
        float *values = model->weights + weight.offset;
        const cvy_safetensor tensor = cvy_model_tensor(model, &weight, name);
        status = cvy_safetensors_read(file, &tensor, values);
        if (status != CVY_OK)
            return status;
        for (size_t v = 0; v < weight.plan->count; v++)
            if (!isfinite(values[v]))
                return cvy_fail(CVY_ERR_DATA, "tensor \"%s\": value %zu is not a finite number",
                                name, v);
    }
    return CVY_OK;
}

static cvy_status read_labels(const json_t *labels, cvy_model *model)
{
    const size_t count = json_array_size(labels);
    const char **names;

    if (!json_is_array(labels) || count > cvy_model_output_count(model))
        return cvy_fail(CVY_ERR_FORMAT, "labels: expected a list of at most %zu texts",
                        cvy_model_output_count(model));
    cvy_status status = cvy_memory_create(count, sizeof *names, &names);
    for (size_t i = 0; status == CVY_OK && i < count; i++) {
        names[i] = json_string_value(json_array_get(labels, i));
        if (names[i] == NULL)
            status = cvy_fail(CVY_ERR_FORMAT, "labels: entry %zu is not a text", i);
    }
    if (status == CVY_OK)
        status = cvy_model_name_classes(model, count, names);
    cvy_memory_free(names);
    return status;
}

static cvy_status read_preprocessing(const json_t *object, cvy_model *model)
{
    const json_t *scale = json_object_get(object, "scale");
    const json_t *offset = json_object_get(object, "offset");

    if (!json_is_number(scale) || !json_is_number(offset) ||
        !isfinite((float)json_number_value(scale)) || !isfinite((float)json_number_value(offset)))
        return cvy_fail(CVY_ERR_FORMAT, "preprocessing: expected two numbers, scale and offset");
    model->pixel_scale = (float)json_number_value(scale);
    model->pixel_offset = (float)json_number_value(offset);
    return CVY_OK;
}

/* Parse a JSON text of the metadata and pass it to a reader. */
static cvy_status read_json_text(const cvy_safetensors *file, const char *key, cvy_model *model,
                                 cvy_status (*reader)(const json_t *, cvy_model *))
{
    json_error_t error;
    const char *text = cvy_safetensors_find_text(file, key);
    json_t *value = text != NULL ? cvy_json_load_text(text, JSON_REJECT_DUPLICATES, &error) : NULL;

    if (value == NULL)
        return cvy_fail(CVY_ERR_FORMAT, "metadata \"%s\" is %s", key,
                        text != NULL ? "not JSON" : "missing");
    cvy_status status = reader(value, model);
    json_decref(value);
    return status;
}

static cvy_status keep_training(const json_t *object, cvy_model *model)
{
    if (!json_is_object(object))
        return cvy_fail(CVY_ERR_FORMAT, "training: expected a JSON object");
    char *text = cvy_json_dump(object, JSON_COMPACT | JSON_REAL_PRECISION(9));
    if (text == NULL)
        return cvy_fail(CVY_ERR_MEMORY, "out of memory");
    cvy_status status = cvy_text_copy(text, &model->training);
    free(text);
    return status;
}

/* Keep the configuration. Files before 0.3 have none, nor do those of programs that set none. */
static cvy_status keep_configuration(const cvy_safetensors *file, cvy_model *model)
{
    const char *text = cvy_safetensors_find_text(file, "configuration");
    return text != NULL ? cvy_text_copy(text, &model->configuration) : CVY_OK;
}

static cvy_status read_metadata(const cvy_safetensors *file, cvy_model *model)
{
    const char *loss = cvy_safetensors_find_text(file, "loss");
    cvy_status status = loss != NULL ? cvy_model_set_loss(model, loss)
                                     : cvy_fail(CVY_ERR_FORMAT, "metadata \"loss\" is missing");

    if (status == CVY_OK)
        status = read_json_text(file, "labels", model, read_labels);
    if (status == CVY_OK)
        status = read_json_text(file, "preprocessing", model, read_preprocessing);
    if (status == CVY_OK)
        status =
            cvy_preparation_read(cvy_safetensors_find_text(file, "images"), &model->preparation);
    if (status == CVY_OK)
        status = read_json_text(file, "training", model, keep_training);
    return status == CVY_OK ? keep_configuration(file, model) : status;
}

static cvy_status build(const cvy_safetensors *file, const char *path, cvy_model **model)
{
    const char *format = cvy_safetensors_find_text(file, "format");
    const char *architecture = cvy_safetensors_find_text(file, "architecture");

    if (format == NULL || strcmp(format, "convoy") != 0 || architecture == NULL)
        return cvy_fail(CVY_ERR_FORMAT,
                        "%s: a safetensors file, but not a model that convoy saved (its metadata "
                        "say nothing of convoy)",
                        path);
    cvy_status status = cvy_model_parse("architecture", architecture, strlen(architecture), model);
    if (status == CVY_OK) {
        status = read_metadata(file, *model);
        if (status == CVY_OK)
            status = read_weights(file, *model);
        if (status != CVY_OK)
            cvy_model_destroy(*model);
    }
    if (status == CVY_OK)
        return CVY_OK;
    /* a wrong setting in a file is the file's fault, not the user's */
    return cvy_fail_at(status == CVY_ERR_SETTING ? CVY_ERR_FORMAT : status, "%s", path);
}

cvy_status cvy_model_load(const char *path, cvy_model **model)
{
    cvy_safetensors *file;
    cvy_model *loaded = NULL;

    CVY_REQUIRE(path);
    CVY_REQUIRE(model);
    if (cvy_keras_recognise(path) != CVY_FILE_OTHER)
        return cvy_keras_file_load(path, model);
    cvy_status status = cvy_safetensors_open(path, &file);
    if (status != CVY_OK)
        return cvy_foreign_explain(status, path, CVY_WANTED_MODEL);
    status = build(file, path, &loaded);
    cvy_safetensors_close(file);
    if (status == CVY_OK)
        *model = loaded;
    return status;
}

cvy_status cvy_model_load_memory(const char *name, const void *bytes, size_t size,
                                 cvy_model **model)
{
    cvy_safetensors *file;
    cvy_model *loaded = NULL;

    CVY_REQUIRE(bytes);
    CVY_REQUIRE(model);
    name = name != NULL ? name : "model";
    cvy_status status = cvy_safetensors_parse(name, bytes, size, &file);
    if (status != CVY_OK)
        return status;
    status = build(file, name, &loaded);
    cvy_safetensors_close(file);
    if (status == CVY_OK)
        *model = loaded;
    return status;
}
