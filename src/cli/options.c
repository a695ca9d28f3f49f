#include "cli/options.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/minmax.h"
#include "base/threads.h"
#include "base/topology.h"
#include "kernels/gemm.h"

enum { OPTIONS_MAX = 64, SHOWN_BYTES = 80, THREADS_MAX = 1024 };

static const char *const precisions[] = { "fp32", "bf16", "auto", NULL };

#define AT(member) offsetof(cvy_common_options, member)
const cvy_setting cvy_common_rows[] = {
    { "threads", CVY_COUNT, AT(threads), NULL, 1, THREADS_MAX,
      "workers, which never change a result; without it OMP_NUM_THREADS, or a worker for each core "
      "that this process may use and its quota can keep busy",
      CVY_CLOSED, NULL },
    { "seed", CVY_COUNT, AT(seed), "0", 0, 9007199254740991, "of all random numbers", CVY_CLOSED,
      NULL },
    { "precision", CVY_CHOICE, AT(precision), "auto", 0, 0,
      "of the numbers that are computed with; bf16 is yet to come", CVY_CLOSED, precisions },
    { "json", CVY_BOOL, AT(json), "false", 0, 0, "print one JSON object on stdout", CVY_CLOSED,
      NULL },
    { "quiet", CVY_BOOL, AT(quiet), "false", 0, 0, "print no progress", CVY_CLOSED, NULL },
    { "verbose", CVY_BOOL, AT(verbose), "false", 0, 0, "also tell what was decided on the way",
      CVY_CLOSED, NULL },
    { "help", CVY_BOOL, AT(help), "false", 0, 0, "print this help; also -h", CVY_CLOSED, NULL },
    { 0 },
};

/* An argument taken apart. */
typedef struct {
    char name[CVY_NAME_BYTES]; /* without the dashes in front, and with hyphens inside */
    char *value;               /* behind the '='; NULL: none */
} option;

/* argument begins with '-'. A name that is too long is cut: it is unknown anyway. */
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

/* The row that an argument names, and the set it is in; NULL: none. */
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

static cvy_status fail_unknown(const char *argument, const char *name, const cvy_option_set *sets,
                               size_t set_count)
{
    const char *names[OPTIONS_MAX];
    size_t count = 0;

    for (size_t i = 0; i < set_count; i++) {
        for (const cvy_setting *row = sets[i].rows; row != NULL && row->name != NULL; row++) {
            assert(count < OPTIONS_MAX);
            names[count++] = row->name;
        }
    }
    const char *nearest = cvy_nearest_name(name, names, count);
    const int length = (int)strcspn(argument, "=");
    return cvy_fail(CVY_ERR_SETTING, "%.*s: unknown option; %s%s%s",
                    length < SHOWN_BYTES ? length : SHOWN_BYTES, argument,
                    nearest != NULL ? "did you mean --" : "see --help",
                    nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
}

/* Refusals call the option as it is typed. */
static cvy_status parse_option(const cvy_setting *row, const char *text, void *values)
{
    char name[CVY_NAME_BYTES + 2];
    cvy_setting shown = *row;

    snprintf(name, sizeof name, "--%s", row->name);
    shown.name = name;
    return cvy_setting_parse(&shown, text, values);
}

/* arguments[0] is an option. *used counts it, and the argument behind it when that is its value. */
static cvy_status read_option(const cvy_option_set *sets, size_t set_count, char **arguments,
                              size_t count, size_t *used)
{
    const option o = take_apart(arguments[0]);
    size_t set;
    const cvy_setting *row = find_row(sets, set_count, arguments[0], o.name, &set);

    if (row == NULL)
        return fail_unknown(arguments[0], o.name, sets, set_count);

    const char *text = o.value;
    *used = 1;
    if (text == NULL && row->type == CVY_BOOL) {
        text = "true";
    } else if (text == NULL) {
        /* What begins with two dashes is more likely the next option than a value */
        if (count < 2 || strncmp(arguments[1], "--", 2) == 0) {
            char range[256];
            cvy_setting_describe(row, range, sizeof range);
            return cvy_fail(CVY_ERR_SETTING, "--%s: its value is missing, expected %s", row->name,
                            range);
        }
        text = arguments[1];
        *used = 2;
    }
    return parse_option(row, text, sets[set].values);
}

cvy_status cvy_options_read(const cvy_option_set *sets, size_t set_count, char **arguments,
                            size_t count, size_t *operand_count)
{
    bool has_ended = false;
    size_t operands = 0;

    for (size_t i = 0; i < set_count; i++)
        if (sets[i].rows != NULL)
            cvy_settings_default(sets[i].rows, sets[i].values);
    for (size_t i = 0; i < count;) {
        if (has_ended || arguments[i][0] != '-' || arguments[i][1] == '\0') {
            arguments[operands++] = arguments[i++];
        } else if (strcmp(arguments[i], "--") == 0) {
            has_ended = true;
            i++;
        } else {
            size_t used;
            cvy_status status = read_option(sets, set_count, arguments + i, count - i, &used);
            if (status != CVY_OK)
                return status;
            i += used;
        }
    }
    *operand_count = operands;
    return CVY_OK;
}

/* That matrix products allow. A wrong CONVOY_GEMM is left to those that multiply. */
static size_t workers_max(void)
{
    const cvy_gemm_backend *gemm;

    return cvy_gemm_choose(&gemm) == CVY_OK && gemm->workers_max != NULL ? gemm->workers_max()
                                                                         : THREADS_MAX;
}

cvy_status cvy_check_workers(const char *name, size_t workers)
{
    const cvy_gemm_backend *gemm;
    const size_t granted = cvy_threads_granted(workers);

    if (granted < workers)
        return cvy_fail(CVY_ERR_SETTING, "%s: found %zu, expected at most %zu (OMP_THREAD_LIMIT)",
                        name, workers, granted);
    return cvy_gemm_choose(&gemm) == CVY_OK ? cvy_gemm_check_workers(gemm, name, workers) : CVY_OK;
}

/* OMP_NUM_THREADS may be a list with an entry for every level of nesting; the first one counts.
 * OpenMP 5.2, section 21.1.2. What is not such a list is ignored. */
static size_t default_threads(void)
{
    const char *text = getenv("OMP_NUM_THREADS");
    size_t threads = 0;

    if (text != NULL) {
        char *end;
        text += strspn(text, " ");
        unsigned long number = strtoul(text, &end, 10);
        if (*text >= '0' && *text <= '9' && (*end == '\0' || *end == ','))
            threads = number;
    }
    if (threads == 0)
        threads = cvy_topology_threads(cvy_topology_detect());
    return cvy_min(threads, cvy_min(THREADS_MAX, workers_max()));
}

cvy_status cvy_common_options_settle(cvy_common_options *common)
{
    if (common->precision == CVY_PRECISION_BF16)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "--precision: bf16 is not supported yet, expected fp32 or auto");
    common->precision = CVY_PRECISION_FP32;
    const bool is_given = common->threads > 0;
    common->threads_wanted = is_given ? common->threads : default_threads();
    common->threads = cvy_threads_granted(common->threads_wanted);
    return is_given ? cvy_check_workers("--threads", common->threads) : CVY_OK;
}
