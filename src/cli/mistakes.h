/* What `evaluate` writes about single images: mistakes as a contact sheet, all answers as CSV, and
 * the confusion matrix as a picture. */
#ifndef CVY_CLI_MISTAKES_H
#define CVY_CLI_MISTAKES_H

#include "convoy/convoy.h"

/* The output files; NULL: not wanted. */
typedef struct {
    const char *mistakes;    /* PNG: misclassified images, the most confident mistakes first */
    const char *predictions; /* CSV: a line for each image */
    const char *confusion;   /* PNG */
} cvy_mistake_files;

/* The rows of `evaluate` that fill this in; `at` is its offset in the options struct. */
#define CVY_MISTAKE_ROWS(at)                                                                       \
    { "mistakes",                                                                                  \
      CVY_TEXT,                                                                                    \
      (at) + offsetof(cvy_mistake_files, mistakes),                                                \
      NULL,                                                                                        \
      0,                                                                                           \
      0,                                                                                           \
      "FILE: write misread images as PNG, surest mistakes first",                                  \
      0,                                                                                           \
      NULL },                                                                                      \
        { "predictions",                                                                           \
          CVY_TEXT,                                                                                \
          (at) + offsetof(cvy_mistake_files, predictions),                                         \
          NULL,                                                                                    \
          0,                                                                                       \
          0,                                                                                       \
          "FILE: write the answer for each image, by its number, as CSV (predict --recursive "     \
          "--csv names pictures)",                                                                 \
          0,                                                                                       \
          NULL },                                                                                  \
    {                                                                                              \
        "confusion", CVY_TEXT, (at) + offsetof(cvy_mistake_files, confusion), NULL, 0, 0,          \
            "FILE: write the confusion matrix as PNG", 0, NULL                                     \
    }

/**
 * Write the requested files.
 * score  of the same model, data and split
 * Returns CVY_ERR_SETTING (the model has no classes), CVY_ERR_UNSUPPORTED, CVY_ERR_OPEN,
 * CVY_ERR_WRITE, CVY_ERR_MEMORY.
 */
cvy_status cvy_mistakes_write(const cvy_mistake_files *files, const cvy_model *model,
                              const cvy_dataset *data, cvy_split split, size_t threads,
                              const cvy_score *score);

#endif
