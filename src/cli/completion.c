#include "cli/completion.h"

#include <string.h>

#include "cli/config.h"
#include "cli/help.h"
#include "cli/kinds.h"
#include "convoy/dataset_files.h"

enum { TEXT_BYTES = 1024 };

/* What an option's value is, if its row does not say. */
static const struct {
    const char *option;
    cvy_kind_group group; /* CVY_KINDS_COUNT: none */
    const char *files;    /* a line to print for the shell; NULL: none */
} values[] = {
    { "optimizer", CVY_KINDS_OPTIMIZERS, NULL },
    { "learning-rate", CVY_KINDS_SCHEDULES, NULL },
    { "loss", CVY_KINDS_LOSSES, NULL },
    { "metrics", CVY_KINDS_METRICS, NULL },
    { "callback", CVY_KINDS_CALLBACKS, NULL },
    { "data", CVY_KINDS_DATASETS, ":folders" },
    { "validation-data", CVY_KINDS_DATASETS, ":folders" },
    { "model", CVY_KINDS_MODELS, ":files .json" },
    { "log", CVY_KINDS_COUNT, ":files .csv .jsonl" },
    { "plot", CVY_KINDS_COUNT, ":files .svg" },
    { "config", CVY_KINDS_COUNT, ":files .json" },
    { "weights", CVY_KINDS_COUNT, ":files .safetensors .keras .h5" },
    { "augment", CVY_KINDS_AUGMENTATIONS, NULL },
    { "to", CVY_KINDS_COUNT, ":folders" },
};

/* Values that are words, in options whose rows take any text. */
static const struct {
    const char *option, *words[8]; /* NULL-terminated */
} texts[] = {
    { "normalize", { "standard", "unit", "none" } },
    { "class-weight", { "balanced" } },
    { "protocol", { "algoperf-external", "deepobs" } },
    { "figures", { "svg", "pdf", "png" } },
    { "to", { "idx", "folders", "csv", "npz", "packed" } },
    { "target", { "auto", "accuracy=", "val_accuracy=", "loss=", "val_loss=" } },
};

/* --- candidates --- */

/* The word typed so far, and where the part to be completed begins: "--optimizer=ad". */
typedef struct {
    const char *text;
    size_t from;
} typed;

/* Offer a word, followed by `tail` ("=" or nothing), if it begins as typed. */
static void offer(FILE *file, typed t, const char *word, const char *tail, const char *about)
{
    const char *part = t.text + t.from;

    if (strncmp(word, part, strlen(part)) == 0)
        fprintf(file, "%.*s%s%s\t%s\n", (int)t.from, t.text, word, tail, about);
}

/* Data sets without settings are not chosen by name but recognized by their files. */
static void offer_kinds(FILE *file, typed t, cvy_kind_group group)
{
    const cvy_kinds *kinds = cvy_kinds_of(group);

    for (size_t i = 0; i < kinds->count; i++)
        if (group != CVY_KINDS_DATASETS || kinds->kinds[i]->setting_count > 0)
            offer(file, t, kinds->kinds[i]->name, "", kinds->kinds[i]->summary);
}

static void offer_words(FILE *file, typed t, bool is_bool, const char *const *choices)
{
    static const char *const bools[] = { "true", "false", NULL };

    if (is_bool)
        choices = bools;
    for (size_t i = 0; choices != NULL && choices[i] != NULL; i++)
        offer(file, t, choices[i], "", "");
}

/* Offer the values of an option's row if they can be listed. */
static void offer_choices(FILE *file, typed t, const cvy_setting *row)
{
    offer_words(file, t, row->type == CVY_BOOL, row->type == CVY_CHOICE ? row->choices : NULL);
    if (row->bounds & CVY_OR_FULL)
        offer(file, t, "full", "", "all images");
}

/* The beginning of the last setting of a spec: after the last comma outside brackets. */
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
static void offer_spec(FILE *file, typed t, cvy_kind_group group)
{
    const char *spec = t.text + t.from, *colon = strchr(spec, ':');
    char name[CVY_NAME_BYTES];

    if (colon == NULL) {
        offer_kinds(file, t, group);
        return;
    }
    snprintf(name, sizeof name, "%.*s", (int)(colon - spec), spec);
    const cvy_kind_info *kind = cvy_kinds_find(cvy_kinds_of(group), name);
    if (kind == NULL)
        return;
    const char *entry = last_entry(colon + 1), *equals = strchr(entry, '=');
    const typed rest = { t.text, (size_t)((equals != NULL ? equals + 1 : entry) - t.text) };
    snprintf(name, sizeof name, "%.*s", (int)strcspn(entry, "="), entry);
    const cvy_setting_info *setting = equals != NULL ? cvy_kind_setting(kind, name) : NULL;
    if (setting != NULL)
        offer_words(file, rest, setting->type == CVY_VALUE_BOOL, setting->choices);
    for (size_t i = 0; equals == NULL && i < kind->setting_count; i++)
        offer(file, rest, kind->settings[i]->name, "=", kind->settings[i]->help);
}

/* Offer files if the capitalized word that begins the help names one: "FILE: where ...". */
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

/* The value after the last comma, where an option takes several. */
static typed after_comma(typed t, const cvy_setting *row)
{
    const bool is_list = strcmp(row->name, "metrics") == 0 || strcmp(row->name, "figures") == 0;

    if (is_list)
        t.from = (size_t)(last_entry(t.text + t.from) - t.text);
    return t;
}

static void offer_value(FILE *file, typed t, const cvy_setting *row)
{
    const typed last = after_comma(t, row);

    offer_choices(file, t, row);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(texts[i].option, row->name) == 0)
            offer_words(file, last, false, texts[i].words);
    for (size_t i = 0; strcmp(row->name, "config") == 0 && i < cvy_recipe_count; i++)
        offer(file, t, cvy_recipes[i].name, "", "");
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        if (strcmp(values[i].option, row->name) != 0)
            continue;
        if (values[i].group != CVY_KINDS_COUNT)
            offer_spec(file, t, values[i].group);
        if (values[i].group != CVY_KINDS_COUNT && last.from != t.from)
            offer_kinds(file, last, values[i].group);
        if (values[i].files != NULL)
            fprintf(file, "%s\n", values[i].files);
        return;
    }
    offer_files(file, row);
}

/* --- positions --- */

static void offer_commands(FILE *file, typed t, const cvy_command *const *commands)
{
    for (size_t i = 0; commands[i] != NULL; i++)
        offer(file, t, commands[i]->name, "", commands[i]->summary);
    offer(file, t, "help", "", "all about one command");
}

/* hidden: rows with these names are left out. NULL: none. */
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

/* What operand number `index` is in "MODEL FILE...", "[MODEL]" or "info|preview|convert
 * [WHERE]". */
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
        offer_kinds(file, t, CVY_KINDS_MODELS);
        fputs(":files .safetensors .json\n", file);
    } else if (strcmp(name, "MODEL") == 0) {
        fputs(":files .safetensors\n", file);
    } else if (strstr(name, "WHERE") != NULL) {
        offer_spec(file, t, CVY_KINDS_DATASETS);
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

/* The position of the last word. */
typedef struct {
    const cvy_command *command; /* NULL: none yet */
    const cvy_setting *option;  /* that the last word is the value of; NULL: none */
    size_t operands;            /* operands before the last word */
    bool is_help, has_ended;    /* after "help"; after "--" */
    bool is_fetch;              /* after "data fetch" */
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
            p.is_fetch = p.operands++ == 0 && strcmp(words[i], "fetch") == 0;
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
    } else if (p.is_fetch) {
        for (size_t i = 0; cvy_dataset_remote(i) != NULL; i++)
            offer(file, (typed){ word, 0 }, cvy_dataset_remote(i)->name, "", "");
    } else if (!p.is_help) {
        offer_operand(file, (typed){ word, 0 }, p.command, p.operands);
    }
}
