#include "train/preprocessing.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/synonyms.h"
#include "convoy/preparation.h"

static void standardize(cvy_image_run images, float *scale, float *offset)
{
    const size_t count = images.count * images.image_bytes;
    uint64_t histogram[256] = { 0 };
    double sum = 0, squares = 0;

    for (size_t i = 0; i < images.count; i++) {
        const uint8_t *pixels = cvy_image_at(&images, i);
        for (size_t p = 0; p < images.image_bytes; p++)
            histogram[pixels[p]]++;
    }
    for (size_t value = 0; value < 256; value++) {
        sum += (double)value * (double)histogram[value];
        squares += (double)(value * value) * (double)histogram[value];
    }
    const double mean = sum / (double)count;
    const double variance = squares / (double)count - mean * mean;
    const double deviation = variance > 0.25 ? sqrt(variance) : 255; /* pictures of one colour */
    *scale = (float)(1 / deviation);
    *offset = (float)(-mean / deviation);
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

void cvy_preprocessing_choose(cvy_image_run images, const char *normalize, float *scale,
                              float *offset)
{
    *scale = 1;
    *offset = 0;
    if (normalize != NULL && strcmp(normalize, "none") == 0)
        return;
    if (normalize != NULL && strcmp(normalize, "unit") == 0)
        *scale = 1.0F / 255;
    else
        standardize(images, scale, offset);
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

    if (p->is_resized && is_image && options->resize_height == 0 && options->resize_width == 0) {
        options->resize_height = model->input.dims[0];
        options->resize_width = model->input.dims[1];
    }
    if (p->has_channels && is_image && options->channels == 0)
        options->channels = model->input.dims[2] == 3 ? 3 : 1;
    if (options->polarity == CVY_POLARITY_NONE)
        options->polarity = p->polarity;
}
