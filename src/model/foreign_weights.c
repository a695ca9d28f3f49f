/* Reads weights of the same shapes from files of other programs. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "convoy/fine_tuning.h"
#include "formats/foreign.h"
#include "formats/safetensors.h"
#include "model/keras_file.h"
#include "model/keras_weights.h"

enum { NAME_BYTES = 2 * CVY_NAME_BYTES };

/* Normalize a name: "conv2d.kernel:0" and "conv2d/kernel" are the same. */
static void simplify(const char *name, char simple[NAME_BYTES])
{
    const size_t length = strcspn(name, ":");
    size_t i = 0;

    for (; i < length && i + 1 < NAME_BYTES; i++)
        simple[i] = (char)(name[i] == '.' ? '/' : name[i]);
    simple[i] = '\0';
}

/* Find the tensor of a weight by name. Return the number of tensors if there is none. */
static size_t find_by_name(const cvy_safetensors *file, const cvy_weight *weight)
{
    char wanted[NAME_BYTES], found[NAME_BYTES];
    cvy_safetensor tensor;
    size_t i = 0;

    snprintf(wanted, sizeof wanted, "%s/%s", weight->layer->name, weight->plan->name);
    for (; cvy_safetensors_entry(file, i, &tensor); i++) {
        simplify(tensor.name, found);
        if (strcmp(wanted, found) == 0)
            return i;
    }
    return i;
}

static bool has_all_names(const cvy_safetensors *file, const cvy_model *model)
{
    cvy_weight weight;

    for (size_t i = 0; cvy_model_weight(model, i, &weight); i++)
        if (find_by_name(file, &weight) == cvy_safetensors_count(file))
            return false;
    return true;
}

static cvy_status take(const cvy_safetensors *file, size_t index, const cvy_weight *weight,
                       cvy_model *model)
{
    float *values = model->weights + weight->offset;
    cvy_safetensor tensor;

    cvy_safetensors_entry(file, index, &tensor);
    if (!cvy_weights_same_shape(tensor.rank, tensor.dims, weight->plan)) {
        cvy_status status = cvy_weights_fail_shape(weight->layer->name, weight->plan->name,
                                                   tensor.rank, tensor.dims, weight->plan);
        return cvy_fail_at(status, "tensor %.120s", tensor.name);
    }
    cvy_status status = cvy_safetensors_read(file, &tensor, values);
    return status == CVY_OK ? cvy_weights_check(weight->layer->name, weight->plan->name, values,
                                                weight->plan->count)
                            : status;
}

/* Take the weights by name if all names exist, else in the order of the file. */
static cvy_status take_all(const cvy_safetensors *file, cvy_model *model)
{
    const bool is_by_name = has_all_names(file, model);
    const size_t count = cvy_model_weight_count(model);
    cvy_weight weight;
    cvy_status status = CVY_OK;

    if (!is_by_name && cvy_safetensors_count(file) != count)
        return cvy_fail(CVY_ERR_FORMAT,
                        "found %zu tensors, none or not all called LAYER/WEIGHT, expected the %zu "
                        "of %s (convoy info lists its layers)",
                        cvy_safetensors_count(file), count, cvy_model_name(model));
    for (size_t i = 0; status == CVY_OK && cvy_model_weight(model, i, &weight); i++)
        status = take(file, is_by_name ? find_by_name(file, &weight) : i, &weight, model);
    return status;
}

cvy_status cvy_model_read_weights(cvy_model *model, const char *path)
{
    cvy_safetensors *file;

    CVY_REQUIRE(model);
    CVY_REQUIRE(path);
    if (cvy_keras_recognise(path) != CVY_FILE_OTHER)
        return cvy_keras_file_read_weights(path, model);
    cvy_status status = cvy_safetensors_open(path, &file);
    if (status != CVY_OK)
        return cvy_foreign_explain(status, path, CVY_WANTED_MODEL);
    status = take_all(file, model);
    cvy_safetensors_close(file);
    return status == CVY_OK ? CVY_OK : cvy_fail_at(status, "%s", path);
}
