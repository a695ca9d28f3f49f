/* Fine-tuning: continue from a trained model with other classes or with frozen layers.
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
 * Freeze or unfreeze layers, as Keras's `layer.trainable = False` does: training leaves the weights
 * and the state of a frozen layer unchanged, and batch normalization uses its moving statistics.
 * Must not be called while the model is trained. The choice applies to this model in memory; it is
 * not saved to files.
 * layers  the name of a layer, which selects that layer alone; else a glob that must match the
 *         whole name ("conv2d*"); else a regular expression that may match anywhere in the name, as
 *         in the optimizers' exclude_from_weight_decay ("^conv2d(_1)?$")
 * count   NULL, or the number of layers selected, as Keras counts them; written on CVY_OK
 * Returns CVY_ERR_SETTING if `layers` selects no layer (the sentence names the layers) or is not a
 * valid regular expression.
 */
CVY_API cvy_status cvy_model_set_trainable(cvy_model *model, const char *layers, bool is_trainable,
                                           size_t *count);

/** Whether training changes layer number `index` of cvy_model_layer(). */
CVY_API bool cvy_model_is_trainable(const cvy_model *model, size_t index);

/**
 * Copy a classifier and change its classes. Its last layer with weights, a Dense or a Conv2D, is
 * replaced by one with an output for each class, drawn by its initializers; classes that the model
 * had before keep their weights. All other weights, preprocessing and loss are copied.
 * names    [count] of the classes, at least two, all different
 * seed     of the weights that are drawn
 * changed  written only on CVY_OK; the caller destroys it
 * Returns CVY_ERR_SETTING, CVY_ERR_UNSUPPORTED (another last layer; the sentence names it),
 * CVY_ERR_SHAPE (a single output), CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_model_with_classes(const cvy_model *model, size_t count,
                                          const char *const *names, uint64_t seed,
                                          cvy_model **changed);

/**
 * Read all weights from another program's file; shapes must equal the model's, except for sides of
 * 1.
 * path  a .safetensors whose tensors are called LAYER/WEIGHT ("conv2d/kernel", or with a dot) or,
 *       if they have other names, match cvy_model_weight_info() in number and order; or a .keras,
 *       .h5 or .weights.h5 that Keras saved from the same architecture
 * Returns CVY_ERR_SHAPE (the sentence names layer, weight, found and expected shape),
 * CVY_ERR_FORMAT, CVY_ERR_UNSUPPORTED, CVY_ERR_DATA (a value that is not finite), CVY_ERR_OPEN,
 * CVY_ERR_READ, CVY_ERR_MEMORY; some weights may have been read before the failure.
 */
CVY_API cvy_status cvy_model_read_weights(cvy_model *model, const char *path);

#ifdef __cplusplus
}
#endif

#endif
