/* A network and its weights: open, look at, use, save. */
#ifndef CONVOY_MODEL_H
#define CONVOY_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "convoy/shape.h"
#include "convoy/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cvy_model cvy_model;

/* One layer, for a table. Texts live as long as the model. */
typedef struct {
    const char *name, *kind; /* "conv2d_1", "Conv2D" */
    cvy_shape output;        /* of one sample */
    size_t parameters;       /* floats it learns */
    double flops;            /* of one sample forward, as cvy_model_flops() counts */
} cvy_layer_info;

/**
 * A model without trained weights: all of them zero until cvy_model_initialize() or training.
 * architecture  the name of a built-in one ("lenet5", "fast", "mnist-cnn", "mlp"), or the path of a
 *               file as Keras's Sequential.to_json() writes it
 * model         written only on CVY_OK; the caller destroys it
 * Returns CVY_ERR_OPEN, CVY_ERR_READ, CVY_ERR_FORMAT (not such a file), CVY_ERR_UNSUPPORTED (a
 * layer or setting we do not have; the sentence names it), CVY_ERR_SETTING, CVY_ERR_SHAPE (layers
 * that do not fit on each other), CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_model_create(const char *architecture, cvy_model **model);

/**
 * A trained model from the .safetensors file that cvy_model_save() wrote. Everything in it is
 * checked. Errors as for cvy_model_create(); CVY_ERR_DATA for a weight that is not finite.
 */
CVY_API cvy_status cvy_model_load(const char *path, cvy_model **model);

/**
 * Write architecture, weights, class names and preprocessing into one .safetensors file, which
 * appears under its name only when it is complete. Returns CVY_ERR_OPEN, CVY_ERR_WRITE,
 * CVY_ERR_MEMORY; a file that was there before is then as it was.
 */
CVY_API cvy_status cvy_model_save(const cvy_model *model, const char *path);

/** Release a model. NULL is allowed. */
CVY_API void cvy_model_destroy(cvy_model *model);

/** Draw all weights anew by the model's initializers. The same seed gives the same bits anywhere.
 *  Returns CVY_OK or CVY_ERR_MEMORY. */
CVY_API cvy_status cvy_model_initialize(cvy_model *model, uint64_t seed);

/** The built-in architectures, in alphabetical order: the name of number `index`, or NULL past
 *  the last. */
CVY_API const char *cvy_model_builtin(size_t index);

/* What follows only reads. It may be called from any thread while nobody trains the model. */

CVY_API const char *cvy_model_name(const cvy_model *model);

/** Of one sample: height, width, channels, or a vector's length. */
CVY_API cvy_shape cvy_model_input(const cvy_model *model);

/** Values that come out for one sample. */
CVY_API size_t cvy_model_output_count(const cvy_model *model);

/** Layers in Keras's counting, the input not among them. */
CVY_API size_t cvy_model_layer_count(const cvy_model *model);
CVY_API cvy_layer_info cvy_model_layer(const cvy_model *model, size_t index);
CVY_API size_t cvy_model_parameter_count(const cvy_model *model);

/** How many of the parameters training changes by their gradient. The others are state, such as the
 *  moving statistics of batch normalization: saved and in the digest like all parameters. */
CVY_API size_t cvy_model_trained_count(const cvy_model *model);

/** Multiplications and additions of one sample's products, 2 for each weight at each place where
 *  it is used: forward, or a whole training step's forward and backward. Biases, activations and
 *  pooling are not counted. */
CVY_API double cvy_model_flops(const cvy_model *model, bool is_training);

/** What output `index` stands for ("7"); a number where the model was told no names. */
CVY_API const char *cvy_model_class_name(const cvy_model *model, size_t index);

/** What was recorded about the training as JSON text, or NULL for an untrained model. */
CVY_API const char *cvy_model_training_record(const cvy_model *model);

/** SHA-256 over all parameters, float32 little-endian in layer order, as lower-case hexadecimal.
 *  Returns CVY_OK or CVY_ERR_MEMORY. */
CVY_API cvy_status cvy_model_digest(const cvy_model *model, char text[65]);

/**
 * What the model makes of images.
 * images   [count][height][width][channels] bytes of the model's input size, 0 background to 255
 *          full ink; they are normalised as the model was trained
 * threads  workers, at least 1, and no more than the matrix product stands; results do not depend
 *          on it
 * outputs  [count][cvy_model_output_count()] floats: probabilities for a classifier
 * Returns CVY_OK, CVY_ERR_MEMORY, CVY_ERR_SETTING (too many threads, or a forced kernel that does
 * not run here).
 */
CVY_API cvy_status cvy_model_predict(const cvy_model *model, const unsigned char *images,
                                     size_t count, size_t threads, float *outputs);

#ifdef __cplusplus
}
#endif

#endif
