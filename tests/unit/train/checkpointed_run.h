/* A short training with checkpoints, of everything that a checkpoint has to hold: for the tests of resuming. */
#ifndef CONVOY_TESTS_CHECKPOINTED_RUN_H
#define CONVOY_TESTS_CHECKPOINTED_RUN_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "convoy/convoy.h"
#include "support/models.h"

enum { EPOCHS = 3, STEPS = 4 * EPOCHS }; /* 32, 32, 32 and 4 images */

static cvy_dataset *data;
static cvy_model *model;
static cvy_history *history;
static cvy_train_settings settings;
static char folder[512];

static inline void checkpointed_run_begin(void)
{
    scratch_open();
    snprintf(folder, sizeof folder, "%s", scratch_path("checkpoints"));
    cr_assert_eq(cvy_dataset_open("digits:train=120,test=20", 2, &data), CVY_OK);
    model = model_make(INPUT("28,28,1") LAYER("Conv2D", "'filters':2,'kernel_size':5,'strides':3")
                           LAYER("BatchNormalization", "") LAYER("Dropout", "'rate':0.25")
                               FLATTEN LAYER("Dense", "'units':10,'activation':'softmax'"));
    settings = cvy_train_defaults();
    settings.epochs = EPOCHS;
    settings.batch_size = 32;
    settings.limit = 125;
    settings.validation_split = 0.16;
    settings.threads = 2;
    settings.seed = 4;
}

static inline void checkpointed_run_end(void)
{
    char command[1024];

    cvy_history_destroy(history);
    cvy_model_destroy(model);
    cvy_dataset_close(data);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    cr_assert_eq(system(command), 0);
    scratch_close();
}

/* Train and return the digest of the weights; `history` is the new one. */
static inline const char *train(void)
{
    cvy_history_destroy(history);
    history = NULL;
    cr_assert_eq(cvy_train(model, data, &settings, &history), CVY_OK, "%s", cvy_error_message());
    return model_digest(model);
}

static inline void forget_checkpoints(void)
{
    char command[1024];

    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    cr_assert_eq(system(command), 0);
}

static inline void expect_refused(const char *words)
{
    expect_refusal(words, cvy_train(model, data, &settings, NULL), CVY_ERR_SETTING, words);
}

#endif
