/* Folders with IDX files: MNIST, Fashion-MNIST, KMNIST, QMNIST and the splits of EMNIST. The files
 * are found by their names, as they are spelled in the wild, in the folder itself or further down. */
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "sources/idx.h"
#include "sources/names_file.h"
#include "data/intake.h"

enum { PATH_BYTES = 4096, PREFIX_BYTES = 64, DEPTH_MAX = 3, SETS_MAX = 16, BLOCK_IMAGES = 256 };

/* One file's name in its parts: "emnist-letters-" "train" "images". */
typedef struct {
    char prefix[PREFIX_BYTES];
    cvy_split split;
    bool is_images;
} file_name;

/* Where the files of one data set lie: those whose names begin with the prefix. */
typedef struct {
    char folder[PATH_BYTES], prefix[PREFIX_BYTES];
} file_set;

typedef struct {
    file_set sets[SETS_MAX];
    size_t count;
} file_sets;

static bool cut_end(char *name, const char *end)
{
    const size_t length = strlen(name), cut = strlen(end);

    if (length < cut || strcmp(name + length - cut, end) != 0)
        return false;
    name[length - cut] = '\0';
    return true;
}

static bool cut_one_of(char *name, const char *const *ends, size_t count, size_t *which)
{
    for (*which = 0; *which < count; ++*which)
        if (cut_end(name, ends[*which]))
            return true;
    return false;
}

/* "[PREFIX-]train-images-idx3-ubyte[.gz]", with a dot before idx, and other words for test. */
static bool parse_name(const char *text, file_name *name)
{
    static const char *const kinds[] = { "-idx3-ubyte", ".idx3-ubyte", "-idx1-ubyte",
                                         ".idx1-ubyte", "-idx2-int",   ".idx2-int" };
    static const char *const contents[] = { "-images", "-labels" };
    static const char *const parts[] = { "train", "t10k", "test", "validation" };
    static const cvy_split splits[] = { CVY_SPLIT_TRAIN, CVY_SPLIT_TEST, CVY_SPLIT_TEST,
                                        CVY_SPLIT_VALIDATION };
    char rest[256];
    size_t kind, content, part;

    if ((size_t)snprintf(rest, sizeof rest, "%s", text) >= sizeof rest)
        return false;
    cut_end(rest, ".gz");
    if (!cut_one_of(rest, kinds, 6, &kind) || !cut_one_of(rest, contents, 2, &content) ||
        !cut_one_of(rest, parts, 4, &part))
        return false;
    name->is_images = content == 0;
    name->split = splits[part];
    if (name->is_images != (kind < 2) || strlen(rest) >= sizeof name->prefix)
        return false;
    memcpy(name->prefix, rest, strlen(rest) + 1);
    return rest[0] == '\0' || rest[strlen(rest) - 1] == '-';
}

static int compare_sets(const void *a, const void *b)
{
    const file_set *first = a, *second = b;
    const int by_folder = strcmp(first->folder, second->folder);
    return by_folder != 0 ? by_folder : strcmp(first->prefix, second->prefix);
}

static void add_set(const char *folder, const char *prefix, file_sets *sets)
{
    file_set set;

    if ((size_t)snprintf(set.folder, sizeof set.folder, "%s", folder) >= sizeof set.folder)
        return;
    memcpy(set.prefix, prefix, sizeof set.prefix);
    for (size_t i = 0; i < sets->count; i++)
        if (compare_sets(&sets->sets[i], &set) == 0)
            return;
    if (sets->count < SETS_MAX)
        sets->sets[sets->count++] = set;
}

static bool is_folder(const char *path)
{
    struct stat about;
    return lstat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* The data sets whose files lie in the folder; `below` levels further down where it has none. */
static void find_sets(const char *folder, int below, file_sets *sets)
{
    char path[PATH_BYTES];
    file_name name;
    const size_t before = sets->count;
    DIR *listing = opendir(folder);

    if (listing == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;)
        if (parse_name(entry->d_name, &name))
            add_set(folder, name.prefix, sets);
    rewinddir(listing);
    for (struct dirent *entry;
         sets->count == before && below > 0 && (entry = readdir(listing)) != NULL;)
        if (entry->d_name[0] != '.' &&
            (size_t)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < sizeof path &&
            (entry->d_type == DT_DIR || (entry->d_type == DT_UNKNOWN && is_folder(path)))) {
            file_sets deeper = { .count = 0 };
            find_sets(path, below - 1, &deeper);
            for (size_t i = 0; i < deeper.count; i++)
                add_set(deeper.sets[i].folder, deeper.sets[i].prefix, sets);
        }
    closedir(listing);
}

static cvy_status create_sets(file_sets **sets)
{
    return cvy_memory_create(1, sizeof **sets, sets);
}

/* "emnist/letters" and "emnist/emnist-letters" for the files emnist/emnist-letters-...: the folder,
 * and what the prefix ends with. */
static bool split_prefix(const char *where, char folder[PATH_BYTES], char end[PREFIX_BYTES])
{
    const char *slash = strrchr(where, '/');
    const char *last = slash != NULL ? slash + 1 : where;
    struct stat about;

    if (stat(where, &about) == 0 || last[0] == '\0')
        return false;
    const size_t length = slash == NULL ? 1 : slash == where ? 1 : (size_t)(slash - where);
    if (length >= PATH_BYTES || (size_t)snprintf(end, PREFIX_BYTES, "%s-", last) >= PREFIX_BYTES)
        return false;
    memcpy(folder, slash == NULL ? "." : where, length);
    folder[length] = '\0';
    return true;
}

/* All that `where` can mean; the folder itself, or some files of a folder. */
static void find_meant(const char *where, file_sets *sets)
{
    char folder[PATH_BYTES], end[PREFIX_BYTES];
    size_t kept = 0;

    if (!split_prefix(where, folder, end)) {
        find_sets(where, DEPTH_MAX, sets);
        return;
    }
    find_sets(folder, DEPTH_MAX, sets);
    for (size_t i = 0; i < sets->count; i++) {
        char prefix[PREFIX_BYTES];
        memcpy(prefix, sets->sets[i].prefix, sizeof prefix);
        if (cut_end(prefix, end) && (prefix[0] == '\0' || prefix[strlen(prefix) - 1] == '-'))
            sets->sets[kept++] = sets->sets[i];
    }
    sets->count = kept;
}

static bool recognises(const char *where)
{
    file_sets *sets;

    if (create_sets(&sets) != CVY_OK)
        return false;
    find_meant(where, sets);
    const bool found = sets->count > 0 || cvy_idx_recognise(where) != CVY_IDX_NONE;
    cvy_memory_free(sets);
    return found;
}

/* The path of the file of a part, as text that the caller frees; NULL where there is none. */
static cvy_status find_file(const file_set *set, cvy_split split, bool is_images, char **path)
{
    struct dirent **entries;
    const int count = scandir(set->folder, &entries, NULL, alphasort);
    const char *found = NULL;
    file_name name;
    cvy_status status = CVY_OK;

    *path = NULL;
    if (count < 0)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", set->folder, strerror(errno));
    for (int i = 0; i < count; i++) /* plain before packed, "-idx" before ".idx" */
        if (found == NULL && parse_name(entries[i]->d_name, &name) && name.split == split &&
            name.is_images == is_images && strcmp(name.prefix, set->prefix) == 0)
            found = entries[i]->d_name;
    if (found != NULL) {
        const size_t bytes = strlen(set->folder) + strlen(found) + 2;
        status = cvy_memory_create(bytes, 1, path);
        if (status == CVY_OK)
            snprintf(*path, bytes, "%s/%s", set->folder, found);
    }
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    return status;
}

static bool is_emnist(const file_set *set)
{
    return strncmp(set->prefix, "emnist-", 7) == 0;
}

/* EMNIST's images lie on their side: rows and columns are swapped. Cohen et al. 2017. */
static void turn(size_t side, uint8_t *image)
{
    for (size_t y = 0; y < side; y++)
        for (size_t x = y + 1; x < side; x++) {
            const uint8_t pixel = image[y * side + x];
            image[y * side + x] = image[x * side + y];
            image[x * side + y] = pixel;
        }
}

static cvy_status read_pixels(cvy_intake *intake, cvy_split split, bool is_turned,
                              cvy_idx_stream *stream, const cvy_idx_header *header)
{
    const size_t bytes = header->height * header->width;
    uint8_t *block;
    cvy_status status = cvy_memory_create(BLOCK_IMAGES, bytes, &block);

    for (size_t first = 0; status == CVY_OK && first < header->count; first += BLOCK_IMAGES) {
        const size_t left = header->count - first;
        const size_t count = left < BLOCK_IMAGES ? left : BLOCK_IMAGES;
        status = cvy_idx_stream_read(stream, block, count);
        for (size_t i = 0; is_turned && i < count; i++)
            turn(header->height, block + i * bytes);
        if (status == CVY_OK)
            cvy_intake_put(intake, split, first, count, block);
    }
    cvy_memory_free(block);
    return status;
}

static cvy_status read_images(cvy_intake *intake, cvy_split split, bool is_turned,
                              const char *image_path, const char *label_path,
                              const cvy_images *labelled)
{
    cvy_idx_stream *stream;
    cvy_idx_header header = { 0 };
    cvy_images *part;
    cvy_status status = cvy_idx_stream_open(image_path, &stream, &header);

    if (status != CVY_OK)
        return status;
    if (labelled->count != header.count)
        status = cvy_fail(CVY_ERR_DATA, "%s: %zu images, but %zu labels in %s", image_path,
                          header.count, labelled->count, label_path);
    if (status == CVY_OK && is_turned && header.height != header.width)
        status = cvy_fail(CVY_ERR_DATA, "%s: images of %zu x %zu, EMNIST's are square", image_path,
                          header.height, header.width);
    if (status == CVY_OK)
        status = cvy_intake_begin(intake, split, header.count,
                                  (cvy_form){ header.height, header.width, 1 }, &part);
    if (status == CVY_OK) {
        memcpy(part->labels, labelled->labels, header.count * sizeof *part->labels);
        status = read_pixels(intake, split, is_turned, stream, &header);
    }
    cvy_idx_stream_close(stream);
    return status;
}

static cvy_status fail_missing(const file_set *set, cvy_split split, bool is_images)
{
    static const char *const parts[] = { "train", "t10k", "validation" };
    const char *part = parts[split], *what = is_images ? "images" : "labels";
    const int dimensions = is_images ? 3 : 1;

    return cvy_fail(CVY_ERR_OPEN,
                    "%s: no %s%s-%s-idx%d-ubyte in this folder, nor %s%s-%s.idx%d-ubyte, nor "
                    "either of them with .gz",
                    set->folder, set->prefix, part, what, dimensions, set->prefix, part, what,
                    dimensions);
}

/* A part without its two files is not there; one with one of them is an error. */
static cvy_status read_part(cvy_intake *intake, const file_set *set, cvy_split split)
{
    char *image_path = NULL, *label_path = NULL;
    cvy_images labelled = { 0 };

    if (!cvy_intake_wants(intake, split))
        return CVY_OK;
    cvy_status status = find_file(set, split, true, &image_path);
    if (status == CVY_OK)
        status = find_file(set, split, false, &label_path);
    if (status == CVY_OK && (image_path == NULL) != (label_path == NULL))
        status = fail_missing(set, split, image_path == NULL);
    if (status == CVY_OK && label_path != NULL)
        status = cvy_idx_read_labels(label_path, &labelled);
    if (status == CVY_OK && label_path != NULL)
        status = read_images(intake, split, is_emnist(set), image_path, label_path, &labelled);
    cvy_memory_free(labelled.labels);
    cvy_memory_free(image_path);
    cvy_memory_free(label_path);
    return status;
}

/* The characters that EMNIST's labels stand for; Cohen et al. 2017, section II. */
static const char *emnist_characters(const file_set *set)
{
    static const char merged[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt";
    static const char all[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    if (!is_emnist(set))
        return NULL;
    if (strcmp(set->prefix, "emnist-letters-") == 0)
        return merged + 10;
    return strcmp(set->prefix, "emnist-byclass-") == 0    ? all
           : strcmp(set->prefix, "emnist-bymerge-") == 0  ? merged
           : strcmp(set->prefix, "emnist-balanced-") == 0 ? merged
                                                          : NULL;
}

static void count_labels(const cvy_intake *intake, size_t *smallest, size_t *largest)
{
    *smallest = SIZE_MAX;
    *largest = 0;
    for (int p = 0; p < CVY_PARTS; p++) {
        const cvy_images *images = cvy_dataset_part(intake->dataset, (cvy_split)p);
        for (size_t i = 0; i < images->count; i++) {
            *smallest = images->labels[i] < *smallest ? images->labels[i] : *smallest;
            *largest = images->labels[i] > *largest ? images->labels[i] : *largest;
        }
    }
}

/* EMNIST's letters are numbered from 1. */
static cvy_status number_letters(cvy_intake *intake, const file_set *set, size_t smallest,
                                 size_t *largest)
{
    if (strcmp(set->prefix, "emnist-letters-") != 0)
        return CVY_OK;
    if (smallest < 1)
        return cvy_fail(CVY_ERR_DATA, "%s: EMNIST letters with a label 0, they begin at 1",
                        intake->where);
    for (int p = 0; p < CVY_PARTS; p++) {
        const cvy_images *images = cvy_dataset_part(intake->dataset, (cvy_split)p);
        for (size_t i = 0; i < images->count; i++)
            images->labels[i]--;
    }
    --*largest;
    return CVY_OK;
}

static cvy_status name_classes(cvy_intake *intake, const file_set *set)
{
    const char *characters = emnist_characters(set), *names[CVY_CLASSES_MAX];
    char texts[64][2] = { { 0 } };
    size_t smallest, largest, count = 0;

    count_labels(intake, &smallest, &largest);
    cvy_status status = number_letters(intake, set, smallest, &largest);
    if (status != CVY_OK)
        return status;
    if (characters != NULL) {
        const size_t known = strcmp(set->prefix, "emnist-letters-") == 0 ? 26 : strlen(characters);
        for (count = 0; count < known; count++) {
            texts[count][0] = characters[count];
            names[count] = texts[count];
        }
    }
    /* labels beyond those that are known: numbers then */
    if (largest < count)
        return cvy_intake_name_classes(intake, count, names);
    if (largest == 0 && intake->options->class_names == NULL)
        return cvy_fail(CVY_ERR_DATA, "%s: every label is 0, expected at least two classes",
                        intake->where);
    return cvy_names_file_apply(intake, set->folder, largest + 1);
}

static cvy_status fail_single_file(const char *where)
{
    return cvy_fail(CVY_ERR_FORMAT,
                    "%s: a single IDX file; a data set is the folder with its images and labels",
                    where);
}

static cvy_status fail_several(const char *where, file_sets *sets)
{
    char list[1024] = "";
    size_t used = 0;

    qsort(sets->sets, sets->count, sizeof *sets->sets, compare_sets);
    for (size_t i = 0; i < sets->count && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s%s%.*s", i > 0 ? ", " : "",
                                 sets->sets[i].folder, sets->sets[i].prefix[0] != '\0' ? "/" : "",
                                 (int)strlen(sets->sets[i].prefix) - (sets->sets[i].prefix[0] != 0),
                                 sets->sets[i].prefix);
    return cvy_fail(CVY_ERR_SETTING, "%s: several data sets in it\nname one of %s", where, list);
}

static cvy_status open_sets(cvy_intake *intake, file_sets *sets)
{
    find_meant(intake->where, sets);
    if (sets->count == 0)
        return fail_single_file(intake->where);
    if (sets->count > 1)
        return fail_several(intake->where, sets);
    cvy_status status = CVY_OK;
    for (int p = 0; status == CVY_OK && p < CVY_PARTS; p++)
        status = read_part(intake, &sets->sets[0], (cvy_split)p);
    if (status != CVY_OK)
        return status;
    const cvy_dataset *d = intake->dataset;
    return d->train.count + d->test.count + d->validation.count > 0
               ? name_classes(intake, &sets->sets[0])
               : CVY_OK;
}

static cvy_status open_folder(cvy_intake *intake)
{
    file_sets *sets;
    cvy_status status = create_sets(&sets);

    if (status == CVY_OK)
        status = open_sets(intake, sets);
    cvy_memory_free(sets);
    return status;
}

const cvy_dataset_kind cvy_dataset_idx = {
    .kind = { .name = "idx", .summary = "a folder with IDX files, as MNIST's and EMNIST's" },
    .recognises = recognises,
    .open = open_folder,
};
