/* Run-length encoded Windows bitmaps, which stb does not read. */
#ifndef CVY_FORMATS_BMP_RLE_H
#define CVY_FORMATS_BMP_RLE_H

#include "formats/pixels.h"

/** Whether a file is a BMP with compression BI_RLE8 or BI_RLE4. */
bool cvy_bmp_rle_is(const unsigned char *bytes, size_t size);

cvy_status cvy_bmp_rle_measure(const char *name, const unsigned char *bytes, size_t size,
                               size_t *width, size_t *height, size_t *channels);

/** pixels, with three channels, is written only on CVY_OK. Returns CVY_ERR_FORMAT,
 *  CVY_ERR_MEMORY. */
cvy_status cvy_bmp_rle_decode(const char *name, const unsigned char *bytes, size_t size,
                              cvy_pixels *pixels);

#endif
