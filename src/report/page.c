/* report.html of a comparison. */
#include "report/page.h"

#include <stdio.h>

#include "report/figure_work.h"
#include "report/html.h"

static void put(FILE *file, const char *text)
{
    cvy_html_text(file, text);
}

static void put_figures(FILE *file, const cvy_figures *figures)
{
    fputs("<h2>Figures</h2>\n", file);
    if (figures->end != CVY_PICTURES_DRAWN) {
        fprintf(file,
                "<p>No pictures: %s. <code>gnuplot NAME.gp</code> beside this page draws them from "
                "the CSV files there.</p>\n",
                figures->end == CVY_PICTURES_NO_GNUPLOT ? "gnuplot is not installed here"
                                                        : "gnuplot could not draw them");
        return;
    }
    fputs("<div class=\"figures\">\n", file);
    for (size_t i = 0; i < figures->count; i++) {
        const cvy_figure *figure = &figures->figures[i];
        char caption[256];
        snprintf(caption, sizeof caption, "%s.svg; data in %s, script in %s.gp", figure->name,
                 figure->data, figure->name);
        cvy_html_figure(file, figure->name, figure->title, figure->svg, caption);
    }
    fputs("</div>\n", file);
}

static void put_table(FILE *file, const cvy_report_table *table)
{
    fputs("<h2>", file);
    put(file, table->title);
    fputs("</h2>\n", file);
    cvy_report_table_as_html(table, file);
}

static void put_page(FILE *file, const cvy_campaign *c, const cvy_tables *tables,
                     const cvy_figures *figures, const char *words)
{
    cvy_html_begin(file);
    put(file, c->is_about_schedules ? "Schedules on " : "Optimizers on ");
    put(file, c->sheet.model_name);
    cvy_html_body(file);
    fprintf(file,
            "<h1>%s compared: ", c->is_about_schedules ? "Learning-rate schedules" : "Optimizers");
    put(file, c->sheet.model_name);
    fputs(" on ", file);
    put(file, c->sheet.data_name);
    fputs("</h1>\n<p class=\"words\">", file);
    put(file, words);
    fputs("</p>\n", file);
    put_table(file, &tables->tables[0]);
    put_figures(file, figures);
    for (size_t i = 1; i + 1 < tables->count; i++)
        put_table(file, &tables->tables[i]);
    fputs("<div class=\"sheet\">\n", file);
    put_table(file, &tables->tables[tables->count - 1]);
    fputs("</div>\n<h2>To do it again</h2>\n<pre>", file);
    put(file, c->sheet.command != NULL ? c->sheet.command : "unknown");
    fputs(
        "</pre>\n<p class=\"note\">Every evaluation of every seed is in curves.csv, all numbers of "
        "this page in summary.json, the tables for LaTeX in tables.tex.</p>\n</body></html>\n",
        file);
}

cvy_status cvy_page_write(const cvy_campaign *campaign, const cvy_tables *tables,
                          const cvy_figures *figures, const char *words, const char *folder)
{
    cvy_pen pen;
    cvy_status status = cvy_pen_open(&pen, folder, "report.html");
    if (status != CVY_OK)
        return status;
    put_page(pen.file, campaign, tables, figures, words);
    return cvy_pen_close(&pen);
}
