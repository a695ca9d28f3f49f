#define _GNU_SOURCE /* pthread_setattr_default_np() */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/program.h"
#include "cli/ranks.h"
#include "cli/signals.h"

enum { STACK_BYTES = 1 << 20, STACK_MIN_KIB = 256 };

/* A program may be started without stdin, stdout or stderr. The next file that it opened would get
 * the free descriptor, and printed text would end up in that file. The root folder can always be
 * opened, and every read or write of it fails. */
static int occupy_standard_files(void)
{
    for (int number = STDIN_FILENO; number <= STDERR_FILENO; number++)
        if (fcntl(number, F_GETFD) == -1 && errno == EBADF &&
            open("/", O_RDONLY | O_DIRECTORY) != number)
            return -1;
    return 0;
}

/* LLVM's OpenMP keeps a block of shared memory by the process's number. One that a process of this number left behind,
 * killed before it had a size, would end this one with SIGBUS at the first parallel region. */
static void forget_dead_namesake(void)
{
#if defined(__clang__) && defined(_OPENMP)
    char name[64];

    snprintf(name, sizeof name, "/__KMP_REGISTERED_LIB_%d_%d", (int)getpid(), (int)getuid());
    shm_unlink(name);
#endif
}

/* With a small `ulimit -s` the program would end with a segmentation fault somewhere in its work. The stack
 * grows up to the limit of the moment, so the limit is raised first, as far as the system allows. Threads
 * created from now on have that size too. Returns the size in KiB. */
static size_t make_room_for_stack(void)
{
    struct rlimit limit;
    pthread_attr_t attributes;

    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
        limit.rlim_cur >= STACK_BYTES)
        return STACK_BYTES >> 10;
    struct rlimit wanted = { STACK_BYTES,
                             limit.rlim_max < STACK_BYTES ? STACK_BYTES : limit.rlim_max };
    if (setrlimit(RLIMIT_STACK, &wanted) != 0) {
        wanted = (struct rlimit){ limit.rlim_max, limit.rlim_max };
        if (setrlimit(RLIMIT_STACK, &wanted) != 0)
            wanted = limit;
    }
    if (pthread_attr_init(&attributes) == 0) {
        pthread_attr_setstacksize(&attributes, wanted.rlim_cur);
        pthread_setattr_default_np(&attributes);
        pthread_attr_destroy(&attributes);
    }
    return wanted.rlim_cur >> 10;
}

int main(int count, char **arguments)
{
    if (occupy_standard_files() != 0)
        return CVY_EXIT_FAILED; /* and there is nowhere to report it */
    const size_t stack = make_room_for_stack();
    if (stack < STACK_MIN_KIB) {
        fprintf(stderr, "convoy: ulimit -s: found %zu KiB of stack, expected at least %d\n", stack,
                (int)STACK_MIN_KIB);
        return CVY_EXIT_FAILED;
    }
    setenv("HWLOC_HIDE_ERRORS", "2", 0); /* where /sys is missing, hwloc prints a line of its own */
    forget_dead_namesake();
    cvy_signals_prepare();
    const int result = cvy_program_run(cvy_commands, count, arguments);
    return cvy_signals_settle(cvy_ranks_leave(result));
}
