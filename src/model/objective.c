#include "model/objective.h"

#include "layers/activation.h"

const cvy_loss *cvy_model_loss(const cvy_model *model)
{
    return &model->loss;
}

size_t cvy_layers_before_loss(const cvy_model *model, const cvy_loss *loss)
{
    const cvy_layer *last = &model->layers[model->layer_count - 1];
    bool leaves_softmax = loss->kind->is_from_logits && cvy_activation_is_softmax(last);
    return model->layer_count - leaves_softmax;
}

cvy_status cvy_model_set_loss(cvy_model *model, const char *spec)
{
    cvy_loss loss;
    cvy_status status = cvy_loss_read(spec, &loss);

    if (status == CVY_OK && loss.kind->is_from_logits && cvy_model_output_count(model) < 2)
        status = cvy_fail(CVY_ERR_SHAPE,
                          "loss %s: the model %s has one output, expected one for each class; "
                          "mean_squared_error takes one",
                          loss.kind->kind.name, model->name);
    if (status != CVY_OK) {
        cvy_loss_release(&loss);
        return status;
    }
    cvy_loss_release(&model->loss);
    model->loss = loss;
    return CVY_OK;
}

void cvy_model_print_loss(const cvy_model *model, char *text, size_t size)
{
    cvy_spec_print_brief(&model->loss.kind->kind, model->loss.settings, text, size);
}
