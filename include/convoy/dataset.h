/* Labelled images of one size: what a model is trained on and scored with.
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

/* Which is lighter in the images, ink or background. */
typedef enum {
    CVY_POLARITY_NONE,          /* neither: color, photographs, textures */
    CVY_POLARITY_LIGHT_ON_DARK, /* as MNIST */
    CVY_POLARITY_DARK_ON_LIGHT, /* as ink on paper */
} cvy_polarity;

/* What a data set holds. Grows at the end only. */
typedef struct {
    const char *name; /* of the data set; lives as long as the data set */
    size_t train_count, test_count;
    size_t height, width, channels; /* of every image */
    size_t class_count;             /* labels are 0 .. class_count - 1 */
    size_t validation_count;
    cvy_polarity polarity;
    bool is_undivided; /* the source has one part only; it is the training part */
} cvy_dataset_info;

enum { CVY_DIGEST_TEXT_BYTES = 65 }; /* SHA-256 in hexadecimal, with its final zero */

/* How to open a data set. Always set up by cvy_dataset_options_init(), so that a program built
 * against an older header, whose struct is shorter, still works. Texts are only read during the
 * call. */
typedef struct {
    size_t struct_bytes;
    size_t threads; /* used while reading or generating, at least 1; the data do not depend on it */
    unsigned parts; /* CVY_PART_...: the others are neither read nor missed */
    size_t resize_height, resize_width; /* of every image, at most 256; 0: as they are */
    size_t channels;                /* 1: colours become grey; 3: grey becomes colour; 0: keep */
    cvy_polarity polarity;          /* wanted: images of the other one are inverted; NONE: keep */
    const char *const *class_names; /* the classes and their order, as a model has them; labels
                                           are matched by name. NULL: the data set's own */
    size_t class_count;             /* of class_names */
    size_t
        memory_bytes; /* pixels beyond it are kept in a packed file that is mapped into memory; it is
                            made once and used again: see cache_folder. 0: no limit */
    bool is_strict; /* a picture that cannot be read is an error; else it is left out and counted */

    /* Called while pictures are read, `done` of `total` steps so far: each picture is looked at and
       decoded. One thread at a time. May be NULL. */
    void (*on_progress)(void *context, size_t done, size_t total);
    void *context;
    const char
        *cache_folder; /* where packed files go; created. NULL: "convoy" in $XDG_CACHE_HOME, else
                                 in $HOME/.cache; where neither is set, and for data that are generated,
                                 a file without a name in $TMPDIR, else /var/tmp */
} cvy_dataset_options;

/** Defaults: one thread, all parts, images and classes as they are. */
#define cvy_dataset_options_init(options)                                                          \
    cvy_dataset_options_init_sized((options), sizeof *(options))
CVY_API void cvy_dataset_options_init_sized(cvy_dataset_options *options, size_t struct_bytes);

/**
 * Open a data set and read all of it.
 * where    "digits" for the built-in digits, also with settings as in "digits:seed=1,train=1000";
 *          or a path. What lies there is recognised by its content: `convoy info --datasets` lists
 *          the kinds
 * threads  as in cvy_dataset_options
 * dataset  written only on CVY_OK; the caller closes it
 * Returns CVY_ERR_SETTING (a wrong option), CVY_ERR_OPEN, CVY_ERR_READ, CVY_ERR_FORMAT,
 * CVY_ERR_DATA (images and labels differ in number, ...), CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_dataset_open(const char *where, size_t threads, cvy_dataset **dataset);

/** The same with options: some parts alone, images brought to another form, ... */
CVY_API cvy_status cvy_dataset_open_with(const char *where, const cvy_dataset_options *options,
                                         cvy_dataset **dataset);

/* One part of a data set in arrays. Either bytes or floats is given. Grows at the end only. */
typedef struct {
    size_t count;               /* 0: there is no such part */
    const unsigned char *bytes; /* [count][height][width][channels] */
    const float *floats;        /* likewise; see cvy_arrays.low */
    const uint16_t *labels;     /* [count] */
} cvy_array_part;

/* A data set in arrays of the caller's. Always set up by cvy_arrays_init(). */
typedef struct {
    size_t struct_bytes;
    const char *name;               /* copied; default "arrays" */
    size_t height, width, channels; /* sides at most 256; channels 1 (default) or 3 */
    size_t class_count;             /* 0: the largest label plus one */
    const char *const *class_names; /* [class_count], copied; NULL: numbers */
    double low, high; /* of floats: what becomes 0 and what becomes 255 (default 0 and 1). Pixels
                         are stored as bytes: values between are rounded to 256 levels, values
                         outside and NaN are refused */
    bool is_borrowed; /* bytes are used where they are: they must neither change nor go before the
                         data set is closed. Default: copied. Labels are always copied */
    unsigned part_bytes; /* the size of a cvy_array_part, set by cvy_arrays_init() */
    cvy_array_part train, validation, test;
} cvy_arrays;

#define cvy_arrays_init(arrays)                                                                    \
    cvy_arrays_init_parts((arrays), sizeof *(arrays), sizeof(arrays)->train)
CVY_API void cvy_arrays_init_parts(cvy_arrays *arrays, size_t struct_bytes, size_t part_bytes);
/* What programs built against convoy 0.1.0 call, whose parts have the first four members. */
CVY_API void cvy_arrays_init_sized(cvy_arrays *arrays, size_t struct_bytes);

/**
 * A data set of arrays in memory.
 * arrays   read during the call only, but for bytes that are borrowed
 * dataset  written only on CVY_OK; the caller closes it
 * Returns CVY_ERR_SETTING (a size out of range, no part, an array missing), CVY_ERR_DATA (a label
 * that is not below class_count, a float out of range), CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_dataset_from_arrays(const cvy_arrays *arrays, cvy_dataset **dataset);

/* Views: data sets that show images of other ones, which they keep alive; only labels are copied. Each
 * is written to its last argument on CVY_OK only, and the caller closes it. All return CVY_ERR_MEMORY
 * too. */

/** Several data sets as one: their parts one after the other, their classes matched by name. Returns
 *  CVY_ERR_DATA (images of different forms, too many classes). */
CVY_API cvy_status cvy_dataset_join(const cvy_dataset *const *datasets, size_t count,
                                    cvy_dataset **joined);

/** The data set with images of another one for validation: its validation part, else its test part, else
 *  its training part. Returns CVY_ERR_DATA (another form, a class that the data set does not have). */
CVY_API cvy_status cvy_dataset_with_validation(const cvy_dataset *dataset, const cvy_dataset *other,
                                               cvy_dataset **view);

/**
 * The data set with a part of its training images for validation: the same fraction of each class, as
 * far as whole images allow, and the last ones of each. (cvy_train_settings.validation_split takes the
 * last ones of all, as Keras does.)
 * fraction  in [0, 1)
 * limit     look at the first so many training images only; 0: all
 * Returns CVY_ERR_SETTING, CVY_ERR_DATA (no images are left to train on).
 */
CVY_API cvy_status cvy_dataset_divide(const cvy_dataset *dataset, double fraction, size_t limit,
                                      cvy_dataset **view);

/**
 * Cross-validation: fold `index` of `fold_count` parts of the training images validates, the others are
 * trained on. Every class is spread over all folds. limit as above. Returns CVY_ERR_SETTING.
 */
CVY_API cvy_status cvy_dataset_fold(const cvy_dataset *dataset, size_t fold_count, size_t index,
                                    size_t limit, cvy_dataset **view);

/** Release a data set. NULL is allowed. Views of it stay valid. */
CVY_API void cvy_dataset_close(cvy_dataset *dataset);

/* A data set never changes after it was opened: what follows may be called from any thread. */

/** Write the first info_bytes bytes of a cvy_dataset_info: as many as the caller's header knows; bytes that
 *  the library does not know become 0. Of NULL, all are 0. */
CVY_API void cvy_dataset_describe_sized(const cvy_dataset *dataset, cvy_dataset_info *info,
                                        size_t info_bytes);

/** What a data set holds. */
static inline cvy_dataset_info cvy_dataset_describe(const cvy_dataset *dataset)
{
    cvy_dataset_info info;

    cvy_dataset_describe_sized(dataset, &info, sizeof info);
    return info;
}

/** How many images a part has; 0 where there is no such part. */
CVY_API size_t cvy_dataset_count(const cvy_dataset *dataset, cvy_split split);

/** How many files were left out since they cannot be read. */
CVY_API size_t cvy_dataset_left_out_count(const cvy_dataset *dataset);

/** Why file number `index` of those was left out, in a sentence; NULL past the first few, which alone
 *  are kept. The data set owns the text. */
CVY_API const char *cvy_dataset_left_out(const cvy_dataset *dataset, size_t index);

/**
 * The pixels of one image: height x width x channels bytes, row-major, channels innermost. index
 * must be below the part's count. The data set owns them.
 */
CVY_API const unsigned char *cvy_dataset_image(const cvy_dataset *dataset, cvy_split split,
                                               size_t index);

/** The class of one image, 0 .. class_count - 1. index must be below the part's count. */
CVY_API size_t cvy_dataset_label(const cvy_dataset *dataset, cvy_split split, size_t index);

/** What a class is called ("7"). The data set owns the text. */
CVY_API const char *cvy_dataset_class_name(const cvy_dataset *dataset, size_t class_index);

/** SHA-256 over sizes, pixels and labels of all parts, as lower-case hexadecimal. Returns CVY_OK or
 *  CVY_ERR_MEMORY. */
CVY_API cvy_status cvy_dataset_digest(const cvy_dataset *dataset, char text[CVY_DIGEST_TEXT_BYTES]);

#ifdef __cplusplus
}
#endif

#endif
