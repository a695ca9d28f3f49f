/* A process killed in the middle of a write leaves its temporary file; the next one that writes in that folder
 * removes it. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/output.h"
#include "base/stale.h"

static char folder[] = "/tmp/convoy-stale-XXXXXX", path[64];

static void enter_folder(void)
{
    cr_assert(ne(ptr, mkdtemp(folder), NULL));
    snprintf(path, sizeof path, "%s/out", folder);
}

static size_t count_names(void)
{
    DIR *listing = opendir(folder);
    const struct dirent *entry;
    size_t count = 0;

    cr_assert(ne(ptr, listing, NULL));
    while ((entry = readdir(listing)) != NULL)
        count += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
    closedir(listing);
    return count;
}

static void leave_folder(void)
{
    unlink(path);
    cr_expect(zero(int, rmdir(folder)), "something is left");
}

TestSuite(stale, .init = enter_folder, .fini = leave_folder);

/* A process that has begun to write, and ends with `commit`, or at once by SIGKILL where there is none to wait for. */
static pid_t begin_to_write(const int commit[2], const int begun[2])
{
    const pid_t child = fork();
    cvy_output *output;
    char byte = 0;

    if (child != 0)
        return child;
    if (cvy_output_open(path, &output) != CVY_OK)
        _exit(1);
    if (commit == NULL)
        raise(SIGKILL);
    close(commit[1]);
    if (write(begun[1], &byte, 1) != 1 || read(commit[0], &byte, 1) != 0 ||
        cvy_output_write(output, "one", 3) != CVY_OK)
        _exit(1);
    _exit(cvy_output_commit(output) != CVY_OK);
}

Test(stale, files_of_killed_processes_are_removed_and_others_stay)
{
    int commit[2], begun[2], status;
    cvy_output *output;
    char byte;

    cr_assert(pipe(commit) == 0 && pipe(begun) == 0);
    const pid_t alive = begin_to_write(commit, begun);
    cr_assert(eq(int, (int)read(begun[0], &byte, 1), 1));
    const pid_t killed = begin_to_write(NULL, NULL);
    cr_assert(eq(int, waitpid(killed, &status, 0), killed));
    cr_assert(eq(int, WTERMSIG(status), SIGKILL));
    cr_assert(eq(sz, count_names(), 2));
    cr_assert(eq(int, cvy_output_open(path, &output), CVY_OK));
    cr_expect(eq(sz, count_names(), 2), "that of the living process, and ours");
    cvy_output_discard(output);
    cr_expect(eq(sz, count_names(), 1));
    close(commit[1]);
    cr_assert(eq(int, waitpid(alive, &status, 0), alive));
    cr_expect(eq(int, status, 0));
    cr_expect(eq(sz, count_names(), 1), "out");
    close(commit[0]);
    close(begun[0]);
    close(begun[1]);
}

Test(stale, only_names_of_temporary_files_are_removed)
{
    static const char *const names[] = { ".convoy-", ".convoy-.tmp", ".convoy-1.tmp.gz",
                                         "convoy-1.tmp", ".convoy-1" };
    enum { COUNT = sizeof names / sizeof *names };
    const int opened = open(folder, O_RDONLY | O_DIRECTORY);

    for (size_t i = 0; i < COUNT; i++)
        close(openat(opened, names[i], O_WRONLY | O_CREAT, 0666));
    close(openat(opened, ".convoy-1.tmp", O_WRONLY | O_CREAT, 0666));
    cvy_stale_clear(opened);
    cr_expect(eq(sz, count_names(), COUNT));
    for (size_t i = 0; i < COUNT; i++)
        unlinkat(opened, names[i], 0);
    close(opened);
}
