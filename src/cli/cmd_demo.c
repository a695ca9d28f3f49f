/* convoy demo: optimizers on textbook functions, as an animated page. */
#include <stdio.h>
#include <string.h>

#include "charts/gnuplot.h"
#include "cli/command.h"
#include "base/visible.h"
#include "cli/print.h"
#include "cli/rows.h"
#include "report/demo_report.h"

typedef struct {
    const char *report, *figures;
} demo_options;

static const cvy_setting options[] = {
    { "report", CVY_TEXT, offsetof(demo_options, report), "convoy-demo", 0, 0,
      "DIR: folder of report.html, figures and their scripts, paths.csv and summary.json", 0,
      NULL },
    CVY_FIGURES_ROW(offsetof(demo_options, figures)),
    { 0 },
};

static cvy_status check_operand(const char *what)
{
    if (strcmp(what, "optimizers") == 0)
        return CVY_OK;
    return cvy_fail(CVY_ERR_SETTING,
                    "found \"%.80s\", expected optimizers, as in convoy demo optimizers", what);
}

static cvy_status show(const cvy_call *call, const cvy_demo *demo)
{
    const demo_options *o = call->options;

    if (call->common.json) {
        json_t *object = cvy_demo_json(demo);
        cvy_json_set(&object, "report", cvy_json_text(o->report));
        return cvy_print_json(object);
    }
    if (call->common.quiet)
        return CVY_OK;
    cvy_status status = cvy_demo_print(demo, stdout);
    if (status == CVY_OK)
        cvy_visible_print(stdout, "page in %s/report.html\n", o->report);
    return status;
}

static cvy_status run(const cvy_call *call)
{
    const demo_options *o = call->options;
    cvy_demo demo = { 0 };
    unsigned formats = 0;
    cvy_pictures_end end = CVY_PICTURES_DRAWN;
    cvy_status status = check_operand(call->operands[0]);

    if (status == CVY_OK)
        status = cvy_gnuplot_read_formats(o->figures, &formats);
    if (status == CVY_OK)
        status = cvy_demo_check(o->report);
    if (status == CVY_OK)
        status = cvy_demo_make(&demo);
    if (status == CVY_OK)
        status = cvy_demo_write(&demo, o->report, formats, &end);
    if (status == CVY_OK && end != CVY_PICTURES_DRAWN)
        cvy_visible_print(stderr, "warning: %s: no PDF or PNG: %s; the scripts are in the folder\n",
                          o->report,
                          end == CVY_PICTURES_NO_GNUPLOT ? "gnuplot is not installed here"
                                                         : "gnuplot could not draw them");
    if (status == CVY_OK)
        status = show(call, &demo);
    cvy_demo_release(&demo);
    return status;
}

const cvy_command cvy_command_demo = {
    .name = "demo",
    .operands = "optimizers",
    .summary = "draw the paths of optimizers on textbook functions, as an animated page",
    .examples = "convoy demo optimizers\n"
                "convoy demo optimizers --report lecture --figures svg,pdf\n",
    .options = options,
    .options_size = sizeof(demo_options),
    .operands_min = 1,
    .operands_max = 1,
    .run = run,
};
