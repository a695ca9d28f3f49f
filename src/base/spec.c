/* Kinds by name, and specs: name:key=value,key=value. */
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/settings.h"
#include "base/synonyms.h"

enum { NAMES_MAX = 64, VALUE_BYTES = 1024 };

size_t cvy_kind_count(const cvy_kind *const *kinds)
{
    size_t count = 0;
    while (kinds[count] != NULL)
        count++;
    return count;
}

const cvy_kind *cvy_kind_find(const cvy_kind *const *kinds, const char *name)
{
    for (size_t i = 0; kinds[i] != NULL; i++)
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i];
    return NULL;
}

/* The sentence kept last goes on: "; did you mean "NEAREST"? It takes a, b, c", and advice on a line of its own. Its
 * name is not among `names`. */
static cvy_status fail_with_names(const char *where, const char *name, const char *const *names,
                                  size_t count, const char *introduction)
{
    const cvy_suggestion suggestion = cvy_suggest(where, name, names, count);

    if (suggestion.meant != NULL)
        cvy_fail_add(CVY_ERR_SETTING, "; did you mean \"%s\"? It %s", suggestion.meant,
                     introduction);
    else
        cvy_fail_add(CVY_ERR_SETTING, "; it %s", introduction);
    if (count == 0)
        cvy_fail_add(CVY_ERR_SETTING, " none");
    for (size_t i = 0; i < count; i++)
        cvy_fail_add(CVY_ERR_SETTING, "%s%s", i == 0 ? " " : ", ", names[i]);
    return cvy_fail_advise(CVY_ERR_SETTING, suggestion.advice);
}

/* Copy the name at the beginning of a spec, in another program's notation too; returns its length:
 * "sgd(momentum=0.9)", "sgd,momentum=0.9", "sgd momentum=0.9". */
static size_t take_beginning(const char *spec, char beginning[CVY_NAME_BYTES])
{
    const size_t marks = strspn(spec, " '\"[(");
    const size_t length = strcspn(spec + marks, "(,= {+;");

    snprintf(beginning, CVY_NAME_BYTES, "%.*s", (int)length, spec + marks);
    return marks + length;
}

/* The setting that another program's key means, or the key itself. */
static const char *translate_key(const cvy_kind *kind, const char *key)
{
    const char *names[NAMES_MAX];
    size_t count = 0;

    for (const cvy_setting *row = kind->settings;
         row != NULL && row->name != NULL && count < NAMES_MAX; row++)
        names[count++] = row->name;
    const char *meant = cvy_suggest("setting", key, names, count).meant;
    return meant != NULL && strchr(meant, '=') == NULL ? meant : key;
}

/* "EarlyStopping(patience=3, restore_best_weights=True)" becomes
 * ":patience=3,restore_best_weights=True"; empty if there are no settings in parentheses. */
static void convert_call(const cvy_kind *kind, const char *rest, char *settings, size_t size)
{
    char entries[CVY_NAME_BYTES], *next = entries, *entry;
    size_t length = 0, kept = 0;

    settings[0] = '\0';
    if (*rest != '(' || strchr(rest, '=') == NULL || strlen(rest) >= sizeof entries)
        return;
    for (rest++; *rest != '\0' && *rest != ')'; rest++)
        if (strchr(" '\"", *rest) == NULL)
            entries[kept++] = *rest;
    entries[kept] = '\0';
    while ((entry = strsep(&next, ",")) != NULL && length < size) {
        char *value = strchr(entry, '=');
        if (value == NULL)
            continue;
        *value++ = '\0';
        length += (size_t)snprintf(settings + length, size - length, "%c%s=%s",
                                   length == 0 ? ':' : ',', translate_key(kind, entry), value);
    }
}

/* ",rmsprop" after a name: a second kind. */
static bool names_another(const char *what, const char *rest, const cvy_kind *const *kinds)
{
    const char *begin = rest + strspn(rest, ", +;"), *names[NAMES_MAX];
    char name[CVY_NAME_BYTES];
    const size_t count = cvy_kind_count(kinds);

    snprintf(name, sizeof name, "%.*s", (int)strcspn(begin, ", +;:=("), begin);
    if (begin == rest || name[0] == '\0' || name[0] == '-')
        return false;
    for (size_t i = 0; i < count && i < NAMES_MAX; i++)
        names[i] = kinds[i]->name;
    return cvy_kind_find(kinds, name) != NULL ||
           cvy_suggest(what, name, names, count).meant != NULL;
}

static const char *how_to_give_several(const char *what)
{
    if (strcmp(what, "optimizer") == 0)
        return "Repeat --optimizer for each; convoy compare and convoy find-rate take several.";
    if (strcmp(what, "callback") == 0 || strcmp(what, "augmentation") == 0)
        return "Repeat the option for each.";
    return "Only one can be given.";
}

static cvy_status fail_as_call(const char *what, const char *spec, const cvy_kind *kind,
                               const cvy_kind *const *kinds, const char *rest)
{
    char settings[2 * CVY_NAME_BYTES];

    convert_call(kind, rest, settings, sizeof settings);
    if (strchr(rest, '=') == NULL && names_another(what, rest, kinds))
        return cvy_fail(CVY_ERR_SETTING, "%s: found \"%.80s\", expected one name\n%s", what, spec,
                        how_to_give_several(what));
    if (settings[0] != '\0')
        return cvy_fail(CVY_ERR_SETTING,
                        "%s: found \"%.80s\"; settings follow a colon, did you mean \"%s%s\"?",
                        what, spec, kind->name, settings);
    return cvy_fail(CVY_ERR_SETTING,
                    "%s: found \"%.80s\"; settings follow a colon, as in %s:KEY=VALUE,KEY=VALUE",
                    what, spec, kind->name);
}

static cvy_status fail_unknown_kind(const char *what, const char *name,
                                    const cvy_kind *const *kinds)
{
    const char *names[NAMES_MAX];
    char beginning[CVY_NAME_BYTES];
    const size_t count = cvy_kind_count(kinds), length = take_beginning(name, beginning);

    assert(count <= NAMES_MAX);
    for (size_t i = 0; i < count; i++)
        names[i] = kinds[i]->name;
    if (name[length] != '\0' && beginning[0] != '\0') {
        const cvy_suggestion meant = cvy_suggest(what, beginning, names, count);
        if (meant.meant != NULL && cvy_kind_find(kinds, meant.meant) != NULL)
            return fail_as_call(what, name, cvy_kind_find(kinds, meant.meant), kinds,
                                name + length);
    }
    cvy_fail(CVY_ERR_SETTING, "%s: unknown name \"%.80s\"", what, name);
    return fail_with_names(what, beginning, names, count, "is one of");
}

static cvy_status fail_unknown_key(const cvy_kind *kind, const char *key)
{
    const char *names[NAMES_MAX];
    size_t count = 0;

    for (const cvy_setting *row = kind->settings; row != NULL && row->name != NULL; row++) {
        assert(count < NAMES_MAX);
        names[count++] = row->name;
    }
    cvy_fail(CVY_ERR_SETTING, "unknown setting \"%.80s\"", key);
    return fail_with_names("setting", key, names, count, "takes");
}

/* The setting that a value without a key most likely belongs to: "adam:0.01" the first,
 * "early_stopping:3" the first count, "csv_logger:log.csv" the file; NULL: none. */
static const cvy_setting *likeliest_row(const cvy_kind *kind, const char *value)
{
    const cvy_setting *row = kind->settings;
    const bool is_number = value[strspn(value, "+-.0123456789eE")] == '\0';
    const bool is_whole = value[strspn(value, "0123456789")] == '\0';
    const bool is_path = strpbrk(value, "./") != NULL;

    if (row == NULL || *value == '\0' || (!is_number && !is_path))
        return NULL;
    if (is_number && row->type <= CVY_COUNT)
        return row;
    for (; row->name != NULL; row++)
        if (is_number ? row->type == (is_whole ? CVY_COUNT : CVY_FLOAT) : row->type == CVY_PATH)
            return row;
    return is_number ? kind->settings : NULL;
}

static cvy_status fail_no_key(const cvy_kind *kind, const char *entry)
{
    const cvy_setting *likely = likeliest_row(kind, entry);

    if (entry[0] == '\0')
        return cvy_fail(CVY_ERR_SETTING,
                        "found nothing after the colon or a comma, expected KEY=VALUE");
    if (likely != NULL && cvy_setting_accepts(likely, entry))
        return cvy_fail(CVY_ERR_SETTING,
                        "found \"%.80s\", expected KEY=VALUE; did you mean %s=%.80s?", entry,
                        likely->name, entry);
    if (likely != NULL) {
        char range[CVY_NAME_BYTES];
        cvy_setting_describe(likely, range, sizeof range);
        return cvy_fail(CVY_ERR_SETTING, "found \"%.80s\", expected KEY=VALUE, where %s takes %s",
                        entry, likely->name, range);
    }
    /* "amsgrad" for amsgrad=true, "learning_rate:0.1" */
    const size_t length = strcspn(entry, ":");
    for (const cvy_setting *row = kind->settings; row != NULL && row->name != NULL; row++) {
        if (strlen(row->name) != length || strncmp(row->name, entry, length) != 0)
            continue;
        if (entry[length] == ':')
            return cvy_fail(CVY_ERR_SETTING,
                            "found \"%.80s\", expected KEY=VALUE; did you mean %s=%.80s?", entry,
                            row->name, entry + length + 1);
        if (row->type == CVY_BOOL)
            return cvy_fail(CVY_ERR_SETTING,
                            "found \"%.80s\", expected KEY=VALUE; did you mean %s=true?", entry,
                            row->name);
    }
    for (const cvy_setting *row = kind->settings; row != NULL && row->name != NULL; row++)
        if (row->type == CVY_CHOICE && cvy_setting_accepts(row, entry))
            return cvy_fail(CVY_ERR_SETTING,
                            "found \"%.80s\", expected KEY=VALUE; did you mean %s=%.80s?", entry,
                            row->name, entry);
    if (strcmp(translate_key(kind, entry), entry) != 0)
        return cvy_fail(CVY_ERR_SETTING,
                        "found \"%.80s\", expected KEY=VALUE; did you mean %s=VALUE?", entry,
                        translate_key(kind, entry));
    return cvy_fail(CVY_ERR_SETTING, "found \"%.80s\", expected KEY=VALUE", entry);
}

/* Whether the bracket or parenthesis at `open` is closed again. If not, as in a file's name, it is
 * an ordinary character. */
static bool is_closed(const char *open)
{
    int depth = 0;

    for (const char *c = open; *c != '\0'; c++) {
        depth += (*c == '[' || *c == '(') - (*c == ']' || *c == ')');
        if (depth == 0)
            return true;
    }
    return false;
}

/* Take the next comma-separated entry off the front of *rest; NULL: no more. A comma inside
 * brackets or parentheses separates the elements of a list. */
static char *take_entry(char **rest)
{
    char *entry = *rest;
    int depth = 0;

    if (entry == NULL)
        return NULL;
    for (char *c = entry;; c++) {
        if (*c == '\0') {
            *rest = NULL;
            return entry;
        }
        if (depth > 0)
            depth += (*c == '[' || *c == '(') - (*c == ']' || *c == ')');
        else if (*c == '[' || *c == '(')
            depth = is_closed(c);
        if (*c == ',' && depth == 0) {
            *c = '\0';
            *rest = c + 1;
            return entry;
        }
    }
}

/* Read one `key=value`, which is modified in place. Bit i of *given: row i has its value. */
static cvy_status read_entry(const cvy_kind *kind, char *entry, void *settings, uint64_t *given)
{
    char *value = strchr(entry, '=');

    if (value == NULL)
        return fail_no_key(kind, entry);
    *value++ = '\0';
    const cvy_setting *row =
        kind->settings != NULL ? cvy_setting_find(kind->settings, entry) : NULL;
    if (row == NULL)
        return fail_unknown_key(kind, entry);

    assert(row->type < CVY_TEXT && row - kind->settings < NAMES_MAX);
    const uint64_t bit = UINT64_C(1) << (row - kind->settings);
    if (*given & bit)
        return cvy_fail(CVY_ERR_SETTING, "%s is given twice", entry);
    *given |= bit;
    return cvy_setting_parse(row, value, settings);
}

static cvy_status check_complete(const cvy_kind *kind, uint64_t given)
{
    char range[VALUE_BYTES];

    for (const cvy_setting *row = kind->settings; row != NULL && row->name != NULL; row++) {
        if (row->fallback == NULL && !(given >> (row - kind->settings) & 1)) {
            cvy_setting_describe(row, range, sizeof range);
            return cvy_fail(CVY_ERR_SETTING, "%s is missing, expected %s", row->name, range);
        }
    }
    return CVY_OK;
}

/* entries: what follows the colon, modified in place; NULL if there is no colon */
static cvy_status read_entries(const cvy_kind *kind, char *entries, void *settings)
{
    uint64_t given = 0;
    cvy_status status = CVY_OK;
    bool ends_in_zero = false;
    char *entry;

    if (kind->settings != NULL)
        cvy_settings_default(kind->settings, settings);
    while (status == CVY_OK && (entry = take_entry(&entries)) != NULL) {
        /* "beta_1=0,9": a decimal comma ends the entry */
        if (ends_in_zero && *entry != '\0' && entry[strspn(entry, "0123456789")] == '\0')
            return cvy_fail(CVY_ERR_SETTING,
                            "found \"%.80s\" after a comma, expected KEY=VALUE; did you mean the "
                            "decimal point, as in 0.%.80s?",
                            entry, entry);
        ends_in_zero = strlen(entry) > 2 && strcmp(entry + strlen(entry) - 2, "=0") == 0;
        status = read_entry(kind, entry, settings, &given);
    }
    return status == CVY_OK ? check_complete(kind, given) : status;
}

cvy_status cvy_spec_read(const char *what, const char *spec, const cvy_kind *const *kinds,
                         const cvy_kind **kind, void *settings)
{
    char *name;
    void *values = NULL;
    cvy_status status = cvy_text_copy(spec, &name);

    if (status != CVY_OK)
        return status;
    char *entries = name;
    strsep(&entries, ":");
    const cvy_kind *found = cvy_kind_find(kinds, name);
    if (found == NULL)
        status = fail_unknown_kind(what, name, kinds);
    else if (found->settings != NULL)
        status = cvy_memory_create(1, found->settings_size, &values);
    if (status == CVY_OK) {
        status = read_entries(found, entries, values);
        if (status != CVY_OK)
            cvy_fail_at(status, "%s %s", what, found->name);
    }
    cvy_memory_free(name);
    if (status != CVY_OK) {
        cvy_memory_free(values);
        return status;
    }
    *kind = found;
    memcpy(settings, &values, sizeof values);
    return CVY_OK;
}

static void print_spec(const cvy_kind *kind, const void *settings, bool is_brief, char *text,
                       size_t size)
{
    char value[VALUE_BYTES], separator = ':';
    size_t length = (size_t)snprintf(text, size, "%s", kind->name);

    for (const cvy_setting *row = kind->settings; row != NULL && row->name != NULL && length < size;
         row++) {
        assert(row->type < CVY_TEXT);
        cvy_setting_print(row, settings, value, sizeof value);
        if (is_brief && row->fallback != NULL && strcmp(value, row->fallback) == 0)
            continue;
        length +=
            (size_t)snprintf(text + length, size - length, "%c%s=%s", separator, row->name, value);
        separator = ',';
    }
}

void cvy_spec_print(const cvy_kind *kind, const void *settings, char *text, size_t size)
{
    print_spec(kind, settings, false, text, size);
}

void cvy_spec_print_brief(const cvy_kind *kind, const void *settings, char *text, size_t size)
{
    print_spec(kind, settings, true, text, size);
}
