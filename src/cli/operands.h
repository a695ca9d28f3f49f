/* Operands: how many a command takes, and what somebody meant by one too many. */
#ifndef CVY_CLI_OPERANDS_H
#define CVY_CLI_OPERANDS_H

#include "cli/command.h"

/** CVY_ERR_SETTING for too many or too few, with the option that was most likely meant. */
cvy_status cvy_operands_check(const cvy_call *call);

/** Where a word belongs that was typed in place of a command: "did you mean convoy evaluate
 *  m.safetensors?" Leaves the text as it is where nothing is known. */
void cvy_operand_place(const char *word, char *text, size_t size);

#endif
