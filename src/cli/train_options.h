/* The options of `convoy train` and what they ask of a training. */
#ifndef CVY_CLI_TRAIN_OPTIONS_H
#define CVY_CLI_TRAIN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/settings.h"
#include "cli/command.h"
#include "cli/data_options.h"
#include "cli/keeping.h"
#include "convoy/convoy.h"

typedef struct {
    cvy_data_choice data;
    const char *validation_data, *normalize, *model, *weights, *optimizer, *learning_rate, *loss,
        *metrics, *class_weight, *output, *log, *config;
    cvy_text_list callbacks, augmentations, frozen;
    size_t epochs, batch_size, limit, steps, folds;
    double validation_split;
    cvy_keeping keeping;
    int bind, on_nan, wire;
    bool fast_reduce;
} cvy_train_options;

/** A row for each option, for cvy_command.options. */
extern const cvy_setting cvy_train_option_rows[];

/** Whether training starts from weights in a file. */
bool cvy_train_has_weights(const cvy_train_options *options);

/** The settings that the command line asks for, with every function still NULL. They point to the
 *  texts of the call. */
void cvy_train_options_apply(const cvy_call *call, cvy_train_settings *settings);

/** Refuse what the command line alone shows to be wrong, before any data are read. Returns
 *  CVY_ERR_SETTING and what cvy_train_check() returns. */
cvy_status cvy_train_options_check(const cvy_train_options *options,
                                   const cvy_train_settings *settings);

#endif
