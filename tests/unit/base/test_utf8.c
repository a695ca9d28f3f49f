/* Text from outside: which bytes are characters, and where a text may be cut. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

Test(utf8, valid_characters_have_their_length)
{
    cr_expect(eq(sz, cvy_utf8_character("a"), 1));
    cr_expect(eq(sz, cvy_utf8_character("\xC2\x80"), 2));
    cr_expect(eq(sz, cvy_utf8_character("\xE0\xA0\x80"), 3));
    cr_expect(eq(sz, cvy_utf8_character("\xEF\xBF\xBF"), 3));
    cr_expect(eq(sz, cvy_utf8_character("\xF0\x90\x80\x80"), 4));
    cr_expect(eq(sz, cvy_utf8_character("\xF4\x8F\xBF\xBF"), 4));
}

Test(utf8, invalid_bytes_are_no_character)
{
    static const char *const invalid[] = {
        "\x80",     /* a continuation alone */
        "\xC0\xAF", /* overlong, of one byte */
        "\xC1\xBF",
        "\xE0\x9F\xBF",     /* overlong, of two bytes */
        "\xF0\x8F\xBF\xBF", /* overlong, of three bytes */
        "\xED\xA0\x80",     /* a surrogate */
        "\xF4\x90\x80\x80", /* above U+10FFFF */
        "\xF5\x80\x80\x80",
        "\xFF",
        "\xC3", /* cut off */
        "\xE2\x82",
        "\xF0\x9F\x98",
    };
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++)
        cr_expect(zero(sz, cvy_utf8_character(invalid[i])), "number %zu", i);
}

Test(utf8, a_cut_is_never_inside_a_character)
{
    const char *text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z"; /* 1 + 2 + 3 + 4 + 1 bytes */
    static const size_t lengths[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11 };

    for (size_t limit = 0; limit < sizeof lengths / sizeof *lengths; limit++) {
        char kept[16];
        const bool is_whole = cvy_utf8_fit(kept, limit + 1, text);
        cr_expect(eq(sz, strlen(kept), lengths[limit]), "limit %zu", limit);
        cr_expect(eq(int, memcmp(kept, text, lengths[limit]), 0));
        cr_expect(eq(int, is_whole, lengths[limit] == strlen(text)));
    }
}

Test(utf8, what_is_kept_is_repaired)
{
    char kept[8];

    cr_expect(not(cvy_utf8_fit(kept, sizeof kept, "caf\xE9!")));
    cr_expect(eq(str, kept, "caf\xEF\xBF\xBD!"));
    cr_expect(not(cvy_utf8_fit(kept, sizeof kept, "cafes\xE9")), "no room for a replacement");
    cr_expect(eq(str, kept, "cafes"));
    cr_expect(not(cvy_utf8_fit(kept, 1, "a")));
    cr_expect(eq(str, kept, ""));
}

Test(utf8, repair_replaces_invalid_bytes_alone)
{
    char *repaired;

    cr_assert(eq(int, cvy_utf8_repair("a\xFF\xC3\xA9\xE2\x82", &repaired), CVY_OK));
    cr_expect(eq(str, repaired, (char *)"a\xEF\xBF\xBD\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD"));
    cvy_memory_free(repaired);
    cr_assert(eq(int, cvy_utf8_repair("", &repaired), CVY_OK));
    cr_expect(eq(str, repaired, (char *)""));
    cvy_memory_free(repaired);
}
