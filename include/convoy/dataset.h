/* Labelled images of one size, in memory: what a model is trained on and scored with. */
#ifndef CONVOY_DATASET_H
#define CONVOY_DATASET_H

#include <stddef.h>

#include "convoy/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cvy_dataset cvy_dataset;

typedef enum { CVY_SPLIT_TRAIN, CVY_SPLIT_TEST } cvy_split;

typedef struct {
    const char *name; /* of the data set; lives as long as the data set */
    size_t train_count, test_count;
    size_t height, width, channels; /* of every image */
    size_t class_count;             /* labels are 0 .. class_count - 1 */
} cvy_dataset_info;

enum { CVY_DIGEST_TEXT_BYTES = 65 }; /* SHA-256 in hexadecimal, with its final zero */

/**
 * Open a data set and read all of it.
 * where    "digits" for the built-in digits, also with settings as in "digits:seed=1,train=1000";
 *          or a folder holding the four IDX files under their MNIST names, gzipped or not
 *          (train-images-idx3-ubyte[.gz] and so on)
 * threads  used while reading or generating, at least 1; the data do not depend on it
 * dataset  written only on CVY_OK; the caller closes it
 * Returns CVY_ERR_SETTING (no such kind of data), CVY_ERR_OPEN, CVY_ERR_READ, CVY_ERR_FORMAT,
 * CVY_ERR_DATA (images and labels differ in number, ...), CVY_ERR_MEMORY.
 */
CVY_API cvy_status cvy_dataset_open(const char *where, size_t threads, cvy_dataset **dataset);

/** Release a data set. NULL is allowed. */
CVY_API void cvy_dataset_close(cvy_dataset *dataset);

/* A data set never changes after it was opened: what follows may be called from any thread. */

CVY_API cvy_dataset_info cvy_dataset_describe(const cvy_dataset *dataset);

/**
 * The pixels of one image: height x width x channels bytes, row-major, channels innermost,
 * 0 background to 255 full ink. index must be below the split's count. The data set owns them.
 */
CVY_API const unsigned char *cvy_dataset_image(const cvy_dataset *dataset, cvy_split split,
                                               size_t index);

/** The class of one image, 0 .. class_count - 1. index must be below the split's count. */
CVY_API size_t cvy_dataset_label(const cvy_dataset *dataset, cvy_split split, size_t index);

/** What a class is called ("7"). The data set owns the text. */
CVY_API const char *cvy_dataset_class_name(const cvy_dataset *dataset, size_t class_index);

/** SHA-256 over sizes, pixels and labels of both splits, as lower-case hexadecimal. Returns CVY_OK or
 *  CVY_ERR_MEMORY. */
CVY_API cvy_status cvy_dataset_digest(const cvy_dataset *dataset, char text[CVY_DIGEST_TEXT_BYTES]);

#ifdef __cplusplus
}
#endif

#endif
