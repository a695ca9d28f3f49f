#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
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

int main(int count, char **arguments)
{
    if (occupy_standard_files() != 0)
        return CVY_EXIT_FAILED; /* and there is nowhere to report it */
    cvy_signals_prepare();
    const int result = cvy_program_run(cvy_commands, count, arguments);
    return cvy_signals_settle(cvy_ranks_leave(result));
}
