/* The lists of kinds that a user chooses from, for `convoy info` and the manual page. */
#ifndef CVY_CLI_KINDS_H
#define CVY_CLI_KINDS_H

#include "base/settings.h"

typedef struct {
    const char *name; /* "optimizers": the option of `convoy info`; NULL ends the table */
    const char *title;
    const cvy_kind *const *kinds;
} cvy_kind_list;

extern const cvy_kind_list cvy_kind_lists[];

/** The kinds of the list of that name, which must exist. */
const cvy_kind *const *cvy_kind_list_find(const char *name);

#endif
