/* Functions of two variables to demonstrate optimizers, and the paths of convoy's optimizers on
 * them. */
#ifndef CVY_STUDY_TEXTBOOK_H
#define CVY_STUDY_TEXTBOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { CVY_TEXTBOOK_RUNS_MAX = 6, CVY_TEXTBOOK_MINIMA_MAX = 2 };

/* An optimizer on a function. */
typedef struct {
    const char *label, *optimizer; /* "momentum"; a spec with its learning rate */
} cvy_textbook_run;

/* A function with the optimizers to run on it. */
typedef struct {
    const char *name, *title, *formula, *lesson;
    double (*value)(double x, double y);
    void (*gradient)(double x, double y, double gradient[2]);
    double start[2];
    double x_min, x_max, y_min, y_max; /* the area drawn */
    size_t minimum_count;
    double minima[CVY_TEXTBOOK_MINIMA_MAX][2]; /* best first */
    size_t updates;
    size_t run_count;
    cvy_textbook_run runs[CVY_TEXTBOOK_RUNS_MAX];
} cvy_textbook;

/** Scene number `index`, or NULL past the last. */
const cvy_textbook *cvy_textbook_at(size_t index);

/* The outcome of a run. */
typedef enum {
    CVY_PATH_ARRIVED, /* at the best minimum */
    CVY_PATH_LOCAL,   /* at another minimum */
    CVY_PATH_ON_ITS_WAY,
    CVY_PATH_DIVERGED, /* at the end the function was above its start or not finite */
} cvy_path_end;

/* The path of a run. */
typedef struct {
    const cvy_textbook_run *run;
    size_t count; /* number of points: the start and one per update; fewer if it became infinite */
    double *xy;   /* [count][2] */
    double *values; /* [count] values of the function */
    /* Updates until it stays within 1/100 of the picture's size from the best minimum; 0: never. */
    size_t arrived;
    cvy_path_end end;
} cvy_textbook_path;

/** Follow a run, using the update code of model training. Returns CVY_ERR_SETTING, CVY_ERR_MEMORY;
 *  released with cvy_textbook_release(). */
cvy_status cvy_textbook_follow(const cvy_textbook *scene, size_t run, cvy_textbook_path *path);
void cvy_textbook_release(cvy_textbook_path *path);

#endif
