#include "charts/characters.h"

#include <stdbool.h>
#include <stdint.h>

/* Rejects overlong forms, surrogates, U+FFFE and U+FFFF: XML 1.0, section 2.2. */
size_t cvy_character_bytes(const char *text)
{
    static const uint32_t first_of[] = { 0, 0, 0x80, 0x800, 0x10000 };
    const unsigned char *c = (const unsigned char *)text;
    const size_t bytes = *c >= 0xf0 ? 4 : *c >= 0xe0 ? 3 : *c >= 0xc0 ? 2 : 1;
    uint32_t code = *c & (0xffu >> (bytes + 1));

    for (size_t i = 1; i < bytes; i++) {
        if ((c[i] & 0xc0) != 0x80)
            return 1;
        code = code << 6 | (c[i] & 0x3f);
    }
    const bool is_surrogate = code >= 0xd800 && code < 0xe000;
    const bool is_allowed = code >= first_of[bytes] && code <= 0x10ffff && !is_surrogate &&
                            code != 0xfffe && code != 0xffff;
    return is_allowed ? bytes : 1;
}

size_t cvy_character_count(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text += cvy_character_bytes(text))
        count++;
    return count;
}

const char *cvy_xml_characters(FILE *file, const char *text, size_t count)
{
    for (; count > 0 && *text != '\0'; count--) {
        const size_t bytes = cvy_character_bytes(text);
        const unsigned char c = (unsigned char)*text;
        if (bytes > 1)
            fwrite(text, 1, bytes, file);
        else if (c == '&')
            fputs("&amp;", file);
        else if (c == '<')
            fputs("&lt;", file);
        else if (c == '>')
            fputs("&gt;", file);
        else
            fputc(c < 0x20 || c >= 0x7f ? '?' : c, file);
        text += bytes;
    }
    return text;
}

void cvy_xml_text(FILE *file, const char *text)
{
    cvy_xml_characters(file, text, SIZE_MAX);
}
