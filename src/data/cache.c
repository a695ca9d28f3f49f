#include "data/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/mapped.h"
#include "base/memory.h"
#include "base/stale.h"
#include "data/fingerprint.h"
#include "data/pack.h"

enum { PATH_BYTES = 4096, NAME_SHOWN = 40, PLACE_DIGITS = 16, PARTS_DIGITS = 32 };
#define TEMPORARY_PREFIX ".convoy-cache-"
#define ENDING           ".packed"

/* Memory mapped to a part of the file being written. */
typedef struct {
    const uint8_t *memory;
    uint64_t offset;
} mapped_part;

struct cvy_cache {
    char folder[PATH_BYTES];
    char path[PATH_BYTES + 128];      /* path of the packed file */
    char temporary[PATH_BYTES + 128]; /* the file being written; "" before it is created */
    size_t prefix_length; /* the start of the file name, which all versions of a data set share */
    int file;             /* the file being written; -1 before it is created */
    uint64_t end;         /* end of the space reserved so far */
    mapped_part parts[CVY_PARTS];
    size_t part_count;
};

/* ---- names ---- */

static bool find_folder(const cvy_dataset_options *options, char folder[PATH_BYTES])
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int length = -1;

    if (options->cache_folder != NULL)
        length = snprintf(folder, PATH_BYTES, "%s", options->cache_folder);
    else if (cache != NULL && cache[0] == '/')
        length = snprintf(folder, PATH_BYTES, "%s/convoy", cache);
    else if (home != NULL && home[0] == '/')
        length = snprintf(folder, PATH_BYTES, "%s/.cache/convoy", home);
    return length > 0 && length < PATH_BYTES;
}

/* The readable part of the name: the letters, digits, '-', '_' and '.' of the path's last
 * component. */
static void show_name(const char *path, char shown[NAME_SHOWN + 1])
{
    const char *slash = strrchr(path, '/');
    const char *from = slash != NULL ? slash + 1 : path;
    size_t length = 0;

    for (; *from != '\0' && length < NAME_SHOWN; from++)
        if ((*from >= '0' && *from <= '9') || ((*from | 32) >= 'a' && (*from | 32) <= 'z') ||
            (length > 0 && strchr("-_.", *from) != NULL))
            shown[length++] = *from;
    shown[length] = '\0';
}

/* Add the options that change the pixels. */
static void add_options(cvy_digest *digest, const cvy_dataset_options *o)
{
    char text[160];
    const int length =
        snprintf(text, sizeof text, "form 1, parts %u, size %zux%zu, channels %zu, polarity %d%s",
                 o->parts, o->resize_height, o->resize_width, o->channels, (int)o->polarity,
                 o->finds_ink ? ", ink" : "");

    cvy_digest_add(digest, text, (size_t)length + 1);
}

static cvy_status digest_place(const char *resolved, const cvy_dataset_options *options,
                               char text[CVY_DIGEST_HEX_BYTES])
{
    cvy_digest *digest;
    cvy_status status = cvy_digest_create(&digest);

    if (status != CVY_OK)
        return status;
    cvy_digest_add(digest, resolved, strlen(resolved) + 1);
    add_options(digest, options);
    cvy_digest_finish(digest, text);
    return CVY_OK;
}

static cvy_status digest_files(const char *where, char text[CVY_DIGEST_HEX_BYTES])
{
    cvy_digest *digest;
    cvy_status status = cvy_digest_create(&digest);

    if (status != CVY_OK)
        return status;
    status = cvy_fingerprint_add(digest, where);
    cvy_digest_finish(digest, text);
    return status;
}

/* Name the file: FOLDER/NAME-PLACE-FILES.packed */
static cvy_status name_file(cvy_cache *cache, const char *where, const cvy_dataset_options *options)
{
    char shown[NAME_SHOWN + 1], place[CVY_DIGEST_HEX_BYTES], files[CVY_DIGEST_HEX_BYTES];
    char *resolved = realpath(where, NULL);
    const char *known = resolved != NULL ? resolved : where;
    cvy_status status = digest_place(known, options, place);

    if (status == CVY_OK)
        status = digest_files(where, files);
    if (status == CVY_OK) {
        show_name(known, shown);
        const int start = snprintf(cache->path, sizeof cache->path, "%s/%s-%.*s-", cache->folder,
                                   shown, PLACE_DIGITS, place);
        cache->prefix_length = (size_t)start - strlen(cache->folder) - 1;
        snprintf(cache->path + start, sizeof cache->path - (size_t)start, "%.*s" ENDING,
                 PARTS_DIGITS, files);
    }
    free(resolved);
    return status;
}

cvy_status cvy_cache_open(const char *where, const cvy_dataset_options *options, cvy_cache **cache)
{
    cvy_cache *opened;
    cvy_status status = cvy_memory_create(1, sizeof *opened, &opened);

    *cache = NULL;
    if (status != CVY_OK)
        return status;
    opened->file = -1;
    if (find_folder(options, opened->folder)) {
        status = name_file(opened, where, options);
        if (status == CVY_OK) {
            *cache = opened;
            return CVY_OK;
        }
    }
    cvy_memory_free(opened);
    return status;
}

void cvy_cache_close(cvy_cache *cache)
{
    if (cache == NULL)
        return;
    if (cache->file >= 0) {
        if (cache->temporary[0] != '\0')
            unlink(cache->temporary);
        close(cache->file);
    }
    cvy_memory_free(cache);
}

const char *cvy_cache_path(const cvy_cache *cache)
{
    return cache->path;
}

bool cvy_cache_is_there(const cvy_cache *cache)
{
    return access(cache->path, R_OK) == 0;
}

void cvy_cache_forget(const cvy_cache *cache)
{
    unlink(cache->path);
}

bool cvy_cache_is_used(const cvy_cache *cache)
{
    return cache->part_count > 0;
}

/* ---- the file being written ---- */

/* Create the folder and its parents; only the owner may read the new ones. */
static cvy_status create_folders(const char *folder)
{
    char path[PATH_BYTES];

    snprintf(path, sizeof path, "%s", folder);
    for (char *slash = path + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        mkdir(path, 0700); /* the stat below reports a failure */
        *slash = '/';
    }
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return CVY_OK;
    return cvy_fail(CVY_ERR_OPEN,
                    "%s: %s\n--cache DIR names another place for images that do not fit", folder,
                    strerror(errno));
}

/* Remove older versions of the data set and leftovers of killed processes. */
static void clear_folder(const cvy_cache *cache)
{
    const char *name = strrchr(cache->path, '/') + 1;
    DIR *listing = opendir(cache->folder);

    for (struct dirent *entry; listing != NULL && (entry = readdir(listing)) != NULL;) {
        if (strncmp(entry->d_name, TEMPORARY_PREFIX, strlen(TEMPORARY_PREFIX)) == 0)
            cvy_stale_remove(dirfd(listing), entry->d_name);
        else if (strncmp(entry->d_name, name, cache->prefix_length) == 0 &&
                 strcmp(entry->d_name, name) != 0)
            unlinkat(dirfd(listing), entry->d_name, 0);
    }
    if (listing != NULL)
        closedir(listing);
}

/* Create a file and lock it. Between the two steps another process may have removed it as stale;
 * then it has no name any more. On a file system without locks, a killed process leaves its file
 * behind. */
static cvy_status create_locked(cvy_cache *cache)
{
    struct stat about;

    for (int attempt = 0; attempt < 100; attempt++) {
        snprintf(cache->temporary, sizeof cache->temporary, "%s/" TEMPORARY_PREFIX "XXXXXX",
                 cache->folder);
        cache->file = mkstemp(cache->temporary);
        if (cache->file < 0) {
            cache->temporary[0] = '\0';
            return cvy_fail(CVY_ERR_OPEN,
                            "%s: %s\n--cache DIR names another place for images that do not fit",
                            cache->folder, strerror(errno));
        }
        fcntl(cache->file, F_SETFD, FD_CLOEXEC);
        flock(cache->file, LOCK_EX | LOCK_NB);
        if (fstat(cache->file, &about) == 0 && about.st_nlink > 0)
            return CVY_OK;
        close(cache->file);
        cache->file = -1;
        cache->temporary[0] = '\0';
    }
    return cvy_fail(CVY_ERR_OPEN, "%s: another process removes files from it", cache->folder);
}

static cvy_status create_file(cvy_cache *cache)
{
    cvy_status status = create_folders(cache->folder);

    if (status != CVY_OK)
        return status;
    clear_folder(cache);
    cache->end = CVY_PACK_HEADER_BYTES_MAX;
    return create_locked(cache);
}

/* Reserve space at the end of the file; *offset is a multiple of the page size. */
static cvy_status reserve(cvy_cache *cache, uint64_t bytes, uint64_t *offset)
{
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    const uint64_t start = cvy_pack_round_up(cache->end, page);
    const int error = bytes > 0 ? posix_fallocate(cache->file, (off_t)start, (off_t)bytes) : 0;

    if (error != 0)
        return cvy_fail(CVY_ERR_WRITE,
                        "%s: no room for %llu KiB of images (%s)\n--cache DIR names another place",
                        cache->folder, (unsigned long long)(bytes + 1023) >> 10, strerror(error));
    *offset = start;
    cache->end = start + bytes;
    return CVY_OK;
}

cvy_status cvy_cache_add(cvy_cache *cache, size_t bytes, uint8_t **pixels)
{
    uint64_t offset;
    cvy_status status = cache->file >= 0 ? CVY_OK : create_file(cache);

    if (status == CVY_OK)
        status = reserve(cache, bytes, &offset);
    if (status != CVY_OK)
        return status;
    void *mapped =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, cache->file, (off_t)offset);
    if (mapped == MAP_FAILED)
        return cvy_fail(CVY_ERR_MEMORY, "%s: %s", cache->folder, strerror(errno));
    cvy_mapped_remember(mapped, bytes, cache->folder);
    cache->parts[cache->part_count++] = (mapped_part){ mapped, offset };
    *pixels = mapped;
    return CVY_OK;
}

/* ---- completing it ---- */

static cvy_status append(cvy_cache *cache, const uint8_t *bytes, size_t size, uint64_t *offset)
{
    size_t done = 0;
    cvy_status status = reserve(cache, size, offset);

    while (status == CVY_OK && done < size) {
        const ssize_t count =
            pwrite(cache->file, bytes + done, size - done, (off_t)(*offset + done));
        if (count < 0 && errno != EINTR)
            status = cvy_fail(CVY_ERR_WRITE, "%s: %s", cache->folder, strerror(errno));
        done += count > 0 ? (size_t)count : 0;
    }
    return status;
}

/* Mapped pixels are already in the file; the pixels of parts that fit into memory are not. */
static cvy_status store_pixels(cvy_cache *cache, const cvy_images *images, size_t bytes,
                               uint64_t *offset)
{
    for (size_t i = 0; i < cache->part_count; i++)
        if (cache->parts[i].memory == images->pixels) {
            *offset = cache->parts[i].offset;
            return CVY_OK;
        }
    return append(cache, images->pixels, images->count * bytes, offset);
}

static cvy_status store_labels(cvy_cache *cache, const cvy_images *images, uint64_t *offset)
{
    uint8_t *labels;
    cvy_status status = cvy_memory_create(images->count, 2, &labels);

    if (status != CVY_OK)
        return status;
    cvy_pack_put_labels(labels, images->labels, images->count);
    status = append(cache, labels, 2 * images->count, offset);
    cvy_memory_free(labels);
    return status;
}

static cvy_status store_parts(cvy_cache *cache, const cvy_dataset *dataset, cvy_pack_header *header)
{
    cvy_status status = CVY_OK;

    for (int p = 0; status == CVY_OK && p < CVY_PARTS; p++) {
        const cvy_images *images = cvy_dataset_part_const(dataset, (cvy_split)p);
        cvy_pack_part *part = &header->parts[p];
        *part = (cvy_pack_part){ images->count, header->header_bytes, header->header_bytes };
        if (images->count == 0)
            continue;
        status = store_pixels(cache, images, cvy_dataset_image_bytes(dataset), &part->pixels);
        if (status == CVY_OK)
            status = store_labels(cache, images, &part->labels);
    }
    return status;
}

cvy_status cvy_cache_store(cvy_cache *cache, const cvy_dataset *dataset)
{
    cvy_pack_header header = cvy_pack_describe(dataset);

    header.header_bytes = CVY_PACK_HEADER_BYTES_MAX;
    cvy_status status = store_parts(cache, dataset, &header);
    header.file_bytes = cache->end;
    if (status == CVY_OK)
        status = cvy_pack_seal(cache->file, cache->folder, &header, dataset);
    if (status == CVY_OK && rename(cache->temporary, cache->path) != 0)
        status = cvy_fail(CVY_ERR_WRITE, "%s: %s", cache->path, strerror(errno));
    if (status == CVY_OK) {
        cache->temporary[0] = '\0';
        clear_folder(cache);
    }
    return status;
}
