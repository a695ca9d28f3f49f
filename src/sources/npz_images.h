/* The image arrays of a NumPy archive. */
#ifndef CVY_SOURCES_NPZ_IMAGES_H
#define CVY_SOURCES_NPZ_IMAGES_H

#include "data/intake.h"
#include "sources/npy.h"

enum { CVY_NPZ_PLACE_BYTES = 512 };

/** Begin to read an array, as cvy_npy_begin(); `place` is written: it names the array in messages. */
cvy_status cvy_npz_begin(cvy_zip *zip, const char *file, size_t entry, unsigned accepted,
                         char place[CVY_NPZ_PLACE_BYTES], cvy_npy_header *header);

/** Read the images of a part from an entry. *part: written on CVY_OK, without labels. Returns
 *  CVY_ERR_DATA (no images, a pixel out of range), and what cvy_npy_begin() and the intake return. */
cvy_status cvy_npz_read_images(cvy_intake *intake, cvy_split split, cvy_zip *zip, size_t entry,
                               cvy_images **part);

#endif
