#include "train/class_weights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/settings.h"
#include "base/synonyms.h"

/* Give every class that has images the same total weight; a class without images keeps 1. */
static void balance(size_t class_count, const uint16_t *labels, size_t count, size_t *images,
                    float *weights)
{
    size_t present = 0;

    for (size_t i = 0; i < count; i++)
        images[labels[i]]++;
    for (size_t c = 0; c < class_count; c++)
        present += images[c] > 0;
    for (size_t c = 0; c < class_count; c++)
        if (images[c] > 0)
            weights[c] = (float)((double)count / ((double)present * (double)images[c]));
}

/* Find a class by name or, failing that, by number. Return class_count if there is none. */
static size_t find_class(const cvy_dataset *data, const char *name)
{
    char *end;

    for (size_t c = 0; c < data->class_count; c++)
        if (strcmp(data->class_names[c], name) == 0)
            return c;
    const unsigned long number = strtoul(name, &end, 10);
    const bool is_number = name[0] >= '0' && name[0] <= '9' && *end == '\0';
    return is_number && number < data->class_count ? number : data->class_count;
}

static cvy_status fail_entry(const char *entry)
{
    static const char *const names[] = { "balanced" };
    const cvy_suggestion s = cvy_suggest("class weight", entry, names, 1);
    const char *name = entry + strspn(entry, "{[( '\""), *colon = strchr(name, ':');

    if (colon != NULL) /* Python's {7: 2.5} */
        return cvy_fail(
            CVY_ERR_SETTING,
            "found \"%.80s\", expected balanced, or CLASS=WEIGHT; did you mean %.*s=%.*s?", entry,
            (int)(colon - name), name, (int)strcspn(colon + 1 + strspn(colon + 1, " "), "})] "),
            colon + 1 + strspn(colon + 1, " "));
    cvy_fail(CVY_ERR_SETTING, "found \"%.80s\", expected balanced, or CLASS=WEIGHT, as in 7=2.5",
             entry);
    return cvy_fail_suggest(CVY_ERR_SETTING, s);
}

/* Parse one "CLASS=WEIGHT"; modifies the text. */
static cvy_status read_entry(char *entry, const cvy_dataset *data, bool *is_given, float *weights)
{
    static const cvy_setting row = { "weight", CVY_FLOAT, 0, NULL, 0, 1e6, "", CVY_CLOSED, NULL };
    char *mark = strrchr(entry, '=');
    double weight;

    if (mark == NULL)
        return fail_entry(entry);
    *mark = '\0';
    const size_t c = find_class(data, entry);
    if (c == data->class_count)
        return cvy_fail(CVY_ERR_SETTING,
                        "unknown class \"%.80s\", expected a name or number of "
                        "the %zu classes of %s",
                        entry, data->class_count, data->name);
    if (is_given[c])
        return cvy_fail(CVY_ERR_SETTING, "class %.80s is given twice", entry);
    is_given[c] = true;
    cvy_status status = cvy_setting_parse(&row, mark + 1, &weight);
    if (status == CVY_OK)
        weights[c] = (float)weight;
    return status == CVY_OK ? CVY_OK : cvy_fail_at(status, "class %.80s", entry);
}

static cvy_status read_entries(const char *text, const cvy_dataset *data, float *weights)
{
    char *copy, *entry;
    bool *is_given;
    cvy_status status = cvy_text_copy(text, &copy);

    if (status != CVY_OK)
        return status;
    char *rest = copy;
    status = cvy_memory_create(data->class_count, sizeof *is_given, &is_given);
    while (status == CVY_OK && (entry = strsep(&rest, ",")) != NULL)
        status = read_entry(entry, data, is_given, weights);
    cvy_memory_free(is_given);
    cvy_memory_free(copy);
    return status == CVY_OK ? CVY_OK : cvy_fail_at(status, "class weight");
}

static cvy_status read_balanced(const cvy_dataset *data, const uint16_t *labels, size_t count,
                                float *weights)
{
    size_t *images;
    cvy_status status = cvy_memory_create(data->class_count, sizeof *images, &images);

    if (status == CVY_OK)
        balance(data->class_count, labels, count, images, weights);
    cvy_memory_free(images);
    return status;
}

cvy_status cvy_class_weights_read(const char *text, const cvy_dataset *data, const uint16_t *labels,
                                  size_t count, float **weights)
{
    *weights = NULL;
    if (text == NULL)
        return CVY_OK;
    cvy_status status = cvy_memory_create(data->class_count, sizeof **weights, weights);
    for (size_t c = 0; status == CVY_OK && c < data->class_count; c++)
        (*weights)[c] = 1;
    if (status == CVY_OK)
        status = strcmp(text, "balanced") == 0 ? read_balanced(data, labels, count, *weights)
                                               : read_entries(text, data, *weights);
    return status;
}
