/* Recognizes pictures by file name and by first bytes: supported ones, and unsupported ones that
 * messages name. */
#ifndef CVY_BASE_PICTURE_KINDS_H
#define CVY_BASE_PICTURE_KINDS_H

#include <stdbool.h>
#include <stddef.h>

enum {
    CVY_OTHER_PICTURES = 9, /* unsupported kinds of pictures */
    CVY_OTHER_PHOTOS = 7    /* the first of them, made of pixels; the others are documents and
                               drawings */
};

/** Whether the name ends like that of a PNG, JPEG, BMP or PNM picture. Case is ignored. */
bool cvy_ending_is_picture(const char *name);

/** Whether a file begins like one of these pictures. */
bool cvy_bytes_are_picture(const unsigned char *bytes, size_t size);

/** Whether the regular file `path` begins like one of these pictures; false if it cannot be
 *  read. */
bool cvy_file_is_picture(const char *path);

/** The unsupported kind that the name ends like, 0 .. CVY_OTHER_PICTURES - 1; else -1. */
int cvy_ending_other(const char *name);

/** "HEIC", "WebP", ... */
const char *cvy_ending_other_name(int kind);

/** Whether the name, without folders, is that of a macOS file of attributes: "._NAME". */
bool cvy_ending_is_mac_attributes(const char *path);

#endif
