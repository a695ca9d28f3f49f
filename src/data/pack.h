/* A packed data set: one file that is mapped into memory, for data that do not fit there and for a quick
 * start. All numbers little-endian, 64 bits unless said otherwise:
 *     0    "CVYPACK1"
 *     8    bytes of this header, names included, rounded up to 4,096
 *     16   bytes of the file
 *     24   SHA-256 of all that follows the header (32 bytes)
 *     56   height, width, channels, classes, polarity, flags (1: classes have names, 2: one part)
 *     104  for training, test and validation: images, place of the pixels, place of the labels
 *     176  the names of the classes, 64 bytes each, ended by zero
 * Pixels are bytes [image][row][column][channel], labels 16 bits; both begin at multiples of 64. */
#ifndef CVY_DATA_PACK_H
#define CVY_DATA_PACK_H

#include "data/dataset.h"

enum {
    CVY_PACK_PARTS_AT = 104,
    CVY_PACK_NAMES_AT = 176,
    CVY_PACK_PAGE = 4096,
    CVY_PACK_ALIGN = 64,
    CVY_PACK_HAS_NAMES = 1,
    CVY_PACK_IS_UNDIVIDED = 2,
};
#define CVY_PACK_MAGIC "CVYPACK1"

typedef struct {
    uint64_t count, pixels, labels;
} cvy_pack_part;

/* The header, unpacked. */
typedef struct {
    uint64_t header_bytes, file_bytes;
    uint8_t sha256[32];
    uint64_t height, width, channels, classes, polarity, flags;
    cvy_pack_part parts[CVY_PARTS];
} cvy_pack_header;

void cvy_pack_put(uint8_t *bytes, const cvy_pack_header *header);
void cvy_pack_get(const uint8_t *bytes, cvy_pack_header *header);

#endif
