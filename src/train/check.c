#include "train/check.h"

#include <stdio.h>

cvy_status cvy_check_fit(const cvy_model *model, const cvy_dataset *data)
{
    const cvy_shape images = { 3, { data->height, data->width, data->channels } };
    const cvy_shape *wanted = &model->input;
    const size_t outputs = cvy_model_output_count(model);
    bool fits = wanted->rank == 1
                    ? wanted->dims[0] == cvy_shape_count(images)
                    : wanted->dims[0] == images.dims[0] && wanted->dims[1] == images.dims[1] &&
                          wanted->dims[2] == images.dims[2];
    if (!fits) {
        char found[64], expected[64];
        cvy_shape_print(images, found, sizeof found);
        cvy_shape_print(*wanted, expected, sizeof expected);
        char mend[64] = "";
        if (wanted->rank == 3)
            snprintf(mend, sizeof mend, "; --resize %zux%zu%s brings them to it", wanted->dims[0],
                     wanted->dims[1],
                     wanted->dims[2] == 1 && images.dims[2] == 3 ? " --grayscale" : "");
        return cvy_fail(CVY_ERR_SHAPE, "%s: images of %s, but the model %s takes %s%s", data->name,
                        found, model->name, expected, mend);
    }
    if (outputs > 1 && data->class_count > outputs)
        return cvy_fail(CVY_ERR_SHAPE, "%s: %zu classes, but the model %s has %zu outputs",
                        data->name, data->class_count, model->name, outputs);
    return CVY_OK;
}
