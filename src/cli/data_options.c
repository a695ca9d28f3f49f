#include "cli/data_options.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/plural.h"
#include "base/visible.h"
#include "cli/amounts.h"
#include "cli/print.h"
#include "cli/progress.h"

static cvy_status read_resize(const char *text, cvy_dataset_options *options)
{
    char meant[CVY_AMOUNT_BYTES];

    if (text == NULL || cvy_read_sides(text, &options->resize_height, &options->resize_width))
        return CVY_OK;
    cvy_fail(CVY_ERR_SETTING,
             "--resize: found %.40s, expected HxW, each from 1 to 256, as in 28x28", text);
    return cvy_amount_hint("--resize", text, cvy_sides_meant(text, meant) ? meant : NULL);
}

static cvy_status read_memory(const char *text, cvy_dataset_options *options)
{
    char meant[CVY_AMOUNT_BYTES];

    if (text == NULL)
        return CVY_OK;
    /* "512" is a valid size, but nobody has images for so few bytes */
    const bool is_size = cvy_read_size(text, &options->memory_bytes);
    if (is_size && options->memory_bytes >= 1024)
        return CVY_OK;
    cvy_fail(CVY_ERR_SETTING, "--memory: found \"%.40s\"%s, expected a size, as in 512M or 4G",
             text, is_size ? ", a number of bytes" : "");
    return cvy_amount_hint("--memory", text, cvy_size_meant(text, meant) ? meant : NULL);
}

/* A progress line that is redrawn while pictures are read. */
typedef struct {
    bool is_wanted, is_drawn;
    size_t shown; /* thousandths */
} reading_bar;

static void show_reading(void *context, size_t done, size_t total)
{
    reading_bar *bar = context;
    const size_t part = total > 0 ? done * 1000 / total : 0;

    if (!bar->is_wanted || (part == bar->shown && bar->is_drawn))
        return;
    fprintf(stderr, "\rreading pictures %3zu %%", part / 10);
    bar->shown = part;
    bar->is_drawn = true;
}

static void end_reading(const reading_bar *bar)
{
    if (bar->is_drawn)
        fputs("\r\033[K", stderr);
}

static void tell_left_out(const cvy_call *call, const cvy_dataset *data)
{
    const size_t count = cvy_dataset_left_out_count(data);
    const char *sentence;

    if (count == 0 || call->common.quiet)
        return;
    cvy_visible_print(stderr, "convoy: warning: %s: %zu picture%s left out\n",
                      cvy_dataset_describe(data).name, count, cvy_plural(count));
    for (size_t i = 0; (sentence = cvy_dataset_left_out(data, i)) != NULL; i++)
        fprintf(stderr, "    %s\n", sentence);
}

static cvy_status open_one(const cvy_call *call, const char *where,
                           const cvy_dataset_options *options, cvy_dataset **data)
{
    reading_bar bar = { .is_wanted =
                            !call->common.quiet && !call->common.json && cvy_is_terminal(stderr) };
    cvy_dataset_options watched = *options;

    watched.on_progress = show_reading;
    watched.context = &bar;
    cvy_status status = cvy_dataset_open_with(where, &watched, data);
    end_reading(&bar);
    if (status == CVY_OK && !options->leaves_out_sizes)
        tell_left_out(call, *data);
    return status;
}

/* With several data sets, the first one determines the form of the others. */
static void follow(const cvy_dataset *first, cvy_dataset_options *options)
{
    const cvy_dataset_info info = cvy_dataset_describe(first);

    options->resize_height = info.height;
    options->resize_width = info.width;
    options->channels = info.channels;
    if (options->polarity == CVY_POLARITY_NONE)
        options->polarity = info.polarity;
}

/* Photographs beside MNIST's images are scaled as a whole, which trains for another task than
 * `predict` sets: there the character is cut out. */
static void note_scaled(const cvy_call *call, const cvy_data_form *form, const cvy_dataset *data)
{
    const cvy_dataset_info info = cvy_dataset_describe(data);

    if (info.scaled_count == 0 || info.channels != 1 || form->resize != NULL || call->common.quiet)
        return;
    cvy_visible_print(
        stderr,
        "convoy: note: %s: %zu picture%s scaled to %zu x %zu as a whole; if each shows "
        "a character on paper, --find-ink cuts it out, as predict does\n",
        info.name, info.scaled_count, info.scaled_count == 1 ? " was" : "s were", info.height,
        info.width);
}

static bool have_common_class(const cvy_dataset *a, const cvy_dataset *b)
{
    const size_t a_count = cvy_dataset_describe(a).class_count;
    const size_t b_count = cvy_dataset_describe(b).class_count;

    for (size_t i = 0; i < a_count; i++)
        for (size_t k = 0; k < b_count; k++)
            if (strcmp(cvy_dataset_class_name(a, i), cvy_dataset_class_name(b, k)) == 0)
                return true;
    return false;
}

/* Classes are matched by name: a folder "seven" is not MNIST's class 7. */
static void note_strangers(const cvy_call *call, const cvy_dataset *first, const cvy_dataset *data)
{
    if (call->common.quiet || have_common_class(first, data))
        return;
    cvy_visible_print(
        stderr,
        "convoy: note: %s (%s, ...) and %s (%s, ...) have no class of the same name, so "
        "none is joined\n",
        cvy_dataset_describe(first).name, cvy_dataset_class_name(first, 0),
        cvy_dataset_describe(data).name, cvy_dataset_class_name(data, 0));
}

/* --memory applies to all data sets together: what one uses is not left for the next. */
static void take_memory(const cvy_dataset *data, cvy_dataset_options *options)
{
    const cvy_dataset_info info = cvy_dataset_describe(data);
    const size_t bytes = (info.train_count + info.test_count + info.validation_count) *
                         info.height * info.width * info.channels;

    if (options->memory_bytes > 0 && bytes < options->memory_bytes)
        options->memory_bytes -= bytes;
}

static cvy_status open_all(const cvy_call *call, const cvy_data_choice *choice,
                           cvy_dataset_options *options, cvy_dataset **data)
{
    static const cvy_text_list builtin = { .count = 1, .texts = { "digits" } };
    const cvy_text_list *where = choice->where.count > 0 ? &choice->where : &builtin;
    cvy_dataset *sets[CVY_LIST_MAX] = { NULL };
    size_t count = 0;
    cvy_status status = CVY_OK;

    for (; status == CVY_OK && count < where->count; count += status == CVY_OK) {
        status = open_one(call, where->texts[count], options, &sets[count]);
        if (status == CVY_OK && count == 0)
            follow(sets[0], options);
        if (status == CVY_OK)
            note_scaled(call, &choice->form, sets[count]);
        if (status == CVY_OK && count > 0)
            note_strangers(call, sets[0], sets[count]);
        if (status == CVY_OK)
            take_memory(sets[count], options);
    }
    if (status == CVY_OK && count > 1)
        status = cvy_dataset_join((const cvy_dataset *const *)sets, count, data);
    if (status == CVY_OK && count == 1)
        *data = sets[0];
    for (size_t i = 0; i < count && (status != CVY_OK || count > 1); i++)
        cvy_dataset_close(sets[i]); /* a view keeps what it needs */
    return status;
}

static cvy_status take_form(const cvy_call *call, const cvy_data_form *form,
                            cvy_dataset_options *options)
{
    cvy_dataset_options_init(options);
    options->threads = call->common.threads;
    options->channels = form->is_grayscale ? 1 : form->is_rgb ? 3 : 0;
    options->finds_ink = form->finds_ink;
    options->is_strict = form->is_strict;
    options->leaves_out_sizes = form->is_check && !form->is_strict;
    options->cache_folder = form->cache;
    if (form->cache != NULL && form->cache[0] == '\0')
        return cvy_fail(CVY_ERR_SETTING, "--cache: found nothing, expected a folder");
    if (form->is_grayscale && form->is_rgb)
        return cvy_fail(CVY_ERR_SETTING, "--grayscale and --rgb: choose one of them");
    if (form->finds_ink && form->is_rgb)
        return cvy_fail(CVY_ERR_SETTING, "--find-ink and --rgb: choose one of them; characters are "
                                         "cut out in grey");
    cvy_status status = read_memory(form->memory, options);
    return status == CVY_OK ? read_resize(form->resize, options) : status;
}

cvy_status cvy_data_open_one(const cvy_call *call, const cvy_data_form *form, const char *where,
                             cvy_dataset **data)
{
    cvy_dataset_options options;
    cvy_status status = take_form(call, form, &options);
    return status == CVY_OK ? open_one(call, where, &options, data) : status;
}

static void free_classes(char **names, size_t count)
{
    for (size_t i = 0; names != NULL && i < count; i++)
        cvy_memory_free(names[i]);
    cvy_memory_free(names);
}

/* Take the classes of a model in their order; outputs of a regression are not classes. Names are
 * copied, because unnamed outputs share a text. */
static cvy_status take_classes(const cvy_model *model, char ***names, cvy_dataset_options *options)
{
    const size_t count = cvy_model_output_count(model);

    if (count < 2)
        return CVY_OK;
    cvy_status status = cvy_memory_create(count, sizeof **names, names);
    for (size_t i = 0; status == CVY_OK && i < count; i++)
        status = cvy_text_copy(cvy_model_class_name(model, i), &(*names)[i]);
    options->class_names = (const char *const *)*names;
    options->class_count = count;
    return status;
}

/* has_classes: use the model's classes, in its order; else the data's own. */
static cvy_status open_prepared(const cvy_call *call, const cvy_data_choice *choice, unsigned parts,
                                const cvy_model *model, bool has_classes, cvy_dataset **data)
{
    char **names = NULL;
    cvy_dataset_options options;
    cvy_status status = take_form(call, &choice->form, &options);

    options.parts = parts;
    if (status == CVY_OK && model != NULL)
        cvy_model_prepare(model, &options);
    if (status == CVY_OK && model != NULL && has_classes)
        status = take_classes(model, &names, &options);
    if (status == CVY_OK)
        status = open_all(call, choice, &options, data);
    free_classes(names, options.class_count);
    return status;
}

cvy_status cvy_data_open(const cvy_call *call, const cvy_data_choice *choice, unsigned parts,
                         const cvy_model *model, cvy_dataset **data)
{
    return open_prepared(call, choice, parts, model, true, data);
}

cvy_status cvy_data_blame_model(cvy_status status, const char *file)
{
    static const char place[] = "class_names: ";
    const bool is_of_model =
        status != CVY_OK && strncmp(cvy_error_message(), place, sizeof place - 1) == 0;

    return is_of_model ? cvy_fail_at(CVY_ERR_FORMAT, "%s", file) : status;
}

/* The classes of the data are known only after reading them. */
cvy_status cvy_data_open_to_learn(const cvy_call *call, const cvy_data_choice *choice,
                                  const cvy_model *model, cvy_dataset **data)
{
    cvy_status status = open_prepared(call, choice, CVY_PARTS_ALL, model, true, data);

    return status == CVY_ERR_DATA ? open_prepared(call, choice, CVY_PARTS_ALL, model, false, data)
                                  : status;
}

cvy_status cvy_data_add_validation(const cvy_call *call, const cvy_data_choice *choice,
                                   const char *where, cvy_dataset **data)
{
    cvy_dataset *other, *view;
    cvy_dataset_options options;

    cvy_status status = take_form(call, &choice->form, &options);
    if (status != CVY_OK)
        return status;
    follow(*data, &options);
    take_memory(*data, &options);
    status = open_one(call, where, &options, &other);
    if (status != CVY_OK)
        return status;
    note_scaled(call, &choice->form, other);
    status = cvy_dataset_with_validation(*data, other, &view);
    cvy_dataset_close(other);
    if (status != CVY_OK)
        return status;
    cvy_dataset_close(*data);
    *data = view;
    return CVY_OK;
}
