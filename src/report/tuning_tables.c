/* The tables of tuning, and of the score by a protocol's rules. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/plural.h"
#include "report/table_cells.h"
#include "report/tables.h"
#include "study/protocol.h"

static bool has_studies(const cvy_study *study)
{
    return study->protocol != NULL && study->protocol->studies > 0;
}

/* Add the keys whose best value is at the edge of its range. */
static void add_edges(cvy_table *t, const cvy_tuning *tuning, const cvy_configuration *tuned)
{
    char text[CVY_TUNED_KEYS_MAX * (CVY_NAME_BYTES + 2) + 32] = "";

    for (size_t k = 0; k < tuning->key_count; k++)
        if (tuned->is_on_edge[k])
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s",
                     text[0] != '\0' ? ", " : "", tuning->keys[k].name);
    cvy_table_add(t, "%s%s", text[0] != '\0' ? text : "no",
                  text[0] != '\0' ? ": widen the range" : "");
}

static void describe_tuning(const cvy_study *c, cvy_table *t)
{
    size_t length = 0;

    for (size_t k = 0; k < c->tuning.key_count; k++) {
        const cvy_tuned_key *key = &c->tuning.keys[k];
        snprintf(t->note + length, sizeof t->note - length, "%s%s over %.3g .. %.3g",
                 k > 0 ? ", " : "", key->name, key->low, key->high);
        length = strlen(t->note);
    }
    snprintf(t->note + length, sizeof t->note - length,
             ", %s, by validation on seed%s %llu%s; then both over n = %zu seed%s.",
             c->tuning.is_random ? "quasi-random points" : "logarithmic grid",
             has_studies(c) ? "s from" : "", (unsigned long long)c->tuning.seed,
             has_studies(c) ? " on, one for each study" : "", c->seed_count,
             cvy_plural(c->seed_count));
}

cvy_status cvy_table_of_tuning(const cvy_findings *f, cvy_table *t)
{
    const cvy_study *c = f->study;
    const size_t keys = c->tuning.key_count;
    char alignment[CVY_TABLE_COLUMNS_MAX + 1] = "lr";

    memset(alignment + 2, 'r', keys);
    strcat(alignment, "lrr");
    cvy_table_begin(t, alignment);
    t->title = "Tuned and untuned";
    cvy_table_add(t, "configuration");
    cvy_table_add(t, "trials");
    for (size_t k = 0; k < keys; k++)
        cvy_table_add(t, "%s", c->tuning.keys[k].name);
    cvy_table_add(t, "at the edge");
    cvy_table_add(t, "tuned");
    cvy_table_add(t, "untuned");
    for (size_t i = c->compared_count; i < f->standing_count; i++) {
        const size_t base = c->configurations[i].base;
        const cvy_configuration *tuned = &c->configurations[base];
        cvy_table_add(t, "%s", tuned->label);
        cvy_table_add(t, "%zu", cvy_study_trials(c, base));
        for (size_t k = 0; k < keys; k++)
            cvy_cell_number(t, tuned->tuned_values[k], 4);
        add_edges(t, &c->tuning, tuned);
        cvy_cell_metric(t, f->metric, f->standings[base].final[f->metric].median);
        cvy_cell_metric(t, f->metric, f->standings[i].final[f->metric].median);
    }
    describe_tuning(c, t);
    return cvy_table_close(t);
}

/* --- the score of a protocol --- */

bool cvy_table_has_protocol(const cvy_findings *f)
{
    return has_studies(f->study) && f->study->target_count > 0;
}

/* Scores are computed for the first target. */
cvy_status cvy_table_of_protocol(const cvy_findings *f, cvy_table *t)
{
    const cvy_study *c = f->study;
    const cvy_protocol *protocol = c->protocol;
    const cvy_target *target = &c->targets[0];
    char alignment[CVY_TABLE_COLUMNS_MAX + 1] = "lr", value[CVY_FIGURE_BYTES];

    memset(alignment + 2, 'r', protocol->studies + 2);
    cvy_table_begin(t, alignment);
    t->title = protocol->title;
    cvy_table_add(t, "configuration");
    cvy_table_add(t, "trials that reach it");
    for (size_t s = 0; s < protocol->studies; s++)
        cvy_table_add(t, "study %zu, steps", s + 1);
    cvy_table_add(t, "median steps");
    cvy_table_add(t, "median seconds");
    for (size_t r = 0; r < c->compared_count; r++) {
        const cvy_protocol_score score = cvy_protocol_score_of(c, f->order[r], target);
        cvy_table_add(t, "%s", c->configurations[f->order[r]].label);
        cvy_table_add(t, "%zu of %zu", score.reached, score.trials);
        for (size_t s = 0; s < protocol->studies; s++)
            cvy_cell_number(t, score.steps[s], 10);
        cvy_cell_number(t, score.median_steps, 10);
        cvy_cell_number(t, f->is_busy ? NAN : score.median_seconds, 3);
    }
    snprintf(
        t->note, sizeof t->note,
        "Target: %s %s %s. %s. A study in which no trial reaches it counts as infinite.%s Source: "
        "%s.",
        cvy_metric_titles[target->metric], cvy_metric_rises(target->metric) ? "≥" : "≤",
        cvy_metric_print(target->metric, target->value, value), protocol->words,
        f->is_busy ? " No seconds: other processes took more than 5 % of the processors' time."
                   : "",
        protocol->source);
    return cvy_table_close(t);
}
