/* What programs read: summary.json, and the tables scaling.csv and repeats.csv, which are also what
 * the pictures are drawn from. */
#include "report/scaling_report.h"

#include "machine/environment.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "charts/report_file.h"
#include "figures/figure_scaling.h"
#include "report/scaling_page.h"

/* --- summary.json --- */

static json_t *json_phases(const cvy_scaling_point *point)
{
    json_t *phases = json_object();
    for (size_t phase = 0; phase < CVY_PHASE_COUNT; phase++)
        cvy_json_set(&phases, cvy_phase_names[phase], cvy_json_number(point->phase[phase]));
    return phases;
}

/* Where each worker stood: [{"worker":0,"cpu":3,"core":1,"socket":0,"numa_node":0}] */
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

static json_t *json_repeats(const cvy_scaling *s, const cvy_scaling_point *point)
{
    json_t *repeats = json_array();
    for (size_t i = 0; i < s->request.repeats; i++)
        cvy_json_append(&repeats, cvy_json_number(point->rates[i]));
    return repeats;
}

static json_t *json_rate(const cvy_scaling *s, const cvy_scaling_point *point)
{
    const cvy_repeats *rate = &point->rate;
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "median", cvy_json_number(rate->median),
                     "min", cvy_json_number(rate->min), "max", cvy_json_number(rate->max), "mad",
                     cvy_json_number(rate->mad), "low", cvy_json_number(rate->low), "high",
                     cvy_json_number(rate->high), "repeats", json_repeats(s, point));
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

static json_t *json_usl(const cvy_usl *usl)
{
    if (!usl->is_found)
        return json_null();
    return json_pack("{s:o, s:o, s:o, s:o, s:{s:o, s:o}}", "lambda", cvy_json_number(usl->lambda),
                     "sigma", cvy_json_number(usl->sigma), "kappa", cvy_json_number(usl->kappa),
                     "residual", cvy_json_number(usl->residual), "peak", "threads",
                     cvy_json_number(usl->peak_p), "images_per_second",
                     cvy_json_number(usl->peak_x));
}

static json_t *json_fits(const cvy_scaling *s)
{
    json_t *fits = json_pack("{s:o, s:o, s:o}", "amdahl", json_serial_fit(&s->amdahl), "gustafson",
                             json_serial_fit(&s->gustafson), "usl", json_usl(&s->usl));
    cvy_json_set(&fits, "amdahl_serial_fraction",
                 s->amdahl.is_found ? cvy_json_number(s->amdahl.serial_fraction) : json_null());
    return fits;
}

static json_t *json_work(const cvy_scaling *s)
{
    const cvy_scaling_request *r = &s->request;
    return json_pack("{s:s, s:s, s:s, s:I, s:s, s:I, s:s, s:s, s:I, s:I, s:I, s:I, s:s, s:I, s:o}",
                     "asked_model", r->model, "asked_data", r->data, "model", s->model,
                     "parameters", (json_int_t)s->parameters, "data", s->data, "train",
                     (json_int_t)s->train_count, "mode", r->is_weak ? "weak" : "strong",
                     "optimizer", r->optimizer, "batch_size", (json_int_t)r->batch_size, "repeats",
                     (json_int_t)r->repeats, "warm_up_steps", (json_int_t)r->warm_up, "steps",
                     (json_int_t)s->steps, "bind", cvy_bind_names[r->bind], "seed",
                     (json_int_t)r->seed, "training_flops", cvy_json_number(s->flops));
}

json_t *cvy_scaling_json(const cvy_scaling *s)
{
    json_t *points = json_array(), *reasons = json_array();
    const cvy_scaling_point *base = &s->points[0];

    for (size_t i = 0; i < s->request.point_count; i++)
        cvy_json_append(&points, json_point(s, &s->points[i]));
    for (size_t i = 0; i < s->reason_count; i++)
        cvy_json_append(&reasons, json_string(s->reasons[i]));
    return json_pack(
        "{s:s, s:s, s:o, s:o, s:o, s:{s:I, s:o}, s:o, s:o, s:b, s:s, s:o, s:o, s:o, s:I}",
        "command", "scale", "version", CVY_VERSION_STRING, "machine", cvy_machine_json(&s->machine),
        "environment", cvy_environment_json(), "work", json_work(s), "base", "threads",
        (json_int_t)base->threads, "images_per_second", cvy_json_number(base->rate.median),
        "points", points, "fits", json_fits(s), "same_bits", s->has_same_digests, "verdict",
        s->reason_count == 0 ? "VALID" : "INVALID", "reasons", reasons, "load_elsewhere",
        cvy_json_number(s->load_elsewhere), "seconds", cvy_json_number(s->seconds),
        "triad_array_bytes", (json_int_t)s->triad_bytes);
}

static void put_summary(const void *summary, FILE *file)
{
    json_dumpf(summary, file, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    fputc('\n', file);
}

static cvy_status write_summary(const cvy_scaling *s, const char *folder)
{
    json_t *summary = cvy_scaling_json(s);

    if (summary == NULL)
        return cvy_fail(CVY_ERR_MEMORY, "%s/summary.json: out of memory", folder);
    cvy_status status = cvy_report_file_write(folder, "summary.json", put_summary, summary);
    json_decref(summary);
    return status;
}

/* --- an earlier report --- */

/* The first part of the question in which the report differs from the request, or NULL. */
static const char *find_difference(const json_t *work, const cvy_scaling_request *r)
{
    const struct {
        const char *key, *wanted;
    } texts[] = { { "asked_model", r->model },
                  { "asked_data", r->data },
                  { "mode", r->is_weak ? "weak" : "strong" },
                  { "optimizer", r->optimizer } };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *text = json_string_value(json_object_get(work, texts[i].key));
        if (text == NULL || strcmp(text, texts[i].wanted) != 0)
            return texts[i].key + (strncmp(texts[i].key, "asked_", 6) == 0 ? 6 : 0);
    }
    const json_int_t batch_size = json_integer_value(json_object_get(work, "batch_size"));
    return batch_size == (json_int_t)r->batch_size ? NULL : "batch_size";
}

cvy_status cvy_scaling_check_report(const cvy_scaling_request *request, const char *folder)
{
    char path[4096];
    json_error_t error;
    cvy_status status = CVY_OK;

    snprintf(path, sizeof path, "%.4000s/summary.json", folder);
    json_t *summary = json_load_file(path, 0, &error);
    if (summary == NULL)
        return CVY_OK;
    const json_t *work = json_object_get(summary, "work");
    const char *difference = find_difference(work, request);
    const json_int_t repeats = json_integer_value(json_object_get(work, "repeats"));
    if (difference != NULL)
        status = cvy_fail(CVY_ERR_SETTING,
                          "--report: %s holds a report with another %s, expected another folder or "
                          "--overwrite",
                          folder, difference);
    else if (repeats > (json_int_t)request->repeats)
        status = cvy_fail(CVY_ERR_SETTING,
                          "--report: %s holds a report of %lld repeats, more than %zu; expected "
                          "another folder or --overwrite",
                          folder, (long long)repeats, request->repeats);
    json_decref(summary);
    return status;
}

/* --- the tables --- */

/* --- tables --- */

/* A number that is not finite is an empty field. */
static void put_field(FILE *file, double value)
{
    if (isfinite(value))
        fprintf(file, ",%.9g", value);
    else
        fputc(',', file);
}

static void write_points(const void *scaling, FILE *file)
{
    const cvy_scaling *s = scaling;
    fputs("threads,batch_size,images_per_second,min,max,mad,low,high,speedup,speedup_low,"
          "speedup_high,efficiency,karp_flatt,gustafson,gflops,fma_peak_gflops,fraction_of_peak,"
          "triad_gigabytes_per_second,fraction_of_bandwidth,exchange_ns,step_ms",
          file);
    for (size_t phase = 0; phase < CVY_PHASE_COUNT; phase++)
        fprintf(file, ",%s_ms", cvy_phase_names[phase]);
    fputs(",weights_sha256\n", file);
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
        fprintf(file, "%zu,%zu", p->threads, p->batch_size);
        for (size_t k = 0; k < sizeof values / sizeof *values; k++)
            put_field(file, values[k]);
        for (size_t phase = 0; phase < CVY_PHASE_COUNT; phase++)
            put_field(file, 1e3 * p->phase[phase]);
        fprintf(file, ",%s\n", p->digest);
    }
}

static void write_repeats(const void *scaling, FILE *file)
{
    const cvy_scaling *s = scaling;
    fputs("threads,repeat,turn,images_per_second,share_of_median,exchange_ns\n", file);
    for (size_t i = 0; i < s->request.point_count; i++)
        for (size_t k = 0; k < s->request.repeats; k++) {
            fprintf(file, "%zu,%zu,%zu,%.9g,%.9g", s->points[i].threads, k + 1,
                    s->points[i].turns[k] + 1, s->points[i].rates[k],
                    s->points[i].rates[k] / s->points[i].rate.median);
            put_field(file, 1e9 * s->points[i].exchanges[k]);
            fputc('\n', file);
        }
}

static cvy_status write_tables(const cvy_scaling *s, const char *folder)
{
    cvy_status status = write_summary(s, folder);

    if (status == CVY_OK)
        status = cvy_report_file_write(folder, "scaling.csv", write_points, s);
    return status == CVY_OK ? cvy_report_file_write(folder, "repeats.csv", write_repeats, s)
                            : status;
}

cvy_status cvy_scaling_write(const cvy_scaling *s, const char *folder, cvy_pictures_end *pictures)
{
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", folder, strerror(errno));
    cvy_status status = write_tables(s, folder);
    if (status == CVY_OK)
        status = cvy_scaling_draw(s, folder, pictures);
    return status == CVY_OK ? cvy_scaling_write_page(s, folder, *pictures) : status;
}
