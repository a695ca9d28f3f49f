/* What the pages of reports share: one file that needs nothing else, for a screen of any width, light or
 * dark, and for paper. */
#ifndef CVY_CHARTS_HTML_H
#define CVY_CHARTS_HTML_H

#include <stdio.h>

void cvy_html_text(FILE *file, const char *text);

/** Write a page up to the text of its title, and from the end of that text to the beginning of the content. */
void cvy_html_begin(FILE *file);
void cvy_html_begin_scripted(FILE *file); /* the page may run scripts that it holds */
void cvy_html_body(FILE *file);

/** A picture of gnuplot's, in the colours of the page, and a line below it.
 *  name  of the picture's file, and the element's id
 *  title  one line or two, also for screen readers */
void cvy_html_figure(FILE *file, const char *name, const char *title, const char *svg,
                     const char *caption);

#endif
