/* summary.json. What depends on the machine is under "environment" or has "seconds" in its name; the
 * rest is the same for any number of jobs and threads. Infinite and unknown numbers are null. */
#include <jansson.h>
#include <math.h>

#include "study/findings.h"

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *count_of(size_t count)
{
    return json_integer((json_int_t)count);
}

static json_t *text_of(const char *text)
{
    return text != NULL ? json_string(text) : json_null();
}

static json_t *quartiles_of(const cvy_quartiles *q)
{
    return json_pack("{so so so so so}", "median", number(q->median), "q1", number(q->q1), "q3",
                     number(q->q3), "min", number(q->min), "max", number(q->max));
}

static json_t *finals_of(const cvy_standing *s)
{
    json_t *finals = json_object();
    for (size_t m = 0; m < CVY_METRIC_COUNT; m++)
        if (isfinite(s->final[m].median) || isfinite(s->final[m].min) || isfinite(s->final[m].max))
            json_object_set_new(finals, cvy_metric_names[m], quartiles_of(&s->final[m]));
    return finals;
}

static json_t *target_of(const cvy_findings *f, size_t target, size_t configuration)
{
    const cvy_hits *h = &f->hits[target * f->standing_count + configuration];
    const cvy_target *t = &f->study->targets[target];

    return json_pack("{ss so so so so so so}", "metric", cvy_metric_names[t->metric], "value",
                     number(t->value), "reached", count_of(h->reached), "of", count_of(h->of),
                     "steps", quartiles_of(&h->steps), "epochs", quartiles_of(&h->epochs),
                     "seconds", quartiles_of(&h->seconds));
}

static json_t *digests_of(const cvy_study *c, size_t configuration)
{
    json_t *digests = json_array();
    for (size_t i = 0; i < c->configurations[configuration].run_count; i++)
        json_array_append_new(
            digests,
            text_of(c->runs[c->configurations[configuration].first_run + i].weights_sha256));
    return digests;
}

static json_t *tuned_of(const cvy_study *study, const cvy_configuration *c)
{
    const cvy_tuning *tuning = &study->tuning;
    json_t *keys = json_array();

    for (size_t k = 0; k < tuning->key_count; k++)
        if (isfinite(c->tuned_values[k]))
            json_array_append_new(keys, json_pack("{ss so sb}", "key", tuning->keys[k].name,
                                                  "value", number(c->tuned_values[k]), "on_edge",
                                                  c->is_on_edge[k]));
    return json_pack("{so so}", "trials", count_of(cvy_study_trials(study, c->base)), "keys", keys);
}

static json_t *run_of(const cvy_findings *f, size_t configuration)
{
    const cvy_configuration *c = &f->study->configurations[configuration];
    const cvy_standing *s = &f->standings[configuration];
    json_t *run =
        json_pack("{ss ss ss ss so so so so so so so so so}", "label", c->label, "role",
                  c->role == CVY_ROLE_UNTUNED ? "untuned" : "compared", "optimizer", c->optimizer,
                  "learning_rate", c->learning_rate, "seeds", count_of(s->runs), "diverged",
                  count_of(s->diverged), "final", finals_of(s), "test_accuracy",
                  quartiles_of(&s->test_accuracy), "test_loss", quartiles_of(&s->test_loss),
                  "state_bytes", count_of(c->state_bytes), "step_seconds",
                  quartiles_of(&s->step_seconds), "step_seconds_by_plain_sgd", number(s->cost),
                  "weights_sha256", digests_of(f->study, configuration));
    json_t *targets = json_array();

    for (size_t t = 0; t < f->study->target_count; t++)
        json_array_append_new(targets, target_of(f, t, configuration));
    if (f->study->target_count > 0)
        json_object_set(run, "target", json_array_get(targets, 0));
    json_object_set_new(run, "targets", targets);
    if (c->is_tuned)
        json_object_set_new(run, "tuned", tuned_of(f->study, c));
    return run;
}

static json_t *pairs_of(const cvy_findings *f)
{
    json_t *pairs = json_array();
    for (size_t i = 0; i < f->pair_count; i++) {
        const cvy_pair *p = &f->pairs[i];
        json_array_append_new(
            pairs, json_pack("{ss ss ss so s[oo] so so sb}", "first",
                             f->study->configurations[p->first].label, "second",
                             f->study->configurations[p->second].label, "metric",
                             cvy_metric_names[f->metric], "difference", number(p->difference),
                             "interval", number(p->interval.low), number(p->interval.high), "p",
                             number(cvy_pair_is_lost(f, p) ? NAN : p->p), "p_holm",
                             number(p->p_holm), "distinguishable", p->is_distinguishable));
    }
    return pairs;
}

static json_t *setup_of(const cvy_study *c)
{
    const cvy_setup *s = &c->setup;
    json_t *seeds = json_array();

    for (size_t i = 0; i < c->seed_count; i++)
        json_array_append_new(seeds, json_integer((json_int_t)c->seeds[i]));
    return json_pack("{so so so so so so so so so so so so so so}", "model", text_of(s->model_name),
                     "parameters", count_of(s->parameter_count), "data", text_of(s->data_name),
                     "data_sha256", text_of(s->data_sha256), "train", count_of(s->train_count),
                     "validation", count_of(s->validation_count), "test", count_of(s->test_count),
                     "classes", count_of(s->class_count), "loss", text_of(s->loss), "batch_size",
                     count_of(s->batch_size), "steps_per_epoch", count_of(s->steps_per_epoch),
                     "evaluate_every", count_of(s->evaluate_every), "epochs", count_of(s->epochs),
                     "seeds", seeds);
}

static json_t *environment_of(const cvy_study *c)
{
    const cvy_setup *s = &c->setup;
    return json_pack("{so so so so so so so so so}", "version", text_of(s->version), "machine",
                     text_of(s->machine), "cores", count_of(s->core_count), "kernels",
                     text_of(s->kernels), "instructions", text_of(s->instructions), "threads",
                     count_of(s->threads), "jobs", count_of(s->jobs), "command",
                     text_of(s->command), "seconds", number(c->seconds));
}

json_t *cvy_findings_json(const cvy_findings *f)
{
    static const char *const tests[] = {
        [CVY_TEST_WILCOXON] = "wilcoxon", [CVY_TEST_T] = "paired t", [CVY_TEST_NONE] = "none"
    };
    const cvy_study *c = f->study;
    json_t *runs = json_array(), *ranking = json_array();

    for (size_t k = 0; k < f->standing_count; k++)
        json_array_append_new(runs, run_of(f, k));
    for (size_t r = 0; r < c->compared_count; r++)
        json_array_append_new(ranking, text_of(c->configurations[f->order[r]].label));
    return json_pack("{ss so so so ss ss so so}", "command", "compare", "setup", setup_of(c),
                     "runs", runs, "ranking", ranking, "ranked_by", cvy_metric_names[f->metric],
                     "test", tests[f->test], "pairs", pairs_of(f), "environment",
                     environment_of(c));
}
