/* Everything that is chosen by name: the kinds of layers, losses, optimizers, schedules, callbacks,
 * data sets, ..., the built-in models, and the settings of each. Help, manual and completions can
 * be generated from these lists. They are constant, owned by the library and valid for ever. Any
 * thread.
 *
 * A spec is the text that selects a kind: NAME or NAME:KEY=VALUE,KEY=VALUE. A list inside a spec is
 * written [a;b;c]. */
#ifndef CONVOY_KINDS_H
#define CONVOY_KINDS_H

#include <stdbool.h>
#include <stddef.h>

#include "convoy/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* New groups are appended before CVY_KINDS_COUNT. */
typedef enum {
    CVY_KINDS_OPTIMIZERS,
    CVY_KINDS_SCHEDULES,
    CVY_KINDS_LOSSES,
    CVY_KINDS_METRICS, /* what an epoch reports and callbacks can monitor */
    CVY_KINDS_CALLBACKS,
    CVY_KINDS_DATASETS,
    CVY_KINDS_LAYERS,
    CVY_KINDS_INITIALIZERS,
    CVY_KINDS_REGULARIZERS,
    CVY_KINDS_MODELS, /* built in; without settings */
    CVY_KINDS_AUGMENTATIONS,
    CVY_KINDS_CONSTRAINTS,
    CVY_KINDS_ACTIVATIONS, /* functions by name; without settings */
    CVY_KINDS_COUNT,
} cvy_kind_group;

typedef enum {
    CVY_VALUE_NUMBER,
    CVY_VALUE_NUMBERS,    /* a number, or a list of them: [0.1;0.2] */
    CVY_VALUE_COUNT,      /* a whole number, at least 0 */
    CVY_VALUE_COUNT_PAIR, /* one number for both, or [a;b] */
    CVY_VALUE_BOOL,       /* true or false */
    CVY_VALUE_CHOICE,     /* one of `choices` */
    CVY_VALUE_NAME,       /* a short text */
    CVY_VALUE_PATH,       /* the path of a file */
} cvy_value_type;

/* One setting of a kind. */
typedef struct {
    const char *name; /* Keras's where Keras has it */
    cvy_value_type type;
    const char *default_text; /* NULL: must be given */
    const char *range;        /* what it accepts, in words: "a number in [0, 1)" */
    const char *help;
    double min, max; /* of numbers and counts, or of each element of a list */
    bool is_min_excluded, is_max_excluded;
    bool allows_none;           /* "none" is accepted too */
    const char *const *choices; /* CVY_VALUE_CHOICE: NULL-terminated; else NULL */
} cvy_setting_info;

typedef struct {
    const char *name;       /* in specs: "conv2d" */
    const char *summary;    /* a phrase */
    const char *class_name; /* of a layer, in Keras's files: "Conv2D"; else NULL */
    size_t setting_count;
    const cvy_setting_info *const *settings;
} cvy_kind_info;

typedef struct {
    const char *name;  /* "optimizers" */
    const char *title; /* "Optimizers" */
    size_t count;
    const cvy_kind_info *const *kinds;
} cvy_kinds;

/**
 * Get the kinds of a group, the most useful ones first.
 * kinds  written on CVY_OK
 * Returns CVY_OK, CVY_ERR_SETTING (no such group), CVY_ERR_MEMORY (possible in the first call
 * only).
 */
CVY_API cvy_status cvy_kinds_get(cvy_kind_group group, const cvy_kinds **kinds);

/* The value of one setting in a spec. */
typedef struct {
    const cvy_setting_info *setting;
    const char *text; /* as written in a spec */
    bool is_default, is_none;
    size_t number_count;   /* 1, the length of a list, 2 for a pair; 0 for names, paths and none */
    const double *numbers; /* bool: 0 or 1; choice: its index in `choices` */
} cvy_setting_value;

/* A spec with every setting filled in. Allocated by the library. */
typedef struct {
    const cvy_kind_info *kind;
    size_t value_count; /* kind->setting_count */
    const cvy_setting_value *const *values;
    const char *text;         /* the spec with every setting */
    const char *brief;        /* without settings that equal their default */
    size_t slot_count;        /* an optimizer's state: floats for each weight ... */
    const char *const *slots; /* ... and their names: "momentum", "velocity" */
} cvy_spec;

/**
 * Read a spec and make every check that needs no model or data.
 * group  any except CVY_KINDS_MODELS and CVY_KINDS_ACTIVATIONS. A schedule may also be a plain
 *        number, which means "constant:learning_rate=NUMBER"
 * spec   written on CVY_OK; cvy_spec_destroy() it
 * Returns CVY_OK, CVY_ERR_SETTING, CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_spec_resolve(cvy_kind_group group, const char *text, cvy_spec **spec);

/** Release a spec. NULL is allowed. */
CVY_API void cvy_spec_destroy(cvy_spec *spec);

/** The value of the setting with that name, or NULL. */
CVY_API const cvy_setting_value *cvy_spec_value(const cvy_spec *spec, const char *setting);

#ifdef __cplusplus
}
#endif

#endif
