/* Tables and the characters in them. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "charts/characters.h"
#include "charts/table.h"

Test(characters, count_is_of_characters_not_bytes)
{
    cr_expect(eq(sz, cvy_character_count("abc"), 3));
    cr_expect(eq(sz, cvy_character_count("\xc3\xa9t\xc3\xa9"), 3));
    cr_expect(eq(sz, cvy_character_count(""), 0));
}

Test(table, columns_are_aligned)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    cvy_table table;

    cvy_table_begin(&table, "lrl");
    static const char *const cells[] = { "layer", "size", "kind", "caf\xc3\xa9", "12,345", "dense",
                                         "b",     "1",    "" };
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        cvy_table_add(&table, "%s", cells[i]);
    cr_assert(eq(int, cvy_table_print(&table, file), CVY_OK));
    fclose(file);
    cr_expect(eq(str, text,
                 "layer    size  kind\n"
                 "caf\xc3\xa9   12,345  dense\n"
                 "b           1  \n"));
    free(text);
}

static char *print(const cvy_table *table, void (*print_as)(const cvy_table *, FILE *))
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    print_as(table, file);
    fclose(file);
    return text;
}

Test(table, texts_are_escaped_for_html_and_latex)
{
    cvy_table table;

    cvy_table_begin(&table, "lr");
    table.title = "Cost & more";
    cvy_table_add_row(&table, (const char *const[]){ "name", "share" });
    cvy_table_add_row(&table, (const char *const[]){ "a_b <c>", "50 %" });
    snprintf(table.note, sizeof table.note, "n = 1");
    cr_assert(eq(int, cvy_table_close(&table), CVY_OK));

    char *text = print(&table, cvy_table_as_text);
    cr_expect(eq(str, text, "Cost & more\n  name     share\n  a_b <c>   50 %\n  n = 1\n"));
    free(text);
    text = print(&table, cvy_table_as_html);
    cr_expect_not_null(strstr(text, "<td class=\"left\">a_b &lt;c&gt;</td><td>50 %</td>"));
    free(text);
    text = print(&table, cvy_table_as_latex);
    cr_expect_not_null(strstr(text, "\\caption{Cost \\& more. n = 1}"));
    cr_expect_not_null(strstr(text, "a\\_b $<$c$>$ & 50 \\%"));
    free(text);
    cvy_table_release(&table);
}

Test(table, markdown_aligns_columns_and_escapes_what_has_a_meaning)
{
    cvy_table table;

    cvy_table_begin(&table, "lr");
    table.title = "Ranking";
    snprintf(table.note, sizeof table.note, "n = 3");
    static const char *const cells[] = { "name", "value", "a|b*c_d <e>", "1" };
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        cvy_table_add(&table, "%s", cells[i]);
    cr_assert_eq(cvy_table_close(&table), CVY_OK);
    char *text = print(&table, cvy_table_as_markdown);
    cr_expect_str_eq(text, "**Ranking**\n\n"
                           "| name | value |\n"
                           "| --- | ---: |\n"
                           "| a\\|b\\*c\\_d \\<e> | 1 |\n\n"
                           "n = 3\n\n");
    free(text);
    cvy_table_release(&table);
}

Test(table, facts_are_names_and_what_they_say)
{
    cvy_table table;

    cvy_table_begin(&table, "ll");
    static const char *const cells[] = { "cores", "2 & more" };
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        cvy_table_add(&table, "%s", cells[i]);
    cr_assert_eq(cvy_table_close(&table), CVY_OK);
    char *text = print(&table, cvy_table_as_facts);
    cr_expect_str_eq(text, "<table class=\"facts\">\n"
                           "<tr><th scope=\"row\">cores</th><td>2 &amp; more</td></tr>\n"
                           "</table>\n");
    free(text);
    cvy_table_release(&table);
}
