/* The public functions for pictures: convert a file or its bytes to model inputs and reports. */
#include "pictures/inputs.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "pictures/plane.h"

void cvy_picture_options_init_sized(cvy_picture_options *options, size_t struct_bytes)
{
    const cvy_picture_options defaults = {
        .struct_bytes = struct_bytes,
        .height = 28,
        .width = 28,
        .channels = 1,
        .polarity = CVY_POLARITY_LIGHT_ON_DARK,
        .invert = CVY_INVERT_AUTO,
    };

    if (options == NULL || struct_bytes < sizeof struct_bytes)
        return;
    memset(options, 0, struct_bytes);
    memcpy(options, &defaults, struct_bytes < sizeof defaults ? struct_bytes : sizeof defaults);
}

/* Copy and check the options known to this version. */
static cvy_status take_options(const cvy_picture_options *given, cvy_picture_options *options)
{
    const size_t size = given->struct_bytes;

    if (size < sizeof size)
        return cvy_fail(CVY_ERR_SETTING,
                        "options: expected what cvy_picture_options_init() set up");
    cvy_picture_options_init(options);
    memcpy(options, given, size < sizeof *options ? size : sizeof *options);
    if (options->height < 1 || options->width < 1 || options->height > CVY_INPUT_SIDE_MAX ||
        options->width > CVY_INPUT_SIDE_MAX)
        return cvy_fail(CVY_ERR_SETTING,
                        "picture options: inputs of %zu x %zu, expected 1 to %d a side",
                        options->height, options->width, CVY_INPUT_SIDE_MAX);
    if (options->channels != 1 && options->channels != 3)
        return cvy_fail(CVY_ERR_SETTING, "picture options: %zu channels, expected 1 or 3",
                        options->channels);
    if (options->invert < CVY_INVERT_AUTO || options->invert > CVY_INVERT_NO ||
        options->polarity < CVY_POLARITY_NONE || options->polarity > CVY_POLARITY_DARK_ON_LIGHT)
        return cvy_fail(
            CVY_ERR_SETTING,
            "picture options: found invert %d and polarity %d, expected a cvy_invert and "
            "a cvy_polarity",
            (int)options->invert, (int)options->polarity);
    return CVY_OK;
}

/* ---- whole pictures ---- */

/* Scale one of a picture's `step` channels: each input pixel is the mean over its area. As nothing
 * tells what is ink, pixels are inverted only on request. */
static cvy_status scale_channel(const unsigned char *pixels, size_t step, size_t width,
                                size_t height, const cvy_picture_options *o, unsigned char *image)
{
    cvy_plane plane, scaled = { 0 };
    cvy_status status = cvy_plane_create(&plane, width, height);

    if (status == CVY_OK)
        status = cvy_plane_create(&scaled, o->width, o->height);
    if (status == CVY_OK) {
        for (size_t i = 0; i < width * height; i++)
            plane.value[i] =
                o->invert == CVY_INVERT_YES ? 255 - pixels[i * step] : pixels[i * step];
        cvy_plane_fill(&plane, &scaled);
        for (size_t i = 0; i < o->width * o->height; i++)
            image[i * o->channels] = (unsigned char)(scaled.value[i] + 0.5F);
    }
    cvy_memory_free(plane.value);
    cvy_memory_free(scaled.value);
    return status;
}

/* Allocate one input, which is the whole picture. */
static cvy_status make_whole(const cvy_picture_options *o, size_t width, size_t height,
                             cvy_inks *inks)
{
    cvy_status status = cvy_memory_create(1, sizeof *inks->report, &inks->report);

    if (status == CVY_OK)
        status = cvy_memory_create(o->width * o->height, o->channels, &inks->images);
    if (status != CVY_OK)
        return status;
    inks->report[0] = (cvy_ink_report){
        .is_kept = o->width == width && o->height == height,
        .is_inverted = o->invert == CVY_INVERT_YES,
        .box = { .right = width, .bottom = height },
        .placing = { .scale = (double)o->width / (double)width },
    };
    return CVY_OK;
}

static cvy_status take_whole_in_colour(const char *name, const void *bytes, size_t size,
                                       const cvy_picture_options *o, cvy_inks *inks)
{
    cvy_colour_picture p;
    cvy_status status = cvy_picture_decode_colour(name, bytes, size, &p);

    if (status != CVY_OK)
        return status;
    status = make_whole(o, p.width, p.height, inks);
    for (size_t c = 0; status == CVY_OK && c < 3; c++)
        status = scale_channel(p.pixels + (p.channels == 3 ? c : 0), p.channels, p.width, p.height,
                               o, inks->images + c);
    inks->count = status == CVY_OK;
    cvy_colour_picture_free(&p);
    return status;
}

static cvy_status take_whole(const cvy_picture *p, const cvy_picture_options *o, cvy_inks *inks)
{
    cvy_status status = make_whole(o, p->width, p->height, inks);

    if (status == CVY_OK)
        status = scale_channel(p->grey, 1, p->width, p->height, o, inks->images);
    inks->count = status == CVY_OK;
    return status;
}

/* ---- characters ---- */

static cvy_status take_characters(const cvy_picture_options *o, cvy_inputs *inputs)
{
    const cvy_picture *p = &inputs->picture;
    cvy_inks *inks = &inputs->inks;

    if (o->is_segmented)
        return cvy_ink_extract_all(p->grey, p->width, p->height, o->invert, o->width, o->height,
                                   inks);
    cvy_status status = cvy_memory_create(1, sizeof *inks->report, &inks->report);
    if (status == CVY_OK)
        status = cvy_memory_create(o->width * o->height, 1, &inks->images);
    if (status == CVY_OK)
        status = cvy_ink_extract(p->grey, p->width, p->height, o->invert, inks->images, o->width,
                                 o->height, inks->report, &inputs->others);
    inks->count = status == CVY_OK;
    return status;
}

static void describe(const cvy_picture *picture, const cvy_ink_report *ink, char *text, size_t size)
{
    char turned[48] = "";

    if (picture->orientation > 1)
        snprintf(turned, sizeof turned, ", turned upright (EXIF %u)", picture->orientation);
    if (ink->is_kept)
        snprintf(text, size, "%zu x %zu pixels%s, has the model's form already%s", picture->width,
                 picture->height, turned, ink->is_inverted ? ", inverted" : "");
    else if (ink->strength == 0)
        snprintf(text, size, "%zu x %zu pixels%s, scaled as a whole", picture->width,
                 picture->height, turned);
    else
        cvy_number_text(
            text, size,
            "%zu x %zu pixels%s, background %u%s%s, ink of %u%% strength in %zu x %zu at "
            "(%zu, %zu), scaled by %.3f, strokes of %.1f pixels widened by %.1f, centered by "
            "mass (%+.0f, %+.0f)",
            picture->width, picture->height, turned, ink->background,
            ink->is_inverted ? ", inverted" : "", ink->has_lines ? ", lines removed" : "",
            ink->strength, ink->box.right - ink->box.left, ink->box.bottom - ink->box.top,
            ink->box.left, ink->box.top, ink->placing.scale, ink->placing.stroke_width,
            ink->placing.widened_by, ink->placing.shift_x, ink->placing.shift_y);
}

static cvy_status report_all(cvy_inputs *inputs)
{
    cvy_status status =
        cvy_memory_create(inputs->inks.count, sizeof *inputs->reports, &inputs->reports);

    for (size_t i = 0; status == CVY_OK && i < inputs->inks.count; i++)
        describe(&inputs->picture, &inputs->inks.report[i], inputs->reports[i],
                 sizeof inputs->reports[i]);
    return status;
}

static cvy_status take(const char *name, const void *bytes, size_t size,
                       const cvy_picture_options *o, cvy_inputs *inputs)
{
    cvy_status status = cvy_picture_decode(name, bytes, size, &inputs->picture);

    if (status != CVY_OK)
        return status;
    if (o->channels == 3) {
        status = take_whole_in_colour(name, bytes, size, o, &inputs->inks);
    } else if (o->is_whole) {
        status = take_whole(&inputs->picture, o, &inputs->inks);
    } else {
        status = take_characters(o, inputs);
        if (status != CVY_OK)
            return cvy_fail_at(status, "%s", name);
        if (o->polarity == CVY_POLARITY_DARK_ON_LIGHT)
            for (size_t i = 0; i < inputs->inks.count * o->width * o->height; i++)
                inputs->inks.images[i] = (unsigned char)(255 - inputs->inks.images[i]);
    }
    return status == CVY_OK ? report_all(inputs) : status;
}

cvy_status cvy_inputs_decode(const char *name, const void *bytes, size_t size,
                             const cvy_picture_options *options, cvy_inputs **inputs)
{
    CVY_REQUIRE(name);
    CVY_REQUIRE(bytes);
    CVY_REQUIRE(options);
    CVY_REQUIRE(inputs);
    cvy_picture_options known;
    cvy_inputs *made;

    cvy_status status = take_options(options, &known);
    if (status == CVY_OK)
        status = cvy_memory_create(1, sizeof *made, &made);
    if (status != CVY_OK)
        return status;
    status = take(name, bytes, size, &known, made);
    if (status == CVY_OK)
        *inputs = made;
    else
        cvy_inputs_destroy(made);
    return status;
}

cvy_status cvy_inputs_read(const char *path, const cvy_picture_options *options,
                           cvy_inputs **inputs)
{
    CVY_REQUIRE(path);
    CVY_REQUIRE(options);
    CVY_REQUIRE(inputs);
    unsigned char *bytes;
    size_t size;

    cvy_status status = cvy_file_read(path, CVY_PICTURE_FILE_BYTES_MAX, &bytes, &size);
    if (status != CVY_OK)
        return status;
    status = cvy_inputs_decode(path, bytes, size, options, inputs);
    cvy_memory_free(bytes);
    return status;
}

void cvy_inputs_destroy(cvy_inputs *inputs)
{
    if (inputs == NULL)
        return;
    cvy_picture_free(&inputs->picture);
    cvy_inks_release(&inputs->inks);
    cvy_memory_free(inputs->reports);
    cvy_memory_free(inputs);
}

size_t cvy_inputs_count(const cvy_inputs *inputs)
{
    return inputs != NULL ? inputs->inks.count : 0;
}

const unsigned char *cvy_inputs_images(const cvy_inputs *inputs)
{
    return inputs != NULL ? inputs->inks.images : NULL;
}

static cvy_input_info info_of(const cvy_inputs *inputs, size_t index)
{
    if (index >= cvy_inputs_count(inputs))
        return (cvy_input_info){ 0 };
    const cvy_ink_report *ink = &inputs->inks.report[index];

    return (cvy_input_info){
        .left = ink->box.left,
        .top = ink->box.top,
        .right = ink->box.right,
        .bottom = ink->box.bottom,
        .is_kept = ink->is_kept,
        .is_inverted = ink->is_inverted,
        .has_lines = ink->has_lines,
        .scale = ink->placing.scale,
    };
}

void cvy_inputs_info_sized(const cvy_inputs *inputs, size_t index, cvy_input_info *info,
                           size_t info_bytes)
{
    const cvy_input_info all = info_of(inputs, index);

    if (info == NULL)
        return;
    memset(info, 0, info_bytes);
    memcpy(info, &all, info_bytes < sizeof all ? info_bytes : sizeof all);
}

size_t cvy_inputs_others(const cvy_inputs *inputs)
{
    return inputs != NULL ? inputs->others : 0;
}

const char *cvy_inputs_report(const cvy_inputs *inputs, size_t index)
{
    return index < cvy_inputs_count(inputs) ? inputs->reports[index] : NULL;
}

const unsigned char *cvy_inputs_picture(const cvy_inputs *inputs, size_t *width, size_t *height)
{
    if (inputs == NULL || width == NULL || height == NULL)
        return NULL;
    *width = inputs->picture.width;
    *height = inputs->picture.height;
    return inputs->picture.grey;
}
