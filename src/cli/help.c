#include "cli/help.h"

#include <string.h>

#include "base/letters.h"
#include "cli/print.h"

enum { NAME_WIDTH = 24, WIDTH_MIN = 60, WIDTH_MAX = 100, TEXT_BYTES = 1024 };

static size_t help_width(FILE *file)
{
    size_t width = cvy_line_width(file);
    return width < WIDTH_MIN ? WIDTH_MIN : width > WIDTH_MAX ? WIDTH_MAX : width;
}

/* Print `left` and, aligned after it, `right` wrapped into lines. */
static void print_entry(FILE *file, const char *left, const char *right)
{
    const size_t width = help_width(file), indent = NAME_WIDTH + 4;
    size_t column = (size_t)fprintf(file, "  %s", left);

    if (column + 2 <= indent)
        column += (size_t)fprintf(file, "%*s", (int)(indent - column), "");
    else
        column = width; /* the first word goes to the next line */
    for (const char *word = right + strspn(right, " "); *word != '\0';) {
        const size_t length = strcspn(word, " ");
        if (column > indent && column + 1 + length > width)
            column = (size_t)fprintf(file, "\n%*s", (int)indent, "") - 1;
        else if (column > indent)
            column += (size_t)fprintf(file, " ");
        column += (size_t)fprintf(file, "%.*s", (int)length, word);
        word += length + strspn(word + length, " ");
    }
    fputc('\n', file);
}

/* The length of the form of the value that a help text may begin with, as in "HxW: ", or 0. */
static size_t value_word(const char *help)
{
    const size_t length = strcspn(help, " ");
    const bool is_word = help[0] >= 'A' && help[0] <= 'Z' && length > 1 && help[length - 1] == ':';

    return is_word ? length - 1 : 0;
}

void cvy_help_option_name(const cvy_setting *row, char *text, size_t size)
{
    size_t length = (size_t)snprintf(text, size, "--%s", row->name);
    const size_t word = value_word(row->help);

    if (row->type == CVY_BOOL)
        return;
    if (word > 0) {
        snprintf(text + length, size - length, " %.*s", (int)word, row->help);
    } else if (row->type == CVY_CHOICE) {
        for (size_t i = 0; row->choices[i] != NULL && length < size; i++)
            length += (size_t)snprintf(text + length, size - length, "%c%s", i == 0 ? ' ' : '|',
                                       row->choices[i]);
    } else {
        static const char *const words[] = {
            [CVY_FLOAT] = "X",      [CVY_FLOAT_LIST] = "X",   [CVY_COUNT] = "N",
            [CVY_COUNT_PAIR] = "N", [CVY_NAME] = "NAME",      [CVY_PATH] = "FILE",
            [CVY_TEXT] = "TEXT",    [CVY_TEXT_LIST] = "TEXT",
        };
        snprintf(text + length, size - length, " %s", words[row->type]);
    }
}

/* The name already shows the choices, and "a text" would say nothing. */
void cvy_help_option_text(const cvy_setting *row, char *text, size_t size)
{
    const size_t word = value_word(row->help);
    const bool is_number = row->type == CVY_FLOAT || row->type == CVY_FLOAT_LIST ||
                           row->type == CVY_COUNT || row->type == CVY_COUNT_PAIR;
    size_t length =
        (size_t)snprintf(text, size, "%s", row->help + (word > 0 ? word + strlen(": ") : 0));

    if (is_number && length < size) {
        char range[TEXT_BYTES / 2];
        cvy_setting_describe(row, range, sizeof range);
        length += (size_t)snprintf(text + length, size - length, "; %s", range);
    }
    if (row->type == CVY_TEXT_LIST && length < size)
        length += (size_t)snprintf(text + length, size - length, "; may be repeated");
    if (row->type != CVY_BOOL && row->fallback != NULL && *row->fallback != '\0' && length < size)
        snprintf(text + length, size - length, " (default %s)", row->fallback);
}

/* hidden: rows with these names are left out. NULL: none. */
static void print_options(FILE *file, const char *title, const cvy_setting *rows,
                          const cvy_setting *hidden)
{
    char name[TEXT_BYTES], help[TEXT_BYTES];

    fprintf(file, "\n%s:\n", title);
    for (const cvy_setting *row = rows; row->name != NULL; row++) {
        if (hidden != NULL && cvy_setting_find(hidden, row->name) != NULL)
            continue;
        cvy_help_option_name(row, name, sizeof name);
        cvy_help_option_text(row, help, sizeof help);
        print_entry(file, name, help);
    }
}

static void print_example(FILE *file, const char *line)
{
    fputs("  ", file);
    fwrite(line, 1, strcspn(line, "\n"), file);
    fputc('\n', file);
}

void cvy_help_command(FILE *file, const cvy_command *command)
{
    fprintf(file, "Usage: convoy %s [OPTIONS]%s%s\n\n%c%s.\n\nExamples:\n", command->name,
            command->operands != NULL ? " " : "",
            command->operands != NULL ? command->operands : "", cvy_upper(command->summary[0]),
            command->summary + 1);
    for (const char *line = command->examples; *line != '\0';) {
        print_example(file, line);
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    if (command->options != NULL)
        print_options(file, "Options", command->options, NULL);
    print_options(file, "Options of every command", cvy_common_rows, command->options);
}

void cvy_help_program(FILE *file, const cvy_command *const *commands)
{
    fputs("Usage: convoy COMMAND [OPTIONS] [FILES]\n\n"
          "Train, evaluate and use convolutional networks for small images on CPU cores.\n\n"
          "Examples:\n",
          file);
    for (size_t i = 0; commands[i] != NULL; i++)
        print_example(file, commands[i]->examples);
    fputs("\nCommands:\n", file);
    for (size_t i = 0; commands[i] != NULL; i++)
        print_entry(file, commands[i]->name, commands[i]->summary);
    print_entry(file, "help COMMAND", "all about one command; also convoy COMMAND --help");
    print_entry(file, "help --man", "the manual page: convoy help --man | man -l -");
    print_options(file, "Options of every command", cvy_common_rows, NULL);
    fputs("\nExit status: 0 done, 1 the work failed, 2 the command line is wrong,\n"
          "130 or 143 stopped by a signal.\n",
          file);
}
