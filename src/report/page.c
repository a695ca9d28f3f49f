/* report.html: one file that needs nothing else, for a screen of any width and for paper. */
#include "report/page.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "report/figure_work.h"
#include "report/svg.h"

static const char style[] =
    ":root{--paper:#fff;--ink:#1b1f24;--soft:#5a626c;--line:#d9dde2;--c1:#0072b2;--c2:#d55e00;"
    "--c3:#009e73;--c4:#cc79a7;--c5:#e69f00;--c6:#56b4e9;--c7:#882255;--c8:#999999;"
    "color-scheme:light dark}\n"
    "@media screen and (prefers-color-scheme:dark){:root{--paper:#14171b;--ink:#e6e9ed;"
    "--soft:#a2abb5;--line:#343a42;--c1:#4aa8e0;--c2:#f0803c;--c3:#2fc79a;--c4:#e09cc4;"
    "--c5:#f0b840;--c6:#8fd0f5;--c7:#d0679a;--c8:#8a9098}}\n"
    "body{background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif;margin:0 "
    "auto;"
    "max-width:1200px;padding:1rem}\n"
    "h1{font-size:1.6rem;line-height:1.2;margin:.5rem 0}h2{font-size:1.2rem;margin:2rem 0 "
    ".5rem}h3{font-size:1.05rem;margin:1.5rem 0 .5rem}\n"
    "p{max-width:46rem}.note,figcaption{color:var(--soft);font-size:.875rem}\n"
    ".words{font-size:1.05rem;border-left:4px solid var(--c1);padding-left:1rem}\n"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;"
    "font-size:.9375rem}\n"
    "th,td{padding:.3rem .7rem;text-align:right;border-bottom:1px solid var(--line);"
    "white-space:nowrap}th{color:var(--soft);font-weight:600}.left{text-align:left}\n"
    ".sheet td{white-space:normal;overflow-wrap:anywhere}.sheet td:first-child{color:var(--soft);"
    "white-space:nowrap}\n"
    ".figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr));"
    "gap:1.5rem}figure{margin:0;max-width:40rem}svg{width:100%;height:auto;display:block}\n"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid var(--line);padding:.7rem;"
    "font-size:.875rem}\n"
    "@media print{body{max-width:none;font-size:10pt}figure,table,tr{break-inside:avoid}"
    "h2{break-after:avoid}.figures{grid-template-columns:1fr 1fr}.scroll{overflow:visible}"
    "th,td{white-space:normal;padding:.2rem .4rem}}\n";

static void put(FILE *file, const char *text)
{
    cvy_svg_text(file, text, SIZE_MAX);
}

/* What gnuplot writes for a colour, and what the page has instead, so that it can be dark. */
static const struct {
    const char *found, *instead;
} exchanges[] = {
    { "fill=\"#ffffff\"", "fill=\"none\"" },
    { "\"black\"", "\"currentColor\"" },
    { "'black'", "'currentColor'" },
    { "rgb(  0,   0,   0)", "currentColor" },
    { "rgb(0,0,0)", "currentColor" },
    { "rgb(  0, 114, 178)", "var(--c1)" },
    { "rgb(213,  94,   0)", "var(--c2)" },
    { "rgb(  0, 158, 115)", "var(--c3)" },
    { "rgb(204, 121, 167)", "var(--c4)" },
    { "rgb(230, 159,   0)", "var(--c5)" },
    { "rgb( 86, 180, 233)", "var(--c6)" },
    { "rgb(136,  34,  85)", "var(--c7)" },
    { "rgb(153, 153, 153)", "var(--c8)" },
    { " xmlns=\"http://www.w3.org/2000/svg\"\n", "" },
    { " xmlns:xlink=\"http://www.w3.org/1999/xlink\"\n", "" },
    { "xlink:href", "href" },
    { "<title>Gnuplot</title>\n", "" },
    { "Helvetica", "system-ui,sans-serif" },
};

/* gnuplot's symbols have the same names in each picture; a page may have a name but once. */
static void put_svg(FILE *file, const char *svg, size_t number)
{
    const size_t count = sizeof exchanges / sizeof *exchanges;
    const char *text = strstr(svg, "<svg");

    while (text != NULL && *text != '\0') {
        size_t e = 0;
        while (e < count && strncmp(text, exchanges[e].found, strlen(exchanges[e].found)) != 0)
            e++;
        if (e < count) {
            fputs(exchanges[e].instead, file);
            text += strlen(exchanges[e].found);
        } else if (strncmp(text, "id='", 4) == 0 || strncmp(text, "id=\"", 4) == 0) {
            fprintf(file, "%.4sf%zu-", text, number);
            text += 4;
        } else if (strncmp(text, "'#gp", 4) == 0) {
            fprintf(file, "'#f%zu-gp", number);
            text += 4;
        } else {
            fputc(*text++, file);
        }
    }
}

static void put_heading(FILE *file, int level, const char *text)
{
    fprintf(file, "<h%d>", level);
    put(file, text);
    fprintf(file, "</h%d>\n", level);
}

/* *number: of figures on the page so far */
static void put_figures(FILE *file, int level, const cvy_figures *figures, size_t *number)
{
    put_heading(file, level, "Figures");
    if (!figures->has_gnuplot) {
        fputs("<p>gnuplot was not found, or failed: there are no pictures here. The scripts (.gp) "
              "and "
              "the data (.csv) lie beside this file.</p>\n",
              file);
        return;
    }
    fputs("<div class=\"figures\">\n", file);
    for (size_t i = 0; i < figures->count; i++) {
        const cvy_figure *figure = &figures->figures[i];
        fputs("<figure role=\"img\" aria-label=\"", file);
        put(file, figure->title);
        fputs("\">", file);
        put_svg(file, figure->svg, ++*number);
        fprintf(file, "<figcaption>%s.svg; data in %s, script in %s.gp</figcaption></figure>\n",
                figure->name, figure->data, figure->name);
    }
    fputs("</div>\n", file);
}

static void put_table(FILE *file, int level, const cvy_report_table *table)
{
    put_heading(file, level, table->title);
    cvy_report_table_as_html(table, file);
}

static void put_chapter(FILE *file, int level, const cvy_chapter *chapter, size_t *number)
{
    const cvy_tables *tables = &chapter->tables;

    fputs("<p class=\"words\">", file);
    put(file, chapter->words);
    fputs("</p>\n", file);
    put_table(file, level, &tables->tables[0]);
    put_figures(file, level, &chapter->figures, number);
    for (size_t i = 1; i + 1 < tables->count; i++)
        put_table(file, level, &tables->tables[i]);
    fputs("<div class=\"sheet\">\n", file);
    put_table(file, level, &tables->tables[tables->count - 1]);
    fputs("</div>\n", file);
}

static void put_subject(FILE *file, const cvy_campaign *c, size_t workloads)
{
    if (workloads > 1) {
        fprintf(file, "%zu workloads", workloads);
        return;
    }
    put(file, c->sheet.model_name);
    fputs(" on ", file);
    put(file, c->sheet.data_name);
}

/* Several chapters: the first is about all others. */
static void put_page(FILE *file, const cvy_chapter *chapters, size_t count)
{
    const cvy_campaign *c = chapters[count - 1].findings.campaign;
    const size_t workloads = count > 1 ? count - 1 : 1;
    size_t number = 0;

    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
          "<link rel=\"icon\" href=\"data:,\">\n<title>",
          file);
    fputs(c->is_about_schedules ? "Schedules: " : "Optimizers: ", file);
    put_subject(file, c, workloads);
    fprintf(file, "</title>\n<style>\n%s</style></head><body>\n<h1>%s compared: ", style,
            c->is_about_schedules ? "Learning-rate schedules" : "Optimizers");
    put_subject(file, c, workloads);
    fputs("</h1>\n", file);
    put_chapter(file, 2, &chapters[0], &number);
    for (size_t i = 1; i < count; i++) {
        put_heading(file, 2, chapters[i].title);
        put_chapter(file, 3, &chapters[i], &number);
    }
    fputs("<h2>To do it again</h2>\n<pre>", file);
    put(file, c->sheet.command != NULL ? c->sheet.command : "unknown");
    fputs(
        "</pre>\n<p class=\"note\">Every evaluation of every seed is in curves.csv, all numbers of "
        "this page in summary.json, the tables for LaTeX in tables.tex",
        file);
    fputs(count > 1 ? "; those of a workload, its pictures and runs are in a folder of its name"
                    : "",
          file);
    fputs(".</p>\n</body></html>\n", file);
}

cvy_status cvy_page_write(const cvy_chapter *chapters, size_t count, const char *folder)
{
    cvy_pen pen;
    cvy_status status = cvy_pen_open(&pen, folder, "report.html");
    if (status != CVY_OK)
        return status;
    put_page(pen.file, chapters, count);
    return cvy_pen_close(&pen);
}
