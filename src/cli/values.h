/* Kinds, settings and results as JSON, for all commands alike. */
#ifndef CVY_CLI_VALUES_H
#define CVY_CLI_VALUES_H

#include <stdio.h>

#include "base/json.h"
#include "base/error.h"
#include "convoy/kinds.h"
#include "convoy/model.h"
#include "convoy/train.h"

/** {"name": ..., "key": value, ...}: a spec with every setting filled in. The spec must be valid;
 *  null for want of memory. */
json_t *cvy_json_spec(cvy_kind_group group, const char *text);

/** A spec without the settings that have their default, for people to read; cut to `size` bytes. What
 *  is no spec of these kinds is left as it is. */
void cvy_spec_shorten(cvy_kind_group group, const char *text, char *brief, size_t size);

/** The metrics of a score, a line each beginning with `prefix`; and as members of an object. */
void cvy_print_metrics(const cvy_score *score, const char *prefix, FILE *file);
void cvy_set_metrics(json_t **object, const cvy_score *score);

/** A model by its name, its architecture file, or its trained .safetensors file. */
cvy_status cvy_model_open(const char *what, cvy_model **model);

/** A trained model, which is what the command needs; says where they come from if there is none. */
cvy_status cvy_model_open_trained(const char *path, cvy_model **model);

/** Whether a name is that of a trained model's file. */
bool cvy_is_trained_name(const char *what);

#endif
