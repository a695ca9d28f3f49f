/* report.html: one file that holds everything, pictures too, and asks the network for nothing. */
#include "report/scaling_page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/build.h"
#include "base/file.h"
#include "base/memory.h"
#include "charts/html.h"
#include "charts/report_file.h"
#include "charts/table.h"
#include "figures/figure_scaling.h"
#include "machine/environment.h"

static void put(FILE *file, const char *text)
{
    cvy_html_text(file, text);
}

/* A number, or a dash where there is none. */
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

static void put_fact(FILE *file, const char *name, const char *text)
{
    fputs("<tr><th scope=\"row\">", file);
    put(file, name);
    fputs("</th><td>", file);
    put(file, text);
    fputs("</td></tr>\n", file);
}

/* --- parts --- */

static void put_verdict(const cvy_scaling *s, FILE *file)
{
    const bool is_valid = s->reason_count == 0;

    fprintf(file, "<div class=\"verdict %s\"><p><b>%s</b> ", is_valid ? "valid" : "invalid",
            is_valid ? "VALID" : "INVALID");
    fprintf(file, "%s.</p>\n", cvy_scaling_digests_words(s));
    if (!is_valid) {
        fputs("<ul>\n", file);
        for (size_t i = 0; i < s->reason_count; i++) {
            fputs("<li>", file);
            put(file, s->reasons[i]);
            fputs("</li>\n", file);
        }
        fputs("</ul>\n", file);
    }
    fputs("</div>\n", file);
}

static cvy_status make_points(const cvy_scaling *s, cvy_table *table)
{
    static const char *const heads[] = { "threads",       "batch",      "images/s",
                                         "95 % interval", "MAD",        "speedup",
                                         "95 % interval", "efficiency", "95 % interval, %",
                                         "serial",        "GFLOP/s",    "of FMA peak",
                                         "of memory" };

    cvy_table_begin(table, "rrrrrrrrrrrrr");
    cvy_table_add_row(table, heads);
    for (size_t i = 0; i < s->request.point_count; i++) {
        const cvy_scaling_point *p = &s->points[i];
        cvy_table_add(table, "%zu", p->threads);
        cvy_table_add(table, "%zu", p->batch_size);
        add_number(table, "%.0f", p->rate.median);
        add_interval(table, 0, p->rate.low, p->rate.high);
        add_number(table, "%.0f", p->rate.mad);
        add_number(table, "%.3f", p->speedup);
        add_interval(table, 3, p->speedup_low, p->speedup_high);
        add_number(table, "%.1f %%", 100 * p->efficiency);
        add_interval(table, 1, 100 * p->speedup_low / (double)p->threads,
                     100 * p->speedup_high / (double)p->threads);
        add_number(table, "%.4f", s->request.is_weak ? p->gustafson : p->karp_flatt);
        add_number(table, "%.1f", 1e-9 * p->flops);
        add_number(table, "%.1f %%", 100 * p->peak_share);
        add_number(table, "%.1f %%", 100 * p->bytes_share);
    }
    return cvy_table_close(table);
}

static void put_points(const cvy_scaling *s, const cvy_table *table, FILE *file)
{
    fputs("<h2>Scaling</h2>\n", file);
    cvy_table_as_html(table, file);
    fprintf(file,
            "<p class=\"note\">Medians of %zu repeats of %zu updates, after %zu of "
            "warm-up, all points taking turns in random order. Speedup against one thread of the "
            "same program, %.0f images/s. Serial: the fraction that %s. Intervals are those of the "
            "median by order statistics; that of a speedup is the quotient of both ends, and that "
            "of an efficiency "
            "the same divided by the threads. Of "
            "memory: what a step moves when nothing stays in a cache, an estimate from its plan, "
            "against the triad's bandwidth%s.</p>\n",
            s->request.repeats, s->steps, s->request.warm_up, s->points[0].rate.median,
            s->request.is_weak ? "Gustafson's law gives" : "Karp and Flatt's metric gives",
            s->has_small_triad ? ", measured with arrays of less than four times the last cache"
                               : "");
}

static cvy_status make_phases(const cvy_scaling *s, cvy_table *table)
{
    char alignment[CVY_PHASE_COUNT + 4] = "rrr";

    memset(alignment, 'r', CVY_PHASE_COUNT + 3);
    cvy_table_begin(table, alignment);
    cvy_table_add(table, "threads");
    cvy_table_add(table, "step");
    for (size_t phase = 0; phase < CVY_PHASE_COUNT; phase++)
        cvy_table_add(table, "%s", cvy_phase_names[phase]);
    cvy_table_add(table, "waiting");
    for (size_t i = 0; i < s->request.point_count; i++) {
        const cvy_scaling_point *p = &s->points[i];
        cvy_table_add(table, "%zu", p->threads);
        add_number(table, "%.3f", 1e3 * p->step);
        for (size_t phase = 0; phase < CVY_PHASE_COUNT; phase++)
            add_number(table, "%.3f", 1e3 * p->phase[phase]);
        add_number(table, "%.1f %%", 100 * p->wait_share);
    }
    return cvy_table_close(table);
}

static void put_fits(const cvy_scaling *s, FILE *file)
{
    const cvy_usl *u = &s->usl;
    char text[320];

    fputs("<h2>Laws</h2>\n<table class=\"facts\">\n", file);
    if (s->amdahl.is_found) {
        snprintf(text, sizeof text,
                 "serial fraction %.5f, so at most %.1f times one thread; residual %.3g",
                 s->amdahl.serial_fraction, 1 / s->amdahl.serial_fraction, s->amdahl.residual);
        put_fact(file, "Amdahl 1967", text);
    }
    if (s->gustafson.is_found) {
        snprintf(text, sizeof text, "serial fraction %.5f; residual %.3g",
                 s->gustafson.serial_fraction, s->gustafson.residual);
        put_fact(file, "Gustafson 1988", text);
    }
    if (!u->is_found) {
        put_fact(file, "None", "laws are fitted to three numbers of threads or more");
    } else {
        int length =
            snprintf(text, sizeof text,
                     "contention sigma %.5f, coherency kappa %.3g; residual %.0f images/s; ",
                     u->sigma, u->kappa, u->residual);
        if (isfinite(u->peak_p))
            snprintf(text + length, sizeof text - (size_t)length,
                     "predicted peak %.0f images/s at %.0f threads", u->peak_x, u->peak_p);
        else if (isfinite(u->peak_x))
            snprintf(text + length, sizeof text - (size_t)length,
                     "no peak: it rises towards %.0f images/s", u->peak_x);
        else
            snprintf(text + length, sizeof text - (size_t)length,
                     "no peak: it rises with the threads");
        put_fact(file, "USL, Gunther 2007", text);
    }
    fprintf(file,
            "</table>\n<p class=\"note\">Residuals are root mean squares. Beyond the measured "
            "numbers of "
            "threads a law predicts.%s</p>\n",
            s->reason_count > 0 ? " This run is INVALID, so its laws and serial fractions describe "
                                  "nothing but this run."
                                : "");
}

static void put_places(const cvy_scaling *s, FILE *file)
{
    fputs("<h2>Where the threads ran</h2>\n<table class=\"facts\">\n", file);
    for (size_t i = 0; i < s->request.point_count; i++) {
        const cvy_scaling_point *p = &s->points[i];
        fprintf(file, "<tr><th scope=\"row\">%zu</th><td>", p->threads);
        for (size_t w = 0; w < p->workers; w++) {
            const cvy_cpu_place *place = cvy_topology_find(s->machine.topology, p->cpus[w]);
            if (place == NULL)
                fprintf(file, "%s%zu: not known", w > 0 ? "; " : "", w);
            else
                fprintf(file, "%s%zu: CPU %d (core %zu, socket %zu)", w > 0 ? "; " : "", w,
                        place->cpu, place->core, place->socket);
        }
        fprintf(file, "; %zu moves in all repeats", p->moves);
        if (p->threads > 1)
            fprintf(file, "; exchange %.1f ns a cache line (%.1f &ndash; %.1f)",
                    1e9 * p->exchange.median, 1e9 * p->exchange.min, 1e9 * p->exchange.max);
        fputs("</td></tr>\n", file);
    }
    fprintf(
        file,
        "</table>\n<p class=\"note\">At the end of the last repeat; bound: %s. Exchange: what it "
        "takes a core to write a line that the farthest of the others has read, median and range "
        "of what was measured before each repeat. It shows how near to each other the cores "
        "were: a virtual machine's may be moved about by their host, seen from inside as the same "
        "all the time.</p>\n",
        cvy_bind_names[s->request.bind]);
}

static void put_environment(const cvy_scaling *s, FILE *file)
{
    const cvy_machine *m = &s->machine;
    char text[640];

    fputs("<h2>Environment</h2>\n<table class=\"facts\">\n", file);
    put_fact(file, "processor", m->cpu->model);
    cvy_machine_describe_cores(m->topology, text, sizeof text);
    put_fact(file, "cores", text);
    cvy_machine_describe_caches(m->topology, text, sizeof text);
    put_fact(file, "caches", text);
    int length = snprintf(text, sizeof text, "%zu cores, %zu hardware threads; ",
                          m->topology->allowed_cores, m->topology->allowed_cpus);
    if (isfinite(m->topology->quota))
        snprintf(text + length, sizeof text - (size_t)length, "quota of %.3g processors",
                 m->topology->quota);
    else
        snprintf(text + length, sizeof text - (size_t)length, "no quota");
    put_fact(file, "usable", text);
    put_fact(file, "governor", m->governor);
    put_fact(file, "system", m->system);
    for (const cvy_environment_fact *fact = cvy_environment_facts; fact->name != NULL; fact++) {
        fact->describe(text, sizeof text);
        put_fact(file, fact->name, text);
    }
    snprintf(text, sizeof text, "%.2f before (1 min); other processes took %.1f %% of the time",
             m->load, 100 * s->load_elsewhere);
    put_fact(file, "load", text);
    snprintf(text, sizeof text, "%s, %s", cvy_gemm_label(m->gemm), m->kernels->name);
    put_fact(file, "kernels", text);
    if (m->blas_taming != NULL) {
        snprintf(text, sizeof text, "%s, %s build, tuned for %s; %s", m->blas, m->blas_build,
                 m->blas_core, m->blas_taming);
        put_fact(file, "BLAS", text);
    }
    snprintf(text, sizeof text, "%s, %s: %.400s", cvy_build_compiler, cvy_build_type,
             cvy_build_flags);
    put_fact(file, "compiler", text);
    snprintf(text, sizeof text, "%s, commit %s", CVY_VERSION_STRING, cvy_build_commit);
    put_fact(file, "convoy", text);
    for (size_t i = 0; i < m->warning_count; i++)
        put_fact(file, "warning", m->warnings[i]);
    fputs("</table>\n", file);
}

static void put_digests(const cvy_scaling *s, FILE *file)
{
    fputs("<h2>Weights</h2>\n<table class=\"facts\">\n", file);
    for (size_t i = 0; i < s->request.point_count; i++)
        fprintf(file, "<tr><th scope=\"row\">%zu</th><td><code>%s</code>%s</td></tr>\n",
                s->points[i].threads, s->points[i].digest,
                s->points[i].is_same ? "" : " (differs)");
    fputs("</table>\n<p class=\"note\">SHA-256 of all weights after the last update", file);
    fputs(s->request.is_weak ? ", each the same as that of one thread with the same batch.</p>\n"
                             : ".</p>\n",
          file);
}

static void put_sources(FILE *file)
{
    fputs(
        "<h2>Sources</h2>\n<ul class=\"note\">\n"
        "<li>Amdahl, Validity of the single processor approach to achieving large scale computing "
        "capabilities, AFIPS 1967.</li>\n"
        "<li>Gustafson, Reevaluating Amdahl's law, CACM 31(5), 1988.</li>\n"
        "<li>Karp and Flatt, Measuring parallel processor performance, CACM 33(5), 1990.</li>\n"
        "<li>Gunther, Guerrilla Capacity Planning, 2007: the universal scalability law.</li>\n"
        "<li>McCalpin, Memory bandwidth and machine balance in current high performance "
        "computers, 1995: the triad.</li>\n"
        "<li>Hoefler and Belli, Scientific benchmarking of parallel computing systems, SC "
        "2015.</li>\n</ul>\n",
        file);
}

/* --- the whole --- */

/* The content of a page, with its tables and pictures. */
typedef struct {
    const cvy_scaling *scaling;
    cvy_table points, phases;
    cvy_pictures_end end;
    unsigned char *svg[CVY_SCALING_PICTURES];
} page;

static void put_pictures(const page *p, FILE *file)
{
    if (p->end != CVY_PICTURES_DRAWN) {
        fprintf(file,
                "<p class=\"note\">No pictures: %s. <code>gnuplot NAME.gp</code> beside this page "
                "draws them.</p>\n",
                p->end == CVY_PICTURES_NO_GNUPLOT ? "gnuplot is not installed here"
                                                  : "gnuplot could not draw them");
        return;
    }
    fputs("<div class=\"figures\">\n", file);
    for (size_t i = 0; i < CVY_SCALING_PICTURES; i++) {
        const cvy_scaling_picture *picture = &cvy_scaling_pictures[i];
        cvy_html_figure(file, picture->name, picture->title, (const char *)p->svg[i],
                        picture->text);
    }
    fputs("</div>\n", file);
}

static void put_page(const void *what, FILE *file)
{
    const page *p = what;
    const cvy_scaling *s = p->scaling;
    const cvy_scaling_request *r = &s->request;

    cvy_html_begin(file);
    fprintf(file, "%s scaling of ", r->is_weak ? "Weak" : "Strong");
    put(file, s->model);
    cvy_html_body(file);
    fprintf(file, "<h1>%s scaling of ", r->is_weak ? "Weak" : "Strong");
    put(file, s->model);
    fputs("</h1>\n<p class=\"note\">", file);
    put(file, s->data);
    fprintf(file, ", %zu images; %zu parameters; batches of %zu%s; optimizer ", s->train_count,
            s->parameters, r->batch_size, r->is_weak ? " for each thread" : "");
    put(file, r->optimizer);
    fprintf(file, "; seed %llu</p>\n", (unsigned long long)r->seed);
    put_verdict(s, file);
    put_points(s, &p->points, file);
    put_pictures(p, file);
    fputs("<h2>Milliseconds of a step</h2>\n", file);
    cvy_table_as_html(&p->phases, file);
    put_fits(s, file);
    put_places(s, file);
    put_digests(s, file);
    put_environment(s, file);
    put_sources(file);
    fputs("</body>\n</html>\n", file);
}

static cvy_status read_pictures(const char *folder, page *p)
{
    enum { PICTURE_BYTES_MAX = 16 << 20 };
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < CVY_SCALING_PICTURES; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%.4000s/%s.svg", folder, cvy_scaling_pictures[i].name);
        size_t bytes;
        status = cvy_file_read(path, PICTURE_BYTES_MAX, &p->svg[i], &bytes);
    }
    return status;
}

cvy_status cvy_scaling_write_page(const cvy_scaling *s, const char *folder, cvy_pictures_end end)
{
    page p = { .scaling = s, .end = end };
    cvy_status status = end == CVY_PICTURES_DRAWN ? read_pictures(folder, &p) : CVY_OK;

    if (status == CVY_OK)
        status = make_points(s, &p.points);
    if (status == CVY_OK)
        status = make_phases(s, &p.phases);
    if (status == CVY_OK)
        status = cvy_report_file_write(folder, "report.html", put_page, &p);
    for (size_t i = 0; i < CVY_SCALING_PICTURES; i++)
        cvy_memory_free(p.svg[i]);
    cvy_table_release(&p.points);
    cvy_table_release(&p.phases);
    return status;
}
