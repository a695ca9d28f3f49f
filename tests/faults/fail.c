/* Makes one call of the C library fail: loaded with LD_PRELOAD into a program that is tested.
 *     CONVOY_FAIL      which: malloc, open, read, write, fsync, rename, mmap, close, mkdir, thread, all, or files: all
 *                      of these but malloc and thread
 *     CONVOY_FAIL_AT   the call that fails, counted from 1 over those of that group; 0: none
 *     CONVOY_FAIL_ON   once (default); on: that call and all after it, as on a disk that is full; or kill: SIGKILL
 *                      before that call
 *     CONVOY_FAIL_LOG  a file that gets the number of calls, and of those that failed, when the program ends
 *     CONVOY_FAIL_SKIP libraries whose calls count but never fail, as parts of their file names with a colon
 *                      between two of them ("libhwloc:liblept"), and what they call in turn
 *     CONVOY_CLOCK     seconds by which the time of day jumps at each look at it, -3600 for instance
 * Calls on stdin, stdout and stderr are left alone; so are those before main(), which belong to the loader. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

typedef enum { MALLOC, OPEN, READ, WRITE, FSYNC, RENAME, MMAP, CLOSE, MKDIR, THREAD, GROUPS } group;
static const char *const names[GROUPS] = { "malloc", "open", "read",  "write", "fsync",
                                           "rename", "mmap", "close", "mkdir", "thread" };
static const int errors[GROUPS] = { ENOMEM, EMFILE, EIO, ENOSPC, EIO,
                                    EIO,    ENOMEM, EIO, ENOSPC, EAGAIN };

static bool is_chosen[GROUPS], stays, kills, is_ready;
static long jump;
static unsigned long fail_at;
static atomic_ulong calls, failures;
static char skipped[256]; /* each name with a NUL after it, then an empty one */

static void read_skipped(const char *list)
{
    if (list == NULL)
        return;
    snprintf(skipped, sizeof skipped - 1, "%s", list);
    for (char *colon = skipped; (colon = strchr(colon, ':')) != NULL;)
        *colon++ = '\0';
}

__attribute__((constructor)) static void begin(void)
{
    const char *which = getenv("CONVOY_FAIL"), *at = getenv("CONVOY_FAIL_AT"),
               *mode = getenv("CONVOY_FAIL_ON"), *seconds = getenv("CONVOY_CLOCK");

    for (int i = 0; which != NULL && i < GROUPS; i++)
        is_chosen[i] = strcmp(which, "all") == 0 || strcmp(which, names[i]) == 0 ||
                       (strcmp(which, "files") == 0 && i != MALLOC && i != THREAD);
    fail_at = at != NULL ? strtoul(at, NULL, 10) : 0;
    stays = mode != NULL && strcmp(mode, "on") == 0;
    kills = mode != NULL && strcmp(mode, "kill") == 0;
    jump = seconds != NULL ? strtol(seconds, NULL, 10) : 0;
    read_skipped(getenv("CONVOY_FAIL_SKIP"));
    (void)backtrace((void *[1]){ NULL }, 1); /* loads what it needs */
    is_ready = true;
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("CONVOY_FAIL_LOG");

    is_ready = false;
    if (path == NULL)
        return;
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return;
    fprintf(file, "%lu %lu\n", atomic_load(&calls), atomic_load(&failures));
    fclose(file);
}

static bool is_in_skipped(void *address)
{
    struct dl_find_object found;

    if (_dl_find_object(address, &found) != 0)
        return false;
    for (const char *name = skipped; *name != '\0'; name += strlen(name) + 1)
        if (strstr(found.dlfo_link_map->l_name, name) != NULL)
            return true;
    return false;
}

/* A library that is left alone is among the callers. */
static bool is_called_by_skipped(void)
{
    enum { DEPTH = 32 };
    void *callers[DEPTH];

    if (skipped[0] == '\0')
        return false;
    const int count = backtrace(callers, DEPTH);
    for (int i = 0; i < count; i++)
        if (is_in_skipped(callers[i]))
            return true;
    return false;
}

/* Counts the call; true: it is to fail, and errno says why. */
static bool must_fail(group g)
{
    if (!is_ready || !is_chosen[g])
        return false;
    const unsigned long number = atomic_fetch_add(&calls, 1) + 1;
    if (fail_at == 0 || number < fail_at || (number > fail_at && !stays) || is_called_by_skipped())
        return false;
    if (kills)
        raise(SIGKILL);
    atomic_fetch_add(&failures, 1);
    errno = errors[g];
    return true;
}

/* The function of that name that would have been called. Found with the loader's own memory, before the
 * first failure. */
#define REAL(type, name, ...)                                                                      \
    static type (*real)(__VA_ARGS__);                                                              \
    if (real == NULL)                                                                              \
        *(void **)&real = dlsym(RTLD_NEXT, name);

/* --- memory: glibc's own names, since dlsym() itself allocates --- */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size)
{
    return must_fail(MALLOC) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return must_fail(MALLOC) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    return must_fail(MALLOC) ? NULL : __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return must_fail(MALLOC) ? NULL : __libc_memalign(alignment, size);
}

void *memalign(size_t alignment, size_t size)
{
    return must_fail(MALLOC) ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    if (must_fail(MALLOC))
        return ENOMEM;
    *memory = __libc_memalign(alignment, size);
    return *memory != NULL ? 0 : ENOMEM;
}

char *strdup(const char *text)
{
    const size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    return copy != NULL ? memcpy(copy, text, size) : NULL;
}

void *mmap(void *at, size_t size, int protection, int flags, int file, off_t offset)
{
    if (must_fail(MMAP))
        return MAP_FAILED;
    return (void *)syscall(SYS_mmap, at, size, protection, flags, file, offset);
}

/* --- files --- */

static mode_t mode_of(int flags, va_list arguments)
{
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
    va_list arguments;

    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return must_fail(OPEN) ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));

int openat(int folder, const char *path, int flags, ...)
{
    va_list arguments;

    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return must_fail(OPEN) ? -1 : (int)syscall(SYS_openat, folder, path, flags, mode);
}

int openat64(int folder, const char *path, int flags, ...) __attribute__((alias("openat")));

FILE *fopen(const char *path, const char *mode)
{
    REAL(FILE *, "fopen", const char *, const char *)
    return must_fail(OPEN) ? NULL : real(path, mode);
}

FILE *fopen64(const char *path, const char *mode) __attribute__((alias("fopen")));

ssize_t read(int file, void *bytes, size_t size)
{
    return file > STDERR_FILENO && must_fail(READ) ? -1 : syscall(SYS_read, file, bytes, size);
}

size_t fread(void *bytes, size_t size, size_t count, FILE *file)
{
    REAL(size_t, "fread", void *, size_t, size_t, FILE *)
    return file != stdin && must_fail(READ) ? 0 : real(bytes, size, count, file);
}

/* A disk that is full may take a part. */
ssize_t write(int file, const void *bytes, size_t size)
{
    return file > STDERR_FILENO && must_fail(WRITE) ? -1 : syscall(SYS_write, file, bytes, size);
}

/* stdio writes by calls of its own that cannot be replaced: it is made to fail where it is flushed. */
int fflush(FILE *file)
{
    REAL(int, "fflush", FILE *)
    if (file != NULL && file != stdout && file != stderr && fileno(file) > STDERR_FILENO &&
        must_fail(WRITE))
        return EOF;
    return real(file);
}

int fsync(int file)
{
    return must_fail(FSYNC) ? -1 : (int)syscall(SYS_fsync, file);
}

int ftruncate(int file, off_t size)
{
    return must_fail(WRITE) ? -1 : (int)syscall(SYS_ftruncate, file, size);
}

int ftruncate64(int file, off64_t size) __attribute__((alias("ftruncate")));

int rename(const char *from, const char *to)
{
    return must_fail(RENAME) ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    return must_fail(RENAME) ? -1
                             : (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, 0);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    return must_fail(RENAME) ? -1
                             : (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
}

/* The descriptor is gone all the same, as on Linux. */
int close(int file)
{
    const int result = (int)syscall(SYS_close, file);
    return file > STDERR_FILENO && must_fail(CLOSE) ? -1 : result;
}

int mkdir(const char *path, mode_t mode)
{
    return must_fail(MKDIR) ? -1 : (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                   void *context)
{
    REAL(int, "pthread_create", pthread_t *, const pthread_attr_t *, void *(*)(void *), void *)
    return must_fail(THREAD) ? EAGAIN : real(thread, attributes, run, context);
}

/* --- the time of day --- */

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static atomic_long looks;
    const int result = (int)syscall(SYS_clock_gettime, clock, now);

    if (result == 0 && clock == CLOCK_REALTIME && jump != 0)
        now->tv_sec += jump * (atomic_fetch_add(&looks, 1) + 1);
    return result;
}

time_t time(time_t *seconds)
{
    struct timespec now = { 0 };

    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (seconds != NULL)
        *seconds = now.tv_sec;
    return now.tv_sec;
}
