#include "study/measurements.h"

#include <math.h>

#include "base/number.h"
#include "charts/report_file.h"

/* The output file, and the first cells of each row. */
typedef struct {
    FILE *file;
    const char *workload;
    const cvy_configuration *configuration;
    const cvy_study_run *run;
} sheet;

static void put(const sheet *s, size_t step, const char *quantity, const char *layer, double value)
{
    static const char *const roles[] = { "compared", "untuned", "trial" };
    char number[CVY_NUMBER_BYTES];

    if (!isfinite(value))
        return;
    cvy_csv_text(s->file, s->workload);
    cvy_csv_text(s->file, s->configuration->label);
    fprintf(s->file, "%s,%llu,%zu,%s,", roles[s->configuration->role],
            (unsigned long long)s->run->seed, step, quantity);
    if (layer != NULL)
        cvy_csv_text(s->file, layer);
    else
        fputc(',', s->file);
    cvy_number_short(value, number);
    fprintf(s->file, "%s\n", number);
}

static void put_inside(const sheet *s, const cvy_inside *inside)
{
    for (size_t i = 0; i < inside->point_count; i++) {
        const cvy_inside_point *p = &inside->points[i];
        put(s, p->step, "gradient_norm", NULL, p->gradient_norm);
        put(s, p->step, "weight_norm", NULL, p->weight_norm);
        put(s, p->step, "update_norm", NULL, p->update_norm);
        put(s, p->step, "cosine", NULL, p->cosine);
        put(s, p->step, "effective_rate_q1", NULL, p->rate_q1);
        put(s, p->step, "effective_rate_median", NULL, p->rate_median);
        put(s, p->step, "effective_rate_q3", NULL, p->rate_q3);
        for (size_t l = 0; l < inside->layer_count; l++)
            put(s, p->step, "update_ratio", inside->layers[l],
                inside->ratios[i * inside->layer_count + l]);
    }
    for (size_t i = 0; i < inside->noise_count; i++)
        put(s, inside->noise[i].step, "noise_scale", NULL, inside->noise[i].scale);
}

static void put_run(const sheet *s)
{
    const cvy_study_run *run = s->run;

    for (size_t i = 0; i < run->point_count; i++) {
        const cvy_point *p = &run->points[i];
        put(s, p->step, "train_seconds", NULL, p->train_seconds);
        put(s, p->step, "learning_rate", NULL, p->learning_rate);
        for (size_t m = 0; m < CVY_METRIC_COUNT; m++)
            put(s, p->step, cvy_metric_names[m], NULL, p->metric[m]);
    }
    if (run->has_test) {
        put(s, run->steps, "test_loss", NULL, run->test_loss);
        put(s, run->steps, "test_accuracy", NULL, run->test_accuracy);
    }
    if (run->inside != NULL)
        put_inside(s, run->inside);
}

cvy_status cvy_measurements_write(const cvy_workloads *workloads)
{
    cvy_report_file out;
    cvy_status status = cvy_report_file_open(&out, workloads->folder, "measurements.csv");

    if (status != CVY_OK)
        return status;
    fputs("workload,configuration,role,seed,step,quantity,layer,value\n", out.file);
    for (size_t w = 0; w < workloads->count; w++) {
        const cvy_study *study = &workloads->items[w].study;
        for (size_t i = 0; i < study->run_count; i++) {
            const cvy_study_run *run = &study->runs[i];
            put_run(&(sheet){ out.file, workloads->items[w].name,
                              &study->configurations[run->configuration], run });
        }
    }
    return cvy_report_file_close(&out);
}
