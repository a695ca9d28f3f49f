/* Functional models: layers in any order, each of which names the layers that it reads. A layer is added as
 * soon as all of its inputs have been. */
#include "model/functional.h"

#include <string.h>

#include "base/memory.h"
#include "model/architecture.h"

/* Layers by their names, and which output each has once it is read. */
typedef struct {
    json_t *layers;
    size_t *outputs; /* NOT_READ until then */
} graph;

#define NOT_READ SIZE_MAX

static size_t find_output(const graph *g, const char *name)
{
    for (size_t i = 0; i < json_array_size(g->layers); i++) {
        json_t *entry = json_array_get(g->layers, i);
        const char *own = json_string_value(json_object_get(entry, "name"));
        const char *other =
            json_string_value(json_object_get(json_object_get(entry, "config"), "name"));
        if ((own != NULL && strcmp(own, name) == 0) ||
            (own == NULL && other != NULL && strcmp(other, name) == 0))
            return g->outputs[i];
    }
    return NOT_READ;
}

/* The outputs that a node names, in Keras 3's words, {"class_name": "__keras_tensor__", "config":
 * {"keras_history": ["name", 0, 0]}}, or in Keras 2's, ["name", 0, 0, {}]. is_known: all are read. */
static cvy_status collect(const graph *g, json_t *node, size_t depth, cvy_sources *from,
                          bool *is_known)
{
    json_t *history = json_object_get(json_object_get(node, "config"), "keras_history");
    json_t *tensor = history != NULL ? history : node, *value;
    const char *name = json_string_value(json_array_get(tensor, 0)), *key;
    cvy_status status = CVY_OK;
    size_t i;

    if (depth > CVY_NESTED_MAX)
        return cvy_fail(CVY_ERR_FORMAT, "inbound_nodes: nested too deeply");
    if (name != NULL) {
        const size_t output = find_output(g, name);
        if (from->count == CVY_SOURCES_MAX)
            return cvy_fail(CVY_ERR_UNSUPPORTED, "it has more than %d inputs", CVY_SOURCES_MAX);
        *is_known = *is_known && output != NOT_READ;
        from->outputs[from->count++] = output;
        return CVY_OK;
    }
    json_array_foreach(node, i, value)
    {
        if (status == CVY_OK)
            status = collect(g, value, depth + 1, from, is_known);
    }
    json_object_foreach(node, key, value)
    {
        if (status == CVY_OK)
            status = collect(g, value, depth + 1, from, is_known);
    }
    return status;
}

/* Reads a layer if all that it is given is there; *has_read says so. */
static cvy_status read_node(cvy_draft *b, graph *g, size_t i, const cvy_surroundings *around,
                            const cvy_sources *input, bool *has_read)
{
    json_t *entry = json_array_get(g->layers, i);
    json_t *nodes = json_object_get(entry, "inbound_nodes");
    const char *class_name = json_string_value(json_object_get(entry, "class_name"));
    cvy_sources from = { 0 };
    bool is_known = true;

    *has_read = false;
    if (json_array_size(nodes) > 1)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "a layer that is used %zu times, with the same weights, is not supported; "
                        "give each use a layer of its own",
                        json_array_size(nodes));
    cvy_status status = collect(g, nodes, 0, &from, &is_known);
    if (status != CVY_OK || !is_known)
        return status;
    if (class_name != NULL && strcmp(class_name, "InputLayer") == 0)
        from = *input;
    else if (from.count == 0)
        return cvy_fail(CVY_ERR_FORMAT, "it has no inbound_nodes");
    status = cvy_architecture_add_layer(b, entry, around, &from, &g->outputs[i]);
    *has_read = true;
    return status;
}

static cvy_status read_nodes(cvy_draft *b, graph *g, const cvy_surroundings *around,
                             const cvy_sources *input)
{
    const size_t count = json_array_size(g->layers);
    size_t left = count;

    while (left > 0) {
        const size_t before = left;
        for (size_t i = 0; i < count; i++) {
            bool has_read = true;
            if (g->outputs[i] != NOT_READ)
                continue;
            cvy_status status = read_node(b, g, i, around, input, &has_read);
            if (status != CVY_OK)
                return cvy_fail_at(status, "layer %zu", i + 1);
            left -= has_read;
        }
        if (left == before)
            return cvy_fail(CVY_ERR_FORMAT,
                            "inbound_nodes: %zu layers are given outputs that nobody makes", left);
    }
    return CVY_OK;
}

cvy_status cvy_functional_add(cvy_draft *b, json_t *config, const cvy_surroundings *around,
                              const cvy_sources *from, size_t *output)
{
    graph g = { .layers = json_object_get(config, "layers") };
    cvy_sources ends = { 0 };
    bool is_known = true;
    cvy_status status = cvy_memory_create(json_array_size(g.layers), sizeof *g.outputs, &g.outputs);

    for (size_t i = 0; status == CVY_OK && i < json_array_size(g.layers); i++)
        g.outputs[i] = NOT_READ;
    if (status == CVY_OK)
        status = read_nodes(b, &g, around, from);
    if (status == CVY_OK)
        status = collect(&g, json_object_get(config, "output_layers"), 0, &ends, &is_known);
    if (status == CVY_OK && (ends.count != 1 || !is_known))
        status = cvy_fail(CVY_ERR_UNSUPPORTED,
                          "output_layers: found %zu, expected one; split the model", ends.count);
    cvy_memory_free(g.outputs);
    *output = ends.outputs[0];
    return status;
}
