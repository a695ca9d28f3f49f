/* convoy scale: repeat a training with several numbers of threads or ranks, and report the
 * speedup. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/folder.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/plural.h"
#include "cli/amounts.h"
#include "cli/command.h"
#include "cli/command_line.h"
#include "cli/print.h"
#include "cli/ranks.h"
#include "cli/rows.h"
#include "cli/scale_points.h"
#include "cli/signals.h"
#include "convoy/kinds.h"
#include "charts/gnuplot.h"
#include "charts/report_folder.h"
#include "report/earlier_report.h"
#include "report/scaling_report.h"

typedef struct {
    const char *threads, *ranks, *data, *model, *optimizer, *report, *figures;
    size_t batch_size, repeats, warm_up, steps;
    double precision;
    int mode, bind;
    bool overwrite;
} scale_options;

static const char *const modes[] = { "strong", "weak", NULL };

#define AT(member) offsetof(scale_options, member)
static const cvy_setting options[] = {
    { "threads", CVY_TEXT, AT(threads), NULL, 0, 0,
      "LIST: numbers of threads, as in 1,2,4; 1 is always added (default: 1, 2, 4 ... up to the "
      "cores that this process may use); with ranks one number, of the threads of each",
      0, NULL },
    { "ranks", CVY_TEXT, AT(ranks), NULL, 0, 0,
      "LIST: numbers of ranks, under a launcher that starts as many processes as the largest, as "
      "in "
      "mpirun -n 4 convoy scale --ranks 1,2,4; 1 is always added (default there: 1, 2, 4 ... up to "
      "all)",
      0, NULL },
    { "mode", CVY_CHOICE, AT(mode), "strong", 0, 0,
      "strong: the same batch for all numbers of threads or ranks; weak: the batch grows with them",
      0, modes },
    CVY_MODEL_ROW(AT(model)),
    CVY_DATA_ROW(AT(data)),
    CVY_BATCH_SIZE_ROW(
        AT(batch_size),
        "images per update, with weak scaling per thread or rank; full: all of them"),
    CVY_OPTIMIZER_ROW(AT(optimizer)),
    { "repeats", CVY_COUNT, AT(repeats), "10", 1, CVY_REPEATS_MAX,
      "measurements of each point, interleaved in random order; fewer than 10 give no "
      "valid report",
      0, NULL },
    { "precision-target", CVY_FLOAT, AT(precision), "0", 0, 1,
      "repeat until the 95 % interval of every median lies within this share of it, as in 0.01 for "
      "1 %, at "
      "least 10 and at most --repeats times; 0: always --repeats times",
      CVY_BELOW_MAX, NULL },
    { "steps", CVY_COUNT, AT(steps), "0", 0, 10000000,
      "updates in each repeat; 0: as many as take half a second on one thread", 0, NULL },
    { "warm-up", CVY_COUNT, AT(warm_up), "10", 0, 1000000,
      "updates before each repeat that are not measured", 0, NULL },
    CVY_BIND_ROW(AT(bind)),
    { "report", CVY_TEXT, AT(report), "scaling", 0, 0,
      "DIR: folder of report.html, summary.json, summary.md, tables.tex, the data as CSV, "
      "figures and their scripts",
      0, NULL },
    CVY_FIGURES_ROW(AT(figures)),
    { "overwrite", CVY_BOOL, AT(overwrite), "false", 0, 0,
      "replace a report with other options or more repeats", 0, NULL },
    { 0 },
};

/* --- progress --- */

/* What request.context points to. */
typedef struct {
    const cvy_call *call;
    double start; /* of the first repeat */
} watcher;

/* Repeats with many threads are faster than those with one, but all numbers of threads take
 * turns. */
static bool show_progress(void *context, size_t done, size_t total)
{
    watcher *w = context;
    char eta[64] = "";

    if (done == 0)
        w->start = cvy_clock_seconds();
    const double seconds = cvy_clock_seconds() - w->start;
    if (done > 0)
        snprintf(eta, sizeof eta, ", ETA %s",
                 cvy_human_seconds(ceil(seconds / (double)done * (double)(total - done))).text);
    if (!w->call->common.quiet && cvy_is_terminal(stderr))
        fprintf(stderr, "\rrepeat %zu of %zu%s\x1b[K", done + 1, total, eta);
    return !cvy_stop_requested();
}

static bool must_stop(void *context)
{
    (void)context;
    return cvy_stop_requested();
}

/* --- text output --- */

static void print_points(const cvy_scaling *s, FILE *file)
{
    cvy_table table;

    cvy_table_begin(&table, "rrrrrrrrrr");
    cvy_table_add(&table, "%s", cvy_scaling_unit(s));
    cvy_table_add(&table, "images/s");
    cvy_table_add(&table, "±");
    cvy_table_add(&table, "speedup");
    cvy_table_add(&table, "efficiency");
    cvy_table_add(&table, s->request.is_weak ? "Gustafson" : "Karp-Flatt");
    cvy_table_add(&table, "GFLOP/s");
    cvy_table_add(&table, "of peak");
    cvy_table_add(&table, "ms/step");
    cvy_table_add(&table, "waiting");
    for (size_t i = 0; i < s->request.point_count; i++) {
        const cvy_scaling_point *p = &s->points[i];
        const double serial = cvy_scaling_serial(s, i);
        cvy_table_add(&table, "%zu", cvy_scaling_count(p));
        cvy_table_add(&table, "%s", cvy_human_count((size_t)p->rate.median).text);
        if (isfinite(p->rate.low))
            cvy_table_add(&table, "%.1f%%", 50 * (p->rate.high - p->rate.low) / p->rate.median);
        else
            cvy_table_add(&table, "-");
        cvy_table_add(&table, "%.3f", p->speedup);
        cvy_table_add(&table, "%.1f%%", 100 * p->efficiency);
        if (isfinite(serial))
            cvy_table_add(&table, "%.4f", serial);
        else
            cvy_table_add(&table, "-");
        cvy_table_add(&table, "%.1f", 1e-9 * p->flops);
        cvy_table_add(&table, "%.1f%%", 100 * p->peak_share);
        cvy_table_add(&table, "%.3f", 1e3 * p->step);
        cvy_table_add(&table, "%.1f%%", 100 * p->wait_share);
    }
    cvy_table_print(&table, file);
}

static void print_phases(const cvy_scaling *s, FILE *file)
{
    cvy_table table;

    cvy_table_begin(&table, "rrrrrrr");
    cvy_table_add(&table, "ms/step");
    for (size_t phase = 0; phase < CVY_PHASE_COUNT; phase++)
        cvy_table_add(&table, "%s", cvy_phase_names[phase]);
    for (size_t i = 0; i < s->request.point_count; i++) {
        cvy_table_add(&table, "%zu", cvy_scaling_count(&s->points[i]));
        for (size_t phase = 0; phase < CVY_PHASE_COUNT; phase++)
            cvy_table_add(&table, "%.3f", 1e3 * s->points[i].phase[phase]);
    }
    cvy_table_print(&table, file);
}

/* The time that ranks spend exchanging, compared with what the link alone would take. */
static void print_messages(const cvy_scaling *s, FILE *file)
{
    static const char *const heads[] = { "ms/step",   "kB",         "exchanging", "alone",
                                         "predicted", "latency/us", "MB/s",       "step predicted",
                                         "error" };
    cvy_table table;

    if (s->request.comm == NULL || s->points[s->request.point_count - 1].ranks < 2)
        return;
    cvy_table_begin(&table, "rrrrrrrrr");
    cvy_table_add_row(&table, heads);
    for (size_t i = 0; i < s->request.point_count; i++) {
        const cvy_scaling_point *p = &s->points[i];
        const cvy_scaling_messages *m = &p->messages;
        if (p->ranks < 2)
            continue;
        cvy_table_add(&table, "%zu", p->ranks);
        cvy_table_add(&table, "%.0f", 1e-3 * m->bytes);
        cvy_table_add(&table, "%.3f", 1e3 * m->second);
        cvy_table_add(&table, "%.3f", 1e3 * m->second_alone);
        cvy_table_add(&table, "%.3f", 1e3 * m->predicted);
        cvy_table_add(&table, "%.1f", 1e6 * m->latency);
        cvy_table_add(&table, "%.0f", 1e-6 * m->bandwidth);
        cvy_table_add(&table, "%.3f", 1e3 * m->predicted_step);
        cvy_table_add(&table, "%+.0f%%", 100 * (m->predicted_step / p->step - 1));
    }
    cvy_table_print(&table, file);
    fputc('\n', file);
}

static void print_laws(const cvy_scaling *s, FILE *file)
{
    const cvy_usl *u = &s->usl;

    if (s->amdahl.is_found)
        fprintf(file, "Amdahl      serial fraction %.4f (residual %.3g)\n",
                s->amdahl.serial_fraction, s->amdahl.residual);
    if (s->gustafson.is_found)
        fprintf(file, "Gustafson   serial fraction %.4f (residual %.3g)\n",
                s->gustafson.serial_fraction, s->gustafson.residual);
    if (u->is_found) {
        fprintf(file, "USL         sigma %.4f, kappa %.3g (residual %.0f images/s)", u->sigma,
                u->kappa, u->residual);
        if (isfinite(u->peak_p))
            fprintf(file, "; predicted peak %.0f images/s at %.0f %s", u->peak_x, u->peak_p,
                    cvy_scaling_unit(s));
        fputc('\n', file);
    }
    if (!u->is_found && !s->amdahl.is_found && !s->gustafson.is_found)
        fprintf(file, "laws        not fitted: they need three numbers of %s\n",
                cvy_scaling_unit(s));
    else if (s->reason_count > 0)
        fputs("            of an INVALID run, so these laws describe nothing but this run\n", file);
}

/* The cache-to-cache latency between the cores of the largest number of threads. */
static void print_exchange(const cvy_scaling *s, FILE *file)
{
    const cvy_scaling_point *last = &s->points[s->request.point_count - 1];

    if (last->threads > 1)
        fprintf(file,
                "exchange    %.1f ns to take a cache line back from the farthest of %zu threads "
                "(%.1f to %.1f in the repeats)\n",
                1e9 * last->exchange.median, last->threads, 1e9 * last->exchange.min,
                1e9 * last->exchange.max);
}

/* folder: of the report; NULL if it could not be written. */
static void print_text(const cvy_call *call, const cvy_scaling *s, cvy_pictures_end pictures,
                       const char *folder)
{
    const scale_options *o = call->options;
    FILE *file = cvy_print_file(call);

    fprintf(file, "%s scaling of %s on %s, batches of %zu%s: %zu repeat%s of %zu update%s\n\n",
            modes[o->mode], s->model, s->data, s->request.batch_size,
            o->mode != 1              ? ""
            : s->request.comm != NULL ? " a rank"
                                      : " a thread",
            s->request.repeats, cvy_plural(s->request.repeats), s->steps, cvy_plural(s->steps));
    if (s->request.comm != NULL)
        fprintf(file, "%zu rank%s (%s), %zu thread%s each\n\n", cvy_comm_started(s->request.comm),
                cvy_plural(cvy_comm_started(s->request.comm)), cvy_comm_library(s->request.comm),
                s->points[0].threads, cvy_plural(s->points[0].threads));
    print_points(s, file);
    fputc('\n', file);
    print_phases(s, file);
    fputc('\n', file);
    print_messages(s, file);
    print_laws(s, file);
    print_exchange(s, file);
    fprintf(file, "weights     %s\n", cvy_scaling_digests_words(s));
    fprintf(file, "verdict     %s\n", s->reason_count == 0 ? "VALID" : "INVALID");
    for (size_t i = 0; i < s->reason_count; i++)
        fprintf(file, "            %s\n", s->reasons[i]);
    if (folder == NULL)
        return;
    if (pictures == CVY_PICTURES_NO_GNUPLOT)
        fputs("pictures    none: gnuplot is not installed here; the scripts are in the folder\n",
              file);
    else if (pictures == CVY_PICTURES_FAILED)
        fputs("pictures    none: gnuplot could not draw them; the scripts are in the folder\n",
              file);
    fprintf(file, "report      %s/report.html\n", folder);
}

/* --- the command --- */

/* Reports errors in the command line before anything is measured. */
static cvy_status check_options(const cvy_call *call, cvy_scaling_request *request)
{
    static const cvy_folder_mark mark = { "scale", "summary.json", "command", "scale" };
    const scale_options *o = call->options;
    const cvy_scale_points points = { o->threads, o->ranks, call->common.threads };
    cvy_spec *optimizer = NULL;
    cvy_status status = cvy_scale_choose_points(&points, request);

    if (status == CVY_OK)
        status = cvy_spec_resolve(CVY_KINDS_OPTIMIZERS, o->optimizer, &optimizer);
    cvy_spec_destroy(optimizer);
    if (status == CVY_OK)
        status = cvy_gnuplot_read_formats(o->figures, &request->formats);
    if (status != CVY_OK || cvy_ranks_follows())
        return status;
    status = cvy_folder_check(o->report, &mark);
    return status == CVY_OK && !o->overwrite ? cvy_scaling_check_report(request, o->report)
                                             : status;
}

static cvy_status print_json(const cvy_scaling *scaling, cvy_pictures_end pictures,
                             const char *folder)
{
    json_t *summary = cvy_scaling_json(scaling);

    cvy_json_set(&summary, "pictures", json_boolean(pictures == CVY_PICTURES_DRAWN));
    cvy_json_set(&summary, "report", cvy_json_text(folder));
    return cvy_print_json(summary);
}

static cvy_status measure(const cvy_call *call, const cvy_scaling_request *request,
                          cvy_scaling *scaling)
{
    const scale_options *o = call->options;
    cvy_pictures_end pictures = CVY_PICTURES_FAILED;
    char sentence[CVY_ERROR_BYTES / 2] = ""; /* why the report could not be written */

    cvy_signals_catch();
    cvy_status status = cvy_scaling_run(request, scaling);
    const bool is_stopped = status == CVY_ERR_STOPPED && scaling->repeats_wanted > 0;
    if (is_stopped) /* report what was measured */
        status = CVY_OK;
    if (!call->common.quiet && cvy_is_terminal(stderr))
        fputs("\r\x1b[K", stderr);
    if (status != CVY_OK || cvy_ranks_follows())
        return status;
    /* the figures took long to measure and are kept if the report cannot be written */
    const cvy_status written = cvy_scaling_write(scaling, o->report, &pictures);
    if (written == CVY_ERR_OPEN || written == CVY_ERR_WRITE)
        snprintf(sentence, sizeof sentence, "%s", cvy_error_message());
    else if (written != CVY_OK)
        return written;
    const char *folder = written == CVY_OK ? o->report : NULL;
    status = CVY_OK;
    if (call->common.json)
        status = print_json(scaling, pictures, folder);
    else
        print_text(call, scaling, pictures, folder);
    if (status == CVY_OK && written != CVY_OK)
        return cvy_fail_again(written, sentence);
    if (status == CVY_OK && is_stopped)
        status = cvy_fail(CVY_ERR_STOPPED, "%s: stopped after %zu of %zu repeats, which it reports",
                          o->report, scaling->request.repeats, scaling->repeats_wanted);
    return status;
}

/* Only rank 0 has the folder, and only it prints. The folder is made before anything is measured, so
 * that a report that cannot be written is noticed first. */
static cvy_status measure_into_folder(const cvy_call *call, const cvy_scaling_request *request,
                                      cvy_scaling *scaling)
{
    const scale_options *o = call->options;
    bool is_new = false;
    int lock = -1;
    cvy_status status = CVY_OK;

    if (!cvy_ranks_follows())
        status = cvy_folder_make_new(o->report, &is_new);
    if (status == CVY_OK && !cvy_ranks_follows())
        status = cvy_folder_lock(o->report, "writing its report", &lock);
    status = cvy_comm_agree(request->comm, status);
    if (status == CVY_OK)
        status = measure(call, request, scaling);
    if (status != CVY_OK && is_new)
        rmdir(o->report); /* if it is empty */
    cvy_folder_unlock(lock);
    return status;
}

/* The work of this rank. */
static cvy_status run_rank(const cvy_call *call, cvy_comm *comm)
{
    const scale_options *o = call->options;
    cvy_scaling *scaling = NULL;
    watcher watch = { .call = call };
    char *command = NULL;
    cvy_scaling_request request = {
        .model = o->model,
        .data = o->data,
        .optimizer = o->optimizer,
        .is_weak = o->mode == 1,
        .batch_size = o->batch_size,
        .repeats = o->repeats,
        .precision = o->precision,
        .warm_up = o->warm_up,
        .steps = o->steps,
        .bind = (cvy_bind)o->bind,
        .seed = call->common.seed,
        .comm = comm,
        .neighbours = comm != NULL ? cvy_ranks_neighbours() : 0,
        .on_repeat = show_progress,
        .stop_requested = must_stop,
        .context = &watch,
    };
    cvy_status status = check_options(call, &request);

    if (status == CVY_OK)
        status = cvy_command_line_print(call, NULL, &command);
    request.command = command;
    if (status == CVY_OK)
        status = cvy_memory_create(1, sizeof *scaling, &scaling);
    status = cvy_comm_agree(comm, status);
    if (status == CVY_OK)
        status = measure_into_folder(call, &request, scaling);
    if (scaling != NULL)
        cvy_scaling_release(scaling);
    cvy_memory_free(scaling);
    free(command);
    return status;
}

static cvy_status run(const cvy_call *call)
{
    return cvy_ranks_run(call, run_rank);
}

const cvy_command cvy_command_scale = {
    .name = "scale",
    .summary = "measure how training scales with the number of threads or ranks",
    .examples = "convoy scale\n"
                "convoy scale --threads 1,2,4,8,16 --model mnist-cnn --batch-size 256 \\\n"
                "    --bind cores --report report\n"
                "convoy scale --mode weak --json\n"
                "mpirun -n 4 convoy scale --ranks 1,2,4 --threads 1\n",
    .options = options,
    .options_size = sizeof(scale_options),
    .is_for_ranks = true,
    .run = run,
};
