#include "cli/completion.h"

#include <string.h>

#include "cli/help.h"
#include "cli/kinds.h"
#include "convoy/model.h"

enum { TEXT_BYTES = 1024 };

/* What an option's value is, where its row does not say it. */
static const struct {
    const char *option;
    const char *kinds; /* of which list; NULL: of none */
    bool has_models;
    const char *files; /* a line for the shell; NULL: none */
} values[] = {
    { "optimizer", "optimizers", false, NULL },
    { "learning-rate", "schedules", false, NULL },
    { "loss", "losses", false, NULL },
    { "callback", "callbacks", false, NULL },
    { "data", "datasets", false, ":folders" },
    { "model", NULL, true, ":files .json" },
    { "log", NULL, false, ":files .csv .jsonl" },
    { "plot", NULL, false, ":files .svg" },
};

/* --- candidates --- */

/* The word that is typed so far, and where in it begins what is to be completed: "--optimizer=ad". */
typedef struct {
    const char *text;
    size_t from;
} typed;

/* A word for the part to be completed, and what follows it ("=" or nothing), if it begins as typed. */
static void offer(FILE *file, typed t, const char *word, const char *tail, const char *about)
{
    const char *part = t.text + t.from;

    if (strncmp(word, part, strlen(part)) == 0)
        fprintf(file, "%.*s%s%s\t%s\n", (int)t.from, t.text, word, tail, about);
}

/* Data sets without settings are not asked for by name but recognised by their files. */
static void offer_kinds(FILE *file, typed t, const cvy_kind *const *kinds)
{
    for (size_t i = 0; kinds[i] != NULL; i++)
        if (kinds != cvy_kind_list_find("datasets") || kinds[i]->settings != NULL)
            offer(file, t, kinds[i]->name, "", kinds[i]->summary);
}

static void offer_models(FILE *file, typed t)
{
    for (size_t i = 0; cvy_model_builtin(i) != NULL; i++)
        offer(file, t, cvy_model_builtin(i), "", "built in");
}

/* The values of a row, where they can be listed. */
static void offer_choices(FILE *file, typed t, const cvy_setting *row)
{
    if (row->type == CVY_BOOL) {
        offer(file, t, "true", "", "");
        offer(file, t, "false", "", "");
    }
    for (size_t i = 0; row->type == CVY_CHOICE && row->choices[i] != NULL; i++)
        offer(file, t, row->choices[i], "", "");
    if (row->bounds & CVY_OR_FULL)
        offer(file, t, "full", "", "all images");
}

/* Where the last setting of a spec begins: behind the last comma that is in no brackets. */
static const char *last_entry(const char *entries)
{
    const char *entry = entries;
    int depth = 0;

    for (const char *c = entries; *c != '\0'; c++) {
        depth += (*c == '[') - (*c == ']');
        if (*c == ',' && depth == 0)
            entry = c + 1;
    }
    return entry;
}

/* "adam", "adam:beta_1=0.8,clip" or "adam:use_ema=". */
static void offer_spec(FILE *file, typed t, const cvy_kind *const *kinds)
{
    const char *spec = t.text + t.from, *colon = strchr(spec, ':');
    char name[CVY_NAME_BYTES];

    if (colon == NULL) {
        offer_kinds(file, t, kinds);
        return;
    }
    snprintf(name, sizeof name, "%.*s", (int)(colon - spec), spec);
    const cvy_kind *kind = cvy_kind_find(kinds, name);
    if (kind == NULL || kind->settings == NULL)
        return;
    const char *entry = last_entry(colon + 1), *equals = strchr(entry, '=');
    const typed rest = { t.text, (size_t)((equals != NULL ? equals + 1 : entry) - t.text) };
    snprintf(name, sizeof name, "%.*s", (int)strcspn(entry, "="), entry);
    const cvy_setting *row = equals != NULL ? cvy_setting_find(kind->settings, name) : NULL;
    if (row != NULL)
        offer_choices(file, rest, row);
    for (row = kind->settings; equals == NULL && row->name != NULL; row++)
        offer(file, rest, row->name, "=", row->help);
}

/* Files, as the word in capitals says that a help begins with: "FILE: where ...". */
static void offer_files(FILE *file, const cvy_setting *row)
{
    static const char *const folders[] = { "DIR: ", "WHERE: ", "FOLDER: " };

    if (strncmp(row->help, "FILE: ", 6) == 0)
        fprintf(file, ":files%s%s\n",
                row->fallback != NULL && strrchr(row->fallback, '.') ? " " : "",
                row->fallback != NULL && strrchr(row->fallback, '.') ? strrchr(row->fallback, '.')
                                                                     : "");
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (strncmp(row->help, folders[i], strlen(folders[i])) == 0)
            fputs(":folders\n", file);
}

static void offer_value(FILE *file, typed t, const cvy_setting *row)
{
    offer_choices(file, t, row);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        if (strcmp(values[i].option, row->name) != 0)
            continue;
        if (values[i].kinds != NULL)
            offer_spec(file, t, cvy_kind_list_find(values[i].kinds));
        if (values[i].has_models)
            offer_models(file, t);
        if (values[i].files != NULL)
            fprintf(file, "%s\n", values[i].files);
        return;
    }
    offer_files(file, row);
}

/* --- places --- */

static void offer_commands(FILE *file, typed t, const cvy_command *const *commands)
{
    for (size_t i = 0; commands[i] != NULL; i++)
        offer(file, t, commands[i]->name, "", commands[i]->summary);
    offer(file, t, "help", "", "all about one command");
}

/* hidden: rows of the same names are left out. NULL: none. */
static void offer_options(FILE *file, const char *word, const cvy_setting *rows,
                          const cvy_setting *hidden)
{
    const typed t = { word, strspn(word, "-") > 1 ? 2 : 0 };
    char about[TEXT_BYTES];

    for (const cvy_setting *row = rows; row != NULL && row->name != NULL; row++) {
        if (hidden != NULL && cvy_setting_find(hidden, row->name) != NULL)
            continue;
        cvy_help_option_text(row, about, sizeof about);
        if (t.from == 2)
            offer(file, t, row->name, "", about);
        else if (word[1] == '\0')
            fprintf(file, "--%s\t%s\n", row->name, about);
    }
}

/* "MODEL FILE...", "[MODEL]", "info|preview|convert [WHERE]": what the operand of that index is. */
static void offer_operand(FILE *file, typed t, const cvy_command *command, size_t index)
{
    char form[TEXT_BYTES], *rest = form, *name = NULL, *part;

    if (command->operands == NULL || index >= command->operands_max)
        return;
    snprintf(form, sizeof form, "%s", command->operands);
    for (size_t i = 0; i <= index && (part = strsep(&rest, " ")) != NULL; i++)
        name = part;
    if (strchr(name, '|') != NULL) {
        for (char *choices = name; (part = strsep(&choices, "|")) != NULL;)
            offer(file, t, part, "", "");
    } else if (strcmp(name, "[MODEL]") == 0) {
        offer_models(file, t);
        fputs(":files .safetensors .json\n", file);
    } else if (strcmp(name, "MODEL") == 0) {
        fputs(":files .safetensors\n", file);
    } else if (strstr(name, "WHERE") != NULL) {
        offer_spec(file, t, cvy_kind_list_find("datasets"));
        fputs(":folders\n", file);
    } else {
        fputs(":files\n", file);
    }
}

static const cvy_setting *find_row(const cvy_command *command, const char *word)
{
    const cvy_setting *row = command != NULL && command->options != NULL
                                 ? cvy_option_find(command->options, word)
                                 : NULL;
    return row != NULL ? row : cvy_option_find(cvy_common_rows, word);
}

/* Where the last word stands. */
typedef struct {
    const cvy_command *command; /* NULL: none yet */
    const cvy_setting *option;  /* whose value the last word is; NULL: of none */
    size_t operands;            /* before it */
    bool is_help, has_ended;    /* behind "help"; behind "--" */
} place;

static place find_place(const cvy_command *const *commands, char *const *words, size_t count)
{
    place p = { 0 };

    for (size_t i = 0; i + 1 < count; i++) {
        const cvy_setting *row = NULL;
        if (p.option != NULL) {
            p.option = NULL;
        } else if (!p.has_ended && strcmp(words[i], "--") == 0) {
            p.has_ended = true;
        } else if (!p.has_ended && (row = find_row(p.command, words[i])) != NULL) {
            p.option = row->type != CVY_BOOL && strchr(words[i], '=') == NULL ? row : NULL;
        } else if (p.command == NULL && !p.is_help) {
            p.is_help = strcmp(words[i], "help") == 0;
            for (size_t c = 0; commands[c] != NULL; c++)
                if (strcmp(commands[c]->name, words[i]) == 0)
                    p.command = commands[c];
        } else {
            p.operands++;
        }
    }
    return p;
}

void cvy_completion_print(FILE *file, const cvy_command *const *commands, char *const *words,
                          size_t count)
{
    const place p = find_place(commands, words, count);
    const char *word = words[count - 1];
    const size_t equals = strcspn(word, "=");
    const cvy_setting *row = p.option;

    if (row != NULL) {
        offer_value(file, (typed){ word, 0 }, row);
    } else if (word[0] == '-' && !p.has_ended && word[equals] == '=') {
        row = find_row(p.command, word);
        if (row != NULL)
            offer_value(file, (typed){ word, equals + 1 }, row);
    } else if (word[0] == '-' && !p.has_ended) {
        offer_options(file, word, p.command != NULL ? p.command->options : NULL, NULL);
        offer_options(file, word, cvy_common_rows, p.command != NULL ? p.command->options : NULL);
    } else if (p.command == NULL) {
        offer_commands(file, (typed){ word, 0 }, commands);
    } else if (!p.is_help) {
        offer_operand(file, (typed){ word, 0 }, p.command, p.operands);
    }
}
