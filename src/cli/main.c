#include "cli/program.h"

int main(int count, char **arguments)
{
    return cvy_program_run(cvy_commands, count, arguments);
}
