#include "report/chapter.h"

#include <stdlib.h>

#include "charts/report_file.h"
#include "report/page.h"
#include "report/words.h"

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

cvy_status cvy_summary_write(json_t *summary, const char *folder)
{
    cvy_report_file out;
    cvy_status status = summary != NULL ? cvy_report_file_open(&out, folder, "summary.json")
                                        : cvy_fail(CVY_ERR_MEMORY, "summary.json: out of memory");

    if (status == CVY_OK) {
        json_dumpf(summary, out.file, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
        fputc('\n', out.file);
        status = cvy_report_file_close(&out);
    }
    json_decref(summary);
    return status;
}

cvy_status cvy_latex_write(const cvy_tables *tables, const char *folder)
{
    cvy_report_file out;
    cvy_status status = cvy_report_file_open(&out, folder, "tables.tex");
    if (status != CVY_OK)
        return status;
    fputs("% Needs \\usepackage{graphicx}, and before 2018 \\usepackage[utf8]{inputenc}.\n",
          out.file);
    for (size_t i = 0; i < tables->count; i++)
        cvy_report_table_as_latex(&tables->tables[i], out.file);
    return cvy_report_file_close(&out);
}

cvy_status cvy_chapter_write(const cvy_chapter *chapter, const char *folder)
{
    cvy_status status = cvy_summary_write(cvy_findings_json(&chapter->findings), folder);

    if (status == CVY_OK)
        status = cvy_latex_write(&chapter->tables, folder);
    return status == CVY_OK ? cvy_page_write(chapter, 1, folder) : status;
}

void cvy_chapter_print(const cvy_chapter *chapter, FILE *file)
{
    for (size_t i = 0; i + 1 < chapter->tables.count; i++) {
        cvy_report_table_as_text(&chapter->tables.tables[i], file);
        fputc('\n', file);
    }
    cvy_report_print_words(file, chapter->words, "");
}
