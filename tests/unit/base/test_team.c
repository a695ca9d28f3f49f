/* Workers who share out pieces and wait for each other, more of them than there are cores too. */
#include <criterion/criterion.h>
#include <omp.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "base/team.h"

enum { WORKERS_MAX = 9, PIECES_MAX = 100, PHASES = 200 };

typedef struct {
    size_t pieces;
    atomic_uint taken[PIECES_MAX];
    atomic_size_t by_owner; /* pieces that went to the worker they belong to */
    atomic_size_t behind;   /* workers that saw a piece of the phase before undone */
} sharing;

static void share_phases(void *context, cvy_team *team, size_t worker)
{
    sharing *s = context;

    for (unsigned phase = 1; phase <= PHASES; phase++) {
        for (size_t i; (i = cvy_team_take(team, worker, s->pieces)) < s->pieces;) {
            atomic_fetch_add(&s->taken[i], 1);
            const size_t begin = s->pieces * worker / team->size;
            const size_t end = s->pieces * (worker + 1) / team->size;
            atomic_fetch_add(&s->by_owner, i >= begin && i < end);
        }
        cvy_team_meet(team, worker);
        for (size_t i = 0; i < s->pieces; i++)
            atomic_fetch_add(&s->behind, atomic_load(&s->taken[i]) < phase);
        cvy_team_meet(team, worker);
    }
}

static cvy_status lead_sharing(void *context, cvy_team *team)
{
    sharing *s = context;

    for (size_t pieces = 0; pieces < PIECES_MAX; pieces += pieces < 12 ? 1 : 29) {
        memset((void *)s->taken, 0, sizeof s->taken);
        s->pieces = pieces;
        cvy_team_do(team, share_phases, s);
        for (size_t i = 0; i < pieces; i++)
            cr_expect_eq(atomic_load(&s->taken[i]), PHASES, "%zu workers: piece %zu of %zu, %u",
                         team->size, i, pieces, atomic_load(&s->taken[i]));
    }
    return CVY_OK;
}

Test(team, each_piece_is_given_out_once_a_phase_and_done_when_all_have_met)
{
    static sharing s;

    for (size_t size = 1; size <= WORKERS_MAX; size += 1 + size / 4) {
        cr_assert_eq(cvy_team_run(size, CVY_BIND_NONE, lead_sharing, &s), CVY_OK);
        cr_expect_eq(atomic_load(&s.behind), 0, "%zu workers", size);
    }
    cr_expect_gt(atomic_load(&s.by_owner), 0);
}

/* A worker who never comes for its pieces: the others take them over. */
static void leave_all_to_others(void *context, cvy_team *team, size_t worker)
{
    sharing *s = context;

    if (worker > 0 || team->size == 1)
        for (size_t i; (i = cvy_team_take(team, worker, s->pieces)) < s->pieces;)
            atomic_fetch_add(&s->taken[i], 1);
    cvy_team_meet(team, worker);
}

static cvy_status lead_idler(void *context, cvy_team *team)
{
    sharing *s = context;

    cvy_team_do(team, leave_all_to_others, s);
    for (size_t i = 0; i < s->pieces; i++)
        cr_expect_eq(atomic_load(&s->taken[i]), 1, "piece %zu", i);
    return CVY_OK;
}

Test(team, pieces_of_others_are_taken_over)
{
    static sharing s = { .pieces = 50 };
    cr_assert_eq(cvy_team_run(3, CVY_BIND_NONE, lead_idler, &s), CVY_OK);
}

static cvy_status note_size(void *context, cvy_team *team)
{
    *(size_t *)context = team->size;
    return CVY_OK;
}

/* With OMP_DYNAMIC, OpenMP starts no more threads than there are idle cores, and the number that is
 * reported would not be the one that runs. */
Test(team, has_the_size_asked_for_also_when_openmp_is_dynamic)
{
    size_t size = 0;

    omp_set_dynamic(true);
    cr_assert_eq(cvy_team_run(7, CVY_BIND_NONE, note_size, &size), CVY_OK);
    cr_expect_eq(size, 7);
    cr_expect_neq(omp_get_dynamic(), 0);
}

/* Waiting workers sleep: with a job of 0.3 s in which they have nothing to do, they use no processor. */
static void sleep_or_wait(void *context, cvy_team *team, size_t worker)
{
    static const struct timespec nap = { 0, 300000000 };
    struct timespec used;

    if (worker == 0)
        nanosleep(&nap, NULL);
    cvy_team_meet(team, worker);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    if (worker == 1)
        *(double *)context = (double)used.tv_sec + 1e-9 * (double)used.tv_nsec;
}

static cvy_status lead_sleeper(void *context, cvy_team *team)
{
    cvy_team_do(team, sleep_or_wait, context);
    return CVY_OK;
}

Test(team, workers_that_wait_long_sleep)
{
    double used = 1;

    cr_assert_eq(cvy_team_run(2, CVY_BIND_NONE, lead_sleeper, &used), CVY_OK);
    cr_expect_lt(used, 0.1, "%g s of processor time", used);
}

static cvy_status fail(void *context, cvy_team *team)
{
    (void)context;
    return cvy_fail(CVY_ERR_DATA, "%zu workers, and none has anything to do", team->size);
}

Test(team, what_the_leader_returns_is_returned)
{
    cr_expect_eq(cvy_team_run(4, CVY_BIND_CORES, fail, NULL), CVY_ERR_DATA);
    cr_expect_str_eq(cvy_error_message(), "4 workers, and none has anything to do");
}
