#include "cli/kinds.h"

#include <string.h>

const cvy_kinds *cvy_kinds_of(cvy_kind_group group)
{
    static const cvy_kinds none = { .name = "", .title = "" };
    const cvy_kinds *kinds;

    return cvy_kinds_get(group, &kinds) == CVY_OK ? kinds : &none;
}

const cvy_kinds *cvy_kinds_named(const char *name)
{
    for (int group = 0; group < CVY_KINDS_COUNT; group++)
        if (strcmp(cvy_kinds_of((cvy_kind_group)group)->name, name) == 0)
            return cvy_kinds_of((cvy_kind_group)group);
    return NULL;
}

const cvy_kind_info *cvy_kinds_find(const cvy_kinds *kinds, const char *name)
{
    for (size_t i = 0; i < kinds->count; i++)
        if (strcmp(kinds->kinds[i]->name, name) == 0)
            return kinds->kinds[i];
    return NULL;
}

const cvy_setting_info *cvy_kind_setting(const cvy_kind_info *kind, const char *name)
{
    for (size_t i = 0; i < kind->setting_count; i++)
        if (strcmp(kind->settings[i]->name, name) == 0)
            return kind->settings[i];
    return NULL;
}
