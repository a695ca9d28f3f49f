/* Models of Keras: HDF5 of any content, and files that are opened as models. */
#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"
#include "convoy/model.h"
#include "formats/hdf5.h"
#include "fuzz/memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void read_attribute(cvy_hdf5 *file, const char *path, const char *name)
{
    char **texts;
    size_t count;

    if (cvy_hdf5_attribute(file, path, name, &texts, &count) == CVY_OK)
        cvy_hdf5_free_texts(texts, count);
}

static void read_hdf5(const uint8_t *bytes, size_t size)
{
    cvy_hdf5 *file;
    float *values;

    if (cvy_hdf5_parse("fuzz", bytes, size, &file) != CVY_OK)
        return;
    for (size_t i = 0; i < cvy_hdf5_count(file); i++) {
        const cvy_hdf5_array *array = cvy_hdf5_array_at(file, i);
        if (array->count > size ||
            cvy_memory_create(array->count, sizeof *values, &values) != CVY_OK)
            continue;
        (void)cvy_hdf5_read(file, array, values);
        cvy_memory_free(values);
    }
    read_attribute(file, "", "model_config");
    read_attribute(file, "model_weights", "layer_names");
    read_attribute(file, "model_weights/base", "weight_names");
    cvy_hdf5_close(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    memory_file file;
    cvy_model *model;

    read_hdf5(bytes, size);
    if (!memory_file_open(&file, bytes, size))
        return 0;
    if (cvy_model_load(file.path, &model) == CVY_OK)
        cvy_model_destroy(model);
    memory_file_close(&file);
    return 0;
}
