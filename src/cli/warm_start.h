/* `convoy train` for a model that already has weights: where it starts from, and what stays
 * frozen. */
#ifndef CVY_CLI_WARM_START_H
#define CVY_CLI_WARM_START_H

#include <stdio.h>

#include "base/json.h"
#include "base/settings.h"
#include "convoy/convoy.h"

typedef struct {
    const char *what;     /* --model */
    const char *file;     /* with the weights: --model or --weights; NULL: a new model */
    cvy_model *before;    /* the model as read, if it was given other classes; else NULL */
    size_t frozen_count;  /* layers that --freeze selected, parameters ... */
    size_t frozen_floats; /* ... that are not trained */
} cvy_warm_start;

/** Open --model, an architecture or a file with weights, and --weights, which may be NULL. */
cvy_status cvy_warm_start_open(const char *what, const char *weights, cvy_warm_start *warm,
                               cvy_model **model);

/** Refuse a --normalize (NULL: not given) that differs from the one that the weights were trained
 *  with. */
cvy_status cvy_warm_start_check(const cvy_warm_start *warm, const cvy_model *model,
                                const char *normalize);

/** Give a trained model the classes of the data, if they differ from its own, and a new built-in
 *  model an output for each. *model may be replaced. */
cvy_status cvy_warm_start_take_classes(cvy_warm_start *warm, const cvy_dataset *data, size_t seed,
                                       cvy_model **model);

/** Freeze the layers that the patterns select. */
cvy_status cvy_warm_start_freeze(cvy_warm_start *warm, const cvy_text_list *patterns,
                                 cvy_model *model);

/** Print all of this, one item per line. */
void cvy_warm_start_print(const cvy_warm_start *warm, const cvy_model *model, FILE *file);

/** The warm start as JSON; null for a new model. */
json_t *cvy_warm_start_json(const cvy_warm_start *warm, const cvy_model *model);

void cvy_warm_start_release(cvy_warm_start *warm);

#endif
