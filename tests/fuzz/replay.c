/* What runs a fuzz target where there is no libFuzzer: every file of a folder as it is, cut short and,
 * so many times, changed at random. The same folder gives the same inputs every time.
 *     replay FOLDER MUTATIONS */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { INPUT_BYTES_MAX = 1 << 20, CHANGES_MAX = 8, SEEDS_MAX = 64 };

/* The seeds of one target. */
typedef struct {
    size_t count;
    unsigned char *bytes[SEEDS_MAX];
    size_t size[SEEDS_MAX];
} corpus;

static int is_seed(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void read_corpus(const char *folder, corpus *seeds)
{
    struct dirent **entries;
    const int count = scandir(folder, &entries, is_seed, alphasort);

    for (int i = 0; i < count; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (seeds->count == SEEDS_MAX ||
            cvy_file_read(path, INPUT_BYTES_MAX, &seeds->bytes[seeds->count],
                          &seeds->size[seeds->count]) != CVY_OK) {
            fprintf(stderr, "%s: %s\n", path, cvy_error_message());
            exit(1);
        }
        seeds->count++;
        free(entries[i]);
    }
    if (count < 1) {
        fprintf(stderr, "%s: no seeds\n", folder);
        exit(1);
    }
    free(entries);
}

/* Random numbers by their place, as everywhere in convoy. */
typedef struct {
    cvy_random_stream stream;
    uint64_t place;
} dice;

static size_t roll(dice *d, size_t sides)
{
    return (size_t)(cvy_random_unit_at(&d->stream, d->place++) * (double)sides);
}

/* Put a number where sizes and lengths may stand: small, large, negative. */
static void change_number(dice *d, unsigned char *bytes, size_t size, size_t at)
{
    static const uint64_t numbers[] = { 0,          1,         127,        255,
                                        0x7fff,     0xffff,    0x7fffffff, 0x80000000,
                                        0xffffffff, INT64_MAX, UINT64_MAX };
    const uint64_t number = numbers[roll(d, sizeof numbers / sizeof *numbers)];
    const size_t width = (size_t)1 << roll(d, 4);

    for (size_t i = 0; i < width && at + i < size; i++)
        bytes[at + i] = (unsigned char)(number >> 8 * i);
}

/* One change in place; the size may shrink. */
static size_t change(dice *d, const corpus *seeds, unsigned char *bytes, size_t size)
{
    const size_t at = roll(d, size), other = roll(d, seeds->count);

    switch (roll(d, 6)) {
    case 0:
        bytes[at] ^= (unsigned char)(1U << roll(d, 8));
        break;
    case 1:
        bytes[at] = (unsigned char)roll(d, 256);
        break;
    case 2:
        bytes[at] = (unsigned char)"0123456789-.e,:={}[]\"\\;"[roll(d, 23)];
        break;
    case 3:
        change_number(d, bytes, size, at);
        break;
    case 4: { /* take a piece out */
        const size_t length = roll(d, size - at < 32 ? size - at : 32);
        memmove(bytes + at, bytes + at + length, size - at - length);
        return size - length;
    }
    default: /* a piece of another seed */
        for (size_t i = 0, from = roll(d, seeds->size[other] + 1), n = roll(d, 64);
             i < n && at + i < size && from + i < seeds->size[other]; i++)
            bytes[at + i] = seeds->bytes[other][from + i];
    }
    return size;
}

/* Every input in a block of its own size, so that a sanitizer sees reads beyond it. */
static void run_input(const unsigned char *bytes, size_t size)
{
    unsigned char *copy = malloc(size > 0 ? size : 1);

    memcpy(copy, bytes, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void run_changed(const corpus *seeds, size_t number, unsigned char *scratch)
{
    dice d = { .stream = { .seed = 1, .purpose = CVY_RANDOM_SHUFFLE, .major = (uint32_t)number } };
    const size_t seed = roll(&d, seeds->count);
    size_t size = seeds->size[seed];

    memcpy(scratch, seeds->bytes[seed], size);
    for (size_t i = 0, count = 1 + roll(&d, CHANGES_MAX); i < count && size > 0; i++)
        size = change(&d, seeds, scratch, size);
    run_input(scratch, size);
}

int main(int count, char **arguments)
{
    static unsigned char scratch[INPUT_BYTES_MAX];
    corpus seeds = { 0 };

    if (count != 3) {
        fprintf(stderr, "usage: replay FOLDER MUTATIONS\n");
        return 2;
    }
    const size_t mutations = strtoul(arguments[2], NULL, 10);
    read_corpus(arguments[1], &seeds);
    for (size_t i = 0; i < seeds.count; i++) {
        const size_t step = seeds.size[i] / 200 + 1; /* about 200 cuts of each */
        run_input(seeds.bytes[i], seeds.size[i]);
        for (size_t size = 0; size < seeds.size[i]; size += step)
            run_input(seeds.bytes[i], size);
    }
    for (size_t i = 0; i < mutations; i++)
        run_changed(&seeds, i, scratch);
    printf("%zu seeds and %zu mutations\n", seeds.count, mutations);
    for (size_t i = 0; i < seeds.count; i++)
        cvy_memory_free(seeds.bytes[i]);
    return 0;
}
