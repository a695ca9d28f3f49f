/* The thread doctor on made-up machines: a sentence for each trap, and none on a healthy machine. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/machine.h"

static cvy_topology topology;
static cvy_machine machine;

/* Eight cores of two hardware threads each, all ours; eight threads; OpenBLAS that keeps still. */
static void begin(void)
{
    static const cvy_gemm_backend gemm = { .name = "openblas" };

    topology = (cvy_topology){ .sockets = 1,
                               .numa_nodes = 1,
                               .cores = 8,
                               .cpus = 16,
                               .allowed_cores = 8,
                               .allowed_cpus = 16,
                               .quota = HUGE_VAL };
    machine = (cvy_machine){ .threads = 8,
                             .gemm = &gemm,
                             .uses_blas = true,
                             .blas_build = "openmp",
                             .blas_taming = "each worker told it",
                             .blas_threads_max = 64,
                             .blas_workers_max = 127,
                             .blas_spread = 1.01,
                             .topology = &topology,
                             .governor = "performance",
                             .load = 0.1 };
    unsetenv("OMP_NUM_THREADS");
    unsetenv("OMP_PROC_BIND");
}

TestSuite(doctor, .init = begin);

static void expect_only(const char *words)
{
    cvy_machine_diagnose(&machine);
    cr_assert(eq(sz, machine.warning_count, 1), "%s: %s, %s", words, machine.warnings[0],
              machine.warnings[1]);
    cr_expect(strstr(machine.warnings[0], words) != NULL, "%s", machine.warnings[0]);
}

Test(doctor, a_healthy_machine)
{
    cvy_machine_diagnose(&machine);
    cr_expect(zero(sz, machine.warning_count), "%s", machine.warnings[0]);
}

Test(doctor, oversubscription)
{
    machine.threads = 17;
    expect_only("more threads than cores this process may use: 17 on 16");
    machine.threads = 9;
    expect_only("9 threads on 8 cores: some share a core (SMT)");
}

Test(doctor, a_quota_smaller_than_the_threads)
{
    topology.quota = 3.5;
    expect_only("control group is 3.5 processors, less than its 8 threads");
    machine.threads = 3;
    cvy_machine_diagnose(&machine);
    cr_expect(zero(sz, machine.warning_count));
}

Test(doctor, an_affinity_mask)
{
    topology.allowed_cpus = topology.allowed_cores = machine.threads = 2;
    expect_only("may use 2 of the machine's 16 hardware threads");
}

Test(doctor, blas)
{
    machine.blas_spread = 1.9;
    expect_only(
        "OpenBLAS ignores that it was set to use one thread: a product of one worker kept 1.9");
    machine.blas_spread = 1;
    strcpy(machine.blas_build, "pthread");
    expect_only("OpenBLAS is the pthread build");
    machine.uses_blas = false;
    cvy_machine_diagnose(&machine);
    cr_expect(zero(sz, machine.warning_count), "of what is not used: %s", machine.warnings[0]);
    machine.uses_blas = true;
    strcpy(machine.blas_build, "openmp");
    topology.cores = topology.allowed_cores = topology.cpus = topology.allowed_cpus = 192;
    machine.threads = 127;
    expect_only("(NUM_THREADS=64) has buffers for 127 workers at once, fewer than the 192 cores");
}

Test(doctor, openmps_environment)
{
    setenv("OMP_NUM_THREADS", "1", 1);
    machine.threads = 1;
    expect_only("OMP_NUM_THREADS=1 leaves 7 of the 8 cores that could work idle");
    machine.threads = 8; /* --threads 8 beside it */
    cvy_machine_diagnose(&machine);
    cr_expect(zero(sz, machine.warning_count));
    setenv("OMP_NUM_THREADS", "some", 1);
    expect_only("OMP_NUM_THREADS is \"some\", which is not a number");
    unsetenv("OMP_NUM_THREADS");
    machine.threads_wanted = 9;
    expect_only("OMP_THREAD_LIMIT is less than the 9 threads that are wanted: 8 run");
    machine.threads_wanted = 0;
    setenv("OMP_PROC_BIND", "MASTER", 1);
    expect_only("OMP_PROC_BIND=MASTER puts all 8 threads");
    unsetenv("OMP_PROC_BIND");
    machine.places = 4;
    expect_only("OpenMP binds 8 threads to 4 places");
}

Test(doctor, clock_and_load)
{
    strcpy(machine.governor, "powersave");
    expect_only("governor is powersave");
    strcpy(machine.governor, "not shown");
    machine.load = 9;
    expect_only("the machine is busy: on average 9.0 processes");
    machine.load = NAN;
    cvy_machine_diagnose(&machine);
    cr_expect(zero(sz, machine.warning_count));
}
