#include "cli/man.h"

#include <string.h>

#include "base/letters.h"
#include "cli/help.h"
#include "cli/kinds.h"
#include "convoy/convoy.h"
#include "machine/machine.h"

enum { TEXT_BYTES = 1024 };

/* Print `length` bytes escaped for roff: none is taken for a request or hyphenated. */
static void put_bytes(FILE *file, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        const bool begins_line = i == 0 || text[i - 1] == '\n';
        if (begins_line && (text[i] == '.' || text[i] == '\''))
            fputs("\\&", file);
        if (text[i] == '\\')
            fputs("\\e", file);
        else if (text[i] == '-')
            fputs("\\-", file);
        else
            fputc(text[i], file);
    }
}

static void put(FILE *file, const char *text)
{
    put_bytes(file, text, strlen(text));
}

/* Print a separate line. */
static void put_line(FILE *file, const char *text)
{
    put(file, text);
    fputc('\n', file);
}

/* "a sentence" becomes "A sentence." */
static void put_sentence(FILE *file, const char *text)
{
    fputc(cvy_upper(text[0]), file);
    put(file, text + 1);
    fputs(".\n", file);
}

/* --- options --- */

/* "--output FILE": the name in bold, the placeholder in italics. */
static void put_option(FILE *file, const cvy_setting *row)
{
    char name[TEXT_BYTES], text[TEXT_BYTES];

    cvy_help_option_name(row, name, sizeof name);
    cvy_help_option_text(row, text, sizeof text);
    const size_t length = strcspn(name, " ");
    fputs(".TP\n\\fB", file);
    put_bytes(file, name, length);
    fputs("\\fR", file);
    if (name[length] != '\0') {
        fputs(" \\fI", file);
        put(file, name + length + 1);
        fputs("\\fR", file);
    }
    fputc('\n', file);
    put_line(file, text);
}

static void put_options(FILE *file, const cvy_setting *rows)
{
    for (const cvy_setting *row = rows; row != NULL && row->name != NULL; row++)
        put_option(file, row);
}

static void put_command(FILE *file, const cvy_command *command)
{
    fprintf(file, ".SS \"convoy %s [OPTIONS]%s", command->name,
            command->operands != NULL ? " " : "");
    put(file, command->operands != NULL ? command->operands : "");
    fputs("\"\n", file);
    put_sentence(file, command->summary);
    put_options(file, command->options);
}

/* --- specs --- */

/* "momentum": its meaning, range and default. */
static void put_setting(FILE *file, const cvy_setting_info *setting)
{
    fprintf(file, ".TP\n\\fB%s\\fR\n", setting->name);
    put(file, setting->help);
    fputs(*setting->help != '\0' ? "; " : "", file);
    put(file, setting->range);
    if (setting->default_text == NULL) {
        fputs(" (required)\n", file);
    } else {
        fputs(" (default ", file);
        put(file, setting->default_text);
        fputs(")\n", file);
    }
}

static void put_kind(FILE *file, const cvy_kind_info *kind)
{
    fputs(".TP\n\\fB", file);
    put(file, kind->name);
    fputs("\\fR\n", file);
    put_line(file, kind->summary);
    if (kind->setting_count == 0)
        return;
    fputs(".RS\n", file);
    for (size_t i = 0; i < kind->setting_count; i++)
        put_setting(file, kind->settings[i]);
    fputs(".RE\n", file);
}

static void put_specs(FILE *file)
{
    fputs(".SH SPECS\n"
          "A \\fISPEC\\fR is a name, or a name with settings:\n"
          ".BI \\fR NAME \\fB: KEY \\fB= VALUE \\fB, KEY \\fB= VALUE \\fR.\n"
          "Names, keys and defaults are those of Keras.\n"
          "A key without a value here has its default; one that is marked as required must be "
          "given.\n"
          "A list is written \\fB[\\fIA\\fB,\\fIB\\fB]\\fR or \\fB[\\fIA\\fB;\\fIB\\fB]\\fR.\n"
          "A number alone is a constant learning rate.\n"
          "Layers are described in model files, in the form of Keras's "
          "\\fBSequential.to_json()\\fR.\n",
          file);
    for (int group = 0; group < CVY_KINDS_COUNT; group++) {
        const cvy_kinds *kinds = cvy_kinds_of((cvy_kind_group)group);
        fprintf(file, ".SS %s\n", kinds->title);
        for (size_t i = 0; i < kinds->count; i++)
            put_kind(file, kinds->kinds[i]);
    }
}

/* --- the sections that no table covers --- */

static const char description[] =
    ".SH DESCRIPTION\n"
    "convoy trains convolutional networks for small images, such as handwritten digits, on\n"
    "the cores of a processor, evaluates them, and uses them to classify pictures.\n"
    "It has built-in networks and data, so\n"
    ".B convoy train\n"
    "alone works.\n"
    ".PP\n"
    "The same seed, data and settings give the same weights to the last bit, whatever the number\n"
    "of threads.\n"
    ".PP\n"
    "An option is written \\fB\\-\\-name\\fR \\fIVALUE\\fR or \\fB\\-\\-name=\\fIVALUE\\fR.\n"
    "If an option is given twice, the last one counts, and \\fB\\-\\-\\fR ends the options.\n"
    "With\n"
    ".B \\-\\-json\n"
    "stdout is one JSON object, and text for people goes to stderr.\n";

static const char exit_status[] =
    ".SH EXIT STATUS\n"
    ".TP\n\\fB0\\fR\ndone\n"
    ".TP\n\\fB1\\fR\n"
    "the work failed: a file that cannot be read or written, damaged data, a loss that is no\n"
    "longer a number\n"
    ".TP\n\\fB2\\fR\nthe command line is wrong\n"
    ".TP\n\\fB130\\fR, \\fB143\\fR\n"
    "stopped by SIGINT or SIGTERM; what \\fBtrain\\fR had learnt by then is saved\n"
    ".PP\n"
    "An error is a sentence on stderr that names the place, what was found and what was\n"
    "expected.\n";

static void put_environment(FILE *file)
{
    fputs(".SH ENVIRONMENT\n"
          ".TP\n\\fBOMP_NUM_THREADS\\fR\n"
          "the number of threads if \\fB\\-\\-threads\\fR is not given\n"
          ".TP\n\\fBNO_COLOR\\fR\n"
          "if set and not empty, nothing is printed in color\n"
          ".TP\n\\fBCONVOY_ISA\\fR\n"
          "the instruction set to compute with; without it the first of these that runs here:\n",
          file);
    for (size_t i = 0; cvy_kernel_sets[i] != NULL; i++)
        fprintf(file, "%s\\fB%s\\fR", i > 0 ? ", " : "", cvy_kernel_sets[i]->name);
    fputs("\n.TP\n\\fBCONVOY_GEMM\\fR\n"
          "the matrix product to compute with; without it the first of these that runs here and "
          "goes with\n"
          "the instruction set:\n",
          file);
    for (size_t i = 0; cvy_gemm_backends[i] != NULL; i++)
        fprintf(file, "%s\\fB%s\\fR (%s)", i > 0 ? ", " : "", cvy_gemm_backends[i]->name,
                cvy_gemm_backends[i]->summary);
    fputs("\n.PP\n"
          "No instruction set changes a bit of a result. Only \\fBopenblas\\fR may change the last "
          "bits; every\n"
          "result records what was used.\n",
          file);
}

static const char files[] =
    ".SH FILES\n"
    ".TP\n\\fImodel.safetensors\\fR\n"
    "what \\fBtrain\\fR saves: weights, architecture, class names, preprocessing, and a record of\n"
    "the training.\n"
    "It appears under its name when it is complete.\n"
    ".TP\n"
    "\\fItrain\\-images\\-idx3\\-ubyte\\fR, \\fItrain\\-labels\\-idx1\\-ubyte\\fR, "
    "\\fIt10k\\-images\\-idx3\\-ubyte\\fR, \\fIt10k\\-labels\\-idx1\\-ubyte\\fR\n"
    "a data set in a folder, in the form of MNIST; each may be gzipped and then ends in "
    "\\fI.gz\\fR\n";

static void put_examples(FILE *file, const cvy_command *const *commands)
{
    fputs(".SH EXAMPLES\n.EX\n", file);
    for (size_t i = 0; commands[i] != NULL; i++)
        put(file, commands[i]->examples);
    fputs(".EE\n", file);
}

void cvy_man_print(FILE *file, const cvy_command *const *commands)
{
    fputs(".\\\" Made by convoy help \\-\\-man.\n"
          ".TH CONVOY 1 \"\" \"convoy " CVY_VERSION_STRING "\" \"User Commands\"\n"
          ".nh\n.ad l\n" /* names must not be hyphenated */
          ".SH NAME\n"
          "convoy \\- train and use convolutional networks for small images\n"
          ".SH SYNOPSIS\n"
          ".B convoy\n\\fICOMMAND\\fR [\\fIOPTIONS\\fR] [\\fIFILES\\fR]\n"
          ".br\n.B convoy help\n[\\fICOMMAND\\fR | \\fB\\-\\-man\\fR]\n"
          ".br\n.B convoy \\-\\-version\n",
          file);
    fputs(description, file);
    fputs(".SH COMMANDS\n", file);
    for (size_t i = 0; commands[i] != NULL; i++)
        put_command(file, commands[i]);
    fputs(".SS Options of every command\n", file);
    put_options(file, cvy_common_rows);
    put_specs(file);
    fputs(exit_status, file);
    put_environment(file);
    fputs(files, file);
    put_examples(file, commands);
}
