/* Which files are pictures, by the ending of a name and by the first bytes: those that are read, and those that are
 * only named. */
#ifndef CVY_BASE_PICTURE_KINDS_H
#define CVY_BASE_PICTURE_KINDS_H

#include <stdbool.h>
#include <stddef.h>

enum {
    CVY_OTHER_PICTURES = 9, /* kinds of pictures that are not read */
    CVY_OTHER_PHOTOS = 7 /* of them those made of pixels; the others are documents and drawings */
};

/** Whether the name ends like a PNG, JPEG, BMP or PNM picture. Case does not matter. */
bool cvy_ending_is_picture(const char *name);

/** Whether a file begins as those pictures do. */
bool cvy_bytes_are_picture(const unsigned char *bytes, size_t size);

/** The same of the regular file of that name; false when it cannot be read. */
bool cvy_file_is_picture(const char *path);

/** The kind of picture that is not read and that the name ends like, 0 .. CVY_OTHER_PICTURES - 1; else -1. */
int cvy_ending_other(const char *name);

/** "HEIC", "WebP", ... */
const char *cvy_ending_other_name(int kind);

/** Whether the name, without folders, is one that a Mac gives to the file of attributes beside a file: "._NAME". */
bool cvy_ending_is_mac_attributes(const char *path);

#endif
