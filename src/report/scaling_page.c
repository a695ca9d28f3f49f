/* report.html: one self-contained file, including pictures, that needs no network. */
#include "report/scaling_page.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/plural.h"
#include "charts/html.h"
#include "charts/report_file.h"
#include "figures/figure_scaling.h"

static void put(FILE *file, const char *text)
{
    cvy_html_text(file, text);
}

/* --- parts --- */

static void put_verdict(const cvy_scaling *s, FILE *file)
{
    const bool is_valid = s->reason_count == 0;

    fprintf(file, "<div class=\"verdict %s\"><p><b>%s</b></p>\n", is_valid ? "valid" : "invalid",
            is_valid ? "VALID" : "INVALID");
    if (!is_valid) {
        fputs("<ul>\n", file);
        for (size_t i = 0; i < s->reason_count; i++) {
            fputs("<li>", file);
            put(file, s->reasons[i]);
            fputs("</li>\n", file);
        }
        fputs("</ul>\n", file);
    }
    fprintf(file, "<p>%s.</p></div>\n", cvy_scaling_digests_words(s));
}

static void put_sources(FILE *file)
{
    fputs(
        "<h2>Sources</h2>\n<ul class=\"note\">\n"
        "<li>Amdahl, Validity of the single processor approach to achieving large scale computing "
        "capabilities, AFIPS 1967.</li>\n"
        "<li>Gustafson, Reevaluating Amdahl's law, CACM 31(5), 1988.</li>\n"
        "<li>Karp and Flatt, Measuring parallel processor performance, CACM 33(5), 1990.</li>\n"
        "<li>Gunther, Guerrilla Capacity Planning, 2007: the universal scalability law.</li>\n"
        "<li>Williams, Waterman and Patterson, Roofline: an insightful visual performance model "
        "for "
        "multicore architectures, CACM 52(4), 2009.</li>\n"
        "<li>McCalpin, Memory bandwidth and machine balance in current high performance "
        "computers, 1995: the triad.</li>\n"
        "<li>Alexandrov, Ionescu, Schauser and Scheiman, LogGP: incorporating long messages into "
        "the LogP model, SPAA 1995.</li>\n"
        "<li>Hoefler and Belli, Scientific benchmarking of parallel computing systems, SC "
        "2015.</li>\n</ul>\n",
        file);
}

/* --- the whole --- */

/* The content of a page, with its tables and pictures. */
typedef struct {
    const cvy_scaling *scaling;
    const cvy_scaling_tables *tables;
    cvy_pictures_end end;
    unsigned char *svg[CVY_SCALING_PICTURES];
} page;

static void put_pictures(const page *p, FILE *file)
{
    if (p->end != CVY_PICTURES_DRAWN) {
        fprintf(file,
                "<p class=\"note\">No pictures: %s. <code>gnuplot NAME.gp</code> beside this page "
                "draws them.</p>\n",
                p->end == CVY_PICTURES_NO_GNUPLOT ? "gnuplot is not installed here"
                                                  : "gnuplot could not draw them");
        return;
    }
    fputs("<div class=\"figures\">\n", file);
    for (size_t i = 0; i < CVY_SCALING_PICTURES; i++) {
        const cvy_scaling_picture *picture = &cvy_scaling_pictures[i];
        cvy_html_figure(file, picture->name, picture->title, (const char *)p->svg[i],
                        picture->text);
    }
    fputs("</div>\n", file);
}

static void put_table(const page *p, size_t which, FILE *file)
{
    const cvy_table *table = &p->tables->tables[which];

    fprintf(file, "<h2>%s</h2>\n", table->title);
    if (which < CVY_SCALING_NUMBERS)
        cvy_table_as_html(table, file);
    else
        cvy_table_as_facts(table, file);
}

static void put_page(const void *what, FILE *file)
{
    const page *p = what;
    const cvy_scaling *s = p->scaling;
    const cvy_scaling_request *r = &s->request;

    cvy_html_begin(file);
    fprintf(file, "%s scaling of ", r->is_weak ? "Weak" : "Strong");
    put(file, s->model);
    cvy_html_body(file);
    fprintf(file, "<h1>%s scaling of ", r->is_weak ? "Weak" : "Strong");
    put(file, s->model);
    fputs("</h1>\n<p class=\"note\">", file);
    put(file, s->data);
    fprintf(file, ", %zu image%s; %zu parameter%s; batches of %zu%s; optimizer ", s->train_count,
            cvy_plural(s->train_count), s->parameters, cvy_plural(s->parameters), r->batch_size,
            !r->is_weak       ? ""
            : r->comm != NULL ? " for each rank"
                              : " for each thread");
    put(file, r->optimizer);
    fprintf(file, "; seed %llu</p>\n", (unsigned long long)r->seed);
    put_verdict(s, file);
    put_table(p, CVY_SCALING_POINTS, file);
    put_pictures(p, file);
    for (size_t i = CVY_SCALING_POINTS + 1; i < CVY_SCALING_TABLES; i++)
        if (p->tables->tables[i].title != NULL &&
            (i != CVY_SCALING_NEIGHBOURS || s->request.point_count > 1))
            put_table(p, i, file);
    put_sources(file);
    fputs("</body>\n</html>\n", file);
}

static cvy_status read_pictures(const char *folder, page *p)
{
    enum { PICTURE_BYTES_MAX = 16 << 20 };
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < CVY_SCALING_PICTURES; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%.4000s/%s.svg", folder, cvy_scaling_pictures[i].name);
        size_t bytes;
        status = cvy_file_read(path, PICTURE_BYTES_MAX, &p->svg[i], &bytes);
    }
    return status;
}

cvy_status cvy_scaling_write_page(const cvy_scaling *s, const cvy_scaling_tables *tables,
                                  const char *folder, cvy_pictures_end end)
{
    page p = { .scaling = s, .tables = tables, .end = end };
    cvy_status status = end == CVY_PICTURES_DRAWN ? read_pictures(folder, &p) : CVY_OK;

    if (status == CVY_OK)
        status = cvy_report_file_write(folder, "report.html", put_page, &p);
    for (size_t i = 0; i < CVY_SCALING_PICTURES; i++)
        cvy_memory_free(p.svg[i]);
    return status;
}
