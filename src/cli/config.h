/* --config FILE|RECIPE: options from a JSON object, treated as if they preceded those of the
 * command line, which override them. Recipes are built-in files of this kind. */
#ifndef CVY_CLI_CONFIG_H
#define CVY_CLI_CONFIG_H

#include <stddef.h>

#include "base/error.h"
#include "cli/command.h"

/* A built-in file of recipes/. */
typedef struct {
    const char *name; /* "quick" */
    const char *text; /* its bytes, and a NUL that size does not count */
    size_t size;
} cvy_recipe;

extern const cvy_recipe cvy_recipes[]; /* generated from recipes/ at build time */
extern const size_t cvy_recipe_count;

/* The words of the configuration followed by those of the command line. */
typedef struct {
    size_t count;
    char **words; /* [count]; released with cvy_config_release() */
    char **own;   /* [own_count] words allocated here */
    size_t own_count;
} cvy_config;

/**
 * Find --config among the arguments of a command and expand it.
 * If the command line gives an option with a list of values (--data, --callback), it replaces the
 * list of the configuration. Values may be texts, numbers, true, false, null (not given) and, for
 * such options, lists.
 * Returns CVY_ERR_SETTING (unknown option, bad value: the sentence names the file), CVY_ERR_OPEN,
 * CVY_ERR_READ, CVY_ERR_FORMAT (not a JSON object), CVY_ERR_MEMORY.
 */
cvy_status cvy_config_expand(const cvy_command *command, char **words, size_t count,
                             cvy_config *config);
void cvy_config_release(cvy_config *config);

/** Expand JSON text named `name`. For tests and fuzzing. */
cvy_status cvy_config_parse(const cvy_command *command, const char *name, const char *text,
                            size_t size, char **words, size_t count, cvy_config *config);

#endif
