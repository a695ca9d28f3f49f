/* How pixels become inputs of a model: input = byte * scale + offset. */
#ifndef CVY_TRAIN_PREPROCESSING_H
#define CVY_TRAIN_PREPROCESSING_H

#include "train/infer.h"

/** Standardize: subtract the mean of all pixels of the images, at least one, and divide by their
 *  standard deviation. Sums of bytes are whole numbers, so they are exact. */
void cvy_preprocessing_choose(cvy_image_run images, float *scale, float *offset);

#endif
