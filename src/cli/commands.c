/* The list of commands. */
#include "cli/command.h"

extern const cvy_command cvy_command_train, cvy_command_evaluate, cvy_command_predict,
    cvy_command_compare, cvy_command_find_rate, cvy_command_scale, cvy_command_demo,
    cvy_command_data, cvy_command_info;

const cvy_command *const cvy_commands[] = {
    &cvy_command_train,     &cvy_command_evaluate,
    &cvy_command_predict,   &cvy_command_compare,
    &cvy_command_find_rate, &cvy_command_scale,
    &cvy_command_demo,      &cvy_command_data,
    &cvy_command_info,      NULL,
};
