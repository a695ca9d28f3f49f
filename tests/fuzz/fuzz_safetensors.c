/* Files of any content as safetensors and as saved models: refused or read, never more than that. */
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "formats/safetensors.h"
#include "fuzz/memory_file.h"
#include "model/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A tensor of any name that others give theirs. */
static void read_tensor(const cvy_safetensors *file)
{
    const cvy_safetensor wanted = { .name = "a", .rank = 2, .dims = { 2, 3 } };
    float values[6];

    (void)cvy_safetensors_read(file, &wanted, values);
    (void)cvy_safetensors_find_text(file, "format");
}

/* A model that was loaded is whole. */
static void check_model(const cvy_model *model)
{
    cvy_weight weight;

    for (size_t i = 0; cvy_model_weight(model, i, &weight); i++)
        for (size_t v = 0; v < weight.plan->count; v++)
            assert(isfinite(model->weights[weight.offset + v]));
    for (size_t i = 0; i < cvy_model_output_count(model) && i < 100; i++)
        assert(cvy_model_class_name(model, i) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    cvy_safetensors *file;
    cvy_model *model;
    memory_file copy;

    if (cvy_safetensors_parse("input", bytes, size, &file) != CVY_OK)
        return 0; /* nor would it be a model */
    read_tensor(file);
    cvy_safetensors_close(file);
    if (!memory_file_open(&copy, bytes, size))
        return 0;
    if (cvy_model_load(copy.path, &model) == CVY_OK) {
        check_model(model);
        cvy_model_destroy(model);
    }
    memory_file_close(&copy);
    return 0;
}
