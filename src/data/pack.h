/* A packed data set: one file that is mapped into memory, for data that do not fit there and for a quick
 * start. All numbers little-endian, 64 bits unless said otherwise:
 *     0     "CVYPACK1"
 *     8     bytes of this header, names included, a multiple of 4,096
 *     16    bytes of the file
 *     24    SHA-256 of all that follows these 32 bytes
 *     56    height, width, channels, classes, polarity, flags (1: classes have names, 2: one part)
 *     104   for training, test and validation: images, offset of the pixels, offset of the labels
 *     176   how many pictures were left out since they cannot be read
 *     184   why the first five of them were, 256 bytes each, ended by zero
 *     1464  the names of the classes, 64 bytes each, ended by zero
 * Pixels are bytes [image][row][column][channel], labels 16 bits; both begin at multiples of 64. */
#ifndef CVY_DATA_PACK_H
#define CVY_DATA_PACK_H

#include "data/dataset.h"

enum {
    CVY_PACK_DIGEST_AT = 56, /* from here on the digest counts */
    CVY_PACK_LEFT_OUT_AT = 184,
    CVY_PACK_NAMES_AT = CVY_PACK_LEFT_OUT_AT + CVY_LEFT_OUT_NAMED * CVY_LEFT_OUT_BYTES,
    CVY_PACK_PAGE = 4096,
    CVY_PACK_ALIGN = 64,
    CVY_PACK_HAS_NAMES = 1,
    CVY_PACK_IS_UNDIVIDED = 2,
    CVY_PACK_HEADER_BYTES_MAX = 1 << 16, /* enough for CVY_CLASSES_MAX names */
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

/** What a header says of the data set itself; sizes and offsets are still 0. */
cvy_pack_header cvy_pack_describe(const cvy_dataset *dataset);

/** bytes rounded up to a multiple of unit. */
static inline uint64_t cvy_pack_round_up(uint64_t bytes, uint64_t unit)
{
    return (bytes + unit - 1) / unit * unit;
}

/** Write the header of a packed file all of whose other bytes are in place, with its digest, and flush
 *  it to the disk. `path` is for the sentence. Returns CVY_ERR_READ, CVY_ERR_WRITE, CVY_ERR_MEMORY. */
cvy_status cvy_pack_seal(int file, const char *path, cvy_pack_header *header,
                         const cvy_dataset *dataset);

/** Copy `count` labels into bytes, 2 each. */
void cvy_pack_put_labels(uint8_t *bytes, const uint16_t *labels, size_t count);

#endif
