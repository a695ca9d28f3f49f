/* NumPy arrays in a ZIP archive: the header of an .npy entry, and its values. Source:
 * numpy.lib.format, version 1.0 to 3.0. */
#ifndef CVY_SOURCES_NPY_H
#define CVY_SOURCES_NPY_H

#include <stdbool.h>

#include "formats/zip_archive.h"

enum { CVY_NPY_RANK_MAX = 4 };

typedef struct {
    char kind;       /* 'u', 'i', 'f' or 'b', as NumPy's dtype.kind */
    size_t bytes;    /* bytes per value: 1, 2, 4 or 8 */
    bool is_swapped; /* big-endian */
    size_t rank, dims[CVY_NPY_RANK_MAX];
    size_t count; /* number of values */
} cvy_npy_header;

/**
 * Begin an entry of the archive and read its header; values follow with cvy_npy_read(). `place`,
 * "FILE: ENTRY", begins the error messages. Returns CVY_ERR_FORMAT (no NumPy array, sizes that do
 * not fit the entry), CVY_ERR_UNSUPPORTED (Python objects, texts, Fortran order), and what
 * cvy_zip_begin() returns.
 */
cvy_status cvy_npy_begin(cvy_zip *zip, size_t index, const char *place, cvy_npy_header *header);

/** Begin an array of fixed-length texts, NumPy's dtype S; header->kind is then 'S', and
 *  header->bytes (at most 256) the length. Read their bytes with cvy_npy_read_bytes(). */
cvy_status cvy_npy_begin_texts(cvy_zip *zip, size_t index, const char *place,
                               cvy_npy_header *header);

/** Read the next `count` values. */
cvy_status cvy_npy_read(cvy_zip *zip, const cvy_npy_header *header, size_t count, double *values);

/** Read the next `count` values of an array of unsigned bytes. */
cvy_status cvy_npy_read_bytes(cvy_zip *zip, size_t count, unsigned char *values);

#endif
