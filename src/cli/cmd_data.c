/* convoy data: describe a data set, or write it in another format. */
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/letters.h"
#include "base/memory.h"
#include "base/synonyms.h"
#include "base/visible.h"
#include "cli/command.h"
#include "cli/data_options.h"
#include "cli/outputs.h"
#include "cli/print.h"
#include "cli/signals.h"
#include "convoy/convoy.h"

typedef struct {
    cvy_data_form form;
    const char *output, *to;
    cvy_text_list mirrors;
    bool is_overwrite;
    int split;
    size_t per_class, variants;
    cvy_text_list augmentations;
} data_options;

static const cvy_split chosen[] = { CVY_SPLIT_TRAIN, CVY_SPLIT_TEST, CVY_SPLIT_VALIDATION };
static const char *const splits[] = { "train", "test", "validation", NULL };

#define AT(member) offsetof(data_options, member)
static const cvy_setting options[] = {
    { "output", CVY_TEXT, AT(output), NULL, 0, 0,
      "WHERE: preview: the PNG (preview.png); convert: a folder or file", 0, NULL },
    { "to", CVY_TEXT, AT(to), NULL, 0, 0,
      "FORMAT|DIR: convert: idx (default), folders, csv, npz or packed; fetch: where to (default: "
      "the name of the data set)",
      0, NULL },
    { "mirror", CVY_TEXT_LIST, AT(mirrors), NULL, 0, 0,
      "URL: fetch: a server in place of the known ones; if one fails, the next is tried", 0, NULL },
    { "overwrite", CVY_BOOL, AT(is_overwrite), "false", 0, 0,
      "convert: replace the data set that is there", 0, NULL },
    CVY_DATA_FORM_ROWS(data_options, form),
    { "split", CVY_CHOICE, AT(split), "train", 0, 0, "preview: which images", 0, splits },
    { "per-class", CVY_COUNT, AT(per_class), "20", 1, CVY_PREVIEW_PER_CLASS_MAX,
      "preview: images per row", 0, NULL },
    { "augment", CVY_TEXT_LIST, AT(augmentations), NULL, 0, 0,
      "SPEC: preview: show variants below the originals, as train --augment makes them", 0, NULL },
    { "variants", CVY_COUNT, AT(variants), "3", 1, CVY_PREVIEW_VARIANTS_MAX,
      "preview: rows of variants below each row of originals", 0, NULL },
    { 0 },
};

static size_t count_label(const cvy_dataset *data, cvy_split split, size_t count, size_t label)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += cvy_dataset_label(data, split, i) == label;
    return found;
}

/* One class of a data set. */
typedef struct {
    const char *label;
    size_t train, test, validation;
} class_count;

static class_count count_class(const cvy_dataset *data, const cvy_dataset_info *info, size_t label)
{
    return (class_count){
        cvy_dataset_class_name(data, label),
        count_label(data, CVY_SPLIT_TRAIN, info->train_count, label),
        count_label(data, CVY_SPLIT_TEST, info->test_count, label),
        count_label(data, CVY_SPLIT_VALIDATION, info->validation_count, label),
    };
}

static cvy_status print_json(const cvy_dataset *data, const cvy_dataset_info *info,
                             const char *digest)
{
    json_t *classes = json_array();

    for (size_t i = 0; i < info->class_count; i++) {
        const class_count c = count_class(data, info, i);
        json_t *counts = json_pack("{s:s, s:I, s:I}", "label", c.label, "train",
                                   (json_int_t)c.train, "test", (json_int_t)c.test);
        if (info->validation_count > 0 &&
            json_object_set_new(counts, "validation", json_integer((json_int_t)c.validation)) != 0)
            return cvy_fail(CVY_ERR_MEMORY, "data: out of memory");
        if (json_array_append_new(classes, counts) != 0)
            return cvy_fail(CVY_ERR_MEMORY, "data: out of memory");
    }
    return cvy_print_json(json_pack(
        "{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:o, s:s}", "command", "data", "name", info->name,
        "train", (json_int_t)info->train_count, "test", (json_int_t)info->test_count, "height",
        (json_int_t)info->height, "width", (json_int_t)info->width, "channels",
        (json_int_t)info->channels, "classes", classes, "sha256", digest));
}

static cvy_status print_text(const cvy_dataset *data, const cvy_dataset_info *info,
                             const char *digest, FILE *file)
{
    cvy_table table;

    cvy_visible_print(file, "%s: %s images to train on, %s to test", info->name,
                      cvy_human_count(info->train_count).text,
                      cvy_human_count(info->test_count).text);
    if (info->validation_count > 0)
        fprintf(file, ", %s to validate", cvy_human_count(info->validation_count).text);
    fprintf(file, ", %zu x %zu x %zu, %zu classes\n", info->height, info->width, info->channels,
            info->class_count);
    fprintf(file, "sha256 %s\n\n", digest);
    cvy_table_begin(&table, info->validation_count > 0 ? "lrrr" : "lrr");
    cvy_table_add(&table, "class");
    cvy_table_add(&table, "train");
    cvy_table_add(&table, "test");
    if (info->validation_count > 0)
        cvy_table_add(&table, "validation");
    for (size_t i = 0; i < info->class_count; i++) {
        const class_count c = count_class(data, info, i);
        cvy_table_add(&table, "%s", c.label);
        cvy_table_add(&table, "%s", cvy_human_count(c.train).text);
        cvy_table_add(&table, "%s", cvy_human_count(c.test).text);
        if (info->validation_count > 0)
            cvy_table_add(&table, "%s", cvy_human_count(c.validation).text);
    }
    return cvy_table_print(&table, file);
}

static cvy_status info(const cvy_call *call, const cvy_dataset *data)
{
    const cvy_dataset_info about = cvy_dataset_describe(data);
    char digest[CVY_DIGEST_TEXT_BYTES];
    cvy_status status = cvy_dataset_digest(data, digest);

    if (status != CVY_OK)
        return status;
    return call->common.json ? print_json(data, &about, digest)
                             : print_text(data, &about, digest, cvy_print_file(call));
}

/* Report the output, as text or as JSON. */
static cvy_status tell_output(const cvy_call *call, const char *output)
{
    if (call->common.json)
        return cvy_print_json(
            json_pack("{s:s, s:o}", "command", "data", "output", cvy_json_text(output)));
    if (!call->common.quiet)
        cvy_visible_print(cvy_print_file(call), "wrote %s\n", output);
    return CVY_OK;
}

static cvy_status preview(const cvy_call *call, const cvy_dataset *data)
{
    const data_options *o = call->options;
    const char *output = o->output != NULL ? o->output : "preview.png";
    cvy_outputs outputs = { 0 };
    cvy_status status = cvy_output_check_name("--output", output, ".png");

    if (status == CVY_OK)
        status = cvy_outputs_add(&outputs, "--output", output);
    if (status == CVY_OK)
        status = cvy_outputs_settle(&outputs, call->common.json);
    if (status == CVY_OK && call->operand_count > 1)
        status = cvy_outputs_spare(&outputs, "preview", call->operands[1]);
    if (status == CVY_OK)
        status = cvy_outputs_probe(&outputs);
    cvy_outputs_release(&outputs);
    if (status != CVY_OK)
        return status;
    status = o->augmentations.count == 0
                 ? cvy_dataset_preview(data, chosen[o->split], output, o->per_class)
                 : cvy_dataset_preview_augmented(data, chosen[o->split], output, o->per_class,
                                                 o->augmentations.texts, o->augmentations.count,
                                                 o->variants, call->common.seed);
    return status == CVY_OK ? tell_output(call, output) : status;
}

/* A file's name says its format, which --to has to name too; the other formats are folders. */
static cvy_status check_ending(const data_options *o)
{
    static const char *const formats[] = { "csv", "npz" };
    char ending[8];

    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        snprintf(ending, sizeof ending, ".%s", formats[i]);
        if (o->to != NULL && strcmp(o->to, formats[i]) == 0)
            continue;
        if (cvy_ends_in_letters(o->output, ending))
            return cvy_fail(CVY_ERR_SETTING,
                            "--output: found \"%.80s\" for %s, expected another name; did you mean "
                            "--to %s?",
                            o->output, o->to != NULL ? o->to : "a folder of IDX files", formats[i]);
    }
    return CVY_OK;
}

static cvy_status convert(const cvy_call *call, const cvy_dataset *data)
{
    const data_options *o = call->options;

    if (o->output == NULL)
        return cvy_fail(CVY_ERR_SETTING, "found no --output, expected where to write");
    if (check_ending(o) != CVY_OK)
        return CVY_ERR_SETTING;
    if (call->operand_count > 1 && cvy_file_is_inside(call->operands[1], o->output))
        return cvy_fail(
            CVY_ERR_SETTING,
            "--output: found %.120s, which holds %.120s, the data to be converted, expected "
            "another folder",
            o->output, call->operands[1]);
    cvy_signals_catch();
    cvy_status status = cvy_dataset_write(data, o->to != NULL ? o->to : "idx", o->output,
                                          o->is_overwrite, call->common.threads);
    return status == CVY_OK ? tell_output(call, o->output) : status;
}

static json_t *json_findings(const cvy_dataset_report *report)
{
    json_t *findings = json_array();

    for (size_t i = 0; i < report->count; i++)
        if (json_array_append_new(findings,
                                  json_pack("{s:s, s:o}", "name", report->findings[i]->name, "text",
                                            cvy_json_text(report->findings[i]->text))) != 0) {
            json_decref(findings);
            return NULL;
        }
    return findings;
}

/* The finding names the first one. */
static void print_more_left_out(FILE *file, const cvy_dataset *data)
{
    const char *sentence;

    for (size_t i = 1; (sentence = cvy_dataset_left_out(data, i)) != NULL; i++)
        cvy_visible_print(file, "    %s\n", sentence);
}

static cvy_status check(const cvy_call *call, const cvy_dataset *data)
{
    cvy_dataset_report *report;
    const char *name = cvy_dataset_describe(data).name;
    cvy_status status = cvy_dataset_check(data, &report);

    if (status != CVY_OK)
        return status;
    if (call->common.json) {
        status = cvy_print_json(json_pack("{s:s, s:s, s:o}", "command", "data", "name", name,
                                          "findings", json_findings(report)));
    } else {
        FILE *file = cvy_print_file(call);
        if (report->count == 0)
            cvy_visible_print(file, "%s: nothing unusual\n", name);
        for (size_t i = 0; i < report->count; i++) {
            cvy_visible_print(file, "%s: %s\n", name, report->findings[i]->text);
            if (strcmp(report->findings[i]->name, "left_out") == 0)
                print_more_left_out(file, data);
        }
    }
    cvy_dataset_report_destroy(report);
    return status;
}

/* ---- fetch ---- */

typedef struct {
    bool has_bar, has_lines, is_drawn;
} fetch_view;

static bool show_fetched(void *context, const char *file, uint64_t done, uint64_t total)
{
    fetch_view *view = context;

    if (view->has_bar && total > 0) {
        cvy_visible_print(stderr, "\r\033[K%s  %.1f of %.1f MB  %3.0f %%", file, (double)done / 1e6,
                          (double)total / 1e6, 100 * (double)done / (double)total);
        view->is_drawn = true;
    }
    return !cvy_stop_requested();
}

static void end_fetch_bar(fetch_view *view)
{
    if (view->is_drawn)
        fputs("\r\033[K", stderr);
    view->is_drawn = false;
}

static void show_event(void *context, const char *sentence)
{
    fetch_view *view = context;

    end_fetch_bar(view);
    if (view->has_lines)
        cvy_visible_print(stderr, "%s\n", sentence);
}

static const cvy_remote_dataset *find_remote(const char *name)
{
    const cvy_remote_dataset *remote;

    for (size_t i = 0; (remote = cvy_dataset_remote(i)) != NULL; i++)
        if (strcmp(remote->name, name) == 0)
            break;
    return remote;
}

static cvy_status fail_remote(const char *found)
{
    char list[256] = "";
    const cvy_remote_dataset *remote;
    size_t used = 0;

    for (size_t i = 0; (remote = cvy_dataset_remote(i)) != NULL && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "",
                                 remote->name);
    const char *names[16];
    size_t count = 0;
    for (; count < 16 && cvy_dataset_remote(count) != NULL; count++)
        names[count] = cvy_dataset_remote(count)->name;
    const cvy_suggestion s = cvy_suggest("remote data set", found, names, count);
    cvy_fail(CVY_ERR_SETTING, "fetch: found %.40s, expected one of %s", found, list);
    return cvy_fail_suggest(CVY_ERR_SETTING, s);
}

static cvy_status tell_fetched(const cvy_call *call, const cvy_remote_dataset *remote,
                               const char *folder)
{
    if (call->common.json)
        return cvy_print_json(json_pack("{s:s, s:s, s:o, s:s, s:s}", "command", "data", "name",
                                        remote->name, "output", cvy_json_text(folder), "licence",
                                        remote->licence, "citation", remote->citation));
    if (!call->common.quiet)
        cvy_visible_print(
            cvy_print_file(call),
            "%s: %s\nlicence: %s\nplease cite: %s\n%s is in %s: convoy train --data %s%s\n",
            remote->name, remote->summary, remote->licence, remote->citation, remote->name, folder,
            folder, remote->where);
    return CVY_OK;
}

static cvy_status fetch(const cvy_call *call)
{
    const data_options *o = call->options;
    const char *name = call->operand_count > 1 ? call->operands[1] : "no name";
    const cvy_remote_dataset *remote = find_remote(name);
    const bool is_loud = !call->common.quiet && !call->common.json;
    fetch_view view = { .has_bar = is_loud && cvy_is_terminal(stderr), .has_lines = is_loud };
    cvy_fetch_options how;

    if (remote == NULL)
        return fail_remote(name);
    const char *folder = o->to != NULL ? o->to : remote->name;
    cvy_fetch_options_init(&how);
    how.mirrors = o->mirrors.texts;
    how.mirror_count = o->mirrors.count;
    how.on_progress = show_fetched;
    how.on_event = show_event;
    how.context = &view;
    cvy_signals_catch();
    cvy_status status = cvy_dataset_fetch(name, folder, &how);
    end_fetch_bar(&view);
    return status == CVY_OK ? tell_fetched(call, remote, folder) : status;
}

/* An action on a data set. */
typedef struct {
    const char *name;
    cvy_status (*run)(const cvy_call *call, const cvy_dataset *data);
} action;

static const action actions[] = {
    { "info", info },
    { "check", check },
    { "preview", preview },
    { "convert", convert },
};
enum { ACTION_COUNT = sizeof actions / sizeof *actions };

static const action *find_action(const char *name)
{
    for (size_t i = 0; i < ACTION_COUNT; i++)
        if (strcmp(actions[i].name, name) == 0)
            return &actions[i];
    return NULL;
}

static cvy_status fail_unknown_action(const char *word, const char *next)
{
    static const char *const names[] = { "info", "check", "preview", "convert", "fetch" };
    const cvy_suggestion s = cvy_suggest("data action", word, names, sizeof names / sizeof *names);

    if (next != NULL && (find_action(next) != NULL || strcmp(next, "fetch") == 0))
        return cvy_fail(CVY_ERR_SETTING,
                        "%.80s: found before the action; did you mean convoy data %s %.80s?", word,
                        next, word);
    cvy_fail(CVY_ERR_SETTING,
             "%.80s: unknown action, expected info, check, preview, convert or fetch", word);
    if (s.meant == NULL && s.advice == NULL &&
        (access(word, F_OK) == 0 || strncmp(word, "digits", 6) == 0))
        return cvy_fail_add(CVY_ERR_SETTING, "; did you mean convoy data info %.80s?", word);
    return cvy_fail_suggest(CVY_ERR_SETTING, s);
}

static cvy_status run(const cvy_call *call)
{
    const char *where = call->operand_count > 1 ? call->operands[1] : "digits";
    const data_options *o = call->options;
    const action *wanted = find_action(call->operands[0]);
    cvy_dataset *data;

    if (strcmp(call->operands[0], "fetch") == 0)
        return fetch(call);
    if (wanted == NULL)
        return fail_unknown_action(call->operands[0],
                                   call->operand_count > 1 ? call->operands[1] : NULL);
    cvy_data_form form = o->form;
    form.is_check = wanted->run == check;
    cvy_status status = cvy_data_open_one(call, &form, where, &data);
    if (status != CVY_OK)
        return status;
    status = wanted->run(call, data);
    cvy_dataset_close(data);
    return status;
}

const cvy_command cvy_command_data = {
    .name = "data",
    .operands = "info|check|preview|convert|fetch [WHERE]",
    .summary =
        "look at a data set (default: the built-in digits), convert it, or fetch a known one",
    .examples = "convoy data info mnist/\n"
                "convoy data check my-digits/\n"
                "convoy data preview digits --output sheet.png --per-class 30\n"
                "convoy data convert digits:train=60000,test=10000 --output digits/\n"
                "convoy data convert mnist/ --to csv --output mnist-csv/\n"
                "convoy data fetch mnist --to mnist/\n",
    .options = options,
    .options_size = sizeof(data_options),
    .operands_min = 1,
    .operands_max = 2,
    .run = run,
};
