/* Layers and inputs that the tests of all layers go through. */
#ifndef TESTS_SUPPORT_LAYER_CASES_H
#define TESTS_SUPPORT_LAYER_CASES_H

#include "layers/layer.h"

typedef struct {
    const char *spec;
    cvy_shape in;
} layer_case;

extern const layer_case layer_cases[];
extern const size_t layer_case_count;

#endif
