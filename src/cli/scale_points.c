#include "cli/scale_points.h"

#include <stdlib.h>
#include <string.h>

#include "cli/amounts.h"
#include "cli/options.h"

enum { RANKS_MAX = 65536 };

/* The option that lists the numbers, in increasing order. */
typedef struct {
    const char *option;
    size_t most, count;
    size_t *numbers; /* [CVY_POINTS_MAX] */
} list;

static cvy_status add_number(list *l, size_t number)
{
    size_t at = 0;

    while (at < l->count && l->numbers[at] < number)
        at++;
    if (at < l->count && l->numbers[at] == number)
        return CVY_OK;
    if (l->count == CVY_POINTS_MAX)
        return cvy_fail(CVY_ERR_SETTING, "%s: more than %d numbers", l->option, CVY_POINTS_MAX);
    memmove(&l->numbers[at + 1], &l->numbers[at], (l->count - at) * sizeof *l->numbers);
    l->numbers[at] = number;
    l->count++;
    return CVY_OK;
}

static cvy_status fail_list(const list *l, const char *text)
{
    char meant[CVY_AMOUNT_BYTES], option[32];
    const bool is_clear = cvy_counts_meant(text, l->most, meant);

    snprintf(option, sizeof option, "scale %s", l->option);
    cvy_fail(CVY_ERR_SETTING,
             "%s: found \"%.80s\", expected whole numbers from 1 to %zu, with commas between them",
             l->option, text, l->most);
    return cvy_amount_hint(option, text, is_clear ? meant : NULL);
}

static cvy_status read_list(const char *whole, list *l)
{
    cvy_status status = add_number(l, 1);

    for (const char *text = whole; status == CVY_OK;) {
        char *end;
        const unsigned long number = strtoul(text, &end, 10);
        if (*text < '0' || *text > '9' || (*end != ',' && *end != '\0') || number < 1 ||
            number > l->most)
            return fail_list(l, whole);
        if (l->most == CVY_WORKERS_MAX)
            status = cvy_check_workers(l->option, number);
        if (status == CVY_OK)
            status = add_number(l, number);
        if (*end == '\0')
            break;
        text = end + 1;
    }
    return status;
}

/* 1, 2, 4 ... and `all`. */
static cvy_status choose_list(size_t all, list *l)
{
    cvy_status status = CVY_OK;

    for (size_t number = 1; status == CVY_OK && number < all; number *= 2)
        status = add_number(l, number);
    return status == CVY_OK ? add_number(l, all) : status;
}

static cvy_status choose_threads(const cvy_scale_points *o, cvy_scaling_request *request)
{
    list l = { "--threads", CVY_WORKERS_MAX, 0, request->thread_counts };
    cvy_status status =
        o->threads != NULL ? read_list(o->threads, &l) : choose_list(o->default_threads, &l);

    request->point_count = l.count;
    return status;
}

/* All points have the same number of threads per rank, set by --threads. */
static cvy_status choose_ranks(const cvy_scale_points *o, cvy_scaling_request *request)
{
    const size_t started = cvy_comm_started(request->comm);
    size_t threads[CVY_POINTS_MAX];
    list l = { "--ranks", RANKS_MAX, 0, request->rank_counts };
    list of_threads = { "--threads", CVY_WORKERS_MAX, 0, threads };
    cvy_status status = o->ranks != NULL ? read_list(o->ranks, &l) : choose_list(started, &l);

    if (status == CVY_OK && l.numbers[l.count - 1] > started)
        return cvy_fail(CVY_ERR_SETTING,
                        "--ranks: found %zu, expected at most the %zu process%s that the launcher "
                        "started",
                        l.numbers[l.count - 1], started, started == 1 ? "" : "es");
    threads[0] = o->default_threads;
    if (status == CVY_OK && o->threads != NULL)
        status = read_list(o->threads, &of_threads);
    if (status == CVY_OK && o->threads != NULL && strchr(o->threads, ',') != NULL)
        return cvy_fail(CVY_ERR_SETTING,
                        "--threads: found \"%.80s\", expected one number with several ranks: the "
                        "threads of each",
                        o->threads);
    request->point_count = l.count;
    for (size_t i = 0; i < l.count; i++)
        request->thread_counts[i] = threads[of_threads.count > 0 ? of_threads.count - 1 : 0];
    return status;
}

cvy_status cvy_scale_choose_points(const cvy_scale_points *o, cvy_scaling_request *request)
{
    if (request->comm != NULL)
        return choose_ranks(o, request);
    if (o->ranks != NULL)
        return cvy_fail(CVY_ERR_SETTING,
                        "--ranks: found one process, expected a launcher that starts more, as in "
                        "mpirun -n 4 convoy scale --ranks 1,2,4 (docs/cluster.md)");
    return choose_threads(o, request);
}
