/* Rows of options that several commands share. `at` is the member's offset. */
#ifndef CVY_CLI_ROWS_H
#define CVY_CLI_ROWS_H

#include <math.h>

#include "base/settings.h"

#define CVY_DATA_ROW(at)                                                                           \
    {                                                                                              \
        "data", CVY_TEXT, at, "digits", 0, 0, "WHERE: a data set, as for train", 0, NULL           \
    }

#define CVY_MODEL_ROW(at)                                                                          \
    {                                                                                              \
        "model", CVY_TEXT, at, "lenet5", 0, 0,                                                     \
            "NAME: lenet5, fast, mnist-cnn, cnn-bn, mlp, mnist-99, cifar-cnn, resnet20, "          \
            "inception, or a FILE.json that Keras wrote",                                          \
            0, NULL                                                                                \
    }

/* 0 in the member: the whole set */
#define CVY_BATCH_SIZE_ROW(at, help)                                                               \
    {                                                                                              \
        "batch-size", CVY_COUNT, at, "64", 1, 1 << 30, help, CVY_OR_FULL, NULL                     \
    }

#define CVY_OPTIMIZER_ROW(at)                                                                      \
    {                                                                                              \
        "optimizer", CVY_TEXT, at, "adam", 0, 0,                                                   \
            "SPEC: as in sgd:momentum=0.9 (convoy info --optimizers)", 0, NULL                     \
    }

#define CVY_LOSS_ROW(at)                                                                           \
    {                                                                                              \
        "loss", CVY_TEXT, at, "sparse_categorical_crossentropy", 0, 0,                             \
            "SPEC: as in mean_squared_error (convoy info --losses)", 0, NULL                       \
    }

#define CVY_VALIDATION_SPLIT_ROW(at, fallback)                                                     \
    {                                                                                              \
        "validation-split", CVY_FLOAT, at, fallback, 0, 1,                                         \
            "fraction of the training images to validate on", CVY_BELOW_MAX, NULL                  \
    }

#define CVY_LIMIT_ROW(at)                                                                          \
    {                                                                                              \
        "limit", CVY_COUNT, at, "0", 0, HUGE_VAL, "use only the first N training images; 0: all",  \
            CVY_BELOW_MAX, NULL                                                                    \
    }

/* Read with cvy_gnuplot_read_formats(). */
#define CVY_FIGURES_ROW(at)                                                                        \
    {                                                                                              \
        "figures", CVY_TEXT, at, "svg", 0, 0,                                                      \
            "LIST: formats of the figures, of svg (always drawn), pdf and png, as in svg,pdf", 0,  \
            NULL                                                                                   \
    }

/* cvy_bind_names is in scaling/scaling.h. */
#define CVY_BIND_ROW(at)                                                                           \
    {                                                                                              \
        "bind", CVY_CHOICE, at, "none", 0, 0,                                                      \
            "thread pinning: none, one core per thread, or one socket per thread", 0,              \
            cvy_bind_names                                                                         \
    }

#endif
