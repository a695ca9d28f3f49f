/* A model while its file is being read. */
#ifndef CVY_MODEL_DRAFT_H
#define CVY_MODEL_DRAFT_H

#include "base/json.h"
#include "model/model.h"

enum {
    CVY_NESTED_MAX = 16, /* depth of models inside models */
    CVY_PARTS_MAX = 5    /* layers that one Keras layer may become */
};

/** An output's shape in Keras. */
typedef enum {
    CVY_SIDES_OTHER,    /* the same as here: a vector, or rows, columns and channels */
    CVY_SIDES_MATRIX,   /* two sides; here an image with one channel */
    CVY_SIDES_SEQUENCE, /* steps and features; here an image with one row, features as channels */
} cvy_sides;

/** A model to which layers are being added. */
typedef struct {
    cvy_model *model;
    size_t capacity; /* of model->layers */
    bool is_channels_first;
    cvy_sides *sides; /* [capacity + 1] of each output */
} cvy_draft;

/** The inputs of a layer: outputs of other layers, numbered as in cvy_layer.sources. */
typedef struct {
    size_t count, outputs[CVY_SOURCES_MAX];
} cvy_sources;

/** The model that contains a layer: the outermost, at depth 0, or a nested one. */
typedef struct {
    size_t depth;
    const char *name;
    bool is_frozen;
} cvy_surroundings;

/** The shape of an output. */
cvy_shape cvy_draft_shape(const cvy_draft *b, size_t output);

/** Choose the name of a layer. Keras gives every layer of a model a unique name, under which its
 *  weights are stored. In a model inside another, a name that is taken gets the inner model's name
 *  as a prefix. */
cvy_status cvy_draft_choose_name(const cvy_draft *b, const cvy_surroundings *around,
                                 const char *given, char name[CVY_NAME_BYTES]);

/** Name a layer without a name as Keras would: "conv2d", then "conv2d_1". */
void cvy_draft_number_name(const cvy_draft *b, const char *class_name, char name[CVY_NAME_BYTES]);

/** Add a layer of this kind, with its activation and activity penalty. May modify config. */
cvy_status cvy_draft_add(cvy_draft *b, const cvy_layer_kind *kind, json_t *config, const char *name,
                         const cvy_sources *from, bool is_frozen);

/** Add a layer from a spec such as "permute:dims=[3;1;2]". It reads `output` and counts as part of
 *  the previous layer. */
cvy_status cvy_draft_add_part(cvy_draft *b, const char *owner_name, const char *spec,
                              size_t output);

/** Add a SeparableConv2D: a depthwise convolution followed by one of 1 x 1. */
cvy_status cvy_draft_add_separable(cvy_draft *b, json_t *config, const char *name,
                                   const cvy_sources *from, bool is_frozen);

#endif
