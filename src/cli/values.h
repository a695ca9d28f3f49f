/* Kinds, settings and results as JSON, for all commands. */
#ifndef CVY_CLI_VALUES_H
#define CVY_CLI_VALUES_H

#include <stdio.h>

#include "base/json.h"
#include "base/error.h"
#include "convoy/kinds.h"
#include "convoy/model.h"
#include "convoy/train.h"

/** {"name": ..., "key": value, ...}: a spec with every setting filled in. The spec must be valid;
 *  null if memory is short. */
json_t *cvy_json_spec(cvy_kind_group group, const char *text);

/** Shorten a spec to the settings that differ from their defaults; cut to `size` bytes. A text that
 *  is not a spec of these kinds is unchanged. */
void cvy_spec_shorten(cvy_kind_group group, const char *text, char *brief, size_t size);

/** Print the metrics of a score, one per line after `prefix`; or add them as members of an
 *  object. */
void cvy_print_metrics(const cvy_score *score, const char *prefix, FILE *file);
void cvy_set_metrics(json_t **object, const cvy_score *score);

/** Open a model by its name, its architecture file, or its trained .safetensors file. */
cvy_status cvy_model_open(const char *what, cvy_model **model);

/** Open a trained model; the sentence of a failure says how to get one. */
cvy_status cvy_model_open_trained(const char *path, cvy_model **model);

/** Whether a name is that of a trained model's file: by its ending, or by what the file holds. */
bool cvy_is_trained_name(const char *what);

#endif
