/* How pixels become inputs of a model: input = byte * scale + offset. */
#ifndef CVY_TRAIN_PREPROCESSING_H
#define CVY_TRAIN_PREPROCESSING_H

#include "train/infer.h"

/** Whether it is "unit", "standard", "none" or NULL. Returns CVY_ERR_SETTING. */
cvy_status cvy_preprocessing_check(const char *normalize);

/**
 * Choose what the model does with pixels. "standard", or NULL: it subtracts the mean of all pixels of
 * the images, at least one, and divides by their standard deviation. Sums of bytes are whole numbers, so
 * they are exact. "unit": it divides by 255. "none": it takes the bytes as they are.
 * images.comm: the ranks each count the pixels of some of the images. Returns CVY_ERR_READ.
 */
cvy_status cvy_preprocessing_choose(cvy_image_run images, const char *normalize, float *scale,
                                    float *offset);

/** Which of these gives that scale and offset. */
const char *cvy_preprocessing_name(float scale, float offset);

/** Note how the images of the data set were prepared before they came to the model. */
void cvy_preparation_take(const cvy_dataset *data, const char *normalize,
                          cvy_preparation *preparation);

#endif
