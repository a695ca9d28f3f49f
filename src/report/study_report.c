#include "report/study_report.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "charts/report_file.h"
#include "charts/report_folder.h"
#include "report/study_page.h"
#include "report/words.h"
#include "study/curves.h"
#include "study/measurements.h"

/* --- a chapter --- */

cvy_status cvy_chapter_make(const cvy_study *study, const char *folder, cvy_chapter *chapter)
{
    *chapter = (cvy_chapter){ .title = study->setup.model_name };
    cvy_status status = cvy_findings_make(study, &chapter->findings);

    if (status == CVY_OK)
        status = cvy_tables_make(&chapter->findings, &chapter->tables);
    if (status == CVY_OK)
        status = cvy_words_make(&chapter->findings, &chapter->words);
    if (status == CVY_OK && folder != NULL)
        status = cvy_figures_make(&chapter->findings, folder, &chapter->figures);
    if (status != CVY_OK)
        cvy_chapter_release(chapter);
    return status;
}

void cvy_chapter_release(cvy_chapter *chapter)
{
    free(chapter->words);
    cvy_figures_release(&chapter->figures);
    cvy_tables_release(&chapter->tables);
    cvy_findings_release(&chapter->findings);
    *chapter = (cvy_chapter){ 0 };
}

void cvy_chapter_print(const cvy_chapter *chapter, FILE *file)
{
    for (size_t i = 0; i + 1 < chapter->tables.count; i++) {
        cvy_table_as_text(&chapter->tables.tables[i], file);
        fputc('\n', file);
    }
    cvy_print_words(file, chapter->words, "");
}

/* --- all chapters --- */

static cvy_status join(cvy_study_report *r)
{
    const cvy_workloads *w = r->workloads;
    cvy_joint_part parts[CVY_WORKLOADS_MAX];

    for (size_t i = 0; i < w->count; i++)
        parts[i] = (cvy_joint_part){ w->items[i].name, &r->chapters[1 + i].findings };
    cvy_status status = cvy_joint_make(parts, w->count, &r->joint);
    if (status == CVY_OK)
        status = cvy_joint_tables(&r->joint, &r->chapters[0].tables);
    return status == CVY_OK ? cvy_joint_words(&r->joint, &r->chapters[0].words) : status;
}

cvy_status cvy_study_report_make(const cvy_workloads *w, cvy_study_report *r)
{
    *r = (cvy_study_report){ .workloads = w };
    cvy_status status = cvy_memory_create(1 + w->count, sizeof *r->chapters, &r->chapters);

    for (size_t i = 0; status == CVY_OK && i < w->count; i++) {
        status = cvy_chapter_make(&w->items[i].study, NULL, &r->chapters[1 + i]);
        r->chapters[1 + i].title = w->items[i].name;
        r->count += status == CVY_OK;
    }
    return status == CVY_OK && w->count > 1 ? join(r) : status;
}

void cvy_study_report_release(cvy_study_report *r)
{
    for (size_t i = 0; r->chapters != NULL && i <= r->count; i++)
        cvy_chapter_release(&r->chapters[i]);
    cvy_joint_release(&r->joint);
    cvy_memory_free(r->chapters);
    *r = (cvy_study_report){ 0 };
}

/* --- summary.json --- */

static json_t *describe_workload(const cvy_study_report *r, size_t i)
{
    const cvy_workload *item = &r->workloads->items[i];
    json_t *own = json_pack("{ss ss ss ss}", "name", item->name, "model", item->study.setup.model,
                            "data", item->study.setup.data, "folder",
                            item->folder + strlen(r->workloads->folder) + 1);
    json_t *summary = cvy_findings_json(&r->chapters[1 + i].findings);

    if (own == NULL || summary == NULL || json_object_del(summary, "command") != 0 ||
        json_object_update(own, summary) != 0) {
        json_decref(own);
        own = NULL;
    }
    json_decref(summary);
    return own;
}

json_t *cvy_study_report_json(const cvy_study_report *r)
{
    if (r->workloads->count == 1)
        return cvy_findings_json(&r->chapters[1].findings);
    json_t *workloads = json_array();

    for (size_t i = 0; i < r->workloads->count; i++)
        if (json_array_append_new(workloads, describe_workload(r, i)) != 0) {
            json_decref(workloads);
            return NULL;
        }
    return json_pack("{ss so so}", "command", "compare", "workloads", workloads, "profile",
                     cvy_joint_json(&r->joint));
}

/* --- files --- */

/* Release the object; NULL means out of memory. */
static cvy_status write_summary(json_t *summary, const char *folder)
{
    return cvy_report_file_write_json(folder, "summary.json", summary,
                                      JSON_INDENT(1) | JSON_REAL_PRECISION(9));
}

static void put_latex(const void *what, FILE *file)
{
    const cvy_tables *tables = what;

    fputs("% Needs \\usepackage{graphicx}, and before 2018 \\usepackage[utf8]{inputenc}.\n", file);
    for (size_t i = 0; i < tables->count; i++)
        cvy_table_as_latex(&tables->tables[i], file);
}

/* Write Markdown for a README: the words, the first table, the figure of the final values. */
static void put_markdown(const void *what, FILE *file)
{
    const cvy_chapter *chapter = what;
    const cvy_figures *figures = &chapter->figures;

    fprintf(file, "%s\n\n", chapter->words);
    cvy_table_as_markdown(&chapter->tables.tables[0], file);
    for (size_t i = 0; figures->end == CVY_PICTURES_DRAWN && i < figures->count; i++)
        if (strcmp(figures->figures[i].name, "finals") == 0 ||
            strcmp(figures->figures[i].name, "profile") == 0)
            fprintf(file, "![%.*s](%s.svg)\n", (int)strcspn(figures->figures[i].title, "\n"),
                    figures->figures[i].title, figures->figures[i].name);
}

static cvy_status write_markdown(const cvy_chapter *chapters, const char *folder)
{
    return cvy_report_file_write(folder, "summary.md", put_markdown, &chapters[0]);
}

static cvy_status write_files(json_t *summary, const cvy_chapter *chapters, size_t count,
                              const char *folder)
{
    cvy_status status = write_summary(summary, folder);

    if (status == CVY_OK)
        status = cvy_report_file_write(folder, "tables.tex", put_latex, &chapters[0].tables);
    if (status == CVY_OK)
        status = write_markdown(chapters, folder);
    return status == CVY_OK ? cvy_study_page_write(chapters, count, folder) : status;
}

cvy_status cvy_chapter_write(const cvy_chapter *chapter, const char *folder)
{
    return write_files(cvy_findings_json(&chapter->findings), chapter, 1, folder);
}

cvy_status cvy_study_report_write(cvy_study_report *r)
{
    const cvy_workloads *w = r->workloads;
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < w->count; i++) {
        const cvy_workload *item = &w->items[i];
        cvy_chapter *chapter = &r->chapters[1 + i];
        cvy_folder_clear_figures(item->folder);
        chapter->figures.formats = r->formats;
        status = cvy_figures_make(&chapter->findings, item->folder, &chapter->figures);
        if (status == CVY_OK)
            status = cvy_curves_write(&item->study, item->folder);
        if (status == CVY_OK)
            status = cvy_chapter_write(chapter, item->folder);
    }
    if (status == CVY_OK)
        status = cvy_measurements_write(w);
    if (status != CVY_OK || w->count == 1)
        return status;
    cvy_folder_clear_figures(w->folder);
    r->chapters[0].figures.formats = r->formats;
    status = cvy_figures_make_profile(&r->joint.profile, "a target on a workload", w->folder,
                                      &r->chapters[0].figures);
    return status == CVY_OK
               ? write_files(cvy_study_report_json(r), r->chapters, 1 + w->count, w->folder)
               : status;
}

/* --- the terminal --- */

void cvy_study_report_print(const cvy_study_report *r, FILE *file)
{
    const cvy_workloads *w = r->workloads;

    for (size_t i = 0; i < w->count; i++) {
        if (w->count > 1)
            fprintf(file, "%s=== %s ===\n\n", i > 0 ? "\n" : "", w->items[i].name);
        cvy_chapter_print(&r->chapters[1 + i], file);
    }
    if (w->count > 1) {
        fprintf(file, "\n=== all %zu workloads ===\n\n", w->count);
        cvy_chapter_print(&r->chapters[0], file);
    }
}
