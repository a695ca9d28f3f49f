#include "machine/load.h"

#include <math.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/topology.h"

static double own_time(void)
{
    struct rusage use;

    if (getrusage(RUSAGE_SELF, &use) != 0)
        return NAN;
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
           1e-6 * (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec);
}

/* Source: proc(5), /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal. */
cvy_load_mark cvy_load_begin(void)
{
    const cvy_topology *topology = cvy_topology_detect();
    cvy_load_mark time = { .busy = NAN, .own = own_time(), .wall = cvy_clock_seconds() };
    char line[512];
    FILE *file = fopen("/proc/stat", "r");

    if (file == NULL)
        return time;
    time.busy = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        int cpu;
        double user, nice, system, idle, waiting, irq, softirq, steal;
        if (sscanf(line, "cpu%d %lf %lf %lf %lf %lf %lf %lf %lf", &cpu, &user, &nice, &system,
                   &idle, &waiting, &irq, &softirq, &steal) != 9)
            continue;
        const cvy_cpu_place *place = cvy_topology_find(topology, cpu);
        if (place != NULL && place->is_allowed)
            time.busy +=
                (user + nice + system + irq + softirq + steal) / (double)sysconf(_SC_CLK_TCK);
    }
    fclose(file);
    return time;
}

double cvy_load_own(const cvy_load_mark *begin)
{
    return own_time() - begin->own;
}

double cvy_load_elsewhere(const cvy_load_mark *begin)
{
    return cvy_load_elsewhere_but(begin, 0);
}

double cvy_load_elsewhere_but(const cvy_load_mark *begin, double ours)
{
    const cvy_load_mark now = cvy_load_begin();
    const double others = (now.busy - begin->busy) - (now.own - begin->own) - ours;
    const double seconds = now.wall - begin->wall;

    if (isnan(others) || seconds < cvy_load_span)
        return NAN;
    return fmax(others, 0) / (seconds * (double)cvy_topology_detect()->allowed_cpus);
}
