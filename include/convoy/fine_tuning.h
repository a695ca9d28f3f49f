/* Going on from a trained model: with other classes, and with layers that stay as they are.
 *
 *     cvy_model_load("digits.safetensors", &model);
 *     cvy_model_set_trainable(model, "conv2d*", false, NULL);
 *     settings.keep_weights = true;
 *     cvy_train(model, data, &settings, &history);
 */
#ifndef CONVOY_FINE_TUNING_H
#define CONVOY_FINE_TUNING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "convoy/model.h"
#include "convoy/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Freeze layers, or let them learn again, as Keras's `layer.trainable = False` does: training leaves the
 * weights and the state of a frozen layer as they are, and batch normalization uses its moving statistics.
 * Not while the model is trained. This model alone is changed: a file saved from it says nothing of it.
 * layers  the name of a layer, which chooses that layer alone; else a glob that must match the whole name
 *         ("conv2d*"); else a regular expression that is found anywhere in the name, as in the optimizers'
 *         exclude_from_weight_decay ("^conv2d(_1)?$")
 * count   NULL, or how many layers were chosen, in Keras's counting; written on CVY_OK
 * Returns CVY_ERR_SETTING where it chooses no layer (the sentence names the layers), or is no regular
 * expression.
 */
CVY_API cvy_status cvy_model_set_trainable(cvy_model *model, const char *layers, bool is_trainable,
                                           size_t *count);

/** Whether training changes layer number `index` of cvy_model_layer(). */
CVY_API bool cvy_model_is_trainable(const cvy_model *model, size_t index);

/**
 * A copy of a classifier that has other classes. Its last layer with weights, a Dense or a Conv2D, is a new
 * one with an output for each class: drawn by its initializers, but for classes that the model had before,
 * which keep their weights. All other weights, preprocessing and loss are the model's.
 * names    [count] of the classes, at least two, no two of them equal
 * seed     of the weights that are drawn
 * changed  written only on CVY_OK; the caller destroys it
 * Returns CVY_ERR_SETTING, CVY_ERR_UNSUPPORTED (another last layer; the sentence names it), CVY_ERR_SHAPE
 * (a single output), CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_model_with_classes(const cvy_model *model, size_t count,
                                          const char *const *names, uint64_t seed,
                                          cvy_model **changed);

/**
 * Read all weights from a file of another program, with the shapes of the model's (sides of 1 aside).
 * path  a .safetensors whose tensors are called LAYER/WEIGHT ("conv2d/kernel", also with a dot), or, under
 *       other names, are as many and in the same order as cvy_model_weight_info() counts; or a .keras, .h5
 *       or .weights.h5 that Keras saved of the same architecture
 * Returns CVY_ERR_SHAPE (the sentence names layer, weight, found and expected shape), CVY_ERR_FORMAT,
 * CVY_ERR_UNSUPPORTED, CVY_ERR_DATA (a value that is not finite), CVY_ERR_OPEN, CVY_ERR_READ,
 * CVY_ERR_MEMORY; some weights may then have been read.
 */
CVY_API cvy_status cvy_model_read_weights(cvy_model *model, const char *path);

#ifdef __cplusplus
}
#endif

#endif
