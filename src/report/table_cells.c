#include "report/table_cells.h"

#include <math.h>
#include <stdio.h>

const char *cvy_cell_print_number(double value, int digits, char text[CVY_FIGURE_BYTES])
{
    if (isfinite(value))
        snprintf(text, CVY_FIGURE_BYTES, "%.*g", digits, value);
    else
        snprintf(text, CVY_FIGURE_BYTES, "none");
    return text;
}

void cvy_cell_number(cvy_table *t, double value, int digits)
{
    char text[CVY_FIGURE_BYTES];
    cvy_table_add(t, "%s", cvy_cell_print_number(value, digits, text));
}

void cvy_cell_range(cvy_table *t, double low, double high, int digits)
{
    char first[CVY_FIGURE_BYTES], last[CVY_FIGURE_BYTES];

    if (!isfinite(low) && !isfinite(high)) {
        cvy_table_add(t, "%s", "–");
        return;
    }
    cvy_table_add(t, "%s – %s", cvy_cell_print_number(low, digits, first),
                  cvy_cell_print_number(high, digits, last));
}

void cvy_cell_metric(cvy_table *t, cvy_metric metric, double value)
{
    char text[CVY_FIGURE_BYTES];
    cvy_table_add(t, "%s", cvy_metric_print(metric, value, text));
}

void cvy_cell_quartiles(cvy_table *t, cvy_metric metric, const cvy_quartiles *q)
{
    char low[CVY_FIGURE_BYTES], high[CVY_FIGURE_BYTES];
    cvy_table_add(t, "%s – %s", cvy_metric_print(metric, q->q1, low),
                  cvy_metric_print(metric, q->q3, high));
}
