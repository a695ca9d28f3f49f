/* Keep runs in files: FOLDER/runs/CONFIGURATION-seedN.json, each with its settings. A file gets its
 * name only when it is complete, so existing files are valid even after a kill. */
#include "study/run_store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/json.h"
#include "base/letters.h"
#include "base/memory.h"
#include "base/output.h"
#include "convoy/convoy.h"
#include "charts/report_folder.h"

enum { PATH_BYTES = 4096, SLUG_BYTES = 48, RUN_BYTES_MAX = 64 << 20 };

/* --- the folder --- */

static const cvy_folder_mark mark = { "compare", "study.json", "written_by", "convoy compare" };

cvy_status cvy_run_store_check(const char *folder)
{
    return cvy_folder_check(folder, &mark);
}

/* Write a JSON object and release it. */
static cvy_status write_json(const char *path, json_t *object)
{
    char *text =
        object != NULL ? cvy_json_dump(object, JSON_INDENT(1) | JSON_REAL_PRECISION(17)) : NULL;

    json_decref(object);
    if (text == NULL)
        return cvy_fail(CVY_ERR_MEMORY, "%s: out of memory", path);
    cvy_status status = cvy_file_write(path, text, strlen(text));
    free(text);
    return status;
}

/* --- settings --- */

static cvy_status digest_texts(const char *const *texts, size_t count,
                               char hex[CVY_DIGEST_HEX_BYTES])
{
    cvy_digest *digest;
    cvy_status status = cvy_digest_create(&digest);

    if (status != CVY_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        cvy_digest_add(digest, texts[i], strlen(texts[i]) + 1);
    cvy_digest_finish(digest, hex);
    return CVY_OK;
}

/* Threads, jobs and the seeds of other runs are omitted, since they do not affect this run. */
static json_t *common_settings(const cvy_setup *s, const char *architecture_sha256)
{
    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:f, s:I, s:I, s:s, s:s, s:s}", "model_sha256",
                     architecture_sha256, "data_sha256", s->data_sha256, "loss", s->loss, "epochs",
                     (json_int_t)s->epochs, "batch_size", (json_int_t)s->batch_size, "limit",
                     (json_int_t)s->limit, "validation_split", s->validation_split,
                     "evaluate_every", (json_int_t)s->evaluate_every, "train",
                     (json_int_t)s->train_count, "version", s->version, "kernels", s->kernels,
                     "instructions", s->instructions);
}

static json_t *run_settings(const cvy_run_store *store, const cvy_study_run *run)
{
    const cvy_configuration *c = &store->study->configurations[run->configuration];
    json_t *settings = json_deep_copy(store->common);

    cvy_json_set(&settings, "optimizer", json_string(c->optimizer));
    cvy_json_set(&settings, "learning_rate", json_string(c->learning_rate));
    cvy_json_set(&settings, "batch_size", cvy_json_count(c->batch_size));
    cvy_json_set(&settings, "evaluate_every", cvy_json_count(c->evaluate_every));
    cvy_json_set(&settings, "seed", json_integer((json_int_t)run->seed));
    cvy_json_set(&settings, "is_trial", json_boolean(c->role == CVY_ROLE_TRIAL));
    return settings;
}

/* Print a path such as "runs/sgd-momentum-0.9-1f2e3d4c-seed3.json"; the digest distinguishes
 * configurations with equal labels. */
static cvy_status print_path(const cvy_run_store *store, const cvy_study_run *run,
                             char path[PATH_BYTES])
{
    const cvy_configuration *c = &store->study->configurations[run->configuration];
    const char *const texts[] = { c->label, c->optimizer, c->learning_rate,
                                  c->role == CVY_ROLE_TRIAL ? "trial" : "" };
    char slug[SLUG_BYTES], hex[CVY_DIGEST_HEX_BYTES];

    snprintf(slug, sizeof slug, "%s", c->label);
    for (char *p = slug; *p != '\0'; p++)
        if (!cvy_is_letter_or_digit(*p) && *p != '.' && *p != '_')
            *p = '-';
    cvy_status status = digest_texts(texts, sizeof texts / sizeof *texts, hex);
    if (status == CVY_OK)
        snprintf(path, PATH_BYTES, "%.*s/runs/%s-%.8s-seed%llu.json", PATH_BYTES / 2, store->folder,
                 slug, hex, (unsigned long long)run->seed);
    return status;
}

cvy_status cvy_run_store_mark(const char *folder, const char *command)
{
    char path[PATH_BYTES];
    cvy_status status = cvy_folder_make(folder);

    snprintf(path, sizeof path, "%s/%s", folder, mark.file);
    return status == CVY_OK
               ? write_json(path, json_pack("{s:s, s:s, s:s}", mark.key, mark.value, "version",
                                            CVY_VERSION_STRING, "command", command))
               : status;
}

cvy_status cvy_run_store_open(const char *folder, const cvy_study *study, const cvy_model *model,
                              cvy_run_store *store)
{
    const char *const texts[] = { cvy_model_json(model) };
    char path[PATH_BYTES], architecture[CVY_DIGEST_HEX_BYTES];

    *store = (cvy_run_store){ .folder = folder, .study = study };
    cvy_status status = digest_texts(texts, 1, architecture);
    if (status == CVY_OK)
        status = cvy_run_store_mark(folder, study->setup.command);
    snprintf(path, sizeof path, "%s/runs", folder);
    if (status == CVY_OK)
        status = cvy_folder_make(path);
    if (status != CVY_OK)
        return status;
    store->common = common_settings(&study->setup, architecture);
    return store->common != NULL ? CVY_OK : cvy_fail(CVY_ERR_MEMORY, "%s: out of memory", folder);
}

void cvy_run_store_close(cvy_run_store *store)
{
    json_decref(store->common);
    store->common = NULL;
}

/* --- a run as JSON --- */

static json_t *describe_point(const cvy_point *p)
{
    json_t *point = json_pack("{s:I, s:f, s:f, s:o}", "step", (json_int_t)p->step, "epoch",
                              p->epoch, "train_seconds", p->train_seconds, "learning_rate",
                              cvy_json_number(p->learning_rate));

    for (size_t i = 0; i < CVY_METRIC_COUNT; i++)
        cvy_json_set(&point, cvy_metric_names[i], cvy_json_number(p->metric[i]));
    return point;
}

cvy_status cvy_run_store_write(const cvy_run_store *store, const cvy_study_run *run)
{
    const cvy_configuration *c = &store->study->configurations[run->configuration];
    char path[PATH_BYTES];
    cvy_status status = print_path(store, run, path);
    json_t *points = json_array(), *test = json_null();

    if (status != CVY_OK)
        return status;
    for (size_t i = 0; i < run->point_count; i++)
        cvy_json_append(&points, describe_point(&run->points[i]));
    if (run->has_test)
        test = json_pack("{s:o, s:o}", "loss", cvy_json_number(run->test_loss), "accuracy",
                         cvy_json_number(run->test_accuracy));
    json_t *inside = run->inside != NULL ? cvy_inside_json(run->inside) : json_null();
    return write_json(path,
                      json_pack("{s:s, s:o, s:b, s:s, s:I, s:f, s:f, s:o, s:s, s:o, s:o, s:o}",
                                "label", c->label, "settings", run_settings(store, run), "diverged",
                                run->state == CVY_RUN_DIVERGED, "why", run->why, "steps",
                                (json_int_t)run->steps, "train_seconds", run->train_seconds,
                                "seconds", run->seconds, "load_elsewhere",
                                cvy_json_number(run->load), "weights_sha256", run->weights_sha256,
                                "test", test, "points", points, "inside", inside));
}

/* Read a number; null stands for a non-finite one. */
static bool read_number(const json_t *object, const char *key, double *value)
{
    const json_t *member = json_object_get(object, key);

    *value = json_is_null(member) ? NAN : json_number_value(member);
    return json_is_null(member) || json_is_number(member);
}

static bool read_point(json_t *object, cvy_point *point)
{
    json_int_t step;
    bool is_read = json_unpack(object, "{s:I, s:F, s:F}", "step", &step, "epoch", &point->epoch,
                               "train_seconds", &point->train_seconds) == 0 &&
                   step >= 0 && read_number(object, "learning_rate", &point->learning_rate);

    for (size_t i = 0; is_read && i < CVY_METRIC_COUNT; i++)
        is_read = read_number(object, cvy_metric_names[i], &point->metric[i]);
    if (is_read)
        point->step = (size_t)step;
    return is_read;
}

static bool read_points(const json_t *array, size_t most, cvy_study_run *run)
{
    const size_t count = json_array_size(array);

    if (!json_is_array(array) || count > most ||
        cvy_memory_create(most, sizeof *run->points, &run->points) != CVY_OK)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!read_point(json_array_get(array, i), &run->points[i]))
            return false;
    run->point_count = count;
    return true;
}

static bool read_run(const cvy_run_store *store, json_t *object, cvy_study_run *run)
{
    const cvy_setup *setup = &store->study->setup;
    const json_t *test = json_object_get(object, "test");
    int is_diverged;
    const char *why, *digest;
    json_int_t steps;

    if (json_unpack(object, "{s:b, s:s, s:I, s:F, s:F, s:s}", "diverged", &is_diverged, "why", &why,
                    "steps", &steps, "train_seconds", &run->train_seconds, "seconds", &run->seconds,
                    "weights_sha256", &digest) != 0 ||
        steps < 0 ||
        !read_points(
            json_object_get(object, "points"),
            cvy_study_evaluations(setup, &store->study->configurations[run->configuration]), run) ||
        (!is_diverged && (run->point_count == 0 || strlen(digest) + 1 != CVY_DIGEST_TEXT_BYTES)))
        return false;
    run->has_test = json_is_object(test);
    if (run->has_test && !(read_number(test, "loss", &run->test_loss) &&
                           read_number(test, "accuracy", &run->test_accuracy)))
        return false;
    if (!read_number(object, "load_elsewhere", &run->load))
        run->load = NAN;
    run->state = is_diverged ? CVY_RUN_DIVERGED : CVY_RUN_FINISHED;
    run->steps = (size_t)steps;
    run->inside = cvy_inside_read(json_object_get(object, "inside"));
    snprintf(run->why, sizeof run->why, "%s", why);
    snprintf(run->weights_sha256, sizeof run->weights_sha256, "%s", digest);
    snprintf(run->kernels, sizeof run->kernels, "%s", setup->kernels);
    snprintf(run->instructions, sizeof run->instructions, "%s", setup->instructions);
    return true;
}

/* Whether the settings are the same; if not, store->changed names the first difference. */
static bool has_same_settings(cvy_run_store *store, const json_t *kept, json_t *wanted)
{
    const char *key;
    json_t *value;

    json_object_foreach(wanted, key, value)
    {
        if (json_equal(value, json_object_get(kept, key)))
            continue;
        snprintf(store->changed, sizeof store->changed, "%s", key);
        return false;
    }
    return true;
}

cvy_status cvy_run_store_read(cvy_run_store *store, cvy_study_run *run)
{
    char path[PATH_BYTES];
    json_error_t error;
    unsigned char *bytes;
    size_t size;
    cvy_status status = print_path(store, run, path);

    if (status != CVY_OK || access(path, F_OK) != 0)
        return status;
    if (cvy_file_read(path, RUN_BYTES_MAX, &bytes, &size) != CVY_OK)
        return CVY_OK;
    json_t *object = cvy_json_load((const char *)bytes, size, 0, &error);
    cvy_memory_free(bytes);
    json_t *wanted = run_settings(store, run);
    cvy_study_run read = { .configuration = run->configuration, .seed = run->seed };
    if (object != NULL && !has_same_settings(store, json_object_get(object, "settings"), wanted)) {
        store->outdated++;
    } else if (object != NULL && read_run(store, object, &read)) {
        store->kept++;
        *run = read;
        read = (cvy_study_run){ 0 };
    }
    cvy_study_run_release(&read);
    json_decref(wanted);
    json_decref(object);
    return CVY_OK;
}
