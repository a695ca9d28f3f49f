/* Functional models: layers in any order, each naming the layers that it reads. A layer is added as
 * soon as all its inputs have been added. */
#include "model/functional.h"

#include <string.h>

#include "base/memory.h"
#include "model/architecture.h"

/* The layers, and the output of each of their nodes once it is read. A layer that is called several
 * times has one node per call. */
typedef struct {
    json_t *layers;
    size_t *first_nodes; /* [layers + 1] of each layer */
    size_t *outputs;     /* [nodes] NOT_READ until the node is read */
    size_t *firsts;      /* [layers] the first of the model's layers for the layer's first call */
} graph;

#define NOT_READ SIZE_MAX

static size_t node_count(const graph *g, size_t layer)
{
    return g->first_nodes[layer + 1] - g->first_nodes[layer];
}

/* The output of a layer's call number `node`.
 * If there is only one call, the number in the file is ignored. */
static size_t find_output(const graph *g, const char *name, size_t node)
{
    for (size_t i = 0; i < json_array_size(g->layers); i++) {
        json_t *entry = json_array_get(g->layers, i);
        const char *own = json_string_value(json_object_get(entry, "name"));
        const char *other =
            json_string_value(json_object_get(json_object_get(entry, "config"), "name"));
        if ((own != NULL && strcmp(own, name) == 0) ||
            (own == NULL && other != NULL && strcmp(other, name) == 0)) {
            if (node >= node_count(g, i) && node_count(g, i) > 1)
                return NOT_READ;
            return g->outputs[g->first_nodes[i] + (node_count(g, i) == 1 ? 0 : node)];
        }
    }
    return NOT_READ;
}

/* Collect the outputs that a node names, as {"class_name": "__keras_tensor__", "config":
 * {"keras_history": ["name", 0, 0]}} (Keras 3) or ["name", 0, 0, {}] (Keras 2). *is_known: whether
 * all of them have been read. */
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
    if (name != NULL && strcmp(name, "_CONSTANT_VALUE") == 0) { /* a number, in Keras 2 */
        json_t *keywords = json_array_get(tensor, 3);
        return json_is_object(keywords) ? collect(g, keywords, depth + 1, from, is_known) : CVY_OK;
    }
    if (name != NULL && json_is_integer(json_array_get(tensor, 1))) {
        const json_int_t node_index = json_integer_value(json_array_get(tensor, 1));
        const size_t output = find_output(g, name, node_index > 0 ? (size_t)node_index : 0);
        if (from->count == CVY_SOURCES_MAX)
            return cvy_fail(CVY_ERR_UNSUPPORTED, "it has more than %d inputs", CVY_SOURCES_MAX);
        *is_known = *is_known && output != NOT_READ;
        from->outputs[from->count++] = output;
        json_t *keywords = history == NULL ? json_array_get(tensor, 3) : NULL;
        return json_is_object(keywords) ? collect(g, keywords, depth + 1, from, is_known) : CVY_OK;
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

static bool is_input(json_t *entry)
{
    const char *class_name = json_string_value(json_object_get(entry, "class_name"));
    return class_name != NULL && strcmp(class_name, "InputLayer") == 0;
}

/* Give the layers of another call, which start at `begin`,
 * the weights of those that start at `first`. */
static cvy_status share_weights(cvy_draft *b, size_t first, size_t begin, const char *given)
{
    for (size_t i = begin; i < b->model->layer_count; i++) {
        const cvy_layer *of = &b->model->layers[first + i - begin];
        cvy_layer *layer = &b->model->layers[i];
        bool are_same = of->kind == layer->kind && first + i - begin < begin &&
                        of->plan.weight_count == layer->plan.weight_count;
        for (size_t w = 0; are_same && w < layer->plan.weight_count; w++)
            are_same = memcmp(of->plan.weights[w].dims, layer->plan.weights[w].dims,
                              sizeof layer->plan.weights[w].dims) == 0;
        if (!are_same)
            return cvy_fail(CVY_ERR_SHAPE,
                            "layer %.80s: used several times, and its weights are of another shape "
                            "in call %s; give it inputs with the same channels each time",
                            given, layer->name);
        if (layer->plan.weight_count > 0)
            layer->repeats = of->repeats > 0 ? of->repeats : first + i - begin + 1;
    }
    return CVY_OK;
}

/* Add another call of a layer or model: layers like those of the first call,
 * with the same weights. */
static cvy_status add_again(cvy_draft *b, json_t *original, size_t call, size_t first,
                            const cvy_surroundings *around, const cvy_sources *from, size_t *output)
{
    json_t *entry = json_deep_copy(original), *config = json_object_get(entry, "config");
    const char *given =
        json_string_value(json_object_get(json_object_get(original, "config"), "name"));
    const size_t begin = b->model->layer_count;
    char name[CVY_NAME_BYTES];

    snprintf(name, sizeof name, "%.200s_call_%zu", given != NULL ? given : "layer", call + 1);
    cvy_status status = CVY_OK;
    if (entry == NULL || json_object_set_new(config, "name", json_string(name)) != 0)
        status = cvy_fail(CVY_ERR_MEMORY, "out of memory");
    const cvy_surroundings inside = { around->depth + 1, name, around->is_frozen };
    if (status == CVY_OK)
        status = cvy_architecture_add_layer(b, entry, &inside, from, output);
    json_decref(entry);
    return status == CVY_OK
               ? share_weights(b, first, begin, given != NULL ? given : "without a name")
               : status;
}

/* Read a call of a layer if all its inputs have been read, and set *has_read. */
static cvy_status read_call(cvy_draft *b, graph *g, size_t i, size_t call,
                            const cvy_surroundings *around, const cvy_sources *input,
                            bool *has_read)
{
    json_t *entry = json_array_get(g->layers, i);
    json_t *node = json_array_get(json_object_get(entry, "inbound_nodes"), call);
    size_t *output = &g->outputs[g->first_nodes[i] + call];
    cvy_sources from = { 0 };
    bool is_known = true;

    *has_read = false;
    if (call > 0 && g->outputs[g->first_nodes[i]] == NOT_READ)
        return CVY_OK; /* the first call must come first */
    cvy_status status = collect(g, node, 0, &from, &is_known);
    if (status != CVY_OK || !is_known)
        return status;
    if (is_input(entry))
        from = *input;
    else if (from.count == 0)
        return cvy_fail(CVY_ERR_FORMAT, "it has no inbound_nodes");
    if (call > 0) {
        status = add_again(b, entry, call, g->firsts[i], around, &from, output);
    } else {
        g->firsts[i] = b->model->layer_count;
        /* reading modifies the entry, which later calls need */
        json_t *copy = node_count(g, i) > 1 ? json_deep_copy(entry) : json_incref(entry);
        status = copy != NULL ? cvy_architecture_add_layer(b, copy, around, &from, output)
                              : cvy_fail(CVY_ERR_MEMORY, "out of memory");
        json_decref(copy);
    }
    *has_read = true;
    return status;
}

static cvy_status read_nodes(cvy_draft *b, graph *g, const cvy_surroundings *around,
                             const cvy_sources *input)
{
    const size_t count = json_array_size(g->layers);
    size_t left = g->first_nodes[count];

    while (left > 0) {
        const size_t before = left;
        for (size_t i = 0; i < count; i++)
            for (size_t call = 0; call < node_count(g, i); call++) {
                bool has_read = true;
                if (g->outputs[g->first_nodes[i] + call] != NOT_READ)
                    continue;
                cvy_status status = read_call(b, g, i, call, around, input, &has_read);
                if (status != CVY_OK)
                    return cvy_fail_at(status, "layer %zu", i + 1);
                left -= has_read;
            }
        if (left == before)
            return cvy_fail(CVY_ERR_FORMAT,
                            "inbound_nodes: the inputs of %zu layers are outputs of no layer",
                            left);
    }
    return CVY_OK;
}

static cvy_status count_nodes(graph *g)
{
    const size_t count = json_array_size(g->layers);
    cvy_status status = cvy_memory_create(count + 1, sizeof *g->first_nodes, &g->first_nodes);

    for (size_t i = 0; status == CVY_OK && i < count; i++) {
        const size_t nodes =
            json_array_size(json_object_get(json_array_get(g->layers, i), "inbound_nodes"));
        g->first_nodes[i + 1] = g->first_nodes[i] + (nodes > 0 ? nodes : 1);
    }
    if (status == CVY_OK)
        status = cvy_memory_create(g->first_nodes[count], sizeof *g->outputs, &g->outputs);
    if (status == CVY_OK)
        status = cvy_memory_create(count, sizeof *g->firsts, &g->firsts);
    for (size_t n = 0; status == CVY_OK && n < g->first_nodes[count]; n++)
        g->outputs[n] = NOT_READ;
    return status;
}

/* Print "a, b": the layers of a model's outputs or inputs. */
static void print_names(json_t *ends, char *text, size_t size)
{
    size_t length = 0;

    text[0] = '\0';
    for (size_t i = 0; i < json_array_size(ends); i++) {
        const char *name = json_string_value(json_array_get(json_array_get(ends, i), 0));
        const int more = snprintf(text + length, size - length, "%s%.60s", i > 0 ? ", " : "",
                                  name != NULL ? name : "?");
        length += more > 0 && length + (size_t)more < size ? (size_t)more : 0;
    }
}

/* Refuse a Functional model with several inputs. */
static cvy_status check_inputs(json_t *config)
{
    json_t *inputs = json_object_get(config, "input_layers");
    char names[256];

    if (json_array_size(inputs) < 2 || !json_is_array(json_array_get(inputs, 0)))
        return CVY_OK;
    print_names(inputs, names, sizeof names);
    return cvy_fail(CVY_ERR_UNSUPPORTED,
                    "input_layers: found %zu (%s), expected one image as input",
                    json_array_size(inputs), names);
}

static cvy_status find_end(const graph *g, json_t *config, size_t *output)
{
    json_t *ends = json_object_get(config, "output_layers");
    cvy_sources from = { 0 };
    bool is_known = true;
    char names[256];

    cvy_status status = collect(g, ends, 0, &from, &is_known);
    *output = from.outputs[0];
    if (status == CVY_OK && from.count != 1) {
        print_names(ends, names, sizeof names);
        status = cvy_fail(CVY_ERR_UNSUPPORTED,
                          "output_layers: found %zu (%s), expected one; make a model of each "
                          "output",
                          from.count, names);
    }
    if (status == CVY_OK && !is_known)
        status = cvy_fail(CVY_ERR_FORMAT, "output_layers: names a layer that does not exist");
    return status;
}

cvy_status cvy_functional_add(cvy_draft *b, json_t *config, const cvy_surroundings *around,
                              const cvy_sources *from, size_t *output)
{
    graph g = { .layers = json_object_get(config, "layers") };
    cvy_status status = check_inputs(config);

    if (status == CVY_OK)
        status = count_nodes(&g);
    if (status == CVY_OK)
        status = read_nodes(b, &g, around, from);
    if (status == CVY_OK)
        status = find_end(&g, config, output);
    cvy_memory_free(g.outputs);
    cvy_memory_free(g.firsts);
    cvy_memory_free(g.first_nodes);
    return status;
}
