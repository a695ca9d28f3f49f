/* The identity, with a penalty on its values that is added to the loss:
 *     l1 sum |x| + l2 sum x^2 of each sample, averaged over the batch's samples
 * Keras's ActivityRegularization. The setting activity_regularizer
 * of other layers adds such a layer. */
#include "layers/layer.h"

#include <math.h>

static const cvy_setting settings[] = {
    { "l1", CVY_FLOAT, offsetof(cvy_regularizer, l1), "0", 0, HUGE_VAL, "times the absolute value",
      CVY_BELOW_MAX, NULL },
    { "l2", CVY_FLOAT, offsetof(cvy_regularizer, l2), "0", 0, HUGE_VAL, "times the square",
      CVY_BELOW_MAX, NULL },
    { 0 },
};

static cvy_status plan(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    (void)settings_of_layer;
    plan->out = in;
    plan->can_be_in_place = true;
    plan->reads_output = true;
    plan->adds_penalty = true;
    return CVY_OK;
}

/* Add the lane's penalty. One worker adds all of it, in a fixed order; the others only copy. */
static void add_penalty(const cvy_layer *layer, const cvy_pass *pass, const float *x)
{
    const cvy_regularizer *s = layer->settings;

    for (size_t i = 0; i < cvy_shape_count(layer->in) * CVY_LANE; i++) {
        const double value = (double)x[i];
        pass->penalty[i % CVY_LANE] += s->l1 * fabs(value) + s->l2 * value * value;
    }
}

static void forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const cvy_range range = cvy_share_range(pass->share, cvy_shape_count(layer->in), 1);
    const size_t first = range.begin * CVY_LANE;

    if (pass->penalty != NULL && pass->share.index == 0)
        add_penalty(layer, pass, x);
    if (x != y)
        pass->compute.kernels->lane->copy((range.end - range.begin) * CVY_LANE, x + first,
                                          y + first);
}

static void backward(const cvy_layer *layer, const cvy_pass *pass, const float *y, const float *dy,
                     float *dx, float *dw)
{
    const cvy_regularizer *s = layer->settings;
    const cvy_range range = cvy_share_range(pass->share, cvy_shape_count(layer->in), 1);
    const float l1 = pass->penalty_scale * (float)s->l1;
    const float twice_l2 = pass->penalty_scale * (float)(2 * s->l2);

    (void)dw;
    for (size_t i = range.begin * CVY_LANE; i < range.end * CVY_LANE; i++) {
        const float slope = (y[i] > 0 ? l1 : y[i] < 0 ? -l1 : 0.0f) + twice_l2 * y[i];
        dx[i] = dy[i] + (i % CVY_LANE < pass->filled ? slope : 0.0f);
    }
}

const cvy_layer_kind cvy_layer_activity_regularization = {
    .kind = { "activity_regularization", "penalty on large activations, added to the loss",
              settings, sizeof(cvy_regularizer) },
    .class_name = "ActivityRegularization",
    .plan = plan,
    .forward = forward,
    .backward = backward,
};
