/* How a camera was held: the orientation in EXIF data. */
#ifndef CVY_FORMATS_EXIF_H
#define CVY_FORMATS_EXIF_H

#include <stddef.h>

/** The orientation, 1 to 8, that a JPEG (APP1 segment) or a PNG (eXIf chunk) states; 1, which asks for
 *  nothing, when there is none or it is damaged. */
unsigned cvy_exif_orientation(const unsigned char *bytes, size_t size);

#endif
