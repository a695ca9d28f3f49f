/* The name that was probably meant: optimal string alignment distance, which counts insertions,
 * deletions, substitutions and swaps of adjacent letters. Case is ignored.
 * Source: Navarro, A guided tour to approximate string matching, 2001, section 2.1. */
#include <string.h>

#include "base/letters.h"
#include "base/settings.h"

enum { LENGTH_MAX = 64 };

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

static bool same_letter(char a, char b)
{
    return cvy_lower(a) == cvy_lower(b);
}

/* Both names have at most LENGTH_MAX bytes. Only three rows of the table are kept at a time. */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][LENGTH_MAX + 1];

    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i - 1) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            row[j] = smallest(above[j] + 1, row[j - 1] + 1,
                              above[j - 1] + !same_letter(a[i - 1], b[j - 1]));
            if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
                same_letter(a[i - 2], b[j - 1]) && two_above[j - 2] + 1 < row[j])
                row[j] = two_above[j - 2] + 1;
        }
    }
    return rows[a_length % 3][b_length];
}

const char *cvy_nearest_name(const char *name, const char *const *names, size_t count)
{
    const size_t length = strlen(name);
    const char *nearest = NULL;
    size_t least = LENGTH_MAX + 1;

    for (size_t i = 0; i < count; i++) {
        size_t other = strlen(names[i]), longer = length > other ? length : other;
        if (longer > LENGTH_MAX)
            continue;
        size_t edits = distance(name, length, names[i], other);
        if (3 * edits <= longer && edits < least) {
            least = edits;
            nearest = names[i];
        }
    }
    return nearest;
}
