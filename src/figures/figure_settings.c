/* Sensitivity: final values against a setting that --grid or several --learning-rate varied. The
 * labels tell what was varied: configurations whose labels differ in a single setting form a
 * line. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/letters.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/plural.h"
#include "charts/report_file.h"
#include "charts/table.h"
#include "figures/figure_lines.h"

enum { LABEL_BYTES = 96, VALUE_BYTES = 64, SETTINGS_MAX = 8 };

/* A parsed label: "sgd, 0.01 momentum=0.9" is "sgd, 0.01" and the value "0.9" of momentum. */
typedef struct {
    char rest[LABEL_BYTES], value[VALUE_BYTES];
    size_t configuration; /* its index in the study */
    double x;
    size_t line;
} parted;

typedef struct {
    char key[CVY_NAME_BYTES];
    size_t count;
    parted *parts; /* [compared] labels that have the setting */
    bool is_numeric, is_log;
    cvy_lines lines;
    char x_ticks[512]; /* if values are words */
} setting;

static bool read_number(const char *text, double *number)
{
    char *end;
    *number = cvy_number_read(text, &end);
    return end != text && *end == '\0' && isfinite(*number);
}

/* Split the word from `word` to `end` into key and value; a plain learning rate follows a comma. */
static bool part_word(const char *label, const char *word, const char *end,
                      char key[CVY_NAME_BYTES], char value[VALUE_BYTES])
{
    const char *equals = memchr(word, '=', (size_t)(end - word));
    double number;

    key[0] = '\0';
    if (equals != NULL && equals > word && equals - word < CVY_NAME_BYTES) {
        snprintf(key, CVY_NAME_BYTES, "%.*s", (int)(equals - word), word);
        snprintf(value, VALUE_BYTES, "%.*s", (int)(end - equals - 1), equals + 1);
    } else if (equals == NULL && word - label > 2 && word[-2] == ',') {
        snprintf(value, VALUE_BYTES, "%.*s", (int)(end - word), word);
        if (read_number(value, &number))
            snprintf(key, CVY_NAME_BYTES, "learning_rate");
    }
    for (const char *c = key; *c != '\0'; c++)
        if (!cvy_is_letter_or_digit(*c) && *c != '_')
            return false;
    return key[0] != '\0' && value[0] != '\0';
}

/* Split a label at the setting `wanted`; returns false if the label does not name it. */
static bool part_label(const char *label, const char *wanted, parted *part)
{
    char key[CVY_NAME_BYTES];

    if (strlen(label) >= LABEL_BYTES - 1) /* its last word may have been cut */
        return false;
    for (const char *word = label, *end; *word != '\0'; word = *end != '\0' ? end + 1 : end) {
        end = word + strcspn(word, " ");
        if (!part_word(label, word, end, key, part->value) || strcmp(key, wanted) != 0)
            continue;
        size_t head = (size_t)(word - label);
        while (head > 0 && (label[head - 1] == ' ' || label[head - 1] == ','))
            head--;
        snprintf(part->rest, sizeof part->rest, "%.*s%s", (int)head, label, end);
        return true;
    }
    return false;
}

/* --- which settings were varied --- */

static void add_key(const char *key, char keys[SETTINGS_MAX][CVY_NAME_BYTES], size_t *count)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(keys[i], key) == 0)
            return;
    if (*count < SETTINGS_MAX)
        snprintf(keys[(*count)++], CVY_NAME_BYTES, "%s", key);
}

static size_t find_keys(const cvy_study *c, char keys[SETTINGS_MAX][CVY_NAME_BYTES])
{
    char key[CVY_NAME_BYTES], value[VALUE_BYTES];
    size_t count = 0;

    for (size_t k = 0; k < c->compared_count; k++) {
        const char *label = c->configurations[k].label;
        for (const char *word = label, *end; *word != '\0'; word = *end != '\0' ? end + 1 : end) {
            end = word + strcspn(word, " ");
            if (part_word(label, word, end, key, value))
                add_key(key, keys, &count);
        }
    }
    return count;
}

/* --- lines of a setting --- */

static void gather(const cvy_findings *f, setting *s)
{
    s->count = 0;
    s->is_numeric = true;
    for (size_t k = 0; k < f->study->compared_count; k++) {
        parted *part = &s->parts[s->count];
        part->configuration = k;
        if (!part_label(f->study->configurations[k].label, s->key, part))
            continue;
        s->is_numeric = s->is_numeric && read_number(part->value, &part->x);
        s->count++;
    }
}

static int by_value(const void *a, const void *b)
{
    const parted *x = a, *y = b;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return (x->x > y->x) - (x->x < y->x);
}

/* Numbers keep their values; words are placed next to each other in the order of the
 * configurations. */
static void place_words(setting *s)
{
    size_t count = 0;

    for (size_t i = 0; i < s->count; i++) {
        size_t same = 0;
        while (same < i && strcmp(s->parts[same].value, s->parts[i].value) != 0)
            same++;
        s->parts[i].x = same < i ? s->parts[same].x : (double)count++;
        const size_t length = strlen(s->x_ticks);
        if (same == i)
            snprintf(s->x_ticks + length, sizeof s->x_ticks - length, "%s'%.12s' %zu",
                     length > 0 ? ", " : "", s->parts[i].value, count - 1);
    }
    s->lines.x_ticks = s->x_ticks;
}

/* Whether some line has more than one value. */
static bool make_lines(setting *s)
{
    size_t count = 0;
    bool is_varied = false;

    for (size_t i = 0; i < s->count; i++) {
        size_t same = 0;
        while (same < i && strcmp(s->parts[same].rest, s->parts[i].rest) != 0)
            same++;
        s->parts[i].line = same < i ? s->parts[same].line : count++;
        is_varied = is_varied || (same < i && strcmp(s->parts[same].value, s->parts[i].value) != 0);
    }
    s->lines = cvy_lines_none(count);
    s->lines.kind = CVY_LINES_BANDS;
    if (!s->is_numeric)
        place_words(s);
    qsort(s->parts, s->count, sizeof *s->parts, by_value);
    return is_varied;
}

static void write_value(FILE *file, const cvy_findings *f, setting *s, const parted *part)
{
    const cvy_standing *standing = &f->standings[part->configuration];
    const cvy_quartiles *q = &standing->final[f->metric];
    cvy_line *line = &s->lines.lines[part->line];

    line->label = part->rest;
    line->is_there = true;
    if (isfinite(q->median)) {
        line->last = q->median;
        line->end = part->x;
    }
    cvy_csv_text(file, part->rest);
    fprintf(file, "%.9g,", part->x);
    cvy_csv_number(file, q->median);
    fprintf(file, "%zu,", standing->diverged);
    cvy_csv_number(file, isfinite(q->q3) ? q->q1 : NAN);
    fprintf(file, isfinite(q->q1) && isfinite(q->q3) ? "%.9g," : ",", q->q3);
    cvy_csv_text(file, part->value);
    fprintf(file, "%zu\n", standing->runs);
    cvy_lines_widen(&s->lines, part->x, q->median);
    cvy_lines_widen(&s->lines, part->x, q->q1);
    cvy_lines_widen(&s->lines, part->x, q->q3);
}

static cvy_status write_data(const cvy_findings *f, const char *folder, const char *data,
                             setting *s)
{
    cvy_report_file out;
    cvy_status status = cvy_report_file_open(&out, folder, data);
    if (status != CVY_OK)
        return status;

    fprintf(out.file, "configuration,place,%s,diverged,q1,q3,%s,n\n", cvy_metric_names[f->metric],
            s->key);
    for (size_t i = 0; i < s->count; i++) {
        if (s->parts[i].line >= s->lines.count)
            break;
        if (i > 0 && s->parts[i].line != s->parts[i - 1].line)
            fputs("\n\n", out.file);
        write_value(out.file, f, s, &s->parts[i]);
    }
    return cvy_report_file_close(&out);
}

static cvy_chart_axis plan_x(const setting *s)
{
    const cvy_lines *l = &s->lines;

    if (!s->is_numeric)
        return (cvy_chart_axis){ .scale = CVY_SCALE_LINEAR,
                                 .min = l->x_min - 0.3,
                                 .max = l->x_max + 0.3 };
    return cvy_chart_axis_plan(l->x_min > 0 && l->x_max >= 10 * l->x_min ? CVY_SCALE_LOG
                                                                         : CVY_SCALE_LINEAR,
                               l->x_min, l->x_max, 0);
}

static cvy_status draw_setting(const cvy_findings *f, const char *folder, setting *s,
                               cvy_figures *figures)
{
    char name[64], data[64];

    gather(f, s);
    if (!make_lines(s))
        return CVY_OK;
    snprintf(name, sizeof name, "setting-%.40s", s->key);
    snprintf(data, sizeof data, "%.55s.csv", name);
    cvy_status status = write_data(f, folder, data, s);
    if (status != CVY_OK || !(s->lines.y_min <= s->lines.y_max))
        return status;
    const cvy_figure *figure = cvy_figures_add(
        figures, data, name, "%c%s by %s\nmedian and quartiles, n = %zu seed%s; × some diverged",
        cvy_metric_titles[f->metric][0] - 'a' + 'A', cvy_metric_titles[f->metric] + 1, s->key,
        f->study->seed_count, cvy_plural(f->study->seed_count));
    const cvy_chart_axis x = plan_x(s), y = cvy_lines_metric_axis(f, &s->lines);
    return figure != NULL ? cvy_lines_write(folder, figure, &s->lines, &x, &y, s->key) : CVY_OK;
}

cvy_status cvy_figures_of_settings(const cvy_findings *f, const char *folder, cvy_figures *figures)
{
    char keys[SETTINGS_MAX][CVY_NAME_BYTES];
    const size_t count = find_keys(f->study, keys);
    parted *parts;
    cvy_status status = cvy_memory_create(f->study->compared_count + 1, sizeof *parts, &parts);

    for (size_t i = 0; status == CVY_OK && i < count; i++) {
        setting s = { .parts = parts };
        memcpy(s.key, keys[i], sizeof s.key);
        status = draw_setting(f, folder, &s, figures);
    }
    cvy_memory_free(parts);
    return status;
}
