#define _GNU_SOURCE
#include "base/topology.h"

#include <hwloc.h>
#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/quota.h"

static cvy_topology found;

static bool read_mask(cvy_cpu_mask *mask)
{
    cpu_set_t cpus;

    *mask = (cvy_cpu_mask){ .is_known = sched_getaffinity(0, sizeof cpus, &cpus) == 0 };
    for (int cpu = 0; mask->is_known && cpu < CVY_CPUS_MAX && cpu < CPU_SETSIZE; cpu++)
        mask->has[cpu] = CPU_ISSET(cpu, &cpus);
    return mask->is_known;
}

static void write_mask(const cvy_cpu_mask *mask)
{
    cpu_set_t cpus;

    CPU_ZERO(&cpus);
    for (int cpu = 0; cpu < CVY_CPUS_MAX && cpu < CPU_SETSIZE; cpu++)
        if (mask->has[cpu])
            CPU_SET(cpu, &cpus);
    sched_setaffinity(0, sizeof cpus, &cpus);
}

/* The affinity mask, or OpenMP's places if it was set to bind threads: libgomp has then already bound
 * this one to the first of them, and LLVM's libomp has yet to do so. */
static void read_allowed(cvy_cpu_mask *allowed)
{
    int cpus[CVY_CPUS_MAX];

    read_mask(allowed);
    if (omp_get_num_places() > 0 && omp_get_proc_bind() != omp_proc_bind_false)
        memset(allowed->has, 0, sizeof allowed->has);
    for (int place = 0; place < omp_get_num_places(); place++) {
        const int count = omp_get_place_num_procs(place);
        if (count > CVY_CPUS_MAX)
            continue;
        omp_get_place_proc_ids(place, cpus);
        for (int i = 0; i < count; i++)
            if (cpus[i] >= 0 && cpus[i] < CVY_CPUS_MAX)
                allowed->has[cpus[i]] = true;
    }
}

static size_t number_above(hwloc_obj_t cpu, hwloc_topology_t hardware, hwloc_obj_type_t type)
{
    const hwloc_obj_t above = hwloc_get_ancestor_obj_by_type(hardware, type, cpu);
    return above != NULL ? above->logical_index : 0;
}

static size_t numa_node_of(hwloc_topology_t hardware, hwloc_obj_t cpu)
{
    hwloc_obj_t node = NULL;

    while ((node = hwloc_get_next_obj_by_type(hardware, HWLOC_OBJ_NUMANODE, node)) != NULL)
        if (hwloc_bitmap_isset(node->nodeset, node->os_index) &&
            hwloc_bitmap_isincluded(cpu->cpuset, node->cpuset))
            return node->logical_index;
    return 0;
}

static size_t count_of(hwloc_topology_t hardware, hwloc_obj_type_t type)
{
    const int count = hwloc_get_nbobjs_by_type(hardware, type);
    return count > 0 ? (size_t)count : 0;
}

static void read_caches(hwloc_topology_t hardware)
{
    static const hwloc_obj_type_t levels[] = { HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L2CACHE,
                                               HWLOC_OBJ_L3CACHE };

    for (size_t level = 0; level < CVY_CACHE_LEVELS; level++) {
        const hwloc_obj_t cache = hwloc_get_obj_by_type(hardware, levels[level], 0);
        found.cache[level].count = count_of(hardware, levels[level]);
        found.cache[level].bytes = cache != NULL ? cache->attr->cache.size : 0;
    }
}

static void read_places(hwloc_topology_t hardware)
{
    hwloc_obj_t cpu = NULL;

    while ((cpu = hwloc_get_next_obj_by_type(hardware, HWLOC_OBJ_PU, cpu)) != NULL) {
        if (cpu->os_index >= CVY_CPUS_MAX || found.cpus == CVY_CPUS_MAX)
            continue;
        const bool has_core = count_of(hardware, HWLOC_OBJ_CORE) > 0;
        found.places[found.cpus++] = (cvy_cpu_place){
            .cpu = (int)cpu->os_index,
            .core = has_core ? number_above(cpu, hardware, HWLOC_OBJ_CORE) : cpu->logical_index,
            .socket = number_above(cpu, hardware, HWLOC_OBJ_PACKAGE),
            .numa_node = numa_node_of(hardware, cpu),
        };
    }
    found.cores = count_of(hardware, HWLOC_OBJ_CORE);
    found.sockets = count_of(hardware, HWLOC_OBJ_PACKAGE);
    found.numa_nodes = count_of(hardware, HWLOC_OBJ_NUMANODE);
    read_caches(hardware);
}

/* hwloc 2.9 crashes if one of its allocations fails; it needs less than this. The block is shrunk
 * before it is freed: glibc chooses which blocks to put on its heap by the largest block that was
 * ever freed, and large blocks leave gaps there (mnist-cnn took 40 % more memory). */
static bool has_room_for_hwloc(void)
{
    void *volatile room = malloc(16 << 20); /* volatile: else the compiler removes all calls */
    const bool has_room = room != NULL;
    void *volatile small = has_room ? realloc(room, 1) : NULL;

    free(small != NULL ? small : room);
    return has_room;
}

static void read_hardware(void)
{
    hwloc_topology_t hardware;

    if (!has_room_for_hwloc() || hwloc_topology_init(&hardware) != 0)
        return;
    if (hwloc_topology_load(hardware) == 0)
        read_places(hardware);
    hwloc_topology_destroy(hardware);
}

/* If hwloc finds nothing, assume one core for each online processor. */
static void assume_cores(void)
{
    const long online = sysconf(_SC_NPROCESSORS_ONLN);

    found.cpus = found.cores = online > 0 && online <= CVY_CPUS_MAX ? (size_t)online : 1;
    for (size_t i = 0; i < found.cpus; i++)
        found.places[i] = (cvy_cpu_place){ .cpu = (int)i, .core = i };
}

static void count_allowed(void)
{
    cvy_cpu_mask allowed;
    bool has_core[CVY_CPUS_MAX] = { false };

    read_allowed(&allowed);
    for (size_t i = 0; i < found.cpus; i++) {
        cvy_cpu_place *place = &found.places[i];
        place->is_allowed = allowed.has[place->cpu];
        if (!place->is_allowed)
            continue;
        found.allowed_cpus++;
        found.allowed_cores += !has_core[place->core];
        has_core[place->core] = true;
    }
}

static void detect(void)
{
    read_hardware();
    if (found.cpus == 0)
        assume_cores();
    found.cores = found.cores > 0 ? found.cores : found.cpus;
    found.sockets = found.sockets > 0 ? found.sockets : 1;
    found.numa_nodes = found.numa_nodes > 0 ? found.numa_nodes : 1;
    count_allowed();
    if (found.allowed_cpus == 0) { /* a mask of processors unknown to hwloc */
        found.places[0].is_allowed = true;
        found.allowed_cpus = found.allowed_cores = 1;
    }
    found.quota = cvy_quota_read("");
}

const cvy_topology *cvy_topology_detect(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, detect);
    return &found;
}

const cvy_cpu_place *cvy_topology_find(const cvy_topology *topology, int cpu)
{
    for (size_t i = 0; i < topology->cpus; i++)
        if (topology->places[i].cpu == cpu)
            return &topology->places[i];
    return NULL;
}

size_t cvy_topology_threads(const cvy_topology *topology)
{
    if (topology->quota >= (double)topology->allowed_cores)
        return topology->allowed_cores;
    return topology->quota >= 1 ? (size_t)topology->quota : 1;
}

/* The index of a place among its core's allowed hardware threads. */
static size_t number_in_core(const cvy_topology *topology, size_t place)
{
    size_t number = 0;

    for (size_t i = 0; i < place; i++)
        number += topology->places[i].is_allowed &&
                  topology->places[i].core == topology->places[place].core;
    return number;
}

static int choose_cpu(const cvy_topology *topology, size_t worker)
{
    size_t left = worker % topology->allowed_cpus;

    for (size_t number = 0;; number++)
        for (size_t i = 0; i < topology->cpus; i++)
            if (topology->places[i].is_allowed && number_in_core(topology, i) == number &&
                left-- == 0)
                return topology->places[i].cpu;
}

/* The sockets with allowed hardware threads take turns. */
static size_t choose_socket(const cvy_topology *topology, size_t worker)
{
    size_t allowed[CVY_CPUS_MAX], count = 0;

    for (size_t i = 0; i < topology->cpus; i++) {
        const cvy_cpu_place *place = &topology->places[i];
        if (place->is_allowed && (count == 0 || allowed[count - 1] != place->socket))
            allowed[count++] = place->socket;
    }
    return count > 0 ? allowed[worker % count] : 0;
}

void cvy_topology_choose(const cvy_topology *topology, cvy_bind bind, size_t worker,
                         cvy_cpu_mask *mask)
{
    *mask = (cvy_cpu_mask){ .is_known = true };
    if (bind == CVY_BIND_CORES) {
        mask->has[choose_cpu(topology, worker)] = true;
        return;
    }
    const size_t socket = bind == CVY_BIND_SOCKETS ? choose_socket(topology, worker) : 0;
    for (size_t i = 0; i < topology->cpus; i++) {
        const cvy_cpu_place *place = &topology->places[i];
        if (place->is_allowed && (bind == CVY_BIND_NONE || place->socket == socket))
            mask->has[place->cpu] = true;
    }
}

void cvy_topology_bind(cvy_bind bind, size_t worker, cvy_cpu_mask *before)
{
    cvy_cpu_mask mask;

    if (bind == CVY_BIND_NONE || !read_mask(before))
        return;
    cvy_topology_choose(cvy_topology_detect(), bind, worker, &mask);
    write_mask(&mask);
}

void cvy_topology_unbind(cvy_bind bind, const cvy_cpu_mask *before)
{
    if (bind != CVY_BIND_NONE && before->is_known)
        write_mask(before);
}
