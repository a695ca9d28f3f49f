/* The table of the setup and the machine. */
#include <stdio.h>

#include "base/plural.h"
#include "machine/environment.h"
#include "report/tables.h"
#include "study/protocol.h"

static void add_row(cvy_table *t, const char *name, const char *value)
{
    cvy_table_add(t, "%s", name);
    cvy_table_add(t, "%s", value != NULL && value[0] != '\0' ? value : "unknown");
}

static void add_environment(cvy_table *t)
{
    char text[512];

    for (const cvy_environment_fact *fact = cvy_environment_facts; fact->name != NULL; fact++) {
        fact->describe(text, sizeof text);
        add_row(t, fact->name, text);
    }
}

cvy_status cvy_table_of_setup(const cvy_findings *f, cvy_table *t)
{
    const cvy_setup *s = &f->study->setup;
    char every[64];
    cvy_table_begin(t, "ll");
    t->title = "Setup";
    if (s->evaluate_every == 1)
        snprintf(every, sizeof every, " and after each of its steps");
    else
        snprintf(every, sizeof every, " and after every %zu of its steps", s->evaluate_every);
    add_row(t, "item", "value");
    add_row(t, "data", s->data_name);
    add_row(t, "data, SHA-256", s->data_sha256);
    cvy_table_add(t, "split");
    cvy_table_add(t, "%zu training, %zu validation%s, %zu test image%s", s->train_count,
                  s->validation_count, s->has_validation_part ? "" : " (of the training set)",
                  s->test_count, cvy_plural(s->test_count));
    add_row(t, "model", s->model_name);
    cvy_table_add(t, "parameters");
    cvy_table_add(t, "%zu, of which %zu are trained", s->parameter_count, s->trained_count);
    add_row(t, "loss", s->loss);
    cvy_table_add(t, "initial weights");
    cvy_table_add(t, "the model's initializers and the order of images drawn from the seed: the "
                     "same for all configurations");
    if (s->common != NULL && s->common[0] != '\0')
        add_row(t, "in common, not in names", s->common);
    cvy_table_add(t, "batch");
    if (cvy_study_varies_batches(f->study))
        cvy_table_add(t, "as the configurations' names say; as many epochs for all");
    else
        cvy_table_add(t, "%zu image%s, %zu step%s an epoch", s->batch_size,
                      cvy_plural(s->batch_size), s->steps_per_epoch,
                      cvy_plural(s->steps_per_epoch));
    cvy_table_add(t, "budget");
    if (cvy_study_varies_batches(f->study))
        cvy_table_add(t, "%zu epoch%s for each run", s->epochs, cvy_plural(s->epochs));
    else
        cvy_table_add(t, "%zu epoch%s, %zu step%s, for each run", s->epochs, cvy_plural(s->epochs),
                      s->epochs * s->steps_per_epoch, cvy_plural(s->epochs * s->steps_per_epoch));
    cvy_table_add(t, "evaluation");
    cvy_table_add(t, "at the end of each epoch%s; training loss is the mean since the last",
                  s->evaluate_every < s->steps_per_epoch ? every : "");
    cvy_table_add(t, "seeds");
    if (f->study->seed_count == 1)
        cvy_table_add(t, "%llu", (unsigned long long)f->study->seeds[0]);
    else
        cvy_table_add(t, "%zu, from %llu on", f->study->seed_count,
                      (unsigned long long)f->study->seeds[0]);
    if (f->study->protocol != NULL) {
        cvy_table_add(t, "protocol");
        cvy_table_add(t, "%s: %s (%s)", f->study->protocol->title, f->study->protocol->words,
                      f->study->protocol->source);
    }
    cvy_table_add(t, "precision");
    cvy_table_add(t, "float32; matrix products by %s, other kernels for %s",
                  s->kernels != NULL ? s->kernels : "none",
                  s->instructions != NULL ? s->instructions : "none");
    cvy_table_add(t, "machine");
    cvy_table_add(t, "%s, %zu cores", s->machine != NULL ? s->machine : "unknown", s->core_count);
    add_environment(t);
    add_row(t, "convoy", s->version);
    return cvy_table_close(t);
}
