#include "data/content.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/letters.h"
#include "base/picture_kinds.h"

enum { LOOK_BYTES = 4096 };

static _Bool begins(const unsigned char *bytes, size_t size, const char *with, size_t length)
{
    return size >= length && memcmp(bytes, with, length) == 0;
}

const char *cvy_content_picture_name(const unsigned char *bytes, size_t size)
{
    if (begins(bytes, size, "GIF8", 4))
        return "GIF";
    if (begins(bytes, size, "RIFF", 4) && size >= 12 && memcmp(bytes + 8, "WEBP", 4) == 0)
        return "WebP";
    if (begins(bytes, size, "II*\0", 4) || begins(bytes, size, "MM\0*", 4))
        return "TIFF";
    if (size >= 12 && memcmp(bytes + 4, "ftyp", 4) == 0 &&
        (memcmp(bytes + 8, "hei", 3) == 0 || memcmp(bytes + 8, "mif1", 4) == 0 ||
         memcmp(bytes + 8, "avif", 4) == 0))
        return memcmp(bytes + 8, "avif", 4) == 0 ? "AVIF" : "HEIC";
    if (begins(bytes, size, "\0\0\0\x0cJXL ", 8) || begins(bytes, size, "\xff\x0a", 2))
        return "JPEG XL";
    if (begins(bytes, size, "\0\0\0\x0cjP  ", 8))
        return "JPEG 2000";
    return NULL;
}

static _Bool is_web_page(const unsigned char *bytes, size_t size)
{
    static const char *const starts[] = { "<!doctype html", "<html", "<head", "<?xml" };
    size_t at = begins(bytes, size, "\xef\xbb\xbf", 3) ? 3 : 0;

    while (at < size && cvy_is_space((char)bytes[at]))
        at++;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (size - at >= strlen(starts[i]) &&
            cvy_begins_with_letters((const char *)bytes + at, starts[i]))
            return 1;
    return 0;
}

/* Whether the bytes are text with separators in the first line. */
static _Bool is_table(const unsigned char *bytes, size_t size)
{
    size_t separators = 0;
    _Bool is_first_line = 1;

    for (size_t i = 0; i < size; i++) {
        if (bytes[i] < ' ' && bytes[i] != '\n' && bytes[i] != '\r' && bytes[i] != '\t')
            return 0;
        is_first_line &= bytes[i] != '\n';
        separators += is_first_line && (bytes[i] == ',' || bytes[i] == ';' || bytes[i] == '\t');
    }
    return separators >= 4;
}

cvy_content cvy_content_of_bytes(const unsigned char *bytes, size_t size)
{
    if (size == 0)
        return CVY_CONTENT_NONE;
    if (begins(bytes, size, "PK\3\4", 4) || begins(bytes, size, "PK\5\6", 4))
        return CVY_CONTENT_ZIP;
    if (begins(bytes, size, "CVYPACK1", 8))
        return CVY_CONTENT_PACK;
    if (begins(bytes, size, "version https://git-lfs", 23))
        return CVY_CONTENT_LFS_POINTER;
    if (cvy_bytes_are_picture(bytes, size))
        return CVY_CONTENT_PICTURE;
    if (cvy_content_picture_name(bytes, size) != NULL)
        return CVY_CONTENT_OTHER_PICTURE;
    if (begins(bytes, size, "\xff\xfe", 2) || begins(bytes, size, "\xfe\xff", 2))
        return CVY_CONTENT_UTF16;
    if (is_web_page(bytes, size))
        return CVY_CONTENT_WEB_PAGE;
    return is_table(bytes, size) ? CVY_CONTENT_TABLE : CVY_CONTENT_OTHER;
}

cvy_content cvy_content_of(const char *path)
{
    unsigned char bytes[LOOK_BYTES];
    struct stat about;
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (descriptor < 0)
        return CVY_CONTENT_NONE;
    if (fstat(descriptor, &about) != 0 || !S_ISREG(about.st_mode)) {
        close(descriptor);
        return CVY_CONTENT_NONE;
    }
    gzFile stream = gzdopen(descriptor, "rb");
    if (stream == NULL) {
        close(descriptor);
        return CVY_CONTENT_NONE;
    }
    const int count = gzread(stream, bytes, sizeof bytes);
    gzclose(stream);
    return count > 0 ? cvy_content_of_bytes(bytes, (size_t)count) : CVY_CONTENT_NONE;
}

const char *cvy_content_mistake(cvy_content content)
{
    switch (content) {
    case CVY_CONTENT_WEB_PAGE:
        return "a web page in place of the file: download it again";
    case CVY_CONTENT_LFS_POINTER:
        return "a Git LFS pointer in place of the file: git lfs pull fetches it";
    case CVY_CONTENT_UTF16:
        return "text in UTF-16: save it as CSV in UTF-8";
    default:
        return NULL;
    }
}
