/* A network and its weights: create, inspect, use, save.
 *
 * A function that fails leaves its arguments as they were and says why through cvy_error_message().
 * Functions that return a status refuse a NULL model with CVY_ERR_SETTING; all others treat it as
 * an empty model (NULL, 0). */
#ifndef CONVOY_MODEL_H
#define CONVOY_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "convoy/dataset.h"
#include "convoy/shape.h"
#include "convoy/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cvy_model cvy_model;

/* --- create --- */

/**
 * Create a model without trained weights: all are zero until cvy_model_initialize() or training.
 * architecture  the name of a built-in one (CVY_KINDS_MODELS in kinds.h lists them), or the path of
 *               a file written by Keras's Sequential.to_json()
 * model         written only on CVY_OK; the caller destroys it
 * Returns CVY_ERR_OPEN, CVY_ERR_READ, CVY_ERR_FORMAT (not such a file), CVY_ERR_UNSUPPORTED (a
 * layer or setting that convoy does not have; the sentence names it), CVY_ERR_SETTING,
 * CVY_ERR_SHAPE (layers that do not fit together), CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_model_create(const char *architecture, cvy_model **model);

/** Create a model from JSON text of `size` bytes in memory. Errors as for cvy_model_create(). */
CVY_API cvy_status cvy_model_from_json(const char *text, size_t size, cvy_model **model);

/* A model under construction, layer by layer. */
typedef struct cvy_model_builder cvy_model_builder;

/**
 * Begin a model.
 * name     of the model, at most 63 characters; NULL: "sequential"
 * input    of one sample: rank 3 is an image, rank 1 a vector
 * builder  written only on CVY_OK; cvy_model_builder_destroy() it
 * Returns CVY_ERR_SETTING, CVY_ERR_SHAPE, CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_model_builder_create(const char *name, cvy_shape input,
                                            cvy_model_builder **builder);

/**
 * Append a layer: a spec as in kinds.h, such as "conv2d:filters=6,kernel_size=[5;5],padding=same"
 * or "dense:units=10,activation=softmax". The extra setting `name` names the layer; without
 * it the layer gets Keras's name, "dense", then "dense_1". Initializers and regularizers with
 * settings are written NAME:KEY=VALUE;KEY=VALUE, as in
 * "dense:units=10,kernel_regularizer=l1l2:l1=0.001;l2=0.01".
 * Returns CVY_ERR_SETTING, CVY_ERR_SHAPE (the layer does not fit its input), CVY_ERR_UNSUPPORTED,
 * CVY_ERR_MEMORY; the builder is then as before.
 */
CVY_API cvy_status cvy_model_builder_add(cvy_model_builder *builder, const char *layer);

/**
 * Create the model defined so far. The builder can be used further, and must be destroyed.
 * model  written only on CVY_OK: all weights zero, as from cvy_model_create()
 */
CVY_API cvy_status cvy_model_builder_finish(const cvy_model_builder *builder, cvy_model **model);

/** Release a builder. NULL is allowed. */
CVY_API void cvy_model_builder_destroy(cvy_model_builder *builder);

/** Release a model. NULL is allowed. */
CVY_API void cvy_model_destroy(cvy_model *model);

/** Draw all weights with the model's initializers. The same seed gives the same bits on every
 *  machine.
 *  Returns CVY_OK or CVY_ERR_MEMORY. */
CVY_API cvy_status cvy_model_initialize(cvy_model *model, uint64_t seed);

/* --- files --- */

/**
 * Load a trained model from a .safetensors file written by cvy_model_save(), or from a .keras file,
 * or a Keras 2 .h5 file, saved by Keras. Everything in it is checked. Errors as for
 * cvy_model_create(), and CVY_ERR_DATA for a weight that is not finite.
 */
CVY_API cvy_status cvy_model_load(const char *path, cvy_model **model);

/**
 * Write architecture, weights, class names and preprocessing into one .safetensors file, which
 * appears under its name only once it is complete. Returns CVY_ERR_OPEN, CVY_ERR_WRITE,
 * CVY_ERR_MEMORY; after a failure an older file of that name is unchanged.
 */
CVY_API cvy_status cvy_model_save(const cvy_model *model, const char *path);

/**
 * Load the same file from memory, or save it to memory.
 * name   begins the sentences of failures, like a path; NULL: "model"
 * bytes  when saving: written only on CVY_OK; the caller frees it with cvy_free()
 */
CVY_API cvy_status cvy_model_load_memory(const char *name, const void *bytes, size_t size,
                                         cvy_model **model);
CVY_API cvy_status cvy_model_save_memory(const cvy_model *model, void **bytes, size_t *size);

/** Release memory returned by the library. NULL is allowed. */
CVY_API void cvy_free(void *memory);

/* --- inspect --- */

/**
 * As cvy_model_create(), but a built-in classifier gets one output for each of the data's classes.
 * Its outputs stay unchanged if a class has no images at all, as after a wrong label. An
 * architecture from a file never changes.
 * data  what the model is to learn; NULL changes nothing
 * Returns what cvy_model_create() returns.
 */
CVY_API cvy_status cvy_model_create_for(const char *architecture, const cvy_dataset *data,
                                        cvy_model **model);

/* The functions below only read. Any thread may call them while nobody trains the model. Texts and
 * structs that they return live as long as the model. */

/** The name of built-in architecture number `index`, in alphabetical order, or NULL past the
 *  last. */
CVY_API const char *cvy_model_builtin(size_t index);

CVY_API const char *cvy_model_name(const cvy_model *model);

/** The architecture as JSON text that cvy_model_from_json() and Keras can read. */
CVY_API const char *cvy_model_json(const cvy_model *model);

/** The shape of one sample: height, width, channels, or the length of a vector. */
CVY_API cvy_shape cvy_model_input(const cvy_model *model);

/** The number of outputs for one sample. */
CVY_API size_t cvy_model_output_count(const cvy_model *model);

/* One layer, for a table. Allocated by the library. */
typedef struct {
    const char *name, *kind; /* "conv2d_1", "Conv2D" */
    cvy_shape output;        /* of one sample */
    size_t parameters;       /* floats, trained ones and state */
    double flops;            /* of one sample's forward pass, as in cvy_model_flops() */
} cvy_layer_info;

/** The layers as Keras counts them, without the input: their number, and number `index` or NULL
 *  past the last. */
CVY_API size_t cvy_model_layer_count(const cvy_model *model);
CVY_API const cvy_layer_info *cvy_model_layer(const cvy_model *model, size_t index);

CVY_API size_t cvy_model_parameter_count(const cvy_model *model);

/** The number of parameters that training changes by their gradients. The others are state, such as
 *  the moving statistics of batch normalization: saved and in the digest like all parameters. */
CVY_API size_t cvy_model_trained_count(const cvy_model *model);

/** Multiplications and additions in the matrix products of one sample, 2 for each use of a weight:
 *  for the forward pass, or for forward and backward of a training step. Biases, activations and
 *  pooling are not counted. */
CVY_API double cvy_model_flops(const cvy_model *model, bool is_training);

/** The class name of output `index` ("7"), or its number if the model has no class names. Valid
 *  until the thread calls this again. */
CVY_API const char *cvy_model_class_name(const cvy_model *model, size_t index);

/** The index of the first output whose class has that name, or SIZE_MAX if none has. */
CVY_API size_t cvy_model_find_class(const cvy_model *model, const char *name);

/** The optimizer that Keras compiled the model with, as a spec such as
 *  "sgd:learning_rate=0.01,momentum=0.9", or NULL if its file does not say. Training uses the
 *  optimizer of its settings. */
CVY_API const char *cvy_model_compiled_optimizer(const cvy_model *model);

/** The loss that the model was trained with, as a spec. A new model has cross-entropy if it has
 *  several outputs, else mean squared error. */
CVY_API const char *cvy_model_loss_spec(const cvy_model *model);

/** The record of the training as JSON text, or NULL for an untrained model. */
CVY_API const char *cvy_model_training_record(const cvy_model *model);

/** The configuration that the model was trained with, the JSON object of
 *  cvy_train_settings.configuration, or NULL. */
CVY_API const char *cvy_model_configuration(const cvy_model *model);

/** SHA-256 over all parameters, float32 little-endian in layer order, as lower-case hexadecimal.
 *  Returns CVY_OK or CVY_ERR_MEMORY. */
CVY_API cvy_status cvy_model_digest(const cvy_model *model, char text[65]);

/* --- weights --- */

/* One weight tensor. Allocated by the library. */
typedef struct {
    const char *name; /* LAYER/WEIGHT, as in the model's file: "conv2d/kernel" */
    /* Row-major, as Keras stores it: a convolution's kernel [height][width][in][out], a dense
     * kernel [in][out], a bias [out]. */
    size_t rank, dims[4];
    size_t count;    /* of floats: the product of dims */
    bool is_trained; /* else state, which training changes without a gradient */
} cvy_weight_info;

/** The weight tensors in layer order: their number, and number `index` or NULL past the last. */
CVY_API size_t cvy_model_weight_count(const cvy_model *model);
CVY_API const cvy_weight_info *cvy_model_weight_info(const cvy_model *model, size_t index);

/**
 * Read or write one weight tensor. Must not be called while the model is trained.
 * name    as in cvy_weight_info
 * values  [count] floats, where count is that of the tensor
 * Returns CVY_ERR_SETTING (no such tensor; the sentence names the nearest), CVY_ERR_SHAPE (another
 * count), CVY_ERR_DATA (a value to be written is not finite).
 */
CVY_API cvy_status cvy_model_read_weight(const cvy_model *model, const char *name, float *values,
                                         size_t count);
CVY_API cvy_status cvy_model_write_weight(cvy_model *model, const char *name, const float *values,
                                          size_t count);

/* --- predict --- */

/**
 * Compute the model's outputs for images.
 * images   [count][height][width][channels] bytes of the model's input size, 0 background to 255
 *          full ink; they are normalized as in training
 * threads  workers, 1 to 1,024, and at most what the GEMM backend supports; results do not depend
 *          on it
 * outputs  [count][cvy_model_output_count()] floats: probabilities for a classifier; written on
 *          CVY_OK
 * Returns CVY_OK, CVY_ERR_MEMORY, CVY_ERR_SETTING (threads out of range, or a forced kernel that
 * does not run here).
 */
CVY_API cvy_status cvy_model_predict(const cvy_model *model, const unsigned char *images,
                                     size_t count, size_t threads, float *outputs);

/**
 * As cvy_model_predict(), for floats.
 * low, high  the floats that mean the bytes 0 and 255, as in cvy_arrays: 0 and 1 for pixels from 0
 *            to 1. With 0 and 255, floats with the values of bytes give the same bits as the bytes.
 *            Values are not rounded and may lie outside the range
 * Also returns CVY_ERR_SETTING unless low and high are finite and differ, CVY_ERR_DATA for a value
 * that is not finite.
 */
CVY_API cvy_status cvy_model_predict_floats(const cvy_model *model, const float *images,
                                            size_t count, double low, double high, size_t threads,
                                            float *outputs);

#ifdef __cplusplus
}
#endif

#endif
