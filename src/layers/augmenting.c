#include "layers/augmenting.h"

#include <math.h>

cvy_dice cvy_layer_dice(const cvy_layer *layer, const cvy_pass *pass, size_t s)
{
    const cvy_dropout_stream *of = pass->dropout;

    return cvy_dice_of((uint64_t)of->key[1] << 32 | of->key[0], of->major, of->sample[s],
                       of->augmentations + layer->augmentation);
}

cvy_status cvy_augmenting_plan(cvy_shape in, cvy_layer_plan *plan)
{
    if (in.rank != 3)
        return cvy_fail(CVY_ERR_SHAPE, "its input is a vector of %zu values, expected an image",
                        in.dims[0]);
    plan->out = in;
    return CVY_OK;
}

cvy_status cvy_augmenting_plan_range(const cvy_float_list *value_range, cvy_layer_plan *plan)
{
    if (value_range->count != 2 || value_range->values[0] >= value_range->values[1])
        return cvy_fail(CVY_ERR_SETTING, "value_range: expected two numbers, the smaller first");
    plan->scales_input = true;
    plan->takes_unit = value_range->values[1] <= 1;
    return CVY_OK;
}

cvy_status cvy_augmenting_check(const char *name, const cvy_float_list *factor)
{
    return factor->count <= 2 ? CVY_OK
                              : cvy_fail(CVY_ERR_SETTING, "%s: found %zu numbers, expected 1 or 2",
                                         name, factor->count);
}

cvy_range cvy_share_samples(cvy_share share)
{
    return cvy_share_range(share, CVY_LANE, 1);
}

static float pixel(const cvy_fill *fill, const cvy_shape *shape, const float *plane, long x, long y)
{
    const long column = cvy_fill_fold(x, (long)shape->dims[1], fill->mode);
    const long row = cvy_fill_fold(y, (long)shape->dims[0], fill->mode);

    if (column < 0 || row < 0)
        return (float)fill->value;
    return plane[((size_t)row * shape->dims[1] + (size_t)column) * CVY_LANE];
}

float cvy_plane_at(const cvy_fill *fill, const cvy_shape *shape, const float *plane, double x,
                   double y)
{
    if (fill->interpolation == 1)
        return pixel(fill, shape, plane, lround(x), lround(y));
    const double left = floor(x), top = floor(y);
    const float h = (float)(x - left), v = (float)(y - top);
    const long column = (long)left, row = (long)top;
    const float above = pixel(fill, shape, plane, column, row) * (1 - h) +
                        pixel(fill, shape, plane, column + 1, row) * h;
    const float below = pixel(fill, shape, plane, column, row + 1) * (1 - h) +
                        pixel(fill, shape, plane, column + 1, row + 1) * h;
    return above * (1 - v) + below * v;
}

void cvy_augmenting_backward(const cvy_layer *layer, const cvy_pass *pass, const float *x,
                             const float *dy, float *dx, float *dw)
{
    (void)layer, (void)pass, (void)x, (void)dy, (void)dx, (void)dw;
}
