/* Reads pictures (PNG, JPEG, BMP, PBM, PGM, PPM) and converts them to model inputs.
 *
 * A picture of writing on paper, a board or a form is searched for characters, which are cut out,
 * turned light on dark (or as the model needs them), scaled and centered like MNIST's images.
 * Uneven light, shadows, frames, boxes and printed lines are tolerated. Pictures with an EXIF
 * orientation are turned upright first; boxes are in pixels of the upright picture.
 *
 * Reading needs the Leptonica library, which the first call loads at run time. All functions may be
 * called from any thread at any time. */
#ifndef CONVOY_PICTURE_H
#define CONVOY_PICTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "convoy/dataset.h"
#include "convoy/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Whether the ink in the picture is darker than the surface below it. */
typedef enum { CVY_INVERT_AUTO, CVY_INVERT_YES, CVY_INVERT_NO } cvy_invert;

/* How to read a picture. Always set up by cvy_picture_options_init(), so that a program built
 * against an older header, whose struct is shorter, still works. */
typedef struct {
    size_t struct_bytes;
    size_t height, width; /* of the model's input; default 28 x 28 */
    size_t channels; /* 1 (default): characters are searched for. 3: the whole picture, scaled */
    cvy_polarity polarity; /* of the model's training images; default light on dark */
    cvy_invert invert;     /* default CVY_INVERT_AUTO: found from the picture */
    bool is_segmented;     /* one input for each character; default: one for the picture */
    bool is_whole; /* no search for characters: the whole picture, scaled, as pictures of data
                      set folders are; inverted for CVY_INVERT_YES only */
} cvy_picture_options;

#define cvy_picture_options_init(options)                                                          \
    cvy_picture_options_init_sized((options), sizeof *(options))
CVY_API void cvy_picture_options_init_sized(cvy_picture_options *options, size_t struct_bytes);

/* The inputs made from one picture. */
typedef struct cvy_inputs cvy_inputs;

/* One input. Fields may be added at the end in later versions. */
typedef struct {
    size_t left, top, right, bottom; /* box of the ink; right and bottom are exclusive */
    bool is_kept;     /* the picture already had the model's input size; its pixels are unchanged */
    bool is_inverted; /* the ink is darker than the surface below it */
    bool has_lines;   /* printed lines were removed */
    double scale;     /* pixels of the input per pixel of the picture */
} cvy_input_info;

/**
 * Read a picture from a file, or from the bytes of one.
 * name    begins the sentence of a failure
 * inputs  written only on CVY_OK; the caller destroys them
 * Returns CVY_ERR_OPEN, CVY_ERR_READ, CVY_ERR_FORMAT (no picture, damaged, too large), CVY_ERR_DATA
 * ("no ink found ..."), CVY_ERR_UNSUPPORTED (Leptonica is not installed), CVY_ERR_SETTING (options
 * out of range), CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_inputs_read(const char *path, const cvy_picture_options *options,
                                   cvy_inputs **inputs);
CVY_API cvy_status cvy_inputs_decode(const char *name, const void *bytes, size_t size,
                                     const cvy_picture_options *options, cvy_inputs **inputs);
CVY_API void cvy_inputs_destroy(cvy_inputs *inputs);

/** The number of inputs: 1, or with is_segmented one for each character, line by line. */
CVY_API size_t cvy_inputs_count(const cvy_inputs *inputs);

/** [count][height][width][channels] bytes, as cvy_model_predict() takes them; they live as long as
 *  `inputs`. */
CVY_API const unsigned char *cvy_inputs_images(const cvy_inputs *inputs);

/** How input `index` was made; all 0 if there is no such input. The struct grows at the end only:
 *  the first info_bytes bytes are written, as many as the caller's header knows. */
CVY_API void cvy_inputs_info_sized(const cvy_inputs *inputs, size_t index, cvy_input_info *info,
                                   size_t info_bytes);
static inline cvy_input_info cvy_inputs_info(const cvy_inputs *inputs, size_t index)
{
    cvy_input_info info;

    cvy_inputs_info_sized(inputs, index, &info, sizeof info);
    return info;
}

/** Without is_segmented: the number of other characters of about the same size in the picture. */
CVY_API size_t cvy_inputs_others(const cvy_inputs *inputs);

/** What was done for input `index`, in one sentence without a full stop; lives as long as
 *  `inputs`. */
CVY_API const char *cvy_inputs_report(const cvy_inputs *inputs, size_t index);

/** The upright picture in grey, [height][width]; lives as long as `inputs`. */
CVY_API const unsigned char *cvy_inputs_picture(const cvy_inputs *inputs, size_t *width,
                                                size_t *height);

/** Whether a file's first bytes (16 are enough) are those of a picture that this library can
 *  read. */
CVY_API bool cvy_picture_is(const unsigned char *bytes, size_t size);

/** "GIF", "WebP", "TIFF", "HEIC", ...: the kind of a picture that cannot be read, by its first
 *  bytes; NULL for anything else. The text is constant. */
CVY_API const char *cvy_picture_other_kind(const unsigned char *bytes, size_t size);

/**
 * Write pixels, [height][width][channels] with 1 (grey) or 3 (red, green, blue) channels, as PNG.
 * A failure leaves nothing under `path`. Returns CVY_ERR_SETTING (no pixels, other channels),
 * CVY_ERR_OPEN, CVY_ERR_WRITE, CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_picture_write_png(const char *path, const unsigned char *pixels,
                                         size_t width, size_t height, size_t channels);

#ifdef __cplusplus
}
#endif

#endif
