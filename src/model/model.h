/* The representation of a model: layers in order, and one block with all their weights. */
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
    bool is_graph;      /* an output has several users, or a layer several inputs */
    size_t layer_count; /* counts a fused activation as a layer */
    cvy_layer *layers;
    size_t block_floats;   /* each tensor starts on a cache line; gaps are zero */
    size_t trained_floats; /* at the beginning of the block; the state follows */
    float *weights;        /* [block_floats] */
    size_t class_count;    /* of class_names; 0: none */
    cvy_class_text *class_names;
    float pixel_scale, pixel_offset;     /* input = byte * scale + offset */
    cvy_loss loss;                       /* for training, past or future ... */
    char loss_spec[CVY_LOSS_SPEC_BYTES]; /* ... and its spec without defaults */
    char loss_refusal[256];      /* why the loss in Keras's file cannot be used; "": no such loss */
    cvy_preparation preparation; /* how images were prepared for the model */
    char *training;              /* JSON object, or NULL */
    char *configuration;         /* JSON object: the options of its training, or NULL */
    char compiled_optimizer
        [CVY_COMPILED_BYTES];        /* the optimizer in Keras's file, as a spec; "": unknown */
    struct cvy_model_tables *tables; /* results of cvy_model_layer() etc.; NULL: not made */
};

/* One weight tensor of the block. */
typedef struct {
    const cvy_layer *layer;
    size_t index; /* among the layer's weights */
    const cvy_weight_plan *plan;
    size_t offset; /* floats from the start of the block */
} cvy_weight;

/** Get tensor number `index`, in layer order. Returns false past the last. */
bool cvy_model_weight(const cvy_model *model, size_t index, cvy_weight *weight);

/** Build a model from JSON text, without allocating its weights. Error messages call it `source`.
 *  Errors as for cvy_model_create(). */
cvy_status cvy_model_parse(const char *source, const char *text, size_t size, cvy_model **model);

/** Place the weights in the block, after the layers have been filled in. */
void cvy_model_lay_out(cvy_model *model);

/** Allocate the block, all zero. */
cvy_status cvy_model_allocate(cvy_model *model);

/** The shape of the last layer's output for one sample. */
cvy_shape cvy_model_output(const cvy_model *model);

/** Whether the model scales pixels itself, in a layer before all weights. Then it takes bytes;
 *  cvy_model_take_bytes() sets its scale accordingly. */
bool cvy_model_scales_input(const cvy_model *model);
void cvy_model_take_bytes(cvy_model *model);

/** Set the names of the `count` classes. Returns CVY_ERR_MEMORY;
 *  then the names stay as they were. */
cvy_status cvy_model_name_classes(cvy_model *model, size_t count, const char *const *names);

/** Draw initial weights into a zeroed block laid out like the model's. Does not change the model.
 *  Returns CVY_ERR_MEMORY. */
cvy_status cvy_model_draw(const cvy_model *model, uint64_t seed, float *block);

/** Fill in model->tables, after cvy_model_lay_out(). Returns CVY_ERR_MEMORY. */
cvy_status cvy_model_make_tables(cvy_model *model);
void cvy_model_free_tables(cvy_model *model);

/** Recount the trained weights after layers were frozen. */
void cvy_model_count_trained(cvy_model *model);

/** Replace *model by one of the same architecture with `count` outputs and no weights yet, if the
 *  kind of its last layer with weights allows it; else it stays. Returns CVY_ERR_MEMORY, or the
 *  error of the new architecture. */
cvy_status cvy_model_replace_outputs(size_t count, cvy_model **model);

#endif
