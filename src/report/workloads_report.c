#include "report/workloads_report.h"

#include <string.h>

#include "base/memory.h"
#include "report/joint.h"
#include "report/page.h"
#include "study/curves.h"

/* The workloads' chapters; in front of them, where there are several, what they show together. */
typedef struct {
    cvy_joint joint;
    size_t count; /* of workloads whose chapter is there */
    cvy_chapter chapters[1 + CVY_WORKLOADS_MAX];
} book;

static cvy_status join(const cvy_workloads *w, bool has_figures, book *b)
{
    cvy_joint_part parts[CVY_WORKLOADS_MAX];
    cvy_chapter *together = &b->chapters[0];

    for (size_t i = 0; i < w->count; i++)
        parts[i] = (cvy_joint_part){ w->items[i].name, &b->chapters[1 + i].findings };
    cvy_status status = cvy_joint_make(parts, w->count, &b->joint);
    if (status == CVY_OK)
        status = cvy_joint_tables(&b->joint, &together->tables);
    if (status == CVY_OK)
        status = cvy_joint_words(&b->joint, &together->words);
    if (status == CVY_OK && has_figures)
        status = cvy_figures_make_profile(&b->joint.profile, "a target on a workload", w->folder,
                                          &together->figures);
    return status;
}

static cvy_status make_book(const cvy_workloads *w, bool has_figures, book **result)
{
    book *b;
    cvy_status status = cvy_memory_create(1, sizeof *b, &b);

    *result = b;
    for (size_t i = 0; status == CVY_OK && i < w->count; i++) {
        const cvy_workload *item = &w->items[i];
        cvy_chapter *chapter = &b->chapters[1 + i];
        status = cvy_chapter_make(&item->study, has_figures ? item->folder : NULL, chapter);
        chapter->title = item->name;
        b->count += status == CVY_OK;
    }
    return status == CVY_OK && w->count > 1 ? join(w, has_figures, b) : status;
}

static void release_book(book *b)
{
    if (b == NULL)
        return;
    for (size_t i = 0; i <= b->count; i++)
        cvy_chapter_release(&b->chapters[i]);
    cvy_joint_release(&b->joint);
    cvy_memory_free(b);
}

/* --- summary.json --- */

static json_t *json_of(const cvy_workloads *w, const book *b)
{
    json_t *workloads = json_array();

    if (w->count == 1) {
        json_decref(workloads);
        return cvy_findings_json(&b->chapters[1].findings);
    }
    for (size_t i = 0; i < w->count; i++) {
        const cvy_workload *item = &w->items[i];
        json_t *own =
            json_pack("{ss ss ss ss}", "name", item->name, "model", item->study.setup.model, "data",
                      item->study.setup.data, "folder", item->folder + strlen(w->folder) + 1);
        json_t *summary = cvy_findings_json(&b->chapters[1 + i].findings);
        json_object_del(summary, "command");
        json_object_update(own, summary);
        json_decref(summary);
        json_array_append_new(workloads, own);
    }
    return json_pack("{ss so so}", "command", "compare", "workloads", workloads, "profile",
                     cvy_joint_json(&b->joint));
}

json_t *cvy_workloads_json(const cvy_workloads *w)
{
    book *b;
    json_t *summary = NULL;

    if (make_book(w, false, &b) == CVY_OK)
        summary = json_of(w, b);
    release_book(b);
    return summary;
}

/* --- files --- */

static cvy_status write_together(const cvy_workloads *w, const book *b)
{
    cvy_status status = cvy_summary_write(json_of(w, b), w->folder);

    if (status == CVY_OK)
        status = cvy_latex_write(&b->chapters[0].tables, w->folder);
    return status == CVY_OK ? cvy_page_write(b->chapters, 1 + w->count, w->folder) : status;
}

cvy_status cvy_workloads_report(const cvy_workloads *w)
{
    book *b;
    cvy_status status = make_book(w, true, &b);

    for (size_t i = 0; status == CVY_OK && i < w->count; i++) {
        const cvy_workload *item = &w->items[i];
        status = cvy_curves_write(&item->study, item->folder);
        if (status == CVY_OK)
            status = cvy_chapter_write(&b->chapters[1 + i], item->folder);
    }
    if (status == CVY_OK && w->count > 1)
        status = write_together(w, b);
    release_book(b);
    return status;
}

/* --- the terminal --- */

cvy_status cvy_workloads_print(const cvy_workloads *w, FILE *file)
{
    book *b;
    cvy_status status = make_book(w, false, &b);

    for (size_t i = 0; status == CVY_OK && i < w->count; i++) {
        if (w->count > 1)
            fprintf(file, "%s=== %s ===\n\n", i > 0 ? "\n" : "", w->items[i].name);
        cvy_chapter_print(&b->chapters[1 + i], file);
    }
    if (status == CVY_OK && w->count > 1) {
        fprintf(file, "\n=== all %zu workloads ===\n\n", w->count);
        cvy_chapter_print(&b->chapters[0], file);
    }
    release_book(b);
    return status;
}
