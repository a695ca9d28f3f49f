/* Any text as an architecture: refused, or a model whose parts fit each other. */
#include <assert.h>
#include <stdint.h>

#include "model/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    cvy_model *model;
    size_t parameters = 0;

    if (cvy_model_parse("input", (const char *)bytes, size, &model) != CVY_OK) {
        assert(*cvy_error_message() != '\0');
        return 0;
    }
    for (size_t i = 0; i < cvy_model_layer_count(model); i++)
        parameters += cvy_model_layer(model, i)->parameters;
    assert(parameters == cvy_model_parameter_count(model));
    assert(cvy_model_output_count(model) > 0);
    assert(cvy_model_flops(model, true) >= cvy_model_flops(model, false));
    cvy_model_destroy(model);
    return 0;
}
