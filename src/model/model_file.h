/* The parts of a model file, for code that adds more to it. */
#ifndef CVY_MODEL_MODEL_FILE_H
#define CVY_MODEL_MODEL_FILE_H

#include "formats/safetensors.h"
#include "model/model.h"

enum { CVY_TENSOR_NAME_BYTES = 2 * CVY_NAME_BYTES, CVY_MODEL_TEXTS_MAX = 12 };

/* The prefix of tensors that belong to a checkpoint and not to the model in it. */
#define CVY_CHECKPOINT_TENSORS "checkpoint/"

/** The tensor as which a weight is stored. `name` must outlive it. */
cvy_safetensor cvy_model_tensor(const cvy_model *model, const cvy_weight *weight,
                                char name[CVY_TENSOR_NAME_BYTES]);

/* The metadata of a model's file. */
typedef struct {
    size_t count;
    cvy_safetensors_text items[CVY_MODEL_TEXTS_MAX];
    char *labels, preprocessing[128], images[CVY_PREPARATION_BYTES];
} cvy_model_texts;

/** Print the texts, which are valid until the model changes. Released with
 *  cvy_model_texts_release(), also after a failure. Returns CVY_ERR_MEMORY. */
cvy_status cvy_model_texts_print(const cvy_model *model, cvy_model_texts *texts);
void cvy_model_texts_release(cvy_model_texts *texts);

#endif
