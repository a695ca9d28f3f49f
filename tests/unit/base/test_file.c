/* Reading and replacing whole files: a file appears under its name when it is complete, and a failure
 * before that leaves nothing behind. Each test has an empty folder of its own. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/output.h"

static char folder[] = "/tmp/convoy-file-XXXXXX", path[64];

static void enter_folder(void)
{
    cr_assert(ne(ptr, mkdtemp(folder), NULL));
    snprintf(path, sizeof path, "%s/out", folder);
}

/* How many names there are in the folder; they are removed when asked. */
static size_t count_names(bool remove_them)
{
    DIR *listing = opendir(folder);
    const struct dirent *entry;
    size_t count = 0;

    cr_assert(ne(ptr, listing, NULL));
    while ((entry = readdir(listing)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        count++;
        if (remove_them)
            unlinkat(dirfd(listing), entry->d_name, 0);
    }
    closedir(listing);
    return count;
}

static void leave_folder(void)
{
    rmdir(path); /* where a test made a folder of that name */
    count_names(true);
    cr_expect(zero(int, rmdir(folder)));
}

TestSuite(output, .init = enter_folder, .fini = leave_folder);
TestSuite(input, .init = enter_folder, .fini = leave_folder);
TestSuite(names, .init = enter_folder, .fini = leave_folder);

static void expect_sentence(const char *part)
{
    cr_expect(zero(int, strncmp(cvy_error_message(), folder, strlen(folder))), "%s",
              cvy_error_message());
    cr_expect(ne(ptr, strstr(cvy_error_message(), part), NULL), "%s", cvy_error_message());
}

static void expect_content(const char *expected)
{
    unsigned char *bytes;
    size_t size;

    cr_assert(eq(int, cvy_file_read(path, 1000, &bytes, &size), CVY_OK));
    cr_expect(eq(str, (char *)bytes, (char *)expected));
    cr_expect(eq(sz, size, strlen(expected)));
    cvy_memory_free(bytes);
}

static cvy_output *open_output(void)
{
    cvy_output *output;

    cr_assert(eq(int, cvy_output_open(path, &output), CVY_OK), "%s", cvy_error_message());
    return output;
}

Test(output, nothing_has_the_name_before_the_commit)
{
    cvy_output *output = open_output();

    cr_expect(eq(int, cvy_output_write(output, "one ", 4), CVY_OK));
    cr_expect(eq(int, cvy_output_write(output, "", 0), CVY_OK));
    cr_expect(eq(int, cvy_output_write(output, "two", 3), CVY_OK));
    cr_expect(ne(int, access(path, F_OK), 0));
    cr_expect(eq(int, cvy_output_commit(output), CVY_OK));
    expect_content("one two");
    cr_expect(eq(sz, count_names(false), 1));
}

Test(output, discarding_leaves_nothing)
{
    cvy_output *output = open_output();

    cr_expect(eq(int, cvy_output_write(output, "one", 3), CVY_OK));
    cvy_output_discard(output);
    cvy_output_discard(NULL);
    cr_expect(zero(sz, count_names(false)));
}

Test(output, an_older_file_stays_until_the_commit)
{
    cr_assert(eq(int, cvy_file_write(path, "old", 3), CVY_OK));

    cvy_output *output = open_output();
    cr_expect(eq(int, cvy_output_write(output, "new", 3), CVY_OK));
    expect_content("old");
    cvy_output_discard(output);
    expect_content("old");

    output = open_output();
    cr_expect(eq(int, cvy_output_write(output, "newer", 5), CVY_OK));
    expect_content("old");
    cr_expect(eq(int, cvy_output_commit(output), CVY_OK));
    expect_content("newer");
    cr_expect(eq(sz, count_names(false), 1));
}

static unsigned permissions(void)
{
    struct stat about;

    cr_assert(zero(int, stat(path, &about)));
    return about.st_mode & 0777;
}

Test(output, permissions_are_the_older_files_or_the_usual)
{
    umask(027);
    cr_assert(eq(int, cvy_file_write(path, "", 0), CVY_OK));
    cr_expect(eq(uint, permissions(), 0640));
    expect_content("");
    chmod(path, 0604);
    cr_assert(eq(int, cvy_file_write(path, "x", 1), CVY_OK));
    cr_expect(eq(uint, permissions(), 0604));
    cr_expect(eq(uint, (unsigned)umask(022), 027)); /* as it was set */
}

static void expect_not_opened(const char *name, const char *part)
{
    cvy_output *output = (cvy_output *)folder;

    cr_expect(eq(int, cvy_output_open(name, &output), CVY_ERR_OPEN), "%s", name);
    cr_expect(eq(ptr, output, NULL), "%s", name);
    cr_expect(ne(ptr, strstr(cvy_error_message(), part), NULL), "%s", cvy_error_message());
    cr_expect(zero(int, strncmp(cvy_error_message(), name, strlen(name))), "%s",
              cvy_error_message());
}

Test(output, a_missing_folder_is_refused)
{
    char missing[96], in_a_file[96];

    snprintf(missing, sizeof missing, "%s/missing/out", folder);
    expect_not_opened(missing, "No such file or directory");
    cr_assert(eq(int, cvy_file_write(path, "x", 1), CVY_OK));
    snprintf(in_a_file, sizeof in_a_file, "%s/below", path);
    expect_not_opened(in_a_file, "Not a directory");
    cr_expect(eq(sz, count_names(false), 1));
}

Test(output, a_folder_is_no_file_to_write)
{
    char slash[96];

    snprintf(slash, sizeof slash, "%s/", path);
    expect_not_opened(slash, "expected the name of a file");
    expect_not_opened("", "expected the name of a file");
    expect_not_opened(folder, "expected the name of a file");
    cr_expect(zero(sz, count_names(false)));
}

/* The system lets root write everywhere, so that root has to become somebody else for a moment. */
Test(output, an_unwritable_folder_is_refused)
{
    const bool is_root = geteuid() == 0;

    cr_assert(zero(int, chmod(folder, 0555)));
    if (is_root && seteuid(65534) != 0)
        cr_skip("root who cannot become somebody else");
    expect_not_opened(path, "Permission denied");
    if (is_root)
        cr_assert(zero(int, seteuid(0)));
    cr_assert(zero(int, chmod(folder, 0755)));
    cr_expect(zero(sz, count_names(false)));
}

/* A limit on the size of files stands for a disk that is full. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;

    signal(SIGXFSZ, SIG_IGN);
    cr_assert(zero(int, getrlimit(RLIMIT_FSIZE, &limit)));
    limit.rlim_cur = bytes;
    cr_assert(zero(int, setrlimit(RLIMIT_FSIZE, &limit)));
}

Test(output, what_does_not_fit_leaves_the_older_file)
{
    static char bytes[100000];

    cr_assert(eq(int, cvy_file_write(path, "old", 3), CVY_OK));
    limit_files(50000);
    cvy_status status = cvy_file_write(path, bytes, sizeof bytes);
    limit_files(RLIM_INFINITY);
    cr_expect(eq(int, status, CVY_ERR_WRITE));
    expect_sentence("/out: File too large");
    expect_content("old");
    cr_expect(eq(sz, count_names(false), 1));
}

/* Somebody makes a folder of that name in the meantime: the rename fails. */
Test(output, a_commit_that_fails_leaves_nothing)
{
    cvy_output *output = open_output();

    cr_expect(eq(int, cvy_output_write(output, "one", 3), CVY_OK));
    cr_assert(zero(int, mkdir(path, 0755)));
    cr_expect(eq(int, cvy_output_commit(output), CVY_ERR_WRITE));
    expect_sentence("/out: ");
    cr_expect(eq(sz, count_names(false), 1));
}

Test(output, a_name_without_a_folder_is_here)
{
    cr_assert(zero(int, chdir(folder)));
    cr_expect(eq(int, cvy_file_write("out", "here", 4), CVY_OK));
    expect_content("here");
    cr_assert(zero(int, chdir("/")));
}

static void expect_not_read(const char *name, size_t limit, cvy_status status, const char *part)
{
    unsigned char *bytes;
    size_t size;

    cr_expect(eq(int, cvy_file_read(name, limit, &bytes, &size), status), "%s", name);
    expect_sentence(part);
}

Test(input, what_is_missing_or_no_file_is_refused)
{
    expect_not_read(path, 1000, CVY_ERR_OPEN, "No such file or directory");
    expect_not_read(folder, 1000, CVY_ERR_READ, "a folder, expected a file");
    cr_assert(zero(int, mkfifo(path, 0600)));
    expect_not_read(path, 1000, CVY_ERR_READ, "not a regular file"); /* and nobody waits */
}

Test(input, the_limit_is_kept)
{
    cr_assert(eq(int, cvy_file_write(path, "12345", 5), CVY_OK));
    expect_not_read(path, 4, CVY_ERR_READ, "5 bytes, expected at most 4");

    unsigned char *bytes;
    size_t size;
    cr_assert(eq(int, cvy_file_read(path, 5, &bytes, &size), CVY_OK));
    cr_expect(eq(sz, size, 5));
    cr_expect(zero(uint, bytes[5])); /* text can be parsed in place */
    cvy_memory_free(bytes);
}

Test(input, every_byte_comes_back)
{
    unsigned char all[256], *bytes;
    size_t size;

    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (unsigned char)i;
    cr_assert(eq(int, cvy_file_write(path, all, sizeof all), CVY_OK));
    cr_assert(eq(int, cvy_file_read(path, 256, &bytes, &size), CVY_OK));
    cr_expect(eq(sz, size, sizeof all));
    cr_expect(zero(int, memcmp(bytes, all, sizeof all)));
    cvy_memory_free(bytes);
}

static void expect_content_of(const char *name, const char *expected)
{
    char shown[96];

    snprintf(shown, sizeof shown, "%s", path);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    expect_content(expected);
    memcpy(path, shown, sizeof path);
}

Test(output, a_link_stays_and_its_target_is_replaced)
{
    struct stat about;
    char target[96];

    snprintf(target, sizeof target, "%s/v1", folder);
    cr_assert(zero(int, symlink("v1", path)));
    cr_expect(eq(int, cvy_file_write(path, "one", 3), CVY_OK)); /* a link to nothing yet */
    expect_content_of("v1", "one");
    cr_expect(eq(int, cvy_file_write(path, "two", 3), CVY_OK));
    expect_content_of("v1", "two");
    cr_assert(zero(int, lstat(path, &about)));
    cr_expect(eq(uint, about.st_mode & S_IFMT, S_IFLNK));
    cr_assert(zero(int, lstat(target, &about)));
    cr_expect(eq(uint, about.st_mode & S_IFMT, S_IFREG));
    cr_expect(eq(sz, count_names(false), 2));
}

Test(output, a_chain_of_links_between_folders_is_followed)
{
    char inner[96], link[96], file[96];

    snprintf(inner, sizeof inner, "%s/in", folder);
    snprintf(link, sizeof link, "%s/in/link", folder);
    snprintf(file, sizeof file, "%s/in/file", folder);
    cr_assert(zero(int, mkdir(inner, 0755)));
    cr_assert(zero(int, symlink("in/link", path)));
    cr_assert(zero(int, symlink(file, link)));
    cr_expect(eq(int, cvy_file_write(path, "one", 3), CVY_OK));
    expect_content_of("in/file", "one");
    unlink(file);
    unlink(link);
    rmdir(inner);
}

Test(output, links_in_a_circle_are_refused)
{
    cr_assert(zero(int, symlink("out", path)));
    expect_not_opened(path, "symbolic links");
    cr_expect(eq(sz, count_names(false), 1));
}

Test(output, a_device_is_written_and_not_replaced)
{
    struct stat before, after;

    cr_assert(zero(int, stat("/dev/null", &before)));
    cr_expect(eq(int, cvy_file_write("/dev/null", "x", 1), CVY_OK));
    cr_assert(zero(int, stat("/dev/null", &after)));
    cr_expect(eq(uint, after.st_mode & S_IFMT, S_IFCHR));
    cr_expect(eq(ulong, after.st_ino, before.st_ino));
    cr_expect(eq(int, cvy_file_write("/dev/full", "x", 1), CVY_ERR_WRITE));
}

Test(output, a_pipe_gets_the_bytes)
{
    char got[4] = "";

    cr_assert(zero(int, mkfifo(path, 0600)));
    FILE *reader = fdopen(open(path, O_RDONLY | O_NONBLOCK), "r");
    cr_assert(ne(ptr, reader, NULL));
    cr_expect(eq(int, cvy_file_write(path, "one", 3), CVY_OK));
    cr_expect(eq(sz, fread(got, 1, 3, reader), 3));
    cr_expect(eq(str, got, (char *)"one"));
    fclose(reader);
}

Test(output, a_long_name_needs_no_longer_one)
{
    char longest[NAME_MAX + 1], name[NAME_MAX + 64];

    memset(longest, 'n', NAME_MAX);
    longest[NAME_MAX] = '\0';
    snprintf(name, sizeof name, "%s/%s", folder, longest);
    cr_expect(eq(int, cvy_file_write(name, "x", 1), CVY_OK), "%s", cvy_error_message());
}

Test(output, a_name_that_is_too_long_is_refused_before_anything_is_written)
{
    char name[NAME_MAX + 64];

    snprintf(name, sizeof name, "%s/%0*d", folder, NAME_MAX + 1, 0);
    expect_not_opened(name, "File name too long");
    cr_expect(zero(sz, count_names(false)));
}

/* The process's mask must never be changed, not even for a moment: other threads create files too. */
Test(output, the_mask_of_the_process_is_left_alone)
{
    enum { FILES = 600 };
    char other[96];
    struct stat about;

    umask(077);
#pragma omp parallel sections num_threads(2)
    {
#pragma omp section
        for (int i = 0; i < FILES / 4; i++)
            cvy_file_write(path, "x", 1);
#pragma omp section
        for (int i = 0; i < FILES; i++) {
            snprintf(other, sizeof other, "%s/other", folder);
            const int file = open(other, O_WRONLY | O_CREAT | O_EXCL, 0666);
            cr_expect(zero(int, fstat(file, &about)));
            cr_expect(eq(uint, about.st_mode & 0777, 0600));
            close(file);
            unlink(other);
        }
    }
}

Test(input, a_failed_read_leaves_no_pointer)
{
    unsigned char *bytes = (unsigned char *)folder;
    size_t size;

    cr_expect(eq(int, cvy_file_read(path, 1000, &bytes, &size), CVY_ERR_OPEN));
    cr_expect(eq(ptr, bytes, NULL));
}

/* --- two names of one file --- */

Test(names, one_file_has_many)
{
    char other[512];

    cr_assert_eq(cvy_file_write(path, "x", 1), CVY_OK);
    snprintf(other, sizeof other, "%s/./out", folder);
    cr_expect(cvy_file_is_same(path, other));
    snprintf(other, sizeof other, "%s/hard", folder);
    cr_assert_eq(link(path, other), 0);
    cr_expect(cvy_file_is_same(path, other));
    snprintf(other, sizeof other, "%s/soft", folder);
    cr_assert_eq(symlink("out", other), 0);
    cr_expect(cvy_file_is_same(path, other));
    snprintf(other, sizeof other, "%s/another", folder);
    cr_expect_not(cvy_file_is_same(path, other));
    cr_assert_eq(cvy_file_write(other, "x", 1), CVY_OK);
    cr_expect_not(cvy_file_is_same(path, other));
}

Test(names, a_file_that_is_not_there_yet_has_many_too)
{
    char other[512];

    snprintf(other, sizeof other, "%s/../%s/out", folder, strrchr(folder, '/') + 1);
    cr_expect(cvy_file_is_same(path, other));
    snprintf(other, sizeof other, "%s/soft", folder);
    cr_assert_eq(symlink("out", other), 0);
    cr_expect(cvy_file_is_same(path, other));
    cr_expect_not(cvy_file_is_same("nowhere/out", path));
    snprintf(other, sizeof other, "%s/round", folder);
    cr_assert_eq(symlink("round", other), 0);
    cr_expect_not(cvy_file_is_same(other, path));
}
