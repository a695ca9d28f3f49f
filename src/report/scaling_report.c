/* Machine-readable results: summary.json, and the tables scaling.csv and repeats.csv, from which
 * the pictures are drawn. */
#include "report/scaling_report.h"

#include "machine/environment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/folder.h"
#include "base/json.h"
#include "charts/report_file.h"
#include "figures/figure_scaling.h"
#include "report/scaling_page.h"
#include "report/scaling_tables.h"

/* --- summary.json --- */

static json_t *json_phases(const cvy_scaling_point *point)
{
    json_t *phases = json_object();
    for (size_t phase = 0; phase < CVY_PHASE_COUNT; phase++)
        cvy_json_set(&phases, cvy_phase_names[phase], cvy_json_number(point->phase[phase]));
    return phases;
}

/* The placement of each worker: [{"worker":0,"cpu":3,"core":1,"socket":0,"numa_node":0}] */
static json_t *json_places(const cvy_scaling *s, const cvy_scaling_point *point)
{
    json_t *places = json_array();

    for (size_t i = 0; i < point->workers; i++) {
        const cvy_cpu_place *place = cvy_topology_find(s->machine.topology, point->cpus[i]);
        json_t *entry = json_pack("{s:I, s:i}", "worker", (json_int_t)i, "cpu", point->cpus[i]);
        if (place != NULL) {
            cvy_json_set(&entry, "core", json_integer((json_int_t)place->core));
            cvy_json_set(&entry, "socket", json_integer((json_int_t)place->socket));
            cvy_json_set(&entry, "numa_node", json_integer((json_int_t)place->numa_node));
        }
        cvy_json_append(&places, entry);
    }
    return places;
}

static json_t *json_rate(const cvy_scaling *s, const cvy_scaling_point *point)
{
    const cvy_repeats *rate = &point->rate;
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "median", cvy_json_number(rate->median),
                     "min", cvy_json_number(rate->min), "max", cvy_json_number(rate->max), "mad",
                     cvy_json_number(rate->mad), "low", cvy_json_number(rate->low), "high",
                     cvy_json_number(rate->high), "repeats",
                     cvy_json_numbers(point->rates, s->request.repeats, cvy_json_number));
}

/* Nanoseconds per cache line; NaN for one thread. */
static json_t *json_exchange(const cvy_scaling_point *point)
{
    const cvy_repeats *e = &point->exchange;

    if (point->threads == 1)
        return json_null();
    return json_pack("{s:o, s:o, s:o}", "median", cvy_json_number(1e9 * e->median), "min",
                     cvy_json_number(1e9 * e->min), "max", cvy_json_number(1e9 * e->max));
}

/* Times of single steps. */
static json_t *json_steps(const cvy_scaling_point *p)
{
    return json_pack("{s:I, s:o, s:o, s:o, s:o}", "count", (json_int_t)p->step_time_count, "p50",
                     cvy_json_number(p->step_p50), "p95", cvy_json_number(p->step_p95), "p99",
                     cvy_json_number(p->step_p99), "max", cvy_json_number(p->step_max));
}

/* Messages between the ranks of a point in a step. */
static json_t *json_messages(const cvy_scaling_point *p)
{
    const cvy_scaling_messages *m = &p->messages;

    if (p->ranks < 2)
        return json_null();
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:o}", "messages",
        cvy_json_number(m->count), "bytes", cvy_json_number(m->bytes), "seconds",
        cvy_json_number(m->second), "alone_seconds", cvy_json_number(m->second_alone),
        "latency_seconds", cvy_json_number(m->latency), "bytes_per_second",
        cvy_json_number(m->bandwidth), "predicted_seconds", cvy_json_number(m->predicted),
        "predicted_step_seconds", cvy_json_number(m->predicted_step), "sum_ranks",
        (json_int_t)m->sum_ranks, "lane_bytes", cvy_json_number(m->lane_bytes), "input_bytes",
        cvy_json_number(m->input_bytes), "output_gradient_bytes",
        cvy_json_number(m->output_gradient_bytes), "subtree_bytes",
        cvy_json_number(m->subtree_bytes), "gradient_bytes", cvy_json_number(m->gradient_bytes));
}

/* The gain over the previous point. */
static json_t *json_gain(const cvy_scaling *s, size_t point)
{
    if (point == 0)
        return json_null();
    return json_pack("{s:I, s:o, s:o}", cvy_scaling_unit(s),
                     (json_int_t)cvy_scaling_count(&s->points[point - 1]), "ratio",
                     cvy_json_number(s->points[point].gain), "p",
                     cvy_json_number(s->points[point].gain_p));
}

static json_t *json_point(const cvy_scaling *s, const cvy_scaling_point *point)
{
    return json_pack(
        "{s:I, s:I, s:o, s:o, s:[o,o], s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
        "s:o, s:s, s:b, s:I, s:o, s:I}",
        "threads", (json_int_t)point->threads, "batch_size", (json_int_t)point->batch_size,
        "images_per_second", json_rate(s, point), "speedup", cvy_json_number(point->speedup),
        "speedup_interval", cvy_json_number(point->speedup_low),
        cvy_json_number(point->speedup_high), "efficiency", cvy_json_number(point->efficiency),
        "karp_flatt", cvy_json_number(point->karp_flatt), "gustafson",
        cvy_json_number(point->gustafson), "gflops", cvy_json_number(1e-9 * point->flops),
        "fma_peak_gflops", cvy_json_number(1e-9 * point->fma), "fraction_of_peak",
        cvy_json_number(point->peak_share), "bytes_per_step", cvy_json_number(point->bytes),
        "triad_bytes_per_second", cvy_json_number(point->triad), "fraction_of_bandwidth",
        cvy_json_number(point->bytes_share), "step_seconds", cvy_json_number(point->step), "phases",
        json_phases(point), "wait_share", cvy_json_number(point->wait_share), "exchange_ns",
        json_exchange(point), "weights_sha256", point->digest, "same_bits", point->is_same,
        "workers", (json_int_t)point->workers, "places", json_places(s, point), "moves",
        (json_int_t)point->moves);
}

static json_t *json_serial_fit(const cvy_serial_fit *fit)
{
    if (!fit->is_found)
        return json_null();
    return json_pack("{s:o, s:o}", "serial_fraction", cvy_json_number(fit->serial_fraction),
                     "residual", cvy_json_number(fit->residual));
}

static json_t *json_usl(const cvy_usl *usl, const char *unit)
{
    if (!usl->is_found)
        return json_null();
    return json_pack("{s:o, s:o, s:o, s:o, s:{s:o, s:o}}", "lambda", cvy_json_number(usl->lambda),
                     "sigma", cvy_json_number(usl->sigma), "kappa", cvy_json_number(usl->kappa),
                     "residual", cvy_json_number(usl->residual), "peak", unit,
                     cvy_json_number(usl->peak_p), "images_per_second",
                     cvy_json_number(usl->peak_x));
}

static json_t *json_fits(const cvy_scaling *s)
{
    json_t *fits =
        json_pack("{s:o, s:o, s:o}", "amdahl", json_serial_fit(&s->amdahl), "gustafson",
                  json_serial_fit(&s->gustafson), "usl", json_usl(&s->usl, cvy_scaling_unit(s)));
    cvy_json_set(&fits, "amdahl_serial_fraction",
                 s->amdahl.is_found ? cvy_json_number(s->amdahl.serial_fraction) : json_null());
    /* laws that are fitted to an INVALID run describe nothing but this run */
    cvy_json_set(&fits, "valid", json_boolean(s->reason_count == 0 && s->usl.is_found));
    return fits;
}

static json_t *json_work(const cvy_scaling *s)
{
    const cvy_scaling_request *r = &s->request;
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:I, s:s, s:s, s:I, s:I, s:I, s:I, s:s, s:I, "
                     "s:o}",
                     "unit", cvy_scaling_unit(s), "asked_model", r->model, "asked_data", r->data,
                     "model", s->model, "parameters", (json_int_t)s->parameters, "data", s->data,
                     "train", (json_int_t)s->train_count, "mode", r->is_weak ? "weak" : "strong",
                     "optimizer", r->optimizer, "batch_size", (json_int_t)r->batch_size, "repeats",
                     (json_int_t)r->repeats, "warm_up_steps", (json_int_t)r->warm_up, "steps",
                     (json_int_t)s->steps, "bind", cvy_bind_names[r->bind], "seed",
                     (json_int_t)r->seed, "training_flops", cvy_json_number(s->flops));
}

json_t *cvy_scaling_json(const cvy_scaling *s)
{
    json_t *points = json_array(), *reasons = json_array();
    const cvy_scaling_point *base = &s->points[0];

    for (size_t i = 0; i < s->request.point_count; i++) {
        json_t *point = json_point(s, &s->points[i]);
        cvy_json_set(&point, "steps", json_steps(&s->points[i]));
        cvy_json_set(&point, "against_previous", json_gain(s, i));
        cvy_json_set(&point, "flops_per_byte", cvy_json_number(s->points[i].intensity));
        if (s->request.comm != NULL) {
            cvy_json_set(&point, "ranks", json_integer((json_int_t)s->points[i].ranks));
            cvy_json_set(&point, "exchange", json_messages(&s->points[i]));
        }
        cvy_json_append(&points, point);
    }
    for (size_t i = 0; i < s->reason_count; i++)
        cvy_json_append(&reasons, json_string(s->reasons[i]));
    json_t *summary = json_pack(
        "{s:s, s:s, s:o, s:o, s:o, s:{s:I, s:o}, s:o, s:o, s:b, s:s, s:o, s:o, s:o, s:I}",
        "command", "scale", "version", CVY_VERSION_STRING, "machine", cvy_machine_json(&s->machine),
        "environment", cvy_environment_json(), "work", json_work(s), "base", "threads",
        (json_int_t)base->threads, "images_per_second", cvy_json_number(base->rate.median),
        "points", points, "fits", json_fits(s), "same_bits", s->has_same_digests, "verdict",
        s->reason_count == 0 ? "VALID" : "INVALID", "reasons", reasons, "load_elsewhere",
        cvy_json_number(s->load_elsewhere), "seconds", cvy_json_number(s->seconds),
        "triad_array_bytes", (json_int_t)s->triad_bytes);
    cvy_json_set(&summary, "ranks", json_integer((json_int_t)cvy_comm_started(s->request.comm)));
    if (s->request.comm != NULL)
        cvy_json_set(&summary, "library", cvy_json_text(cvy_comm_library(s->request.comm)));
    cvy_json_set(&summary, "command_line",
                 s->request.command != NULL ? cvy_json_text(s->request.command) : json_null());
    return summary;
}

static cvy_status write_summary(const cvy_scaling *s, const char *folder)
{
    return cvy_report_file_write_json(folder, "summary.json", cvy_scaling_json(s),
                                      JSON_INDENT(2) | JSON_REAL_PRECISION(12));
}

/* --- tables --- */

/* Write a number; a non-finite one gives an empty field. */
static void put_field(FILE *file, double value)
{
    if (isfinite(value))
        fprintf(file, ",%.9g", value);
    else
        fputc(',', file);
}

static void put_messages(const cvy_scaling_point *p, FILE *file)
{
    const cvy_scaling_messages *m = &p->messages;
    const double values[] = { m->bytes,
                              1e3 * m->second,
                              1e3 * m->second_alone,
                              1e6 * m->latency,
                              1e-9 * m->bandwidth,
                              1e3 * m->predicted,
                              1e3 * m->predicted_step };

    for (size_t k = 0; k < sizeof values / sizeof *values; k++)
        put_field(file, p->ranks > 1 ? values[k] : NAN);
}

static void write_points(const void *scaling, FILE *file)
{
    const cvy_scaling *s = scaling;
    if (s->request.comm != NULL)
        fputs("ranks,", file);
    fputs("threads,batch_size,images_per_second,min,max,mad,low,high,speedup,speedup_low,"
          "speedup_high,efficiency,karp_flatt,gustafson,gflops,fma_peak_gflops,fraction_of_peak,"
          "triad_gigabytes_per_second,fraction_of_bandwidth,exchange_ns,step_ms",
          file);
    for (size_t phase = 0; phase < CVY_PHASE_COUNT; phase++)
        fprintf(file, ",%s_ms", cvy_phase_names[phase]);
    fputs(",weights_sha256,flops_per_byte,step_p50_ms,step_p95_ms,step_p99_ms,step_max_ms,"
          "ratio_to_previous,p_to_previous",
          file);
    if (s->request.comm != NULL)
        fputs(",exchange_bytes,exchange_ms,exchange_alone_ms,latency_us,gigabytes_per_second,"
              "predicted_exchange_ms,predicted_step_ms",
              file);
    fputc('\n', file);
    for (size_t i = 0; i < s->request.point_count; i++) {
        const cvy_scaling_point *p = &s->points[i];
        const double values[] = {
            p->rate.median,  p->rate.min,    p->rate.max,
            p->rate.mad,     p->rate.low,    p->rate.high,
            p->speedup,      p->speedup_low, p->speedup_high,
            p->efficiency,   p->karp_flatt,  p->gustafson,
            1e-9 * p->flops, 1e-9 * p->fma,  p->peak_share,
            1e-9 * p->triad, p->bytes_share, 1e9 * p->exchange.median,
            1e3 * p->step,
        };
        if (s->request.comm != NULL)
            fprintf(file, "%zu,", p->ranks);
        fprintf(file, "%zu,%zu", p->threads, p->batch_size);
        for (size_t k = 0; k < sizeof values / sizeof *values; k++)
            put_field(file, values[k]);
        for (size_t phase = 0; phase < CVY_PHASE_COUNT; phase++)
            put_field(file, 1e3 * p->phase[phase]);
        fprintf(file, ",%s", p->digest);
        const double more[] = { p->intensity,      1e3 * p->step_p50, 1e3 * p->step_p95,
                                1e3 * p->step_p99, 1e3 * p->step_max, p->gain,
                                p->gain_p };
        for (size_t k = 0; k < sizeof more / sizeof *more; k++)
            put_field(file, more[k]);
        if (s->request.comm != NULL)
            put_messages(p, file);
        fputc('\n', file);
    }
}

static void write_repeats(const void *scaling, FILE *file)
{
    const cvy_scaling *s = scaling;
    fprintf(file, "%s,repeat,turn,images_per_second,share_of_median,exchange_ns\n",
            cvy_scaling_unit(s));
    for (size_t i = 0; i < s->request.point_count; i++)
        for (size_t k = 0; k < s->request.repeats; k++) {
            fprintf(file, "%zu,%zu,%zu,%.9g,%.9g", cvy_scaling_count(&s->points[i]), k + 1,
                    s->points[i].turns[k] + 1, s->points[i].rates[k],
                    s->points[i].rates[k] / s->points[i].rate.median);
            put_field(file, 1e9 * s->points[i].exchanges[k]);
            fputc('\n', file);
        }
}

/* One block per point; two empty lines separate blocks for gnuplot. */
static void write_step_times(const void *scaling, FILE *file)
{
    const cvy_scaling *s = scaling;
    size_t counts[CVY_STEP_BINS];

    fprintf(file, "%s,from_ms,to_ms,steps,share\n", cvy_scaling_unit(s));
    for (size_t i = 0; i < s->request.point_count; i++) {
        const cvy_scaling_point *p = &s->points[i];
        cvy_scaling_count_steps(s, i, counts);
        fputs(i > 0 ? "\n\n" : "", file);
        for (size_t bin = 0; bin < CVY_STEP_BINS; bin++)
            fprintf(file, "%zu,%.9g,%.9g,%zu,%.9g\n", cvy_scaling_count(p),
                    1e3 * cvy_scaling_bin_edge(s, bin), 1e3 * cvy_scaling_bin_edge(s, bin + 1),
                    counts[bin],
                    p->step_time_count > 0 ? (double)counts[bin] / (double)p->step_time_count : 0);
    }
}

static void put_latex(const void *what, FILE *file)
{
    const cvy_scaling_tables *tables = what;

    fputs("% Needs \\usepackage{graphicx}, and before 2018 \\usepackage[utf8]{inputenc}.\n", file);
    for (size_t i = 0; i < CVY_SCALING_NUMBERS; i++)
        if (tables->tables[i].title != NULL)
            cvy_table_as_latex(&tables->tables[i], file);
}

typedef struct {
    const cvy_scaling *scaling;
    const cvy_scaling_tables *tables;
    cvy_pictures_end pictures;
} readme;

/* Write Markdown for a README. */
static void put_markdown(const void *what, FILE *file)
{
    const readme *m = what;
    const cvy_scaling *s = m->scaling;

    fprintf(file, "%s scaling of %s on %s, batches of %zu%s: %s. %s.\n\n",
            s->request.is_weak ? "Weak" : "Strong", s->model, s->data, s->request.batch_size,
            !s->request.is_weak       ? ""
            : s->request.comm != NULL ? " a rank"
                                      : " a thread",
            s->reason_count == 0 ? "VALID" : "INVALID", cvy_scaling_digests_words(s));
    for (size_t i = 0; i < s->reason_count; i++)
        fprintf(file, "- %s\n%s", s->reasons[i], i + 1 == s->reason_count ? "\n" : "");
    cvy_table_as_markdown(&m->tables->tables[CVY_SCALING_POINTS], file);
    if (s->request.comm != NULL)
        cvy_table_as_markdown(&m->tables->tables[CVY_SCALING_MESSAGES], file);
    cvy_table_as_markdown(&m->tables->tables[CVY_SCALING_TAILS], file);
    if (m->pictures == CVY_PICTURES_DRAWN)
        fprintf(file, "![%s](%s.svg)\n", cvy_scaling_pictures[0].title,
                cvy_scaling_pictures[0].name);
}

static cvy_status write_tables(const cvy_scaling *s, const char *folder)
{
    cvy_status status = write_summary(s, folder);

    if (status == CVY_OK)
        status = cvy_report_file_write(folder, "scaling.csv", write_points, s);
    if (status == CVY_OK)
        status = cvy_report_file_write(folder, "repeats.csv", write_repeats, s);
    return status == CVY_OK ? cvy_report_file_write(folder, "step-times.csv", write_step_times, s)
                            : status;
}

static cvy_status write_texts(const cvy_scaling *s, const char *folder, cvy_pictures_end pictures)
{
    cvy_scaling_tables tables;
    cvy_status status = cvy_scaling_tables_make(s, &tables);
    const readme content = { s, &tables, pictures };

    if (status == CVY_OK)
        status = cvy_report_file_write(folder, "tables.tex", put_latex, &tables);
    if (status == CVY_OK)
        status = cvy_report_file_write(folder, "summary.md", put_markdown, &content);
    if (status == CVY_OK)
        status = cvy_scaling_write_page(s, &tables, folder, pictures);
    cvy_scaling_tables_release(&tables);
    return status;
}

cvy_status cvy_scaling_write(const cvy_scaling *s, const char *folder, cvy_pictures_end *pictures)
{
    cvy_status status = cvy_folder_make(folder);

    if (status == CVY_OK)
        status = write_tables(s, folder);
    if (status == CVY_OK)
        status = cvy_scaling_draw(s, folder, pictures);
    return status == CVY_OK ? write_texts(s, folder, *pictures) : status;
}
