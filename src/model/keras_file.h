/* Whole models that Keras saved: .keras (a ZIP archive of config.json and model.weights.h5), and the .h5 that
 * Keras 2 wrote. */
#ifndef CVY_MODEL_KERAS_FILE_H
#define CVY_MODEL_KERAS_FILE_H

#include "model/model.h"

/* What a file is, by its first bytes. */
typedef enum { CVY_FILE_OTHER, CVY_FILE_KERAS, CVY_FILE_HDF5 } cvy_model_file_form;

/** CVY_FILE_OTHER also for a file that cannot be read. */
cvy_model_file_form cvy_keras_recognise(const char *path);

/** A model with its weights. Nothing is known of the images but that pixels are divided by 255, unless the
 *  model scales them itself. Errors as cvy_model_load(). */
cvy_status cvy_keras_file_load(const char *path, cvy_model **model);

/** The weights of a .keras, .h5 or .weights.h5 file for a model of that architecture. */
cvy_status cvy_keras_file_read_weights(const char *path, cvy_model *model);

#endif
