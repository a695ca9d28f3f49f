#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

#include "base/memory.h"

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

/* The length of a character and the value bits of its first byte. */
static size_t length_of(unsigned char first, uint32_t *bits)
{
    if (first < 0x80)
        return *bits = first, 1;
    if (first >= 0xC2 && first < 0xE0)
        return *bits = first & 0x1Fu, 2;
    if (first >= 0xE0 && first < 0xF0)
        return *bits = first & 0x0Fu, 3;
    if (first >= 0xF0 && first < 0xF5)
        return *bits = first & 0x07u, 4;
    return 0;
}

size_t cvy_utf8_character(const char *text)
{
    static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
    uint32_t value;
    const size_t length = length_of((unsigned char)*text, &value);

    for (size_t i = 1; i < length; i++) {
        const unsigned char next = (unsigned char)text[i]; /* the final NUL is not a continuation */
        if ((next & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (next & 0x3Fu);
    }
    if (length > 1 &&
        (value < smallest[length] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)))
        return 0;
    return length;
}

bool cvy_utf8_fit(char *to, size_t room, const char *from)
{
    bool is_same = true;

    while (*from != '\0') {
        const size_t length = cvy_utf8_character(from);
        const size_t bytes = length > 0 ? length : sizeof replacement - 1;
        if (bytes >= room)
            break;
        memcpy(to, length > 0 ? from : replacement, bytes);
        is_same = is_same && length > 0;
        to += bytes;
        room -= bytes;
        from += length > 0 ? length : 1;
    }
    *to = '\0';
    return is_same && *from == '\0';
}

cvy_status cvy_utf8_repair(const char *text, char **repaired)
{
    const size_t room = sizeof replacement - 1;
    size_t bytes;

    if (!cvy_size_multiply(strlen(text) + 1, room, &bytes))
        return cvy_fail(CVY_ERR_MEMORY, "out of memory");
    cvy_status status = cvy_memory_create(bytes, 1, repaired);
    if (status != CVY_OK)
        return status;
    char *to = *repaired;
    while (*text != '\0') {
        const size_t length = cvy_utf8_character(text);
        memcpy(to, length > 0 ? text : replacement, length > 0 ? length : room);
        to += length > 0 ? length : room;
        text += length > 0 ? length : 1;
    }
    *to = '\0';
    return CVY_OK;
}
