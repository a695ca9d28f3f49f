/* Expresses operations of keras.ops and Keras 2's TFOpLambda as layers: arithmetic with a number
 * becomes a Rescaling, arithmetic with another output a layer with several inputs,
 * a function an Activation. */
#include "model/keras_operations.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "layers/activation.h"
#include "model/keras_channels.h"
#include "model/keras_json.h"

/* An operation in the file. */
typedef struct {
    char name[CVY_NAME_BYTES]; /* class or TensorFlow function: "true_divide", "add" */
    json_t *config;            /* settings, which become those of the layer */
    json_t *settings;          /* Keras 3: the config; Keras 2: keyword arguments of the call */
    json_t *arguments;         /* Keras 3: of the first call */
    json_t *constant;          /* a number or an array of them among its operands, or NULL */
    bool is_constant_first;
    cvy_draft *b;
    cvy_shape in;
    cvy_sources *from;
    const char *layer; /* the equivalent class of layer, if there is exactly one */
    const char **class_name;
} operation;

bool cvy_keras_is_operation(json_t *entry)
{
    const char *module = json_string_value(json_object_get(entry, "module"));
    const char *class_name = json_string_value(json_object_get(entry, "class_name"));

    return (module != NULL && strstr(module, ".ops.") != NULL) ||
           (class_name != NULL && strcmp(class_name, "TFOpLambda") == 0);
}

/* --- operands --- */

/* Return a number, or the values of a Keras 3 array; NULL for other operands. */
static json_t *constant_of(json_t *operand)
{
    json_t *value = json_object_get(json_object_get(operand, "config"), "value");

    if (json_is_number(operand))
        return operand;
    return json_is_number(value) || json_is_array(value) ? value : NULL;
}

static void find_constant(operation *op, json_t *entry)
{
    json_t *node = json_array_get(json_object_get(entry, "inbound_nodes"), 0);
    json_t *args = json_object_get(node, "args"); /* Keras 3 */

    op->settings = op->config;
    op->arguments = args;
    for (size_t i = 0; i < json_array_size(args) && op->constant == NULL; i++) {
        op->constant = constant_of(json_array_get(args, i));
        op->is_constant_first = i == 0;
    }
    if (!json_is_array(node))
        return;
    /* Keras 2: ["name", 0, 0, {"y": 2.0}], or ["_CONSTANT_VALUE", -1, 1.0, {"y": ["name", 0, 0]}],
     * alone or in a list */
    json_t *call = json_is_array(json_array_get(node, 0)) ? json_array_get(node, 0) : node;
    const char *first = json_string_value(json_array_get(call, 0));
    op->settings = json_array_get(call, 3);
    if (first != NULL && strcmp(first, "_CONSTANT_VALUE") == 0) {
        op->constant = constant_of(json_array_get(call, 2));
        op->is_constant_first = true;
    } else {
        op->constant = constant_of(json_object_get(op->settings, "y"));
    }
}

static const char *name_of(const operation *op)
{
    const char *name = json_string_value(json_object_get(op->config, "name"));
    return name != NULL ? name : op->name;
}

static void clear_config(operation *op)
{
    const char *key;
    json_t *value;
    void *next;

    json_object_foreach_safe(op->config, next, key, value)
    {
        if (strcmp(key, "name") != 0)
            json_object_del(op->config, key);
    }
}

static cvy_status set(operation *op, const char *key, json_t *value)
{
    return json_object_set_new(op->config, key, value) == 0
               ? CVY_OK
               : cvy_fail(CVY_ERR_MEMORY, "out of memory");
}

static cvy_status refuse(const operation *op, const char *why)
{
    return cvy_fail(CVY_ERR_UNSUPPORTED, "operation %s: %s", op->name, why);
}

/* --- arithmetic --- */

typedef double number_function(double x);

static double same(double x)
{
    return x;
}

static double negative(double x)
{
    return -x;
}

static double inverse(double x)
{
    return 1 / x;
}

static void map_list(const json_t *constant, number_function *function, json_t **all)
{
    for (size_t i = 0; i < json_array_size(constant); i++) {
        const json_t *entry = json_array_get(constant, i);
        if (json_is_array(entry))
            map_list(entry, function, all);
        else
            cvy_json_append(all, json_real(function(json_number_value(entry))));
    }
}

/* Apply a function to the constant, or to each number in its (nested) lists. Returns NULL if memory
 * is short. */
static json_t *map(const json_t *constant, number_function *function)
{
    json_t *all = json_array();

    if (json_is_number(constant)) {
        json_decref(all);
        return json_real(function(json_number_value(constant)));
    }
    map_list(constant, function, &all);
    return all;
}

static cvy_status rescale(operation *op, json_t *scale, json_t *offset)
{
    *op->class_name = "Rescaling";
    clear_config(op);
    cvy_status status = set(op, "scale", scale);
    return status == CVY_OK ? set(op, "offset", offset) : (json_decref(offset), status);
}

static cvy_status rescale_by(operation *op)
{
    json_t *c = op->constant;
    const bool first = op->is_constant_first;

    if (op->from->count != 1)
        return refuse(op, "expected one output and one number");
    if (strcmp(op->name, "add") == 0)
        return rescale(op, json_real(1), map(c, same));
    if (strcmp(op->name, "subtract") == 0)
        return first ? rescale(op, json_real(-1), map(c, same))
                     : rescale(op, json_real(1), map(c, negative));
    if (strcmp(op->name, "multiply") == 0)
        return rescale(op, map(c, same), json_real(0));
    if (strcmp(op->name, "divide") == 0 && !first)
        return rescale(op, map(c, inverse), json_real(0));
    if (strcmp(op->name, "maximum") == 0 && json_is_number(c) && json_number_value(c) == 0) {
        *op->class_name = "ReLU";
        clear_config(op);
        return CVY_OK;
    }
    return refuse(op, "with this number it is not supported; use layers of keras.layers");
}

/* Join the operands with a layer of several inputs. An image and a vector are refused, since
 * operations and layers repeat missing sides differently. */
static cvy_status join(operation *op)
{
    if (op->constant != NULL)
        return rescale_by(op);
    for (size_t i = 1; i < op->from->count; i++)
        if (cvy_draft_shape(op->b, op->from->outputs[i]).rank != op->in.rank)
            return refuse(op, "its operands are an image and a vector; use Reshape on the vector");
    *op->class_name = op->layer;
    clear_config(op);
    return CVY_OK;
}

static cvy_status become_quotient(operation *op)
{
    return op->constant != NULL ? rescale_by(op)
                                : refuse(op, "of two outputs it is not supported; use Multiply");
}

static cvy_status become_negative(operation *op)
{
    return rescale(op, json_real(-1), json_real(0));
}

static cvy_status become_square(operation *op)
{
    op->from->count = 2;
    op->from->outputs[1] = op->from->outputs[0];
    return join(op);
}

static cvy_status become_linear(operation *op)
{
    *op->class_name = "Activation";
    clear_config(op);
    return set(op, "activation", json_string("linear"));
}

/* --- shapes --- */

/* Whether the axes are rows and columns; they count from 1, or from the end. */
static bool is_over_positions(const operation *op, json_t *axes)
{
    const json_int_t a = json_integer_value(json_array_get(axes, 0));
    const json_int_t b = json_integer_value(json_array_get(axes, 1));
    const bool is_first = op->b->is_channels_first;

    if (op->in.rank != 3 || json_array_size(axes) != 2)
        return false;
    return is_first ? (a == 2 && b == 3) || (a == -2 && b == -1)
                    : (a == 1 && b == 2) || (a == -3 && b == -2);
}

static bool is_over_channels(const operation *op, json_t *axes)
{
    json_t *axis = json_array_size(axes) == 1 ? json_array_get(axes, 0) : axes;
    const json_int_t at = json_integer_value(axis);

    if (op->in.rank != 3 || op->b->sides[op->from->outputs[0]] != CVY_SIDES_OTHER)
        return false;
    return op->b->is_channels_first ? at == 1 || at == -3 : at == 3 || at == -1;
}

static cvy_status pool(operation *op)
{
    const bool keepdims = json_is_true(json_object_get(op->settings, "keepdims"));
    json_t *axes = json_object_get(op->settings, "axis");

    if (is_over_channels(op, axes) && keepdims) {
        cvy_status status = cvy_keras_pool_channels(
            op->b, name_of(op), strcmp(op->name, "max") == 0, &op->from->outputs[0]);
        return status == CVY_OK ? become_linear(op) : status;
    }
    if (!is_over_positions(op, axes))
        return refuse(op, "over these axes it is not supported, expected rows and columns, or the "
                          "channels with keepdims");
    *op->class_name = op->layer;
    clear_config(op);
    return set(op, "keepdims", json_boolean(keepdims));
}

static cvy_status become_slice(operation *op)
{
    cvy_status status = cvy_keras_slice(op->b, name_of(op), json_array_get(op->arguments, 1),
                                        &op->from->outputs[0]);
    return status == CVY_OK ? become_linear(op) : cvy_fail_at(status, "operation %s", op->name);
}

/* Return the entries after the first, which is the samples. */
static json_t *without_first(json_t *list)
{
    json_t *rest = json_array();

    for (size_t i = 1; i < json_array_size(list); i++)
        json_array_append(rest, json_array_get(list, i));
    return rest;
}

static cvy_status become_reshape(operation *op)
{
    json_t *shape = json_object_get(op->settings, "newshape");

    if (shape == NULL)
        shape = json_object_get(op->settings, "shape");
    json_t *target = without_first(shape);
    *op->class_name = "Reshape";
    clear_config(op);
    return set(op, "target_shape", target);
}

static cvy_status become_permute(operation *op)
{
    json_t *axes = json_object_get(op->settings, "axes");

    if (axes == NULL)
        axes = json_object_get(op->settings, "perm");
    if (json_integer_value(json_array_get(axes, 0)) != 0)
        return refuse(op, "it must leave the samples in their place");
    json_t *dims = without_first(axes);
    *op->class_name = "Permute";
    clear_config(op);
    return set(op, "dims", dims);
}

static cvy_status become_concatenate(operation *op)
{
    json_t *axis = json_object_get(op->settings, "axis");
    const json_int_t number = axis != NULL ? json_integer_value(axis) : -1;

    *op->class_name = "Concatenate";
    clear_config(op);
    return set(op, "axis", json_integer(number));
}

/* Add a channel axis to an image without one; values stay the same. */
static cvy_status become_image(operation *op)
{
    json_t *axis = json_object_get(op->settings, "axis");
    const json_int_t at = json_integer_value(axis);

    if (op->in.rank != 3 || op->in.dims[2] != 1 || (at != -1 && at != 3))
        return refuse(op, "expected a new last axis of an image without channels; use Reshape");
    const int height = (int)op->in.dims[0], width = (int)op->in.dims[1];
    *op->class_name = "Reshape";
    clear_config(op);
    return set(op, "target_shape", json_pack("[iii]", height, width, 1));
}

static cvy_status become_flat(operation *op)
{
    if (op->in.rank != 3 || op->in.dims[0] != 1 || op->in.dims[1] != 1)
        return refuse(op, "expected an image of one pixel; use Reshape");
    *op->class_name = "Flatten";
    clear_config(op);
    return CVY_OK;
}

static cvy_status keep_config(operation *op)
{
    *op->class_name = op->layer;
    json_object_del(op->config, "function");
    return CVY_OK;
}

static cvy_status become_gelu(operation *op)
{
    const bool is_exact = json_is_false(json_object_get(op->settings, "approximate"));

    *op->class_name = "Activation";
    clear_config(op);
    return set(op, "activation", json_string(is_exact ? "gelu" : "gelu_tanh"));
}

/* Become an Activation, if all arguments have their defaults. */
static cvy_status become_function(operation *op)
{
    const char *key;
    json_t *value;

    json_object_foreach(op->config, key, value)
    {
        if (strcmp(key, "name") == 0 || strcmp(key, "dtype") == 0 || strcmp(key, "function") == 0 ||
            (strcmp(key, "axis") == 0 && json_integer_value(value) == -1) ||
            (strcmp(key, "alpha") == 0 && json_number_value(value) == 1))
            continue;
        return refuse(op, "with these settings it is not supported; use a layer of keras.layers");
    }
    *op->class_name = "Activation";
    clear_config(op);
    return set(op, "activation", json_string(op->name));
}

static const struct {
    const char *name;
    cvy_status (*restate)(operation *op);
    const char *layer;
} operations[] = {
    { "add", join, "Add" },
    { "subtract", join, "Subtract" },
    { "multiply", join, "Multiply" },
    { "divide", become_quotient, NULL },
    { "maximum", join, "Maximum" },
    { "minimum", join, "Minimum" },
    { "negative", become_negative, NULL },
    { "square", become_square, "Multiply" },
    { "identity", become_linear, NULL },
    { "cast", become_linear, NULL },
    { "get_item", become_slice, NULL },
    { "mean", pool, "GlobalAveragePooling2D" },
    { "max", pool, "GlobalMaxPooling2D" },
    { "reshape", become_reshape, NULL },
    { "transpose", become_permute, NULL },
    { "concatenate", become_concatenate, NULL },
    { "expand_dims", become_image, NULL },
    { "squeeze", become_flat, NULL },
    { "max_pool", keep_config, "MaxPooling2D" },
    { "average_pool", keep_config, "AveragePooling2D" },
    { "leaky_relu", keep_config, "LeakyReLU" },
    { "elu", keep_config, "ELU" },
    { "softmax", keep_config, "Softmax" },
    { "gelu", become_gelu, NULL },
};

/* Map synonyms in Keras and TensorFlow to one name. */
static const char *plain_name(const char *name)
{
    static const struct {
        const char *alias, *name;
    } aliases[] = {
        { "true_divide", "divide" }, { "truediv", "divide" },       { "neg", "negative" },
        { "reduce_mean", "mean" },   { "reduce_max", "max" },       { "concat", "concatenate" },
        { "sub", "subtract" },       { "mul", "multiply" },         { "permute", "transpose" },
        { "swish", "silu" },         { "hard_swish", "hard_silu" }, { "amax", "max" },
    };

    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strcmp(aliases[i].alias, name) == 0)
            return aliases[i].name;
    return name;
}

static void find_name(operation *op, const char *class_name)
{
    const char *function = json_string_value(json_object_get(op->config, "function"));
    char name[CVY_NAME_BYTES];

    if (function != NULL && strrchr(function, '.') != NULL)
        snprintf(name, sizeof name, "%s", strrchr(function, '.') + 1);
    else
        cvy_keras_snake_case(function != NULL ? function : class_name, name, sizeof name);
    snprintf(op->name, sizeof op->name, "%s", plain_name(name));
}

cvy_status cvy_keras_restate_operation(cvy_draft *b, json_t *entry, cvy_sources *from,
                                       const char **class_name)
{
    operation op = { .config = json_object_get(entry, "config"),
                     .b = b,
                     .in = cvy_draft_shape(b, from->outputs[0]),
                     .from = from,
                     .class_name = class_name };

    find_name(&op, *class_name);
    find_constant(&op, entry);
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (strcmp(operations[i].name, op.name) == 0) {
            op.layer = operations[i].layer;
            return operations[i].restate(&op);
        }
    for (size_t f = 0; cvy_activation_name(f) != NULL; f++)
        if (strcmp(cvy_activation_name(f), op.name) == 0)
            return become_function(&op);
    return refuse(&op, "it is not supported; use a layer of keras.layers");
}
