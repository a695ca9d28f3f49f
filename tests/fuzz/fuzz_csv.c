/* CSV files of any content, opened as data sets: refused or read, never more than that. */
#include <assert.h>
#include <stdint.h>

#include "base/memory.h"
#include "data/intake.h"
#include "fuzz/memory_file.h"
#include "sources/csv_images.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    cvy_dataset_options options;
    memory_file file;

    if (!memory_file_open(&file, bytes, size))
        return 0;
    cvy_dataset *opened;
    cvy_dataset_options_init(&options);
    options.resize_height = options.resize_width = 4;
    if (cvy_dataset_open_with(file.path, &options, &opened) == CVY_OK) {
        for (int p = 0; p < CVY_PARTS; p++)
            for (size_t i = 0; i < cvy_dataset_count(opened, (cvy_split)p); i++) {
                volatile uint8_t last = cvy_dataset_image(opened, (cvy_split)p, i)[15];
                (void)last;
                assert(cvy_dataset_label(opened, (cvy_split)p, i) <
                       cvy_dataset_describe(opened).class_count);
            }
        cvy_dataset_close(opened);
    }
    cvy_images images;
    size_t height, width;
    if (cvy_csv_read_images(file.path, &images, &height, &width) == CVY_OK) {
        volatile uint8_t last = images.pixels[images.count * height * width - 1];
        (void)last;
        cvy_memory_free(images.pixels);
    }
    memory_file_close(&file);
    return 0;
}
