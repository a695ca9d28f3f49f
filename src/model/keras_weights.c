/* Reads the weights in the .weights.h5 of a .keras file, and in Keras's older .h5 files.
 *
 * Keras 3: layers/NAME/vars/0, 1, ..., trained ones first. NAME is not the layer's name but that of
 * its class in snake case, "conv2d", "conv2d_1", numbered in the order of the file's layers; a
 * nested model is layers/sequential/layers/... The first releases wrote
 * _layer_checkpoint_dependencies for the outermost "layers".
 * Keras 2: [model_weights/]LAYER, whose attribute weight_names lists "LAYER/kernel:0", ...; weights
 * of a nested model are listed there too, under the names of their own layers.
 * Source: keras/src/saving/saving_lib.py and keras/src/legacy/saving/legacy_h5_format.py,
 * Keras 3.15.1. */
#include "model/keras_weights.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "model/keras_json.h"

enum { PATH_BYTES = 1024, ARRAYS_MAX = 8, DEPTH_MAX = 20 };

typedef struct {
    cvy_model *model;
    cvy_hdf5 *file;
    bool *is_read; /* [layer_count] of the model */
} reading;

/* The arrays in the file for one Keras layer, in order. */
typedef struct {
    size_t count;
    const cvy_hdf5_array *arrays[ARRAYS_MAX];
} arrays;

/* --- shapes --- */

bool cvy_weights_same_shape(size_t rank, const size_t *dims, const cvy_weight_plan *plan)
{
    size_t a = 0, b = 0;

    for (;;) {
        while (a < rank && dims[a] == 1)
            a++;
        while (b < plan->rank && plan->dims[b] == 1)
            b++;
        if (a == rank || b == plan->rank)
            return a == rank && b == plan->rank;
        if (dims[a++] != plan->dims[b++])
            return false;
    }
}

static void print_shape(size_t rank, const size_t *dims, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, rank == 0 ? "a single value" : "");

    for (size_t d = 0; d < rank && used < size; d++)
        used += (size_t)snprintf(text + used, size - used, "%s%zu", d > 0 ? " x " : "", dims[d]);
}

/* Advise how to convert PyTorch's layouts: [out][in] of a dense kernel, [out][in][height][width] of
 * a convolution. */
static const char *advise_on_axes(size_t rank, const size_t *dims, const cvy_weight_plan *plan)
{
    if (rank == 2 && plan->rank == 2 && dims[0] == plan->dims[1] && dims[1] == plan->dims[0])
        return "; transposing it would do, since PyTorch keeps [out][in]";
    if (rank == 4 && plan->rank == 4 && dims[0] == plan->dims[3] && dims[1] == plan->dims[2] &&
        dims[2] == plan->dims[0] && dims[3] == plan->dims[1])
        return "; permute(2, 3, 1, 0) would do, since PyTorch keeps [out][in][height][width]";
    return "";
}

cvy_status cvy_weights_fail_shape(const char *layer, const char *weight, size_t rank,
                                  const size_t *dims, const cvy_weight_plan *plan)
{
    char found[200], expected[100];

    print_shape(rank, dims, found, sizeof found);
    print_shape(plan->rank, plan->dims, expected, sizeof expected);
    return cvy_fail(CVY_ERR_SHAPE, "layer %s, %s: found %s, expected %s%s", layer, weight, found,
                    expected, advise_on_axes(rank, dims, plan));
}

cvy_status cvy_weights_check(const char *layer, const char *weight, const float *values,
                             size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return cvy_fail(CVY_ERR_DATA, "layer %s, %s: value %zu is not a finite number", layer,
                            weight, i);
    return CVY_OK;
}

/* --- one layer --- */

static cvy_layer *find_layer(const reading *r, const char *name)
{
    for (size_t i = 0; i < r->model->layer_count; i++)
        if (strcmp(r->model->layers[i].name, name) == 0)
            return &r->model->layers[i];
    return NULL;
}

/* Find a layer by name. In a nested model, a name that was taken got the inner model's name as a
 * prefix (model/draft.c). */
static cvy_layer *find_named(const reading *r, const char *owner, const char *name)
{
    char longer[2 * CVY_NAME_BYTES];
    cvy_layer *layer = NULL;

    if (owner != NULL) {
        snprintf(longer, sizeof longer, "%.100s_%.100s", owner, name);
        layer = find_layer(r, longer);
    }
    return layer != NULL ? layer : find_layer(r, name);
}

static cvy_status read_array(const reading *r, const cvy_layer *layer, size_t w,
                             const cvy_hdf5_array *array)
{
    const cvy_weight_plan *plan = &layer->plan.weights[w];
    float *values = r->model->weights + layer->weight_offset[w];

    if (!cvy_weights_same_shape(array->rank, array->dims, plan))
        return cvy_weights_fail_shape(layer->name, plan->name, array->rank, array->dims, plan);
    cvy_status status = cvy_hdf5_read(r->file, array, values);
    return status == CVY_OK ? cvy_weights_check(layer->name, plan->name, values, plan->count)
                            : status;
}

/* Fill a layer and the following ones that were made from the same Keras layer. */
static cvy_status fill(const reading *r, cvy_layer *layer, const arrays *from)
{
    const cvy_layer *end = r->model->layers + r->model->layer_count;
    cvy_status status = CVY_OK;
    size_t taken = 0;

    for (cvy_layer *part = layer; part < end && (part == layer || part->is_part_of_previous);
         part++) {
        for (size_t w = 0; status == CVY_OK && w < part->plan.weight_count; w++, taken++)
            status = taken < from->count
                         ? read_array(r, part, w, from->arrays[taken])
                         : cvy_fail(CVY_ERR_FORMAT, "layer %s: its %s is missing in the file",
                                    layer->name, part->plan.weights[w].name);
        r->is_read[part - r->model->layers] = true;
    }
    if (status == CVY_OK && taken < from->count)
        status = cvy_fail(CVY_ERR_FORMAT, "layer %s: found %zu arrays, expected %zu", layer->name,
                          from->count, taken);
    return status;
}

/* --- Keras 3 --- */

static const char *class_of(json_t *layers, size_t i)
{
    const char *name = json_string_value(json_object_get(json_array_get(layers, i), "class_name"));
    return name != NULL ? name : "";
}

/* Print a layer's path: "layers/conv2d_1" is the second of its class
 * among the layers of its model. */
static bool print_place(json_t *layers, size_t i, const char *prefix, char path[PATH_BYTES])
{
    char snake[2 * CVY_NAME_BYTES], number[24] = "";
    size_t before = 0;

    for (size_t j = 0; j < i; j++)
        before += strcmp(class_of(layers, j), class_of(layers, i)) == 0;
    cvy_keras_object_name(class_of(layers, i), snake, sizeof snake);
    if (before > 0)
        snprintf(number, sizeof number, "_%zu", before);
    return snprintf(path, PATH_BYTES, "%s/%s%s", prefix, snake, number) < PATH_BYTES;
}

/* Append PATH/vars/0 and so on. */
static void find_vars(const reading *r, const char *path, arrays *found)
{
    char name[PATH_BYTES + 64];

    for (size_t i = 0; found->count < ARRAYS_MAX; i++) {
        snprintf(name, sizeof name, "%s/vars/%zu", path, i);
        const cvy_hdf5_array *array = cvy_hdf5_find(r->file, name);
        if (array == NULL)
            return;
        found->arrays[found->count++] = array;
    }
}

static cvy_status read_model(const reading *r, json_t *config, const char *prefix,
                             const char *owner, size_t depth);

static cvy_status read_entry(const reading *r, json_t *entry, const char *path, const char *owner,
                             size_t depth)
{
    json_t *config = json_object_get(entry, "config");
    const char *name = json_string_value(json_object_get(config, "name"));
    char inner[PATH_BYTES + 16];
    arrays found = { 0 };

    if (json_object_get(config, "layers") != NULL || json_is_array(config)) {
        snprintf(inner, sizeof inner, "%s/layers", path);
        return read_model(r, config, inner, name != NULL ? name : "model", depth + 1);
    }
    cvy_layer *layer = name != NULL ? find_named(r, owner, name) : NULL;
    find_vars(r, path, &found);
    snprintf(inner, sizeof inner, "%s/activation", path); /* a PReLU used as activation */
    find_vars(r, inner, &found);
    return layer != NULL && found.count > 0 ? fill(r, layer, &found) : CVY_OK;
}

static cvy_status read_model(const reading *r, json_t *config, const char *prefix,
                             const char *owner, size_t depth)
{
    json_t *layers = json_is_array(config) ? config : json_object_get(config, "layers");
    char path[PATH_BYTES];
    cvy_status status = CVY_OK;

    if (depth > DEPTH_MAX)
        return cvy_fail(CVY_ERR_UNSUPPORTED, "models are nested more than %d deep", DEPTH_MAX);
    for (size_t i = 0; status == CVY_OK && i < json_array_size(layers); i++)
        if (print_place(layers, i, prefix, path))
            status = read_entry(r, json_array_get(layers, i), path, owner, depth);
    return status;
}

static cvy_status read_new(const reading *r)
{
    json_t *root = cvy_json_load_text(r->model->architecture, 0, NULL);
    bool has_old_name = false;

    for (size_t i = 0; i < cvy_hdf5_count(r->file); i++)
        has_old_name = has_old_name || strncmp(cvy_hdf5_array_at(r->file, i)->path,
                                               "_layer_checkpoint_dependencies/", 31) == 0;
    cvy_status status =
        root != NULL
            ? read_model(r, json_object_get(root, "config"),
                         has_old_name ? "_layer_checkpoint_dependencies" : "layers", NULL, 0)
            : cvy_fail(CVY_ERR_MEMORY, "out of memory");
    json_decref(root);
    return status;
}

/* --- Keras 2 --- */

/* The layer of a weight: the second to last part of "cnn/conv2d/kernel:0", or the group's name if
 * there is only one part. */
static void name_owner(const char *weight, const char *group, char name[CVY_NAME_BYTES])
{
    const char *end = strrchr(weight, '/'), *begin = end;

    while (begin != NULL && begin > weight && begin[-1] != '/')
        begin--;
    if (end == NULL || end == begin)
        snprintf(name, CVY_NAME_BYTES, "%.255s", group);
    else
        snprintf(name, CVY_NAME_BYTES, "%.*s", (int)(end - begin), begin);
}

/* Read all weights of one layer among those that a group lists. */
static cvy_status read_owner(const reading *r, const char *base, const char *group, char **names,
                             size_t count, const char *owner)
{
    char path[PATH_BYTES], name[CVY_NAME_BYTES];
    arrays found = { 0 };
    cvy_layer *layer = find_named(r, group, owner);

    if (layer == NULL)
        layer = find_layer(r, group);
    if (layer == NULL)
        return CVY_OK;
    for (size_t i = 0; i < count; i++) {
        name_owner(names[i], group, name);
        if (strcmp(name, owner) != 0)
            continue;
        snprintf(path, sizeof path, "%s%.300s/%.600s", base, group, names[i]);
        const cvy_hdf5_array *array = cvy_hdf5_find(r->file, path);
        if (array == NULL || found.count == ARRAYS_MAX)
            return cvy_fail(CVY_ERR_FORMAT, "layer %s: %s is missing in the file", owner, names[i]);
        found.arrays[found.count++] = array;
    }
    return fill(r, layer, &found);
}

static cvy_status read_group(const reading *r, const char *base, const char *group)
{
    char path[PATH_BYTES], owner[CVY_NAME_BYTES], other[CVY_NAME_BYTES];
    char **names;
    size_t count;

    snprintf(path, sizeof path, "%s%.600s", base, group);
    cvy_status status = cvy_hdf5_attribute(r->file, path, "weight_names", &names, &count);
    for (size_t i = 0; status == CVY_OK && i < count; i++) {
        bool is_first = true;
        name_owner(names[i], group, owner);
        for (size_t j = 0; j < i && is_first; j++) {
            name_owner(names[j], group, other);
            is_first = strcmp(other, owner) != 0;
        }
        if (is_first)
            status = read_owner(r, base, group, names, count, owner);
    }
    cvy_hdf5_free_texts(names, count);
    return status;
}

/* Find the groups of layers: in the root or in model_weights. *base is NULL if there are none. */
static cvy_status find_base(cvy_hdf5 *file, const char **base, char ***layers, size_t *count)
{
    static const char *const places[] = { "", "model_weights/" }, *const groups[] = {
        "", "model_weights"
    };
    cvy_status status = CVY_OK;

    *base = NULL;
    for (size_t i = 0; status == CVY_OK && *base == NULL && i < 2; i++) {
        status = cvy_hdf5_attribute(file, groups[i], "layer_names", layers, count);
        if (status == CVY_OK && *layers != NULL)
            *base = places[i];
    }
    return status;
}

cvy_status cvy_keras_is_legacy(cvy_hdf5 *file, bool *is_legacy)
{
    const char *base;
    char **layers = NULL;
    size_t count = 0;
    cvy_status status = find_base(file, &base, &layers, &count);

    *is_legacy = status == CVY_OK && base != NULL;
    cvy_hdf5_free_texts(layers, count);
    return status;
}

static cvy_status read_old(const reading *r)
{
    const char *base;
    char **layers = NULL;
    size_t count = 0;
    cvy_status status = find_base(r->file, &base, &layers, &count);

    for (size_t i = 0; status == CVY_OK && i < count; i++)
        status = read_group(r, base, layers[i]);
    cvy_hdf5_free_texts(layers, count);
    return status;
}

/* --- both --- */

static cvy_status check_all(const reading *r)
{
    for (size_t i = 0; i < r->model->layer_count; i++)
        if (!r->is_read[i] && r->model->layers[i].plan.weight_count > 0 &&
            r->model->layers[i].repeats == 0)
            return cvy_fail(CVY_ERR_FORMAT, "layer %s: its weights are missing in the file",
                            r->model->layers[i].name);
    return CVY_OK;
}

cvy_status cvy_keras_read_weights(const char *name, cvy_hdf5 *file, cvy_model *model)
{
    reading r = { .model = model, .file = file };
    bool is_legacy = false;
    cvy_status status = cvy_memory_create(model->layer_count, sizeof *r.is_read, &r.is_read);

    if (status == CVY_OK)
        status = cvy_keras_is_legacy(file, &is_legacy);
    if (status == CVY_OK)
        status = is_legacy ? read_old(&r) : read_new(&r);
    if (status == CVY_OK)
        status = check_all(&r);
    cvy_memory_free(r.is_read);
    return status == CVY_OK ? CVY_OK : cvy_fail_at(status, "%s", name);
}
