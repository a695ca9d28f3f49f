/* The machine's structure and this process's part of it: sockets, cores, their hardware threads
 * (SMT), memory (NUMA) nodes and caches, from hwloc; the affinity mask, OpenMP's places and the CPU
 * quota. */
#ifndef CVY_BASE_TOPOLOGY_H
#define CVY_BASE_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>

#include "convoy/train.h"

enum { CVY_CPUS_MAX = 1024, CVY_CACHE_LEVELS = 3 };

/* A hardware thread; the system calls it a CPU. */
typedef struct {
    int cpu;                        /* as the system numbers it */
    size_t core, socket, numa_node; /* counted from 0, in hwloc's logical order */
    bool is_allowed;
} cvy_cpu_place;

typedef struct {
    size_t sockets, numa_nodes, cores, cpus; /* of the machine */
    size_t allowed_cpus;                     /* that this process may run on */
    size_t allowed_cores;                    /* with at least one allowed CPU */
    double quota;                            /* in processors; infinite: no limit */
    struct {
        size_t bytes, count; /* of one cache, and the number of them; 0: unknown */
    } cache[CVY_CACHE_LEVELS];
    cvy_cpu_place places[CVY_CPUS_MAX]; /* [cpus], in logical order */
} cvy_topology;

/** Returns the same object at every call. Any thread. The first call takes a few milliseconds. */
const cvy_topology *cvy_topology_detect(void);

/** The hardware thread with the system's number `cpu`, or NULL. */
const cvy_cpu_place *cvy_topology_find(const cvy_topology *topology, int cpu);

/** The default number of workers: one for each allowed core, since the hardware threads of a core
 *  share its arithmetic units; no more than the quota can keep busy. */
size_t cvy_topology_threads(const cvy_topology *topology);

/* Where a thread may run. */
typedef struct {
    bool is_known, has[CVY_CPUS_MAX];
} cvy_cpu_mask;

/** The CPUs for worker `worker`: the first hardware threads of all allowed cores in logical order,
 *  then the second ones, and so on from the beginning. */
void cvy_topology_choose(const cvy_topology *topology, cvy_bind bind, size_t worker,
                         cvy_cpu_mask *mask);

/** Bind the calling thread, and later restore it. Bindings that the system refuses are ignored. */
void cvy_topology_bind(cvy_bind bind, size_t worker, cvy_cpu_mask *before);
void cvy_topology_unbind(cvy_bind bind, const cvy_cpu_mask *before);

#endif
