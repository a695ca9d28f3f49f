/* The common parts of report pages: one self-contained file, for screens of any width, light or
 * dark, and for print. */
#ifndef CVY_CHARTS_HTML_H
#define CVY_CHARTS_HTML_H

#include <stdio.h>

void cvy_html_text(FILE *file, const char *text);

/** Write a page up to the text of its title, and from the end of the title to the beginning of the
 *  content. */
void cvy_html_begin(FILE *file);
void cvy_html_begin_scripted(FILE *file); /* the page may run its own scripts */
void cvy_html_body(FILE *file);

/** Write a gnuplot picture in the colors of the page, and a caption below it.
 *  name  of the picture's file, and the element's id
 *  title  one or two lines, also for screen readers */
void cvy_html_figure(FILE *file, const char *name, const char *title, const char *svg,
                     const char *caption);

#endif
