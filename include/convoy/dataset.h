/* Labeled images of one size, to train and evaluate models with.
 *
 * A data set has up to three parts: training, validation and test images. Any of them may be
 * missing. Pixels are bytes, channels innermost: 1 channel (grey) or 3 (red, green, blue). */
#ifndef CONVOY_DATASET_H
#define CONVOY_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "convoy/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cvy_dataset cvy_dataset;

typedef enum { CVY_SPLIT_TRAIN, CVY_SPLIT_TEST, CVY_SPLIT_VALIDATION } cvy_split;

/* Parts to open, as bits. */
enum {
    CVY_PART_TRAIN = 1 << CVY_SPLIT_TRAIN,
    CVY_PART_TEST = 1 << CVY_SPLIT_TEST,
    CVY_PART_VALIDATION = 1 << CVY_SPLIT_VALIDATION,
    CVY_PARTS_ALL = CVY_PART_TRAIN | CVY_PART_TEST | CVY_PART_VALIDATION,
};

/* Whether ink or background is lighter. */
typedef enum {
    CVY_POLARITY_NONE,          /* neither: colors, photographs, textures */
    CVY_POLARITY_LIGHT_ON_DARK, /* like MNIST */
    CVY_POLARITY_DARK_ON_LIGHT, /* like ink on paper */
} cvy_polarity;

/* What a data set holds. Grows at the end only. */
typedef struct {
    const char *name; /* of the data set; lives as long as the data set */
    size_t train_count, test_count;
    size_t height, width, channels; /* of every image */
    size_t class_count;             /* labels are 0 .. class_count - 1 */
    size_t validation_count;
    cvy_polarity polarity;
    bool is_undivided;   /* the source has one part only, used as the training part */
    size_t scaled_count; /* picture files that were scaled, as a whole, to this height and width */
} cvy_dataset_info;

enum { CVY_DIGEST_TEXT_BYTES = 65 }; /* SHA-256 in hexadecimal, with the final NUL */

/* How to open a data set. Always set up by cvy_dataset_options_init(), so that a program built
 * against an older header, whose struct is shorter, still works. Texts are read only during the
 * call. */
typedef struct {
    size_t struct_bytes;
    size_t threads; /* used while reading or generating, at least 1; the data do not depend on it */
    unsigned parts; /* CVY_PART_...: the others are not read and may be missing */
    size_t resize_height, resize_width; /* of every image, at most 256; 0: keep the size */
    size_t channels;                    /* 1: colors become grey; 3: grey becomes color; 0: keep */
    cvy_polarity polarity;              /* images of the other polarity are inverted; NONE: keep */
    const char *const *class_names; /* the classes in the order that a model has them; labels are
                                       matched by name. NULL: the data set's own */
    size_t class_count;             /* of class_names */
    size_t memory_bytes; /* limit for pixels in memory: parts beyond it are kept in a packed file
                            that is mapped into memory, made once and reused: see cache_folder.
                            0: no limit */
    bool is_strict;      /* an unreadable picture is an error; else it is left out and counted */

    /* Called while pictures are read, after `done` of `total` steps: each picture is inspected and
       decoded. One thread at a time. May be NULL. */
    void (*on_progress)(void *context, size_t done, size_t total);
    void *context;
    const char *cache_folder; /* for packed files; created if missing. NULL: "convoy" in
                                 $XDG_CACHE_HOME, else in $HOME/.cache; if neither is set, and
                                 for generated data, an unnamed file in $TMPDIR, else /var/tmp */
    bool leaves_out_sizes;    /* pictures of another size than most are left out and counted, for
                              cvy_dataset_check() to report; else they are an error */
    bool finds_ink; /* picture files: the character in each is found, cut out and centered as by
                       cvy_inputs_read(), to 28 x 28 pixels or the size above, in grey; of the
                       polarity above, else light on dark. Pictures without ink are left out */
} cvy_dataset_options;

/** Defaults: one thread, all parts, images and classes unchanged. */
#define cvy_dataset_options_init(options)                                                          \
    cvy_dataset_options_init_sized((options), sizeof *(options))
CVY_API void cvy_dataset_options_init_sized(cvy_dataset_options *options, size_t struct_bytes);

/**
 * Open a data set and read all of it.
 * where    "digits" for the built-in digits, or with settings, as in "digits:seed=1,train=1000"; or
 *          a path, whose kind is recognized by its content (`convoy info --datasets` lists the
 *          kinds)
 * threads  as in cvy_dataset_options
 * dataset  written only on CVY_OK; the caller closes it
 * Returns CVY_ERR_SETTING (a wrong option), CVY_ERR_OPEN, CVY_ERR_READ, CVY_ERR_FORMAT,
 * CVY_ERR_DATA (images and labels differ in number, ...), CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_dataset_open(const char *where, size_t threads, cvy_dataset **dataset);

/** Open a data set with options: only some parts, images resized or converted, ... */
CVY_API cvy_status cvy_dataset_open_with(const char *where, const cvy_dataset_options *options,
                                         cvy_dataset **dataset);

/* One part of a data set in arrays: either bytes or floats. Grows at the end only. */
typedef struct {
    size_t count;               /* 0: no such part */
    const unsigned char *bytes; /* [count][height][width][channels] */
    const float *floats;        /* of the same shape; see cvy_arrays.low */
    const uint16_t *labels;     /* [count] */
} cvy_array_part;

/* A data set in the caller's arrays. Always set up by cvy_arrays_init(). */
typedef struct {
    size_t struct_bytes;
    const char *name;               /* copied; default "arrays" */
    size_t height, width, channels; /* sides at most 256; channels 1 (default) or 3 */
    size_t class_count;             /* 0: the largest label plus one */
    const char *const *class_names; /* [class_count], copied; NULL: numbers */
    double low, high;    /* the floats that become 0 and 255 (default 0 and 1). Pixels are stored as
                            bytes: values between are rounded to 256 levels, values outside and NaN
                            are refused */
    bool is_borrowed;    /* bytes are not copied: they must neither change nor be freed before the
                            data set is closed. Default: false. Labels are always copied */
    unsigned part_bytes; /* the size of a cvy_array_part, set by cvy_arrays_init() */
    cvy_array_part train, validation, test;
} cvy_arrays;

#define cvy_arrays_init(arrays)                                                                    \
    cvy_arrays_init_parts((arrays), sizeof *(arrays), sizeof(arrays)->train)
CVY_API void cvy_arrays_init_parts(cvy_arrays *arrays, size_t struct_bytes, size_t part_bytes);
/* Called by programs built against convoy 0.1.0, whose parts have the first four members. */
CVY_API void cvy_arrays_init_sized(cvy_arrays *arrays, size_t struct_bytes);

/**
 * Create a data set from arrays in memory.
 * arrays   read during the call only, except borrowed bytes
 * dataset  written only on CVY_OK; the caller closes it
 * Returns CVY_ERR_SETTING (a size out of range, no part, an array missing), CVY_ERR_DATA (a label
 * that is not below class_count, a float out of range), CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_dataset_from_arrays(const cvy_arrays *arrays, cvy_dataset **dataset);

/* Views: data sets that show images of other data sets, which they keep alive; only labels are
 * copied. Each function writes its last argument on CVY_OK only, and the caller closes it. All can
 * also return CVY_ERR_MEMORY. */

/** Join several data sets into one: their parts are concatenated, their classes matched by name.
 *  Returns CVY_ERR_DATA (images of different forms, too many classes). */
CVY_API cvy_status cvy_dataset_join(const cvy_dataset *const *datasets, size_t count,
                                    cvy_dataset **joined);

/** Use images of another data set for validation: its validation part, else its test part, else its
 *  training part. Returns CVY_ERR_DATA (another form, a class that `dataset` does not have). */
CVY_API cvy_status cvy_dataset_with_validation(const cvy_dataset *dataset, const cvy_dataset *other,
                                               cvy_dataset **view);

/**
 * Split off a part of the training images for validation: the same fraction of each class, as far
 * as whole images allow, taken from the end of each class. (cvy_train_settings.validation_split
 * takes the last images of all, as Keras does.)
 * fraction  in [0, 1)
 * limit     use only the first so many training images; 0: all
 * Returns CVY_ERR_SETTING, CVY_ERR_DATA (no images are left to train on).
 */
CVY_API cvy_status cvy_dataset_divide(const cvy_dataset *dataset, double fraction, size_t limit,
                                      cvy_dataset **view);

/**
 * Cross-validation: of fold_count folds of the training images, fold `index` is used for validation
 * and the others for training. Every class is spread over all folds. limit as above. Returns
 * CVY_ERR_SETTING.
 */
CVY_API cvy_status cvy_dataset_fold(const cvy_dataset *dataset, size_t fold_count, size_t index,
                                    size_t limit, cvy_dataset **view);

/** Release a data set. NULL is allowed. Views of it stay valid. */
CVY_API void cvy_dataset_close(cvy_dataset *dataset);

/* A data set never changes after it was opened: any thread may call the functions below. */

/** Write the first info_bytes bytes of a cvy_dataset_info, as many as the caller's header knows;
 *  bytes that the library does not know become 0. dataset: NULL writes zeros only. */
CVY_API void cvy_dataset_describe_sized(const cvy_dataset *dataset, cvy_dataset_info *info,
                                        size_t info_bytes);

/** Describe a data set. */
static inline cvy_dataset_info cvy_dataset_describe(const cvy_dataset *dataset)
{
    cvy_dataset_info info;

    cvy_dataset_describe_sized(dataset, &info, sizeof info);
    return info;
}

/** The number of images in a part; 0 if there is no such part. */
CVY_API size_t cvy_dataset_count(const cvy_dataset *dataset, cvy_split split);

/** The number of files that were left out because they could not be read. */
CVY_API size_t cvy_dataset_left_out_count(const cvy_dataset *dataset);

/** Why file number `index` of these was left out, in a sentence; NULL past the first few, since
 *  only those are kept. The data set owns the text. */
CVY_API const char *cvy_dataset_left_out(const cvy_dataset *dataset, size_t index);

/**
 * The pixels of one image: height x width x channels bytes, row-major, channels innermost. index
 * must be below the part's count. The data set owns them.
 */
CVY_API const unsigned char *cvy_dataset_image(const cvy_dataset *dataset, cvy_split split,
                                               size_t index);

/** The class of one image, 0 .. class_count - 1. index must be below the part's count. */
CVY_API size_t cvy_dataset_label(const cvy_dataset *dataset, cvy_split split, size_t index);

/** The name of a class ("7"). The data set owns the text. */
CVY_API const char *cvy_dataset_class_name(const cvy_dataset *dataset, size_t class_index);

/** SHA-256 over sizes, pixels and labels of all parts, as lower-case hexadecimal. Returns CVY_OK or
 *  CVY_ERR_MEMORY. */
CVY_API cvy_status cvy_dataset_digest(const cvy_dataset *dataset, char text[CVY_DIGEST_TEXT_BYTES]);

#ifdef __cplusplus
}
#endif

#endif
