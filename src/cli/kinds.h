/* The public lists of kinds (convoy/kinds.h), for help, manual, completion and `convoy info`. */
#ifndef CVY_CLI_KINDS_H
#define CVY_CLI_KINDS_H

#include "convoy/kinds.h"

/** The kinds of a group; an empty list if memory is short. */
const cvy_kinds *cvy_kinds_of(cvy_kind_group group);

/** The group with that name, such as "optimizers", or NULL. */
const cvy_kinds *cvy_kinds_named(const char *name);

/** The kind with that name, or NULL. */
const cvy_kind_info *cvy_kinds_find(const cvy_kinds *kinds, const char *name);

/** The setting with that name, or NULL. */
const cvy_setting_info *cvy_kind_setting(const cvy_kind_info *kind, const char *name);

#endif
