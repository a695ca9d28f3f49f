/* The pieces of SVG that plots are made of: numbers, texts, lines. */
#ifndef CVY_CHARTS_SVG_H
#define CVY_CHARTS_SVG_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef enum { CVY_ANCHOR_START, CVY_ANCHOR_MIDDLE, CVY_ANCHOR_END } cvy_anchor;

/** A coordinate, with at most two digits behind the point whatever the locale. */
void cvy_svg_number(FILE *file, double number);

/** ` name="number"` */
void cvy_svg_attribute(FILE *file, const char *name, double number);

/** The bytes of the UTF-8 character that `text` begins with; 1 where it begins with none. */
size_t cvy_svg_character_bytes(const char *text);

size_t cvy_svg_character_count(const char *text);

/** At most `count` characters, as XML takes them; what is not UTF-8, or a control character, becomes
 *  a '?'. Returns what follows them. */
const char *cvy_svg_text(FILE *file, const char *text, size_t count);

/** The tag in front of a text. class NULL: none. */
void cvy_svg_begin_text(FILE *file, const char *class, double x, double y, cvy_anchor where);

/** A text with both its tags. */
void cvy_svg_label(FILE *file, const char *class, double x, double y, cvy_anchor where,
                   const char *text);

void cvy_svg_line(FILE *file, const char *class, double x1, double y1, double x2, double y2);

#endif
