#include "charts/html.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "charts/characters.h"

static const char style[] =
    ":root{--paper:#fff;--ink:#1b1f24;--soft:#5a626c;--line:#d9dde2;--c1:#0072b2;--c2:#d55e00;"
    "--c3:#009e73;--c4:#cc79a7;--c5:#e69f00;--c6:#56b4e9;--c7:#882255;--c8:#999999;--good:#0a7d57;-"
    "-bad:#b3123f;"
    "color-scheme:light dark}\n"
    "@media screen and (prefers-color-scheme:dark){:root{--paper:#14171b;--ink:#e6e9ed;"
    "--soft:#a2abb5;--line:#343a42;--c1:#4aa8e0;--c2:#f0803c;--c3:#2fc79a;--c4:#e09cc4;"
    "--c5:#f0b840;--c6:#8fd0f5;--c7:#d0679a;--c8:#8a9098;--good:#4fd1a5;--bad:#ff7b9c}}\n"
    "body{background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif;margin:0 "
    "auto;"
    "max-width:1200px;padding:1rem}\n"
    "h1,h2,h3,p,li{overflow-wrap:anywhere}h1{font-size:1.6rem;line-height:1.2;margin:.5rem "
    "0}h2{font-size:1.2rem;margin:2rem 0 "
    ".5rem}h3{font-size:1.05rem;margin:1.5rem 0 .5rem}\n"
    "p{max-width:46rem}.note,figcaption{color:var(--soft);font-size:.875rem}\n"
    ".words{font-size:1.05rem;border-left:4px solid var(--c1);padding-left:1rem}\n"
    "ul.words{padding-left:2rem;max-width:46rem}\n"
    /* shadows at the sides show that there is more to scroll to */
    ".scroll{overflow-x:auto;background:linear-gradient(to right,var(--paper) 40%,transparent) 0 "
    "0/2.5rem 100% no-repeat local,linear-gradient(to left,var(--paper) 40%,transparent) 100% "
    "0/2.5rem 100% no-repeat local,linear-gradient(to right,var(--line),transparent) 0 0/.9rem "
    "100% no-repeat scroll,linear-gradient(to left,var(--line),transparent) 100% 0/.9rem 100% "
    "no-repeat scroll}table{border-collapse:collapse;font-variant-numeric:tabular-nums;"
    "font-size:.9375rem}\n"
    "th,td{padding:.3rem .45rem;text-align:right;border-bottom:1px solid var(--line);"
    "white-space:nowrap}th{color:var(--soft);font-weight:600;white-space:normal;vertical-align:"
    "bottom}"
    ".left{text-align:left}\n"
    ".setup td{white-space:normal;overflow-wrap:anywhere}.setup td:first-child{color:var(--soft);"
    "white-space:nowrap}\n"
    ".figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr));"
    "gap:1.5rem}.scene td.left:last-child{white-space:normal;overflow-wrap:anywhere;"
    "min-width:6.5rem}figure{margin:0;max-width:40rem}figure:only-child{grid-column:1/"
    "-1}svg{width:100%;height:auto;display:block}\n"
    ".verdict{border-left:4px solid;padding:.2rem 1rem;margin:1rem "
    "0}.valid{border-color:var(--good)}"
    ".valid b{color:var(--good)}.invalid{border-color:var(--bad)}.invalid b{color:var(--bad)}\n"
    ".facts th,.facts "
    "td{text-align:left;white-space:normal;vertical-align:top}"
    ".facts td{overflow-wrap:anywhere}.facts "
    "th{white-space:nowrap}code{font-size:.9em;overflow-wrap:anywhere}\n"
    "@media(max-width:34rem){body{padding:.5rem}.facts "
    "th{white-space:normal}table{font-size:.8125rem}"
    "figure>.scroll>svg{min-width:calc(var(--width)*.92px)}th,td{padding:.25rem "
    ".3rem}td.left{white-space:normal;overflow-wrap:anywhere;min-width:5.5rem}}\n"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid var(--line);padding:.7rem;"
    "font-size:.875rem}\n"
    "@media "
    "print{html{font-size:10pt}body{max-width:none;font-size:1rem}figure,tr{break-inside:avoid}"
    "h2{break-after:avoid}.figures{grid-template-columns:1fr 1fr}.scroll{overflow:visible}"
    "table{font-size:8pt}th,td{padding:.15rem .3rem}.left{white-space:normal}}\n";

void cvy_html_text(FILE *file, const char *text)
{
    cvy_xml_text(file, text);
}

static void begin(FILE *file, const char *script_policy)
{
    fprintf(file,
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
            "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
            "style-src 'unsafe-inline'; img-src data:%s\">\n"
            "<link rel=\"icon\" href=\"data:,\">\n<title>",
            script_policy);
}

void cvy_html_begin(FILE *file)
{
    begin(file, "");
}

void cvy_html_begin_scripted(FILE *file)
{
    begin(file, "; script-src 'unsafe-inline'");
}

void cvy_html_body(FILE *file)
{
    fprintf(file, "</title>\n<style>\n%s</style></head><body>\n", style);
}

/* gnuplot's colors, and the page's replacements, which have a dark mode. */
static const struct {
    const char *found, *instead;
} exchanges[] = {
    { "fill=\"#ffffff\"", "fill=\"none\"" },
    { "\"black\"", "\"currentColor\"" },
    { "'black'", "'currentColor'" },
    { "rgb(  0,   0,   0)", "currentColor" },
    { "rgb(0,0,0)", "currentColor" },
    { "rgb(  0, 114, 178)", "var(--c1)" },
    { "rgb(213,  94,   0)", "var(--c2)" },
    { "rgb(  0, 158, 115)", "var(--c3)" },
    { "rgb(204, 121, 167)", "var(--c4)" },
    { "rgb(230, 159,   0)", "var(--c5)" },
    { "rgb( 86, 180, 233)", "var(--c6)" },
    { "rgb(136,  34,  85)", "var(--c7)" },
    { "rgb(153, 153, 153)", "var(--c8)" },
    { "rgb( 90,  98, 108)", "var(--soft)" },
    { "rgb(90,98,108)", "var(--soft)" },
    { " xmlns=\"http://www.w3.org/2000/svg\"\n", "" },
    { " xmlns:xlink=\"http://www.w3.org/1999/xlink\"\n", "" },
    { "xlink:href", "href" },
    { "<title>Gnuplot</title>\n", "" },
    { "Helvetica", "system-ui,sans-serif" },
};

/* gnuplot uses the same symbol ids in every picture, but an id must be unique in a page. */
static void put_svg(FILE *file, const char *svg, const char *name)
{
    const size_t count = sizeof exchanges / sizeof *exchanges;
    const char *text = strstr(svg, "<svg");

    while (text != NULL && *text != '\0') {
        size_t e = 0;
        while (e < count && strncmp(text, exchanges[e].found, strlen(exchanges[e].found)) != 0)
            e++;
        if (e < count) {
            fputs(exchanges[e].instead, file);
            text += strlen(exchanges[e].found);
        } else if (strncmp(text, "id='", 4) == 0 || strncmp(text, "id=\"", 4) == 0) {
            fprintf(file, "%.4s%s-", text, name);
            text += 4;
        } else if (strncmp(text, "'#gp", 4) == 0) {
            fprintf(file, "'#%s-gp", name);
            text += 4;
        } else {
            fputc(*text++, file);
        }
    }
}

/* The width in pixels that a picture needs to be legible: on a phone a wider one is scrolled.
 * Narrow ones, such as planes, have larger text and can be shrunk to fit. */
static size_t needed_width(const char *svg)
{
    enum { NARROW = 480 };
    const char *tag = strstr(svg, "<svg"), *width = tag != NULL ? strstr(tag, "width=") : NULL;
    const size_t pixels = width != NULL ? strtoul(width + strlen("width=") + 1, NULL, 10) : 0;

    return pixels <= NARROW ? pixels * 4 / 5 : pixels;
}

void cvy_html_figure(FILE *file, const char *name, const char *title, const char *svg,
                     const char *caption)
{
    const char *rest = strchr(title, '\n');

    fprintf(file, "<figure id=\"%s\" role=\"img\" aria-label=\"", name);
    cvy_xml_characters(file, title, rest != NULL ? (size_t)(rest - title) : SIZE_MAX);
    if (rest != NULL) {
        fputs(": ", file);
        cvy_html_text(file, rest + 1);
    }
    fputs("\">", file);
    fprintf(file, "<div class=\"scroll\" style=\"--width:%zu\">", needed_width(svg));
    put_svg(file, svg, name);
    fputs("</div><figcaption>", file);
    cvy_html_text(file, caption);
    fputs("</figcaption></figure>\n", file);
}
