#include "callbacks/logs.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

const double *cvy_logs_find(const cvy_logs *logs, const char *name)
{
    for (size_t i = 0; i < logs->count; i++)
        if (strcmp(logs->entries[i].name, name) == 0)
            return &logs->entries[i].value;
    return NULL;
}

void cvy_logs_set(cvy_logs *logs, const char *name, double value)
{
    size_t i = 0;

    while (i < logs->count && strcmp(logs->entries[i].name, name) != 0)
        i++;
    assert(i < CVY_LOGS_MAX);
    logs->entries[i] = (cvy_log_entry){ name, (double)(float)value };
    logs->count += i == logs->count;
}

void cvy_logs_print_names(const cvy_logs *logs, char *text, size_t size)
{
    size_t length = (size_t)snprintf(text, size, "%s", logs->count == 0 ? "nothing" : "");

    for (size_t i = 0; i < logs->count && length < size; i++)
        length += (size_t)snprintf(text + length, size - length, "%s%s", i > 0 ? ", " : "",
                                   logs->entries[i].name);
}
