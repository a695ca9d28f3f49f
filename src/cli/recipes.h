/* convoy info --recipes: the built-in configurations of train. */
#ifndef CVY_CLI_RECIPES_H
#define CVY_CLI_RECIPES_H

#include "cli/command.h"

cvy_status cvy_recipes_show(const cvy_call *call);

#endif
