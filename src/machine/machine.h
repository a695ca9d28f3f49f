/* The machine and this build, for reports and `convoy info`, and the thread doctor: a plain
 * sentence for each thing that slows threads down. */
#ifndef CVY_MACHINE_MACHINE_H
#define CVY_MACHINE_MACHINE_H

#include "base/json.h"
#include "base/cpu.h"
#include "base/topology.h"
#include "kernels/gemm.h"
#include "kernels/kernels.h"

enum { CVY_WARNINGS_MAX = 12, CVY_WARNING_BYTES = 320 };

typedef struct {
    size_t threads; /* that will run */
    size_t threads_wanted;
    const cvy_kernels *kernels;
    const cvy_gemm_backend *gemm;
    const char *gemm_reason;
    bool uses_blas;                                /* for GEMM */
    char blas[256], blas_build[64], blas_core[64]; /* empty without BLAS */
    size_t blas_threads_max;                       /* set at its build; 0: not known */
    size_t blas_workers_max;                       /* workers that may call it at the same time */
    const char *blas_taming; /* how it was limited to one thread; NULL: no BLAS */
    double blas_spread; /* processor time of the process over that of the calling thread, during
                           a worker's product: 1 if it stays on the thread */
    const cvy_cpu *cpu;
    const cvy_topology *topology;
    size_t places;     /* to which OpenMP is configured to bind threads; 0: no binding */
    char governor[32]; /* of the clock frequency, or "not shown" */
    char system[160];  /* kernel and architecture */
    double load;       /* runnable processes, mean of the last minute; NaN: not known */
    size_t warning_count;
    char warnings[CVY_WARNINGS_MAX][CVY_WARNING_BYTES];
} cvy_machine;

/** Examine everything, for `threads` threads. Returns CVY_ERR_SETTING if CONVOY_ISA or CONVOY_GEMM
 *  asks for something unavailable, CVY_ERR_MEMORY. */
cvy_status cvy_machine_look(size_t threads, cvy_machine *machine);

/** Whether, as measured, a product of one worker stays on its thread. */
bool cvy_machine_blas_stays(const cvy_machine *machine);

/** Derive the warnings from the rest of the struct. */
void cvy_machine_diagnose(cvy_machine *machine);

/** Derive only the warnings that every training should show: more threads than cores, than the
 *  quota or than OpenMP allows. Fills in what they need and measures nothing. */
void cvy_machine_diagnose_threads(size_t threads_wanted, cvy_machine *machine);

/** {"build":{},"blas":{},"cpu":{},"kernels":{},"threads":{},"warnings":[]} */
json_t *cvy_machine_json(const cvy_machine *machine);

/** "2 cores, 4 hardware threads, 1 socket, 1 NUMA node" */
void cvy_machine_describe_cores(const cvy_topology *topology, char *text, size_t size);

/** "L1 32 KiB, L2 2 MiB, L3 105 MiB x 2" */
void cvy_machine_describe_caches(const cvy_topology *topology, char *text, size_t size);

#endif
