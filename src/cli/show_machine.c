#include "cli/show_machine.h"

#include <math.h>

#include "base/build.h"
#include "base/plural.h"
#include "cli/print.h"
#include "convoy/convoy.h"
#include "machine/machine.h"

static cvy_status print_json(const cvy_machine *m)
{
    json_t *object = json_pack("{s:s, s:s}", "command", "info", "version", CVY_VERSION_STRING);
    json_t *machine = cvy_machine_json(m);

    const bool is_whole = json_object_update(object, machine) == 0;
    json_decref(machine);
    if (!is_whole) {
        json_decref(object);
        object = NULL;
    }
    return cvy_print_json(object);
}

/* The other kernels that CONVOY_ISA and CONVOY_GEMM could choose here. */
static void print_choices(FILE *file)
{
    const cvy_cpu *cpu = cvy_cpu_detect();

    fputs("choices       CONVOY_ISA:", file);
    for (size_t i = 0; cvy_kernel_sets[i] != NULL; i++)
        if (cvy_kernel_sets[i]->is_usable(cpu))
            fprintf(file, " %s", cvy_kernel_sets[i]->name);
    fputs("; CONVOY_GEMM:", file);
    for (size_t i = 0; cvy_gemm_backends[i] != NULL; i++)
        if (cvy_gemm_backends[i]->is_usable(cpu))
            fprintf(file, " %s", cvy_gemm_backends[i]->name);
    fputc('\n', file);
}

static void print_blas(const cvy_machine *m, FILE *file)
{
    if (m->blas_taming == NULL)
        return;
    fprintf(file, "blas          %s, %s build, tuned for %s\n", m->blas, m->blas_build,
            m->blas_core);
    fprintf(file, "              %s", m->blas_taming);
    if (m->uses_blas)
        fprintf(file, ": measured, and it %s there",
                cvy_machine_blas_stays(m) ? "stays" : "does not stay");
    fputc('\n', file);
}

static void print_threads(const cvy_machine *m, FILE *file)
{
    const cvy_topology *t = m->topology;

    fprintf(file, "usable        %zu core%s, %zu hardware thread%s", t->allowed_cores,
            cvy_plural(t->allowed_cores), t->allowed_cpus, cvy_plural(t->allowed_cpus));
    if (isfinite(t->quota))
        fprintf(file, "; quota of %.3g processors\n", t->quota);
    else
        fputs("; no quota\n", file);
    fprintf(file, "threads       %zu\n", m->threads);
    if (m->places > 0)
        fprintf(file, "binding       by OpenMP, to %zu place%s (OMP_PLACES, OMP_PROC_BIND)\n",
                m->places, cvy_plural(m->places));
    else
        fputs("binding       none; train and scale have --bind\n", file);
}

static cvy_status print_text(const cvy_call *call, const cvy_machine *m)
{
    FILE *file = cvy_print_file(call);
    char text[256];

    fprintf(file, "convoy        %s, %s, %s, commit %s\n", CVY_VERSION_STRING, cvy_build_compiler,
            cvy_build_type, cvy_build_commit);
    cvy_machine_describe_cores(m->topology, text, sizeof text);
    fprintf(file, "processor     %s: %s\n", m->cpu->model, text);
    fprintf(file, "SMT           %zu hardware thread%s a core\n",
            m->topology->cpus / m->topology->cores,
            m->topology->cpus == m->topology->cores ? "" : "s");
    cvy_machine_describe_caches(m->topology, text, sizeof text);
    fprintf(file, "caches        %s\n", text);
    fprintf(file, "clock         governor %s\n", m->governor);
    fprintf(file, "system        %s\n", m->system);
    fprintf(file, "instructions  %s\n", m->kernels->name);
    fprintf(file, "products      %s: %s\n", m->gemm->name, m->gemm_reason);
    print_choices(file);
    print_blas(m, file);
    print_threads(m, file);
    fprintf(file, "models       ");
    for (size_t i = 0; cvy_model_builtin(i) != NULL; i++)
        fprintf(file, " %s", cvy_model_builtin(i));
    fputc('\n', file);
    for (size_t i = 0; i < m->warning_count; i++)
        fprintf(file, "warning       %s\n", m->warnings[i]);
    return CVY_OK;
}

cvy_status cvy_machine_show(const cvy_call *call)
{
    cvy_machine machine;
    cvy_status status = cvy_machine_look(call->common.threads_wanted, &machine);

    if (status != CVY_OK)
        return status;
    return call->common.json ? print_json(&machine) : print_text(call, &machine);
}
