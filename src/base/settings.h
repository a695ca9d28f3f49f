/* Settings as table rows. A row names a member of a struct, its type, its default as the text a
 * user would type, its range and its help; parser, --help, info, model files and reports all read
 * the same row. A kind (layer, optimizer, schedule, ...) is a table of rows with a name. */
#ifndef CVY_BASE_SETTINGS_H
#define CVY_BASE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef enum {
    CVY_FLOAT,      /* double; never infinite; NaN only for the "none" of CVY_OR_NONE */
    CVY_FLOAT_LIST, /* cvy_float_list: "0.1", "[0.1;0.2;0.3]" or "[0.1, 0.2, 0.3]"; never empty */
    CVY_COUNT,      /* size_t */
    CVY_COUNT_PAIR, /* size_t[2]: "5" for both, "[5;3]" or "[5,3]" */
    CVY_BOOL,       /* bool: true or false */
    CVY_CHOICE,     /* int: index in row->choices */
    CVY_NAME,       /* char[CVY_NAME_BYTES]: a short name or spec, copied */
    CVY_PATH,       /* char[CVY_PATH_BYTES]: path of a file, copied */
    CVY_TEXT,       /* const char *: the text itself, which must outlive the struct */
    CVY_TEXT_LIST,  /* cvy_text_list: appended to at each occurrence; options only */
} cvy_setting_type;

enum { CVY_NAME_BYTES = 256, CVY_PATH_BYTES = 256, CVY_LIST_MAX = 32 };

typedef struct {
    size_t count; /* 1 .. CVY_LIST_MAX */
    double values[CVY_LIST_MAX];
} cvy_float_list;

typedef struct {
    size_t count; /* 0 .. CVY_LIST_MAX */
    const char *texts[CVY_LIST_MAX];
} cvy_text_list;

typedef enum {
    CVY_CLOSED = 0,    /* min <= value <= max */
    CVY_ABOVE_MIN = 1, /* min < value */
    CVY_BELOW_MAX = 2, /* value < max */
    CVY_OR_NONE = 4,   /* "none" is allowed too: NaN for CVY_FLOAT, a single NaN for a list of
                          them, 0 for CVY_COUNT */
    CVY_OR_FULL = 8,   /* CVY_COUNT only: "full" is allowed too, as 0 */
} cvy_setting_bounds;

typedef struct {
    const char *name; /* Keras's name where Keras has one; NULL ends a table */
    cvy_setting_type type;
    uint32_t offset;      /* of the member in the settings struct */
    const char *fallback; /* the default, as text; NULL: must be given */
    double min, max;      /* numbers only; apply to each element of a pair or list */
    const char *help;
    cvy_setting_bounds bounds;
    const char *const *choices; /* CVY_CHOICE only, NULL-terminated */
} cvy_setting;

/* The start of every kind, so that one list type serves all of them. */
typedef struct {
    const char *name, *summary;
    const cvy_setting *settings; /* NULL: none */
    size_t settings_size;        /* of the struct that the rows describe */
} cvy_kind;

/** Set every row to its default. Rows without one are left untouched. The defaults of the tables
 *  are correct (a test reads them all), so this cannot fail. */
void cvy_settings_default(const cvy_setting *rows, void *values);

/** The row of that name, or NULL. */
const cvy_setting *cvy_setting_find(const cvy_setting *rows, const char *name);

/**
 * Read `text` into the row's member of `values`. On failure returns CVY_ERR_SETTING with a sentence
 * "NAME: found TEXT, expected RANGE", which includes what was probably meant (base/meant.h), and
 * leaves the member unchanged.
 */
cvy_status cvy_setting_parse(const cvy_setting *row, const char *text, void *values);

/** Whether cvy_setting_parse() would accept the text. */
bool cvy_setting_accepts(const cvy_setting *row, const char *text);

/** The member's value as text that cvy_setting_parse() reads back; cut to `size` bytes. */
void cvy_setting_print(const cvy_setting *row, const void *values, char *text, size_t size);

/** What the row accepts, in words: "a number in [0, 1)", "valid or same"; cut to `size` bytes. */
void cvy_setting_describe(const cvy_setting *row, char *text, size_t size);

/** Number of kinds in a NULL-terminated list. */
size_t cvy_kind_count(const cvy_kind *const *kinds);

/** The kind of that name, or NULL. */
const cvy_kind *cvy_kind_find(const cvy_kind *const *kinds, const char *name);

/**
 * Read a spec, `name` or `name:key=value,key=value`, against a list of kinds.
 * what      "optimizer", "learning rate": begins the sentence of a failure
 * kind      the kind of that name
 * settings  a new struct of kind->settings_size bytes with defaults and given values; the caller
 *           frees it with cvy_memory_free(). NULL if the kind has no settings.
 * Returns CVY_ERR_SETTING for an unknown name or key (the sentence lists the known ones and the
 * nearest), a value out of range, a repeated key or a missing required key; CVY_ERR_MEMORY.
 */
cvy_status cvy_spec_read(const char *what, const char *spec, const cvy_kind *const *kinds,
                         const cvy_kind **kind, void *settings);

/** Print `name:key=value,...` with every row, as cvy_spec_read() accepts it; cut to `size`
 *  bytes. */
void cvy_spec_print(const cvy_kind *kind, const void *settings, char *text, size_t size);

/** Print a spec without the settings that equal their defaults: "adam:beta_1=0.8". */
void cvy_spec_print_brief(const cvy_kind *kind, const void *settings, char *text, size_t size);

/** The entry of a list of `count` names that a misspelt name most likely means, or NULL if none is
 *  near (optimal string alignment distance at most a third of the longer name). */
const char *cvy_nearest_name(const char *name, const char *const *names, size_t count);

#endif
