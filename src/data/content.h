/* Detect a file's type from its first bytes. */
#ifndef CVY_DATA_CONTENT_H
#define CVY_DATA_CONTENT_H

#include <stddef.h>

typedef enum {
    CVY_CONTENT_NONE, /* no regular file, unreadable or empty */
    CVY_CONTENT_OTHER,
    CVY_CONTENT_WEB_PAGE,
    CVY_CONTENT_LFS_POINTER,   /* a Git LFS pointer in place of the file */
    CVY_CONTENT_UTF16,         /* text in UTF-16, as Excel writes "Unicode text" */
    CVY_CONTENT_ZIP,           /* also an .npz */
    CVY_CONTENT_PACK,          /* data/pack.h */
    CVY_CONTENT_TABLE,         /* text whose first line has several cells */
    CVY_CONTENT_PICTURE,       /* PNG, JPEG, BMP, PGM, PPM */
    CVY_CONTENT_OTHER_PICTURE, /* GIF, WebP, TIFF, HEIC: not read */
} cvy_content;

/** The type of the file at `path`; for a gzipped file, of its uncompressed content. */
cvy_content cvy_content_of(const char *path);

/** The type of a file with these first bytes; `size` may be 0. */
cvy_content cvy_content_of_bytes(const unsigned char *bytes, size_t size);

/** Describe content that is not a data file: "a web page", "a Git LFS pointer (git lfs pull fetches
 *  the file)". NULL for any type that may be a data file. */
const char *cvy_content_mistake(cvy_content content);

/** "GIF", "WebP", "TIFF", "HEIC", or NULL. */
const char *cvy_content_picture_name(const unsigned char *bytes, size_t size);

#endif
