/* The tables of a scaling report. */
#include "report/scaling_tables.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/build.h"
#include "base/plural.h"
#include "base/text_stream.h"
#include "machine/environment.h"

/* Add a number, or a dash if there is none. */
static void add_number(cvy_table *table, const char *format, double value)
{
    if (!isfinite(value)) {
        cvy_table_add(table, "–");
        return;
    }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    cvy_table_add(table, format, value);
#pragma GCC diagnostic pop
}

static void add_interval(cvy_table *table, int decimals, double low, double high)
{
    if (isfinite(low))
        cvy_table_add(table, "%.*f – %.*f", decimals, low, decimals, high);
    else
        cvy_table_add(table, "–");
}

static void add_fact(cvy_table *table, const char *name, const char *text)
{
    cvy_table_add(table, "%s", name);
    cvy_table_add(table, "%s", text);
}

/* --- numbers --- */

static cvy_status make_points(const cvy_scaling *s, cvy_table *table)
{
    const char *const heads[] = {
        cvy_scaling_unit(s), "batch",         "images/s",   "95 % interval",    "MAD",
        "speedup",           "95 % interval", "efficiency", "95 % interval, %", "serial",
        "GFLOP/s",           "of FMA peak",   "of memory"
    };

    cvy_table_begin(table, "rrrrrrrrrrrrr");
    table->title = "Scaling";
    cvy_table_add_row(table, heads);
    for (size_t i = 0; i < s->request.point_count; i++) {
        const cvy_scaling_point *p = &s->points[i];
        cvy_table_add(table, "%zu", cvy_scaling_count(p));
        cvy_table_add(table, "%zu", p->batch_size);
        add_number(table, "%.0f", p->rate.median);
        add_interval(table, 0, p->rate.low, p->rate.high);
        add_number(table, "%.0f", p->rate.mad);
        add_number(table, "%.3f", p->speedup);
        add_interval(table, 3, p->speedup_low, p->speedup_high);
        add_number(table, "%.1f %%", 100 * p->efficiency);
        add_interval(table, 1, 100 * p->speedup_low / (double)cvy_scaling_count(p),
                     100 * p->speedup_high / (double)cvy_scaling_count(p));
        add_number(table, "%.4f", cvy_scaling_serial(s, i));
        add_number(table, "%.1f", 1e-9 * p->flops);
        add_number(table, "%.1f %%", 100 * p->peak_share);
        add_number(table, "%.1f %%", 100 * p->bytes_share);
    }
    snprintf(
        table->note, sizeof table->note,
        "Medians of %zu repeat%s of %zu update%s, after %zu of warm-up; all points take turns in "
        "random order. Speedup against one %s of the same program, %.0f images/s. Serial: "
        "%s. Intervals of medians are those of order statistics; a "
        "speedup's interval divides the ends of two such intervals, and an efficiency's divides "
        "that by the %s. Of memory: what a step moves when nothing stays in a cache, an estimate "
        "from its plan, against the triad's bandwidth%s.",
        s->request.repeats, cvy_plural(s->request.repeats), s->steps, cvy_plural(s->steps),
        s->request.warm_up, s->request.comm != NULL ? "rank" : "thread", s->points[0].rate.median,
        s->reason_count > 0  ? "left out, as this run is INVALID"
        : s->request.is_weak ? "the fraction that Gustafson's law gives"
                             : "the fraction that Karp and Flatt's metric gives",
        cvy_scaling_unit(s),
        s->has_small_triad ? ", measured with arrays of less than four times the last cache" : "");
    return cvy_table_close(table);
}

static cvy_status make_phases(const cvy_scaling *s, cvy_table *table)
{
    char alignment[CVY_PHASE_COUNT + 4] = "rrr";

    memset(alignment, 'r', CVY_PHASE_COUNT + 3);
    cvy_table_begin(table, alignment);
    table->title = "Milliseconds of a step";
    cvy_table_add(table, "%s", cvy_scaling_unit(s));
    cvy_table_add(table, "step");
    for (size_t phase = 0; phase < CVY_PHASE_COUNT; phase++)
        cvy_table_add(table, "%s", cvy_phase_names[phase]);
    cvy_table_add(table, "waiting");
    for (size_t i = 0; i < s->request.point_count; i++) {
        const cvy_scaling_point *p = &s->points[i];
        cvy_table_add(table, "%zu", cvy_scaling_count(p));
        add_number(table, "%.3f", 1e3 * p->step);
        for (size_t phase = 0; phase < CVY_PHASE_COUNT; phase++)
            add_number(table, "%.3f", 1e3 * p->phase[phase]);
        add_number(table, "%.1f %%", 100 * p->wait_share);
    }
    return cvy_table_close(table);
}

static cvy_status make_messages(const cvy_scaling *s, cvy_table *table)
{
    static const char *const heads[] = { "ranks",     "kB received", "exchanging", "alone",
                                         "predicted", "latency, us", "GB/s",       "step",
                                         "predicted", "error" };

    if (s->request.comm == NULL)
        return CVY_OK;
    cvy_table_begin(table, "rrrrrrrrrr");
    table->title = "Milliseconds of the messages of a step";
    cvy_table_add_row(table, heads);
    for (size_t i = 0; i < s->request.point_count; i++) {
        const cvy_scaling_point *p = &s->points[i];
        const cvy_scaling_messages *m = &p->messages;
        if (p->ranks < 2)
            continue;
        cvy_table_add(table, "%zu", p->ranks);
        add_number(table, "%.1f", 1e-3 * m->bytes);
        add_number(table, "%.3f", 1e3 * m->second);
        add_number(table, "%.3f", 1e3 * m->second_alone);
        add_number(table, "%.3f", 1e3 * m->predicted);
        add_number(table, "%.1f", 1e6 * m->latency);
        add_number(table, "%.2f", 1e-9 * m->bandwidth);
        add_number(table, "%.3f", 1e3 * p->step);
        add_number(table, "%.3f", 1e3 * m->predicted_step);
        add_number(table, "%+.0f %%", 100 * (m->predicted_step / p->step - 1));
    }
    snprintf(table->note, sizeof table->note,
             "%.120s, %zu thread%s a rank. Received by rank 0. Exchanging: waiting for the slowest "
             "rank included; alone: exchanges of that size without any training. Latency and "
             "bandwidth: a ping-pong between rank 0 and the last one, in every repeat. Predicted: "
             "each exchange takes log2(ranks) latencies and its bytes by the bandwidth (LogGP); of "
             "a step the lanes are divided among the ranks, and the sums of gradients where that "
             "sends less; more threads than processors take turns.",
             cvy_comm_library(s->request.comm), s->points[0].threads,
             cvy_plural(s->points[0].threads));
    return cvy_table_close(table);
}

static cvy_status make_tails(const cvy_scaling *s, cvy_table *table)
{
    const char *const heads[] = { cvy_scaling_unit(s), "steps",    "p50", "p95", "p99",
                                  "longest",           "p99 / p50" };

    cvy_table_begin(table, "rrrrrrr");
    table->title = "Milliseconds of single steps";
    cvy_table_add_row(table, heads);
    for (size_t i = 0; i < s->request.point_count; i++) {
        const cvy_scaling_point *p = &s->points[i];
        cvy_table_add(table, "%zu", cvy_scaling_count(p));
        cvy_table_add(table, "%zu", p->step_time_count);
        add_number(table, "%.3f", 1e3 * p->step_p50);
        add_number(table, "%.3f", 1e3 * p->step_p95);
        add_number(table, "%.3f", 1e3 * p->step_p99);
        add_number(table, "%.3f", 1e3 * p->step_max);
        add_number(table, "%.2f", p->step_p99 / p->step_p50);
    }
    snprintf(table->note, sizeof table->note,
             "Quantiles over the steps of all repeats: 95 %% of them took at most p95.");
    return cvy_table_close(table);
}

static const char *verdict_of(const cvy_scaling *s, const cvy_scaling_point *p)
{
    static const double level = 0.05;

    if (s->reason_count > 0)
        return "not judged";
    if (p->gain_p > level)
        return "no significant difference";
    return p->gain > 1 ? "faster" : "slower";
}

static cvy_status make_neighbours(const cvy_scaling *s, cvy_table *table)
{
    const char *const heads[] = { cvy_scaling_unit(s), "rate relative to the previous", "p",
                                  "verdict" };

    cvy_table_begin(table, "lrrl");
    table->title = s->request.comm != NULL ? "Each number of ranks compared with the previous"
                                           : "Each number of threads compared with the previous";
    cvy_table_add_row(table, heads);
    for (size_t i = 1; i < s->request.point_count; i++) {
        const cvy_scaling_point *p = &s->points[i];
        cvy_table_add(table, "%zu against %zu", cvy_scaling_count(p),
                      cvy_scaling_count(&s->points[i - 1]));
        add_number(table, "%.3f", p->gain);
        add_number(table, "%.2g", p->gain_p);
        cvy_table_add(table, "%s", verdict_of(s, p));
    }
    snprintf(
        table->note, sizeof table->note,
        "Median over the repeats of the quotient of both rates; p by Wilcoxon's signed-rank test "
        "of the repeats, paired by round, after Holm's correction; with fewer than six repeats "
        "it cannot be below 5 %%.%s",
        s->reason_count > 0 ? " This run is INVALID, so nothing is called faster or slower." : "");
    return cvy_table_close(table);
}

/* --- facts --- */

static void add_usl(const cvy_usl *u, const char *unit, cvy_table *table)
{
    cvy_table_add(table, "USL, Gunther 2007");
    if (isfinite(u->peak_p))
        cvy_table_add(table,
                      "contention sigma %.5f, coherency kappa %.3g; residual %.0f images/s; "
                      "predicted peak %.0f images/s at %.0f %s",
                      u->sigma, u->kappa, u->residual, u->peak_x, u->peak_p, unit);
    else if (isfinite(u->peak_x))
        cvy_table_add(table,
                      "contention sigma %.5f, coherency kappa %.3g; residual %.0f images/s; no "
                      "peak: it rises towards %.0f images/s",
                      u->sigma, u->kappa, u->residual, u->peak_x);
    else
        cvy_table_add(table,
                      "contention sigma %.5f, coherency kappa %.3g; residual %.0f images/s; no "
                      "peak: it rises with the %s",
                      u->sigma, u->kappa, u->residual, unit);
}

static cvy_status make_laws(const cvy_scaling *s, cvy_table *table)
{
    cvy_table_begin(table, "ll");
    table->title = "Laws";
    if (s->amdahl.is_found) {
        cvy_table_add(table, "Amdahl 1967");
        if (s->amdahl.serial_fraction > 0)
            cvy_table_add(table,
                          "serial fraction %.5f, so at most %.1f times one %s; residual %.3g",
                          s->amdahl.serial_fraction, 1 / s->amdahl.serial_fraction,
                          s->request.comm != NULL ? "rank" : "thread", s->amdahl.residual);
        else
            cvy_table_add(table, "no serial fraction; residual %.3g", s->amdahl.residual);
    }
    if (s->gustafson.is_found) {
        cvy_table_add(table, "Gustafson 1988");
        cvy_table_add(table, "serial fraction %.5f; residual %.3g", s->gustafson.serial_fraction,
                      s->gustafson.residual);
    }
    if (s->usl.is_found)
        add_usl(&s->usl, cvy_scaling_unit(s), table);
    else if (!s->amdahl.is_found && !s->gustafson.is_found)
        add_fact(table, "None", "laws are fitted to three points or more");
    snprintf(table->note, sizeof table->note,
             "Residuals are root mean squares. Beyond the measured points a law predicts.%s",
             s->reason_count > 0
                 ? " This run is INVALID, so its laws and serial fractions describe "
                   "nothing but this run."
                 : "");
    return cvy_table_close(table);
}

static void add_place(const cvy_scaling *s, const cvy_scaling_point *p, FILE *text)
{
    for (size_t w = 0; w < p->workers; w++) {
        const cvy_cpu_place *place = cvy_topology_find(s->machine.topology, p->cpus[w]);
        if (place == NULL)
            fprintf(text, "%zu: not known; ", w);
        else
            fprintf(text, "%zu: CPU %d (core %zu, socket %zu); ", w, place->cpu, place->core,
                    place->socket);
    }
    fprintf(text, "%zu move%s in all repeats", p->moves, cvy_plural(p->moves));
    if (p->threads > 1)
        fprintf(text, "; exchange %.1f ns a cache line (%.1f – %.1f)", 1e9 * p->exchange.median,
                1e9 * p->exchange.min, 1e9 * p->exchange.max);
}

static cvy_status make_places(const cvy_scaling *s, cvy_table *table)
{
    cvy_table_begin(table, "ll");
    table->title =
        s->request.comm != NULL ? "Where the threads of rank 0 ran" : "Where the threads ran";
    for (size_t i = 0; i < s->request.point_count; i++) {
        char *text = NULL;
        size_t bytes = 0;
        FILE *stream = cvy_text_stream_open(&text, &bytes);
        if (stream != NULL)
            add_place(s, &s->points[i], stream);
        if (stream == NULL || fclose(stream) != 0) {
            cvy_table_release(table);
            return cvy_fail(CVY_ERR_MEMORY, "report: out of memory");
        }
        cvy_table_add(table, "%zu", cvy_scaling_count(&s->points[i]));
        cvy_table_add(table, "%s", text);
        free(text);
    }
    snprintf(table->note, sizeof table->note,
             "At the end of the last repeat; bound: %s. Exchange: the time a core takes to write a "
             "cache line that the farthest other core has just read, median and range of what was "
             "measured before each repeat. It shows how close to each other the cores were: the "
             "host of a virtual machine may move them, which the guest cannot see.",
             cvy_bind_names[s->request.bind]);
    return cvy_table_close(table);
}

static cvy_status make_digests(const cvy_scaling *s, cvy_table *table)
{
    cvy_table_begin(table, "ll");
    table->title = "Weights";
    for (size_t i = 0; i < s->request.point_count; i++) {
        cvy_table_add(table, "%zu", cvy_scaling_count(&s->points[i]));
        cvy_table_add(table, "%s%s", s->points[i].digest, s->points[i].is_same ? "" : " (differs)");
    }
    snprintf(table->note, sizeof table->note, "SHA-256 of all weights after the last update%s.",
             !s->request.is_weak ? ""
             : s->request.comm != NULL
                 ? ", each the same as that of one rank with the same batch"
                 : ", each the same as that of one thread with the same batch");
    return cvy_table_close(table);
}

static void add_machine(const cvy_machine *m, cvy_table *table)
{
    char text[640];

    add_fact(table, "processor", m->cpu->model);
    cvy_machine_describe_cores(m->topology, text, sizeof text);
    add_fact(table, "cores", text);
    cvy_machine_describe_caches(m->topology, text, sizeof text);
    add_fact(table, "caches", text);
    cvy_table_add(table, "usable");
    if (isfinite(m->topology->quota))
        cvy_table_add(table, "%zu core%s, %zu hardware thread%s; quota of %.3g processor%s",
                      m->topology->allowed_cores, cvy_plural(m->topology->allowed_cores),
                      m->topology->allowed_cpus, cvy_plural(m->topology->allowed_cpus),
                      m->topology->quota, m->topology->quota == 1 ? "" : "s");
    else
        cvy_table_add(table, "%zu core%s, %zu hardware thread%s; no quota",
                      m->topology->allowed_cores, cvy_plural(m->topology->allowed_cores),
                      m->topology->allowed_cpus, cvy_plural(m->topology->allowed_cpus));
    add_fact(table, "governor", m->governor);
    add_fact(table, "system", m->system);
    for (const cvy_environment_fact *fact = cvy_environment_facts; fact->name != NULL; fact++) {
        fact->describe(text, sizeof text);
        add_fact(table, fact->name, text);
    }
}

static cvy_status make_environment(const cvy_scaling *s, cvy_table *table)
{
    const cvy_machine *m = &s->machine;

    cvy_table_begin(table, "ll");
    table->title = "Environment";
    add_machine(m, table);
    cvy_table_add(table, "load");
    if (isnan(s->load_elsewhere))
        cvy_table_add(table, "%.2f before (1 min); what other processes took is not known",
                      m->load);
    else
        cvy_table_add(table, "%.2f before (1 min); other processes took %.1f %% of the time",
                      m->load, 100 * s->load_elsewhere);
    cvy_table_add(table, "kernels");
    cvy_table_add(table, "%s, %s", cvy_gemm_label(m->gemm), m->kernels->name);
    if (m->blas_taming != NULL) {
        cvy_table_add(table, "BLAS");
        cvy_table_add(table, "%s, %s build, tuned for %s; %s", m->blas, m->blas_build, m->blas_core,
                      m->blas_taming);
    }
    cvy_table_add(table, "compiler");
    cvy_table_add(table, "%s, %s: %.400s", cvy_build_compiler, cvy_build_type, cvy_build_flags);
    cvy_table_add(table, "convoy");
    cvy_table_add(table, "%s, commit %s", CVY_VERSION_STRING, cvy_build_commit);
    if (s->request.command != NULL)
        add_fact(table, "command", s->request.command);
    for (size_t i = 0; i < m->warning_count; i++)
        add_fact(table, "warning", m->warnings[i]);
    return cvy_table_close(table);
}

/* --- all of them --- */

cvy_status cvy_scaling_tables_make(const cvy_scaling *s, cvy_scaling_tables *tables)
{
    static cvy_status (*const makers[CVY_SCALING_TABLES])(const cvy_scaling *, cvy_table *) = {
        [CVY_SCALING_POINTS] = make_points,
        [CVY_SCALING_NEIGHBOURS] = make_neighbours,
        [CVY_SCALING_TAILS] = make_tails,
        [CVY_SCALING_PHASES] = make_phases,
        [CVY_SCALING_MESSAGES] = make_messages,
        [CVY_SCALING_LAWS] = make_laws,
        [CVY_SCALING_PLACES] = make_places,
        [CVY_SCALING_DIGESTS] = make_digests,
        [CVY_SCALING_ENVIRONMENT] = make_environment,
    };
    cvy_status status = CVY_OK;

    *tables = (cvy_scaling_tables){ 0 };
    for (size_t i = 0; status == CVY_OK && i < CVY_SCALING_TABLES; i++)
        status = makers[i](s, &tables->tables[i]);
    if (status != CVY_OK)
        cvy_scaling_tables_release(tables);
    return status;
}

void cvy_scaling_tables_release(cvy_scaling_tables *tables)
{
    for (size_t i = 0; i < CVY_SCALING_TABLES; i++)
        cvy_table_release(&tables->tables[i]);
}
