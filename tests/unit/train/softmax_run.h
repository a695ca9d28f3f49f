/* Softmax regression on 100 built-in digits: what tests of whole runs begin with. */
#ifndef CVY_TESTS_SOFTMAX_RUN_H
#define CVY_TESTS_SOFTMAX_RUN_H

#include <criterion/criterion.h>

#include "convoy/train.h"
#include "support/models.h"

static cvy_dataset *data;
static cvy_model *model;
static cvy_history *history;
static cvy_train_settings settings; /* 4 steps an epoch: 32, 32, 32 and 4 images */

static void begin(void)
{
    cr_assert_eq(cvy_dataset_open("digits:train=100,test=20", 2, &data), CVY_OK);
    model =
        model_make(INPUT("28,28,1") FLATTEN LAYER("Dense", "'units':10,'activation':'softmax'"));
    settings = cvy_train_defaults();
    settings.epochs = 3;
    settings.batch_size = 32;
    settings.threads = 2;
    settings.seed = 4;
}

static void end(void)
{
    cvy_history_destroy(history);
    cvy_model_destroy(model);
    cvy_dataset_close(data);
}

/* Trains as the settings say, and returns the digest. */
static const char *train(void)
{
    cvy_history_destroy(history);
    history = NULL;
    cr_assert_eq(cvy_train(model, data, &settings, &history), CVY_OK, "%s", cvy_error_message());
    return model_digest(model);
}

#endif
