/* Load Leptonica once per process, with its messages disabled. */
#include "pictures/leptonica.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

static cvy_leptonica table;
static const char *missing; /* the library or function not found */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void)
{
    void *handle = dlopen(CVY_LEPTONICA_FILE, RTLD_NOW | RTLD_LOCAL);

    if (handle == NULL) {
        missing = CVY_LEPTONICA_FILE;
        return;
    }
    void *address;
#define CVY_FIND(name)                                                                             \
    address = dlsym(handle, #name);                                                                \
    if (address == NULL)                                                                           \
        missing = #name;                                                                           \
    memcpy(&table.name, &address, sizeof address);
    CVY_LEPTONICA_FUNCTIONS(CVY_FIND)
#undef CVY_FIND
    if (missing == NULL)
        table.setMsgSeverity(L_SEVERITY_NONE); /* a library must not print */
}

cvy_status cvy_leptonica_open(const cvy_leptonica **library)
{
    pthread_once(&once, load);
    if (missing != NULL)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "photographs are read with Leptonica, and %s was not found: install the "
                        "package liblept5 (Debian) or leptonica",
                        missing);
    *library = &table;
    return CVY_OK;
}
