#include "base/memory.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Request large pages for blocks of several megabytes: every step reads and writes weights and
 * their moments from end to end, and each small page costs a page table walk. This is only a hint.
 * Only whole large pages inside the block are requested, so that no extra memory is used. */
static void ask_for_large_pages(char *block, size_t bytes)
{
#ifdef MADV_HUGEPAGE
    enum { LARGE = 2 << 20 };
    const size_t before = (LARGE - (uintptr_t)block % LARGE) % LARGE;

    if (bytes >= 2 * (size_t)LARGE)
        (void)madvise(block + before, (bytes - before) / LARGE * LARGE, MADV_HUGEPAGE);
#else
    (void)block, (void)bytes;
#endif
}

/* calloc() gets large blocks from the system and leaves their pages untouched, so each page is
 * placed on the memory node of the worker that first writes to it. The address to free() is stored
 * just before the memory that the caller gets. */
static cvy_status create(size_t count, size_t size, bool is_zeroed, void *memory)
{
    void **result = memory;
    size_t bytes;

    *result = NULL;
    if (!cvy_size_multiply(count, size, &bytes) || bytes > PTRDIFF_MAX - 2 * CVY_CACHE_LINE)
        return cvy_fail(CVY_ERR_MEMORY,
                        "%zu times %zu bytes are more than this machine can address", count, size);
    if (bytes == 0)
        return CVY_OK;
    const size_t taken = cvy_round_to_line(bytes) + CVY_CACHE_LINE;
    char *block = is_zeroed ? calloc(1, taken) : malloc(taken);
    if (block == NULL)
        return cvy_fail(CVY_ERR_MEMORY, "out of memory: %zu bytes were asked for", bytes);
    static_assert(_Alignof(max_align_t) >= sizeof block, "room for the pointer");
    ask_for_large_pages(block, bytes);
    char *aligned = block + CVY_CACHE_LINE - (uintptr_t)block % CVY_CACHE_LINE;
    memcpy(aligned - sizeof block, &block, sizeof block);
    *result = aligned;
    return CVY_OK;
}

cvy_status cvy_memory_create(size_t count, size_t size, void *memory)
{
    return create(count, size, true, memory);
}

cvy_status cvy_memory_create_raw(size_t count, size_t size, void *memory)
{
    return create(count, size, false, memory);
}

void cvy_memory_free(void *memory)
{
    char *block = NULL;

    if (memory != NULL)
        memcpy(&block, (char *)memory - sizeof block, sizeof block);
    free(block);
}

size_t cvy_memory_installed(void)
{
    const long pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
    size_t bytes;

    if (pages <= 0 || page_bytes <= 0 ||
        !cvy_size_multiply((size_t)pages, (size_t)page_bytes, &bytes))
        return SIZE_MAX;
    return bytes;
}

cvy_status cvy_text_copy(const char *text, char **copy)
{
    size_t bytes = strlen(text) + 1;
    cvy_status status = cvy_memory_create(bytes, 1, copy);
    if (status == CVY_OK)
        memcpy(*copy, text, bytes);
    return status;
}

size_t cvy_layout_add(cvy_layout *layout, size_t count, size_t size)
{
    size_t offset = layout->bytes, bytes;

    if (!cvy_size_multiply(count, size, &bytes) || bytes > SIZE_MAX - CVY_CACHE_LINE ||
        __builtin_add_overflow(offset, cvy_round_to_line(bytes), &layout->bytes))
        layout->bytes = SIZE_MAX;
    return offset;
}
