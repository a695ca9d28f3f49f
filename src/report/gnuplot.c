#define _GNU_SOURCE /* posix_spawn_file_actions_addchdir_np */
#include "report/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

bool cvy_gnuplot_run(const char *folder, const char *script)
{
    char *const arguments[] = { (char[]){ "gnuplot" }, (char *)(size_t)script, NULL };
    posix_spawn_file_actions_t actions;
    pid_t child;
    int state = -1;

    if (posix_spawn_file_actions_init(&actions) != 0)
        return false;
    bool is_well =
        posix_spawn_file_actions_addchdir_np(&actions, folder) == 0 &&
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) == 0 &&
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
        posix_spawnp(&child, arguments[0], &actions, NULL, arguments, environ) == 0;
    posix_spawn_file_actions_destroy(&actions);
    while (is_well && waitpid(child, &state, 0) < 0)
        is_well = errno == EINTR;
    return is_well && WIFEXITED(state) && WEXITSTATUS(state) == 0;
}
