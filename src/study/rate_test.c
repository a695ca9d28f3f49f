#include "study/rate_test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/plural.h"
#include "convoy/train.h"
#include "study/rule.h"

static const double exploded = 4; /* times the lowest loss, as in Smith's fast.ai implementation */

/* --- planning --- */

static cvy_status copy_text(const char *text, char **copy)
{
    const size_t bytes = strlen(text) + 1;
    cvy_status status = cvy_memory_create(bytes, 1, copy);
    if (status == CVY_OK)
        memcpy(*copy, text, bytes);
    return status;
}

static cvy_status check(const cvy_rate_request *r)
{
    if (!(r->low > 0 && r->high > r->low && isfinite(r->high)))
        return cvy_fail(CVY_ERR_SETTING,
                        "--rates: found %g..%g, expected LOW..HIGH with 0 < LOW < HIGH", r->low,
                        r->high);
    if (r->steps < CVY_RATE_STEPS_MIN || r->steps > CVY_RATE_STEPS_MAX)
        return cvy_fail(CVY_ERR_SETTING, "--steps: found %zu, expected %d to %d", r->steps,
                        CVY_RATE_STEPS_MIN, CVY_RATE_STEPS_MAX);
    return CVY_OK;
}

/* Whether an update depends on recent gradients. With momentum or moving averages it does: the loss
 * then shows what smaller rates did some updates ago, and is least at a rate that is too high to
 * keep. Adagrad's sum of all squared gradients has no such lag. */
static cvy_status find_memory(const cvy_rule *rule, bool *has_memory)
{
    static const char sum[] = "adagrad";
    size_t floats = 0;
    const cvy_status status = cvy_rule_state(rule, &floats);

    *has_memory = floats > 0 && (strcspn(rule->optimizer, ":") != strlen(sum) ||
                                 strncmp(rule->optimizer, sum, strlen(sum)) != 0);
    return status;
}

/* Plan a sweep from NAME=SPEC, or from SPEC, which is then its name. */
static cvy_status plan_sweep(const cvy_rate_request *r, const char *text, cvy_rate_sweep *sweep)
{
    const size_t name = strcspn(text, "=:");
    const bool is_named = text[name] == '=';
    cvy_rule rule;
    bool has_memory = false;

    if (is_named && (name == 0 || name >= CVY_RATE_LABEL_BYTES))
        return cvy_fail(CVY_ERR_SETTING,
                        "--optimizer: found \"%.80s\", expected SPEC or NAME=SPEC with a name of "
                        "at most %d bytes",
                        text, CVY_RATE_LABEL_BYTES - 1);
    cvy_status status = cvy_rule_read(text + (is_named ? name + 1 : 0), NULL, &rule);
    if (status != CVY_OK)
        return status;
    snprintf(sweep->label, sizeof sweep->label, "%.*s",
             (int)(is_named ? name : CVY_RATE_LABEL_BYTES - 1), text);
    sweep->own_rate = cvy_rule_own_rate(&rule);
    status = find_memory(&rule, &has_memory);
    if (status == CVY_OK)
        status = copy_text(rule.optimizer, &sweep->optimizer);
    if (status == CVY_OK)
        status = cvy_memory_create(r->seed_count, sizeof *sweep->runs, &sweep->runs);
    if (status == CVY_OK)
        sweep->run_count = r->seed_count;
    for (size_t i = 0; status == CVY_OK && i < r->seed_count; i++) {
        sweep->runs[i].seed = r->seed + i;
        sweep->runs[i].has_memory = has_memory;
        status = cvy_memory_create(r->steps, sizeof(double), &sweep->runs[i].losses);
        if (status == CVY_OK)
            status = cvy_memory_create(r->steps, sizeof(double), &sweep->runs[i].smooth);
    }
    return status;
}

cvy_status cvy_rate_test_plan(const cvy_rate_request *request, cvy_rate_test *test)
{
    const size_t count = request->optimizers.count;

    *test = (cvy_rate_test){ .request = *request };
    cvy_status status = check(request);
    if (status == CVY_OK)
        status = cvy_memory_create(request->steps, sizeof *test->rates, &test->rates);
    if (status == CVY_OK)
        status = cvy_memory_create(count, sizeof *test->sweeps, &test->sweeps);
    if (status != CVY_OK)
        return status;
    test->sweep_count = count;
    for (size_t i = 0; i < request->steps; i++)
        test->rates[i] = request->low * pow(request->high / request->low,
                                            (double)i / (double)(request->steps - 1));
    for (size_t i = 0; status == CVY_OK && i < count; i++)
        status = plan_sweep(request, request->optimizers.texts[i], &test->sweeps[i]);
    return status;
}

/* Only the first `count` runs stay. */
static void keep_runs(cvy_rate_sweep *sweep, size_t count)
{
    for (size_t k = count; k < sweep->run_count; k++) {
        cvy_memory_free(sweep->runs[k].losses);
        cvy_memory_free(sweep->runs[k].smooth);
    }
    sweep->run_count = count;
}

/* Only the first `count` sweeps stay. */
static void keep_sweeps(cvy_rate_test *test, size_t count)
{
    for (size_t i = count; i < test->sweep_count; i++) {
        keep_runs(&test->sweeps[i], 0);
        cvy_memory_free(test->sweeps[i].runs);
        cvy_memory_free(test->sweeps[i].optimizer);
    }
    test->sweep_count = count;
}

void cvy_rate_test_release(cvy_rate_test *test)
{
    keep_sweeps(test, 0);
    cvy_memory_free(test->sweeps);
    cvy_memory_free(test->rates);
    cvy_memory_free(test->model_name);
    cvy_memory_free(test->data_name);
    *test = (cvy_rate_test){ 0 };
}

/* --- runs --- */

/* A run during training. */
typedef struct {
    cvy_rate_test *test;
    cvy_rate_sweep *sweep;
    cvy_rate_run *run;
    cvy_rate_function *function;
    void *context;
    size_t done_before; /* updates of the previous runs */
    double least, told;
    bool is_stopped;
} trial;

/* The first batch precedes any update. */
static size_t on_update(void *context, const cvy_update_view *view)
{
    trial *t = context;
    cvy_rate_run *run = t->run;

    if (view->step == 1)
        run->start = t->least = view->loss;
    if (view->step < 2)
        return 1;
    if (run->count < t->test->request.steps)
        run->losses[run->count++] = view->loss;
    return 1;
}

/* The mean of the last few losses, so that one odd batch does not end the run. */
static double recent_loss(const cvy_rate_run *run)
{
    enum { FEW = 5 };
    double sum = 0;

    if (run->count < FEW)
        return NAN;
    for (size_t i = run->count - FEW; i < run->count; i++)
        sum += run->losses[i];
    return sum / FEW;
}

static void on_step(void *context, cvy_moment *moment)
{
    trial *t = context;
    const double now = cvy_clock_seconds(), recent = recent_loss(t->run);

    if (isfinite(recent))
        t->least = fmin(t->least, recent);
    if (recent > exploded * t->least) {
        t->run->has_diverged = true;
        moment->is_stopping = true;
    }
    if (t->function == NULL || now - t->told < 0.1)
        return;
    t->told = now;
    if (!t->function(t->context, t->sweep, t->done_before + t->run->count,
                     t->test->sweep_count * t->test->request.seed_count * t->test->request.steps))
        moment->is_stopping = t->is_stopped = true;
}

/* One more update than is reported, since a batch shows the effect of the previous update. */
static void make_settings(trial *t, const char *rate, size_t steps_per_epoch,
                          cvy_train_settings *settings)
{
    const cvy_rate_request *r = &t->test->request;

    cvy_train_settings_init(settings);
    settings->optimizer = t->sweep->optimizer;
    settings->learning_rate = rate;
    settings->loss = r->loss;
    settings->class_weight = r->class_weight;
    settings->normalize = r->normalize;
    settings->augmentations = r->augmentations.texts;
    settings->augmentation_count = r->augmentations.count;
    settings->batch_size = r->batch_size;
    settings->limit = r->limit;
    settings->steps = r->steps + 1;
    settings->epochs = settings->steps / steps_per_epoch + 1;
    settings->threads = r->threads;
    settings->seed = t->run->seed;
    settings->on_update = on_update;
    settings->on_step = on_step;
    settings->step_every = 1;
    settings->context = t;
}

static cvy_status count_images(cvy_rate_test *test, const cvy_dataset *data)
{
    const cvy_rate_request *r = &test->request;
    const size_t count = cvy_dataset_count(data, CVY_SPLIT_TRAIN);

    test->train_count = r->limit > 0 && r->limit < count ? r->limit : count;
    test->batch_size =
        r->batch_size > 0 && r->batch_size < test->train_count ? r->batch_size : test->train_count;
    return test->train_count > 0 ? CVY_OK
                                 : cvy_fail(CVY_ERR_DATA, "%s: no training images in it",
                                            cvy_dataset_describe(data).name);
}

static cvy_status do_run(trial *t, const cvy_dataset *data)
{
    const cvy_rate_test *test = t->test;
    const cvy_rate_request *r = &test->request;
    const size_t per_epoch = (test->train_count + test->batch_size - 1) / test->batch_size;
    cvy_train_settings settings;
    cvy_model *model = NULL;
    char rate[160];

    snprintf(rate, sizeof rate,
             "exponential_decay:initial_learning_rate=%.17g,decay_steps=%zu,decay_rate=%.17g",
             r->low, r->steps - 1, r->high / r->low);
    t->least = t->run->start = INFINITY;
    make_settings(t, rate, per_epoch, &settings);
    cvy_status status = cvy_model_create_for(r->model, data, &model);
    if (status == CVY_OK)
        status = cvy_train(model, data, &settings, NULL);
    cvy_model_destroy(model);
    if (status == CVY_ERR_DIVERGED) {
        t->run->has_diverged = true;
        status = CVY_OK;
    }
    for (size_t i = t->run->count; i < r->steps; i++)
        t->run->losses[i] = NAN;
    if (status == CVY_OK && t->is_stopped)
        return CVY_ERR_STOPPED;
    return status == CVY_OK ? cvy_rate_run_read(test->rates, r->steps, t->run) : status;
}

/* --- evaluation --- */

/* The mean over equally many neighbours on both sides, fewer at the ends, in a window of 1/20 of
 * the range. */
static void smooth(const double *losses, size_t count, size_t steps, double *smoothed)
{
    const size_t half = steps / 40 + 1;

    for (size_t i = 0; i < steps; i++) {
        if (i >= count) {
            smoothed[i] = NAN;
            continue;
        }
        const size_t left = i < half ? i : half,
                     right = count - 1 - i < half ? count - 1 - i : half;
        const size_t side = left < right ? left : right;
        double sum = 0;
        for (size_t k = i - side; k <= i + side; k++)
            sum += losses[k];
        smoothed[i] = sum / (double)(2 * side + 1);
    }
}

/* The slope against the logarithm of the rate, by least squares over a window around i. */
static double slope_at(const double *values, size_t count, size_t i, size_t half)
{
    double xy = 0, xx = 0;

    if (i < half || i + half >= count)
        return NAN;
    for (size_t k = 1; k <= half; k++) {
        xy += (double)k * (values[i + k] - values[i - k]);
        xx += 2 * (double)k * (double)k;
    }
    return xy / xx;
}

cvy_status cvy_rate_run_read(const double *rates, size_t steps, cvy_rate_run *run)
{
    const size_t count = run->count, half = steps / 40 + 1;
    size_t steepest = SIZE_MAX, least = 0;
    double slope = 0;

    run->steepest = run->least = run->diverged_at = run->suggested = NAN;
    smooth(run->losses, count, steps, run->smooth);
    if (run->has_diverged)
        run->diverged_at = rates[count > 0 ? count - 1 : 0];
    for (size_t i = 0; i < count; i++)
        if (run->smooth[i] < run->smooth[least])
            least = i;
    for (size_t i = 0; i < count && i <= least; i++) {
        const double at = slope_at(run->smooth, count, i, half);
        if (at < slope) {
            slope = at;
            steepest = i;
        }
    }
    if (steepest == SIZE_MAX || !(run->smooth[least] < run->start))
        return CVY_OK;
    run->steepest = rates[steepest];
    run->least = rates[least];
    run->suggested = run->has_memory ? sqrt(run->steepest * run->least) : run->least;
    return CVY_OK;
}

const char *cvy_rate_reason(const cvy_rate_test *test, const cvy_rate_sweep *sweep, char *text,
                            size_t size)
{
    const cvy_rate_request *r = &test->request;
    int length;

    if (isnan(sweep->suggested)) {
        snprintf(text, size,
                 "The loss does not fall below its start between %.3g and %.3g in %zu updates; try "
                 "a wider "
                 "range or more updates.",
                 r->low, r->high, r->steps);
        return text;
    }
    length = snprintf(text, size, "The loss falls fastest at %.2g and is least at %.2g",
                      sweep->steepest, sweep->least);
    if (isnan(sweep->diverged_at))
        length += snprintf(text + length, size - (size_t)length,
                           ". Training does not diverge up to %.2g.", r->high);
    else
        length += snprintf(text + length, size - (size_t)length, ". Training diverges at %.2g.",
                           sweep->diverged_at);
    snprintf(text + length, size - (size_t)length, " %s",
             sweep->least >= test->rates[r->steps - 1 - r->steps / 40]
                 ? "The loss is still falling at the end of the range; a wider range may suggest a "
                   "larger one."
             : sweep->runs[0].has_memory
                 ? "As the optimizer averages over recent gradients, its loss responds late to the "
                   "learning rate, so the geometric mean of these two is suggested."
                 : "As an update depends on no recent gradients, the learning rate of the least "
                   "loss is suggested.");
    return text;
}

static double median_of(const cvy_rate_sweep *sweep, size_t offset, double *values,
                        cvy_quartiles *quartiles)
{
    size_t count = 0;

    for (size_t i = 0; i < sweep->run_count; i++) {
        double value;
        memcpy(&value, (const char *)&sweep->runs[i] + offset, sizeof value);
        if (isfinite(value))
            values[count++] = value;
    }
    *quartiles = cvy_quartiles_take(values, count);
    return 2 * count > sweep->run_count ? quartiles->median : NAN;
}

static cvy_status sum_up(cvy_rate_sweep *sweep)
{
    double *values;
    cvy_quartiles q;
    cvy_status status = cvy_memory_create(sweep->run_count, sizeof *values, &values);

    if (status != CVY_OK)
        return status;
    sweep->steepest = median_of(sweep, offsetof(cvy_rate_run, steepest), values, &q);
    sweep->least = median_of(sweep, offsetof(cvy_rate_run, least), values, &q);
    sweep->diverged_at = median_of(sweep, offsetof(cvy_rate_run, diverged_at), values, &q);
    sweep->suggested = median_of(sweep, offsetof(cvy_rate_run, suggested), values, &q);
    sweep->suggested_low = q.min;
    sweep->suggested_high = q.max;
    cvy_memory_free(values);
    return CVY_OK;
}

cvy_quartiles cvy_rate_sweep_at(const cvy_rate_sweep *sweep, size_t step, double *values)
{
    size_t count = 0;

    for (size_t i = 0; i < sweep->run_count; i++)
        if (isfinite(sweep->runs[i].smooth[step]))
            values[count++] = sweep->runs[i].smooth[step];
    return cvy_quartiles_take(values, count);
}

static cvy_status name_subject(cvy_rate_test *test, const cvy_dataset *data)
{
    cvy_model *model;
    cvy_status status = cvy_model_create_for(test->request.model, data, &model);

    if (status != CVY_OK)
        return status;
    status = copy_text(cvy_model_name(model), &test->model_name);
    if (status == CVY_OK)
        status = copy_text(cvy_dataset_describe(data).name, &test->data_name);
    cvy_model_destroy(model);
    return status;
}

/* Do the runs of a sweep. If they are stopped, it keeps those that were finished. */
static cvy_status do_sweep(cvy_rate_test *test, cvy_rate_sweep *sweep, const cvy_dataset *data,
                           cvy_rate_function *function, void *context)
{
    cvy_status status = CVY_OK;

    for (size_t k = 0; k < sweep->run_count; k++) {
        trial t = { .test = test,
                    .sweep = sweep,
                    .run = &sweep->runs[k],
                    .function = function,
                    .context = context,
                    .done_before = test->runs_done * test->request.steps };
        status = do_run(&t, data);
        if (status == CVY_ERR_STOPPED)
            keep_runs(sweep, k);
        if (status != CVY_OK)
            break;
        test->runs_done++;
    }
    if ((status != CVY_OK && status != CVY_ERR_STOPPED) || sweep->run_count == 0)
        return status;
    const cvy_status summed = sum_up(sweep);
    return summed == CVY_OK ? status : summed;
}

cvy_status cvy_rate_test_run(cvy_rate_test *test, const cvy_dataset *data,
                             cvy_rate_function *function, void *context)
{
    const double start = cvy_clock_seconds();
    size_t begun = 0;
    cvy_status status = count_images(test, data);

    if (status == CVY_OK)
        status = name_subject(test, data);
    test->runs_done = 0;
    test->runs_wanted = test->sweep_count * test->request.seed_count;
    for (; status == CVY_OK && begun < test->sweep_count; begun++)
        status = do_sweep(test, &test->sweeps[begun], data, function, context);
    test->seconds = cvy_clock_seconds() - start;
    if (status != CVY_ERR_STOPPED)
        return status;
    keep_sweeps(test, begun > 0 && test->sweeps[begun - 1].run_count == 0 ? begun - 1 : begun);
    return cvy_fail(CVY_ERR_STOPPED, "find-rate: stopped after %zu of %zu run%s", test->runs_done,
                    test->runs_wanted, cvy_plural(test->runs_wanted));
}
