/* Explain results by momentum, Adagrad's shrinking steps and schedules. A sentence is written only
 * if the numbers of the runs support it, and it quotes them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "charts/table.h"
#include "base/plural.h"
#include "report/words.h"

enum { SEEDS_MAX = 1000, NAMED_MAX = 12 };

static const char *label_of(const cvy_findings *f, size_t configuration)
{
    return f->study->configurations[configuration].label;
}

static const char *rate_of(const cvy_findings *f, size_t configuration)
{
    return f->study->configurations[configuration].learning_rate;
}

static bool is_kind(const cvy_findings *f, size_t configuration, const char *name)
{
    const char *spec = f->study->configurations[configuration].optimizer;
    return strcspn(spec, ":") == strlen(name) && strncmp(spec, name, strlen(name)) == 0;
}

/* -1: a is significantly worse than b; 1: significantly better; 0: neither. */
static int compare(const cvy_findings *f, size_t a, size_t b)
{
    const cvy_pair *pair = cvy_findings_pair_of(f, a, b);
    if (pair == NULL || !pair->is_distinguishable)
        return 0;
    return pair->first == a ? 1 : -1;
}

/* Whether the difference of two configurations was tested: "no significant difference" may be said
 * only then. */
static bool is_tested(const cvy_findings *f, size_t a, size_t b)
{
    const cvy_pair *pair = cvy_findings_pair_of(f, a, b);
    return pair != NULL && f->test != CVY_TEST_NONE && pair->is_planned &&
           !cvy_pair_is_lost(f, pair);
}

/* Find a setting's value in an optimizer's complete spec; NULL if there is no such setting. */
static const char *value_of(const char *spec, const char *name)
{
    const size_t length = strlen(name);

    for (const char *at = strchr(spec, ':'); at != NULL; at = strchr(at + 1, ','))
        if (strncmp(at + 1, name, length) == 0 && at[1 + length] == '=')
            return at + length + 2;
    return NULL;
}

static bool has_same(const char *a, const char *b, const char *name)
{
    a = value_of(a, name);
    b = value_of(b, name);
    if (a == NULL || b == NULL)
        return a == b;
    const size_t length = strcspn(a, ",");
    return strcspn(b, ",") == length && strncmp(a, b, length) == 0;
}

/* Whether two configurations have the same learning rate, batch size and settings common to all
 * optimizers; otherwise these may cause a difference. */
static bool is_otherwise_same(const cvy_findings *f, size_t a, size_t b)
{
    static const char *const names[] = { "weight_decay",
                                         "clipnorm",
                                         "global_clipnorm",
                                         "clipvalue",
                                         "use_ema",
                                         "ema_momentum",
                                         "ema_overwrite_frequency",
                                         "gradient_accumulation_steps",
                                         "loss_scale_factor",
                                         "exclude_from_weight_decay" };
    const cvy_configuration *one = &f->study->configurations[a],
                            *other = &f->study->configurations[b];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!has_same(one->optimizer, other->optimizer, names[i]))
            return false;
    return one->batch_size == other->batch_size &&
           strcmp(one->learning_rate, other->learning_rate) == 0;
}

static const char *print_final(const cvy_findings *f, size_t configuration,
                               char text[CVY_FIGURE_BYTES])
{
    return cvy_metric_print(f->metric, f->standings[configuration].final[f->metric].median, text);
}

/* --- curves --- */

typedef double run_function(const cvy_study_run *run, cvy_metric metric, size_t point);

/* The median over the finished runs of a configuration; NaN if there are none. */
static double median_of(const cvy_findings *f, size_t configuration, run_function *function,
                        cvy_metric metric, size_t point)
{
    double values[SEEDS_MAX];
    size_t count = 0;

    for (size_t s = 0; s < f->study->seed_count && count < SEEDS_MAX; s++) {
        const cvy_study_run *run = cvy_study_run_at(f->study, configuration, s);
        if (run != NULL && run->state == CVY_RUN_FINISHED && run->point_count > point) {
            const double value = function(run, metric, point);
            if (isfinite(value))
                values[count++] = value;
        }
    }
    return cvy_quartiles_take(values, count).median;
}

static double value_at(const cvy_study_run *run, cvy_metric metric, size_t point)
{
    return run->points[point].metric[metric];
}

/* Count how often the metric became worse from one evaluation to the next. */
static double count_setbacks(const cvy_study_run *run, cvy_metric metric, size_t unused)
{
    size_t count = 0;

    (void)unused;
    for (size_t i = 1; i < run->point_count; i++) {
        const double change = run->points[i].metric[metric] - run->points[i - 1].metric[metric];
        count += cvy_metric_rises(metric) ? change < 0 : change > 0;
    }
    return (double)count;
}

/* The mean absolute change from one evaluation to the next, starting with number `first`. */
static double mean_move(const cvy_study_run *run, cvy_metric metric, size_t first)
{
    double sum = 0;

    for (size_t i = first; i < run->point_count; i++)
        sum += fabs(run->points[i].metric[metric] - run->points[i - 1].metric[metric]);
    return sum / (double)(run->point_count - first);
}

/* --- momentum --- */

/* The momentum of SGD; NaN for other optimizers. */
static double momentum_of(const cvy_findings *f, size_t configuration)
{
    const char *value = value_of(f->study->configurations[configuration].optimizer, "momentum");
    return is_kind(f, configuration, "sgd") && value != NULL ? cvy_number_read(value, NULL) : NAN;
}

/* With momentum m, steps in a constant direction grow to 1 / (1 - m) times their length. */
static void say_gain(FILE *file, const cvy_findings *f, size_t with, size_t plain)
{
    const double momentum = momentum_of(f, with);
    const int order = compare(f, with, plain);
    char a[CVY_FIGURE_BYTES], b[CVY_FIGURE_BYTES];

    if (order > 0)
        fprintf(file,
                " At the same learning rate, momentum %g makes steps in a constant direction %.3g "
                "times "
                "as long: %s reached %s, plain SGD %s.",
                momentum, 1 / (1 - momentum), label_of(f, with), print_final(f, with, a),
                print_final(f, plain, b));
    else if (order == 0 && is_tested(f, with, plain))
        fprintf(file,
                " At the same learning rate, momentum %g makes no significant difference: %s "
                "reached %s, "
                "plain SGD %s.",
                momentum, label_of(f, with), print_final(f, with, a), print_final(f, plain, b));
}

/* Report a momentum that was worse or diverged, compared with a smaller one at the same learning
 * rate. */
static void say_loss(FILE *file, const cvy_findings *f, size_t large, size_t small)
{
    const cvy_standing *s = &f->standings[large];
    const double momentum = momentum_of(f, large);
    const double setbacks = median_of(f, large, count_setbacks, CVY_METRIC_LOSS, 1);
    const double fewer = median_of(f, small, count_setbacks, CVY_METRIC_LOSS, 1);
    char a[CVY_FIGURE_BYTES], b[CVY_FIGURE_BYTES];

    fprintf(
        file,
        " A momentum of %g is too large for this learning rate, as it makes steps in a constant "
        "direction %.3g times as long: %s ",
        momentum, 1 / (1 - momentum), label_of(f, large));
    if (2 * s->diverged > s->runs)
        fprintf(file, "diverged in %zu of %zu run%s", s->diverged, s->runs, cvy_plural(s->runs));
    else
        fprintf(file, "reached %s", print_final(f, large, a));
    fprintf(file, ", while %s, with %g, reached %s", label_of(f, small), momentum_of(f, small),
            print_final(f, small, b));
    if (2 * s->diverged <= s->runs && setbacks > fewer)
        fprintf(file, "; its training loss rose at %g evaluation%s, the other's at %g", setbacks,
                cvy_plural(setbacks), fewer);
    fputc('.', file);
}

/* gain: with and without momentum at the same rate; loss: the largest momentum that is too large,
 * and the best smaller one. */
static void say_momentum(FILE *file, const cvy_findings *f)
{
    const size_t count = f->study->compared_count;
    size_t gain[2] = { count, count }, loss[2] = { count, count };

    for (size_t a = 0; a < count; a++)
        for (size_t b = 0; b < count; b++) {
            const double more = momentum_of(f, a), less = momentum_of(f, b);
            if (!(more > less && more < 1) || !is_otherwise_same(f, a, b) ||
                2 * f->standings[b].diverged > f->standings[b].runs)
                continue;
            const bool is_worse =
                compare(f, a, b) < 0 || (2 * f->standings[a].diverged > f->standings[a].runs);
            if (is_worse &&
                (loss[0] == count || more > momentum_of(f, loss[0]) ||
                 (a == loss[0] && cvy_findings_rank(f, b) < cvy_findings_rank(f, loss[1])))) {
                loss[0] = a;
                loss[1] = b;
            }
            if (!is_worse && less == 0 && gain[0] == count) {
                gain[0] = a;
                gain[1] = b;
            }
        }
    if (gain[0] < count)
        say_gain(file, f, gain[0], gain[1]);
    if (loss[0] < count)
        say_loss(file, f, loss[0], loss[1]);
}

/* --- Adagrad --- */

/* The share of a configuration's training loss removed during the last third of its evaluations. */
static double late_fall(const cvy_findings *f, size_t configuration, size_t points)
{
    const double before =
        median_of(f, configuration, value_at, CVY_METRIC_LOSS, points * 2 / 3 - 1);
    const double end = median_of(f, configuration, value_at, CVY_METRIC_LOSS, points - 1);
    return 1 - end / before;
}

static bool is_forgetful_twin(const cvy_findings *f, size_t configuration, size_t adagrad)
{
    const char *momentum = value_of(f->study->configurations[configuration].optimizer, "momentum");
    return is_kind(f, configuration, "rmsprop") && is_otherwise_same(f, configuration, adagrad) &&
           (momentum == NULL || cvy_number_read(momentum, NULL) == 0);
}

/* Compare Adagrad with RMSprop, which is Adagrad with forgetting, or else with the best one. */
static size_t counterpart(const cvy_findings *f, size_t adagrad)
{
    for (size_t k = 0; k < f->study->compared_count; k++)
        if (is_forgetful_twin(f, k, adagrad))
            return k;
    return f->order[0];
}

static void say_adagrad(FILE *file, const cvy_findings *f, size_t k)
{
    const size_t other = counterpart(f, k),
                 points = cvy_study_evaluations(&f->study->setup, &f->study->configurations[k]);
    const bool is_same_rate = is_forgetful_twin(f, other, k);
    char a[CVY_FIGURE_BYTES], b[CVY_FIGURE_BYTES];

    if (cvy_standing_is_lost(&f->standings[k]) || other == k || compare(f, k, other) >= 0)
        return;
    const bool is_late = points >= 3 && late_fall(f, k, points) > 0 &&
                         1.5 * late_fall(f, k, points) < late_fall(f, other, points);
    if (!is_same_rate && !is_late) /* then the rate may be the cause */
        return;
    fprintf(file,
            " Adagrad divides its learning rate by the root of the sum of all squared gradients so "
            "far, so "
            "its effective learning rate only falls; %s %s: %s reached %s, %s %s",
            label_of(f, other), is_same_rate ? "uses a moving average instead" : "does not do that",
            label_of(f, k), print_final(f, k, a), label_of(f, other), print_final(f, other, b));
    if (is_late)
        fprintf(file,
                "; in the last third of the run its training loss fell by %.0f %%, the other's by "
                "%.0f %%",
                100 * late_fall(f, k, points), 100 * late_fall(f, other, points));
    fputc('.', file);
}

/* --- schedules --- */

/* Whether it is another schedule with the same batch size. */
static bool is_other_schedule(const cvy_findings *f, size_t k, size_t constant)
{
    return strncmp(rate_of(f, k), "constant", 8) != 0 &&
           f->study->configurations[k].batch_size == f->study->configurations[constant].batch_size;
}

static bool is_tested_schedule(const cvy_findings *f, size_t k, size_t constant)
{
    return is_other_schedule(f, k, constant) && is_tested(f, k, constant);
}

/* Print the schedules that were tested against the constant learning rate with this result: "a, b
 * and c". Returns their number. */
static size_t say_those(FILE *file, const cvy_findings *f, size_t constant, int order)
{
    const size_t count = f->study->compared_count;
    size_t total = 0, said = 0;

    for (size_t k = 0; k < count; k++)
        total += is_tested_schedule(f, k, constant) && compare(f, k, constant) == order;
    if (total > NAMED_MAX && file != NULL)
        fprintf(file, "%zu schedules", total);
    for (size_t r = 0; r < count && file != NULL && total <= NAMED_MAX; r++) {
        const size_t k = f->order[r];
        if (!is_tested_schedule(f, k, constant) || compare(f, k, constant) != order)
            continue;
        said++;
        fputs(said == 1 ? "" : said == total ? " and " : ", ", file);
        cvy_words_name(file, f, k);
    }
    return total;
}

static void say_against_constant(FILE *file, const cvy_findings *f, size_t constant)
{
    static const struct {
        int order;
        const char *words;
    } parts[] = { { 1, " Significantly better than the constant learning rate: " },
                  { 0, " Not significantly different from the constant learning rate: " },
                  { -1, " Significantly worse than the constant learning rate: " } };

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (say_those(NULL, f, constant, parts[i].order) == 0)
            continue;
        fputs(parts[i].words, file);
        say_those(file, f, constant, parts[i].order);
        fputc('.', file);
    }
}

/* A high learning rate makes fast progress but cannot settle; lowering it pays off late in the
 * run. */
static void say_when(FILE *file, const cvy_findings *f, size_t constant, size_t best)
{
    const size_t points = cvy_study_evaluations(&f->study->setup, &f->study->configurations[best]);
    const cvy_study_run *run = &f->study->runs[f->study->configurations[best].first_run];
    const double sign = cvy_metric_rises(f->metric) ? 1 : -1;
    size_t ahead = 0;

    for (size_t p = 0; p + 1 < points; p++)
        if (sign * median_of(f, constant, value_at, f->metric, p) >
            sign * median_of(f, best, value_at, f->metric, p))
            ahead = p + 1;
    if (ahead > 0 && ahead < run->point_count)
        fprintf(file,
                " Up to epoch %.3g the constant learning rate was ahead of %s at times, but not "
                "afterwards.",
                run->points[ahead - 1].epoch, label_of(f, best));
}

static double rate_at(const cvy_study_run *run, cvy_metric unused, size_t point)
{
    (void)unused;
    return run->points[point].learning_rate;
}

/* A schedule whose learning rate ends high, such as one with restarts, does not settle. */
static void say_settling(FILE *file, const cvy_findings *f, size_t constant, size_t best)
{
    const size_t points = cvy_study_evaluations(&f->study->setup, &f->study->configurations[best]);
    const bool is_share = cvy_metric_rises(f->metric);

    if (points < 4 || !(median_of(f, best, rate_at, f->metric, points - 1) <
                        median_of(f, constant, rate_at, f->metric, points - 1)))
        return;
    const double restless = median_of(f, constant, mean_move, f->metric, points - points / 4);
    const double calm = median_of(f, best, mean_move, f->metric, points - points / 4);
    if (restless > calm)
        fprintf(
            file,
            " In the last quarter of the run the %s changed by %.2g%s between evaluations with the "
            "constant learning rate, and by %.2g with %s: small learning rates let the weights "
            "settle.",
            cvy_metric_titles[f->metric], is_share ? 100 * restless : restless,
            is_share ? " points" : "", is_share ? 100 * calm : calm, label_of(f, best));
}

static void say_schedules(FILE *file, const cvy_findings *f)
{
    size_t constant = 0;

    while (constant < f->study->compared_count && strncmp(rate_of(f, constant), "constant", 8) != 0)
        constant++;
    if (constant == f->study->compared_count || f->test == CVY_TEST_NONE ||
        cvy_standing_is_lost(&f->standings[constant]))
        return;
    say_against_constant(file, f, constant);
    if (is_other_schedule(f, f->order[0], constant) && compare(f, f->order[0], constant) > 0) {
        say_when(file, f, constant, f->order[0]);
        say_settling(file, f, constant, f->order[0]);
    }
}

void cvy_words_explain(FILE *file, const cvy_findings *f)
{
    if (f->study->is_about_schedules)
        say_schedules(file, f);
    say_momentum(file, f);
    for (size_t k = 0; k < f->study->compared_count; k++)
        if (is_kind(f, k, "adagrad")) {
            say_adagrad(file, f, k);
            break;
        }
}
