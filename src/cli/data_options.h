/* The options that choose a command's images and their form. */
#ifndef CVY_CLI_DATA_OPTIONS_H
#define CVY_CLI_DATA_OPTIONS_H

#include "base/settings.h"
#include "cli/command.h"
#include "convoy/convoy.h"

/* The form of the images. */
typedef struct {
    const char *resize, *memory; /* "HxW" or NULL; "512M" or NULL */
    const char *cache;           /* folder, or NULL */
    bool is_grayscale, is_rgb, finds_ink, is_strict;
    bool is_check; /* for cvy_dataset_check(), which reports pictures that were left out */
} cvy_data_form;

typedef struct {
    cvy_text_list where; /* none: the built-in digits */
    cvy_data_form form;
} cvy_data_choice;

/* clang-format off */

/* Rows for a cvy_data_form that is the member `m` of the struct `s`. */
#define CVY_DATA_FORM_ROWS(s, m)                                                                   \
    { "resize", CVY_TEXT, offsetof(s, m.resize), NULL, 0, 0,                                       \
      "HxW: resize all images to this size", 0, NULL },                                            \
    { "grayscale", CVY_BOOL, offsetof(s, m.is_grayscale), "false", 0, 0,                           \
      "convert color images to grey", 0, NULL },                                                   \
    { "rgb", CVY_BOOL, offsetof(s, m.is_rgb), "false", 0, 0,                                       \
      "convert grey images to RGB, for models that take three channels", 0, NULL },                \
    { "find-ink", CVY_BOOL, offsetof(s, m.finds_ink), "false", 0, 0,                               \
      "cut the character out of each picture of class folders, as predict does", 0, NULL },        \
    { "memory", CVY_TEXT, offsetof(s, m.memory), NULL, 0, 0,                                       \
      "SIZE: keep images that exceed it in a packed file, as in 512M or 4G", 0, NULL },            \
    { "cache", CVY_TEXT, offsetof(s, m.cache), NULL, 0, 0,                                         \
      "DIR: where --memory keeps packed files (default: ~/.cache/convoy)", 0, NULL },              \
    { "strict", CVY_BOOL, offsetof(s, m.is_strict), "false", 0, 0,                                 \
      "fail on a picture that cannot be read, instead of leaving it out", 0, NULL }

/* Rows for a cvy_data_choice that is the member `m` of the struct `s`. */
#define CVY_DATA_CHOICE_ROWS(s, m)                                                                 \
    { "data", CVY_TEXT_LIST, offsetof(s, m.where), NULL, 0, 0,                                     \
      "WHERE: digits (built in, the default), a folder of class folders, IDX or CIFAR files, "     \
      "a .csv or .npz; several are joined", 0, NULL },                                             \
    CVY_DATA_FORM_ROWS(s, m.form)

/* clang-format on */

/**
 * Open the chosen data sets as one.
 * parts  CVY_PART_... that are needed
 * model  prepare the images and order the classes as in its training; NULL: leave them unchanged
 * data   written only on CVY_OK; the caller closes it
 * Returns CVY_ERR_SETTING, and what cvy_dataset_open() returns. Warns on stderr of pictures that
 * were left out.
 */
cvy_status cvy_data_open(const cvy_call *call, const cvy_data_choice *choice, unsigned parts,
                         const cvy_model *model, cvy_dataset **data);

/** Open all parts, prepared as in the model's training, to continue training it: with the model's
 *  classes in their order if they include all of the data's, else with those of the data. model:
 *  NULL as above. */
cvy_status cvy_data_open_to_learn(const cvy_call *call, const cvy_data_choice *choice,
                                  const cvy_model *model, cvy_dataset **data);

/** Name the model's file where a failure of the two above is due to the names of its classes. Returns `status`. */
cvy_status cvy_data_blame_model(cvy_status status, const char *file);

/** Open one data set with all its parts. */
cvy_status cvy_data_open_one(const cvy_call *call, const cvy_data_form *form, const char *where,
                             cvy_dataset **data);

/** Add validation images from another data set, prepared like those of *data. *data is replaced. */
cvy_status cvy_data_add_validation(const cvy_call *call, const cvy_data_choice *choice,
                                   const char *where, cvy_dataset **data);

#endif
