/* The table of update sizes by layer. */
#include <math.h>

#include "base/memory.h"
#include "base/plural.h"
#include "report/tables.h"

static const cvy_inside *first_record(const cvy_study *c, size_t configuration)
{
    for (size_t s = 0; s < c->seed_count; s++) {
        const cvy_study_run *run = cvy_study_run_at(c, configuration, s);
        if (run != NULL && run->inside != NULL)
            return run->inside;
    }
    return NULL;
}

bool cvy_table_has_inside(const cvy_findings *f)
{
    for (size_t i = 0; i < f->study->compared_count; i++)
        if (first_record(f->study, i) != NULL)
            return true;
    return false;
}

/* The median over all seeds and recorded updates. values: scratch for all of them */
static double median_ratio(const cvy_study *c, size_t configuration, size_t layer, double *values)
{
    size_t count = 0;

    for (size_t s = 0; s < c->seed_count; s++) {
        const cvy_study_run *run = cvy_study_run_at(c, configuration, s);
        const cvy_inside *inside = run != NULL ? run->inside : NULL;
        for (size_t p = 0; inside != NULL && layer < inside->layer_count && p < inside->point_count;
             p++) {
            const double ratio = inside->ratios[p * inside->layer_count + layer];
            if (isfinite(ratio))
                values[count++] = ratio;
        }
    }
    return cvy_quartiles_take(values, count).median;
}

static const cvy_inside *any_record(const cvy_study *c)
{
    const cvy_inside *inside = NULL;

    for (size_t i = 0; inside == NULL && i < c->compared_count; i++)
        inside = first_record(c, i);
    return inside;
}

cvy_status cvy_table_of_inside(const cvy_findings *f, cvy_table *t)
{
    const cvy_study *c = f->study;
    const cvy_inside *inside = any_record(c);
    const size_t layers = inside->layer_count < CVY_TABLE_COLUMNS_MAX - 1
                              ? inside->layer_count
                              : CVY_TABLE_COLUMNS_MAX - 1;
    char alignment[CVY_TABLE_COLUMNS_MAX + 1] = "l";
    double *values;
    cvy_status status =
        cvy_memory_create(c->seed_count * CVY_INSIDE_POINTS, sizeof *values, &values);

    if (status != CVY_OK)
        return status;
    for (size_t i = 0; i < layers; i++)
        alignment[1 + i] = 'r';
    cvy_table_begin(t, alignment);
    t->title = "Size of an update by layer";
    snprintf(t->note, sizeof t->note,
             "Norm of the update of a layer's kernel by the norm of the kernel: medians over the "
             "recorded "
             "updates and n = %zu seed%s.",
             c->seed_count, cvy_plural(c->seed_count));
    cvy_table_add(t, "configuration");
    for (size_t i = 0; i < layers; i++)
        cvy_table_add(t, "%s", inside->layers[i]);
    for (size_t r = 0; r < c->compared_count; r++) {
        cvy_table_add(t, "%s", c->configurations[f->order[r]].label);
        for (size_t i = 0; i < layers; i++) {
            const double ratio = median_ratio(c, f->order[r], i, values);
            if (isfinite(ratio))
                cvy_table_add(t, "%.2g", ratio);
            else
                cvy_table_add(t, "–");
        }
    }
    cvy_memory_free(values);
    return cvy_table_close(t);
}
