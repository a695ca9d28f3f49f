/* Names of configurations: omit settings from long names that all of a kind have in common. */
#include "study/labels.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "charts/characters.h"

enum { LONG_CHARACTERS = 40 };

/* A word of a label, and its part: the optimizer's before ", ", the learning rate's after it. */
typedef struct {
    const char *text, *head; /* the head is the first word of its part: "adam", "cosine_decay" */
    size_t length, head_length;
    bool is_rate;
} word;

/* Advance *at to the next word of the label; false if there is none. */
static bool next_word(const char *label, word *at)
{
    const char *text = at->text != NULL ? at->text + at->length : label;
    const bool is_part = at->text == NULL || strncmp(text, ", ", 2) == 0;

    text += strspn(text, ", ");
    if (*text == '\0')
        return false;
    at->is_rate = at->text != NULL && (at->is_rate || is_part);
    at->text = text;
    at->length = strcspn(text, ", ");
    if (is_part) {
        at->head = text;
        at->head_length = at->length;
    }
    return true;
}

static bool same(const char *a, size_t a_length, const char *b, size_t b_length)
{
    return a_length == b_length && strncmp(a, b, a_length) == 0;
}

/* Whether all labels with a part of this head, at least two, contain the word in it. */
static bool is_common(const cvy_crossed_list *list, const word *w)
{
    size_t alike = 0;

    if (w->text == w->head || memchr(w->text, '=', w->length) == NULL)
        return false;
    for (size_t i = 0; i < list->count; i++) {
        word other = { 0 };
        bool has_head = false, has_word = false;
        while (next_word(list->items[i].label, &other)) {
            if (other.is_rate != w->is_rate ||
                !same(other.head, other.head_length, w->head, w->head_length))
                continue;
            has_head = true;
            has_word = has_word || same(other.text, other.length, w->text, w->length);
        }
        if (has_head && !has_word)
            return false;
        alike += has_head;
    }
    return alike > 1;
}

/* common: receives each omitted word once */
static void print_short(const cvy_crossed_list *list, const char *label, char text[CVY_LABEL_BYTES],
                        char *common)
{
    word w = { 0 };
    size_t length = 0;

    text[0] = '\0';
    while (next_word(label, &w)) {
        if (!is_common(list, &w)) {
            const char *between = length == 0 ? "" : w.text == w.head ? ", " : " ";
            length += (size_t)snprintf(text + length, CVY_LABEL_BYTES - length, "%s%.*s", between,
                                       (int)w.length, w.text);
            continue;
        }
        char entry[2 * CVY_LABEL_BYTES];
        snprintf(entry, sizeof entry, "%.*s %.*s", (int)w.head_length, w.head, (int)w.length,
                 w.text);
        if (strstr(common, entry) == NULL && strlen(common) + strlen(entry) + 3 < CVY_COMMON_BYTES)
            strcat(strcat(common, common[0] != '\0' ? "; " : ""), entry);
    }
}

static bool has_long(const cvy_crossed_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (cvy_character_count(list->items[i].label) > LONG_CHARACTERS)
            return true;
    return false;
}

static bool are_different(const cvy_crossed_list *list, char (*labels)[CVY_LABEL_BYTES])
{
    for (size_t i = 0; i < list->count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(labels[i], labels[j]) == 0)
                return false;
    return true;
}

cvy_status cvy_labels_shorten(cvy_crossed_list *list, char common[CVY_COMMON_BYTES])
{
    char(*labels)[CVY_LABEL_BYTES];

    common[0] = '\0';
    if (!has_long(list))
        return CVY_OK;
    cvy_status status = cvy_memory_create(list->count, sizeof *labels, &labels);
    if (status != CVY_OK)
        return status;
    for (size_t i = 0; i < list->count; i++)
        print_short(list, list->items[i].label, labels[i], common);
    if (are_different(list, labels))
        for (size_t i = 0; i < list->count; i++)
            strcpy(list->items[i].label, labels[i]);
    else
        common[0] = '\0';
    cvy_memory_free(labels);
    return CVY_OK;
}
