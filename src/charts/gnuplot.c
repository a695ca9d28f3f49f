#define _GNU_SOURCE /* posix_spawn_file_actions_addchdir_np */
#include "charts/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static cvy_pictures_end run(const char *folder, char *commands)
{
    char *const arguments[] = { (char[]){ "gnuplot" }, (char[]){ "-e" }, commands, NULL };
    posix_spawn_file_actions_t actions;
    pid_t child;
    int state = -1;

    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0)
        return CVY_PICTURES_FAILED;
    error = posix_spawn_file_actions_addchdir_np(&actions, folder);
    if (error == 0)
        error = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (error == 0)
        error = posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (error == 0)
        error = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (error == 0)
        error = posix_spawnp(&child, arguments[0], &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0)
        return error == ENOENT || error == EACCES ? CVY_PICTURES_NO_GNUPLOT : CVY_PICTURES_FAILED;
    while (waitpid(child, &state, 0) < 0)
        if (errno != EINTR)
            return CVY_PICTURES_FAILED;
    return WIFEXITED(state) && WEXITSTATUS(state) == 0 ? CVY_PICTURES_DRAWN : CVY_PICTURES_FAILED;
}

cvy_pictures_end cvy_gnuplot_run(const char *folder, const char *const *names, size_t count)
{
    char *commands = NULL;
    size_t bytes = 0;
    FILE *file = open_memstream(&commands, &bytes);

    if (file == NULL)
        return CVY_PICTURES_FAILED;
    for (size_t i = 0; i < count; i++)
        fprintf(file, "load '%s.gp'; unset multiplot; unset output; reset; ", names[i]);
    const bool is_bad = ferror(file) != 0;
    const cvy_pictures_end end =
        fclose(file) == 0 && !is_bad ? run(folder, commands) : CVY_PICTURES_FAILED;
    free(commands);
    return end;
}
