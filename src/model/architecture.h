/* Layers of an architecture, as functional.c needs them; cvy_model_parse() is declared in model.h. */
#ifndef CVY_MODEL_ARCHITECTURE_H
#define CVY_MODEL_ARCHITECTURE_H

#include "model/draft.h"

/** Add one entry of a model's list of layers: a layer, or a whole model inside this one. *output: the number of
 *  its output. */
cvy_status cvy_architecture_add_layer(cvy_draft *b, json_t *entry, const cvy_surroundings *around,
                                      const cvy_sources *from, size_t *output);

#endif
