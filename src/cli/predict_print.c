#include "cli/predict_print.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/csv_cell.h"
#include "base/text_stream.h"
#include "base/visible.h"
#include "cli/values.h"

static int by_probability(const void *a, const void *b)
{
    const cvy_ranked *x = a, *y = b;
    if (x->probability != y->probability)
        return x->probability < y->probability ? 1 : -1;
    return (x->class_index > y->class_index) - (x->class_index < y->class_index);
}

bool cvy_predict_is_nan(const cvy_predict_print *print, const float *outputs)
{
    for (size_t i = 0; i < print->output_count; i++)
        if (isnan(outputs[i]))
            return true;
    return false;
}

void cvy_predict_rank(cvy_predict_print *print, const float *outputs)
{
    for (size_t i = 0; i < print->output_count; i++)
        print->best[i] = (cvy_ranked){ i, outputs[i] };
    qsort(print->best, print->output_count, sizeof *print->best, by_probability);
}

static cvy_status out_of_memory(void)
{
    return cvy_fail(CVY_ERR_MEMORY, "out of memory while writing the results");
}

/* The predicted class, or `nothing` if an output is a NaN. */
static const char *read_as(cvy_predict_print *p, const float *outputs, const char *nothing)
{
    if (cvy_predict_is_nan(p, outputs))
        return nothing;
    cvy_predict_rank(p, outputs);
    return cvy_model_class_name(p->model, p->best[0].class_index);
}

/* ---- JSON ---- */

static json_t *json_box(const cvy_input_info *info)
{
    return json_pack("{s:I, s:I, s:I, s:I}", "left", (json_int_t)info->left, "top",
                     (json_int_t)info->top, "right", (json_int_t)info->right, "bottom",
                     (json_int_t)info->bottom);
}

/* One image: its classes, or its value if the model predicts a number. */
static json_t *json_image(cvy_predict_print *p, const float *outputs)
{
    json_t *list = json_array();

    if (p->output_count == 1) {
        json_decref(list);
        return json_pack("{s:o}", "value", cvy_json_number((double)outputs[0]));
    }
    if (cvy_predict_is_nan(p, outputs))
        return json_pack("{s:n, s:n, s:o}", "label", "probability", "top", list);
    cvy_predict_rank(p, outputs);
    for (size_t i = 0; i < p->top; i++)
        if (json_array_append_new(
                list, json_pack("{s:s, s:o}", "label",
                                cvy_model_class_name(p->model, p->best[i].class_index),
                                "probability", cvy_json_number((double)p->best[i].probability))) !=
            0) {
            json_decref(list);
            return NULL;
        }
    return json_pack("{s:s, s:o, s:o}", "label",
                     cvy_model_class_name(p->model, p->best[0].class_index), "probability",
                     cvy_json_number((double)p->best[0].probability), "top", list);
}

/* All characters with their boxes. */
static json_t *json_characters(cvy_predict_print *p, const cvy_picture_entry *entry,
                               const float *outputs)
{
    json_t *list = json_array();

    for (size_t i = 0; i < entry->count; i++) {
        json_t *image = json_image(p, outputs + i * p->output_count);
        if (image == NULL || json_object_set_new(image, "box", json_box(&entry->info[i])) != 0 ||
            json_array_append_new(list, image) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

/* All characters as text, with a newline where the next one is further left; NULL if memory is
 * short. */
static json_t *json_text(cvy_predict_print *p, const cvy_picture_entry *entry, const float *outputs)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = cvy_text_stream_open(&text, &size);

    if (stream == NULL)
        return NULL;
    for (size_t i = 0; i < entry->count; i++) {
        if (i > 0 && entry->info[i].left < entry->info[i - 1].left)
            fputc('\n', stream);
        fputs(read_as(p, outputs + i * p->output_count, "?"), stream);
    }
    json_t *string = fclose(stream) == 0 ? cvy_json_text(text) : NULL;
    free(text);
    return string;
}

static json_t *json_entry(cvy_predict_print *p, const cvy_picture_entry *entry,
                          const float *outputs)
{
    json_t *object = json_pack("{s:o}", "file", cvy_json_text(entry->name));

    if (object == NULL)
        return NULL;
    int failed = 0;
    if (entry->error != NULL) {
        failed = json_object_set_new(object, "error", cvy_json_text(entry->error));
    } else if (p->is_segmented && entry->info != NULL) {
        failed = json_object_set_new(object, "characters", json_characters(p, entry, outputs));
        if (failed == 0 && p->output_count > 1)
            failed = json_object_set_new(object, "text", json_text(p, entry, outputs));
    } else {
        json_t *image = json_image(p, outputs);
        failed = image == NULL || json_object_update(object, image) != 0;
        json_decref(image);
        if (failed == 0 && entry->others > 0)
            failed = json_object_set_new(object, "others", json_integer((json_int_t)entry->others));
    }
    if (failed == 0)
        return object;
    json_decref(object);
    return NULL;
}

/* ---- CSV (RFC 4180) ---- */

/* Print a number; nothing for a NaN. */
static void print_number(FILE *file, float value)
{
    if (!isnan(value))
        fprintf(file, "%g", (double)value);
}

/* A file or a pipe gets a name as it is, for programs; a terminal gets no control characters. */
static void print_cell(const cvy_predict_print *p, const char *text)
{
    if (isatty(fileno(p->file)) && !cvy_visible_is_plain(text))
        cvy_visible_print(p->file, "\"%s\"", text);
    else
        cvy_csv_cell(p->file, ',', text);
}

static void print_csv(cvy_predict_print *p, const cvy_picture_entry *entry, const float *outputs)
{
    for (size_t i = 0; i < (entry->error != NULL ? 1 : entry->count); i++) {
        print_cell(p, entry->name);
        fprintf(p->file, ",%zu,", i);
        if (entry->error != NULL) {
            fputs(",,,,,,", p->file);
            print_cell(p, entry->error);
            fputc('\n', p->file);
            continue;
        }
        if (p->output_count == 1) {
            print_number(p->file, outputs[i]);
            fputs(",,", p->file);
        } else {
            const float *own = outputs + i * p->output_count;
            print_cell(p, read_as(p, own, ""));
            fputc(',', p->file);
            if (!cvy_predict_is_nan(p, own))
                fprintf(p->file, "%.6g", (double)p->best[0].probability);
            fputc(',', p->file);
        }
        if (entry->info != NULL)
            fprintf(p->file, "%zu,%zu,%zu,%zu,\n", entry->info[i].left, entry->info[i].top,
                    entry->info[i].right, entry->info[i].bottom);
        else
            fputs(",,,,\n", p->file);
    }
}

/* ---- table ---- */

static void add_row(cvy_predict_print *p, const char *name, const float *outputs)
{
    char others[256] = "";
    size_t length = 0;

    p->row_count++;
    cvy_table_add(&p->table, "%s", name);
    if (p->output_count == 1) {
        cvy_table_add(&p->table, "%g", (double)outputs[0]);
        cvy_table_add(&p->table, "%s", "");
        cvy_table_add(&p->table, "%s", "");
        return;
    }
    if (cvy_predict_is_nan(p, outputs)) {
        cvy_table_add(&p->table, "%s", "NaN");
        cvy_table_add(&p->table, "%s", "");
        cvy_table_add(&p->table, "%s", "");
        return;
    }
    cvy_predict_rank(p, outputs);
    for (size_t i = 1; i < p->top && length + 1 < sizeof others; i++)
        length += (size_t)snprintf(others + length, sizeof others - length, "%s%s %.1f%%",
                                   i > 1 ? ", " : "",
                                   cvy_model_class_name(p->model, p->best[i].class_index),
                                   100 * (double)p->best[i].probability);
    cvy_table_add(&p->table, "%s", cvy_model_class_name(p->model, p->best[0].class_index));
    cvy_table_add(&p->table, "%.1f%%", 100 * (double)p->best[0].probability);
    cvy_table_add(&p->table, "%s", others);
}

static void add_rows(cvy_predict_print *p, const cvy_picture_entry *entry, const float *outputs)
{
    char name[4200];

    for (size_t i = 0; i < entry->count; i++) {
        if (p->is_verbose && entry->report != NULL)
            cvy_visible_print(p->file, "%s: %s\n", entry->name, entry->report[i]);
        snprintf(name, sizeof name, p->is_segmented && entry->info != NULL ? "%s:%zu" : "%s",
                 entry->name, i + 1);
        add_row(p, name, outputs + i * p->output_count);
    }
}

/* ---- all three formats ---- */

cvy_status cvy_predict_print_begin(cvy_predict_print *print)
{
    print->output_count = cvy_model_output_count(print->model);
    if (print->top > print->output_count)
        print->top = print->output_count;
    cvy_status status = cvy_memory_create(print->output_count, sizeof *print->best, &print->best);
    if (status != CVY_OK)
        return status;
    if (print->is_json) {
        print->list = json_array();
        return print->list != NULL ? CVY_OK : out_of_memory();
    }
    if (print->is_csv) {
        fprintf(print->file, "file,index,%s,left,top,right,bottom,error\n",
                print->output_count == 1 ? "value,probability" : "label,probability");
        return CVY_OK;
    }
    cvy_table_begin(&print->table, "llrl");
    cvy_table_add(&print->table, "image");
    cvy_table_add(&print->table, print->output_count == 1 ? "value" : "class");
    cvy_table_add(&print->table, print->output_count == 1 ? "" : "probability");
    cvy_table_add(&print->table, print->output_count == 1 ? "" : "runners-up");
    return CVY_OK;
}

cvy_status cvy_predict_print_add(cvy_predict_print *print, const cvy_picture_entry *entry,
                                 const float *outputs)
{
    if (print->is_json)
        return json_array_append_new(print->list, json_entry(print, entry, outputs)) == 0
                   ? CVY_OK
                   : out_of_memory();
    if (print->is_csv)
        print_csv(print, entry, outputs);
    else if (entry->error == NULL)
        add_rows(print, entry, outputs);
    return CVY_OK;
}

static cvy_status print_json(cvy_predict_print *print, size_t skipped)
{
    json_t *list = print->list, *object;

    print->list = NULL;
    object = json_pack("{s:s, s:o}", "command", "predict", "predictions", list);
    if (object != NULL && skipped > 0 &&
        json_object_set_new(object, "skipped", json_integer((json_int_t)skipped)) != 0) {
        json_decref(object);
        object = NULL;
    }
    return cvy_print_json(object);
}

cvy_status cvy_predict_print_end(cvy_predict_print *print, cvy_status status, size_t skipped)
{
    if (status == CVY_OK && print->is_json)
        status = print_json(print, skipped);
    else if (status == CVY_OK && print->is_csv)
        status = cvy_print_flush(print->file);
    else if (status == CVY_OK && print->row_count > 0)
        status = cvy_table_print(&print->table, print->file);
    else
        cvy_table_release(&print->table);
    json_decref(print->list);
    cvy_memory_free(print->best);
    return status;
}
