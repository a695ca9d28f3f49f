/* What a model is inside: layers in order, and one block with all their weights. */
#ifndef CVY_MODEL_MODEL_H
#define CVY_MODEL_MODEL_H

#include "convoy/model.h"
#include "layers/layer.h"
#include "losses/loss.h"
#include "model/preparation.h"

enum {
    CVY_LAYERS_MAX = 1000,
    CVY_CLASS_TEXT_BYTES = 64,
    CVY_LOSS_SPEC_BYTES = 256,
    CVY_COMPILED_BYTES = 512
};

typedef char cvy_class_text[CVY_CLASS_TEXT_BYTES];

struct cvy_model {
    char name[CVY_NAME_BYTES];
    char *architecture; /* JSON in the form of Keras's Sequential.to_json() */
    cvy_shape input;
    bool is_graph;      /* some output has several users, or some layer several inputs */
    size_t layer_count; /* a fused activation is a layer of its own here */
    cvy_layer *layers;
    size_t block_floats;   /* each tensor starts a cache line; what lies between is zero */
    size_t trained_floats; /* of the block; the state follows them */
    float *weights;        /* [block_floats] */
    size_t class_count;    /* of class_names; 0: there are none */
    cvy_class_text *class_names;
    float pixel_scale, pixel_offset;     /* input = byte * scale + offset */
    cvy_loss loss;                       /* that it was, or is to be, trained with ... */
    char loss_spec[CVY_LOSS_SPEC_BYTES]; /* ... and its spec without defaults */
    cvy_preparation preparation;         /* of the images before they come to the model */
    char *training;                      /* JSON object, or NULL */
    char *configuration; /* JSON object: the options that it was trained with, or NULL */
    char compiled_optimizer
        [CVY_COMPILED_BYTES];        /* that Keras compiled it with, as a spec; "": unknown */
    struct cvy_model_tables *tables; /* what cvy_model_layer() and the like return; NULL: none */
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

/** Build a model from JSON text, all but the memory of its weights; `source` names it in sentences.
 *  Errors as cvy_model_create(). */
cvy_status cvy_model_parse(const char *source, const char *text, size_t size, cvy_model **model);

/** Give the weights their places in the block. For who fills in the layers. */
void cvy_model_lay_out(cvy_model *model);

/** Allocate the block, all zero. */
cvy_status cvy_model_allocate(cvy_model *model);

/** Values that come out of the last layer for one sample; its shape is cvy_model_output(). */
cvy_shape cvy_model_output(const cvy_model *model);

/** Whether the model scales pixels itself, by a layer before all weights; it is given bytes then. */
bool cvy_model_scales_input(const cvy_model *model);
void cvy_model_take_bytes(cvy_model *model);

/** Set the names of the classes: count texts. Returns CVY_ERR_MEMORY, and the names are as before. */
cvy_status cvy_model_name_classes(cvy_model *model, size_t count, const char *const *names);

/** Draw all weights into a zeroed block like the model's, which does not change. Returns
 *  CVY_ERR_MEMORY. */
cvy_status cvy_model_draw(const cvy_model *model, uint64_t seed, float *block);

/** Fill in model->tables, once the layers have their places. Returns CVY_ERR_MEMORY. */
cvy_status cvy_model_make_tables(cvy_model *model);
void cvy_model_free_tables(cvy_model *model);

/** Count the weights that are trained anew, after layers were frozen. */
void cvy_model_count_trained(cvy_model *model);

/** Replace *model by one of the same architecture with `count` outputs and no weights yet, if its last layer with weights
 *  is one that can have as many; else it stays. Returns CVY_ERR_MEMORY, or why such an architecture is not one. */
cvy_status cvy_model_replace_outputs(size_t count, cvy_model **model);

#endif
