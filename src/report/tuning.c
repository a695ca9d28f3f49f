/* Tuning: which values are tried, and which of them is the best. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "report/campaign_work.h"

enum { TEXT_BYTES = 256 };

static cvy_status fail_tuning(const char *text)
{
    return cvy_fail(
        CVY_ERR_SETTING,
        "--tune: found \"%.80s\", expected KEY=LOW..HIGH:COUNT with 0 < LOW < HIGH and a "
        "COUNT from 2 to 1000, and perhaps :quasi-random",
        text);
}

cvy_status cvy_tuning_read(const char *text, cvy_tuning *tuning)
{
    static const cvy_setting number = { "--tune", CVY_FLOAT,     0,   NULL, 0, 1e300,
                                        "",       CVY_ABOVE_MIN, NULL };
    static const cvy_setting count = { "--tune", CVY_COUNT, 0, NULL, 2, 1000, "", 0, NULL };
    char copy[TEXT_BYTES], *rest = copy;

    if (strlen(text) >= sizeof copy)
        return fail_tuning(text);
    strcpy(copy, text);
    const char *key = strsep(&rest, "=");
    char *low = strsep(&rest, ":");
    const char *trials = strsep(&rest, ": ");
    char *high = low != NULL ? strstr(low, "..") : NULL;
    if (high == NULL || trials == NULL || *key == '\0' || strlen(key) >= sizeof tuning->key)
        return fail_tuning(text);
    *high = '\0';
    tuning->is_random = rest != NULL;
    if ((rest != NULL && strcmp(rest, "quasi-random") != 0) ||
        cvy_setting_parse(&number, low, &tuning->low) != CVY_OK ||
        cvy_setting_parse(&number, high + 2, &tuning->high) != CVY_OK ||
        cvy_setting_parse(&count, trials, &tuning->count) != CVY_OK || tuning->low >= tuning->high)
        return fail_tuning(text);
    snprintf(tuning->key, sizeof tuning->key, "%s", key);
    return CVY_OK;
}

/* Van der Corput's sequence in base 2: 1/2, 1/4, 3/4, 1/8, ... */
static double van_der_corput(size_t index)
{
    double place = 0, part = 0.5;

    for (size_t bits = index + 1; bits > 0; bits >>= 1, part /= 2)
        place += (double)(bits & 1) * part;
    return place;
}

/* Rounded to 4 digits, which are enough, and read well. */
double cvy_tuning_value(const cvy_tuning *tuning, size_t index)
{
    const double place =
        tuning->is_random ? van_der_corput(index) : (double)index / (double)(tuning->count - 1);
    const double value = exp(log(tuning->low) + place * (log(tuning->high) - log(tuning->low)));
    const double unit = pow(10, 3 - floor(log10(value)));
    return round(value * unit) / unit;
}

/* --- the choice --- */

/* Whether a trial came out better: more val_accuracy at its end, or at the same a lower val_loss; a
 * model that has no accuracy goes by val_loss alone. A tie leaves the earlier one. */
static bool is_better(const cvy_run *run, const cvy_run *best)
{
    if (run->state != CVY_RUN_FINISHED || run->point_count == 0)
        return false;
    if (best == NULL)
        return true;
    const double *a = run->points[run->point_count - 1].metric;
    const double *b = best->points[best->point_count - 1].metric;
    if (a[CVY_METRIC_VAL_ACCURACY] > b[CVY_METRIC_VAL_ACCURACY])
        return true;
    return !(a[CVY_METRIC_VAL_ACCURACY] < b[CVY_METRIC_VAL_ACCURACY]) &&
           a[CVY_METRIC_VAL_LOSS] < b[CVY_METRIC_VAL_LOSS];
}

static const cvy_run *best_trial(const cvy_campaign *campaign, size_t base)
{
    const cvy_run *best = NULL;

    for (size_t i = 0; i < campaign->run_count; i++) {
        const cvy_contestant *c = &campaign->contestants[campaign->runs[i].contestant];
        if (c->role == CVY_ROLE_TRIAL && c->base == base && is_better(&campaign->runs[i], best))
            best = &campaign->runs[i];
    }
    return best;
}

/* Quasi-random values have an edge too: the smallest and the largest that was tried. */
static bool is_on_edge(const cvy_campaign *campaign, double value)
{
    bool has_lower = false, has_higher = false;

    for (size_t i = 0; i < campaign->tuning.count; i++) {
        has_lower = has_lower || cvy_tuning_value(&campaign->tuning, i) < value;
        has_higher = has_higher || cvy_tuning_value(&campaign->tuning, i) > value;
    }
    return !has_lower || !has_higher;
}

static cvy_status take_over(const char *text, char **place)
{
    char *copy;
    cvy_status status = cvy_text_copy(text, &copy);

    if (status != CVY_OK)
        return status;
    cvy_memory_free(*place);
    *place = copy;
    return CVY_OK;
}

cvy_status cvy_campaign_choose_tuned(cvy_campaign *campaign)
{
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < campaign->compared_count; i++) {
        cvy_contestant *compared = &campaign->contestants[i];
        const cvy_run *best = best_trial(campaign, i);
        if (best == NULL)
            continue;
        const cvy_contestant *trial = &campaign->contestants[best->contestant];
        compared->is_tuned = true;
        compared->tuned_value = trial->tuned_value;
        compared->is_on_edge = is_on_edge(campaign, trial->tuned_value);
        status = take_over(trial->optimizer, &compared->optimizer);
        if (status == CVY_OK)
            status = take_over(trial->learning_rate, &compared->learning_rate);
        compared->state_floats = trial->state_floats;
        compared->state_bytes = trial->state_bytes;
    }
    return status;
}
