/* The loss surface with the paths of all configurations: weights along the first seed's runs,
 * projected onto their two joint principal components, over the actual loss on that plane.
 * Sources: Lorch, Visualizing Deep Network Training Trajectories with PCA (2016); Li et al., Visualizing the
 * Loss Landscape of Neural Nets (2018), section 7. */
#ifndef CVY_STUDY_SURFACE_H
#define CVY_STUDY_SURFACE_H

#include "base/json.h"
#include "convoy/dataset.h"
#include "study/study.h"

enum { CVY_SURFACE_POINTS = 33, CVY_SURFACE_SIDE = 31, CVY_SURFACE_IMAGES = 500 };

/* The path of a configuration. */
typedef struct {
    size_t configuration;
    size_t count;
    size_t steps[CVY_SURFACE_POINTS]; /* updates done */
    double xy[CVY_SURFACE_POINTS][2]; /* coordinates in the plane */
} cvy_surface_path;

struct cvy_surface {
    uint64_t seed;
    size_t path_count;
    cvy_surface_path *paths; /* paths of the compared configurations whose first run finished */
    double share[2];         /* share of the variance of all points, along x and y */
    size_t image_count;      /* the loss is over this many training images, evenly spread */
    double x_min, x_max, y_min, y_max;
    double *loss; /* [CVY_SURFACE_SIDE rows, from y_min on][CVY_SURFACE_SIDE] */
};

/** Called between trainings and rows of the surface; return false to stop. done, total: work */
typedef bool cvy_surface_function(void *context, size_t done, size_t total);

/**
 * Train the first seed of each compared configuration again, and evaluate the loss around the
 * paths.
 * study   its runs are done; study->surface is written, and released with the study; NULL if fewer
 *         than two points differ
 * Returns CVY_ERR_STOPPED, CVY_ERR_MEMORY, or an error of training.
 */
cvy_status cvy_surface_make(cvy_study *study, const cvy_dataset *data,
                            cvy_surface_function *function, void *context);

void cvy_surface_destroy(cvy_surface *surface);

#endif
