/* What the pages of reports share: one file that needs nothing else, for a screen of any width, light or
 * dark, and for paper. */
#ifndef CVY_CHARTS_HTML_H
#define CVY_CHARTS_HTML_H

#include <stdio.h>

void cvy_html_text(FILE *file, const char *text);

/** Up to the title, whose text comes next; and behind it, up to where the content begins. */
void cvy_html_begin(FILE *file);
void cvy_html_body(FILE *file);

/** A picture of gnuplot's, in the colours of the page, and a line below it.
 *  name  of the picture's file, and the element's id
 *  title  one line, or two; for those who cannot see it */
void cvy_html_figure(FILE *file, const char *name, const char *title, const char *svg,
                     const char *caption);

#endif
