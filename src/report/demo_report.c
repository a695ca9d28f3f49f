#include "report/demo_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/folder.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/output.h"
#include "base/text_stream.h"
#include "charts/html.h"
#include "charts/plane_chart.h"
#include "charts/report_file.h"
#include "charts/report_folder.h"
#include "charts/table.h"
#include "convoy/convoy.h"

enum { GRID = 72, LEVELS = 14 };

cvy_status cvy_demo_make(cvy_demo *demo)
{
    cvy_status status = CVY_OK;
    const cvy_textbook *scene;

    *demo = (cvy_demo){ 0 };
    while (status == CVY_OK && demo->count < CVY_DEMO_SCENES_MAX &&
           (scene = cvy_textbook_at(demo->count)) != NULL) {
        cvy_demo_scene *s = &demo->scenes[demo->count++];
        s->scene = scene;
        for (size_t i = 0; status == CVY_OK && i < scene->run_count; i++)
            status = cvy_textbook_follow(scene, i, &s->paths[i]);
    }
    return status;
}

void cvy_demo_release(cvy_demo *demo)
{
    for (size_t k = 0; k < demo->count; k++)
        for (size_t i = 0; i < CVY_TEXTBOOK_RUNS_MAX; i++)
            cvy_textbook_release(&demo->scenes[k].paths[i]);
    *demo = (cvy_demo){ 0 };
}

cvy_status cvy_demo_check(const char *folder)
{
    static const cvy_folder_mark mark = { "demo", "summary.json", "command", "demo" };
    return cvy_folder_check(folder, &mark);
}

/* --- words --- */

static const char *const ends[] = {
    [CVY_PATH_ARRIVED] = "at the minimum",
    [CVY_PATH_LOCAL] = "in the local minimum",
    [CVY_PATH_ON_ITS_WAY] = "still descending",
    [CVY_PATH_DIVERGED] = "diverged",
};

static void make_table(const cvy_demo_scene *s, cvy_table *table)
{
    static const char *const heads[] = { "run", "outcome", "updates to the minimum", "last value",
                                         "optimizer" };

    cvy_table_begin(table, "llrrl");
    table->title = s->scene->title;
    cvy_table_add_row(table, heads);
    for (size_t i = 0; i < s->scene->run_count; i++) {
        const cvy_textbook_path *path = &s->paths[i];
        cvy_table_add(table, "%s", path->run->label);
        cvy_table_add(table, "%s", ends[path->end]);
        if (path->end == CVY_PATH_ARRIVED && path->arrived > 0)
            cvy_table_add(table, "%zu", path->arrived);
        else
            cvy_table_add(table, "–");
        cvy_table_add(table, "%.3g", path->values[path->count - 1]);
        cvy_table_add(table, "%s", path->run->optimizer);
    }
    snprintf(table->note, sizeof table->note,
             "After %zu updates. At the minimum: within a hundredth of the picture's width and "
             "height, to "
             "the end.",
             s->scene->updates);
}

cvy_status cvy_demo_print(const cvy_demo *demo, FILE *file)
{
    cvy_status status = CVY_OK;

    for (size_t k = 0; status == CVY_OK && k < demo->count; k++) {
        cvy_table table;
        make_table(&demo->scenes[k], &table);
        status = cvy_table_print(&table, file);
        fputc('\n', file);
    }
    return status;
}

/* --- JSON --- */

static json_t *path_json(const cvy_textbook_path *path)
{
    json_t *object = json_object(), *points = json_array();

    for (size_t i = 0; i < path->count; i++) {
        json_t *point = json_array();
        cvy_json_append(&point, cvy_json_number(path->xy[2 * i]));
        cvy_json_append(&point, cvy_json_number(path->xy[2 * i + 1]));
        cvy_json_append(&points, point);
    }
    cvy_json_set(&object, "name", cvy_json_text(path->run->label));
    cvy_json_set(&object, "optimizer", cvy_json_text(path->run->optimizer));
    cvy_json_set(&object, "end", cvy_json_text(ends[path->end]));
    cvy_json_set(&object, "arrived",
                 path->arrived > 0 ? cvy_json_count(path->arrived) : json_null());
    cvy_json_set(&object, "value", cvy_json_number(path->values[path->count - 1]));
    cvy_json_set(&object, "path", points);
    return object;
}

json_t *cvy_demo_json(const cvy_demo *demo)
{
    json_t *object = json_object(), *scenes = json_array();

    for (size_t k = 0; k < demo->count; k++) {
        const cvy_textbook *scene = demo->scenes[k].scene;
        json_t *entry = json_object(), *runs = json_array();
        for (size_t i = 0; i < scene->run_count; i++)
            cvy_json_append(&runs, path_json(&demo->scenes[k].paths[i]));
        cvy_json_set(&entry, "name", cvy_json_text(scene->name));
        cvy_json_set(&entry, "formula", cvy_json_text(scene->formula));
        cvy_json_set(&entry, "updates", cvy_json_count(scene->updates));
        cvy_json_set(&entry, "runs", runs);
        cvy_json_append(&scenes, entry);
    }
    cvy_json_set(&object, "command", cvy_json_text("demo"));
    cvy_json_set(&object, "version", cvy_json_text(CVY_VERSION_STRING));
    cvy_json_set(&object, "demo", cvy_json_text("optimizers"));
    cvy_json_set(&object, "functions", scenes);
    return object;
}

/* --- pictures --- */

static cvy_status draw(const cvy_demo_scene *s, FILE *svg, FILE *script)
{
    const cvy_textbook *scene = s->scene;
    cvy_plane_path paths[CVY_TEXTBOOK_RUNS_MAX];
    double *values, levels[LEVELS];
    cvy_plane_chart chart = {
        .title = scene->title,
        .subtitle = scene->formula,
        .x_label = "x",
        .y_label = "y",
        .grid = { GRID, GRID, scene->x_min, scene->x_max, scene->y_min, scene->y_max, NULL },
        .levels = levels,
        .paths = paths,
        .path_count = scene->run_count,
        .stars = &scene->minima[0][0],
        .star_count = scene->minimum_count,
    };
    cvy_status status = cvy_memory_create((size_t)GRID * GRID, sizeof *values, &values);

    if (status != CVY_OK)
        return status;
    for (size_t row = 0; row < GRID; row++)
        for (size_t column = 0; column < GRID; column++)
            values[row * GRID + column] = scene->value(
                scene->x_min + (scene->x_max - scene->x_min) * (double)column / (GRID - 1),
                scene->y_min + (scene->y_max - scene->y_min) * (double)row / (GRID - 1));
    chart.grid.values = values;
    for (size_t i = 0; i < scene->run_count; i++)
        paths[i] = (cvy_plane_path){ s->paths[i].run->label, s->paths[i].count, s->paths[i].xy, i };
    status = cvy_contour_levels(&chart.grid, LEVELS, levels, &chart.level_count);
    if (status == CVY_OK)
        cvy_plane_chart_write(&chart, svg);
    if (status == CVY_OK)
        cvy_plane_chart_script(&chart, scene->name, script);
    cvy_memory_free(values);
    return status;
}

/* The page contains the SVG too. */
static cvy_status write_picture(const cvy_demo_scene *s, const char *folder, char **svg)
{
    char path[CVY_FOLDER_BYTES_MAX + 96], name[64];
    size_t bytes = 0;
    cvy_report_file script;
    FILE *file;

    *svg = NULL;
    snprintf(name, sizeof name, "%s.gp", s->scene->name);
    cvy_status status = cvy_report_file_open(&script, folder, name);
    if (status != CVY_OK)
        return status;
    file = cvy_text_stream_open(svg, &bytes);
    status = file != NULL ? draw(s, file, script.file) : CVY_ERR_MEMORY;
    if (file == NULL || (fclose(file) != 0 && status == CVY_OK))
        status = cvy_fail(CVY_ERR_MEMORY, "%s: out of memory", folder);
    const cvy_status closed = cvy_report_file_close(&script);
    if (status == CVY_OK)
        status = closed;
    snprintf(path, sizeof path, "%s/%s.svg", folder, s->scene->name);
    return status == CVY_OK ? cvy_file_write(path, *svg, bytes) : status;
}

static cvy_pictures_end draw_others(const cvy_demo *demo, const char *folder, unsigned formats)
{
    const char *names[CVY_DEMO_SCENES_MAX] = { NULL };

    for (size_t k = 0; k < demo->count; k++)
        names[k] = demo->scenes[k].scene->name;
    cvy_gnuplot_remove(folder, names, demo->count, CVY_FORMATS_ALL & ~CVY_FORMAT_SVG);
    formats &= ~(unsigned)CVY_FORMAT_SVG;
    return formats != 0 ? cvy_gnuplot_run(folder, names, demo->count, formats) : CVY_PICTURES_DRAWN;
}

/* --- the page --- */

/* Without this script each picture is complete. A frame shows the points up to a moment shared by
 * all pictures, as a fraction of their updates. */
static const char script[] =
    "(function(){\n"
    "var all=[].slice.call(document.querySelectorAll('figure')).map(function(f){\n"
    " return{paths:[].slice.call(f.querySelectorAll('.path')).map(function(p){\n"
    "  return{line:p,dot:p.parentNode.querySelector('.end'),at:p.getAttribute('points').split(' "
    "')}}),\n"
    "  steps:+f.parentNode.dataset.updates,count:f.parentNode.querySelector('output')}});\n"
    "var bar=document.getElementById('moment'),button=document.getElementById('play'),\n"
    " pace=document.getElementById('pace'),timer=null,last=0,now=1;\n"
    "function show(){all.forEach(function(s){var k=Math.round(now*s.steps);\n"
    " s.count.textContent='update '+k;\n"
    " s.paths.forEach(function(p){var part=p.at.slice(0,k+1),end=part[part.length-1].split(',');\n"
    "  p.line.setAttribute('points',part.join(' '));\n"
    "  p.dot.setAttribute('cx',end[0]);p.dot.setAttribute('cy',end[1])})});bar.value=now}\n"
    "function stop(){cancelAnimationFrame(timer);timer=null;button.textContent='Play'}\n"
    "function "
    "frame(time){now=Math.min(1,now+(last?time-last:0)/1000/+pace.value);last=time;show();\n"
    " if(now<1)timer=requestAnimationFrame(frame);else stop()}\n"
    "function "
    "play(){if(now>=1)now=0;last=0;button.textContent='Pause';timer=requestAnimationFrame(frame)}\n"
    "button.onclick=function(){if(timer)stop();else play()};\n"
    "bar.oninput=function(){stop();now=+bar.value;show()};\n"
    "document.getElementById('controls').hidden=false;\n"
    "if(!matchMedia('(prefers-reduced-motion: reduce)').matches)play();else show();\n"
    "window.onbeforeprint=function(){stop();now=1;show()};\n"
    "})();\n";

static cvy_status put_scene(const cvy_demo_scene *s, const char *svg, FILE *file)
{
    char caption[160];
    cvy_table table;

    make_table(s, &table);
    cvy_status status = cvy_table_close(&table);
    if (status != CVY_OK)
        return status;
    fputs("<h2>", file);
    cvy_html_text(file, s->scene->title);
    fprintf(file, "</h2>\n<div class=\"scene\"><div data-updates=\"%zu\">\n", s->scene->updates);
    snprintf(caption, sizeof caption, "%s.svg; points in paths.csv, script in %s.gp",
             s->scene->name, s->scene->name);
    cvy_html_figure(file, s->scene->name, s->scene->title, svg, caption);
    fputs("<output class=\"note\"></output></div>\n<div><p>", file);
    cvy_html_text(file, s->scene->lesson);
    fputs("</p>\n", file);
    cvy_table_as_html(&table, file);
    fputs("</div></div>\n", file);
    cvy_table_release(&table);
    return CVY_OK;
}

static cvy_status put_page(const cvy_demo *demo, char *const *svgs, FILE *file)
{
    cvy_status status = CVY_OK;

    cvy_html_begin_scripted(file);
    fputs("Optimizers on textbook functions", file);
    cvy_html_body(file);
    fputs("<style>.scene{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,27rem),"
          "1fr));"
          "gap:1rem 2rem}#controls{position:sticky;top:0;background:var(--paper);padding:.5rem "
          "0;display:"
          "flex;gap:1rem;align-items:center;flex-wrap:wrap}#controls[hidden]{display:none}#moment{"
          "flex:1;"
          "min-width:8rem}@media print{#controls,output{display:none}}</style>\n"
          "<h1>Optimizers on textbook functions</h1>\n"
          "<p>Every path is computed by the update code that trains models, from the same start "
          "(white circle). "
          "Lines are contours; a cross marks a minimum; a dot is where a run is.</p>\n"
          "<div id=\"controls\" hidden><button id=\"play\" type=\"button\">Play</button>"
          "<label>speed <select id=\"pace\"><option value=\"20\">slow</option><option value=\"8\" "
          "selected>"
          "normal</option><option value=\"3\">fast</option></select></label>"
          "<input id=\"moment\" type=\"range\" min=\"0\" max=\"1\" step=\"any\" value=\"1\" "
          "aria-label=\"moment\"></div>\n",
          file);
    for (size_t k = 0; status == CVY_OK && k < demo->count; k++)
        status = put_scene(&demo->scenes[k], svgs[k], file);
    fprintf(file, "<script>\n%s</script>\n</body></html>\n", script);
    return status;
}

/* --- files --- */

static void put_points(const void *what, FILE *file)
{
    const cvy_demo *demo = what;

    fputs("function,run,optimizer,update,x,y,value\n", file);
    for (size_t k = 0; k < demo->count; k++)
        for (size_t i = 0; i < demo->scenes[k].scene->run_count; i++) {
            const cvy_textbook_path *path = &demo->scenes[k].paths[i];
            for (size_t p = 0; p < path->count; p++) {
                cvy_csv_text(file, demo->scenes[k].scene->name);
                cvy_csv_text(file, path->run->label);
                cvy_csv_text(file, path->run->optimizer);
                fprintf(file, "%zu,%.9g,%.9g,%.9g\n", p, path->xy[2 * p], path->xy[2 * p + 1],
                        path->values[p]);
            }
        }
}

static cvy_status write_json(const cvy_demo *demo, const char *folder)
{
    char path[CVY_FOLDER_BYTES_MAX + 32], *text;
    cvy_status status = cvy_json_print(cvy_demo_json(demo), JSON_INDENT(1), folder, &text);

    if (status != CVY_OK)
        return status;
    snprintf(path, sizeof path, "%s/summary.json", folder);
    status = cvy_file_write(path, text, strlen(text));
    free(text);
    return status;
}

cvy_status cvy_demo_write(const cvy_demo *demo, const char *folder, unsigned formats,
                          cvy_pictures_end *end)
{
    char *svgs[CVY_DEMO_SCENES_MAX] = { NULL };
    cvy_report_file out;
    cvy_status status = cvy_folder_make(folder);

    if (status == CVY_OK)
        status = write_json(demo, folder);
    for (size_t k = 0; status == CVY_OK && k < demo->count; k++)
        status = write_picture(&demo->scenes[k], folder, &svgs[k]);
    if (status == CVY_OK)
        status = cvy_report_file_write(folder, "paths.csv", put_points, demo);
    if (status == CVY_OK)
        status = cvy_report_file_open(&out, folder, "report.html");
    if (status == CVY_OK) {
        const cvy_status page = put_page(demo, svgs, out.file);
        status = cvy_report_file_close(&out);
        status = page != CVY_OK ? page : status;
    }
    for (size_t k = 0; k < demo->count; k++)
        free(svgs[k]);
    *end = status == CVY_OK ? draw_others(demo, folder, formats) : CVY_PICTURES_DRAWN;
    return status;
}
