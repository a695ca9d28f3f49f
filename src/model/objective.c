#include "model/objective.h"

#include <stdio.h>

#include "base/memory.h"
#include "layers/activation.h"

const cvy_loss_kind *cvy_model_loss(const cvy_model *model)
{
    const cvy_kind *kind = cvy_kind_find(cvy_loss_kinds, model->loss);
    return (const cvy_loss_kind *)(kind != NULL ? kind : cvy_loss_kinds[0]);
}

size_t cvy_layers_before_loss(const cvy_model *model, const cvy_loss_kind *loss)
{
    const cvy_layer *last = &model->layers[model->layer_count - 1];
    bool leaves_softmax = loss->is_from_logits && cvy_activation_is_softmax(last);
    return model->layer_count - leaves_softmax;
}

cvy_status cvy_model_set_loss(cvy_model *model, const char *name)
{
    const cvy_kind *kind;
    void *settings;
    cvy_status status = cvy_spec_read("loss", name, cvy_loss_kinds, &kind, &settings);

    if (status != CVY_OK)
        return status;
    cvy_memory_free(settings);
    if (((const cvy_loss_kind *)kind)->is_from_logits && cvy_model_output_count(model) < 2)
        return cvy_fail(CVY_ERR_SHAPE,
                        "loss %s: the model %s has one output, expected one for each class; "
                        "mean_squared_error takes one",
                        name, model->name);
    snprintf(model->loss, sizeof model->loss, "%s", kind->name);
    return CVY_OK;
}
