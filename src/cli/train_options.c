#include "cli/train_options.h"

#include <math.h>

#include "cli/log.h"
#include "cli/rows.h"
#include "cli/values.h"
#include "scaling/scaling.h"

static const char *const on_nans[] = { "stop", "skip", "ignore", NULL }; /* in the order of
                                                                            cvy_on_nan */
static const char *const wires[] = { "fp32", "bf16", NULL }; /* in the order of cvy_wire */

#define AT(member) offsetof(cvy_train_options, member)
const cvy_setting cvy_train_option_rows[] = {
    { "config", CVY_TEXT, AT(config), NULL, 0, 0,
      "FILE: options as a JSON object, or the name of a recipe (convoy info --recipes); the "
      "command "
      "line wins",
      0, NULL },
    CVY_DATA_CHOICE_ROWS(cvy_train_options, data),
    { "augment", CVY_TEXT_LIST, AT(augmentations), NULL, 0, 0,
      "SPEC: augment training images, as in random_rotation:factor=0.05 (convoy info "
      "--augmentations)",
      0, NULL },
    { "validation-data", CVY_TEXT, AT(validation_data), NULL, 0, 0,
      "WHERE: validate on the images of another data set", 0, NULL },
    { "normalize", CVY_TEXT, AT(normalize), NULL, 0, 0,
      "pixel normalization: standard (mean 0, deviation 1; the default), unit (0 to 1) or none; "
      "a "
      "trained model keeps its own",
      0, NULL },
    { "folds", CVY_COUNT, AT(folds), "0", 0, 1000,
      "cross-validation: train N times, each with another part held out; saves no model", 0, NULL },
    { "model", CVY_TEXT, AT(model), "lenet5", 0, 0,
      "NAME: a built-in one (convoy info --models), a FILE.json that Keras wrote, or a trained "
      "FILE.safetensors, FILE.keras or FILE.h5 to continue from",
      0, NULL },
    { "weights", CVY_TEXT, AT(weights), NULL, 0, 0,
      "FILE: start from weights of the same shapes, in a .safetensors, .keras or .weights.h5", 0,
      NULL },
    { "freeze", CVY_TEXT_LIST, AT(frozen), NULL, 0, 0,
      "LAYER: a layer to freeze, or a pattern, as in conv2d*", 0, NULL },
    { "epochs", CVY_COUNT, AT(epochs), "8", 1, 1000000, "passes over the training images", 0,
      NULL },
    CVY_BATCH_SIZE_ROW(AT(batch_size), "images per update; full: all of them"),
    CVY_OPTIMIZER_ROW(AT(optimizer)),
    { "learning-rate", CVY_TEXT, AT(learning_rate), NULL, 0, 0,
      "SPEC: a number or a schedule (convoy info --schedules; default: the optimizer's)", 0, NULL },
    { "loss", CVY_TEXT, AT(loss), NULL, 0, 0,
      "SPEC: as in mean_squared_error (convoy info --losses; default: the model's, from its "
      "compile_config or its training, else sparse_categorical_crossentropy; of a single output "
      "binary_crossentropy after a sigmoid, else mean_squared_error)",
      0, NULL },
    { "metrics", CVY_TEXT, AT(metrics), NULL, 0, 0,
      "A,B,...: also report these, as in auc,top_k_categorical_accuracy:k=3 (convoy info "
      "--metrics)",
      0, NULL },
    { "class-weight", CVY_TEXT, AT(class_weight), NULL, 0, 0,
      "SPEC: class weights in the loss, as in 7=2.5,9=0.5 (1 for others), or balanced", 0, NULL },
    { "callback", CVY_TEXT_LIST, AT(callbacks), NULL, 0, 0,
      "SPEC: as in early_stopping:patience=3 (convoy info --callbacks)", 0, NULL },
    CVY_VALIDATION_SPLIT_ROW(AT(validation_split), "0"),
    CVY_LIMIT_ROW(AT(limit)),
    { "steps", CVY_COUNT, AT(steps), "0", 0, HUGE_VAL, "stop after N updates; 0: after the epochs",
      CVY_BELOW_MAX, NULL },
    { "on-nan", CVY_CHOICE, AT(on_nan), "stop", 0, 0,
      "when a loss, gradient or weight is not a finite number: end with the last good weights, "
      "skip that "
      "update, or continue as Keras does",
      0, on_nans },
    { "wire", CVY_CHOICE, AT(wire), "fp32", 0, 0,
      "precision of the gradients sent between ranks (docs/cluster.md): bf16 sends up to half as "
      "much, and rounds in the same way in one process, so that any number of ranks trains the "
      "same weights",
      0, wires },
    { "fast-reduce", CVY_BOOL, AT(fast_reduce), "false", 0, 0,
      "let MPI sum the gradients of the ranks in its own order: sends less, but the bits depend on "
      "the number of ranks",
      0, NULL },
    { "output", CVY_TEXT, AT(output), "model.safetensors", 0, 0,
      "FILE: where the trained model is saved", 0, NULL },
    CVY_BIND_ROW(AT(bind)),
    { "log", CVY_TEXT, AT(log), NULL, 0, 0, "FILE: write a line per epoch, to a .csv or .jsonl", 0,
      NULL },
    CVY_KEEPING_ROWS(cvy_train_options, keeping),
    { 0 },
};

bool cvy_train_has_weights(const cvy_train_options *o)
{
    return cvy_is_trained_name(o->model) || o->weights != NULL;
}

void cvy_train_options_apply(const cvy_call *call, cvy_train_settings *settings)
{
    const cvy_train_options *o = call->options;

    cvy_train_settings_init(settings);
    settings->optimizer = o->optimizer;
    settings->learning_rate = o->learning_rate;
    settings->loss = o->loss; /* NULL: the model's loss */
    settings->keep_weights = cvy_train_has_weights(o);
    settings->metrics = o->metrics;
    settings->class_weight = o->class_weight;
    settings->callbacks = o->callbacks.texts;
    settings->callback_count = o->callbacks.count;
    settings->epochs = o->epochs;
    settings->batch_size = o->batch_size;
    settings->steps = o->steps;
    settings->limit = o->limit;
    settings->validation_split = o->validation_split;
    settings->normalize = o->normalize;
    settings->augmentations = o->augmentations.texts;
    settings->augmentation_count = o->augmentations.count;
    settings->threads = call->common.threads;
    settings->seed = call->common.seed;
    settings->on_nan = (cvy_on_nan)o->on_nan;
    settings->bind = (cvy_bind)o->bind;
    settings->wire = (cvy_wire)o->wire;
    settings->fast_reduce = o->fast_reduce;
}

cvy_status cvy_train_options_check(const cvy_train_options *o, const cvy_train_settings *settings)
{
    cvy_status status = cvy_train_check(NULL, NULL, settings, NULL);

    if (status == CVY_OK && cvy_train_has_weights(o) && o->folds > 0)
        status = cvy_fail(CVY_ERR_SETTING,
                          "--folds: found %zu with %s, which has seen some of the images "
                          "already, expected a model without weights",
                          o->folds, cvy_is_trained_name(o->model) ? o->model : o->weights);
    if (status == CVY_OK && o->validation_data != NULL && o->validation_split > 0)
        status = cvy_fail(CVY_ERR_SETTING, "--validation-split and --validation-data: one of them");
    if (status == CVY_OK && o->folds == 1)
        status = cvy_fail(CVY_ERR_SETTING, "--folds: found 1, expected at least 2");
    if (status == CVY_OK && o->folds > 0 && o->keeping.checkpoint != NULL && o->log != NULL)
        status = cvy_fail(CVY_ERR_SETTING,
                          "--log: found %s with --folds and --checkpoint, "
                          "expected no log, since one of several models cannot be continued",
                          o->log);
    if (status == CVY_OK && o->folds > 0 && (o->validation_split > 0 || o->validation_data != NULL))
        status = cvy_fail(CVY_ERR_SETTING,
                          "--folds: every fold validates, so no other validation data are taken");
    return status == CVY_OK ? cvy_log_check_name(o->log) : status;
}
