/* Prediction: the model's outputs for the caller's images. */
#include <math.h>
#include <stdint.h>

#include "base/memory.h"
#include "model/objective.h"
#include "train/infer.h"
#include "train/score.h"
#include "train/train_settings.h"

/* The arguments of a prediction. */
typedef struct {
    const cvy_model *model;
    cvy_compute compute;
    cvy_image_run images;
    cvy_link link; /* from outputs to probabilities */
    size_t count;
    float *outputs; /* [images][count] */
} prediction;

static void predict_lane(void *context, size_t lane, size_t sample_count, float *outputs,
                         const double penalty[CVY_LANE])
{
    const prediction *p = context;

    (void)penalty;
    cvy_apply_link(p->compute.kernels, p->link, p->count, outputs);
    for (size_t s = 0; s < sample_count; s++)
        for (size_t o = 0; o < p->count; o++)
            p->outputs[(lane * CVY_LANE + s) * p->count + o] = outputs[o * CVY_LANE + s];
}

static cvy_status lead_prediction(void *context, cvy_team *team)
{
    const prediction *p = context;
    return cvy_infer(p->model, p->compute,
                     cvy_layers_before_loss(p->model, cvy_model_loss(p->model)), p->images, team,
                     predict_lane, context);
}

static cvy_status check_finite(cvy_image_run images, size_t size)
{
    for (size_t i = 0; i < images.count; i++)
        for (size_t v = 0; v < size; v++)
            if (!isfinite(images.floats[i * size + v]))
                return cvy_fail(CVY_ERR_DATA, "image %zu: value %zu is not a finite number", i, v);
    return CVY_OK;
}

/* images: all set but image_bytes. */
static cvy_status predict(const cvy_model *model, cvy_image_run images, size_t threads,
                          float *outputs)
{
    prediction p = { .model = model,
                     .images = images,
                     .link = cvy_model_link(model),
                     .count = cvy_model_output_count(model),
                     .outputs = outputs };
    size_t bytes;
    cvy_status status = cvy_threads_check(threads);

    p.images.image_bytes = cvy_shape_count(model->input);
    if (status == CVY_OK && (!cvy_size_multiply(images.count, p.images.image_bytes, &bytes) ||
                             bytes > PTRDIFF_MAX / sizeof(float)))
        status =
            cvy_fail(CVY_ERR_SETTING, "count: found %zu images, more than this machine can address",
                     images.count);
    if (status == CVY_OK && images.floats != NULL)
        status = check_finite(images, p.images.image_bytes);
    if (status == CVY_OK)
        status = cvy_compute_choose(&p.compute);
    if (status != CVY_OK)
        return status;
    return cvy_infer_team(p.compute, images.count, threads, lead_prediction, &p);
}

cvy_status cvy_model_predict(const cvy_model *model, const unsigned char *images, size_t count,
                             size_t threads, float *outputs)
{
    CVY_REQUIRE(model);
    if (count == 0)
        return CVY_OK;
    CVY_REQUIRE(images);
    CVY_REQUIRE(outputs);
    return predict(model, (cvy_image_run){ .pixels = images, .count = count }, threads, outputs);
}

cvy_status cvy_model_predict_floats(const cvy_model *model, const float *images, size_t count,
                                    double low, double high, size_t threads, float *outputs)
{
    const double scale = 255 / (high - low);

    CVY_REQUIRE(model);
    if (count == 0)
        return CVY_OK;
    CVY_REQUIRE(images);
    CVY_REQUIRE(outputs);
    if (!isfinite(low) || !isfinite(high) || !isfinite(scale))
        return cvy_fail(CVY_ERR_SETTING,
                        "low and high: found %g and %g, expected two different numbers", low, high);
    const cvy_image_run run = {
        .floats = images, .count = count, .float_scale = scale, .float_offset = -low * scale
    };
    return predict(model, run, threads, outputs);
}
