#include "train/adapt.h"

#include <string.h>

#include "base/memory.h"
#include "layers/activation.h"

extern const cvy_layer_kind cvy_layer_normalization, cvy_layer_rescaling, cvy_layer_flatten;

/* Mean and variance of each value of a sample, in Keras's order of row, column and channel. */
typedef struct {
    size_t count;
    double *mean, *variance;
} moments;

/* The sums are integers below 2^53, so one pass computes them exactly. */
static void measure(cvy_image_run images, moments *m)
{
    for (size_t i = 0; i < images.count; i++) {
        const uint8_t *pixels = cvy_image_at(&images, i);
        for (size_t v = 0; v < m->count; v++) {
            m->mean[v] += (double)pixels[v];
            m->variance[v] += (double)pixels[v] * (double)pixels[v];
        }
    }
    for (size_t v = 0; v < m->count; v++) {
        m->mean[v] /= (double)images.count;
        m->variance[v] = m->variance[v] / (double)images.count - m->mean[v] * m->mean[v];
    }
}

static double number_of(const cvy_layer *layer, const char *name, size_t channel)
{
    const cvy_setting *row = cvy_setting_find(layer->kind->kind.settings, name);
    const cvy_float_list *list = (const void *)((const char *)layer->settings + row->offset);

    return list->values[list->count == 1 ? 0 : channel];
}

static void rescale(const cvy_layer *layer, moments *m)
{
    const size_t channels = layer->in.dims[layer->in.rank - 1];

    for (size_t v = 0; v < m->count; v++) {
        const double scale = number_of(layer, "scale", v % channels);
        m->mean[v] = m->mean[v] * scale + number_of(layer, "offset", v % channels);
        m->variance[v] *= scale * scale;
    }
}

static bool does_nothing(const cvy_layer *layer)
{
    return layer->kind->is_augmentation || layer->kind == &cvy_layer_flatten ||
           cvy_activation_is_linear(layer);
}

/* Turn the moments of the input into those that layer number `last` sees. */
static cvy_status pass_moments(const cvy_model *model, size_t last, moments *m)
{
    for (size_t i = 0; i < last; i++) {
        const cvy_layer *layer = &model->layers[i];
        const bool is_rescaling = layer->kind == &cvy_layer_rescaling;
        if (layer->source_count != 1 || layer->sources[0] != i ||
            (!is_rescaling && !does_nothing(layer)))
            return cvy_fail(CVY_ERR_UNSUPPORTED,
                            "%s: layer %s (Normalization): its mean and variance are taken from "
                            "images, so it must come before %s; or give them in the model",
                            model->name, model->layers[last].name, layer->name);
        if (is_rescaling)
            rescale(layer, m);
    }
    return CVY_OK;
}

/* Combine the moments of values that share a mean, for instance all pixels of a channel. */
static void join(const moments *m, size_t places, float *mean, float *variance)
{
    const double each = (double)(m->count / places);

    for (size_t p = 0; p < places; p++) {
        double sum = 0, squares = 0;
        for (size_t v = p; v < m->count; v += places)
            sum += m->mean[v];
        for (size_t v = p; v < m->count; v += places) {
            const double off = m->mean[v] - sum / each;
            squares += m->variance[v] + off * off;
        }
        mean[p] = (float)(sum / each);
        variance[p] = (float)(squares / each);
    }
}

static cvy_status adapt_layer(const cvy_model *model, size_t index, const moments *pixels,
                              float *block)
{
    const cvy_layer *layer = &model->layers[index];
    const size_t count = pixels->count;
    moments m = { .count = count };
    cvy_status status = cvy_memory_create(2 * count, sizeof *m.mean, &m.mean);

    if (status != CVY_OK)
        return status;
    m.variance = m.mean + count;
    memcpy(m.mean, pixels->mean, count * sizeof *m.mean);
    memcpy(m.variance, pixels->variance, count * sizeof *m.variance);
    status = pass_moments(model, index, &m);
    if (status == CVY_OK)
        join(&m, layer->plan.weights[0].count, block + layer->weight_offset[0],
             block + layer->weight_offset[1]);
    cvy_memory_free(m.mean);
    return status;
}

static bool is_adapted(const cvy_layer *layer)
{
    return layer->kind == &cvy_layer_normalization && layer->plan.weight_count > 0 &&
           layer->repeats == 0;
}

cvy_status cvy_adapt_normalization(const cvy_model *model, cvy_image_run images, float scale,
                                   float *block)
{
    moments pixels = { .count = images.image_bytes };
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < model->layer_count; i++) {
        if (!is_adapted(&model->layers[i]))
            continue;
        if (pixels.mean == NULL) {
            status = cvy_memory_create(2 * pixels.count, sizeof *pixels.mean, &pixels.mean);
            if (status != CVY_OK)
                return status;
            pixels.variance = pixels.mean + pixels.count;
            measure(images, &pixels);
            for (size_t v = 0; v < pixels.count; v++) {
                pixels.mean[v] *= (double)scale;
                pixels.variance[v] *= (double)scale * (double)scale;
            }
        }
        status = adapt_layer(model, i, &pixels, block);
    }
    cvy_memory_free(pixels.mean);
    return status;
}
