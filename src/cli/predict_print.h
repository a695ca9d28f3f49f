/* Prints the answers of `predict`, one after another, as JSON, as CSV or as a table. */
#ifndef CVY_CLI_PREDICT_PRINT_H
#define CVY_CLI_PREDICT_PRINT_H

#include "gallery/pictures.h"
#include "cli/print.h"
#include "convoy/model.h"

/* The classes of one image, best first. */
typedef struct {
    size_t class_index;
    float probability;
} cvy_ranked;

typedef struct {
    const cvy_model *model;
    size_t output_count, top;
    bool is_json, is_csv, is_segmented, is_verbose;
    FILE *file;   /* for the table and for CSV */
    json_t *list; /* of predictions */
    cvy_table table;
    size_t row_count;
    cvy_ranked *best; /* [output_count] */
} cvy_predict_print;

/** Whether an output of an image is a NaN; then there is no class and no probability. */
bool cvy_predict_is_nan(const cvy_predict_print *print, const float *outputs);

/** Rank outputs into print->best. */
void cvy_predict_rank(cvy_predict_print *print, const float *outputs);

/** Begin printing; print->model, top, is_..., and file are set. Returns CVY_OK or
 *  CVY_ERR_MEMORY. */
cvy_status cvy_predict_print_begin(cvy_predict_print *print);

/** Add a picture: its error, or the answers for its images, whose outputs begin at `outputs`. */
cvy_status cvy_predict_print_add(cvy_predict_print *print, const cvy_picture_entry *entry,
                                 const float *outputs);

/** Print the rest and release everything; after a failure only release.
 *  skipped  number of files that were skipped, for the JSON */
cvy_status cvy_predict_print_end(cvy_predict_print *print, cvy_status status, size_t skipped);

#endif
