/* What is found of the machine holds together, and workers are put where they belong. */
#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "base/topology.h"

Test(topology, this_machine_holds_together)
{
    const cvy_topology *t = cvy_topology_detect();

    cr_expect(eq(ptr, (void *)t, (void *)cvy_topology_detect()));
    cr_expect(ge(sz, t->cpus, t->cores));
    cr_expect(ge(sz, t->cores, t->sockets));
    cr_expect(ge(sz, t->allowed_cpus, t->allowed_cores));
    cr_expect(ge(sz, t->allowed_cores, 1));
    cr_expect(le(sz, t->allowed_cpus, t->cpus));
    cr_expect(gt(dbl, t->quota, 0));
    cr_expect(ge(sz, cvy_topology_threads(t), 1));
    for (size_t i = 0; i < t->cpus; i++)
        cr_expect(eq(ptr, (void *)cvy_topology_find(t, t->places[i].cpu), (void *)&t->places[i]));
    cr_expect_null(cvy_topology_find(t, -1));
}

/* Two sockets of two cores of two hardware threads; Linux numbers the second ones last. One of them
 * is not ours. */
static cvy_topology made(void)
{
    cvy_topology t = { .sockets = 2, .cores = 4, .cpus = 8, .quota = HUGE_VAL };

    for (size_t i = 0; i < 8; i++)
        t.places[i] = (cvy_cpu_place){
            .cpu = (int)(i / 2 + i % 2 * 4), .core = i / 2, .socket = i / 4, .is_allowed = i != 5
        };
    t.allowed_cpus = 7;
    t.allowed_cores = 4;
    return t;
}

static size_t chosen(const cvy_topology *t, cvy_bind bind, size_t worker)
{
    cvy_cpu_mask mask;
    size_t bits = 0;

    cvy_topology_choose(t, bind, worker, &mask);
    for (size_t cpu = 0; cpu < 8; cpu++)
        bits |= (size_t)mask.has[cpu] << cpu;
    return bits;
}

Test(topology, cores_first_and_then_their_second_threads)
{
    const cvy_topology t = made();
    static const size_t cpus[] = { 0, 1, 2, 3, 4, 5, 7, 0, 1 }; /* CPU 6 is not ours */

    for (size_t worker = 0; worker < sizeof cpus / sizeof *cpus; worker++)
        cr_expect(eq(sz, chosen(&t, CVY_BIND_CORES, worker), (size_t)1 << cpus[worker]),
                  "worker %zu", worker);
}

Test(topology, sockets_take_turns)
{
    const cvy_topology t = made();

    cr_expect(eq(sz, chosen(&t, CVY_BIND_SOCKETS, 0), 0x33));
    cr_expect(eq(sz, chosen(&t, CVY_BIND_SOCKETS, 1), 0x8c));
    cr_expect(eq(sz, chosen(&t, CVY_BIND_SOCKETS, 2), 0x33));
    cr_expect(eq(sz, chosen(&t, CVY_BIND_NONE, 1), 0xbf));
}

Test(topology, a_thread_a_core_within_the_quota)
{
    cvy_topology t = made();

    cr_expect(eq(sz, cvy_topology_threads(&t), 4));
    t.quota = 3.9;
    cr_expect(eq(sz, cvy_topology_threads(&t), 3));
    t.quota = 0.4;
    cr_expect(eq(sz, cvy_topology_threads(&t), 1));
}

Test(topology, a_thread_is_bound_and_let_go)
{
    cvy_cpu_mask before;
    cpu_set_t first, bound, after;

    cr_assert(zero(int, sched_getaffinity(0, sizeof first, &first)));
    cvy_topology_bind(CVY_BIND_CORES, 0, &before);
    cr_assert(zero(int, sched_getaffinity(0, sizeof bound, &bound)));
    cr_expect(eq(int, CPU_COUNT(&bound), 1));
    cvy_topology_unbind(CVY_BIND_CORES, &before);
    cr_assert(zero(int, sched_getaffinity(0, sizeof after, &after)));
    const int is_as_before = CPU_EQUAL(&first, &after);
    cr_expect(is_as_before);
}
