/* Models made on the spot, and what a refusal must look like. */
#ifndef TESTS_SUPPORT_MODELS_H
#define TESTS_SUPPORT_MODELS_H

#include "model/model.h"

/* Layers as Keras writes them, with ' for " and only what the layer needs. Texts side by side make
 * a model: INPUT("2,2,1") FLATTEN DENSE("3"). DENSE has no bias and no activation. */
#define LAYER(class_name, config) "{'class_name':'" class_name "','config':{" config "}},"
#define INPUT(shape)              LAYER("InputLayer", "'batch_shape':[null," shape "]")
#define FLATTEN                   LAYER("Flatten", "")
#define DENSE(units)              LAYER("Dense", "'units':" units ",'use_bias':false")
#define CONV(filters, size)       LAYER("Conv2D", "'filters':" filters ",'kernel_size':" size)
#define MAX_POOL(size)            LAYER("MaxPooling2D", "'pool_size':" size)

/** A Sequential model of those layers; `source` in sentences is "m.json". */
cvy_status model_read(const char *layers, cvy_model **model);

/** The same for layers that must do; released with cvy_model_destroy(). */
cvy_model *model_make(const char *layers);

/** Its digest, or a failed test. The text is overwritten by the eighth call behind this one. */
const char *model_digest(const cvy_model *model);

/** Expects that a call failed with `wanted` and left one line that holds each of `words`, which are
 *  separated by '|'. `what` names the case. */
void expect_refusal(const char *what, cvy_status found, cvy_status wanted, const char *words);

/* A folder for a test's files: in .init and .fini. */
void scratch_open(void);
void scratch_close(void);

/** Where a file of that name lies in it. The text is overwritten by the next call but one. */
const char *scratch_path(const char *name);

/** How many files lie in it. */
size_t scratch_count(void);

#endif
