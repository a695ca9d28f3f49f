#include "cli/operands.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/letters.h"
#include "base/place.h"
#include "base/synonyms.h"
#include "cli/kinds.h"
#include "cli/values.h"
#include "convoy/dataset_files.h"
#include "convoy/model.h"

enum { NAMES_MAX = 64, GUESS_BYTES = 256 };

static bool has_option(const cvy_command *command, const char *name)
{
    return command->options != NULL && cvy_setting_find(command->options, name) != NULL;
}

static bool ends_in(const char *word, const char *ending)
{
    const size_t length = strlen(word), tail = strlen(ending);
    return length > tail && strcmp(word + length - tail, ending) == 0;
}

static bool is_folder(const char *word)
{
    struct stat about;
    return ends_in(word, "/") || (stat(word, &about) == 0 && S_ISDIR(about.st_mode));
}

static bool is_number(const char *word)
{
    return *word != '\0' && word[strspn(word, "0123456789")] == '\0';
}

static bool is_picture(const char *word)
{
    static const char *const endings[] = { ".png", ".jpg", ".jpeg", ".bmp", ".pgm", ".ppm" };

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (ends_in(word, endings[i]))
            return true;
    return false;
}

static bool is_model(const char *word)
{
    return cvy_kinds_find(cvy_kinds_of(CVY_KINDS_MODELS), word) != NULL || ends_in(word, ".json");
}

/* The option whose value can be this word, the name of a kind with or without settings; NULL:
 * none. */
static const char *find_kind_option(const char *word)
{
    static const struct {
        cvy_kind_group group;
        const char *option;
    } places[] = {
        { CVY_KINDS_DATASETS, "data" },           { CVY_KINDS_OPTIMIZERS, "optimizer" },
        { CVY_KINDS_SCHEDULES, "learning-rate" }, { CVY_KINDS_LOSSES, "loss" },
        { CVY_KINDS_CALLBACKS, "callback" },      { CVY_KINDS_METRICS, "metrics" },
        { CVY_KINDS_AUGMENTATIONS, "augment" },
    };
    char name[CVY_NAME_BYTES];

    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, ":"), word);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (cvy_kinds_find(cvy_kinds_of(places[i].group), name) != NULL)
            return places[i].option;
    return NULL;
}

/* "epochs=3", as in Ultralytics YOLO, or "momentum=0.9" away from its optimizer. */
static bool guess_entry(const cvy_command *command, const char *word, char *guess)
{
    const char *names[NAMES_MAX], *value = strchr(word, '=');
    char key[CVY_NAME_BYTES];
    size_t count = 0;

    if (value == NULL || strchr(":/.", word[0]) != NULL)
        return false;
    snprintf(key, sizeof key, "%.*s", (int)(value - word), word);
    for (const cvy_setting *row = command->options;
         row != NULL && row->name != NULL && count < NAMES_MAX; row++)
        names[count++] = row->name;
    const cvy_suggestion suggestion = cvy_suggest("option", key, names, count);
    if (suggestion.meant == NULL)
        return false;
    const bool is_plain = strchr(suggestion.meant, ' ') == NULL;
    snprintf(guess, GUESS_BYTES / 2, "--%s%s%.40s", suggestion.meant, is_plain ? " " : "",
             is_plain ? value + 1 : "");
    return true;
}

/* "--epochs" with typographic dashes, "/epochs:3", "/?", "+epochs". */
static bool guess_marked(const cvy_command *command, const char *word, char *guess)
{
    const char *names[NAMES_MAX + 1];
    char name[CVY_NAME_BYTES];
    size_t count = 0;

    for (const cvy_setting *row = command->options;
         row != NULL && row->name != NULL && count < NAMES_MAX; row++)
        names[count++] = row->name;
    names[count++] = "help";
    if (cvy_is_letter_or_digit(word[0]) || strchr(".~-", word[0]) != NULL ||
        (word[0] == '/' && strchr(word + 1, '/') != NULL))
        return false;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, ":="), word);
    const char *meant = cvy_suggest("option", name, names, count).meant;
    if (meant != NULL)
        snprintf(guess, GUESS_BYTES / 2, "--%s", meant);
    return meant != NULL;
}

/* "resnet50", "cnn": the architecture that another program calls by this name; NULL: none. */
static const char *find_meant_model(const char *word)
{
    const char *names[NAMES_MAX];
    size_t count = 0;

    while (count < NAMES_MAX && cvy_model_builtin(count) != NULL) {
        names[count] = cvy_model_builtin(count);
        count++;
    }
    return cvy_suggest("model", word, names, count).meant;
}

/* A file of another program's weights, which YOLO takes as its model. */
static bool is_foreign_model(const char *word)
{
    if (strchr(word, '=') != NULL)
        return false;
    return ends_in(word, ".pt") || ends_in(word, ".pth") || ends_in(word, ".onnx") ||
           ends_in(word, ".keras") || ends_in(word, ".h5");
}

/* The option of the command that the word looks made for; NULL: none. */
static const char *guess_option(const cvy_command *command, const char *word)
{
    const char *option = find_kind_option(word);

    if (option == NULL && (is_model(word) || is_foreign_model(word)))
        option = "model";
    else if (option == NULL && (cvy_place_advice(word) != NULL || ends_in(word, ".npz") ||
                                ends_in(word, ".gz") || ends_in(word, ".zip")))
        option = "data";
    else if (option == NULL && is_folder(word))
        option = "data";
    else if (option == NULL && (ends_in(word, ".csv") || ends_in(word, ".jsonl")))
        option = "log";
    else if (option == NULL && ends_in(word, ".safetensors"))
        option = "output";
    else if (option == NULL && is_number(word))
        option = has_option(command, "epochs") ? "epochs" : "threads";
    return option != NULL && has_option(command, option) ? option : NULL;
}

/* "; did you mean --data digits?", or nothing. */
static void guess(const cvy_command *command, const char *word, char *text)
{
    const bool is_help = strcmp(word, "help") == 0 || strcmp(word, "/?") == 0;
    const char *option = is_help ? NULL : guess_option(command, word);
    char entry[GUESS_BYTES / 2];

    if (option != NULL)
        snprintf(text, GUESS_BYTES, "; did you mean --%s %.120s?", option, word);
    else if (has_option(command, word))
        snprintf(text, GUESS_BYTES, "; did you mean --%s?", word);
    else if (command->operands != NULL && cvy_is_trained_name(word))
        snprintf(text, GUESS_BYTES, "; only one model can be given");
    else if (cvy_is_trained_name(word))
        snprintf(text, GUESS_BYTES, "; convoy evaluate scores trained models");
    else if (has_option(command, "model") && find_meant_model(word) != NULL)
        snprintf(text, GUESS_BYTES, "; did you mean --model %.80s?", find_meant_model(word));
    else if (is_help)
        snprintf(text, GUESS_BYTES, "; did you mean convoy help %s?", command->name);
    else if (guess_entry(command, word, entry) || guess_marked(command, word, entry))
        snprintf(text, GUESS_BYTES, "; did you mean %s?", entry);
    else if (has_option(command, "optimizer") &&
             (strchr(word, '=') != NULL || strncmp(word, "0.", 2) == 0))
        snprintf(text, GUESS_BYTES, "; settings follow a name and a colon, as in sgd:momentum=0.9");
}

/* "scale 1 2 4", "scale --threads 1 2": numbers for an option that takes several. */
static bool guess_list(const cvy_call *call, char *text)
{
    const cvy_setting *row =
        call->command->options != NULL ? cvy_setting_find(call->command->options, "threads") : NULL;

    if (row == NULL || row->type != CVY_TEXT)
        return false;
    const char *given =
        *(const char *const *)(const void *)((const char *)call->options + row->offset);
    if (given == NULL && call->operand_count < 2)
        return false;
    size_t length = (size_t)snprintf(text, GUESS_BYTES, "; did you mean --threads %.60s",
                                     given != NULL ? given : "");
    for (size_t i = 0; i < call->operand_count && length < GUESS_BYTES / 2; i++) {
        if (!is_number(call->operands[i]))
            return false;
        length += (size_t)snprintf(text + length, GUESS_BYTES - length, "%s%.20s",
                                   i == 0 && given == NULL ? "" : ",", call->operands[i]);
    }
    snprintf(text + length, GUESS_BYTES - length, "?");
    return true;
}

static bool is_fetched(const char *word)
{
    for (size_t i = 0; cvy_dataset_remote(i) != NULL; i++)
        if (strcmp(cvy_dataset_remote(i)->name, word) == 0)
            return true;
    return false;
}

/* "data convert mnist/ out", "data info digits train=10" */
static bool guess_target(const cvy_call *call, char *text)
{
    const char *action = call->operands[0], *word = call->operands[call->command->operands_max];

    text[0] = '\0';
    if (strcmp(call->command->name, "data") != 0)
        return false;
    if (strchr(word, '=') != NULL)
        snprintf(text, GUESS_BYTES, "; did you mean %.80s:%.80s?", call->operands[1], word);
    else if (strcmp(action, "fetch") == 0 && is_fetched(word))
        snprintf(text, GUESS_BYTES, "; data sets are fetched one at a time");
    else if (strcmp(action, "info") != 0 && strcmp(action, "check") != 0)
        snprintf(text, GUESS_BYTES, "; did you mean --output %.120s?", word);
    return *text != '\0';
}

static cvy_status fail_too_many(const cvy_call *call)
{
    const cvy_command *command = call->command;
    const char *word = call->operands[command->operands_max];
    char hint[GUESS_BYTES] = "";

    if (!guess_list(call, hint) && !guess_target(call, hint)) {
        hint[0] = '\0';
        guess(command, word, hint);
    }
    return cvy_fail(CVY_ERR_SETTING, "%.80s: one operand too many, expected %s%s", word,
                    command->operands != NULL ? command->operands : "none", hint);
}

/* The first line of the command's help that shows it. */
static cvy_status add_example(const cvy_command *command)
{
    const char *examples = command->examples;

    if (examples != NULL)
        cvy_fail_add(CVY_ERR_SETTING, "\nFor example: %.*s", (int)strcspn(examples, "\n"),
                     examples);
    return CVY_ERR_SETTING;
}

static cvy_status fail_too_few(const cvy_call *call)
{
    const cvy_command *command = call->command;
    const char *first = call->operand_count > 0 ? call->operands[0] : NULL;

    if (first == NULL) {
        cvy_fail(CVY_ERR_SETTING, "found nothing to work on, expected %s", command->operands);
        return add_example(command);
    }
    if (!cvy_is_trained_name(first))
        return cvy_fail(CVY_ERR_SETTING,
                        "found %.80s alone, expected %s\nThe trained model comes first, as in "
                        "convoy %s model.safetensors %.80s",
                        first, command->operands, command->name, first);
    cvy_fail(CVY_ERR_SETTING, "found %.80s alone, expected %s", first, command->operands);
    return add_example(command);
}

cvy_status cvy_operands_check(const cvy_call *call)
{
    for (size_t i = 0; i < call->operand_count; i++)
        if (call->operands[i][0] == '\0')
            return cvy_fail(CVY_ERR_SETTING,
                            "found \"\", an empty word, expected %s\nA shell variable in it may be "
                            "empty.",
                            call->command->operands != NULL ? call->command->operands
                                                            : "options alone");
    if (call->operand_count > call->command->operands_max)
        return fail_too_many(call);
    return call->operand_count < call->command->operands_min ? fail_too_few(call) : CVY_OK;
}

void cvy_operand_place(const char *word, char *text, size_t size)
{
    if (ends_in(word, ".safetensors"))
        snprintf(text, size, "did you mean convoy evaluate %.80s?", word);
    else if (is_picture(word))
        snprintf(text, size, "did you mean convoy predict MODEL %.80s?", word);
    else if (is_model(word))
        snprintf(text, size, "did you mean convoy train --model %.80s?", word);
    else if (find_kind_option(word) != NULL)
        snprintf(text, size, "did you mean convoy train --%s %.80s?", find_kind_option(word), word);
    else if (is_folder(word))
        snprintf(text, size, "did you mean convoy train --data %.80s?", word);
}
