#include "convoy/runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/plural.h"
#include "base/topology.h"
#include "convoy/convoy.h"
#include "kernels/gemm.h"
#include "kernels/kernels.h"

enum { REASON_BYTES = 160 };

const char *cvy_version(void)
{
    return CVY_VERSION_STRING;
}

cvy_status cvy_kernels_selected(const char **gemm, const char **isa)
{
    const cvy_gemm_backend *backend;
    const cvy_kernels *kernels;
    cvy_status status = cvy_kernels_choose(&kernels);

    if (status == CVY_OK)
        status = cvy_gemm_choose(&backend);
    if (status != CVY_OK)
        return status;
    if (gemm != NULL)
        *gemm = cvy_gemm_label(backend);
    if (isa != NULL)
        *isa = kernels->name;
    return CVY_OK;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* What the GEMM backend supports. An invalid CONVOY_GEMM is reported by the code that
 * multiplies. */
static size_t workers_max(void)
{
    const cvy_gemm_backend *gemm;

    if (cvy_gemm_choose(&gemm) != CVY_OK || gemm->workers_max == NULL)
        return CVY_WORKERS_MAX;
    return least(gemm->workers_max(), CVY_WORKERS_MAX);
}

/* OMP_NUM_THREADS may be a list with an entry for every level of nesting; the first one counts.
 * OpenMP 5.2, section 21.1.2. Returns 0 for anything else. */
static size_t threads_of_openmp(void)
{
    const char *text = getenv("OMP_NUM_THREADS");
    char *end;

    if (text == NULL)
        return 0;
    text += strspn(text, " ");
    const unsigned long number = strtoul(text, &end, 10);
    return *text >= '0' && *text <= '9' && (*end == '\0' || *end == ',') ? number : 0;
}

static void print_reason(const cvy_topology *t, size_t threads, char reason[REASON_BYTES])
{
    if (threads < t->allowed_cores)
        cvy_number_text(reason, REASON_BYTES, "a CPU quota of %.3g processors on %zu cores",
                        t->quota, t->allowed_cores);
    else if (t->allowed_cores < t->cores)
        snprintf(reason, REASON_BYTES, "one for each of the %zu cores that this process may use",
                 t->allowed_cores);
    else
        snprintf(reason, REASON_BYTES, "one for each of %zu core%s", threads, cvy_plural(threads));
}

const cvy_threads_info *cvy_threads_recommended(void)
{
    static _Thread_local cvy_threads_info info;
    static _Thread_local char reason[REASON_BYTES];
    size_t threads = threads_of_openmp();

    if (threads > 0) {
        snprintf(reason, sizeof reason, "OMP_NUM_THREADS is %zu", threads);
    } else {
        const cvy_topology *topology = cvy_topology_detect();
        threads = cvy_topology_threads(topology);
        print_reason(topology, threads, reason);
    }
    info = (cvy_threads_info){ .max = workers_max(), .reason = reason };
    info.recommended = least(threads, info.max);
    if (info.recommended < threads) {
        const size_t length = strlen(reason);
        snprintf(reason + length, sizeof reason - length, ", but at most %zu are supported",
                 info.max);
    }
    return &info;
}
