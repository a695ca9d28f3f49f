#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/program.h"
#include "cli/ranks.h"
#include "cli/signals.h"

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

int main(int count, char **arguments)
{
    if (occupy_standard_files() != 0)
        return CVY_EXIT_FAILED; /* and there is nowhere to report it */
    forget_dead_namesake();
    cvy_signals_prepare();
    const int result = cvy_program_run(cvy_commands, count, arguments);
    return cvy_signals_settle(cvy_ranks_leave(result));
}
