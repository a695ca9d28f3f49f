/* What a file holds, by its first bytes. */
#ifndef CVY_DATA_CONTENT_H
#define CVY_DATA_CONTENT_H

#include <stddef.h>

typedef enum {
    CVY_CONTENT_NONE, /* no regular file, unreadable or empty */
    CVY_CONTENT_OTHER,
    CVY_CONTENT_WEB_PAGE,
    CVY_CONTENT_LFS_POINTER,   /* a Git LFS pointer in place of the file */
    CVY_CONTENT_ZIP,           /* also an .npz */
    CVY_CONTENT_PACK,          /* data/pack.h */
    CVY_CONTENT_TABLE,         /* text, its first line in several cells */
    CVY_CONTENT_PICTURE,       /* PNG, JPEG, BMP, PGM, PPM */
    CVY_CONTENT_OTHER_PICTURE, /* GIF, WebP, TIFF, HEIC: not read */
} cvy_content;

/** Of the file at `path`; gzipped ones are looked into. */
cvy_content cvy_content_of(const char *path);

/** Of the first bytes of a file; `size` may be 0. */
cvy_content cvy_content_of_bytes(const unsigned char *bytes, size_t size);

/** "a web page", "a Git LFS pointer (git lfs pull fetches the file)": what is found where a data file
 *  was meant; NULL for everything that may be meant. */
const char *cvy_content_mistake(cvy_content content);

/** "GIF", "WebP", "TIFF", "HEIC", or NULL. */
const char *cvy_content_picture_name(const unsigned char *bytes, size_t size);

#endif
