#include "base/visible.h"

#include <stdint.h>
#include <string.h>

#include "base/c_locale.h"
#include "base/minmax.h"
#include "base/utf8.h"

enum { PAGE_BYTES = 4096, SPEC_BYTES = 64, NUMBER_BYTES = 400 };

/* The output: memory that fills up, or a buffer that is flushed to a file. */
typedef struct {
    FILE *file; /* NULL: it stays in memory */
    char *to;
    size_t room, length;
    size_t longest; /* arguments of more bytes are shortened; 0: none */
    bool is_full;
} sink;

static void put(sink *s, const char *bytes, size_t count)
{
    if (s->file != NULL && count > s->room - s->length) {
        fwrite(s->to, 1, s->length, s->file);
        s->length = 0;
    }
    s->is_full = s->is_full || count > s->room - s->length;
    if (s->is_full)
        return;
    memcpy(s->to + s->length, bytes, count);
    s->length += count;
}

static void put_spaces(sink *s, size_t count)
{
    while (count-- > 0)
        put(s, " ", 1);
}

/* The value of the valid character of `length` bytes. */
static uint32_t decode(const char *character, size_t length)
{
    uint32_t value = (unsigned char)character[0];

    if (length > 1)
        value &= 0xFFu >> (length + 1);
    for (size_t i = 1; i < length; i++)
        value = value << 6 | ((unsigned char)character[i] & 0x3Fu);
    return value;
}

/* C0 and C1 controls, line and paragraph separators, and the bidirectional formatting
 * characters of Unicode Standard Annex 9. */
static bool is_control(uint32_t value)
{
    return value < 0x20 || (value >= 0x7F && value < 0xA0) || value == 0x61C || value == 0x200E ||
           value == 0x200F || (value >= 0x2028 && value <= 0x202E) ||
           (value >= 0x2066 && value <= 0x2069);
}

static int escape(uint32_t value, char text[16])
{
    static const char named[] = "\n\t\r", letters[] = "ntr";
    const char *at = value != 0 && value < 0x20 ? strchr(named, (int)value) : NULL;

    if (at != NULL)
        return snprintf(text, 16, "\\%c", letters[at - named]);
    return snprintf(text, 16, value < 0x100 ? "\\x%02x" : "\\u%04x", (unsigned)value);
}

/* Show the character at `text`, or one byte that is not part of a valid character. At most
 * `count` bytes are read. Returns how many were used; *length is the size of `shown`. */
static size_t show_character(const char *text, size_t count, char shown[16], size_t *length)
{
    char unit[5] = "";

    memcpy(unit, text, cvy_min(count, sizeof unit - 1));
    const size_t bytes = cvy_utf8_character(unit);
    const uint32_t value = bytes > 0 ? decode(unit, bytes) : (unsigned char)unit[0];
    if (bytes > 0 && !is_control(value)) {
        memcpy(shown, unit, bytes);
        *length = bytes;
    } else {
        *length = (size_t)escape(value, shown);
    }
    return bytes > 0 ? bytes : 1;
}

/* Whether the last `count` bytes of a text are only the beginning of a character, which a
 * precision has cut. */
static bool is_cut(const char *text, size_t count)
{
    const unsigned char first = (unsigned char)text[0];
    const size_t wanted = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 1;

    for (size_t i = 1; i < count; i++)
        if (((unsigned char)text[i] & 0xC0) != 0x80)
            return false;
    return count < wanted;
}

/* Print a text with escapes. Returns how many characters are shown. s: NULL to only count them. */
static size_t put_text(sink *s, const char *text, size_t count, bool may_be_cut)
{
    size_t characters = 0;

    for (size_t i = 0; i < count;) {
        char shown[16];
        size_t length;
        if (may_be_cut && is_cut(text + i, count - i))
            break;
        const size_t bytes = show_character(text + i, count - i, shown, &length);
        if (s != NULL)
            put(s, shown, length);
        characters += shown[0] == '\\' ? length : 1;
        i += bytes;
    }
    return characters;
}

/* Print the beginning and the end of a text, with dots between. */
static void put_ends(sink *s, const char *text, size_t count)
{
    size_t end = count - s->longest / 2;

    while (end < count && ((unsigned char)text[end] & 0xC0) == 0x80) /* inside a character */
        end++;
    put_text(s, text, s->longest / 2, true);
    put(s, "...", 3);
    put_text(s, text + end, count - end, false);
}

/* One conversion of a format. */
typedef struct {
    char text[SPEC_BYTES]; /* as snprintf() takes it, with the numbers that stars stand for */
    size_t width, precision;
    bool has_precision, is_left;
    char size, letter; /* size: 'h', 'l', 'q' for ll, 'z', 'j', 't', 'L' or 0 */
} conversion;

/* va_list may be an array, which a function cannot take by address. */
typedef struct {
    va_list list;
} arguments_left;

static const char *read_number(const char *at, arguments_left *left, size_t *value, bool *is_left)
{
    *value = 0;
    if (*at == '*') {
        const int given = va_arg(left->list, int);
        if (given < 0)
            *is_left = true;
        *value = (size_t)(given < 0 ? -(long)given : given);
        return at + 1;
    }
    for (; *at >= '0' && *at <= '9'; at++)
        *value = *value * 10 + (size_t)(*at - '0');
    return at;
}

/* at: after the '%'. Returns what follows the conversion. */
static const char *read_conversion(const char *at, arguments_left *left, conversion *c)
{
    char flags[8] = "", digits[24] = "";
    bool is_negative = false;

    *c = (conversion){ 0 };
    for (size_t i = 0; *at != '\0' && strchr("-+ #0'", *at) != NULL; at++) {
        c->is_left = c->is_left || *at == '-';
        if (i + 1 < sizeof flags)
            flags[i++] = *at;
    }
    at = read_number(at, left, &c->width, &c->is_left);
    if (*at == '.') {
        c->has_precision = true;
        at = read_number(at + 1, left, &c->precision, &is_negative);
        c->has_precision = !is_negative; /* as if there were none */
    }
    for (; *at != '\0' && strchr("hlzjtL", *at) != NULL; at++)
        c->size = c->size == 'l' && *at == 'l' ? 'q' : *at;
    c->letter = *at;
    if (c->has_precision)
        snprintf(digits, sizeof digits, ".%zu", c->precision);
    /* integers are printed as the widest type */
    const char *size = strchr("diuxXo", c->letter) != NULL ? "j" : c->size == 'L' ? "L" : "";
    snprintf(c->text, sizeof c->text, "%%%s%s%.0zu%s%s%c", flags,
             c->is_left && strchr(flags, '-') == NULL ? "-" : "", c->width, digits, size,
             c->letter);
    return *at != '\0' ? at + 1 : at;
}

static intmax_t next_signed(arguments_left *left, char size)
{
    switch (size) {
    case 'l':
        return va_arg(left->list, long);
    case 'q':
        return va_arg(left->list, long long);
    case 'z':
    case 't':
        return va_arg(left->list, ptrdiff_t);
    case 'j':
        return va_arg(left->list, intmax_t);
    default:
        return va_arg(left->list, int);
    }
}

static uintmax_t next_unsigned(arguments_left *left, char size)
{
    switch (size) {
    case 'l':
        return va_arg(left->list, unsigned long);
    case 'q':
        return va_arg(left->list, unsigned long long);
    case 'z':
    case 't':
        return va_arg(left->list, size_t);
    case 'j':
        return va_arg(left->list, uintmax_t);
    default:
        return va_arg(left->list, unsigned);
    }
}

static void put_string(sink *s, const conversion *c, const char *text)
{
    if (text == NULL)
        text = "(null)";
    const size_t count = c->has_precision ? strnlen(text, c->precision) : strlen(text);
    const bool may_be_cut = c->has_precision && count == c->precision;
    const size_t characters = c->width > 0 ? put_text(NULL, text, count, may_be_cut) : 0;
    const size_t space = c->width > characters ? c->width - characters : 0;

    put_spaces(s, c->is_left ? 0 : space);
    if (s->longest > 0 && count > s->longest)
        put_ends(s, text, count);
    else
        put_text(s, text, count, may_be_cut);
    put_spaces(s, c->is_left ? space : 0);
}

static void put_number(sink *s, const conversion *c, arguments_left *left)
{
    char text[NUMBER_BYTES];
    int length;

    if (strchr("di", c->letter) != NULL)
        length = snprintf(text, sizeof text, c->text, next_signed(left, c->size));
    else if (strchr("uxXo", c->letter) != NULL)
        length = snprintf(text, sizeof text, c->text, next_unsigned(left, c->size));
    else if (c->letter == 'p')
        length = snprintf(text, sizeof text, c->text, va_arg(left->list, void *));
    else if (c->size == 'L')
        length = snprintf(text, sizeof text, c->text, va_arg(left->list, long double));
    else
        length = snprintf(text, sizeof text, c->text, va_arg(left->list, double));
    if (length > 0)
        put(s, text, cvy_min((size_t)length, sizeof text - 1));
}

static void put_format(sink *s, const char *format, arguments_left *left)
{
    while (*format != '\0') {
        const size_t plain = strcspn(format, "%");
        for (size_t i = 0; i < plain;) { /* whole characters, so that a cut is between them */
            const size_t bytes = cvy_max(cvy_utf8_character(format + i), (size_t)1);
            put(s, format + i, bytes);
            i += bytes;
        }
        format += plain;
        if (*format == '\0')
            return;
        conversion c;
        format = read_conversion(format + 1, left, &c);
        if (c.letter == '%') {
            put(s, "%", 1);
        } else if (c.letter == 'c') {
            const char one = (char)va_arg(left->list, int);
            put_text(s, &one, 1, false);
        } else if (c.letter == 's') {
            put_string(s, &c, va_arg(left->list, const char *));
        } else if (c.letter != '\0') {
            put_number(s, &c, left);
        }
    }
}

static void put_all(sink *s, const char *format, va_list arguments)
{
    const locale_t before = cvy_c_locale_enter();
    arguments_left left;

    va_copy(left.list, arguments);
    put_format(s, format, &left);
    va_end(left.list);
    cvy_c_locale_leave(before);
}

bool cvy_visible_is_plain(const char *text)
{
    while (*text != '\0') {
        const size_t bytes = cvy_utf8_character(text);
        if (bytes == 0 || is_control(decode(text, bytes)))
            return false;
        text += bytes;
    }
    return true;
}

void cvy_visible_format(char *to, size_t room, const char *format, va_list arguments)
{
    sink s = { .to = to, .room = room - 1 };

    put_all(&s, format, arguments);
    to[s.length] = '\0';
}

void cvy_visible_fit(char *to, size_t room, const char *format, va_list arguments)
{
    sink s = { .to = to, .room = room - 1 };

    put_all(&s, format, arguments);
    if (s.is_full) {
        s = (sink){ .to = to, .room = room - 1, .longest = room / 8 };
        put_all(&s, format, arguments);
    }
    to[s.length] = '\0';
}

void cvy_visible_vprint(FILE *file, const char *format, va_list arguments)
{
    char page[PAGE_BYTES];
    sink s = { .file = file, .to = page, .room = sizeof page };

    put_all(&s, format, arguments);
    fwrite(page, 1, s.length, file);
}

void cvy_visible_print(FILE *file, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    cvy_visible_vprint(file, format, arguments);
    va_end(arguments);
}
