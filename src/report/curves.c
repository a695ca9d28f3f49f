/* curves.csv: a line for every evaluation of every run, for whoever draws their own. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "report/campaign_work.h"

enum { PATH_BYTES = 4096 };

static const char heading[] = "contestant,role,optimizer,learning_rate_spec,seed,state,step,epoch,"
                              "train_seconds,learning_rate,"
                              "loss,accuracy,val_loss,val_accuracy\n";

/* RFC 4180: quotes around, quotes inside doubled. */
static void print_text(FILE *file, const char *text)
{
    putc('"', file);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"')
            putc('"', file);
        putc(*c, file);
    }
    fputs("\",", file);
}

/* A number that is not finite is an empty cell. */
static void print_number(FILE *file, double value, char end)
{
    static const cvy_setting row = {
        "value", CVY_FLOAT, 0, NULL, -HUGE_VAL, HUGE_VAL, "", 0, NULL
    };
    char text[32] = "";

    if (isfinite(value))
        cvy_setting_print(&row, &value, text, sizeof text);
    fprintf(file, "%s%c", text, end);
}

static void print_point(FILE *file, const cvy_contestant *c, const cvy_run *run, const cvy_point *p)
{
    static const char *const roles[] = { "compared", "untuned", "trial" };

    print_text(file, c->label);
    fprintf(file, "%s,", roles[c->role]);
    print_text(file, c->optimizer);
    print_text(file, c->learning_rate);
    fprintf(file, "%llu,%s,%zu,", (unsigned long long)run->seed,
            run->state == CVY_RUN_DIVERGED ? "diverged" : "finished", p->step);
    print_number(file, p->epoch, ',');
    print_number(file, p->train_seconds, ',');
    print_number(file, p->learning_rate, ',');
    print_number(file, p->metric[CVY_METRIC_LOSS], ',');
    print_number(file, p->metric[CVY_METRIC_ACCURACY], ',');
    print_number(file, p->metric[CVY_METRIC_VAL_LOSS], ',');
    print_number(file, p->metric[CVY_METRIC_VAL_ACCURACY], '\n');
}

cvy_status cvy_curves_write(const cvy_campaign *campaign, const char *folder)
{
    char *text = NULL, path[PATH_BYTES];
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    if (file == NULL)
        return cvy_fail(CVY_ERR_MEMORY, "%s: out of memory", folder);
    snprintf(path, sizeof path, "%s/curves.csv", folder);
    fputs(heading, file);
    for (size_t i = 0; i < campaign->run_count; i++) {
        const cvy_run *run = &campaign->runs[i];
        for (size_t p = 0; p < run->point_count; p++)
            print_point(file, &campaign->contestants[run->contestant], run, &run->points[p]);
    }
    cvy_status status = fclose(file) == 0 ? cvy_file_write(path, text, size)
                                          : cvy_fail(CVY_ERR_MEMORY, "%s: out of memory", path);
    free(text);
    return status;
}
