/* The settings that a checkpoint keeps, and how they may differ in the run that resumes from it. */
#include "train/resume_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/number.h"

static void set_count(json_t **object, const char *name, size_t count)
{
    char text[32];

    snprintf(text, sizeof text, "%zu", count);
    cvy_json_set(object, name, json_string(text));
}

static void set_text(json_t **object, const char *name, const char *text)
{
    cvy_json_set(object, name, cvy_json_text(text != NULL ? text : ""));
}

/* Set a member to the JSON text of a list, which is released. */
static void set_joined(json_t **object, const char *name, json_t *list)
{
    char *joined = list != NULL ? cvy_json_dump(list, JSON_COMPACT) : NULL;

    json_decref(list);
    cvy_json_set(object, name, joined != NULL ? json_string(joined) : NULL);
    free(joined);
}

static void set_list(json_t **object, const char *name, const char *const *texts, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        cvy_json_append(&list, cvy_json_text(texts[i]));
    set_joined(object, name, list);
}

/* Set a member to the names of the frozen layers, in the network's order. */
static void set_frozen(json_t **object, const cvy_model *model)
{
    json_t *list = json_array();

    for (size_t i = 0; i < model->layer_count; i++)
        if (model->layers[i].is_frozen && !model->layers[i].is_part_of_previous)
            cvy_json_append(&list, cvy_json_text(model->layers[i].name));
    set_joined(object, "frozen", list);
}

static const char *on_nan_name(cvy_on_nan on_nan)
{
    switch (on_nan) {
    case CVY_ON_NAN_SKIP:
        return "skip";
    case CVY_ON_NAN_IGNORE:
        return "ignore";
    default:
        return "stop";
    }
}

static void set_digest(json_t **object, const char *name, const char *text)
{
    char hex[CVY_DIGEST_HEX_BYTES];
    cvy_digest *digest;
    json_t *value = NULL;

    if (cvy_digest_create(&digest) == CVY_OK) {
        cvy_digest_add(digest, text, strlen(text));
        cvy_digest_finish(digest, hex);
        value = json_string(hex);
    }
    cvy_json_set(object, name, value);
}

/* The order is for the reader only. convoy's kernels give the same bits on all instruction sets,
 * OpenBLAS different ones, so only the GEMM must agree. */
json_t *cvy_resume_settings(const cvy_training *t)
{
    const cvy_train_settings *s = &t->settings;
    const cvy_history *h = t->history;
    json_t *object = json_object();
    char split[32];

    cvy_number_text(split, sizeof split, "%.17g", s->validation_split);
    set_digest(&object, "model", t->model->architecture);
    set_text(&object, "optimizer", h->optimizer);
    set_text(&object, "learning_rate", h->learning_rate);
    set_text(&object, "loss", h->loss);
    set_text(&object, "class_weight", s->class_weight);
    set_count(&object, "batch_size", h->batch_size);
    set_count(&object, "seed", (size_t)s->seed);
    set_count(&object, "limit", s->limit);
    set_text(&object, "validation_split", split);
    set_text(&object, "normalize", s->normalize != NULL ? s->normalize : "standard");
    set_list(&object, "augmentations", s->augmentations, s->augmentation_count);
    set_text(&object, "metrics", s->metrics);
    set_frozen(&object, t->model);
    set_text(&object, "on_nan", on_nan_name(s->on_nan));
    set_list(&object, "callbacks", s->callbacks, s->callback_count);
    set_count(&object, "evaluate_every", s->evaluate_every);
    set_text(&object, "keep_weights", s->keep_weights ? "true" : "false");
    set_text(&object, "gemm", strncmp(h->gemm, "openblas", 8) == 0 ? h->gemm : "convoy");
    set_text(&object, "wire", s->wire == CVY_WIRE_BF16 ? "bf16" : "fp32");
    set_text(&object, "fast_reduce", s->fast_reduce ? "true" : "false");
    set_count(&object, "training_images", h->train_count);
    set_count(&object, "validation_images", h->validation_count);
    set_text(&object, "data", t->data_digest);
    set_count(&object, "epochs", s->epochs);
    set_count(&object, "steps", s->steps);
    return object;
}

/* Whether a change only makes the run longer, which is allowed. steps = 0: no limit. */
static bool is_extension(const char *name, const char *before, const char *now)
{
    const unsigned long long old = strtoull(before, NULL, 10), new = strtoull(now, NULL, 10);

    if (strcmp(name, "epochs") == 0)
        return new >= old;
    return strcmp(name, "steps") == 0 && (new == 0 || (old > 0 && new >= old));
}

/* The option that sets a setting: --batch-size for "batch_size". */
static void name_option(const char *name, char option[64])
{
    static const char *const others[][2] = { { "frozen", "--freeze" },
                                             { "augmentations", "--augment" },
                                             { "callbacks", "--callback" },
                                             { "gemm", "CONVOY_GEMM" },
                                             { "keep_weights", "weights kept from --model" },
                                             { "training_images", "images for training" },
                                             { "validation_images", "images for validation" } };

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(name, others[i][0]) == 0) {
            snprintf(option, 64, "%s", others[i][1]);
            return;
        }
    snprintf(option, 64, "--%s", name);
    for (char *c = option; *c != '\0'; c++)
        if (*c == '_')
            *c = '-';
}

/* A value for the message; numbers are saved with all their digits. */
static void show_value(const char *name, const char *value, char shown[256])
{
    if (value[0] == '\0' || strcmp(value, "[]") == 0)
        snprintf(shown, 256, "none");
    else if (strcmp(name, "validation_split") == 0)
        cvy_number_text(shown, 256, "%g", cvy_number_read(value, NULL));
    else
        snprintf(shown, 256, "%s", value);
}

static cvy_status refuse(const char *name, const char *before, const char *now)
{
    char option[64], old[256], new[256];

    name_option(name, option);
    show_value(name, before, old);
    show_value(name, now, new);
    if (strcmp(name, "data") == 0)
        cvy_fail(CVY_ERR_SETTING,
                 "--data: not the images and labels that the interrupted run had (SHA-256 "
                 "%.12s..., expected %.12s...)",
                 now, before);
    else if (strcmp(name, "model") == 0)
        return cvy_fail(CVY_ERR_SETTING,
                        "--model: another architecture than the interrupted run's");
    else
        cvy_fail(CVY_ERR_SETTING, "%s: found %s, the interrupted run had %s", option, new, old);
    return cvy_fail_advise(CVY_ERR_SETTING, "Give the same options and data, or continue with the "
                                            "new ones by --resume-anyway (resume_anyway).");
}

/* The value that a setting implicitly had in older checkpoints, which lack it. */
static const char *find_old_default(const char *name)
{
    static const char *const defaults[][2] = { { "wire", "fp32" }, { "fast_reduce", "false" } };

    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
        if (strcmp(name, defaults[i][0]) == 0)
            return defaults[i][1];
    return NULL;
}

static void note_change(cvy_training *t, const char *name)
{
    static const char *const of_rule[] = { "optimizer", "learning_rate" };

    t->is_changed = true;
    for (size_t i = 0; i < sizeof of_rule / sizeof *of_rule; i++)
        t->has_other_rule = t->has_other_rule || strcmp(name, of_rule[i]) == 0;
    t->has_other_callbacks = t->has_other_callbacks || strcmp(name, "callbacks") == 0;
}

cvy_status cvy_resume_compare(cvy_training *t, const json_t *before)
{
    json_t *now = cvy_resume_settings(t), *value;
    const char *name;
    cvy_status status = now != NULL ? CVY_OK : cvy_fail(CVY_ERR_MEMORY, "out of memory");

    json_object_foreach(now, name, value)
    {
        const char *new = json_string_value(value);
        const char *old = json_string_value(json_object_get(before, name));
        if (old == NULL)
            old = find_old_default(name);
        if (status != CVY_OK ||
            (old != NULL && (strcmp(old, new) == 0 || is_extension(name, old, new))))
            continue;
        if (old == NULL)
            status = cvy_fail(CVY_ERR_FORMAT, "settings: %s is missing", name);
        else if (!t->settings.resume_anyway || strcmp(name, "model") == 0)
            status = refuse(name, old, new);
        else
            note_change(t, name);
    }
    json_decref(now);
    return status;
}
