/* The page, pictures and tables of `convoy demo optimizers`: textbook functions with the paths of
 * optimizers. */
#ifndef CVY_REPORT_DEMO_REPORT_H
#define CVY_REPORT_DEMO_REPORT_H

#include <stdio.h>

#include "base/json.h"
#include "charts/gnuplot.h"
#include "study/textbook.h"

enum { CVY_DEMO_SCENES_MAX = 8 };

/* A scene with its paths. */
typedef struct {
    const cvy_textbook *scene;
    cvy_textbook_path paths[CVY_TEXTBOOK_RUNS_MAX];
} cvy_demo_scene;

typedef struct {
    size_t count;
    cvy_demo_scene scenes[CVY_DEMO_SCENES_MAX];
} cvy_demo;

/** Follow all optimizers on all functions. Returns CVY_ERR_SETTING, CVY_ERR_MEMORY; released with
 *  cvy_demo_release(), also after a failure. */
cvy_status cvy_demo_make(cvy_demo *demo);
void cvy_demo_release(cvy_demo *demo);

/** Check that the page may be written to the folder: it is new, empty, or written by demo. Returns
 *  CVY_ERR_SETTING, CVY_ERR_OPEN. */
cvy_status cvy_demo_check(const char *folder);

/** Write report.html, NAME.svg and NAME.gp for each scene, paths.csv and summary.json, and let
 *  gnuplot draw the formats in addition to SVG. end: the outcome of gnuplot. Returns CVY_ERR_OPEN,
 *  CVY_ERR_WRITE, CVY_ERR_MEMORY. */
cvy_status cvy_demo_write(const cvy_demo *demo, const char *folder, unsigned formats,
                          cvy_pictures_end *end);

/** Print to a terminal how each run ended. Returns CVY_ERR_MEMORY. */
cvy_status cvy_demo_print(const cvy_demo *demo, FILE *file);

/** Return the content of summary.json, or NULL if memory runs out. */
json_t *cvy_demo_json(const cvy_demo *demo);

#endif
