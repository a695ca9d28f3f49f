/* Adding the layers of an architecture, for functional.c. model.h declares cvy_model_parse(). */
#ifndef CVY_MODEL_ARCHITECTURE_H
#define CVY_MODEL_ARCHITECTURE_H

#include "model/draft.h"

/** Add one entry of a model's list of layers: a layer or a nested model.
 *  *output: the number of its output. */
cvy_status cvy_architecture_add_layer(cvy_draft *b, json_t *entry, const cvy_surroundings *around,
                                      const cvy_sources *from, size_t *output);

#endif
