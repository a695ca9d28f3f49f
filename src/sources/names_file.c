#include "sources/names_file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/utf8.h"

enum { PATH_BYTES = 4096, NAMES_BYTES_MAX = 1 << 20 };

static bool is_utf8(const char *text, size_t size)
{
    const char *at = text;

    for (size_t length; *at != '\0'; at += length) {
        length = cvy_utf8_character(at);
        if (length == 0)
            return false;
    }
    return at == text + size;
}

/* Collect the lines that are not empty, terminating them in place. */
static size_t cut_lines(char *text, const char *names[CVY_CLASSES_MAX])
{
    size_t count = 0;

    while (*text != '\0' && count < CVY_CLASSES_MAX) {
        char *end = text + strcspn(text, "\r\n");
        const size_t gap = strspn(end, "\r\n");
        if (end > text)
            names[count++] = text;
        text = end + gap;
        *end = '\0';
    }
    return count;
}

static cvy_status apply(cvy_intake *intake, const char *path, size_t class_count)
{
    const char *names[CVY_CLASSES_MAX];
    unsigned char *text;
    size_t size;
    cvy_status status = cvy_file_read(path, NAMES_BYTES_MAX, &text, &size);

    if (status != CVY_OK)
        return status;
    const bool is_text = is_utf8((const char *)text, size);
    const size_t count = is_text ? cut_lines((char *)text, names) : 0;
    if (!is_text)
        status =
            cvy_fail(CVY_ERR_FORMAT, "%s: not UTF-8, expected a class name on each line", path);
    else if (count < class_count)
        status = cvy_fail(CVY_ERR_DATA, "%s: %zu names, expected one for each of %zu classes", path,
                          count, class_count);
    else
        status = cvy_intake_name_classes(intake, count, names);
    cvy_memory_free(text);
    return status;
}

cvy_status cvy_names_file_apply(cvy_intake *intake, const char *folder, size_t class_count)
{
    char path[PATH_BYTES];

    if ((size_t)snprintf(path, sizeof path, "%s/" CVY_IDX_NAMES_FILE, folder) >= sizeof path ||
        access(path, F_OK) != 0)
        return cvy_intake_name_classes(intake, class_count, NULL);
    return apply(intake, path, class_count);
}
