/* A packed data set: one file that is mapped into memory, for data larger than memory and for a
 * quick start. All numbers are little-endian, 64 bits unless noted otherwise:
 *     0     "CVYPACK1"
 *     8     bytes of this header, names included, a multiple of 4,096
 *     16    bytes of the file
 *     24    SHA-256 of all that follows these 32 bytes
 *     56    height, width, channels, classes, polarity, flags (1: classes have names, 2: one part)
 *     104   for training, test and validation: images, offset of the pixels, offset of the labels
 *     176   number of pictures skipped as unreadable
 *     184   messages for the first five, 256 bytes each, zero-terminated
 *     1464  class names, 64 bytes each, zero-terminated
 * Pixels are bytes [image][row][column][channel], labels 16 bits; both begin at multiples of 64. */
#ifndef CVY_DATA_PACK_H
#define CVY_DATA_PACK_H

#include "data/dataset.h"

enum {
    CVY_PACK_DIGEST_AT = 56, /* the digest covers the bytes from here on */
    CVY_PACK_LEFT_OUT_AT = 184,
    CVY_PACK_NAMES_AT = CVY_PACK_LEFT_OUT_AT + CVY_LEFT_OUT_NAMED * CVY_LEFT_OUT_BYTES,
    CVY_PACK_PAGE = 4096,
    CVY_PACK_ALIGN = 64,
    CVY_PACK_HAS_NAMES = 1,
    CVY_PACK_IS_UNDIVIDED = 2,
    CVY_PACK_HEADER_BYTES_MAX = 1 << 16, /* room for CVY_CLASSES_MAX names */
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
    uint64_t left_out_count;
} cvy_pack_header;

void cvy_pack_get(const uint8_t *bytes, cvy_pack_header *header);

/** Fill in a header's description of the data set; file sizes and offsets remain 0. */
cvy_pack_header cvy_pack_describe(const cvy_dataset *dataset);

/** Round bytes up to a multiple of unit. */
static inline uint64_t cvy_pack_round_up(uint64_t bytes, uint64_t unit)
{
    return (bytes + unit - 1) / unit * unit;
}

/** Write the header and digest of a packed file whose other bytes are complete, and flush it to
 *  disk. `path` is for error messages. Returns CVY_ERR_READ, CVY_ERR_WRITE, CVY_ERR_MEMORY. */
cvy_status cvy_pack_seal(int file, const char *path, cvy_pack_header *header,
                         const cvy_dataset *dataset);

/** Store `count` labels, 2 bytes each. */
void cvy_pack_put_labels(uint8_t *bytes, const uint16_t *labels, size_t count);

#endif
