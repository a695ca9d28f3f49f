#include "charts/svg.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <stdlib.h>

void cvy_svg_number(FILE *file, double number)
{
    const long hundredths = lround(number * 100);

    fprintf(file, "%s%ld", hundredths < 0 ? "-" : "", labs(hundredths) / 100);
    if (hundredths % 100 != 0)
        fprintf(file, ".%02ld", labs(hundredths) % 100);
}

void cvy_svg_attribute(FILE *file, const char *name, double number)
{
    fprintf(file, " %s=\"", name);
    cvy_svg_number(file, number);
    fputc('"', file);
}

/* No overlong forms, no surrogates, and neither U+FFFE nor U+FFFF: XML 1.0, section 2.2. */
size_t cvy_svg_character_bytes(const char *text)
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

size_t cvy_svg_character_count(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text += cvy_svg_character_bytes(text))
        count++;
    return count;
}

const char *cvy_svg_text(FILE *file, const char *text, size_t count)
{
    for (; count > 0 && *text != '\0'; count--) {
        const size_t bytes = cvy_svg_character_bytes(text);
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

void cvy_svg_begin_text(FILE *file, const char *class, double x, double y, cvy_anchor where)
{
    static const char *const anchors[] = { "", " text-anchor=\"middle\"", " text-anchor=\"end\"" };

    fputs("<text", file);
    if (class != NULL)
        fprintf(file, " class=\"%s\"", class);
    cvy_svg_attribute(file, "x", x);
    cvy_svg_attribute(file, "y", y);
    fprintf(file, "%s>", anchors[where]);
}

void cvy_svg_label(FILE *file, const char *class, double x, double y, cvy_anchor where,
                   const char *text)
{
    cvy_svg_begin_text(file, class, x, y, where);
    cvy_svg_text(file, text, SIZE_MAX);
    fputs("</text>\n", file);
}

void cvy_svg_line(FILE *file, const char *class, double x1, double y1, double x2, double y2)
{
    fprintf(file, "<line class=\"%s\"", class);
    cvy_svg_attribute(file, "x1", x1);
    cvy_svg_attribute(file, "y1", y1);
    cvy_svg_attribute(file, "x2", x2);
    cvy_svg_attribute(file, "y2", y2);
    fputs("/>\n", file);
}
