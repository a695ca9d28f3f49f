/* Arguments against option tables: every way of typing an option, and every way of mistyping it. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/topology.h"
#include "cli/options.h"

typedef struct {
    const char *data, *output;
    size_t batch_size;
    cvy_text_list callbacks;
    double split;
    bool resume;
} train_options;

#define AT(member) offsetof(train_options, member)
static const cvy_setting rows[] = {
    { "data", CVY_TEXT, AT(data), "digits", 0, 0, "images", CVY_CLOSED, NULL },
    { "output", CVY_TEXT, AT(output), NULL, 0, 0, "FILE: result", CVY_CLOSED, NULL },
    { "batch-size", CVY_COUNT, AT(batch_size), "64", 1, 4096, "images", CVY_CLOSED, NULL },
    { "validation-split", CVY_FLOAT, AT(split), "0", 0, 1, "share", CVY_BELOW_MAX, NULL },
    { "callback", CVY_TEXT_LIST, AT(callbacks), NULL, 0, 0, "SPEC: hook", CVY_CLOSED, NULL },
    { "resume", CVY_BOOL, AT(resume), "false", 0, 0, "go on", CVY_CLOSED, NULL },
    { 0 },
};

enum { ARGUMENTS_MAX = 16, LINE_BYTES = 256 };

/* A command line that was read. */
typedef struct {
    char line[LINE_BYTES];
    char *arguments[ARGUMENTS_MAX];
    size_t operand_count;
    train_options options;
    cvy_common_options common;
} reading;

/* Words are separated by single spaces. */
static cvy_status read_line(const char *line, reading *r)
{
    const cvy_option_set sets[] = { { rows, &r->options }, { cvy_common_rows, &r->common } };
    char *rest = r->line;
    size_t count = 0;

    memset(r, 0, sizeof *r);
    snprintf(r->line, sizeof r->line, "%s", line);
    while (*line != '\0' && rest != NULL)
        r->arguments[count++] = strsep(&rest, " ");
    return cvy_options_read(sets, 2, r->arguments, count, &r->operand_count);
}

static void expect_refused(const char *line, const char *sentence)
{
    reading r;

    cr_expect(eq(int, read_line(line, &r), CVY_ERR_SETTING), "%s", line);
    cr_expect(eq(str, (char *)cvy_error_message(), (char *)sentence));
}

Test(options, nothing_gives_the_defaults)
{
    reading r;

    cr_assert(eq(int, read_line("", &r), CVY_OK));
    cr_expect(eq(str, (char *)r.options.data, "digits"));
    cr_expect(eq(ptr, (void *)r.options.output, NULL));
    cr_expect(eq(sz, r.options.batch_size, 64));
    cr_expect(eq(sz, r.operand_count, 0));
    cr_expect(eq(sz, r.common.seed, 0));
    cr_expect(not(r.common.json || r.common.quiet || r.common.verbose || r.common.help));
}

Test(options, values_stand_behind_a_space_or_an_equals_sign)
{
    reading r;

    cr_assert(
        eq(int, read_line("--data mnist --batch-size=7 --output=a=b --json --seed 3", &r), CVY_OK));
    cr_expect(eq(str, (char *)r.options.data, "mnist"));
    cr_expect(eq(str, (char *)r.options.output, "a=b"));
    cr_expect(eq(sz, r.options.batch_size, 7));
    cr_expect(r.common.json);
    cr_expect(eq(sz, r.common.seed, 3));
}

Test(options, underscores_are_hyphens)
{
    reading r;

    cr_assert(
        eq(int, read_line("--batch_size 7 --validation_split=0.5 --data my_data", &r), CVY_OK));
    cr_expect(eq(sz, r.options.batch_size, 7));
    cr_expect(eq(dbl, r.options.split, 0.5));
    cr_expect(eq(str, (char *)r.options.data, "my_data"));
}

Test(options, flags_take_no_word_and_can_be_taken_back)
{
    reading r;

    cr_assert(eq(int, read_line("--resume word", &r), CVY_OK));
    cr_expect(r.options.resume);
    cr_expect(eq(sz, r.operand_count, 1));
    cr_assert(eq(int, read_line("--resume true", &r), CVY_ERR_SETTING));
    cr_assert(eq(int, read_line("--resume --json --resume=false", &r), CVY_OK));
    cr_expect(not(r.options.resume));
    cr_expect(r.common.json);
}

Test(options, the_last_one_counts)
{
    reading r;

    cr_assert(eq(int, read_line("--batch-size 1 --batch_size 2", &r), CVY_OK));
    cr_expect(eq(sz, r.options.batch_size, 2));
}

Test(options, of_a_list_all_count)
{
    reading r;

    cr_assert(eq(int, read_line("", &r), CVY_OK));
    cr_expect(eq(sz, r.options.callbacks.count, 0));
    cr_assert(eq(int, read_line("--callback a=1 x --callback=b --callback a=1", &r), CVY_OK));
    cr_assert(eq(sz, r.options.callbacks.count, 3));
    cr_expect(eq(str, (char *)r.options.callbacks.texts[0], "a=1"));
    cr_expect(eq(str, (char *)r.options.callbacks.texts[1], "b"));
    cr_expect(eq(str, (char *)r.options.callbacks.texts[2], "a=1"));
    cr_expect(eq(sz, r.operand_count, 1));
    expect_refused("--callback", "--callback: its value is missing, expected --callback SPEC");
}

Test(options, a_list_has_an_end)
{
    cvy_text_list list = { 0 };
    const cvy_setting row = { "callback", CVY_TEXT_LIST, 0, NULL, 0, 0, "", CVY_CLOSED, NULL };

    for (size_t i = 0; i < CVY_LIST_MAX; i++)
        cr_assert(eq(int, cvy_setting_parse(&row, "x", &list), CVY_OK));
    cr_expect(eq(int, cvy_setting_parse(&row, "y", &list), CVY_ERR_SETTING));
    cr_expect(eq(sz, list.count, CVY_LIST_MAX));
    cr_expect(eq(str, (char *)list.texts[CVY_LIST_MAX - 1], "x"));
}

Test(options, operands_keep_their_order_among_options)
{
    reading r;

    cr_assert(eq(int, read_line("a --seed 4 b - --quiet -- --json c --", &r), CVY_OK));
    static const char *const expected[] = { "a", "b", "-", "--json", "c", "--" };
    cr_assert(eq(sz, r.operand_count, 6));
    for (size_t i = 0; i < 6; i++)
        cr_expect(eq(str, r.arguments[i], (char *)expected[i]));
    cr_expect(r.common.quiet);
    cr_expect(not(r.common.json));
}

Test(options, an_empty_argument_is_an_operand)
{
    char empty[] = "", *arguments[] = { empty };
    cvy_common_options common;
    const cvy_option_set set = { cvy_common_rows, &common };
    size_t operands;

    cr_expect(eq(int, cvy_options_read(&set, 1, arguments, 1, &operands), CVY_OK));
    cr_expect(eq(sz, operands, 1));
}

Test(options, help_has_a_short_form)
{
    reading r;

    cr_assert(eq(int, read_line("-h", &r), CVY_OK));
    cr_expect(r.common.help);
    cr_assert(eq(int, read_line("--help", &r), CVY_OK));
    cr_expect(r.common.help);
}

Test(options, refusals_call_the_option_as_it_is_typed)
{
    expect_refused("--batch-size -3",
                   "--batch-size: found \"-3\", expected a whole number from 1 to 4096");
    expect_refused("--batch_size=",
                   "--batch-size: found \"\", expected a whole number from 1 to 4096");
    expect_refused("--validation-split nan",
                   "--validation-split: found \"nan\", expected a number in [0, 1)");
    expect_refused("--threads 0",
                   "--threads: found \"0\", expected a whole number from 1 to 1024\n"
                   "Without --threads, convoy uses every core available to this process.");
    expect_refused("--threads 1025",
                   "--threads: found \"1025\", expected a whole number from 1 to 1024");
    expect_refused("--json=maybe", "--json: found \"maybe\", expected true or false");
}

Test(options, a_missing_value_is_not_the_next_option)
{
    expect_refused("--data", "--data: its value is missing, expected --data TEXT");
    expect_refused("--data --json", "--data: its value is missing, expected --data TEXT");
    expect_refused("--data --", "--data: its value is missing, expected --data TEXT");
    reading r;
    cr_expect(eq(int, read_line("--data=--json", &r), CVY_OK));
    cr_expect(eq(str, (char *)r.options.data, "--json"));
}

Test(options, unknown_ones_are_answered_with_the_nearest)
{
    expect_refused("--bach-size 3", "--bach-size: unknown option; did you mean --batch-size?");
    expect_refused("--sed=3", "--sed: unknown option; did you mean --seed?");
    expect_refused("--frobnicate", "--frobnicate: unknown option; see --help");
    expect_refused("-json", "-json: unknown option; did you mean --json?");
    expect_refused("-x", "-x: unknown option; see --help");
    expect_refused("-3", "-3: unknown option; see --help");
    expect_refused("---json", "---json: unknown option; did you mean --json?");
    expect_refused("--=3", "--: unknown option; see --help");
}

Test(options, a_very_long_option_is_cut)
{
    char line[LINE_BYTES];
    reading r;

    memset(line, 'x', sizeof line - 1);
    memcpy(line, "--", 2);
    line[sizeof line - 1] = '\0';
    cr_expect(eq(int, read_line(line, &r), CVY_ERR_SETTING));
    cr_expect(lt(sz, strlen(cvy_error_message()), 130));
}

/* The number of threads that is settled on, with OMP_NUM_THREADS as given. */
static size_t settled_threads(const char *environment, size_t asked)
{
    cvy_common_options common = { .threads = asked };

    if (environment != NULL)
        setenv("OMP_NUM_THREADS", environment, 1);
    else
        unsetenv("OMP_NUM_THREADS");
    cr_expect(eq(int, cvy_common_options_settle(&common), CVY_OK));
    return common.threads;
}

Test(options, threads_are_settled_by_option_environment_or_cores)
{
    const size_t cores = cvy_topology_threads(cvy_topology_detect());

    cr_expect(eq(sz, settled_threads(NULL, 0), cores));
    cr_expect(eq(sz, settled_threads("3", 0), 3));
    cr_expect(eq(sz, settled_threads(" 5,2", 0), 5));
    cr_expect(eq(sz, settled_threads("3", 7), 7));
    setenv("CONVOY_GEMM", "reference", 1);
    cr_expect(eq(sz, settled_threads("99999999999999999999", 0), 1024));
    unsetenv("CONVOY_GEMM");
    cr_expect(le(sz, settled_threads("1024", 0), 1024)); /* or as many as products allow */
    cr_expect(eq(sz, settled_threads("", 0), cores));
    cr_expect(eq(sz, settled_threads("0", 0), cores));
    cr_expect(eq(sz, settled_threads("-2", 0), cores));
    cr_expect(eq(sz, settled_threads("many", 0), cores));
}
