/* Reads files of images without labels. */
#include "base/memory.h"
#include "convoy/dataset_files.h"
#include "sources/csv_images.h"
#include "sources/idx.h"

bool cvy_images_are_in(const char *path)
{
    return path != NULL && (cvy_idx_recognise(path) == CVY_IDX_IMAGES || cvy_csv_has_images(path));
}

cvy_status cvy_images_read(const char *path, size_t *count, size_t *height, size_t *width,
                           unsigned char **pixels)
{
    cvy_images images;

    CVY_REQUIRE(path);
    CVY_REQUIRE(count);
    CVY_REQUIRE(height);
    CVY_REQUIRE(width);
    CVY_REQUIRE(pixels);
    cvy_status status = cvy_idx_recognise(path) != CVY_IDX_IMAGES && cvy_csv_has_images(path)
                            ? cvy_csv_read_images(path, &images, height, width)
                            : cvy_idx_read_images(path, &images, height, width);
    if (status != CVY_OK)
        return status;
    *count = images.count;
    *pixels = images.pixels;
    return CVY_OK;
}

void cvy_images_free(unsigned char *pixels)
{
    cvy_memory_free(pixels);
}
