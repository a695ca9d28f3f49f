#include "base/temporary.h"

#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum { ENTRIES = 16 };
enum { FREE, BEING_WRITTEN, KNOWN };

/* An entry belongs to the thread that took it from FREE to BEING_WRITTEN. The handler reads entries
 * that are KNOWN. If one is reused at that moment, the handler may read a mixed name, which no file
 * has. */
static struct {
    atomic_int state;
    int folder;
    char name[PATH_MAX];
} entries[ENTRIES];

int cvy_temporary_remember(int folder, const char *name)
{
    const size_t size = strlen(name) + 1;

    for (int i = 0; size <= PATH_MAX && i < ENTRIES; i++) {
        int expected = FREE;
        if (!atomic_compare_exchange_strong(&entries[i].state, &expected, BEING_WRITTEN))
            continue;
        entries[i].folder = folder;
        memcpy(entries[i].name, name, size);
        atomic_store(&entries[i].state, KNOWN);
        return i;
    }
    return -1;
}

void cvy_temporary_forget(int entry)
{
    if (entry >= 0)
        atomic_store(&entries[entry].state, FREE);
}

void cvy_temporary_remove_all(void)
{
    static const int flags[] = { 0, AT_REMOVEDIR };

    for (int k = 0; k < 2; k++)
        for (int i = 0; i < ENTRIES; i++)
            if (atomic_load(&entries[i].state) == KNOWN)
                unlinkat(entries[i].folder, entries[i].name, flags[k]);
}
