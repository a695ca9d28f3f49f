/* What a model is inside: layers in order, and one block with all their weights. */
#ifndef CVY_MODEL_MODEL_H
#define CVY_MODEL_MODEL_H

#include "convoy/model.h"
#include "layers/layer.h"
#include "losses/loss.h"
#include "model/preparation.h"

enum { CVY_LAYERS_MAX = 1000, CVY_CLASS_TEXT_BYTES = 64 };

struct cvy_model {
    char name[CVY_NAME_BYTES];
    char *architecture; /* JSON in the form of Keras's Sequential.to_json() */
    cvy_shape input;
    size_t layer_count; /* a fused activation is a layer of its own here */
    cvy_layer *layers;
    size_t block_floats;   /* each tensor starts a cache line; what lies between is zero */
    size_t trained_floats; /* of the block; behind them lies the state */
    float *weights;        /* [block_floats] */
    size_t class_count;    /* of class_names; 0: none were told */
    char (*class_names)[CVY_CLASS_TEXT_BYTES];
    float pixel_scale, pixel_offset; /* input = byte * scale + offset */
    cvy_loss loss;                   /* what it was, or is to be, trained with */
    cvy_preparation preparation;     /* of the images before that */
    char *training;                  /* JSON object, or NULL */
};

/* One weight tensor of the block. */
typedef struct {
    const cvy_layer *layer;
    size_t index; /* among the layer's */
    const cvy_weight_plan *plan;
    size_t offset; /* floats from the start of the block */
} cvy_weight;

/** Tensors in layer order; the `index`th of them, or false past the last. */
bool cvy_model_weight(const cvy_model *model, size_t index, cvy_weight *weight);

/** Build a model from JSON text, all but the weights' memory; `source` names it in sentences. Errors
 *  as cvy_model_create(). */
cvy_status cvy_model_from_json(const char *source, const char *text, size_t size,
                               cvy_model **model);

/** Give the weights their places in the block. For who fills in the layers. */
void cvy_model_lay_out(cvy_model *model);

/** Allocate the block, all zero. */
cvy_status cvy_model_allocate(cvy_model *model);

/** Values that come out of the last layer for one sample; its shape is cvy_model_output(). */
cvy_shape cvy_model_output(const cvy_model *model);

/** Tell the classes' names: count texts. Returns CVY_ERR_MEMORY. */
cvy_status cvy_model_name_classes(cvy_model *model, size_t count, const char *const *names);

#endif
