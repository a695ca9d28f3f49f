/* Prints values of Keras's JSON as the text that a user would type. */
#include "model/keras_json.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/letters.h"
#include "base/number.h"
#include "base/settings.h"
#include "model/keras_legacy.h"

bool cvy_keras_is_bookkeeping(const char *key)
{
    static const char *const keys[] = { "name",     "trainable",         "dtype",
                                        "seed",     "batch_input_shape", "sparse",
                                        "ragged",   "data_seed",         "value_range",
                                        "autocast", "supports_jit" };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

void cvy_keras_snake_case(const char *class_name, char *text, size_t size)
{
    size_t length = 0;
    for (const char *c = class_name; *c != '\0' && length + 2 < size; c++) {
        if (cvy_is_upper(*c) && c != class_name && !isdigit((unsigned char)c[-1]))
            text[length++] = '_';
        text[length++] = cvy_lower(*c);
    }
    text[length] = '\0';
}

/* Whether a word of a class name begins at `at`: the second group of (.)([A-Z][a-z]+) or
 * ([a-z])([A-Z]). */
static bool begins_word(const char *name, size_t at)
{
    return at > 0 && cvy_is_upper(name[at]) &&
           (cvy_is_lower(name[at + 1]) || cvy_is_lower(name[at - 1]));
}

void cvy_keras_object_name(const char *class_name, char *text, size_t size)
{
    size_t length = 0;

    for (size_t i = 0; class_name[i] != '\0' && length + 2 < size; i++) {
        if (begins_word(class_name, i))
            text[length++] = '_';
        text[length++] = cvy_lower(class_name[i]);
    }
    text[length] = '\0';
}

/* Append to a text of CVY_KERAS_VALUE_BYTES. A truncated text is rejected when it is parsed. */
static void append(char *text, const char *more)
{
    size_t length = strlen(text);
    snprintf(text + length, CVY_KERAS_VALUE_BYTES - length, "%s", more);
}

static void print_scalar(const json_t *value, char *text)
{
    char number[64];

    if (json_is_string(value)) {
        append(text, json_string_value(value));
    } else if (json_is_integer(value)) {
        snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        append(text, number);
    } else if (json_is_real(value)) {
        cvy_number_short(json_real_value(value), number);
        append(text, number);
    } else {
        append(text, json_is_true(value) ? "true" : json_is_false(value) ? "false" : "null");
    }
}

/* Print nested lists, such as the sides of a padding, as one flat list. */
static void print_numbers(const json_t *value, char *text)
{
    if (!json_is_array(value)) {
        print_scalar(value, text);
        return;
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        append(text, i > 0 ? ";" : "");
        print_numbers(json_array_get(value, i), text);
    }
}

static void print_list(const json_t *list, char *text)
{
    append(text, "[");
    for (size_t i = 0; i < json_array_size(list); i++) {
        append(text, i > 0 ? ";" : "");
        print_numbers(json_array_get(list, i), text);
    }
    append(text, "]");
}

static void print_list_or_number(const json_t *value, char *text)
{
    if (json_is_array(value))
        print_list(value, text);
    else
        print_scalar(value, text);
}

/* Map Keras's synonyms to the name used here. */
static const char *plain_name(const char *name)
{
    static const struct {
        const char *alias, *name;
    } aliases[] = {
        { "normal", "random_normal" },
        { "uniform", "random_uniform" },
        { "one", "ones" },
        { "zero", "zeros" },
        { "identity_initializer", "identity" },
        { "orthogonal_initializer", "orthogonal" },
        { "le_cun_uniform", "lecun_uniform" },
        { "le_cun_normal", "lecun_normal" },
        { "nonneg", "non_neg" },
        { "maxnorm", "max_norm" },
        { "unitnorm", "unit_norm" },
        { "l1_l2", "l1l2" },
        { "re_l_u", "relu" },
        { "leaky_re_l_u", "leaky_relu" },
        { "p_re_l_u", "prelu" },
        { "e_l_u", "elu" },
    };

    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strcmp(aliases[i].alias, name) == 0)
            return aliases[i].name;
    return name;
}

static bool ends_in(const char *text, const char *ending)
{
    const size_t length = strlen(text), tail = strlen(ending);
    return length > tail && strcmp(text + length - tail, ending) == 0;
}

static bool names_a_kind(const char *key)
{
    return ends_in(key, "_initializer") || ends_in(key, "_regularizer") ||
           ends_in(key, "_constraint");
}

/* Print {"class_name": "RandomNormal", "config": {"mean": 0, ...}} as
 * "random_normal:mean=0,...". */
static void print_object(json_t *value, char *text)
{
    const char *class_name = json_string_value(json_object_get(value, "class_name")), *key;
    char name[CVY_NAME_BYTES];
    const char *separator = ":";
    json_t *entry;

    if (json_is_string(json_object_get(value, "config"))) { /* the name of a function */
        append(text, json_string_value(json_object_get(value, "config")));
        return;
    }
    if (json_is_number(json_object_get(value, "value"))) { /* a NumPy number from Keras 2 */
        print_scalar(json_object_get(value, "value"), text);
        return;
    }
    json_t *array = json_object_get(json_object_get(value, "config"), "value");
    if (class_name != NULL && strncmp(class_name, "__", 2) == 0 && array != NULL) {
        print_list_or_number(array, text); /* a NumPy array from Keras 3 */
        return;
    }
    cvy_keras_snake_case(class_name != NULL ? class_name : "object", name, sizeof name);
    append(text, plain_name(name));
    if (class_name != NULL)
        cvy_keras_modernize(class_name, json_object_get(value, "config"));
    json_object_foreach(json_object_get(value, "config"), key, entry)
    {
        if (json_is_null(entry) || cvy_keras_is_bookkeeping(key))
            continue;
        if (json_is_object(entry) && json_object_size(json_object_get(entry, "config")) == 0)
            entry =
                json_object_get(entry, "class_name"); /* {"class_name": "Zeros", "config": {}} */
        append(text, separator);
        append(text, key);
        append(text, "=");
        if (json_is_array(entry)) {
            print_list(entry, text);
        } else if (json_is_string(entry) && names_a_kind(key)) {
            cvy_keras_snake_case(json_string_value(entry), name, sizeof name);
            append(text, plain_name(name));
        } else {
            print_scalar(entry, text);
        }
        separator = ",";
    }
}

static void print_value(json_t *value, char text[CVY_KERAS_VALUE_BYTES])
{
    text[0] = '\0';
    if (json_is_object(value)) {
        print_object(value, text);
    } else if (json_is_array(value)) {
        print_list(value, text);
    } else {
        print_scalar(value, text);
    }
}

/* A kind may be given by its class name: "GlorotUniform". */
void cvy_keras_print_setting(const char *key, json_t *value, char text[CVY_KERAS_VALUE_BYTES])
{
    char name[CVY_KERAS_VALUE_BYTES];

    if (strcmp(key, "axis") == 0 && json_array_size(value) == 1) /* LayerNormalization: [-1] */
        value = json_array_get(value, 0);
    print_value(value, text);
    if (!json_is_string(value) || !names_a_kind(key))
        return;
    cvy_keras_snake_case(text, name, sizeof name);
    snprintf(text, CVY_KERAS_VALUE_BYTES, "%s", plain_name(name));
}
