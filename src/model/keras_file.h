/* Reading whole models saved by Keras: .keras (a ZIP archive with config.json and
 * model.weights.h5), and Keras 2's .h5. */
#ifndef CVY_MODEL_KERAS_FILE_H
#define CVY_MODEL_KERAS_FILE_H

#include "model/model.h"

/* The format of a file, by its first bytes. */
typedef enum { CVY_FILE_OTHER, CVY_FILE_KERAS, CVY_FILE_HDF5 } cvy_model_file_form;

/** Recognise the format of a file. CVY_FILE_OTHER also if it cannot be read. */
cvy_model_file_form cvy_keras_recognise(const char *path);

/** Load a model with its weights. The file does not say how images were prepared: pixels are
 *  divided by 255, unless the model scales them itself. Errors as for cvy_model_load(). */
cvy_status cvy_keras_file_load(const char *path, cvy_model **model);

/** Read the weights of a .keras, .h5 or .weights.h5 file into a model of that architecture. */
cvy_status cvy_keras_file_read_weights(const char *path, cvy_model *model);

#endif
