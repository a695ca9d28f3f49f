/* Portable anymaps: PBM, PGM and PPM, plain and raw, with any maximum. */
#ifndef CVY_FORMATS_PNM_H
#define CVY_FORMATS_PNM_H

#include "formats/pixels.h"

/** Whether a file begins like an anymap: P1 to P6 and white space. */
bool cvy_pnm_is(const unsigned char *bytes, size_t size);

/** Read size and channels from the header alone. Returns CVY_ERR_FORMAT if it is invalid. */
cvy_status cvy_pnm_measure(const char *name, const unsigned char *bytes, size_t size, size_t *width,
                           size_t *height, size_t *channels);

/** Decode an anymap. Samples are scaled so that the maximum becomes 255, or 65535 if it is above
 *  255. pixels is written only on CVY_OK. Returns CVY_ERR_FORMAT, CVY_ERR_MEMORY. */
cvy_status cvy_pnm_decode(const char *name, const unsigned char *bytes, size_t size,
                          cvy_pixels *pixels);

#endif
