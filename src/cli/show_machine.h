/* `convoy info` without operands: this build and machine, and the thread doctor. */
#ifndef CVY_CLI_SHOW_MACHINE_H
#define CVY_CLI_SHOW_MACHINE_H

#include "cli/command.h"

cvy_status cvy_machine_show(const cvy_call *call);

#endif
