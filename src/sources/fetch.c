/* Fetch a data set: download each file from the first mirror that has it, check it, and unpack
 * archives. A file gets its name only when it is complete and its SHA-256 matches; until then it is
 * called NAME.part, and the next call resumes it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/memory.h"
#include "base/output.h"
#include "formats/download.h"
#include "formats/tar_archive.h"
#include "formats/zip_archive.h"
#include "sources/remote_sets.h"

enum { PATH_BYTES = 4096, BLOCK_BYTES = 1 << 16 };

/* A file being downloaded. */
typedef struct {
    const cvy_remote_file *remote;
    const cvy_fetch_options *options;
    const char *folder;
    char path[PATH_BYTES], part[PATH_BYTES];
} fetching;

static void tell(const fetching *f, const char *place, const char *what)
{
    char sentence[CVY_ERROR_BYTES];

    if (f->options->on_event == NULL)
        return;
    snprintf(sentence, sizeof sentence, "%s%s%s", place, what[0] != '\0' ? ": " : "", what);
    f->options->on_event(f->options->context, sentence);
}

static bool tell_progress(void *context, uint64_t done, uint64_t total)
{
    const fetching *f = context;

    return f->options->on_progress == NULL ||
           f->options->on_progress(f->options->context, f->remote->name, done,
                                   total > 0 ? total : f->remote->bytes);
}

/* ---- digests ---- */

static cvy_status digest_file(FILE *file, const char *path, char text[CVY_DIGEST_HEX_BYTES])
{
    unsigned char *block;
    cvy_digest *digest;
    cvy_status status = cvy_digest_create(&digest);

    if (status != CVY_OK)
        return status;
    status = cvy_memory_create(BLOCK_BYTES, 1, &block);
    for (size_t count; status == CVY_OK && (count = fread(block, 1, BLOCK_BYTES, file)) > 0;)
        cvy_digest_add(digest, block, count);
    if (status == CVY_OK && ferror(file))
        status = cvy_fail(CVY_ERR_READ, "%s: %s", path, strerror(errno));
    cvy_digest_finish(digest, text);
    cvy_memory_free(block);
    return status;
}

/* Check that the file exists with the expected content. One of another size is not read. */
static cvy_status check_file(const char *path, const cvy_remote_file *remote, bool *is_whole)
{
    char text[CVY_DIGEST_HEX_BYTES];
    struct stat about;

    *is_whole = false;
    if (stat(path, &about) != 0)
        return errno == ENOENT ? CVY_OK : cvy_fail(CVY_ERR_OPEN, "%s: %s", path, strerror(errno));
    if (!S_ISREG(about.st_mode))
        return cvy_fail(CVY_ERR_OPEN, "%s: not a regular file", path);
    if ((uint64_t)about.st_size != remote->bytes)
        return CVY_OK;
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", path, strerror(errno));
    cvy_status status = digest_file(file, path, text);
    fclose(file);
    *is_whole = status == CVY_OK && strcmp(text, remote->sha256) == 0;
    return status;
}

/* ---- one file ---- */

/* Download the rest of NAME.part. If a resumed file turns out wrong, it is downloaded again once:
 * its start may be another file from another server. */
static cvy_status load(fetching *f, const char *url)
{
    struct stat about;
    bool is_whole = false, is_begun = true;
    cvy_status status = CVY_OK;

    while (status == CVY_OK && !is_whole && is_begun) {
        is_begun = stat(f->part, &about) == 0 && about.st_size > 0;
        if (is_begun && (uint64_t)about.st_size >= f->remote->bytes) {
            unlink(f->part);
            is_begun = false;
        }
        status = cvy_download(url, f->part, f->remote->bytes, tell_progress, f);
        if (status == CVY_OK)
            status = check_file(f->part, f->remote, &is_whole);
        if (status == CVY_OK && !is_whole)
            unlink(f->part);
    }
    if (status != CVY_OK && stat(f->part, &about) == 0 && about.st_size == 0)
        unlink(f->part);
    if (status == CVY_OK && !is_whole)
        status =
            cvy_fail(CVY_ERR_DATA, "%s: another file than expected (its size or SHA-256)", url);
    return status;
}

static cvy_status fetch_from(fetching *f, const char *mirror)
{
    char url[PATH_BYTES];
    const size_t length = strlen(mirror);

    if ((size_t)snprintf(url, sizeof url, "%s%s%s", mirror,
                         length > 0 && mirror[length - 1] == '/' ? "" : "/",
                         f->remote->name) >= sizeof url)
        return cvy_fail(CVY_ERR_SETTING, "mirror: the URL is too long");
    tell(f, url, "");
    cvy_status status = load(f, url);
    if (status == CVY_OK && rename(f->part, f->path) != 0)
        status = cvy_fail(CVY_ERR_WRITE, "%s: %s", f->path, strerror(errno));
    return status;
}

/* Whether the error may be the mirror's fault, so that the next one is worth trying. */
static bool is_the_mirrors(cvy_status status)
{
    return status == CVY_ERR_READ || status == CVY_ERR_DATA;
}

static cvy_status fetch_missing(fetching *f, const char *const *mirrors, size_t mirror_count)
{
    cvy_status status = CVY_ERR_READ;

    for (size_t i = 0; i < mirror_count && is_the_mirrors(status); i++) {
        status = fetch_from(f, mirrors[i]);
        if (is_the_mirrors(status) && i + 1 < mirror_count)
            tell(f, cvy_error_message(), "");
    }
    if (!is_the_mirrors(status))
        return status;
    if (status == CVY_ERR_DATA)
        return cvy_fail_advise(status, "--mirror URL names another place");
    return cvy_fail_add(status,
                        "\n--mirror URL names another place; without a network, put the files "
                        "into %s by other means: the same command checks them",
                        f->folder);
}

/* ---- archives ---- */

/* Write a member to a file; read() delivers its bytes. */
typedef cvy_status read_member(void *archive, void *bytes, size_t size);

static cvy_status copy_member(void *archive, read_member *read, uint64_t bytes, cvy_output *output)
{
    unsigned char *block;
    cvy_status status = cvy_memory_create(BLOCK_BYTES, 1, &block);

    while (status == CVY_OK && bytes > 0) {
        const size_t part = bytes < BLOCK_BYTES ? (size_t)bytes : BLOCK_BYTES;
        status = read(archive, block, part);
        if (status == CVY_OK)
            status = cvy_output_write(output, block, part);
        bytes -= part;
    }
    cvy_memory_free(block);
    return status;
}

/* The last component of a member's name. Only it is used, so it cannot lead outside the folder. */
static const char *base_name(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash != NULL ? slash + 1 : name;
}

/* Choose the path of a member. *is_there: a file of the same size already exists. */
static cvy_status place_member(const fetching *f, const char *name, uint64_t bytes,
                               char path[PATH_BYTES], bool *is_there)
{
    struct stat about;

    if ((size_t)snprintf(path, PATH_BYTES, "%s/%s", f->folder, base_name(name)) >= PATH_BYTES)
        return cvy_fail(CVY_ERR_OPEN, "%s: the path is too long", f->folder);
    *is_there = stat(path, &about) == 0 && (uint64_t)about.st_size == bytes;
    return CVY_OK;
}

static cvy_status unpack_member(const fetching *f, const char *name, uint64_t bytes, void *archive,
                                read_member *read)
{
    char path[PATH_BYTES];
    bool is_there = false;
    cvy_output *output;
    cvy_status status = place_member(f, name, bytes, path, &is_there);

    if (status != CVY_OK || is_there || base_name(name)[0] == '\0' || base_name(name)[0] == '.')
        return status;
    status = cvy_output_open(path, &output);
    if (status != CVY_OK)
        return status;
    status = copy_member(archive, read, bytes, output);
    if (status != CVY_OK) {
        cvy_output_discard(output);
        return status;
    }
    tell(f, path, "unpacked");
    return cvy_output_commit(output);
}

static cvy_status read_zip(void *archive, void *bytes, size_t size)
{
    return cvy_zip_read(archive, bytes, size);
}

static cvy_status unpack_zip(const fetching *f)
{
    cvy_zip *zip;
    cvy_status status = cvy_zip_open(f->path, &zip);

    if (status != CVY_OK)
        return status;
    for (size_t i = 0; status == CVY_OK && i < cvy_zip_count(zip); i++) {
        status = cvy_zip_begin(zip, i);
        if (status == CVY_OK)
            status = unpack_member(f, cvy_zip_name(zip, i), cvy_zip_size(zip, i), zip, read_zip);
    }
    cvy_zip_close(zip);
    return status;
}

static cvy_status read_tar(void *archive, void *bytes, size_t size)
{
    return cvy_tar_read(archive, bytes, size);
}

static cvy_status unpack_tar(const fetching *f)
{
    cvy_tar *tar;
    cvy_tar_entry entry;
    bool is_end = false;
    cvy_status status = cvy_tar_open(f->path, &tar);

    if (status != CVY_OK)
        return status;
    while (status == CVY_OK) {
        status = cvy_tar_next(tar, &entry, &is_end);
        if (is_end || status != CVY_OK)
            break;
        status = unpack_member(f, entry.name, entry.bytes, tar, read_tar);
    }
    cvy_tar_close(tar);
    return status;
}

/* ---- a set ---- */

static cvy_status fetch_file(fetching *f, const char *const *mirrors, size_t mirror_count)
{
    bool is_whole;

    if ((size_t)snprintf(f->path, sizeof f->path, "%s/%s", f->folder, f->remote->name) >=
            sizeof f->path ||
        (size_t)snprintf(f->part, sizeof f->part, "%s.part", f->path) >= sizeof f->part)
        return cvy_fail(CVY_ERR_OPEN, "%s: the path is too long", f->folder);
    cvy_status status = check_file(f->path, f->remote, &is_whole);
    if (status == CVY_OK && is_whole)
        tell(f, f->path, "there already");
    else if (status == CVY_OK)
        status = fetch_missing(f, mirrors, mirror_count);
    if (status == CVY_OK && f->remote->packing == CVY_REMOTE_ZIP)
        status = unpack_zip(f);
    if (status == CVY_OK && f->remote->packing == CVY_REMOTE_TAR)
        status = unpack_tar(f);
    return status;
}

static cvy_status write_class_names(const cvy_remote_set *set, const char *folder)
{
    char path[PATH_BYTES];

    if (set->class_names == NULL)
        return CVY_OK;
    if ((size_t)snprintf(path, sizeof path, "%s/classes.txt", folder) >= sizeof path)
        return cvy_fail(CVY_ERR_OPEN, "%s: the path is too long", folder);
    return cvy_file_write(path, set->class_names, strlen(set->class_names));
}

/* Create the folder; *is_new tells whether it did not exist. */
static cvy_status create_folder(const char *folder, bool *is_new)
{
    struct stat about;

    *is_new = mkdir(folder, 0777) == 0;
    if (*is_new)
        return CVY_OK;
    const int error = errno;
    if (error == EEXIST && stat(folder, &about) == 0 && S_ISDIR(about.st_mode))
        return CVY_OK;
    return cvy_fail(CVY_ERR_OPEN, "%s: %s", folder, strerror(error == EEXIST ? ENOTDIR : error));
}

cvy_status cvy_remote_fetch(const cvy_remote_set *set, const char *folder,
                            const cvy_fetch_options *options)
{
    const bool has_own = options->mirror_count > 0;
    const char *const *mirrors = has_own ? options->mirrors : set->mirrors;
    size_t mirror_count = options->mirror_count;
    bool is_new;
    cvy_status status = create_folder(folder, &is_new);

    while (!has_own && mirrors[mirror_count] != NULL)
        mirror_count++;
    for (size_t i = 0; status == CVY_OK && set->files[i].name != NULL; i++) {
        fetching f = { .remote = &set->files[i], .options = options, .folder = folder };
        status = fetch_file(&f, mirrors, mirror_count);
    }
    if (status != CVY_OK && is_new)
        rmdir(folder); /* fails, and keeps the folder, unless it is empty */
    return status == CVY_OK ? write_class_names(set, folder) : status;
}

void cvy_fetch_options_init_sized(cvy_fetch_options *options, size_t struct_bytes)
{
    const cvy_fetch_options defaults = { .struct_bytes = struct_bytes };

    if (options == NULL || struct_bytes < sizeof struct_bytes)
        return;
    memset(options, 0, struct_bytes);
    memcpy(options, &defaults, struct_bytes < sizeof defaults ? struct_bytes : sizeof defaults);
}

cvy_status cvy_dataset_fetch(const char *name, const char *folder, const cvy_fetch_options *options)
{
    cvy_fetch_options taken;

    CVY_REQUIRE(name);
    CVY_REQUIRE(folder);
    CVY_REQUIRE(options);
    const size_t bytes = options->struct_bytes;
    if (bytes < sizeof bytes || bytes > sizeof taken * 16)
        return cvy_fail(CVY_ERR_SETTING,
                        "options.struct_bytes: found %zu, expected the size of the struct; "
                        "cvy_fetch_options_init() sets it",
                        bytes);
    cvy_fetch_options_init(&taken);
    memcpy(&taken, options, bytes < sizeof taken ? bytes : sizeof taken);
    if (taken.mirror_count > 0 && taken.mirrors == NULL)
        return cvy_fail(CVY_ERR_SETTING, "mirrors is NULL, expected %zu URLs", taken.mirror_count);
    const cvy_remote_set *set = cvy_remote_find(name);
    if (set == NULL)
        return cvy_fail(CVY_ERR_SETTING,
                        "%.40s: not a data set that can be fetched, expected mnist, fashion-mnist, "
                        "kmnist, emnist or cifar-10",
                        name);
    for (size_t i = 0; i < taken.mirror_count; i++)
        if (taken.mirrors[i] == NULL || taken.mirrors[i][0] == '\0')
            return cvy_fail(CVY_ERR_SETTING, "mirror: found nothing, expected a URL");
    return cvy_remote_fetch(set, folder, &taken);
}
