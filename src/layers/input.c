/* The model's input: it has a shape and computes nothing. */
#include "layers/layer.h"

static cvy_status plan(const void *settings, cvy_shape in, cvy_layer_plan *plan)
{
    (void)settings;
    plan->out = in;
    return CVY_OK;
}

const cvy_layer_kind cvy_layer_input = {
    .kind = { .name = "input", .summary = "height, width and channels of the images" },
    .class_name = "InputLayer",
    .plan = plan,
};
