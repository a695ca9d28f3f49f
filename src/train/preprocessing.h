/* Preprocessing of pixels: input = byte * scale + offset. */
#ifndef CVY_TRAIN_PREPROCESSING_H
#define CVY_TRAIN_PREPROCESSING_H

#include "train/infer.h"

/** Check that the value is "unit", "standard", "none" or NULL. Returns CVY_ERR_SETTING. */
cvy_status cvy_preprocessing_check(const char *normalize);

/**
 * Choose the scale and offset of pixels. "standard" or NULL: subtract the mean of all pixels of the
 * images (at least one) and divide by their standard deviation; sums of bytes are integers, hence
 * exact. "unit": divide by 255. "none": leave the bytes as they are.
 * images.comm: each rank counts the pixels of some of the images. Returns CVY_ERR_READ.
 */
cvy_status cvy_preprocessing_choose(cvy_image_run images, const char *normalize, float *scale,
                                    float *offset);

/** The name of the preprocessing with this scale and offset. */
const char *cvy_preprocessing_name(float scale, float offset);

/** Record how the images of the data set were prepared for the model. */
void cvy_preparation_take(const cvy_dataset *data, const char *normalize,
                          cvy_preparation *preparation);

#endif
