/* The machine and this build, as reports and `convoy info` tell of them, and the thread doctor: a
 * plain sentence for each trap that lies between many threads and their speed. */
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
    bool uses_blas;                                /* for matrix products */
    char blas[256], blas_build[64], blas_core[64]; /* empty where there is none */
    size_t blas_threads_max;                       /* that it was built for; 0: not known */
    size_t blas_workers_max;                       /* that may multiply at the same time with it */
    const char *blas_taming; /* how it was kept to one thread; NULL: no BLAS */
    double blas_spread;      /* processor time of the process over that of the calling thread, in a
                           product that a worker asks for: 1 when it stays on its thread */
    const cvy_cpu *cpu;
    const cvy_topology *topology;
    size_t places;     /* that OpenMP is configured to bind threads to; 0: it binds none */
    char governor[32]; /* of the clock, or "not shown" */
    char system[160];  /* kernel and architecture */
    double load;       /* processes that want to run, mean of the last minute; NaN: not known */
    size_t warning_count;
    char warnings[CVY_WARNINGS_MAX][CVY_WARNING_BYTES];
} cvy_machine;

/** Look at everything, for as many threads. Returns CVY_ERR_SETTING where CONVOY_ISA or CONVOY_GEMM
 *  ask for what is not there, CVY_ERR_MEMORY. */
cvy_status cvy_machine_look(size_t threads, cvy_machine *machine);

/** Whether a product of one worker keeps to its thread, as was measured. */
bool cvy_machine_blas_stays(const cvy_machine *machine);

/** Work out the sentences from the rest of the struct. */
void cvy_machine_diagnose(cvy_machine *machine);

/** Only the sentences that every training should show: more threads than cores, than the quota or than
 *  OpenMP allows. It fills in what they need and measures nothing. */
void cvy_machine_diagnose_threads(size_t threads_wanted, cvy_machine *machine);

/** {"build":{},"blas":{},"cpu":{},"kernels":{},"threads":{},"warnings":[]} */
json_t *cvy_machine_json(const cvy_machine *machine);

/** "2 cores, 4 hardware threads, 1 socket, 1 NUMA node" */
void cvy_machine_describe_cores(const cvy_topology *topology, char *text, size_t size);

/** "L1 32 KiB, L2 2 MiB, L3 105 MiB x 2" */
void cvy_machine_describe_caches(const cvy_topology *topology, char *text, size_t size);

#endif
