#include "cli/amounts.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/letters.h"
#include "base/number.h"
#include "base/synonyms.h"

enum { SIDE_MAX = 256, COUNTS_MAX = 16, ALL_OF_RANGE_MAX = 8 };

/* Reads digits and an optional decimal fraction, in any locale, then spaces. */
static bool read_decimal(const char **text, double *value)
{
    const char *at = *text;
    double unit = 1;

    *value = 0;
    for (; isdigit((unsigned char)*at); at++)
        *value = *value * 10 + (*at - '0');
    if (*at == '.' && isdigit((unsigned char)at[1]))
        for (at++; isdigit((unsigned char)*at); at++)
            *value += (unit /= 10) * (*at - '0');
    if (at == *text)
        return false;
    *text = at + strspn(at, " _");
    return true;
}

/* --- memory --- */

bool cvy_read_size(const char *text, size_t *bytes)
{
    static const char units[] = "KMG";
    char *end;
    const unsigned long long number = strtoull(text, &end, 10);
    const char *unit = *end != '\0' ? strchr(units, *end) : NULL;
    const int bits = unit != NULL ? 10 * (int)(unit - units + 1) : 0;

    if (text[0] < '0' || text[0] > '9' || (*end != '\0' && (unit == NULL || end[1] != '\0')) ||
        number < 1 || number > SIZE_MAX >> 1 >> bits)
        return false;
    *bytes = (size_t)number << bits;
    return true;
}

/* Print in the largest unit that needs no fraction. */
static bool print_size(double bytes, char meant[CVY_AMOUNT_BYTES])
{
    static const char units[] = { '\0', 'K', 'M', 'G' };
    size_t unit = 0;

    if (!(bytes >= 1 && bytes < 0x1p62))
        return false;
    if (bytes >= 0x1p20) /* 1e9 is rounded: nobody means its odd bytes */
        bytes = ceil(bytes / 0x1p20) * 0x1p20;
    for (bytes = ceil(bytes); unit < 3 && fmod(bytes, 1024) == 0; unit++)
        bytes /= 1024;
    return snprintf(meant, CVY_AMOUNT_BYTES, "%.0f%c", bytes, units[unit]) > 0;
}

bool cvy_size_meant(const char *text, char meant[CVY_AMOUNT_BYTES])
{
    static const char *const endings[] = { "",      "b",     "i",      "ib", "byte",
                                           "bytes", "ibyte", "ibytes", "bit" };
    static const char units[] = "kmgt";
    double value;

    if (!read_decimal(&text, &value))
        return false;
    if (cvy_lower(*text) == 'e' && isdigit((unsigned char)text[1])) {
        value *= pow(10, cvy_number_read(text + 1, NULL));
        text += 1 + strspn(text + 1, "0123456789");
    } else if (*text == '\0') { /* nobody means 512 bytes */
        value = value < 1024 ? value * 0x1p20 : value;
    } else if (*text != '\0' && strchr(units, cvy_lower(*text)) != NULL) {
        value *= pow(1024, (double)(strchr(units, cvy_lower(*text)) - units + 1));
        text++;
    }
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (cvy_same_letters(text, endings[i]))
            return print_size(value, meant);
    return false;
}

/* --- time --- */

bool cvy_read_duration(const char *text, double *seconds)
{
    static const struct {
        char letter;
        double seconds;
    } units[] = { { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };
    double sum = 0;
    size_t unit = 0;

    if (*text == '\0')
        return false;
    while (*text != '\0') {
        const size_t digits = strspn(text, "0123456789");
        if (digits == 0 || digits > 9)
            return false;
        const double number = (double)strtoul(text, NULL, 10);
        text += digits;
        if (*text == '\0' && unit == 0) { /* a plain number: seconds */
            *seconds = number;
            return true;
        }
        while (unit < 3 && units[unit].letter != *text)
            unit++;
        if (unit == 3)
            return false;
        sum += number * units[unit++].seconds;
        text++;
    }
    *seconds = sum;
    return true;
}

static bool print_duration(double seconds, char meant[CVY_AMOUNT_BYTES])
{
    const double whole = ceil(seconds), hours = floor(whole / 3600),
                 minutes = floor(fmod(whole, 3600) / 60), rest = fmod(whole, 60);
    size_t length = 0;

    if (!(whole >= 1 && whole < 1e9))
        return false;
    meant[0] = '\0';
    if (hours > 0)
        length = (size_t)snprintf(meant, CVY_AMOUNT_BYTES, "%.0fh", hours);
    if (minutes > 0)
        length += (size_t)snprintf(meant + length, CVY_AMOUNT_BYTES - length, "%.0fm", minutes);
    if (rest > 0)
        snprintf(meant + length, CVY_AMOUNT_BYTES - length, "%.0fs", rest);
    return true;
}

/* "1:30:00", the notation of batch systems. */
static bool read_clock(const char *text, double *seconds)
{
    unsigned parts[3];
    char extra;
    const int count = sscanf(text, "%9u:%2u:%2u%c", &parts[0], &parts[1], &parts[2], &extra);

    if (count == 2)
        *seconds = 60.0 * parts[0] + parts[1];
    else if (count == 3)
        *seconds = 3600.0 * parts[0] + 60.0 * parts[1] + parts[2];
    return count == 2 || count == 3;
}

bool cvy_duration_meant(const char *text, char meant[CVY_AMOUNT_BYTES])
{
    static const struct {
        const char *words;
        double seconds;
    } units[] = { { "|d|day|days|", 86400 },
                  { "|h|hr|hrs|hour|hours|", 3600 },
                  { "|m|min|mins|minute|minutes|", 60 },
                  { "|s|sec|secs|second|seconds|", 1 } };
    double sum = 0, value;

    if (strchr(text, ':') != NULL)
        return read_clock(text, &sum) && print_duration(sum, meant);
    if (cvy_begins_with_letters(text, "PT")) /* ISO 8601 */
        text += 2;
    while (read_decimal(&text, &value)) {
        char word[16];
        size_t letters = 0, unit = 0;
        while (cvy_is_letter(text[letters]) && letters < sizeof word - 3)
            letters++;
        snprintf(word, sizeof word, "|%.*s|", (int)letters, text);
        for (char *c = word; *c != '\0'; c++)
            *c = cvy_lower(*c);
        while (unit < 4 && strstr(units[unit].words, word) == NULL)
            unit++;
        if (unit == 4)
            return false;
        sum += value * units[unit].seconds;
        text += letters;
        text += strspn(text, " ,");
    }
    return *text == '\0' && print_duration(sum, meant);
}

/* --- sides of an image --- */

bool cvy_read_sides(const char *text, size_t *height, size_t *width)
{
    char extra;

    return sscanf(text, "%4zux%4zu%c", height, width, &extra) == 2 &&
           isdigit((unsigned char)*text) && *height >= 1 && *height <= SIDE_MAX && *width >= 1 &&
           *width <= SIDE_MAX;
}

bool cvy_sides_meant(const char *text, char meant[CVY_AMOUNT_BYTES])
{
    size_t sides[2], count = 0, height, width;

    while (*text != '\0') {
        if (!isdigit((unsigned char)*text)) {
            text++;
            continue;
        }
        char *end;
        const size_t side = strtoul(text, &end, 10);
        if (count < 2)
            sides[count] = side;
        count++;
        text = end;
    }
    if (count < 1 || count > 3) /* if there are three, the last is the channels */
        return false;
    snprintf(meant, CVY_AMOUNT_BYTES, "%zux%zu", sides[0], count == 1 ? sides[0] : sides[1]);
    return cvy_read_sides(meant, &height, &width);
}

/* --- numbers of threads --- */

typedef struct {
    size_t values[COUNTS_MAX], count, max;
} counts;

static bool add(counts *c, size_t value)
{
    if (value == 0)
        return true;
    if (value > c->max || c->count == COUNTS_MAX)
        return false;
    c->values[c->count++] = value;
    return true;
}

/* Add a short range completely, a long one in powers of two. `first` is already in the list. */
static bool add_range(counts *c, size_t first, size_t last, size_t step)
{
    if (last < first || last > c->max || step == 0)
        return false;
    if ((last - first) / step < ALL_OF_RANGE_MAX) {
        for (size_t value = first + step; value <= last; value += step)
            if (!add(c, value))
                return false;
        return true;
    }
    for (size_t value = 2; value < last; value *= 2)
        if (value > first && !add(c, value))
            return false;
    return add(c, last);
}

static bool is_range_mark(const char *mark, size_t length)
{
    static const char *const marks[] = {
        "-", "..", "...", ":", "\u2013", "to", "~", " - ", " to "
    };

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strlen(marks[i]) == length && strncmp(marks[i], mark, length) == 0)
            return true;
    return false;
}

static bool is_list_mark(const char *mark, size_t length)
{
    return strspn(mark, " ,;/+|_xX") >= length;
}

bool cvy_counts_meant(const char *text, size_t max, char meant[CVY_AMOUNT_BYTES])
{
    static const char call[] = "range(";
    const bool is_call = strncmp(text, call, sizeof call - 1) == 0; /* Python's range(), without
                                                                       its end */
    counts c = { .max = max };
    size_t before = 0, mark_length = 0, length = 0;
    const char *mark = text;

    text += strcspn(text, "0123456789");
    if (!is_call && strspn(mark, " [({'\"") < (size_t)(text - mark))
        return false;
    for (bool is_first = true; isdigit((unsigned char)*text); is_first = false) {
        char *end;
        const size_t value = strtoul(text, &end, 10);
        const bool is_range = !is_first && (is_call || is_range_mark(mark, mark_length));
        size_t step = 1;
        if (is_range && *end == ':' && isdigit((unsigned char)end[1])) /* 1:9:2 */
            step = strtoul(end + 1, &end, 10);
        if (is_range ? !add_range(&c, before, value - (is_call && value > 0), step)
                     : !add(&c, value))
            return false;
        before = value;
        mark = end;
        text = end + strcspn(end, "0123456789");
        mark_length = (size_t)(text - mark);
        if (*text != '\0' && !is_range_mark(mark, mark_length) && !is_list_mark(mark, mark_length))
            return false;
    }
    if (c.count == 0 || strspn(mark, " ,;])}'\"") < strlen(mark))
        return false;
    for (size_t i = 0; i < c.count; i++)
        length += (size_t)snprintf(meant + length, CVY_AMOUNT_BYTES - length, "%s%zu",
                                   i > 0 ? "," : "", c.values[i]);
    return true;
}

cvy_status cvy_amount_hint(const char *option, const char *text, const char *meant)
{
    const cvy_suggestion suggestion = { .meant = meant,
                                        .advice = cvy_suggest(option, text, NULL, 0).advice };

    return cvy_fail_suggest(CVY_ERR_SETTING, suggestion);
}
