/* curves.csv: one line per evaluation of every run. */
#include "study/curves.h"

#include <math.h>
#include <stdio.h>

#include "base/number.h"
#include "charts/report_file.h"

static const char heading[] =
    "configuration,role,optimizer,learning_rate_spec,seed,state,step,epoch,"
    "train_seconds,learning_rate,"
    "loss,accuracy,val_loss,val_accuracy\n";

/* Print a number; a non-finite one gives an empty cell. */
static void print_number(FILE *file, double value, char end)
{
    char text[CVY_NUMBER_BYTES] = "";

    if (isfinite(value))
        cvy_number_short(value, text);
    fprintf(file, "%s%c", text, end);
}

static void print_point(FILE *file, const cvy_configuration *c, const cvy_study_run *run,
                        const cvy_point *p)
{
    static const char *const roles[] = { "compared", "untuned", "trial" };

    cvy_csv_text(file, c->label);
    fprintf(file, "%s,", roles[c->role]);
    cvy_csv_text(file, c->optimizer);
    cvy_csv_text(file, c->learning_rate);
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

cvy_status cvy_curves_write(const cvy_study *study, const char *folder)
{
    cvy_report_file out;
    cvy_status status = cvy_report_file_open(&out, folder, "curves.csv");

    if (status != CVY_OK)
        return status;
    fputs(heading, out.file);
    for (size_t i = 0; i < study->run_count; i++) {
        const cvy_study_run *run = &study->runs[i];
        for (size_t p = 0; p < run->point_count; p++)
            print_point(out.file, &study->configurations[run->configuration], run, &run->points[p]);
    }
    return cvy_report_file_close(&out);
}
