#include "base/picture_kinds.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/letters.h"

enum { LOOK_BYTES = 16 };

/* File name extensions of unsupported pictures, by kind. */
static const char *const kinds[CVY_OTHER_PICTURES] = { "HEIC",      "WebP", "TIFF",
                                                       "GIF",       "AVIF", "JPEG XL",
                                                       "JPEG 2000", "SVG",  "PDF" };
static const struct {
    const char *ending;
    int kind;
} others[] = {
    { "heic", 0 }, { "heif", 0 }, { "webp", 1 }, { "tif", 2 }, { "tiff", 2 }, { "gif", 3 },
    { "avif", 4 }, { "jxl", 5 },  { "jp2", 6 },  { "svg", 7 }, { "pdf", 8 },
};

static const char *ending_of(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot != NULL && dot != name ? dot + 1 : "";
}

bool cvy_ending_is_picture(const char *name)
{
    static const char *const endings[] = { "png", "jpg", "jpeg", "jpe", "jfif", "bmp",
                                           "dib", "pbm", "pgm",  "ppm", "pnm" };

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (cvy_same_letters(ending_of(name), endings[i]))
            return true;
    return false;
}

static bool begins(const unsigned char *bytes, size_t size, const char *with, size_t length)
{
    return size >= length && memcmp(bytes, with, length) == 0;
}

bool cvy_bytes_are_picture(const unsigned char *bytes, size_t size)
{
    return begins(bytes, size, "\x89PNG\r\n\x1a\n", 8) || begins(bytes, size, "\xff\xd8\xff", 3) ||
           (begins(bytes, size, "BM", 2) && size >= 14 && memcmp(bytes + 6, "\0\0\0\0", 4) == 0) ||
           (size >= 3 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '6' &&
            cvy_is_space((char)bytes[2]));
}

bool cvy_file_is_picture(const char *path)
{
    unsigned char bytes[LOOK_BYTES];
    struct stat about;
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (file < 0)
        return false;
    const ssize_t count =
        fstat(file, &about) == 0 && S_ISREG(about.st_mode) ? read(file, bytes, sizeof bytes) : -1;
    close(file);
    return count > 0 && cvy_bytes_are_picture(bytes, (size_t)count);
}

int cvy_ending_other(const char *name)
{
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (cvy_same_letters(ending_of(name), others[i].ending))
            return others[i].kind;
    return -1;
}

const char *cvy_ending_other_name(int kind)
{
    return kinds[kind];
}

bool cvy_ending_is_mac_attributes(const char *path)
{
    const char *slash = strrchr(path, '/');

    return strncmp(slash != NULL ? slash + 1 : path, "._", 2) == 0;
}
