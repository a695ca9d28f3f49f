#include "charts/table.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text_stream.h"
#include "base/visible.h"
#include "charts/characters.h"

void cvy_table_begin(cvy_table *table, const char *alignment)
{
    const size_t columns = strlen(alignment);

    assert(columns > 0 && columns <= CVY_TABLE_COLUMNS_MAX);
    *table = (cvy_table){ .columns = columns };
    memcpy(table->alignment, alignment, columns + 1);
    table->stream = cvy_text_stream_open(&table->text, &table->bytes);
}

void cvy_table_add(cvy_table *table, const char *format, ...)
{
    va_list arguments;

    if (table->stream == NULL)
        return;
    va_start(arguments, format);
    cvy_visible_vprint(table->stream, format, arguments);
    va_end(arguments);
    fputc('\0', table->stream);
    table->cell_count++;
}

void cvy_table_add_row(cvy_table *table, const char *const *texts)
{
    for (size_t i = 0; i < table->columns; i++)
        cvy_table_add(table, "%s", texts[i]);
}

cvy_status cvy_table_close(cvy_table *table)
{
    bool is_whole = table->stream != NULL && !ferror(table->stream);

    assert(table->cell_count % table->columns == 0);
    if (table->stream != NULL)
        is_whole = fclose(table->stream) == 0 && is_whole;
    table->stream = NULL;
    if (is_whole)
        return CVY_OK;
    cvy_table_release(table);
    return cvy_fail(CVY_ERR_MEMORY, "out of memory for a table");
}

void cvy_table_release(cvy_table *table)
{
    if (table->stream != NULL) /* released before cvy_table_close() */
        fclose(table->stream);
    table->stream = NULL;
    free(table->text);
    table->text = NULL;
    table->cell_count = 0;
}

cvy_status cvy_table_print(cvy_table *table, FILE *file)
{
    cvy_status status = cvy_table_close(table);

    if (status != CVY_OK)
        return status;
    cvy_table_as_text(table, file);
    cvy_table_release(table);
    return CVY_OK;
}

static const char *next_cell(const char *cell)
{
    return cell + strlen(cell) + 1;
}

static bool is_left(const cvy_table *table, size_t column)
{
    return table->alignment[column] == 'l';
}

static void put_spaces(FILE *file, size_t count)
{
    while (count-- > 0)
        fputc(' ', file);
}

void cvy_print_words(FILE *file, const char *words, const char *indent)
{
    enum { WIDTH = 96 };
    size_t column = 0;

    while (*words != '\0') {
        const size_t bytes = strcspn(words, " ");
        size_t length = 0;
        for (size_t i = 0; i < bytes; i += cvy_character_bytes(words + i))
            length++;
        if (column > 0 && column + 1 + length > WIDTH) {
            fputc('\n', file);
            column = 0;
        }
        fprintf(file, "%s%.*s", column > 0 ? " " : indent, (int)bytes, words);
        column += length + (column > 0 ? 1 : strlen(indent));
        words += bytes;
        words += strspn(words, " ");
    }
    fputc('\n', file);
}

void cvy_table_as_text(const cvy_table *table, FILE *file)
{
    size_t width[CVY_TABLE_COLUMNS_MAX] = { 0 }, i = 0;

    for (const char *cell = table->text; i < table->cell_count; i++, cell = next_cell(cell)) {
        const size_t count = cvy_character_count(cell);
        if (count > width[i % table->columns])
            width[i % table->columns] = count;
    }
    if (table->title != NULL)
        fprintf(file, "%s\n", table->title);
    i = 0;
    for (const char *cell = table->text; i < table->cell_count; i++, cell = next_cell(cell)) {
        const size_t column = i % table->columns, last = table->columns - 1;
        const size_t space = width[column] - cvy_character_count(cell);
        fputs(column > 0 || table->title != NULL ? "  " : "", file);
        put_spaces(file, is_left(table, column) ? 0 : space);
        fputs(cell, file);
        if (column == last)
            fputc('\n', file);
        else
            put_spaces(file, is_left(table, column) ? space : 0);
    }
    if (table->note[0] != '\0')
        cvy_print_words(file, table->note, "  ");
}

void cvy_table_as_html(const cvy_table *table, FILE *file)
{
    size_t i = 0;

    fputs("<div class=\"scroll\"><table>\n", file);
    for (const char *cell = table->text; i < table->cell_count; i++, cell = next_cell(cell)) {
        const size_t column = i % table->columns;
        const char *tag = i < table->columns ? "th" : "td";
        if (column == 0)
            fputs(i == 0 ? "<thead><tr>" : i == table->columns ? "<tbody><tr>" : "<tr>", file);
        fprintf(file, "<%s%s>", tag, is_left(table, column) ? " class=\"left\"" : "");
        cvy_xml_text(file, cell);
        fprintf(file, "</%s>", tag);
        if (column + 1 == table->columns)
            fputs(i < table->columns ? "</tr></thead>\n" : "</tr>\n", file);
    }
    fputs(i > table->columns ? "</tbody></table></div>\n" : "</table></div>\n", file);
    if (table->note[0] != '\0') {
        fputs("<p class=\"note\">", file);
        cvy_xml_text(file, table->note);
        fputs("</p>\n", file);
    }
}

void cvy_table_as_facts(const cvy_table *table, FILE *file)
{
    size_t i = 0;

    fputs("<table class=\"facts\">\n", file);
    for (const char *cell = table->text; i < table->cell_count; i++, cell = next_cell(cell)) {
        fputs(i % 2 == 0 ? "<tr><th scope=\"row\">" : "</th><td>", file);
        cvy_xml_text(file, cell);
        if (i % 2 == 1)
            fputs("</td></tr>\n", file);
    }
    fputs("</table>\n", file);
    if (table->note[0] != '\0') {
        fputs("<p class=\"note\">", file);
        cvy_xml_text(file, table->note);
        fputs("</p>\n", file);
    }
}

static void put_latex(FILE *file, const char *text)
{
    static const struct {
        const char *found, *latex;
    } signs[] = { { "%", "\\%" },
                  { "_", "\\_" },
                  { "&", "\\&" },
                  { "#", "\\#" },
                  { "$", "\\$" },
                  { "{", "\\{" },
                  { "}", "\\}" },
                  { "~", "\\textasciitilde{}" },
                  { "^", "\\textasciicircum{}" },
                  { "−", "$-$" },
                  { "–", "--" },
                  { "×", "$\\times$" },
                  { "∞", "$\\infty$" },
                  { "≥", "$\\ge$" },
                  { "≤", "$\\le$" },
                  { "<", "$<$" },
                  { ">", "$>$" },
                  { "τ", "$\\tau$" },
                  { "\\", "\\textbackslash{}" } };

    for (const char *start = text; *text != '\0';) {
        size_t s = 0;
        if (*text == '-' && (text == start || text[-1] == ' ') && text[1] >= '0' &&
            text[1] <= '9') {
            fputs("$-$", file); /* minus sign of a number; other hyphens are kept */
            text++;
            continue;
        }
        while (s < sizeof signs / sizeof *signs &&
               strncmp(text, signs[s].found, strlen(signs[s].found)) != 0)
            s++;
        if (s < sizeof signs / sizeof *signs) {
            fputs(signs[s].latex, file);
            text += strlen(signs[s].found);
        } else {
            fputc(*text++, file);
        }
    }
}

void cvy_table_as_latex(const cvy_table *table, FILE *file)
{
    size_t i = 0;

    fputs("\\begin{table}\n\\centering\n\\caption{", file);
    put_latex(file, table->title != NULL ? table->title : "");
    if (table->note[0] != '\0') {
        fputs(". ", file);
        put_latex(file, table->note);
    }
    fputs("}\n\\smallskip\n\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%"
          "\n\\begin{"
          "tabular}{",
          file);
    for (size_t column = 0; column < table->columns; column++)
        fputc(is_left(table, column) ? 'l' : 'r', file);
    fputs("}\n\\hline\n", file);
    for (const char *cell = table->text; i < table->cell_count; i++, cell = next_cell(cell)) {
        put_latex(file, cell);
        const bool is_last = (i + 1) % table->columns == 0;
        fputs(!is_last ? " & " : i < table->columns ? " \\\\\n\\hline\n" : " \\\\\n", file);
    }
    fputs("\\hline\n\\end{tabular}}\n\\end{table}\n", file);
}

/* Escapes characters that would begin a column, emphasis, code or HTML. */
static void put_markdown(FILE *file, const char *text)
{
    for (; *text != '\0'; text++) {
        if (strchr("\\|*_`<#", *text) != NULL)
            fputc('\\', file);
        fputc(*text, file);
    }
}

void cvy_table_as_markdown(const cvy_table *table, FILE *file)
{
    size_t i = 0;

    if (table->title != NULL)
        fprintf(file, "**%s**\n\n", table->title);
    for (const char *cell = table->text; i < table->cell_count; i++, cell = next_cell(cell)) {
        fputs(i % table->columns == 0 ? "| " : " | ", file);
        put_markdown(file, cell);
        if ((i + 1) % table->columns != 0)
            continue;
        fputs(" |\n", file);
        for (size_t column = 0; i + 1 == table->columns && column < table->columns; column++)
            fprintf(file, "|%s%s", is_left(table, column) ? " --- " : " ---: ",
                    column + 1 == table->columns ? "|\n" : "");
    }
    fputc('\n', file);
    if (table->note[0] != '\0') {
        put_markdown(file, table->note);
        fputs("\n\n", file);
    }
}
