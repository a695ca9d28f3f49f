/* Access to weight tensors by their names in a model's file. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/settings.h"
#include "model/model_tables.h"

static cvy_status fail_unknown(const cvy_model *model, const char *name)
{
    const cvy_model_tables *tables = model->tables;
    const char **names, *nearest;
    cvy_status status = cvy_memory_create(tables->weight_count, sizeof *names, &names);

    if (status != CVY_OK)
        return status;
    for (size_t i = 0; i < tables->weight_count; i++)
        names[i] = tables->names[i];
    nearest = cvy_nearest_name(name, names, tables->weight_count);
    status =
        cvy_fail(CVY_ERR_SETTING, "weight \"%.120s\": the model %s has none of that name%s%s%s",
                 name, model->name, nearest != NULL ? "; did you mean \"" : "",
                 nearest != NULL ? nearest : "", nearest != NULL ? "\"?" : "");
    cvy_memory_free(names);
    return status;
}

/* Find the tensor with that name and size. */
static cvy_status find(const cvy_model *model, const char *name, size_t count, float **values)
{
    const cvy_model_tables *tables = model->tables;
    cvy_weight weight;
    size_t i = 0;

    while (i < tables->weight_count && strcmp(name, tables->names[i]) != 0)
        i++;
    if (i == tables->weight_count)
        return fail_unknown(model, name);
    if (count != tables->weights[i].count)
        return cvy_fail(CVY_ERR_SHAPE, "weight \"%s\": found %zu values, expected %zu", name, count,
                        tables->weights[i].count);
    cvy_model_weight(model, i, &weight);
    *values = model->weights + weight.offset;
    return CVY_OK;
}

cvy_status cvy_model_read_weight(const cvy_model *model, const char *name, float *values,
                                 size_t count)
{
    float *from;

    CVY_REQUIRE(model);
    CVY_REQUIRE(name);
    CVY_REQUIRE(values);
    cvy_status status = find(model, name, count, &from);
    if (status == CVY_OK)
        memcpy(values, from, count * sizeof *values);
    return status;
}

cvy_status cvy_model_write_weight(cvy_model *model, const char *name, const float *values,
                                  size_t count)
{
    float *to;

    CVY_REQUIRE(model);
    CVY_REQUIRE(name);
    CVY_REQUIRE(values);
    cvy_status status = find(model, name, count, &to);
    if (status != CVY_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return cvy_fail(CVY_ERR_DATA, "weight \"%s\": value %zu is not a finite number", name,
                            i);
    memcpy(to, values, count * sizeof *values);
    return CVY_OK;
}
