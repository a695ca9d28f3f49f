/* An earlier scaling report in the folder of a new one. */
#include "report/earlier_report.h"

#include <string.h>

#include "base/json.h"

/* The first setting in which the report differs from the request, or NULL. */
static const char *find_difference(const json_t *work, const cvy_scaling_request *r)
{
    const struct {
        const char *key, *wanted;
    } texts[] = { { "asked_model", r->model },
                  { "asked_data", r->data },
                  { "mode", r->is_weak ? "weak" : "strong" },
                  { "optimizer", r->optimizer } };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *text = json_string_value(json_object_get(work, texts[i].key));
        if (text == NULL || strcmp(text, texts[i].wanted) != 0)
            return texts[i].key + (strncmp(texts[i].key, "asked_", 6) == 0 ? 6 : 0);
    }
    const char *unit = json_string_value(json_object_get(work, "unit"));
    if (strcmp(unit != NULL ? unit : "threads", r->comm != NULL ? "ranks" : "threads") != 0)
        return "unit";
    const json_int_t batch_size = json_integer_value(json_object_get(work, "batch_size"));
    if (batch_size != (json_int_t)r->batch_size)
        return "batch_size";
    const char *bind = json_string_value(json_object_get(work, "bind"));
    return bind != NULL && strcmp(bind, cvy_bind_names[r->bind]) != 0 ? "bind" : NULL;
}

/* Whether the report is of other numbers of threads, or of ranks. */
static bool has_other_points(const json_t *summary, const cvy_scaling_request *r)
{
    const json_t *points = json_object_get(summary, "points");

    if (json_array_size(points) != r->point_count)
        return true;
    for (size_t i = 0; i < r->point_count; i++) {
        const json_t *point = json_array_get(points, i);
        const json_int_t threads = json_integer_value(json_object_get(point, "threads"));
        const json_int_t ranks = json_integer_value(json_object_get(point, "ranks"));
        if (threads != (json_int_t)r->thread_counts[i] ||
            (r->comm != NULL && ranks != (json_int_t)r->rank_counts[i]))
            return true;
    }
    return false;
}

cvy_status cvy_scaling_check_report(const cvy_scaling_request *request, const char *folder)
{
    char path[4096];
    json_error_t error;
    cvy_status status = CVY_OK;

    snprintf(path, sizeof path, "%.4000s/summary.json", folder);
    json_t *summary = cvy_json_load_file(path, 0, &error);
    if (summary == NULL)
        return CVY_OK;
    const json_t *work = json_object_get(summary, "work");
    const char *difference = find_difference(work, request);
    if (difference == NULL && has_other_points(summary, request))
        difference = request->comm != NULL ? "list of ranks" : "list of threads";
    const json_int_t repeats = json_integer_value(json_object_get(work, "repeats"));
    if (difference != NULL)
        status = cvy_fail(CVY_ERR_SETTING,
                          "--report: %s holds a report with another %s, expected another folder or "
                          "--overwrite",
                          folder, difference);
    else if (repeats > (json_int_t)request->repeats)
        status = cvy_fail(CVY_ERR_SETTING,
                          "--report: %s holds a report of %lld repeats, more than %zu; expected "
                          "another folder or --overwrite",
                          folder, (long long)repeats, request->repeats);
    json_decref(summary);
    return status;
}
