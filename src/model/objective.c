#include "model/objective.h"

#include "layers/activation.h"

const cvy_loss *cvy_model_loss(const cvy_model *model)
{
    return &model->loss;
}

cvy_link cvy_model_link(const cvy_model *model)
{
    return cvy_loss_link(&model->loss);
}

size_t cvy_layers_before_loss(const cvy_model *model, const cvy_loss *loss)
{
    const cvy_layer *last = &model->layers[model->layer_count - 1];
    bool leaves_softmax = cvy_loss_fuses_softmax(loss) && cvy_activation_is_softmax(last);
    return model->layer_count - leaves_softmax;
}

/* How the model ends. Outputs are logits if no nonlinear layer
 * follows the last layer with weights. */
static cvy_ending ending_of(const cvy_model *model)
{
    for (size_t i = model->layer_count; i-- > 0;) {
        const cvy_layer *layer = &model->layers[i];
        if (cvy_activation_is_linear(layer))
            continue;
        if (cvy_activation_is_softmax(layer) && i + 1 == model->layer_count)
            return CVY_ENDS_IN_SOFTMAX;
        if (layer->plan.is_function)
            return CVY_ENDS_OTHERWISE;
        if (layer->plan.weight_count > 0)
            return CVY_ENDS_LINEAR;
    }
    return CVY_ENDS_LINEAR;
}

/* A single output between 0 and 1 is a yes/no decision. */
const char *cvy_model_default_loss(const cvy_model *model)
{
    const cvy_layer *last = &model->layers[model->layer_count - 1];

    if (cvy_model_output_count(model) > 1)
        return "sparse_categorical_crossentropy";
    return cvy_activation_is_sigmoid(last) ? "binary_crossentropy" : "mean_squared_error";
}

cvy_status cvy_model_read_loss(const cvy_model *model, const char *spec, cvy_loss *loss)
{
    cvy_loss read;

    if (spec == NULL && model != NULL) {
        if (model->loss_refusal[0] != '\0')
            return cvy_fail(CVY_ERR_UNSUPPORTED, "%s: %s", model->name, model->loss_refusal);
        spec = model->loss_spec;
    }
    cvy_status status = cvy_loss_read(spec, &read);
    if (status == CVY_OK && model != NULL && read.kind->link == CVY_LINK_SOFTMAX &&
        cvy_model_output_count(model) < 2)
        status = cvy_fail(CVY_ERR_SHAPE,
                          "loss %s: the model %s has one output, expected one for each class; "
                          "binary_crossentropy and mean_squared_error take one",
                          read.kind->kind.name, model->name);
    if (status != CVY_OK) {
        cvy_loss_release(&read);
        return status;
    }
    if (model != NULL)
        cvy_loss_settle(&read, ending_of(model));
    *loss = read;
    return CVY_OK;
}

void cvy_model_take_loss(cvy_model *model, cvy_loss *loss)
{
    cvy_loss_release(&model->loss);
    model->loss_refusal[0] = '\0';
    model->loss = *loss;
    *loss = (cvy_loss){ 0 };
    cvy_spec_print_brief(&model->loss.kind->kind, model->loss.settings, model->loss_spec,
                         sizeof model->loss_spec);
}

cvy_status cvy_model_set_loss(cvy_model *model, const char *spec)
{
    cvy_loss loss;
    cvy_status status = cvy_model_read_loss(model, spec, &loss);

    if (status == CVY_OK)
        cvy_model_take_loss(model, &loss);
    return status;
}

const char *cvy_model_loss_spec(const cvy_model *model)
{
    return model != NULL ? model->loss_spec : NULL;
}
