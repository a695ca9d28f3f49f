/* Images of a CSV file without labels, such as Kaggle's test.csv. */
#ifndef CVY_SOURCES_CSV_IMAGES_H
#define CVY_SOURCES_CSV_IMAGES_H

#include "data/dataset.h"

/** Whether a file called like a CSV has as many columns as a square grey image has pixels. */
bool cvy_csv_has_images(const char *path);

/** Read all images. images->pixels: written on CVY_OK only; the caller releases them. Returns what
 *  the source of labeled CSV files returns. */
cvy_status cvy_csv_read_images(const char *path, cvy_images *images, size_t *height, size_t *width);

#endif
