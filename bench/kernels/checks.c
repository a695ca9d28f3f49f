#include "checks.h"

#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"

enum { ARRAYS_MAX = 32, LABEL_BYTES = 256, PRINTED_MAX = 10, CANARY = 0xa5, LINE_BYTES = 64 };

/* An array within its pages. `start`: the first page that may be accessed. */
typedef struct {
    unsigned char *pages, *start, *array;
    size_t page_bytes, room, bytes;
} guarded;

/* Digests of the first instruction set's results, in order,
 * with which those of the others are compared. */
typedef struct {
    uint64_t *digests;
    size_t count, room, next;
} remembered;

static struct {
    const char *check, *set;
    char label[LABEL_BYTES];
    bool is_at_start, is_own, is_quiet;
    guarded arrays[ARRAYS_MAX];
    void *plain[ARRAYS_MAX];
    size_t array_count, plain_count;
    remembered bits;
    check_result result;
} now;

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "check_kernels: %s\n", what);
    exit(1);
}

static void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void fail(const char *format, ...)
{
    va_list arguments;

    now.result.failures++;
    if (now.is_quiet || now.result.failures > PRINTED_MAX)
        return;
    fprintf(stderr, "%s, %s: %s: ", now.check, now.set, now.label);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\n");
}

/* --- arrays --- */

static guarded guard(size_t bytes)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    guarded g = { .bytes = bytes, .room = (bytes + page - 1) / page * page };

    g.page_bytes = g.room + 2 * page;
    void *pages =
        mmap(NULL, g.page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        give_up("no memory for an array between two pages");
    g.pages = pages;
    g.start = g.pages + page;
    if (mprotect(g.pages, page, PROT_NONE) != 0 || mprotect(g.start + g.room, page, PROT_NONE) != 0)
        give_up("a page cannot be protected");
    g.array = now.is_at_start ? g.start : g.start + g.room - bytes;
    memset(g.start, CANARY, g.room);
    return g;
}

static void *create(size_t bytes)
{
    if (now.array_count == ARRAYS_MAX)
        give_up("too many arrays in a case");
    now.arrays[now.array_count] = guard(bytes);
    return now.arrays[now.array_count++].array;
}

float *check_floats(size_t count)
{
    float *x = create(count * sizeof *x);

    for (size_t i = 0; i < count; i++)
        x[i] = NAN;
    return x;
}

uint8_t *check_bytes(size_t count)
{
    return create(count);
}

static void *create_plain(size_t count, size_t size)
{
    void *x = calloc(count > 0 ? count : 1, size);

    if (x == NULL || now.plain_count == ARRAYS_MAX)
        give_up("no memory for expected values");
    return now.plain[now.plain_count++] = x;
}

double *check_doubles(size_t count)
{
    return create_plain(count, sizeof(double));
}

check_sum *check_sums(size_t count)
{
    return create_plain(count, sizeof(check_sum));
}

static bool is_untouched_around(const guarded *g)
{
    for (const unsigned char *b = g->start; b < g->start + g->room; b++)
        if ((b < g->array || b >= g->array + g->bytes) && *b != CANARY)
            return false;
    return true;
}

void check_begin(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(now.label, sizeof now.label, format, arguments);
    va_end(arguments);
    now.result.cases++;
}

void check_end(void)
{
    for (size_t i = 0; i < now.array_count; i++) {
        if (!is_untouched_around(&now.arrays[i]))
            fail("array %zu: bytes beside it were written", i);
        munmap(now.arrays[i].pages, now.arrays[i].page_bytes);
    }
    for (size_t i = 0; i < now.plain_count; i++)
        free(now.plain[i]);
    now.array_count = now.plain_count = 0;
}

/* --- numbers --- */

static uint32_t word_at(uint32_t seed, size_t i)
{
    const cvy_random_stream stream = { .seed = seed, .purpose = CVY_RANDOM_AUGMENT };
    uint32_t words[4];

    cvy_random_words(&stream, i / 4, words);
    return words[i % 4];
}

void check_fill(uint32_t seed, float low, float high, size_t n, float *x)
{
    for (size_t i = 0; i < n; i++)
        x[i] = low + (high - low) * cvy_random_unit(word_at(seed, i));
}

void check_fill_whole(uint32_t seed, int limit, size_t n, float *x)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (float)((int)(word_at(seed, i) % (uint32_t)(2 * limit + 1)) - limit);
}

/* --- results --- */

/* FNV-1a over 32-bit words, then over the remaining bytes. */
static uint64_t digest_of(size_t bytes, const void *data)
{
    const unsigned char *from = data;
    uint64_t digest = 0xcbf29ce484222325U;

    while (bytes > 0) {
        uint32_t word = 0;
        const size_t size = bytes < sizeof word ? bytes : sizeof word;
        memcpy(&word, from, size);
        digest = (digest ^ word) * 0x100000001b3U;
        from += size, bytes -= size;
    }
    return digest;
}

static void remember(uint64_t digest)
{
    remembered *bits = &now.bits;

    if (bits->count == bits->room) {
        bits->room = 2 * bits->room + 1024;
        bits->digests = realloc(bits->digests, bits->room * sizeof *bits->digests);
        if (bits->digests == NULL)
            give_up("no memory for the results' digests");
    }
    bits->digests[bits->count++] = digest;
    bits->next++;
}

static void compare_bits(const char *what, size_t bytes, const void *found)
{
    remembered *bits = &now.bits;
    const uint64_t digest = digest_of(bytes, found);

    if (!now.is_own)
        return;
    if (bits->next == bits->count)
        remember(digest);
    else if (bits->digests[bits->next++] != digest)
        fail("%s: not the bits of the first instruction set", what);
}

void check_within(const char *what, size_t n, const float *found, const double *expected,
                  const double *bound)
{
    size_t i = 0;

    while (i < n && fabs((double)found[i] - expected[i]) <= bound[i])
        i++;
    if (i < n)
        fail("%s: number %zu of %zu is %.9g, expected %.9g within %.3g", what, i, n,
             (double)found[i], expected[i], bound[i]);
    compare_bits(what, n * sizeof *found, found);
}

void check_near(const char *what, size_t n, const float *found, const check_sum *expected)
{
    double *value = check_doubles(n), *bound = check_doubles(n);

    for (size_t i = 0; i < n; i++) {
        const double growth = expected[i].count * 0x1p-24;
        value[i] = expected[i].value;
        bound[i] = growth / (1 - growth) * expected[i].size;
    }
    check_within(what, n, found, value, bound);
    for (int i = 0; i < 2; i++)
        free(now.plain[--now.plain_count]);
}

void check_same(const char *what, size_t bytes, const void *found, const void *expected)
{
    if (memcmp(found, expected, bytes) != 0)
        fail("%s: not what was expected, byte for byte", what);
    compare_bits(what, bytes, found);
}

/* --- runs --- */

static char touched_text[2 * LABEL_BYTES + 64];

/* Signal handler: a kernel accessed a page beside an array. */
static void say_where(int number)
{
    (void)number;
    const ssize_t written = write(STDERR_FILENO, touched_text, strlen(touched_text));
    (void)written;
    (void)!write(STDERR_FILENO, now.label, strlen(now.label));
    (void)!write(STDERR_FILENO, "\n", 1);
    _exit(1);
}

/* Run a check. Foreign GEMM backends are checked at one end only:
 * that is slower, and they are not ours. */
static void run_subject(const kernel_check *check, const check_subject *subject)
{
    now.is_own = subject->is_own;
    now.set = subject->is_own ? subject->compute.kernels->name : subject->compute.gemm->name;
    snprintf(touched_text, sizeof touched_text,
             "%s, %s: memory beside an array was touched: ", check->name, now.set);
    for (int side = 0; side < (subject->is_own ? 2 : 1); side++) {
        now.bits.next = 0;
        now.is_at_start = side == 1;
        check->run(subject);
    }
}

check_result check_run(const kernel_check *check, const check_subject *subjects, size_t count)
{
    signal(SIGSEGV, say_where);
    signal(SIGBUS, say_where);
    now.check = check->name;
    now.result = (check_result){ 0 };
    now.bits.count = 0;
    for (size_t i = 0; i < count; i++)
        if (check->is_product || subjects[i].is_own)
            run_subject(check, &subjects[i]);
    free(now.bits.digests);
    now.bits = (remembered){ 0 };
    if (now.result.failures > PRINTED_MAX)
        fprintf(stderr, "%s: %zu failures in all\n", check->name, now.result.failures);
    return now.result;
}

/* --- self-test --- */

static bool is_caught(volatile const unsigned char *place)
{
    int status;
    const pid_t child = fork();

    if (child == 0) {
        signal(SIGSEGV, SIG_DFL);
        signal(SIGBUS, SIG_DFL);
        (void)*place;
        _exit(0);
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFSIGNALED(status);
}

static bool guards_work(void)
{
    bool all = true;

    for (int side = 0; side < 2; side++) {
        now.is_at_start = side == 1;
        check_begin("guards");
        const unsigned char *x = check_bytes(LINE_BYTES);
        all = all && is_caught(side == 1 ? x - 1 : x + LINE_BYTES);
        check_end();
    }
    return all;
}

/* Run one case that must fail in several ways. */
static bool finds_what_is_wrong(void)
{
    static const double expected[LINE_BYTES] = { 0 }, bound[LINE_BYTES] = { 0 };

    now.is_own = true;
    now.result = (check_result){ 0 };
    now.bits = (remembered){ 0 };
    check_begin("faults");
    float *x = check_floats(LINE_BYTES);
    for (int i = 0; i < LINE_BYTES; i++)
        x[i] = 0;
    check_within("right", LINE_BYTES, x, expected, bound);
    x[LINE_BYTES - 1] = -0.0F;
    now.bits.next = 0;
    check_within("other bits", LINE_BYTES, x, expected, bound);
    x[LINE_BYTES - 1] = NAN;
    check_within("not a number", LINE_BYTES, x, expected, bound);
    x[LINE_BYTES] = 1; /* just after an array that is at the start of its page */
    check_end();
    free(now.bits.digests);
    now.bits = (remembered){ 0 };
    return now.result.failures == 3;
}

bool check_itself(void)
{
    now.check = now.set = "itself";
    now.is_quiet = true;
    const bool is_well = guards_work() && finds_what_is_wrong();
    now.is_quiet = false;
    return is_well;
}
