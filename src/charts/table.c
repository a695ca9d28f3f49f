#include "charts/table.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "charts/svg.h"

enum { COLUMNS_MAX = 12 };

cvy_status cvy_report_table_open(cvy_report_table *table, const char *title, size_t columns,
                                 unsigned left)
{
    assert(columns <= COLUMNS_MAX);
    *table = (cvy_report_table){ .title = title, .columns = columns, .left = left };
    table->file = open_memstream(&table->text, &table->bytes);
    return table->file != NULL ? CVY_OK : cvy_fail(CVY_ERR_MEMORY, "report: out of memory");
}

void cvy_report_table_add(cvy_report_table *table, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vfprintf(table->file, format, arguments);
    va_end(arguments);
    fputc('\0', table->file);
    table->cell_count++;
}

cvy_status cvy_report_table_close(cvy_report_table *table)
{
    const bool is_bad = ferror(table->file) != 0;

    assert(table->cell_count % table->columns == 0);
    if (fclose(table->file) != 0 || is_bad) {
        cvy_report_table_release(table);
        return cvy_fail(CVY_ERR_MEMORY, "report: out of memory");
    }
    table->file = NULL;
    return CVY_OK;
}

void cvy_report_table_release(cvy_report_table *table)
{
    free(table->text);
    table->text = NULL;
    table->cell_count = 0;
}

static const char *next_cell(const char *cell)
{
    return cell + strlen(cell) + 1;
}

static bool is_left(const cvy_report_table *table, size_t column)
{
    return (table->left >> column & 1) != 0;
}

static void put_spaces(FILE *file, size_t count)
{
    while (count-- > 0)
        fputc(' ', file);
}

void cvy_report_print_words(FILE *file, const char *words, const char *indent)
{
    enum { WIDTH = 96 };
    size_t column = 0;

    while (*words != '\0') {
        const size_t bytes = strcspn(words, " ");
        size_t length = 0;
        for (size_t i = 0; i < bytes; i += cvy_svg_character_bytes(words + i))
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

void cvy_report_table_as_text(const cvy_report_table *table, FILE *file)
{
    size_t width[COLUMNS_MAX] = { 0 }, i = 0;

    for (const char *cell = table->text; i < table->cell_count; i++, cell = next_cell(cell)) {
        const size_t count = cvy_svg_character_count(cell);
        if (count > width[i % table->columns])
            width[i % table->columns] = count;
    }
    fprintf(file, "%s\n", table->title);
    i = 0;
    for (const char *cell = table->text; i < table->cell_count; i++, cell = next_cell(cell)) {
        const size_t column = i % table->columns, last = table->columns - 1;
        const size_t space = width[column] - cvy_svg_character_count(cell);
        fputs(column == 0 ? "  " : "   ", file);
        put_spaces(file, is_left(table, column) ? 0 : space);
        fputs(cell, file);
        if (column == last)
            fputc('\n', file);
        else
            put_spaces(file, is_left(table, column) ? space : 0);
    }
    if (table->note[0] != '\0')
        cvy_report_print_words(file, table->note, "  ");
}

void cvy_report_table_as_html(const cvy_report_table *table, FILE *file)
{
    size_t i = 0;

    fputs("<div class=\"scroll\"><table>\n", file);
    for (const char *cell = table->text; i < table->cell_count; i++, cell = next_cell(cell)) {
        const size_t column = i % table->columns;
        const char *tag = i < table->columns ? "th" : "td";
        if (column == 0)
            fputs(i == 0 ? "<thead><tr>" : i == table->columns ? "<tbody><tr>" : "<tr>", file);
        fprintf(file, "<%s%s>", tag, is_left(table, column) ? " class=\"left\"" : "");
        cvy_svg_text(file, cell, SIZE_MAX);
        fprintf(file, "</%s>", tag);
        if (column + 1 == table->columns)
            fputs(i < table->columns ? "</tr></thead>\n" : "</tr>\n", file);
    }
    fputs(i > table->columns ? "</tbody></table></div>\n" : "</table></div>\n", file);
    if (table->note[0] != '\0') {
        fputs("<p class=\"note\">", file);
        cvy_svg_text(file, table->note, SIZE_MAX);
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
            fputs("$-$", file); /* of a number; other hyphens stay what they are */
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

void cvy_report_table_as_latex(const cvy_report_table *table, FILE *file)
{
    size_t i = 0;

    fputs("\\begin{table}\n\\centering\n\\caption{", file);
    put_latex(file, table->title);
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
