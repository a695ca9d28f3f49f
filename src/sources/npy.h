/* NumPy arrays in a ZIP archive: the header of an .npy entry, and its values. Source:
 * numpy.lib.format, version 1.0 to 3.0. */
#ifndef CVY_SOURCES_NPY_H
#define CVY_SOURCES_NPY_H

#include <stdbool.h>

#include "formats/zip_archive.h"

enum { CVY_NPY_RANK_MAX = 4, CVY_NPY_TEXT_BYTES = 257 };

/* The kinds of values that a caller accepts, as bits. */
enum { CVY_NPY_NUMBERS = 1, CVY_NPY_TEXTS = 2 };

typedef struct {
    char kind;       /* 'u', 'i', 'f', 'b', or 'S' and 'U' for texts, as NumPy's dtype.kind */
    size_t bytes;    /* bytes per value: 1, 2, 4 or 8; of a text: its longest */
    bool is_swapped; /* big-endian */
    size_t rank, dims[CVY_NPY_RANK_MAX];
    size_t count;           /* number of values */
    bool is_fortran;        /* stored with the first index fastest */
    unsigned char *ordered; /* then: all values, in C order */
    size_t used;            /* bytes of `ordered` that were read */
} cvy_npy_header;

/**
 * Begin an entry of the archive and read its header; values follow, always in C order. An array in
 * Fortran order is held in memory for that. `place`, "FILE: ENTRY", begins the error messages.
 * accepted  CVY_NPY_...: of texts, NumPy's S and U, at most CVY_NPY_TEXT_BYTES - 1 bytes each
 * header    cvy_npy_end() releases what it holds, also after a failure
 * Returns CVY_ERR_FORMAT (no NumPy array, sizes that do not fit the entry), CVY_ERR_UNSUPPORTED
 * (Python objects, other types), CVY_ERR_MEMORY, and what cvy_zip_begin() returns.
 */
cvy_status cvy_npy_begin(cvy_zip *zip, size_t index, const char *place, unsigned accepted,
                         cvy_npy_header *header);
void cvy_npy_end(cvy_npy_header *header);

/** Whether the values are texts. */
bool cvy_npy_has_texts(const cvy_npy_header *header);

/** Read the next `count` numbers. */
cvy_status cvy_npy_read(cvy_zip *zip, cvy_npy_header *header, size_t count, double *values);

/** Read the next `count` values of an array of unsigned bytes. */
cvy_status cvy_npy_read_bytes(cvy_zip *zip, cvy_npy_header *header, size_t count,
                              unsigned char *values);

/** Read the next text, as UTF-8; S is taken as it is. */
cvy_status cvy_npy_read_text(cvy_zip *zip, cvy_npy_header *header, char text[CVY_NPY_TEXT_BYTES]);

#endif
