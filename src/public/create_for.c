/* Creates a built-in model for the data that it is to learn. */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "convoy/dataset.h"
#include "convoy/model.h"
#include "model/model.h"

static bool is_built_in(const char *architecture)
{
    for (size_t i = 0; cvy_model_builtin(i) != NULL; i++)
        if (strcmp(cvy_model_builtin(i), architecture) == 0)
            return true;
    return false;
}

/* Whether each of `count` classes has an image in some part. */
static cvy_status look_for_images(const cvy_dataset *data, size_t count, bool *all_have)
{
    static const cvy_split parts[] = { CVY_SPLIT_TRAIN, CVY_SPLIT_VALIDATION, CVY_SPLIT_TEST };
    size_t missing = count;
    bool *has_images;
    cvy_status status = cvy_memory_create(count, sizeof *has_images, &has_images);

    if (status != CVY_OK)
        return status;
    for (size_t p = 0; p < 3; p++) {
        const size_t images = cvy_dataset_count(data, parts[p]);
        for (size_t i = 0; missing > 0 && i < images; i++) {
            const size_t label = cvy_dataset_label(data, parts[p], i);
            missing -= label < count && !has_images[label];
            has_images[label < count ? label : 0] = true;
        }
    }
    cvy_memory_free(has_images);
    *all_have = missing == 0;
    return CVY_OK;
}

cvy_status cvy_model_create_for(const char *architecture, const cvy_dataset *data,
                                cvy_model **model)
{
    cvy_model *made;
    const size_t count = data != NULL ? cvy_dataset_describe(data).class_count : 0;
    bool is_whole = false;

    CVY_REQUIRE(model);
    cvy_status status = cvy_model_create(architecture, &made);
    if (status != CVY_OK)
        return status;
    const size_t outputs = cvy_model_output_count(made);
    if (is_built_in(architecture) && outputs >= 2 && count >= 2 && count != outputs)
        status = look_for_images(data, count, &is_whole);
    if (status == CVY_OK && is_whole)
        status = cvy_model_replace_outputs(count, &made);
    if (status == CVY_OK)
        *model = made;
    else
        cvy_model_destroy(made);
    return status;
}
