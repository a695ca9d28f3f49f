/* Characters of UTF-8 texts, for aligning them and for XML. */
#ifndef CVY_CHARTS_CHARACTERS_H
#define CVY_CHARTS_CHARACTERS_H

#include <stddef.h>
#include <stdio.h>

/** The bytes of the UTF-8 character at the start of `text`; 1 if there is no valid one. */
size_t cvy_character_bytes(const char *text);

size_t cvy_character_count(const char *text);

/** Write a text, or its first `count` characters, for XML; invalid UTF-8 and control characters
 *  become '?'. The second function returns the rest of the text. */
void cvy_xml_text(FILE *file, const char *text);
const char *cvy_xml_characters(FILE *file, const char *text, size_t count);

#endif
