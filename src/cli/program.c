#include "cli/program.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/synonyms.h"
#include "cli/completion.h"
#include "cli/config.h"
#include "cli/help.h"
#include "cli/man.h"
#include "cli/operands.h"
#include "cli/print.h"
#include "cli/ranks.h"
#include "cli/signals.h"
#include "convoy/convoy.h"

enum { NAMES_MAX = 64, SIGNAL_BASE = 128 /* as shells count */ };

/* "convoy: train: model.json: ...", from cvy_error_message(). command: NULL if none was running. */
static void print_error(const cvy_command *command)
{
    const bool is_colored = cvy_has_color(stderr);
    static const char about_stdout[] = "stdout: ";

    if (cvy_ranks_follows()) /* the leader prints it */
        return;
    if (cvy_stdout_is_abandoned() &&
        strncmp(cvy_error_message(), about_stdout, sizeof about_stdout - 1) == 0)
        return;

    fprintf(stderr, "%sconvoy:%s %s%s%s\n", is_colored ? "\x1b[1;31m" : "",
            is_colored ? "\x1b[0m" : "", command != NULL ? command->name : "",
            command != NULL ? ": " : "", cvy_error_message());
}

/* The command has failed if its output could not be written to stdout. */
static int finish(const cvy_command *command)
{
    if (cvy_print_flush(stdout) == CVY_OK)
        return CVY_EXIT_DONE;
    print_error(command);
    return CVY_EXIT_FAILED;
}

static int fail_usage(const cvy_command *command)
{
    print_error(command);
    return CVY_EXIT_USAGE;
}

/* The first command that has an option of that name. */
static const cvy_command *find_owner(const cvy_command *const *commands, const char *option)
{
    for (size_t i = 0; commands[i] != NULL; i++)
        if (commands[i]->options != NULL && cvy_option_find(commands[i]->options, option) != NULL)
            return commands[i];
    return NULL;
}

static void fail_unknown_command(const char *name, const char *const *names, size_t count)
{
    char hint[256] = "see convoy --help";

    if (name[0] == '\0') {
        cvy_fail(
            CVY_ERR_SETTING,
            "found \"\", an empty word, expected a command\nA shell variable in it may be empty.");
        return;
    }
    const cvy_suggestion suggestion = cvy_suggest("command", name, names, count);

    if (suggestion.meant != NULL)
        snprintf(hint, sizeof hint, "did you mean %s?", suggestion.meant);
    else if (name[0] != '-' && strchr(name, '=') != NULL)
        snprintf(hint, sizeof hint, "a command comes first, as in convoy train --epochs 3");
    else
        cvy_operand_place(name, hint, sizeof hint);
    cvy_fail(CVY_ERR_SETTING, "%.80s: unknown %s; %s", name,
             name[0] == '-' ? "option before the command" : "command", hint);
    cvy_fail_advise(CVY_ERR_SETTING, suggestion.advice);
}

static const cvy_command *find_command(const cvy_command *const *commands, const char *name)
{
    const char *names[NAMES_MAX] = { "help", "--help", "--version" };
    size_t count = 3;

    for (size_t i = 0; commands[i] != NULL; i++) {
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
        assert(count < NAMES_MAX);
        names[count++] = commands[i]->name;
    }
    if (name[0] == '-' && find_owner(commands, name) != NULL)
        cvy_fail(CVY_ERR_SETTING,
                 "%.80s: an option before the command, expected it after, as in convoy %s %.80s",
                 name, find_owner(commands, name)->name, name);
    else
        fail_unknown_command(name, names, count);
    return NULL;
}

static int exit_status(cvy_status status)
{
    if (status == CVY_ERR_STOPPED && cvy_stop_requested())
        return SIGNAL_BASE + cvy_stop_signal();
    return status == CVY_ERR_SETTING ? CVY_EXIT_USAGE : CVY_EXIT_FAILED;
}

/* After a refusal: say so if the option belongs to another command. */
static void note_owner(const cvy_call *call, char *const *arguments, size_t count)
{
    const char *sentence = cvy_error_message();

    if (strstr(sentence, ": unknown option; see") == NULL || strchr(sentence, '\n') != NULL)
        return;
    for (size_t i = 0; i < count; i++) {
        const size_t length = strcspn(arguments[i], "=");
        const cvy_command *owner = find_owner(cvy_commands, arguments[i]);
        if (owner != NULL && owner != call->command &&
            strncmp(sentence, arguments[i], length) == 0) {
            cvy_fail_add(CVY_ERR_SETTING, "\nconvoy %s has that option.", owner->name);
            return;
        }
    }
}

/* call->options is allocated, but still empty. */
static int run_expanded(cvy_call *call, void *options, char **arguments, size_t count)
{
    const cvy_option_set sets[] = { { call->command->options, options },
                                    { cvy_common_rows, &call->common } };
    cvy_status status = cvy_options_read(sets, 2, arguments, count, &call->operand_count);

    if (status != CVY_OK) {
        note_owner(call, arguments, count);
        return fail_usage(call->command);
    }
    if (call->common.help) {
        if (!cvy_ranks_follows())
            cvy_help_command(stdout, call->command);
        return finish(call->command);
    }
    call->operands = arguments;
    if (cvy_operands_check(call) != CVY_OK || cvy_common_options_settle(&call->common) != CVY_OK)
        return fail_usage(call->command);
    status = call->command->run(call);
    if (status == CVY_OK)
        return finish(call->command);
    print_error(call->command);
    return exit_status(status);
}

static int run_command(cvy_call *call, void *options, char **arguments, size_t count)
{
    cvy_config config;
    const cvy_status status = cvy_config_expand(call->command, arguments, count, &config);
    int result;

    if (status == CVY_OK) {
        result = run_expanded(call, options, config.words, config.count);
    } else {
        print_error(call->command);
        result = status == CVY_ERR_SETTING ? CVY_EXIT_USAGE : CVY_EXIT_FAILED;
    }
    cvy_config_release(&config);
    return result;
}

static int run_named(const cvy_command *const *commands, char **arguments, size_t count)
{
    cvy_call call = { .command = find_command(commands, arguments[0]) };
    void *options;

    if (call.command == NULL)
        return fail_usage(NULL);
    if (!call.command->is_for_ranks && cvy_ranks_follows())
        return CVY_EXIT_DONE;
    if (cvy_memory_create(1, call.command->options_size, &options) != CVY_OK) {
        print_error(call.command);
        return CVY_EXIT_FAILED;
    }
    call.options = options;
    int result = run_command(&call, options, arguments + 1, count - 1);
    cvy_memory_free(options);
    return result;
}

static int print_help(const cvy_command *const *commands, const char *name)
{
    const cvy_command *command = NULL;

    if (name == NULL || strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 ||
        strcmp(name, "-h") == 0) {
        cvy_help_program(stdout, commands);
    } else if (strcmp(name, "--man") == 0) {
        cvy_man_print(stdout, commands);
    } else {
        command = find_command(commands, name);
        if (command == NULL)
            return fail_usage(NULL);
        cvy_help_command(stdout, command);
    }
    return finish(NULL);
}

/* Only common options: convoy --help, convoy --json. */
static int run_without_command(const cvy_command *const *commands, char **arguments, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(arguments[i], "--help") == 0 || strcmp(arguments[i], "-h") == 0)
            return print_help(commands, NULL);
    cvy_fail(CVY_ERR_SETTING, "%.80s: found no command, expected one, as in convoy train %.80s",
             arguments[0], arguments[0]);
    return fail_usage(NULL);
}

/* convoy --json train: common options may precede the command. */
static void put_command_first(char **arguments, size_t leading)
{
    char *command = arguments[leading];

    memmove(arguments + 1, arguments, leading * sizeof *arguments);
    arguments[0] = command;
}

/* Output that would be the same on every rank is printed by the leader. */
static bool is_for_leader(const char *first)
{
    return first == NULL || strcmp(first, "--version") == 0 || strcmp(first, "help") == 0 ||
           strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0;
}

int cvy_program_run(const cvy_command *const *commands, int count, char **arguments)
{
    if (is_for_leader(count > 1 ? arguments[1] : NULL) && cvy_ranks_follows())
        return CVY_EXIT_DONE;
    if (count < 2) {
        cvy_help_program(stderr, commands);
        return CVY_EXIT_USAGE;
    }
    const char *first = arguments[1];
    if (strcmp(first, "--version") == 0) {
        puts("convoy " CVY_VERSION_STRING);
        return finish(NULL);
    }
    if (strcmp(first, "help") == 0 && count > 3 && strcmp(arguments[2], "--complete") == 0) {
        cvy_completion_print(stdout, commands, arguments + 3, (size_t)count - 3);
        return finish(NULL);
    }
    if (strcmp(first, "help") == 0)
        return print_help(commands, count > 2 ? arguments[2] : NULL);
    const size_t leading = cvy_options_leading(cvy_common_rows, arguments + 1, (size_t)count - 1);
    if (leading == (size_t)count - 1)
        return run_without_command(commands, arguments + 1, leading);
    put_command_first(arguments + 1, leading);
    return run_named(commands, arguments + 1, (size_t)count - 1);
}
