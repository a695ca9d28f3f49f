/* convoy predict: classify pictures with a trained model. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/folder.h"
#include "base/memory.h"
#include "base/picture_kinds.h"
#include "base/plural.h"
#include "base/visible.h"
#include "gallery/annotate.h"
#include "cli/command.h"
#include "gallery/picture_names.h"
#include "gallery/pictures.h"
#include "cli/outputs.h"
#include "cli/predict_print.h"
#include "cli/values.h"
#include "convoy/convoy.h"

enum { OPERANDS_MAX = 1 << 20, BATCH = 512 /* files read and classified at a time */ };

typedef struct {
    int invert;
    size_t top;
    bool is_segmented, is_whole, is_csv, is_recursive;
    const char *annotate, *save_inputs;
} predict_options;

static const char *const inverts[] = { "auto", "yes", "no", NULL }; /* in the order of cvy_invert */

#define AT(member) offsetof(predict_options, member)
static const cvy_setting options[] = {
    { "segment", CVY_BOOL, AT(is_segmented), "false", 0, 0,
      "read every character of a picture, line by line", 0, NULL },
    { "whole", CVY_BOOL, AT(is_whole), "false", 0, 0,
      "take pictures whole, scaled as training scales those of folders, instead of searching for "
      "ink",
      0, NULL },
    { "invert", CVY_CHOICE, AT(invert), "auto", 0, 0,
      "whether the ink is darker than the paper; for RGB models, yes inverts the picture", 0,
      inverts },
    { "top", CVY_COUNT, AT(top), "3", 1, 1000, "number of classes to print per image", 0, NULL },
    { "csv", CVY_BOOL, AT(is_csv), "false", 0, 0, "print CSV on stdout, a line per image", 0,
      NULL },
    { "recursive", CVY_BOOL, AT(is_recursive), "false", 0, 0, "also read subfolders", 0, NULL },
    { "annotate", CVY_TEXT, AT(annotate), NULL, 0, 0,
      "FILE: write the picture with boxes and labels as PNG", 0, NULL },
    { "save-inputs", CVY_TEXT, AT(save_inputs), NULL, 0, 0,
      "DIR: write each image as the network sees it, as PNG", 0, NULL },
    { 0 },
};

typedef struct {
    const cvy_call *call;
    const predict_options *options;
    const cvy_model *model;
    cvy_picture_options reading;
    cvy_predict_print print;
    size_t saved; /* inputs saved so far */
    size_t picture_count, error_count;
    size_t image_count, nan_count; /* with an output that is a NaN */
    char *first_error;
} prediction;

/* ---- output files ---- */

/* The number comes first, so that the files sort in the order of the answers. */
static cvy_status save_input(prediction *p, const cvy_picture_entry *entry, size_t index,
                             const unsigned char *image)
{
    char path[4096], name[200];
    const char *slash = strrchr(entry->name, '/');

    snprintf(name, sizeof name, "%s", slash != NULL ? slash + 1 : entry->name);
    char *ending = strrchr(name, '.');
    if (ending != NULL && ending > name && cvy_ending_is_picture(name))
        *ending = '\0';
    for (char *c = name; *c != '\0'; c++)
        if (*c == '/' || (unsigned char)*c < ' ')
            *c = '_';
    const int length = entry->count > 1
                           ? snprintf(path, sizeof path, "%s/%06zu-%s-%zu.png",
                                      p->options->save_inputs, ++p->saved, name, index + 1)
                           : snprintf(path, sizeof path, "%s/%06zu-%s.png", p->options->save_inputs,
                                      ++p->saved, name);
    if ((size_t)length >= sizeof path)
        return cvy_fail(CVY_ERR_OPEN, "%s: the path is too long", p->options->save_inputs);
    return cvy_picture_write_png(path, image, p->reading.width, p->reading.height,
                                 p->reading.channels);
}

static cvy_status annotate(prediction *p, const cvy_picture_entry *entry, const float *outputs)
{
    const char **labels;
    cvy_status status = cvy_memory_create(entry->count, sizeof *labels, &labels);

    if (status != CVY_OK)
        return status;
    for (size_t i = 0; i < entry->count; i++) {
        if (cvy_predict_is_nan(&p->print, outputs + i * p->print.output_count)) {
            labels[i] = "NaN";
            continue;
        }
        if (p->print.output_count > 1)
            cvy_predict_rank(&p->print, outputs + i * p->print.output_count);
        labels[i] = p->print.output_count > 1
                        ? cvy_model_class_name(p->model, p->print.best[0].class_index)
                        : "";
    }
    status = cvy_annotate(p->options->annotate, entry, labels, &p->reading);
    cvy_memory_free(labels);
    return status;
}

/* ---- answers ---- */

/* A single error becomes the error of the command; several are printed one by one. */
static cvy_status count_error(prediction *p, const char *error)
{
    if (++p->error_count == 1)
        return cvy_text_copy(error, &p->first_error);
    if (p->error_count == 2)
        fprintf(stderr, "convoy: predict: %s\n", p->first_error);
    fprintf(stderr, "convoy: predict: %s\n", error);
    return CVY_OK;
}

static cvy_status answer(prediction *p, const cvy_pictures *pictures,
                         const cvy_picture_entry *entry, const float *all_outputs)
{
    const float *outputs =
        entry->count > 0 ? all_outputs + entry->first * p->print.output_count : NULL;

    cvy_status status = cvy_predict_print_add(&p->print, entry, outputs);
    p->picture_count++;
    if (status == CVY_OK && entry->error != NULL)
        return count_error(p, entry->error);
    p->image_count += entry->count;
    for (size_t i = 0; i < entry->count; i++)
        p->nan_count += cvy_predict_is_nan(&p->print, outputs + i * p->print.output_count);
    if (entry->others > 0 && !p->call->common.quiet)
        cvy_visible_print(
            stderr,
            "convoy: predict: %s: there are about %zu characters in it, one was read; "
            "--segment reads all\n",
            entry->name, entry->others + 1);
    for (size_t i = 0; status == CVY_OK && p->options->save_inputs != NULL && i < entry->count; i++)
        status =
            save_input(p, entry, i, pictures->images + (entry->first + i) * pictures->image_bytes);
    if (status == CVY_OK && p->options->annotate != NULL && entry->info != NULL)
        status = annotate(p, entry, outputs);
    return status;
}

static cvy_status predict_batch(prediction *p, const cvy_picture_names *names, size_t begin,
                                size_t count)
{
    cvy_pictures pictures;
    float *outputs = NULL;

    cvy_status status = cvy_pictures_read(names->name + begin, names->trouble + begin, count,
                                          &p->reading, p->call->common.threads, &pictures);
    if (status == CVY_OK)
        status = cvy_memory_create(pictures.image_count, p->print.output_count * sizeof *outputs,
                                   &outputs);
    if (status == CVY_OK && pictures.image_count > 0)
        status = cvy_model_predict(p->model, pictures.images, pictures.image_count,
                                   p->call->common.threads, outputs);
    for (size_t i = 0; status == CVY_OK && i < pictures.entry_count; i++)
        status = answer(p, &pictures, &pictures.entries[i], outputs);
    cvy_memory_free(outputs);
    cvy_pictures_release(&pictures);
    return status;
}

/* The other files were classified, but the exit status still reports the errors. */
static cvy_status sum_up(const prediction *p)
{
    if (p->nan_count > 0 && p->error_count == 1)
        fprintf(stderr, "convoy: predict: %s\n", p->first_error);
    if (p->nan_count > 0)
        return cvy_fail(CVY_ERR_DATA, "%s: an output is not a number (NaN) for %zu of %zu images",
                        p->call->operands[0], p->nan_count, p->image_count);
    if (p->error_count == 0)
        return CVY_OK;
    if (p->error_count == 1)
        return cvy_fail_again(CVY_ERR_READ, p->first_error);
    return cvy_fail(CVY_ERR_READ, "%zu of %zu pictures could not be read", p->error_count,
                    p->picture_count);
}

static void say_what_was_skipped(const cvy_call *call, const cvy_picture_names *names)
{
    char text[256];

    if (names->skipped == 0 || call->common.quiet)
        return;
    cvy_picture_names_describe(names, text, sizeof text);
    cvy_visible_print(stderr,
                      "convoy: predict: %zu file%s in folders skipped, not PNG, JPEG, BMP, PGM or "
                      "PPM: %s\n",
                      names->skipped, cvy_plural(names->skipped), text);
}

/* Classes named after things are rarely pen strokes. */
static void warn_of_search(const prediction *p)
{
    const size_t count = cvy_model_output_count(p->model);
    bool has_word = false;

    for (size_t i = 0; i < count; i++)
        has_word = has_word || strlen(cvy_model_class_name(p->model, i)) > 4;
    if (has_word && !p->options->is_whole && p->reading.channels == 1 && !p->call->common.quiet)
        fprintf(
            stderr,
            "warning: ink is searched for in each picture and centered, as in MNIST; --whole takes "
            "pictures as training takes those of folders\n");
}

static cvy_status predict_all(prediction *p, const cvy_picture_names *names)
{
    cvy_status status = CVY_OK;

    if (p->options->annotate != NULL && names->count != 1)
        return cvy_fail(CVY_ERR_SETTING, "--annotate takes one picture, but %zu were given",
                        names->count);
    if (p->options->save_inputs != NULL)
        status = cvy_folder_make(p->options->save_inputs);
    if (status != CVY_OK)
        return status;
    warn_of_search(p);
    status = cvy_predict_print_begin(&p->print);
    for (size_t i = 0; status == CVY_OK && i < names->count; i += BATCH)
        status = predict_batch(p, names, i, names->count - i < BATCH ? names->count - i : BATCH);
    status = cvy_predict_print_end(&p->print, status, names->skipped);
    say_what_was_skipped(p->call, names);
    return status == CVY_OK ? sum_up(p) : status;
}

/* ---- the command ---- */

/* The model's input: [height][width][1 or 3], or a vector that is a square image. */
static cvy_status take_shape(cvy_picture_options *reading, cvy_shape shape)
{
    reading->height = shape.dims[0];
    reading->width = shape.rank > 1 ? shape.dims[1] : 1;
    reading->channels = shape.rank == 3 ? shape.dims[2] : 1;
    if (shape.rank == 1)
        reading->height = reading->width = (size_t)lround(sqrt((double)shape.dims[0]));
    if ((reading->channels != 1 && reading->channels != 3) ||
        (shape.rank == 1 && reading->height * reading->width != shape.dims[0]))
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "pictures: the model takes neither grey nor RGB images, which is all that "
                        "can be read from pictures");
    return CVY_OK;
}

static cvy_status check_options(const predict_options *o, const cvy_call *call)
{
    cvy_outputs outputs = { 0 };

    if (o->is_csv && call->common.json)
        return cvy_fail(CVY_ERR_SETTING, "--csv and --json: choose one of them");
    if (o->is_whole && o->is_segmented)
        return cvy_fail(CVY_ERR_SETTING, "--whole and --segment: choose one of them");
    cvy_status status = cvy_output_check_name("--annotate", o->annotate, ".png");
    if (status == CVY_OK)
        status = cvy_outputs_add(&outputs, "--annotate", o->annotate);
    if (status == CVY_OK)
        status = cvy_outputs_settle(&outputs, o->is_csv || call->common.json);
    for (size_t i = 0; status == CVY_OK && i < call->operand_count; i++)
        status = cvy_outputs_spare(&outputs, "predict", call->operands[i]);
    if (status == CVY_OK && o->save_inputs != NULL)
        status = cvy_folder_probe(o->save_inputs);
    if (status == CVY_OK)
        status = cvy_outputs_probe(&outputs);
    cvy_outputs_release(&outputs);
    return status;
}

static cvy_status run(const cvy_call *call)
{
    const predict_options *o = call->options;
    cvy_picture_names names = { 0 };
    cvy_model *model = NULL;
    prediction p = { .call = call, .options = o };

    cvy_status status = check_options(o, call);
    if (status == CVY_OK)
        status = cvy_model_open_trained(call->operands[0], &model);
    cvy_picture_options_init(&p.reading);
    p.reading.invert = (cvy_invert)o->invert;
    p.reading.is_segmented = o->is_segmented;
    p.reading.is_whole = o->is_whole;
    p.model = model;
    if (status == CVY_OK)
        status = take_shape(&p.reading, cvy_model_input(model));
    if (status == CVY_OK && cvy_model_polarity(model) != CVY_POLARITY_NONE)
        p.reading.polarity = cvy_model_polarity(model);
    if (status == CVY_OK)
        status = cvy_picture_names_collect(call->operands + 1, call->operand_count - 1,
                                           o->is_recursive, &names);
    p.print = (cvy_predict_print){ .model = model,
                                   .top = o->top,
                                   .is_json = call->common.json,
                                   .is_csv = o->is_csv,
                                   .is_segmented = o->is_segmented,
                                   .is_verbose = call->common.verbose,
                                   .file = cvy_print_file(call) };
    if (status == CVY_OK)
        status = predict_all(&p, &names);
    cvy_memory_free(p.first_error);
    cvy_picture_names_release(&names);
    cvy_model_destroy(model);
    return status;
}

const cvy_command cvy_command_predict = {
    .name = "predict",
    .operands = "MODEL FILE...",
    .summary = "classify pictures, folders of pictures, or files of images (IDX, CSV)",
    .examples = "convoy predict model.safetensors seven.png\n"
                "convoy predict model.safetensors scans/ --recursive --json\n"
                "convoy predict model.safetensors page.jpg --segment --annotate read.png\n"
                "find scans -name '*.jpg' -print0 | convoy predict model.safetensors - --csv\n",
    .options = options,
    .options_size = sizeof(predict_options),
    .operands_min = 2,
    .operands_max = OPERANDS_MAX,
    .run = run,
};
