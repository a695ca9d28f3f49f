/* The program around its commands: help, versions, wrong command lines and exit statuses. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/redirect.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/print.h"
#include "cli/program.h"
#include "cli/signals.h"
#include "convoy/convoy.h"

typedef struct {
    size_t outcome;
} try_options;

static const cvy_setting rows[] = {
    { "outcome", CVY_COUNT, offsetof(try_options, outcome), "0", 0, CVY_STATUS_COUNT,
      "STATUS: what comes of it", CVY_CLOSED, NULL },
    { 0 },
};

/* Does what --outcome says, and prints its operands. */
static cvy_status run_try(const cvy_call *call)
{
    const try_options *o = call->options;

    if (o->outcome == CVY_ERR_STOPPED) {
        cvy_signals_catch();
        raise(SIGTERM);
    }
    if (o->outcome != CVY_OK)
        return cvy_fail((cvy_status)o->outcome, "place: reason");
    for (size_t i = 0; i < call->operand_count; i++)
        fprintf(cvy_print_file(call), "%s\n", call->operands[i]);
    return CVY_OK;
}

static const cvy_command try_command = {
    .name = "try",
    .operands = "FILE...",
    .summary = "try what comes of it",
    .examples = "convoy try a\nconvoy try --outcome 3 a\n",
    .options = rows,
    .options_size = sizeof(try_options),
    .operands_min = 1,
    .operands_max = 2,
    .run = run_try,
};
static const cvy_command bare_command = {
    .name = "bare",
    .summary = "take nothing",
    .examples = "convoy bare\n",
    .run = run_try,
};
static const cvy_command *const commands[] = { &try_command, &bare_command, NULL };

/* Words are separated by single spaces; the exit status. */
static int run(const char *line)
{
    char copy[256], *arguments[16], *rest = copy;
    int count = 0;

    snprintf(copy, sizeof copy, "%s", line);
    while (rest != NULL)
        arguments[count++] = strsep(&rest, " ");
    return cvy_program_run(commands, count, arguments);
}

static void redirect(void)
{
    cr_redirect_stdout();
    cr_redirect_stderr();
}

static void expect_refused(const char *line, int status, const char *sentence)
{
    cr_expect(eq(int, run(line), status), "%s", line);
    fflush(stderr);
    cr_assert_stderr_eq_str(sentence);
}

TestSuite(program, .init = redirect);

Test(program, operands_reach_the_command)
{
    cr_expect(eq(int, run("convoy try a --outcome=0 b"), CVY_EXIT_DONE));
    cr_assert_stdout_eq_str("a\nb\n");
}

Test(program, alone_it_is_a_wrong_command_line)
{
    cr_expect(eq(int, run("convoy"), CVY_EXIT_USAGE));
    fflush(stdout);
    cr_assert_stdout_eq_str("");
}

Test(program, version_is_that_of_the_header)
{
    cr_expect(eq(int, run("convoy --version"), CVY_EXIT_DONE));
    cr_assert_stdout_eq_str("convoy " CVY_VERSION_STRING "\n");
    cr_expect(eq(str, CVY_VERSION_STRING, "0.1.0"));
}

Test(program, unknown_command)
{
    expect_refused("convoy tyr a", CVY_EXIT_USAGE,
                   "convoy: tyr: unknown command; did you mean try?\n");
}

Test(program, unknown_command_with_nothing_near)
{
    expect_refused("convoy frobnicate", CVY_EXIT_USAGE,
                   "convoy: frobnicate: unknown command; see convoy --help\n");
}

Test(program, unknown_option_in_front)
{
    expect_refused("convoy --verison", CVY_EXIT_USAGE,
                   "convoy: --verison: unknown option before the command; "
                   "did you mean --version?\n");
}

Test(program, help_for_an_unknown_command)
{
    expect_refused("convoy help tyr", CVY_EXIT_USAGE,
                   "convoy: tyr: unknown command; did you mean try?\n");
}

Test(program, unknown_option)
{
    expect_refused("convoy try a --outcom 2", CVY_EXIT_USAGE,
                   "convoy: try: --outcom: unknown option; did you mean --outcome?\n");
}

Test(program, too_few_operands)
{
    expect_refused("convoy try", CVY_EXIT_USAGE,
                   "convoy: try: found nothing to work on, expected FILE...\n"
                   "For example: convoy try a\n");
}

Test(program, too_many_operands)
{
    expect_refused("convoy try a b c", CVY_EXIT_USAGE,
                   "convoy: try: c: one operand too many, expected FILE...\n");
}

Test(program, operands_for_a_command_without)
{
    expect_refused("convoy bare a", CVY_EXIT_USAGE,
                   "convoy: bare: a: one operand too many, expected none\n");
}

Test(program, a_command_without_options)
{
    expect_refused("convoy bare --outcome 1", CVY_EXIT_USAGE,
                   "convoy: bare: --outcome: unknown option; see --help\n");
}

Test(program, failed_work)
{
    expect_refused("convoy try a --outcome 4", CVY_EXIT_FAILED, "convoy: try: place: reason\n");
}

Test(program, a_setting_refused_by_the_work_is_a_wrong_command_line)
{
    expect_refused("convoy try a --outcome 1", CVY_EXIT_USAGE, "convoy: try: place: reason\n");
}

Test(program, stopped_by_a_signal)
{
    char line[64];

    snprintf(line, sizeof line, "convoy try a --outcome %d", CVY_ERR_STOPPED);
    expect_refused(line, 128 + SIGTERM, "convoy: try: place: reason\n");
    cr_expect(eq(int, cvy_stop_signal(), SIGTERM));
}

Test(program, a_second_signal_kills, .signal = SIGINT)
{
    static const struct timespec pause = { .tv_nsec = 700000000 };

    cvy_signals_catch();
    cr_expect(not(cvy_stop_requested()));
    raise(SIGTERM);
    cr_expect(cvy_stop_requested());
    nanosleep(&pause, NULL);
    raise(SIGINT);
}

/* As timeout(1) and closed terminals do it. */
Test(program, a_signal_that_comes_twice_at_once_counts_once)
{
    cvy_signals_catch();
    raise(SIGHUP);
    raise(SIGHUP);
    raise(SIGTERM);
    cr_expect(eq(int, cvy_stop_signal(), SIGHUP));
}

Test(program, an_ignored_signal_stays_ignored)
{
    signal(SIGINT, SIG_IGN);
    cvy_signals_catch();
    raise(SIGINT);
    cr_expect(not(cvy_stop_requested()));
}

/* What a line prints on stdout. */
static void read_stdout(const char *line, char *text, size_t size)
{
    cr_expect(eq(int, run(line), CVY_EXIT_DONE));
    fflush(stdout);
    FILE *file = cr_get_redirected_stdout();
    size_t length = fread(text, 1, size - 1, file);
    text[length] = '\0';
}

static void expect_contains(const char *text, const char *part)
{
    cr_expect(ne(ptr, strstr(text, part), NULL), "\"%s\" in\n%s", part, text);
}

/* Where there is no terminal, lines are broken for one of 80 columns. */
static void expect_narrow(const char *text)
{
    for (; *text != '\0'; text += strcspn(text, "\n"), text += *text == '\n')
        cr_expect(le(sz, strcspn(text, "\n"), 80), "%.*s", (int)strcspn(text, "\n"), text);
}

Test(program, help_of_a_command_is_made_of_its_rows)
{
    char text[8192];

    read_stdout("convoy try --help", text, sizeof text);
    expect_contains(text, "Usage: convoy try [OPTIONS] FILE...\n\nTry what comes of it.\n\n"
                          "Examples:\n  convoy try a\n  convoy try --outcome 3 a\n\nOptions:\n"
                          "  --outcome STATUS          what comes of it; a whole number from 0 to");
    expect_contains(text, "(default 0)\n");
    expect_contains(text, "\n  --threads N  ");
    expect_contains(text, "\n  --json   ");
    expect_narrow(text);
}

Test(program, help_of_the_program_lists_the_commands)
{
    char text[8192];

    read_stdout("convoy --help", text, sizeof text);
    expect_contains(text, "Usage: convoy COMMAND [OPTIONS] [FILES]\n");
    expect_contains(text, "Examples:\n  convoy try a\n  convoy bare\n\n");
    expect_contains(text, "\n  try                       try what comes of it\n");
    expect_narrow(text);
}

Test(program, both_ways_of_asking_for_help_agree)
{
    char asked[8192], helped[8192];

    read_stdout("convoy help try", asked, sizeof asked);
    read_stdout("convoy try -h", helped, sizeof helped);
    cr_expect(ne(sz, strlen(asked), 0));
    cr_expect(eq(sz, strlen(asked), strlen(helped)));
}
