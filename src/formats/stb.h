/* Read PNG, JPEG and BMP, write PNG, with stb_image and stb_image_write. */
#ifndef CVY_FORMATS_STB_H
#define CVY_FORMATS_STB_H

#include "formats/pixels.h"

/** Read size and channels from the header alone. Returns CVY_ERR_FORMAT. */
cvy_status cvy_stb_measure(const char *name, const unsigned char *bytes, size_t size, size_t *width,
                           size_t *height, size_t *channels);

/** pixels is written only on CVY_OK. Returns CVY_ERR_FORMAT (also when memory runs out). */
cvy_status cvy_stb_decode(const char *name, const unsigned char *bytes, size_t size,
                          cvy_pixels *pixels);

#endif
