#include "cli/mistakes.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "charts/canvas.h"
#include "base/csv_cell.h"
#include "base/output.h"
#include "base/text_stream.h"

enum {
    BATCH = 1024,       /* images predicted at a time */
    SHOWN_MAX = 240,    /* mistakes on a sheet */
    COLUMNS = 12,       /* of a sheet */
    CELL_SIDE_MIN = 56, /* minimum pixels of the longer side of an image on a sheet */
    GAP = 8,
    CLASSES_DRAWN_MAX = 120,
    MATRIX_CELL = 44,
};

#define NOTHING SIZE_MAX

/* The model's answer for an image. */
typedef struct {
    size_t index, label, predicted; /* NOTHING: an output is a NaN */
    float probability;
} reading;

typedef struct {
    const cvy_model *model;
    const cvy_dataset *data;
    cvy_split split;
    cvy_dataset_info info;
    size_t count, class_count;
    reading *readings; /* [count] */
} answers;

/* ---- reading ---- */

static size_t count_of(const cvy_dataset_info *info, cvy_split split)
{
    return split == CVY_SPLIT_TEST         ? info->test_count
           : split == CVY_SPLIT_VALIDATION ? info->validation_count
                                           : info->train_count;
}

static void take_outputs(answers *a, size_t begin, size_t count, const float *outputs)
{
    for (size_t i = 0; i < count; i++, outputs += a->class_count) {
        reading *r = &a->readings[begin + i];
        r->index = begin + i;
        r->label = cvy_dataset_label(a->data, a->split, begin + i);
        for (size_t c = 1; c < a->class_count; c++)
            if (outputs[c] > outputs[r->predicted])
                r->predicted = c;
        r->probability = outputs[r->predicted];
        for (size_t c = 0; c < a->class_count; c++)
            if (isnan(outputs[c]))
                *r = (reading){ r->index, r->label, NOTHING, 0 };
    }
}

static cvy_status read_all(answers *a, size_t threads)
{
    const size_t bytes = a->info.height * a->info.width * a->info.channels;
    unsigned char *images = NULL;
    float *outputs = NULL;

    cvy_status status = cvy_memory_create(BATCH, bytes, &images);
    if (status == CVY_OK)
        status = cvy_memory_create(BATCH, a->class_count * sizeof *outputs, &outputs);
    for (size_t begin = 0; status == CVY_OK && begin < a->count; begin += BATCH) {
        const size_t count = a->count - begin < BATCH ? a->count - begin : BATCH;
        for (size_t i = 0; i < count; i++)
            memcpy(images + i * bytes, cvy_dataset_image(a->data, a->split, begin + i), bytes);
        status = cvy_model_predict(a->model, images, count, threads, outputs);
        if (status == CVY_OK)
            take_outputs(a, begin, count, outputs);
    }
    cvy_memory_free(images);
    cvy_memory_free(outputs);
    return status;
}

/* ---- CSV ---- */

static const char *predicted_name(const answers *a, const reading *r)
{
    return r->predicted == NOTHING ? "" : cvy_model_class_name(a->model, r->predicted);
}

static cvy_status write_predictions(const answers *a, const char *path)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = cvy_text_stream_open(&text, &size);

    if (stream == NULL)
        return cvy_fail(CVY_ERR_MEMORY, "%s: out of memory", path);
    fputs("index,label,predicted,probability,correct\n", stream);
    for (size_t i = 0; i < a->count; i++) {
        const reading *r = &a->readings[i];
        fprintf(stream, "%zu,", r->index);
        cvy_csv_cell(stream, ',', cvy_model_class_name(a->model, r->label));
        fputc(',', stream);
        cvy_csv_cell(stream, ',', predicted_name(a, r));
        if (r->predicted == NOTHING)
            fputs(",,0\n", stream);
        else
            fprintf(stream, ",%.6g,%d\n", (double)r->probability, r->label == r->predicted);
    }
    cvy_status status = fclose(stream) == 0 ? cvy_file_write(path, text, size)
                                            : cvy_fail(CVY_ERR_MEMORY, "%s: out of memory", path);
    free(text);
    return status;
}

/* ---- mistakes ---- */

static int surest_first(const void *a, const void *b)
{
    const reading *x = a, *y = b;
    if (x->probability != y->probability)
        return x->probability < y->probability ? 1 : -1;
    return (x->index > y->index) - (x->index < y->index);
}

typedef struct {
    cvy_canvas canvas;
    size_t zoom, cell_width, cell_height;
} sheet;

static void draw_mistake(sheet *s, const answers *a, const reading *r, size_t place)
{
    const size_t x = GAP + place % COLUMNS * s->cell_width;
    const size_t y = 3 * CVY_LETTER_HEIGHT + place / COLUMNS * s->cell_height;
    const size_t letters = (s->cell_width - GAP) / CVY_LETTER_WIDTH;
    char text[160], sure[16];

    cvy_canvas_image(&s->canvas, x, y, cvy_dataset_image(a->data, a->split, r->index),
                     a->info.width, a->info.height, a->info.channels, s->zoom);
    snprintf(text, sizeof text, "%.60s>%.60s", cvy_model_class_name(a->model, r->label),
             r->predicted == NOTHING ? "NaN" : predicted_name(a, r));
    if (letters < sizeof text)
        text[letters] = '\0';
    snprintf(sure, sizeof sure, "%.0f%%", 100 * (double)r->probability);
    cvy_canvas_text(&s->canvas, x, y + a->info.height * s->zoom + 3, 1, text, 0x000000);
    cvy_canvas_text(&s->canvas, x, y + a->info.height * s->zoom + 3 + CVY_LETTER_HEIGHT + 1, 1,
                    sure, 0x707070);
}

static cvy_status draw_sheet(const answers *a, const reading *wrong, size_t count, const char *path)
{
    const size_t shown = count < SHOWN_MAX ? count : SHOWN_MAX;
    const size_t longer = a->info.width > a->info.height ? a->info.width : a->info.height;
    sheet s = { .zoom = (CELL_SIDE_MIN + longer - 1) / longer };
    char title[128];

    s.cell_width = a->info.width * s.zoom + GAP;
    s.cell_height = a->info.height * s.zoom + 2 * CVY_LETTER_HEIGHT + GAP + 4;
    const size_t rows = shown > 0 ? (shown + COLUMNS - 1) / COLUMNS : 1;
    cvy_status status = cvy_canvas_create(&s.canvas, GAP + COLUMNS * s.cell_width,
                                          3 * CVY_LETTER_HEIGHT + rows * s.cell_height, 0xffffff);
    if (status == CVY_OK) {
        snprintf(title, sizeof title, "%zu of %zu images misread%s (true>read as)", count, a->count,
                 count > shown ? ", the surest shown" : "");
        cvy_canvas_text(&s.canvas, GAP, CVY_LETTER_HEIGHT, 1, title, 0x000000);
        for (size_t i = 0; i < shown; i++)
            draw_mistake(&s, a, &wrong[i], i);
        status = cvy_canvas_write(&s.canvas, path);
    }
    cvy_canvas_release(&s.canvas);
    return status;
}

static cvy_status write_mistakes(const answers *a, const char *path)
{
    reading *wrong;
    size_t count = 0;
    cvy_status status = cvy_memory_create(a->count, sizeof *wrong, &wrong);

    if (status != CVY_OK)
        return status;
    for (size_t i = 0; i < a->count; i++)
        if (a->readings[i].label != a->readings[i].predicted)
            wrong[count++] = a->readings[i];
    qsort(wrong, count, sizeof *wrong, surest_first);
    status = draw_sheet(a, wrong, count, path);
    cvy_memory_free(wrong);
    return status;
}

/* ---- confusion matrix ---- */

/* White to blue by the fraction of the row; mistakes white to red, so that rare ones are
 * visible. */
static cvy_colour shade(double share, bool is_right)
{
    const unsigned fade = (unsigned)(235 * (1 - share));

    if (share <= 0)
        return 0xffffff;
    return is_right ? (cvy_colour)(fade << 16 | (fade / 2 + 100) << 8 | 220)
                    : (cvy_colour)(230 << 16 | (fade * 9 / 10) << 8 | fade * 9 / 10);
}

static void draw_cell(cvy_canvas *canvas, size_t x, size_t y, size_t count, size_t row_count,
                      bool is_right)
{
    const double share = row_count > 0 ? (double)count / (double)row_count : 0;
    char text[24];

    cvy_canvas_fill(canvas, x, y, MATRIX_CELL - 1, MATRIX_CELL - 1,
                    shade(is_right    ? share
                          : share > 0 ? 0.15 + 0.85 * share
                                      : 0,
                          is_right));
    if (count == 0)
        return;
    snprintf(text, sizeof text, "%zu", count);
    const size_t width = strlen(text) * CVY_LETTER_WIDTH;
    cvy_canvas_text(canvas, x + (MATRIX_CELL > width ? (MATRIX_CELL - width) / 2 : 0),
                    y + (MATRIX_CELL - CVY_LETTER_HEIGHT) / 2, 1, text,
                    share > 0.5 ? 0xffffff : 0x000000);
}

/* Draw a class name, cut to the width of a cell. */
static void draw_name(cvy_canvas *canvas, size_t x, size_t y, const char *name)
{
    char text[MATRIX_CELL / CVY_LETTER_WIDTH + 1];

    snprintf(text, sizeof text, "%s", name);
    cvy_canvas_text(canvas, x, y, 1, text, 0x000000);
}

static cvy_status write_confusion(const cvy_model *model, const cvy_score *score, const char *path)
{
    const size_t n = score->class_count, edge = MATRIX_CELL + 2 * CVY_LETTER_HEIGHT;
    cvy_canvas canvas;

    if (n > CLASSES_DRAWN_MAX)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "%s: a confusion matrix of %zu classes, up to %d can be drawn", path, n,
                        CLASSES_DRAWN_MAX);
    cvy_status status =
        cvy_canvas_create(&canvas, edge + n * MATRIX_CELL, edge + n * MATRIX_CELL, 0xffffff);
    if (status == CVY_OK) {
        cvy_canvas_text(&canvas, edge, CVY_LETTER_HEIGHT / 2, 1, "read as", 0x707070);
        cvy_canvas_text(&canvas, CVY_LETTER_HEIGHT / 2, edge - CVY_LETTER_HEIGHT - 4, 1, "true",
                        0x707070);
        for (size_t i = 0; i < n; i++) {
            size_t row_count = 0;
            for (size_t j = 0; j < n; j++)
                row_count += score->confusion[i * n + j];
            draw_name(&canvas, edge + i * MATRIX_CELL + 4, edge - CVY_LETTER_HEIGHT - 4,
                      cvy_model_class_name(model, i));
            draw_name(&canvas, 4, edge + i * MATRIX_CELL + MATRIX_CELL / 2 - 4,
                      cvy_model_class_name(model, i));
            for (size_t j = 0; j < n; j++)
                draw_cell(&canvas, edge + j * MATRIX_CELL, edge + i * MATRIX_CELL,
                          score->confusion[i * n + j], row_count, i == j);
        }
        status = cvy_canvas_write(&canvas, path);
    }
    cvy_canvas_release(&canvas);
    return status;
}

cvy_status cvy_mistakes_write(const cvy_mistake_files *files, const cvy_model *model,
                              const cvy_dataset *data, cvy_split split, size_t threads,
                              const cvy_score *score)
{
    answers a = { .model = model,
                  .data = data,
                  .split = split,
                  .info = cvy_dataset_describe(data),
                  .class_count = cvy_model_output_count(model) };
    cvy_status status = CVY_OK;

    if (files->mistakes == NULL && files->predictions == NULL && files->confusion == NULL)
        return CVY_OK;
    if (score->confusion == NULL)
        return cvy_fail(CVY_ERR_SETTING,
                        "--mistakes, --predictions and --confusion need a model that classifies");
    a.count = count_of(&a.info, split);
    if (files->mistakes != NULL || files->predictions != NULL) {
        status = cvy_memory_create(a.count, sizeof *a.readings, &a.readings);
        if (status == CVY_OK)
            status = read_all(&a, threads);
    }
    if (status == CVY_OK && files->predictions != NULL)
        status = write_predictions(&a, files->predictions);
    if (status == CVY_OK && files->mistakes != NULL)
        status = write_mistakes(&a, files->mistakes);
    if (status == CVY_OK && files->confusion != NULL)
        status = write_confusion(model, score, files->confusion);
    cvy_memory_free(a.readings);
    return status;
}
