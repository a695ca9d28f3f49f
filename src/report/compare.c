/* The report of a comparison: everything that is made of a campaign, put together. */
#include <stdlib.h>

#include "report/figure_work.h"
#include "report/page.h"

static cvy_status write_summary(const cvy_campaign *campaign, const char *folder)
{
    cvy_pen pen;
    json_t *summary = cvy_report_json(campaign);
    cvy_status status = summary != NULL ? cvy_pen_open(&pen, folder, "summary.json")
                                        : cvy_fail(CVY_ERR_MEMORY, "summary.json: out of memory");

    if (status == CVY_OK) {
        json_dumpf(summary, pen.file, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
        fputc('\n', pen.file);
        status = cvy_pen_close(&pen);
    }
    json_decref(summary);
    return status;
}

static cvy_status write_latex(const cvy_tables *tables, const char *folder)
{
    cvy_pen pen;
    cvy_status status = cvy_pen_open(&pen, folder, "tables.tex");
    if (status != CVY_OK)
        return status;
    fputs("% Needs \\usepackage{graphicx}, and before 2018 \\usepackage[utf8]{inputenc}.\n",
          pen.file);
    for (size_t i = 0; i < tables->count; i++)
        cvy_report_table_as_latex(&tables->tables[i], pen.file);
    return cvy_pen_close(&pen);
}

cvy_status cvy_report_compare(const cvy_campaign *campaign, const char *folder)
{
    cvy_findings findings;
    cvy_tables tables = { 0 };
    cvy_figures figures = { 0 };
    char *words = NULL;
    cvy_status status = cvy_findings_make(campaign, &findings);
    if (status != CVY_OK)
        return status;

    status = cvy_tables_make(&findings, &tables);
    if (status == CVY_OK)
        status = cvy_words_make(&findings, &words);
    if (status == CVY_OK)
        status = cvy_figures_make(&findings, folder, &figures);
    if (status == CVY_OK)
        status = write_summary(campaign, folder);
    if (status == CVY_OK)
        status = write_latex(&tables, folder);
    if (status == CVY_OK)
        status = cvy_page_write(campaign, &tables, &figures, words, folder);
    free(words);
    cvy_figures_release(&figures);
    cvy_tables_release(&tables);
    cvy_findings_release(&findings);
    return status;
}

cvy_status cvy_report_print(const cvy_campaign *campaign, FILE *file)
{
    cvy_findings findings;
    cvy_tables tables = { 0 };
    char *words = NULL;
    cvy_status status = cvy_findings_make(campaign, &findings);
    if (status != CVY_OK)
        return status;

    status = cvy_tables_make(&findings, &tables);
    if (status == CVY_OK)
        status = cvy_words_make(&findings, &words);
    for (size_t i = 0; status == CVY_OK && i + 1 < tables.count; i++) {
        cvy_report_table_as_text(&tables.tables[i], file);
        fputc('\n', file);
    }
    if (status == CVY_OK)
        cvy_report_print_words(file, words, "");
    free(words);
    cvy_tables_release(&tables);
    cvy_findings_release(&findings);
    return status;
}
