/* Keras's Functional models. */
#ifndef CVY_MODEL_FUNCTIONAL_H
#define CVY_MODEL_FUNCTIONAL_H

#include "model/draft.h"

/** Add the layers of a Functional model's config. from: its inputs; *output: its output. */
cvy_status cvy_functional_add(cvy_draft *b, json_t *config, const cvy_surroundings *around,
                              const cvy_sources *from, size_t *output);

#endif
