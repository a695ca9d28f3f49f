#include "cli/options.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/minmax.h"
#include "base/number.h"
#include "base/synonyms.h"
#include "base/threads.h"
#include "cli/help.h"
#include "convoy/runtime.h"

enum { OPTIONS_MAX = 64, SHOWN_BYTES = 80, THREADS_MAX = 1024 };

#define AT(member) offsetof(cvy_common_options, member)
const cvy_setting cvy_common_rows[] = {
    { "threads", CVY_COUNT, AT(threads), NULL, 1, THREADS_MAX,
      "number of threads, which never changes a result (default: OMP_NUM_THREADS, or one for each "
      "core that this process may use and its CPU quota can keep busy)",
      CVY_CLOSED, NULL },
    { "seed", CVY_COUNT, AT(seed), "0", 0, 9007199254740991,
      "seed of initial weights, shuffling, dropout and built-in data", CVY_CLOSED, NULL },
    { "json", CVY_BOOL, AT(json), "false", 0, 0, "print one JSON object on stdout", CVY_CLOSED,
      NULL },
    { "quiet", CVY_BOOL, AT(quiet), "false", 0, 0, "print no progress", CVY_CLOSED, NULL },
    { "verbose", CVY_BOOL, AT(verbose), "false", 0, 0, "also print the decisions made", CVY_CLOSED,
      NULL },
    { "help", CVY_BOOL, AT(help), "false", 0, 0, "print this help; also -h", CVY_CLOSED, NULL },
    { 0 },
};

/* An argument split into name and value. */
typedef struct {
    char name[CVY_NAME_BYTES]; /* without leading dashes, and with '-' inside */
    char *value;               /* after the '='; NULL: none */
} option;

/* argument begins with '-'. A name that is too long is cut; it is unknown anyway. */
static option take_apart(char *argument)
{
    char *name = argument + (argument[1] == '-' ? 2 : 1);
    const size_t length = strcspn(name, "=");
    option o = { .value = name[length] == '=' ? name + length + 1 : NULL };

    snprintf(o.name, sizeof o.name, "%.*s", (int)(length < sizeof o.name ? length : sizeof o.name),
             name);
    for (char *c = o.name; *c != '\0'; c++)
        if (*c == '_')
            *c = '-';
    return o;
}

/* The row that an argument names, and its set; NULL: none. */
static const cvy_setting *find_row(const cvy_option_set *sets, size_t set_count,
                                   const char *argument, const char *name, size_t *set)
{
    if (strcmp(argument, "-h") == 0)
        name = "help";
    else if (argument[1] != '-')
        return NULL;
    for (*set = 0; *set < set_count; ++*set) {
        const cvy_setting *rows = sets[*set].rows;
        const cvy_setting *row = rows != NULL ? cvy_setting_find(rows, name) : NULL;
        if (row != NULL)
            return row;
    }
    return NULL;
}

/* "-j4": a letter and its value in one word. Cut the name to the letter; returns the value, NULL:
 * none. */
static const char *split_glued(const char *argument, char *name)
{
    const char *value = argument + 2;

    if (argument[1] == '-' || argument[1] == '\0' || *value == '\0' ||
        value[strspn(value, "0123456789.")] != '\0')
        return NULL;
    name[1] = '\0';
    return value;
}

/* Whether a value can take the place of an example's, "3" or "0.004". */
static bool is_like(const char *value, const char *example)
{
    char *end;
    const double number = value != NULL ? cvy_number_read(value, &end) : 0;

    if (value == NULL || *value == '\0' || *end != '\0' || number <= 0 ||
        example[strspn(example, "0123456789.e-")] != '\0')
        return false;
    return strchr(example, '.') != NULL ? number < 1 : value[strspn(value, "0123456789")] == '\0';
}

/* What was meant, with the value that was typed in place of an example's if that is the only one:
 * "--patience 5" for "callback early_stopping:patience=3". */
static void put_value(const char *meant, const char *value, char *text, size_t size)
{
    const char *equals = strchr(meant, '=');

    if (equals == NULL || strchr(equals + 1, '=') != NULL || !is_like(value, equals + 1))
        snprintf(text, size, "%s", meant);
    else
        snprintf(text, size, "%.*s%.40s", (int)(equals + 1 - meant), meant, value);
}

/* value: what was typed after the name, with a '=' or as the next word; NULL: nothing */
static cvy_status fail_unknown(const char *argument, char *name, const char *value,
                               const cvy_option_set *sets, size_t set_count)
{
    const char *names[OPTIONS_MAX], *glued = split_glued(argument, name);
    char meant[2 * CVY_NAME_BYTES];
    size_t count = 0;

    for (size_t i = 0; i < set_count; i++) {
        for (const cvy_setting *row = sets[i].rows; row != NULL && row->name != NULL; row++) {
            assert(count < OPTIONS_MAX);
            names[count++] = row->name;
        }
    }
    const cvy_suggestion suggestion = cvy_suggest("option", name, names, count);
    const int length = (int)strcspn(argument, "=");
    cvy_fail(CVY_ERR_SETTING, "%.*s: unknown option; ", length < SHOWN_BYTES ? length : SHOWN_BYTES,
             argument);
    if (suggestion.meant == NULL) {
        cvy_fail_add(CVY_ERR_SETTING, "see --help");
        return cvy_fail_advise(CVY_ERR_SETTING, suggestion.advice);
    }
    put_value(suggestion.meant, value, meant, sizeof meant);
    cvy_fail_add(CVY_ERR_SETTING, "did you mean --%s%s%s?", meant, glued != NULL ? " " : "",
                 glued != NULL ? glued : "");
    return cvy_fail_advise(CVY_ERR_SETTING, suggestion.advice);
}

static size_t count_names(const char *const *names)
{
    size_t count = 0;

    while (names[count] != NULL)
        count++;
    return count;
}

/* Error messages name the option as it is typed. */
static cvy_status parse_option(const cvy_setting *row, const char *text, void *values)
{
    char name[CVY_NAME_BYTES + 2];
    cvy_setting shown = *row;

    snprintf(name, sizeof name, "--%s", row->name);
    shown.name = name;
    cvy_status status = cvy_setting_parse(&shown, text, values);
    if (status == CVY_OK)
        return CVY_OK;
    /* what a word means for this option only: --threads all, --on-nan raise */
    const char *sentence = cvy_error_message();
    cvy_suggestion s =
        cvy_suggest(name, text, row->choices, row->choices != NULL ? count_names(row->choices) : 0);
    if (strchr(sentence, '\n') != NULL)
        return status;
    if (strstr(sentence, "did you mean") != NULL)
        s.meant = NULL;
    return cvy_fail_suggest(status, s);
}

/* arguments[0] is an option. *used counts it, and the next argument if that is its value. */
static cvy_status read_option(const cvy_option_set *sets, size_t set_count, char **arguments,
                              size_t count, size_t *used)
{
    option o = take_apart(arguments[0]);
    size_t set;
    const cvy_setting *row = find_row(sets, set_count, arguments[0], o.name, &set);

    if (row == NULL)
        return fail_unknown(arguments[0], o.name,
                            o.value != NULL ? o.value : (count > 1 ? arguments[1] : NULL), sets,
                            set_count);

    const char *text = o.value;
    *used = 1;
    if (text == NULL && row->type == CVY_BOOL) {
        text = "true";
    } else if (text == NULL) {
        /* an argument that begins with two dashes is more likely the next option than a value */
        if (count < 2 || strncmp(arguments[1], "--", 2) == 0) {
            char range[CVY_NAME_BYTES];
            if (row->type == CVY_TEXT || row->type == CVY_TEXT_LIST)
                cvy_help_option_name(row, range, sizeof range);
            else
                cvy_setting_describe(row, range, sizeof range);
            return cvy_fail(CVY_ERR_SETTING, "--%s: its value is missing, expected %s", row->name,
                            range);
        }
        text = arguments[1];
        *used = 2;
    }
    if (*text == '\0' && (row->type == CVY_TEXT || row->type == CVY_TEXT_LIST)) {
        char form[CVY_NAME_BYTES];
        cvy_help_option_name(row, form, sizeof form);
        return cvy_fail(CVY_ERR_SETTING,
                        "--%s: found \"\", expected %s\nA shell variable in it may be empty.",
                        row->name, form);
    }
    return parse_option(row, text, sets[set].values);
}

/* A value that other programs accept for a flag, and not the name of a file. */
static bool is_truth(const char *operand)
{
    static const char *const words[] = { "true", "false", "yes", "no", "on", "off",
                                         "True", "False", "1",   "0",  "2" };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(operand, words[i]) == 0)
            return access(operand, F_OK) != 0;
    return false;
}

/* "28 x 28", "5 min", "4 GB": a value of several words. rest: the words after the first one. */
static cvy_status check_no_unit(const char *before, char *const *rest, size_t count)
{
    static const char *const units[] = { "x",    "X",     "*",  "\u00d7", "s",       "sec",
                                         "secs", "min",   "m",  "mins",   "minutes", "h",
                                         "hour", "hours", "GB", "G",      "GiB",     "MB",
                                         "M",    "MiB",   "KB", "%" };
    const bool is_number = before[0] != '\0' && before[strspn(before, "0123456789.")] == '\0';

    for (size_t i = 0; is_number && i < sizeof units / sizeof *units; i++)
        if (strcmp(rest[0], units[i]) == 0)
            return cvy_fail(CVY_ERR_SETTING, "%.80s: found a space after it, expected %.80s%s%.80s",
                            before, before, i < 4 ? "x" : rest[0],
                            i < 4 && count > 1 ? rest[1] : "");
    return CVY_OK;
}

/* "--seeds 1 2 3" */
static cvy_status check_one_number(const cvy_setting *row, const char *before, const char *operand)
{
    char name[CVY_NAME_BYTES + 2];

    if (row == NULL || (row->type != CVY_COUNT && row->type != CVY_FLOAT) || *operand == '\0' ||
        operand[strspn(operand, "0123456789.")] != '\0' || access(operand, F_OK) == 0)
        return CVY_OK;
    snprintf(name, sizeof name, "--%s", row->name);
    cvy_fail(CVY_ERR_SETTING, "%s: found %.40s after %.40s, expected a single number", name,
             operand, before);
    return cvy_fail_advise(CVY_ERR_SETTING, cvy_suggest(name, "1,2", NULL, 0).advice);
}

/* An operand right after an option may belong to its value: "sgd: momentum=0.9", "--json true". */
static cvy_status check_no_rest(const cvy_option_set *sets, const char *before, const char *operand)
{
    const size_t length = strlen(before);
    const bool is_bool = is_truth(operand);

    if (length > 0 && strchr(":,", before[length - 1]) != NULL && before[0] != '-')
        return cvy_fail(CVY_ERR_SETTING, "%.80s: found a space after it, expected %.80s%.80s",
                        before, before, operand);
    if (strcmp(before, "--csv") == 0 && strstr(operand, ".csv") != NULL)
        return cvy_fail(CVY_ERR_SETTING,
                        "--csv: found %.80s after it, expected --csv alone; did you mean --csv > "
                        "%.80s?",
                        operand, operand);
    if (strcmp(before, "--resume") == 0 && sets[0].rows != NULL &&
        cvy_setting_find(sets[0].rows, "checkpoint") != NULL)
        return cvy_fail(
            CVY_ERR_SETTING,
            "--resume: found %.80s after it, expected the run's folder in --checkpoint\n"
            "Did you mean --checkpoint %.80s --resume?",
            operand, operand);
    if (is_bool && strncmp(before, "--", 2) == 0 && strchr(before, '=') == NULL)
        return cvy_fail(
            CVY_ERR_SETTING, "%.80s: found %s after it, expected %.80s alone or %.80s=%s", before,
            operand, before, before,
            strchr("fFn0", operand[0]) != NULL || strcmp(operand, "off") == 0 ? "false" : "true");
    return CVY_OK;
}

size_t cvy_options_leading(const cvy_setting *rows, char **arguments, size_t count)
{
    const cvy_option_set set = { rows, NULL };
    size_t i = 0, at;

    while (i < count && arguments[i][0] == '-') {
        const option o = take_apart(arguments[i]);
        const cvy_setting *row = find_row(&set, 1, arguments[i], o.name, &at);
        if (row == NULL)
            break;
        i += row->type == CVY_BOOL || o.value != NULL ? 1 : 2;
    }
    return cvy_min(i, count);
}

const cvy_setting *cvy_option_find(const cvy_setting *rows, const char *argument)
{
    const cvy_option_set set = { rows, NULL };
    size_t at;

    if (argument[0] != '-')
        return NULL;
    return find_row(&set, 1, argument, take_apart((char *)(uintptr_t)argument).name, &at);
}

cvy_status cvy_options_read(const cvy_option_set *sets, size_t set_count, char **arguments,
                            size_t count, size_t *operand_count)
{
    bool has_ended = false;
    size_t operands = 0;
    const char *before = NULL;     /* the last word of a preceding option */
    const cvy_setting *row = NULL; /* of that option, if the word is its value */

    for (size_t i = 0; i < set_count; i++)
        if (sets[i].rows != NULL)
            cvy_settings_default(sets[i].rows, sets[i].values);
    for (size_t i = 0; i < count;) {
        if (has_ended || arguments[i][0] != '-' || arguments[i][1] == '\0') {
            if (before != NULL && !has_ended &&
                (check_no_rest(sets, before, arguments[i]) != CVY_OK ||
                 check_no_unit(before, arguments + i, count - i) != CVY_OK ||
                 check_one_number(row, before, arguments[i]) != CVY_OK))
                return CVY_ERR_SETTING;
            before = NULL;
            arguments[operands++] = arguments[i++];
        } else if (strcmp(arguments[i], "--") == 0) {
            has_ended = true;
            i++;
        } else {
            size_t used = 0;
            cvy_status status = read_option(sets, set_count, arguments + i, count - i, &used);
            if (status != CVY_OK)
                return status;
            size_t set;
            row = used == 2
                      ? find_row(sets, set_count, arguments[i], take_apart(arguments[i]).name, &set)
                      : NULL;
            i += used;
            before = arguments[i - 1];
        }
    }
    *operand_count = operands;
    return CVY_OK;
}

cvy_status cvy_check_workers(const char *name, size_t workers)
{
    const size_t max = cvy_threads_recommended()->max;
    const size_t granted = cvy_threads_granted(workers);
    const char *gemm;

    if (granted < workers)
        return cvy_fail(CVY_ERR_SETTING, "%s: found %zu, expected at most %zu (OMP_THREAD_LIMIT)",
                        name, workers, granted);
    /* an invalid CONVOY_GEMM is reported by the code that multiplies */
    if (workers <= max || cvy_kernels_selected(&gemm, NULL) != CVY_OK)
        return CVY_OK;
    return cvy_fail(CVY_ERR_SETTING,
                    "%s: found %zu, expected at most %zu, as many as %.*s has buffers for here",
                    name, workers, max, (int)strcspn(gemm, "/"), gemm);
}

cvy_status cvy_common_options_settle(cvy_common_options *common)
{
    const bool is_given = common->threads > 0;
    common->has_threads = is_given;
    common->threads_wanted = is_given ? common->threads : cvy_threads_recommended()->recommended;
    common->threads = cvy_threads_granted(common->threads_wanted);
    return is_given ? cvy_check_workers("--threads", common->threads) : CVY_OK;
}
