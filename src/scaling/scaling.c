/* Compute speedups, fits and the verdict from the measurements. */
#include "scaling/scaling.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/plural.h"
#include "machine/load.h"
#include "scaling/scaling_ranks.h"
#include "statistics/statistics.h"

static const double spread_limit = 0.05; /* half the 95 % interval relative to the median */

const char *const cvy_phase_names[CVY_PHASE_COUNT] = { "data",   "forward", "backward",
                                                       "reduce", "update",  "wait" };
const char *const cvy_bind_names[] = { "none", "cores", "sockets", NULL };

/* --- points --- */

/* Sum up a copy, so that the order of the repeats is kept. */
static cvy_repeats sum_up(size_t count, const double *values)
{
    double sorted[CVY_REPEATS_MAX];

    memcpy(sorted, values, count * sizeof *sorted);
    return cvy_repeats_sum_up(sorted, count);
}

/* The median share, which may differ from the quotient of the two medians. */
static double median_share(size_t count, const double *parts, const double *wholes)
{
    double shares[CVY_REPEATS_MAX];

    for (size_t i = 0; i < count; i++)
        shares[i] = parts[i] / wholes[i];
    return cvy_repeats_sum_up(shares, count).median;
}

/* The tail of the step times, which a mean hides. */
static void work_out_steps(cvy_scaling_point *point)
{
    const size_t count = point->step_time_count;
    const double *sorted = point->step_times;

    point->step_p50 = point->step_p95 = point->step_p99 = point->step_max = NAN;
    if (count == 0)
        return;
    cvy_sort(point->step_times, count);
    point->step_p50 = cvy_quantile(sorted, count, 0.5);
    point->step_p95 = cvy_quantile(sorted, count, 0.95);
    point->step_p99 = cvy_quantile(sorted, count, 0.99);
    point->step_max = sorted[count - 1];
}

/* Compare each point with the previous one. Repeats of one round are paired because they ran under
 * the same load. */
static cvy_status compare_neighbours(cvy_scaling *s)
{
    const size_t count = s->request.point_count, repeats = s->request.repeats;
    double ratios[CVY_REPEATS_MAX], differences[CVY_REPEATS_MAX], p[CVY_POINTS_MAX];
    cvy_status status = CVY_OK;

    s->points[0].gain = s->points[0].gain_p = NAN;
    for (size_t i = 1; status == CVY_OK && i < count; i++) {
        for (size_t k = 0; k < repeats; k++) {
            ratios[k] = s->points[i].rates[k] / s->points[i - 1].rates[k];
            differences[k] = log(ratios[k]);
        }
        s->points[i].gain = cvy_repeats_sum_up(ratios, repeats).median;
        status = cvy_wilcoxon(differences, repeats, &p[i - 1]);
    }
    if (status == CVY_OK && count > 1)
        status = cvy_holm(p, count - 1);
    for (size_t i = 1; status == CVY_OK && i < count; i++)
        s->points[i].gain_p = p[i - 1];
    return status;
}

/* Speedups are relative to the best serial run: one thread shares nothing, never waits and uses the
 * same kernels. Its absolute rate is also reported (Hoefler and Belli 2015, rule 1). */
static void work_out_point(cvy_scaling *s, cvy_scaling_point *point)
{
    const cvy_repeats *base = &s->points[0].rate;
    const size_t repeats = s->request.repeats;
    const double p = (double)cvy_scaling_count(point);

    point->rate = sum_up(repeats, point->rates);
    point->exchange = point->threads > 1 ? sum_up(repeats, point->exchanges)
                                         : (cvy_repeats){ NAN, NAN, NAN, NAN, NAN, NAN };
    point->step = sum_up(repeats, point->steps).median;
    for (size_t phase = 0; phase < CVY_PHASE_COUNT; phase++)
        point->phase[phase] = sum_up(repeats, point->phases[phase]).median;
    point->speedup = point->rate.median / base->median;
    point->speedup_low = p == 1 ? 1 : point->rate.low / base->high;
    point->speedup_high = p == 1 ? 1 : point->rate.high / base->low;
    point->efficiency = point->speedup / p;
    point->karp_flatt = s->request.is_weak ? NAN : cvy_karp_flatt(p, point->speedup);
    point->gustafson = s->request.is_weak ? cvy_gustafson(p, point->speedup) : NAN;
    point->flops = point->rate.median * s->flops;
    point->peak_share = point->flops / point->fma;
    point->intensity = point->flops * point->step / point->bytes;
    point->bytes_share = point->bytes / point->step / point->triad;
    point->wait_share = median_share(repeats, point->phases[CVY_PHASE_WAIT], point->steps);
    work_out_steps(point);
    cvy_scaling_work_out_messages(s, point);
    point->is_same = !point->has_changed && strcmp(point->digest, point->reference) == 0;
}

/* A law with one parameter fits any two points, so two points are not enough. */
static void fit_laws(cvy_scaling *s)
{
    enum { POINTS_MIN = 3 };
    const size_t count = s->request.point_count;
    double p[CVY_POINTS_MAX], speedups[CVY_POINTS_MAX], rates[CVY_POINTS_MAX];

    if (count < POINTS_MIN)
        return;
    for (size_t i = 0; i < count; i++) {
        p[i] = (double)cvy_scaling_count(&s->points[i]);
        speedups[i] = s->points[i].speedup;
        rates[i] = s->points[i].rate.median;
    }
    if (s->request.is_weak)
        s->gustafson = cvy_fit_gustafson(count, p, speedups);
    else
        s->amdahl = cvy_fit_amdahl(count, p, speedups);
    s->usl = cvy_fit_usl(count, p, rates);
}

/* --- the verdict --- */

__attribute__((format(printf, 2, 3))) static void object(cvy_scaling *s, const char *format, ...)
{
    va_list arguments;

    if (s->reason_count == CVY_REASONS_MAX)
        return;
    va_start(arguments, format);
    vsnprintf(s->reasons[s->reason_count++], CVY_REASON_BYTES, format, arguments);
    va_end(arguments);
}

/* Unbound ranks on one machine share its hardware threads. */
static void judge_neighbours(cvy_scaling *s, const cvy_scaling_point *point)
{
    const cvy_topology *topology = s->machine.topology;
    const size_t here = point->ranks < s->request.neighbours ? point->ranks : s->request.neighbours;

    if (topology->allowed_cpus == topology->cpus && here > 1 &&
        here * point->threads > topology->allowed_cpus)
        object(s, "oversubscribed: %zu ranks of %zu thread%s on %zu hardware thread%s", here,
               point->threads, cvy_plural(point->threads), topology->allowed_cpus,
               cvy_plural(topology->allowed_cpus));
}

static void judge_point(cvy_scaling *s, const cvy_scaling_point *point)
{
    const cvy_topology *topology = s->machine.topology;
    const double half = (point->rate.high - point->rate.low) / 2 / point->rate.median;
    const size_t count = cvy_scaling_count(point);
    const char *unit = point->ranks > 0 ? "rank" : "thread", *plural = cvy_plural(count);

    if (point->has_changed)
        object(s, "digest differs: the repeats with %zu %s%s did not all learn the same weights",
               count, unit, plural);
    else if (!point->is_same)
        object(s, "digest differs: %zu %s%s learned other weights than one %s", count, unit, plural,
               unit);
    if (half > spread_limit)
        object(s,
               "spread too wide: with %zu %s%s the 95 %% interval of the median is ±%.1f %%, "
               "expected at most %.0f %%",
               count, unit, plural, 100 * half, 100 * spread_limit);
    if (point->threads > topology->allowed_cpus)
        object(s, "oversubscribed: %zu threads on %zu hardware thread%s", point->threads,
               topology->allowed_cpus, cvy_plural(topology->allowed_cpus));
    else if ((double)point->threads > topology->quota)
        object(s, "oversubscribed: %zu threads with a quota of %.3g processors", point->threads,
               topology->quota);
    judge_neighbours(s, point);
    if (point->workers != point->threads)
        object(s, "%zu threads were requested, but OpenMP provided %zu", point->threads,
               point->workers);
}

static void judge(cvy_scaling *s)
{
    s->reason_count = 0;
    s->has_same_digests = true;
    if (s->repeats_wanted > 0)
        object(s, "stopped: %zu of %zu repeats were measured", s->request.repeats,
               s->repeats_wanted);
    if (s->request.repeats < CVY_REPEATS_ENOUGH)
        object(s, "too few repeats: %zu, expected at least %d", s->request.repeats,
               CVY_REPEATS_ENOUGH);
    if (s->load_elsewhere > cvy_load_limit)
        object(s,
               "machine loaded: other processes took %.1f %% of the processors' time, expected at "
               "most "
               "%.0f %%",
               100 * s->load_elsewhere, 100 * cvy_load_limit);
    for (size_t i = 0; i < s->request.point_count; i++) {
        judge_point(s, &s->points[i]);
        s->has_same_digests = s->has_same_digests && s->points[i].is_same;
    }
}

cvy_status cvy_scaling_work_out(cvy_scaling *s)
{
    for (size_t i = 0; i < s->request.point_count; i++)
        work_out_point(s, &s->points[i]);
    fit_laws(s);
    judge(s);
    return compare_neighbours(s);
}

/* --- the histogram of steps --- */

/* Bin edges are spaced by equal factors, from just below the shortest step to just above the
 * longest. */
double cvy_scaling_bin_edge(const cvy_scaling *s, size_t bin)
{
    double low = HUGE_VAL, high = 0;

    for (size_t i = 0; i < s->request.point_count; i++) {
        const cvy_scaling_point *p = &s->points[i];
        if (p->step_time_count == 0)
            continue;
        low = fmin(low, p->step_times[0]);
        high = fmax(high, p->step_max);
    }
    if (high == 0)
        return NAN;
    low *= 0.99;
    high *= 1.01;
    return low * pow(high / low, (double)bin / CVY_STEP_BINS);
}

void cvy_scaling_count_steps(const cvy_scaling *s, size_t point, size_t counts[CVY_STEP_BINS])
{
    const cvy_scaling_point *p = &s->points[point];
    size_t step = 0;

    for (size_t bin = 0; bin < CVY_STEP_BINS; bin++) {
        const double edge = cvy_scaling_bin_edge(s, bin + 1);
        counts[bin] = 0;
        for (; step < p->step_time_count && p->step_times[step] < edge; step++)
            counts[bin]++;
    }
}

const char *cvy_scaling_digests_words(const cvy_scaling *s)
{
    if (!s->has_same_digests)
        return s->request.is_weak
                   ? s->request.comm != NULL
                         ? "Not every point learned the weights of one rank with its batch"
                         : "Not every point learned the weights of one thread with its batch"
                   : "Not every point learned the same weights";
    if (!s->request.is_weak)
        return "Every point learned the same weights, to the last bit";
    return s->request.comm != NULL
               ? "Every point learned the weights of one rank with the same batch, to the last bit"
               : "Every point learned the weights of one thread with the same batch, to the last "
                 "bit";
}

double cvy_scaling_serial(const cvy_scaling *scaling, size_t point)
{
    const cvy_scaling_point *p = &scaling->points[point];

    if (scaling->reason_count > 0)
        return NAN;
    return scaling->request.is_weak ? p->gustafson : p->karp_flatt;
}
