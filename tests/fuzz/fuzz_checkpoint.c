/* The position and settings of a checkpoint, of any content but with the right checksum: a run is resumed from
 * them, or they are refused. The input is the JSON of the position. */
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "convoy/convoy.h"
#include "train/position.h"
#include "train/training.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char architecture[] =
    "{\"class_name\":\"Sequential\",\"config\":{\"name\":\"m\",\"layers\":["
    "{\"class_name\":\"InputLayer\",\"config\":{\"batch_shape\":[null,28,28,1]}},"
    "{\"class_name\":\"Flatten\",\"config\":{}},"
    "{\"class_name\":\"Dense\",\"config\":{\"units\":10,\"activation\":\"softmax\"}}]}}";

static cvy_model *model;
static cvy_dataset *data;

static void open_both(void)
{
    if (data != NULL)
        return;
    if (cvy_dataset_open("digits:train=40,test=10", 1, &data) != CVY_OK ||
        cvy_model_from_json(architecture, sizeof architecture - 1, &model) != CVY_OK)
        abort();
}

/* What was restored holds together, so that training can go on from it. */
static void check(const cvy_training *t)
{
    assert(t->finished <= t->results->epoch_room);
    assert(t->running.steps <= cvy_steps_per_epoch(&t->task));
    assert(t->running.samples <= t->task.images.count);
    assert(t->hooks.run.learning_rate >= 0 && isfinite(t->hooks.run.learning_rate));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const callbacks[] = { "early_stopping:monitor=loss",
                                             "reduce_lr_on_plateau:monitor=loss" };
    cvy_train_settings settings = cvy_train_defaults();
    cvy_training t = { 0 };
    json_t *position = json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, NULL);

    open_both();
    settings.callbacks = callbacks;
    settings.callback_count = 2;
    settings.metrics = "precision";
    settings.batch_size = 16;
    settings.optimizer = "nadam";
    cvy_status status = cvy_training_prepare(&t, model, data, &settings);
    assert(status == CVY_OK);
    status = cvy_hooks_begin(&t.hooks, model, data, 0.001, true, t.results);
    assert(status == CVY_OK);
    if (json_is_object(position) && cvy_position_restore(&t, position) == CVY_OK)
        check(&t);
    json_decref(position);
    cvy_training_release(&t);
    return 0;
}
