/* How pixels become a model's inputs. */
#ifndef CVY_TRAIN_PREPROCESSING_H
#define CVY_TRAIN_PREPROCESSING_H

#include "train/infer.h"

/** Standardise: have the model subtract the mean of all pixels of the images, at least one, and
 *  divide by their standard deviation. Sums of bytes are whole numbers, so they are exact. */
void cvy_preprocessing_choose(cvy_image_run images, cvy_model *model);

#endif
