/* The manual page: all that the tables hold, as roff that shows it byte for byte. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/kinds.h"
#include "cli/man.h"

/* The page of some commands; freed by the caller. */
static char *print_page(const cvy_command *const *commands)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    cr_assert(ne(ptr, file, NULL));
    cvy_man_print(file, commands);
    cr_assert(eq(int, fclose(file), 0));
    return text;
}

static void expect_contains(const char *text, const char *part)
{
    cr_expect(ne(ptr, strstr(text, part), NULL), "\"%s\" is not in the page", part);
}

/* The name of an option or a setting, in bold where an entry begins. */
static void expect_entry(const char *text, const char *dashes, const char *name)
{
    char entry[256] = ".TP\n\\fB";
    size_t length = strlen(entry);

    length += (size_t)snprintf(entry + length, sizeof entry - length, "%s", dashes);
    for (; *name != '\0'; name++)
        length += (size_t)snprintf(entry + length, sizeof entry - length, "%s%c",
                                   *name == '-' ? "\\" : "", *name);
    snprintf(entry + length, sizeof entry - length, "\\fR");
    expect_contains(text, entry);
}

/* From the first place of `from` up to the next `to`; freed by the caller. */
static char *cut(const char *text, const char *from, const char *to)
{
    char *start = strstr(text, from);
    cr_assert(ne(ptr, start, NULL), "\"%s\" is not in the page", from);
    const char *end = strstr(start + strlen(from), to);
    return strndup(start, end != NULL ? (size_t)(end - start) : strlen(start));
}

Test(man, has_its_sections_in_order)
{
    static const char *const sections[] = {
        "NAME",        "SYNOPSIS",    "DESCRIPTION", "COMMANDS", "SPECS",
        "EXIT STATUS", "ENVIRONMENT", "FILES",       "EXAMPLES",
    };
    char *page = print_page(cvy_commands), *rest = page, heading[64];

    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        snprintf(heading, sizeof heading, "\n.SH %s\n", sections[i]);
        rest = strstr(rest, heading);
        cr_assert(ne(ptr, rest, NULL), "section %s is not in its place", sections[i]);
    }
    free(page);
}

Test(man, has_every_option_under_its_command)
{
    char *page = print_page(cvy_commands), heading[64];

    for (size_t i = 0; cvy_commands[i] != NULL; i++) {
        snprintf(heading, sizeof heading, "\n.SS \"convoy %s ", cvy_commands[i]->name);
        char *part = cut(page, heading, "\n.SS ");
        const cvy_setting *row = cvy_commands[i]->options;
        for (; row != NULL && row->name != NULL; row++)
            expect_entry(part, "\\-\\-", row->name);
        free(part);
    }
    char *part = cut(page, "\n.SS Options of every command\n", "\n.SH ");
    for (const cvy_setting *row = cvy_common_rows; row->name != NULL; row++)
        expect_entry(part, "\\-\\-", row->name);
    free(part);
    free(page);
}

Test(man, has_every_kind_with_its_settings)
{
    char *page = print_page(cvy_commands), heading[64];

    for (int group = 0; group < CVY_KINDS_COUNT; group++) {
        const cvy_kinds *kinds = cvy_kinds_of((cvy_kind_group)group);
        cr_assert(gt(sz, kinds->count, 0));
        snprintf(heading, sizeof heading, "\n.SS %s\n", kinds->title);
        char *part = cut(page, heading, "\n.S");
        for (size_t i = 0; i < kinds->count; i++) {
            expect_entry(part, "", kinds->kinds[i]->name);
            for (size_t k = 0; k < kinds->kinds[i]->setting_count; k++)
                expect_entry(part, "", kinds->kinds[i]->settings[k]->name);
        }
        free(part);
    }
    free(page);
}

static const cvy_setting awkward_rows[] = {
    { "top-secret", CVY_FLOAT, 0, "0.5", 0, 1, "WHERE: 'tis a \\path", CVY_BELOW_MAX, NULL },
    { 0 },
};
static const cvy_command awkward_command = {
    .name = "awkward",
    .summary = "take what roff would take for its own",
    .examples = ".hidden --a\\b\n'quoted'\n",
    .options = awkward_rows,
    .options_size = sizeof(double),
};
static const cvy_command *const awkward_commands[] = { &awkward_command, NULL };

Test(man, an_entry_has_name_value_text_range_and_default)
{
    char *page = print_page(awkward_commands);

    expect_contains(page, ".TP\n\\fB\\-\\-top\\-secret\\fR \\fIWHERE\\fR\n"
                          "\\&'tis a \\epath; a number in [0, 1) (default 0.5)\n");
    free(page);
}

Test(man, examples_keep_every_byte)
{
    char *page = print_page(awkward_commands);

    expect_contains(page, "\n.EX\n\\&.hidden \\-\\-a\\eb\n\\&'quoted'\n.EE\n");
    free(page);
}

Test(man, no_text_is_taken_for_a_request)
{
    static const char *const requests[] = { ".\\\"", ".TH", ".SH", ".SS", ".TP",
                                            ".RS",   ".RE", ".PP", ".EX", ".EE",
                                            ".B",    ".BI", ".br", ".nh", ".ad" };
    char *page = print_page(cvy_commands), *rest = page;

    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        bool is_known = line[0] != '.' && line[0] != '\'';
        const char *end = line + strcspn(line, " ");
        for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
            is_known = is_known || (strlen(requests[i]) == (size_t)(end - line) &&
                                    strncmp(line, requests[i], (size_t)(end - line)) == 0);
        cr_expect(is_known, "%s", line);
    }
    free(page);
}
