/* The page, pictures and tables of `convoy demo optimizers`: textbook functions, and the paths of optimizers
 * on them. */
#ifndef CVY_REPORT_DEMO_REPORT_H
#define CVY_REPORT_DEMO_REPORT_H

#include <stdio.h>

#include "base/json.h"
#include "charts/gnuplot.h"
#include "study/textbook.h"

enum { CVY_DEMO_SCENES_MAX = 8 };

/* A scene with the paths on it. */
typedef struct {
    const cvy_textbook *scene;
    cvy_textbook_path paths[CVY_TEXTBOOK_RUNS_MAX];
} cvy_demo_scene;

typedef struct {
    size_t count;
    cvy_demo_scene scenes[CVY_DEMO_SCENES_MAX];
} cvy_demo;

/** Follow all optimizers on all functions. Returns CVY_ERR_SETTING, CVY_ERR_MEMORY; released with
 *  cvy_demo_release() in any case. */
cvy_status cvy_demo_make(cvy_demo *demo);
void cvy_demo_release(cvy_demo *demo);

/** Whether the page may be written into the folder: new, empty, or one that demo has written. Returns
 *  CVY_ERR_SETTING, CVY_ERR_OPEN. */
cvy_status cvy_demo_check(const char *folder);

/** Write report.html, NAME.svg and NAME.gp for each scene, paths.csv, summary.json, and let gnuplot draw the formats
 *  beside SVG. end  what became of these. Returns CVY_ERR_OPEN, CVY_ERR_WRITE, CVY_ERR_MEMORY. */
cvy_status cvy_demo_write(const cvy_demo *demo, const char *folder, unsigned formats,
                          cvy_pictures_end *end);

/** How each run ended, for a terminal. Returns CVY_ERR_MEMORY. */
cvy_status cvy_demo_print(const cvy_demo *demo, FILE *file);

/** The content of summary.json, or NULL for want of memory. */
json_t *cvy_demo_json(const cvy_demo *demo);

#endif
