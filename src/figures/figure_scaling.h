/* The figures of a scaling report. */
#ifndef CVY_FIGURES_FIGURE_SCALING_H
#define CVY_FIGURES_FIGURE_SCALING_H

#include "charts/gnuplot.h"
#include "scaling/scaling.h"

enum { CVY_SCALING_PICTURES = 6 };

typedef struct {
    const char *name, *title, *text; /* of NAME.gp and NAME.svg; a caption */
} cvy_scaling_picture;

extern const cvy_scaling_picture cvy_scaling_pictures[CVY_SCALING_PICTURES];

/** Write the scripts of the figures and draw them. Returns CVY_ERR_OPEN, CVY_ERR_WRITE,
 *  CVY_ERR_MEMORY. */
cvy_status cvy_scaling_draw(const cvy_scaling *scaling, const char *folder,
                            cvy_pictures_end *pictures);

#endif
