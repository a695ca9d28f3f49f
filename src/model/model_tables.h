/* The results of the public functions about a model's layers and weights. */
#ifndef CVY_MODEL_MODEL_TABLES_H
#define CVY_MODEL_MODEL_TABLES_H

#include "model/model.h"

enum { CVY_TENSOR_NAME_BYTES = 2 * CVY_NAME_BYTES };

typedef struct cvy_model_tables {
    size_t layer_count, weight_count;
    size_t parameters, trained;           /* floats of all layers */
    cvy_layer_info *layers;               /* [layer_count] */
    cvy_weight_info *weights;             /* [weight_count], in the order of cvy_model_weight() */
    char (*names)[CVY_TENSOR_NAME_BYTES]; /* [weight_count] LAYER/WEIGHT */
} cvy_model_tables;

#endif
