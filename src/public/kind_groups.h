/* The internal lists behind the public groups of kinds. */
#ifndef CVY_PUBLIC_KIND_GROUPS_H
#define CVY_PUBLIC_KIND_GROUPS_H

#include "base/settings.h"
#include "convoy/kinds.h"

/** The list of a valid group; NULL for one without settings. */
const cvy_kind *const *cvy_kinds_list(cvy_kind_group group);

/** "optimizer": begins the sentences of failures. */
const char *cvy_kinds_what(cvy_kind_group group);

#endif
