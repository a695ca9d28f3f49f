#include "report/study_page.h"

#include <stdio.h>

#include "charts/report_file.h"
#include "charts/html.h"

static void put(FILE *file, const char *text)
{
    cvy_html_text(file, text);
}

static void put_heading(FILE *file, int level, const char *text)
{
    fprintf(file, "<h%d>", level);
    put(file, text);
    fprintf(file, "</h%d>\n", level);
}

/* number: of the chapter, used in figure names, which must be unique in a page */
static void put_figures(FILE *file, int level, const cvy_figures *figures, size_t number)
{
    put_heading(file, level, "Figures");
    if (figures->end != CVY_PICTURES_DRAWN) {
        fprintf(file,
                "<p>Pictures are missing: %s. <code>gnuplot NAME.gp</code> beside this page draws "
                "them.</p>\n",
                figures->end == CVY_PICTURES_NO_GNUPLOT ? "gnuplot is not installed here"
                                                        : "gnuplot could not draw them");
    }
    fputs("<div class=\"figures\">\n", file);
    for (size_t i = 0; i < figures->count; i++) {
        const cvy_figure *figure = &figures->figures[i];
        char caption[256], name[96];
        if (figure->svg == NULL)
            continue;
        snprintf(caption, sizeof caption, "%s.svg; data in %s, script in %s.gp", figure->name,
                 figure->data, figure->name);
        if (number == 0)
            snprintf(name, sizeof name, "%s", figure->name);
        else
            snprintf(name, sizeof name, "w%zu-%s", number, figure->name);
        cvy_html_figure(file, name, figure->title, figure->svg, caption);
    }
    fputs("</div>\n", file);
}

/* One point in a chart of curves would look like a mistake. */
static void put_lack_of_curves(FILE *file, const cvy_study *study)
{
    if (study == NULL || cvy_study_has_curves(study))
        return;
    fputs(
        "<p class=\"note\">Each run was evaluated once, at its end, so there are no curves of loss "
        "and accuracy. <code>--evaluate-every N</code> also evaluates after every N updates.</p>\n",
        file);
}

static void put_table(FILE *file, int level, const cvy_table *table)
{
    put_heading(file, level, table->title);
    cvy_table_as_html(table, file);
}

static void put_chapter(FILE *file, int level, const cvy_chapter *chapter, size_t number)
{
    const cvy_tables *tables = &chapter->tables;

    fputs("<p class=\"words\">", file);
    put(file, chapter->words);
    fputs("</p>\n", file);
    put_table(file, level, &tables->tables[0]);
    put_figures(file, level, &chapter->figures, number);
    put_lack_of_curves(file, chapter->findings.study);
    for (size_t i = 1; i + 1 < tables->count; i++)
        put_table(file, level, &tables->tables[i]);
    fputs("<div class=\"setup\">\n", file);
    put_table(file, level, &tables->tables[tables->count - 1]);
    fputs("</div>\n", file);
}

static void put_subject(FILE *file, const cvy_study *c, size_t workloads)
{
    if (workloads > 1) {
        fprintf(file, "%zu workloads", workloads);
        return;
    }
    put(file, c->setup.model_name);
    fputs(" on ", file);
    put(file, c->setup.data_name);
}

/* If there are several chapters, the first covers all others. */
static void put_page(FILE *file, const cvy_chapter *chapters, size_t count)
{
    const cvy_study *c = chapters[count - 1].findings.study;
    const size_t workloads = count > 1 ? count - 1 : 1;

    cvy_html_begin(file);
    fputs(c->is_about_schedules ? "Schedules: " : "Optimizers: ", file);
    put_subject(file, c, workloads);
    cvy_html_body(file);
    fprintf(file,
            "<h1>%s compared: ", c->is_about_schedules ? "Learning-rate schedules" : "Optimizers");
    put_subject(file, c, workloads);
    fputs("</h1>\n", file);
    put_chapter(file, 2, &chapters[0], 0);
    for (size_t i = 1; i < count; i++) {
        put_heading(file, 2, chapters[i].title);
        put_chapter(file, 3, &chapters[i], i);
    }
    fputs("<h2>Reproducing this report</h2>\n<pre>", file);
    put(file, c->setup.command != NULL ? c->setup.command : "unknown");
    fputs("</pre>\n<p class=\"note\">Every evaluation of every seed is in curves.csv, every value "
          "that was "
          "measured in measurements.csv, a row each, all numbers of this page in summary.json, the "
          "tables for LaTeX "
          "in tables.tex, a summary in Markdown in summary.md",
          file);
    fputs(count > 1 ? "; those of a workload, its pictures and runs are in a folder of its name"
                    : "",
          file);
    fputs(".</p>\n</body></html>\n", file);
}

cvy_status cvy_study_page_write(const cvy_chapter *chapters, size_t count, const char *folder)
{
    cvy_report_file out;
    cvy_status status = cvy_report_file_open(&out, folder, "report.html");
    if (status != CVY_OK)
        return status;
    put_page(out.file, chapters, count);
    return cvy_report_file_close(&out);
}
