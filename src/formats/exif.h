/* The camera orientation in EXIF data. */
#ifndef CVY_FORMATS_EXIF_H
#define CVY_FORMATS_EXIF_H

#include <stddef.h>

/** Return the orientation, 1 to 8, of a JPEG (APP1 segment) or PNG (eXIf chunk); 1, upright, if it
 *  is missing or damaged. */
unsigned cvy_exif_orientation(const unsigned char *bytes, size_t size);

#endif
