/* Operands: how many a command takes, and what a surplus one was meant to be. */
#ifndef CVY_CLI_OPERANDS_H
#define CVY_CLI_OPERANDS_H

#include "cli/command.h"

/** Returns CVY_ERR_SETTING for too many or too few operands; the sentence suggests the option that
 *  was probably meant. */
cvy_status cvy_operands_check(const cvy_call *call);

/** Suggest where a word belongs that was typed in place of a command: "did you mean convoy evaluate
 *  m.safetensors?" Leaves the text unchanged if nothing is known. */
void cvy_operand_place(const char *word, char *text, size_t size);

#endif
