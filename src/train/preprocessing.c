#include "train/preprocessing.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/synonyms.h"
#include "convoy/preparation.h"

/* How often each pixel value occurs. */
typedef struct {
    uint64_t counts[256];
} histogram;

/* Count pixel values. Each rank counts in its own run of the images. */
static cvy_status count_pixels(cvy_image_run images, histogram *all)
{
    const size_t rank = cvy_comm_rank(images.comm), end = rank + 1;
    histogram own = { { 0 } };

    *all = own;
    for (size_t i = cvy_comm_begin(images.comm, rank, images.count);
         i < cvy_comm_begin(images.comm, end, images.count); i++) {
        const uint8_t *pixels = cvy_image_at(&images, i);
        for (size_t p = 0; p < images.image_bytes; p++)
            own.counts[pixels[p]]++;
    }
    for (size_t r = 0; r < cvy_comm_size(images.comm); r++) {
        histogram one = own;
        const cvy_status status = cvy_comm_broadcast(images.comm, &one, sizeof one, r);
        if (status != CVY_OK)
            return status;
        for (size_t value = 0; value < 256; value++)
            all->counts[value] += one.counts[value];
    }
    return CVY_OK;
}

static cvy_status standardize(cvy_image_run images, float *scale, float *offset)
{
    const size_t count = images.count * images.image_bytes;
    histogram all;
    double sum = 0, squares = 0;

    const cvy_status status = count_pixels(images, &all);
    if (status != CVY_OK)
        return status;
    for (size_t value = 0; value < 256; value++) {
        sum += (double)value * (double)all.counts[value];
        squares += (double)(value * value) * (double)all.counts[value];
    }
    const double mean = sum / (double)count;
    const double variance = squares / (double)count - mean * mean;
    const double deviation = variance > 0.25 ? sqrt(variance) : 255; /* all pixels equal */
    *scale = (float)(1 / deviation);
    *offset = (float)(-mean / deviation);
    return CVY_OK;
}

cvy_status cvy_preprocessing_check(const char *normalize)
{
    if (normalize == NULL || strcmp(normalize, "standard") == 0 || strcmp(normalize, "unit") == 0 ||
        strcmp(normalize, "none") == 0)
        return CVY_OK;
    static const char *const names[] = { "unit", "standard", "none" };
    const char *meant = cvy_suggest("normalize", normalize, names, 3).meant;
    return cvy_fail(CVY_ERR_SETTING,
                    "normalize: found %.40s, expected unit, standard or none%s%s%s", normalize,
                    meant != NULL ? "; did you mean " : "", meant != NULL ? meant : "",
                    meant != NULL ? "?" : "");
}

cvy_status cvy_preprocessing_choose(cvy_image_run images, const char *normalize, float *scale,
                                    float *offset)
{
    *scale = 1;
    *offset = 0;
    if (normalize != NULL && strcmp(normalize, "none") == 0)
        return CVY_OK;
    if (normalize == NULL || strcmp(normalize, "unit") != 0)
        return standardize(images, scale, offset);
    *scale = 1.0F / 255;
    return CVY_OK;
}

const char *cvy_preprocessing_name(float scale, float offset)
{
    return offset == 0 && scale == 1            ? "none"
           : offset == 0 && scale == 1.0F / 255 ? "unit"
                                                : "standard";
}

void cvy_preparation_take(const cvy_dataset *data, const char *normalize,
                          cvy_preparation *preparation)
{
    *preparation = (cvy_preparation){
        .polarity = data->polarity,
        .is_resized = data->resize_height > 0 || data->resize_width > 0,
        .has_channels = data->wanted_channels > 0,
        .finds_ink = data->finds_ink,
    };
    snprintf(preparation->normalize, sizeof preparation->normalize, "%s",
             normalize != NULL ? normalize : "standard");
}

cvy_polarity cvy_model_polarity(const cvy_model *model)
{
    return model != NULL ? model->preparation.polarity : CVY_POLARITY_NONE;
}

const char *cvy_model_normalization(const cvy_model *model)
{
    const bool is_known = model != NULL && model->preparation.normalize[0] != '\0';
    return is_known ? model->preparation.normalize : NULL;
}

void cvy_model_prepare(const cvy_model *model, cvy_dataset_options *options)
{
    if (model == NULL || options == NULL)
        return;
    const cvy_preparation *p = &model->preparation;
    const bool is_image = model->input.rank == 3;

    const bool finds_ink = p->finds_ink && is_image && options->channels != 3;

    options->finds_ink |= finds_ink;
    if ((p->is_resized || finds_ink) && is_image && options->resize_height == 0 &&
        options->resize_width == 0) {
        options->resize_height = model->input.dims[0];
        options->resize_width = model->input.dims[1];
    }
    if (p->has_channels && is_image && options->channels == 0)
        options->channels = model->input.dims[2] == 3 ? 3 : 1;
    if (options->polarity == CVY_POLARITY_NONE)
        options->polarity = p->polarity;
}
