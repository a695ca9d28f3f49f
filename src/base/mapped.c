#include "base/mapped.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>

#include "base/visible.h"

enum { ENTRIES = 64, PATH_ROOM = 256 };
enum { FREE, BEING_WRITTEN, KNOWN };

/* An entry belongs to the thread that took it from FREE to BEING_WRITTEN, until it is FREE again. The
 * handler reads entries that are KNOWN. */
static struct {
    atomic_int state;
    uintptr_t start, end;
    char path[PATH_ROOM];
} entries[ENTRIES];

__attribute__((format(printf, 2, 3))) static void print(char to[PATH_ROOM], const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    cvy_visible_format(to, PATH_ROOM, format, arguments);
    va_end(arguments);
}

void cvy_mapped_remember(const void *bytes, size_t size, const char *path)
{
    for (int i = 0; i < ENTRIES; i++) {
        int expected = FREE;
        if (!atomic_compare_exchange_strong(&entries[i].state, &expected, BEING_WRITTEN))
            continue;
        entries[i].start = (uintptr_t)bytes;
        entries[i].end = entries[i].start + size;
        print(entries[i].path, "%s", path);
        atomic_store(&entries[i].state, KNOWN);
        return;
    }
}

void cvy_mapped_release(void *bytes, size_t size)
{
    for (int i = 0; i < ENTRIES; i++)
        if (atomic_load(&entries[i].state) == KNOWN && entries[i].start == (uintptr_t)bytes) {
            atomic_store(&entries[i].state, FREE);
            break;
        }
    munmap(bytes, size);
}

const char *cvy_mapped_find(const void *address)
{
    const uintptr_t at = (uintptr_t)address;

    for (int i = 0; i < ENTRIES; i++)
        if (atomic_load(&entries[i].state) == KNOWN && at >= entries[i].start &&
            at < entries[i].end)
            return entries[i].path;
    return NULL;
}
