#include "study/trained_weights.h"

cvy_status cvy_put_trained(cvy_model *model, const float *from)
{
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < cvy_model_weight_count(model); i++) {
        const cvy_weight_info *info = cvy_model_weight_info(model, i);
        if (!info->is_trained)
            continue;
        status = cvy_model_write_weight(model, info->name, from, info->count);
        from += info->count;
    }
    return status;
}

cvy_status cvy_copy_model(const cvy_model *model, const char *name, cvy_model **copy)
{
    void *bytes = NULL;
    size_t size;
    cvy_status status = cvy_model_save_memory(model, &bytes, &size);

    if (status == CVY_OK)
        status = cvy_model_load_memory(name, bytes, size, copy);
    cvy_free(bytes);
    return status;
}
