/* summary.json. Machine-dependent values are in "environment" or have "seconds" in their name; all
 * others are the same for any number of jobs and threads. Infinite and unknown numbers are null. */
#include <math.h>

#include "base/json.h"
#include "study/findings.h"
#include "study/protocol.h"
#include "study/surface.h"
#include "machine/environment.h"

static json_t *quartiles_of(const cvy_quartiles *q)
{
    return json_pack("{so so so so so}", "median", cvy_json_number(q->median), "q1",
                     cvy_json_number(q->q1), "q3", cvy_json_number(q->q3), "min",
                     cvy_json_number(q->min), "max", cvy_json_number(q->max));
}

static json_t *repeats_of(const cvy_repeats *r)
{
    return json_pack("{so so so}", "median", cvy_json_number(r->median), "low",
                     cvy_json_number(r->low), "high", cvy_json_number(r->high));
}

static json_t *finals_of(const cvy_standing *s)
{
    json_t *finals = json_object();
    for (size_t m = 0; m < CVY_METRIC_COUNT; m++)
        if (isfinite(s->final[m].median) || isfinite(s->final[m].min) || isfinite(s->final[m].max))
            cvy_json_set(&finals, cvy_metric_names[m], quartiles_of(&s->final[m]));
    return finals;
}

static json_t *target_of(const cvy_findings *f, size_t target, size_t configuration)
{
    const cvy_hits *h = &f->hits[target * f->standing_count + configuration];
    const cvy_target *t = &f->study->targets[target];

    return json_pack("{ss so so so so so so}", "metric", cvy_metric_names[t->metric], "value",
                     cvy_json_number(t->value), "reached", cvy_json_count(h->reached), "of",
                     cvy_json_count(h->of), "steps", quartiles_of(&h->steps), "epochs",
                     quartiles_of(&h->epochs), "seconds", quartiles_of(&h->seconds));
}

static json_t *digests_of(const cvy_study *c, size_t configuration)
{
    json_t *digests = json_array();
    for (size_t i = 0; i < c->configurations[configuration].run_count; i++)
        cvy_json_append(
            &digests,
            cvy_json_text(c->runs[c->configurations[configuration].first_run + i].weights_sha256));
    return digests;
}

static json_t *tuned_of(const cvy_study *study, const cvy_configuration *c)
{
    const cvy_tuning *tuning = &study->tuning;
    json_t *keys = json_array();

    for (size_t k = 0; k < tuning->key_count; k++)
        if (isfinite(c->tuned_values[k]))
            cvy_json_append(&keys, json_pack("{ss so sb}", "key", tuning->keys[k].name, "value",
                                             cvy_json_number(c->tuned_values[k]), "on_edge",
                                             c->is_on_edge[k]));
    return json_pack("{so so}", "trials", cvy_json_count(cvy_study_trials(study, c->base)), "keys",
                     keys);
}

static bool has_score(const cvy_study *study)
{
    return study->protocol != NULL && study->protocol->studies > 0 && study->target_count > 0;
}

static json_t *score_of(const cvy_study *study, size_t configuration)
{
    const cvy_protocol_score score =
        cvy_protocol_score_of(study, configuration, &study->targets[0]);
    json_t *steps = json_array();

    for (size_t s = 0; s < study->protocol->studies; s++)
        cvy_json_append(&steps, cvy_json_number(score.steps[s]));
    return json_pack("{so so so so so}", "trials", cvy_json_count(score.trials), "reached",
                     cvy_json_count(score.reached), "steps_by_study", steps, "median_steps",
                     cvy_json_number(score.median_steps), "median_seconds",
                     cvy_json_number(score.median_seconds));
}

static json_t *run_of(const cvy_findings *f, size_t configuration)
{
    const cvy_configuration *c = &f->study->configurations[configuration];
    const cvy_standing *s = &f->standings[configuration];
    const cvy_cost *cost = f->study->costs != NULL && configuration < f->study->compared_count
                               ? &f->study->costs[configuration]
                               : NULL;
    json_t *run = json_pack(
        "{ss ss ss ss so so so so so so so so so}", "label", c->label, "role",
        c->role == CVY_ROLE_UNTUNED ? "untuned" : "compared", "optimizer", c->optimizer,
        "learning_rate", c->learning_rate, "seeds", cvy_json_count(s->runs), "diverged",
        cvy_json_count(s->diverged), "final", finals_of(s), "test_accuracy",
        quartiles_of(&s->test_accuracy), "test_loss", quartiles_of(&s->test_loss), "state_bytes",
        cvy_json_count(c->state_bytes), "step_seconds", quartiles_of(&s->step_seconds),
        "step_seconds_by_plain_sgd", cvy_json_number(cost != NULL ? cost->ratio.median : NAN),
        "weights_sha256", digests_of(f->study, configuration));
    json_t *targets = json_array();

    if (cost != NULL) {
        cvy_json_set(&run, "cost_updates", cvy_json_count(cost->steps));
        cvy_json_set(&run, "step_seconds_in_rounds", repeats_of(&cost->seconds));
        cvy_json_set(&run, "step_seconds_by_plain_sgd_in_rounds", repeats_of(&cost->ratio));
    }
    for (size_t t = 0; t < f->study->target_count; t++)
        cvy_json_append(&targets, target_of(f, t, configuration));
    if (f->study->target_count > 0)
        cvy_json_set(&run, "target", json_incref(json_array_get(targets, 0)));
    cvy_json_set(&run, "targets", targets);
    cvy_json_set(&run, "tuned", json_boolean(c->is_tuned));
    if (c->is_tuned)
        cvy_json_set(&run, "tuning", tuned_of(f->study, c));
    if (has_score(f->study) && c->role == CVY_ROLE_COMPARED)
        cvy_json_set(&run, "protocol_score", score_of(f->study, configuration));
    return run;
}

static json_t *pairs_of(const cvy_findings *f)
{
    json_t *pairs = json_array();

    for (size_t i = 0; i < f->pair_count; i++) {
        const cvy_pair *p = &f->pairs[i];
        json_t *pair = json_pack(
            "{ss ss ss so s[oo] sb so so sb}", "first", f->study->configurations[p->first].label,
            "second", f->study->configurations[p->second].label, "metric",
            cvy_metric_names[f->metric], "difference", cvy_json_number(p->difference), "interval",
            cvy_json_number(p->interval.low), cvy_json_number(p->interval.high), "planned",
            p->is_planned, "p", cvy_json_number(cvy_pair_is_lost(f, p) ? NAN : p->p), "p_holm",
            cvy_json_number(p->p_holm), "distinguishable", p->is_distinguishable);
        if (f->study->hypotheses.margin > 0) {
            cvy_json_set(&pair, "p_equivalent", cvy_json_number(p->p_equivalent));
            cvy_json_set(&pair, "equivalent", json_boolean(p->is_equivalent));
        }
        cvy_json_append(&pairs, pair);
    }
    return pairs;
}

static json_t *hypotheses_of(const cvy_findings *f)
{
    static const char *const tests[] = { "all pairs", "baseline", "pair" };
    const cvy_hypotheses *h = &f->study->hypotheses;
    json_t *hypotheses =
        json_pack("{ss so so}", "tests", tests[h->tests], "margin",
                  cvy_json_number(h->margin > 0 ? h->margin : NAN), "detectable_with_80_percent",
                  cvy_json_number(cvy_findings_detectable(f)));

    if (h->tests != CVY_TESTS_ALL)
        cvy_json_set(&hypotheses, h->tests == CVY_TESTS_BASELINE ? "baseline" : "first",
                     cvy_json_text(f->study->configurations[h->first].label));
    if (h->tests == CVY_TESTS_PAIR)
        cvy_json_set(&hypotheses, "second",
                     cvy_json_text(f->study->configurations[h->second].label));
    return hypotheses;
}

static json_t *setup_of(const cvy_study *c)
{
    const cvy_setup *s = &c->setup;
    json_t *seeds = json_array();

    for (size_t i = 0; i < c->seed_count; i++)
        cvy_json_append(&seeds, json_integer((json_int_t)c->seeds[i]));
    json_t *setup = json_pack(
        "{so so so so so so so so so so so so so so}", "model", cvy_json_text(s->model_name),
        "parameters", cvy_json_count(s->parameter_count), "data", cvy_json_text(s->data_name),
        "data_sha256", cvy_json_text(s->data_sha256), "train", cvy_json_count(s->train_count),
        "validation", cvy_json_count(s->validation_count), "test", cvy_json_count(s->test_count),
        "classes", cvy_json_count(s->class_count), "loss", cvy_json_text(s->loss), "batch_size",
        cvy_json_count(s->batch_size), "steps_per_epoch", cvy_json_count(s->steps_per_epoch),
        "evaluate_every", cvy_json_count(s->evaluate_every), "epochs", cvy_json_count(s->epochs),
        "seeds", seeds);
    cvy_json_set(&setup, "protocol",
                 c->protocol != NULL ? json_string(c->protocol->name) : json_null());
    return setup;
}

static json_t *environment_of(const cvy_findings *f)
{
    const cvy_study *c = f->study;
    const cvy_setup *s = &c->setup;
    json_t *environment = json_pack(
        "{so so so so so so so so so so so so so so so}", "version", cvy_json_text(s->version),
        "machine", cvy_json_text(s->machine), "cores", cvy_json_count(s->core_count), "gemm",
        cvy_json_text(s->kernels), "isa", cvy_json_text(s->instructions), "kernels",
        cvy_json_text(s->kernels), "instructions", cvy_json_text(s->instructions), "threads",
        cvy_json_count(s->threads), "jobs", cvy_json_count(s->jobs), "command",
        cvy_json_text(s->command), "seconds", cvy_json_number(c->seconds), "system",
        cvy_environment_json(), "cost_rounds",
        cvy_json_count(c->costs != NULL ? c->cost_repeats : 0), "cost_updates",
        c->costs != NULL && !cvy_study_varies_batches(c) ? cvy_json_count(c->costs[0].steps)
                                                         : json_null(),
        "cost_load_elsewhere", cvy_json_number(c->costs != NULL ? c->cost_load : NAN));
    cvy_json_set(&environment, "seconds_are_comparable", json_boolean(!f->is_busy));
    return environment;
}

static json_t *surface_of(const cvy_study *c)
{
    if (c->surface == NULL)
        return json_null();
    json_t *object = json_object(), *share = json_array();

    for (size_t k = 0; k < 2; k++)
        cvy_json_append(&share, cvy_json_number(c->surface->share[k]));
    cvy_json_set(&object, "seed", cvy_json_count(c->surface->seed));
    cvy_json_set(&object, "images", cvy_json_count(c->surface->image_count));
    cvy_json_set(&object, "share_of_variance", share);
    return object;
}

json_t *cvy_findings_json(const cvy_findings *f)
{
    static const char *const tests[] = {
        [CVY_TEST_WILCOXON] = "wilcoxon", [CVY_TEST_T] = "paired t", [CVY_TEST_NONE] = "none"
    };
    const cvy_study *c = f->study;
    json_t *runs = json_array(), *ranking = json_array();

    for (size_t k = 0; k < f->standing_count; k++)
        cvy_json_append(&runs, run_of(f, k));
    for (size_t r = 0; r < c->compared_count; r++)
        cvy_json_append(&ranking, cvy_json_text(c->configurations[f->order[r]].label));
    return json_pack("{ss so so so ss ss so so so so}", "command", "compare", "setup", setup_of(c),
                     "runs", runs, "ranking", ranking, "ranked_by", cvy_metric_names[f->metric],
                     "test", tests[f->test], "hypotheses", hypotheses_of(f), "pairs", pairs_of(f),
                     "environment", environment_of(f), "surface", surface_of(c));
}
