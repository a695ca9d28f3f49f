/* IDX files of any content, as images and as labels: refused or read, never more than that. */
#include <assert.h>
#include <stdint.h>

#include "base/memory.h"
#include "sources/idx.h"
#include "fuzz/memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    cvy_images images;
    size_t height, width;
    memory_file file;

    if (!memory_file_open(&file, bytes, size))
        return 0;
    if (cvy_idx_read_images(file.path, &images, &height, &width) == CVY_OK) {
        volatile uint8_t last = images.pixels[images.count * height * width - 1]; /* is there */
        (void)last;
        cvy_memory_free(images.pixels);
    }
    if (cvy_idx_read_labels(file.path, &images) == CVY_OK) {
        for (size_t i = 0; i < images.count; i++)
            assert(images.labels[i] < 256);
        cvy_memory_free(images.labels);
    }
    memory_file_close(&file);
    return 0;
}
