/* Names that users know from elsewhere: Keras, PyTorch, Ultralytics YOLO, scikit-learn. All code
 * that meets an unknown name asks here what was meant. */
#ifndef CVY_BASE_SYNONYMS_H
#define CVY_BASE_SYNONYMS_H

#include <stddef.h>

#include "base/error.h"

/* The answer to an unknown name. */
typedef struct {
    const char *meant;  /* the name to type instead, perhaps with settings; NULL: none is near */
    const char *advice; /* a whole sentence, for a line of its own; NULL: none */
} cvy_suggestion;

/**
 * Guess what an unknown name means.
 * where  what is named: "command", "option", "setting", "monitor", "model", "activation" or what
 *        cvy_spec_read() calls it: "optimizer", "learning rate", "loss", "callback", "data set",
 *        ...
 * typed  the unknown name
 * names  the `count` known ones. A synonym is skipped if its meaning begins with none of them
 * Tried in this order, without quotes, brackets and dashes around the name: a known name that
 * differs only in case, '-' and '_'; a synonym; both again for the part after the last '.', as in
 * keras.optimizers.Adam; the nearest known name (cvy_nearest_name()).
 */
cvy_suggestion cvy_suggest(const char *where, const char *typed, const char *const *names,
                           size_t count);

/** Append to the last sentence: "; did you mean NAME?", and the advice on a line of its own. Returns `status`. */
cvy_status cvy_fail_suggest(cvy_status status, cvy_suggestion suggestion);

/* One row of a table, public for the test that reads them all. */
typedef struct {
    const char *typed; /* alternatives separated by '|'; '*' in one matches any characters */
    const char *meant, *advice;
} cvy_synonym;

/* The rows for one kind of name. */
typedef struct {
    const char *where; /* NULL ends the list */
    const cvy_synonym *rows;
    size_t count;
} cvy_synonym_list;

extern const cvy_synonym_list cvy_typed_synonyms[], cvy_kind_synonyms[];

#endif
