#include "cli/folds.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "cli/print.h"
#include "cli/ranks.h"
#include "cli/values.h"

/* The last epoch of one fold. */
typedef struct {
    size_t train, validation;
    double loss, accuracy;
    char digest[CVY_DIGEST_TEXT_BYTES];
} fold_result;

static cvy_status score_fold(const cvy_model *model, const cvy_dataset *data,
                             const cvy_train_settings *settings, cvy_score **score)
{
    const size_t threads = settings->threads;

    if (settings->comm != NULL)
        return cvy_evaluate_together(settings->comm, model, data, CVY_SPLIT_VALIDATION, 1, threads,
                                     score);
    return cvy_evaluate_until(model, data, CVY_SPLIT_VALIDATION, 1, threads,
                              settings->stop_requested, settings->context, score);
}

static cvy_status train_fold(cvy_model *model, const cvy_dataset *data,
                             const cvy_train_settings *settings, fold_result *result)
{
    cvy_history *history = NULL;
    cvy_score *score;
    cvy_status status = cvy_train(model, data, settings, &history);

    if (status == CVY_OK && history->is_stopped)
        status = CVY_ERR_STOPPED;
    if (status == CVY_OK)
        status = score_fold(model, data, settings, &score);
    if (status == CVY_OK) {
        result->train = history->train_count;
        result->validation = score->image_count;
        result->loss = score->loss;
        result->accuracy = score->accuracy;
        cvy_score_destroy(score);
        status = cvy_model_digest(model, result->digest);
    }
    cvy_history_destroy(history);
    return status;
}

typedef struct {
    double mean, deviation; /* deviation with n - 1 */
} spread;

static spread spread_of(const fold_result *results, size_t count, bool of_accuracy)
{
    spread s = { 0 };

    for (size_t i = 0; i < count; i++)
        s.mean += (of_accuracy ? results[i].accuracy : results[i].loss) / (double)count;
    for (size_t i = 0; i < count; i++) {
        const double off = (of_accuracy ? results[i].accuracy : results[i].loss) - s.mean;
        s.deviation += off * off / (double)(count - 1);
    }
    s.deviation = sqrt(s.deviation);
    return s;
}

static json_t *json_spread(spread s)
{
    return json_pack("{s:o, s:o}", "mean", cvy_json_number(s.mean), "deviation",
                     cvy_json_number(s.deviation));
}

static cvy_status print_json(const cvy_model *model, const fold_result *results, size_t count)
{
    json_t *folds = json_array();

    for (size_t i = 0; i < count; i++)
        if (json_array_append_new(folds, json_pack("{s:I, s:I, s:I, s:o, s:o, s:s}", "fold",
                                                   (json_int_t)i + 1, "train",
                                                   (json_int_t)results[i].train, "validation",
                                                   (json_int_t)results[i].validation, "val_loss",
                                                   cvy_json_number(results[i].loss), "val_accuracy",
                                                   cvy_json_number(results[i].accuracy),
                                                   "weights_sha256", results[i].digest)) != 0) {
            json_decref(folds);
            return cvy_fail(CVY_ERR_MEMORY, "folds: out of memory");
        }
    return cvy_print_json(json_pack("{s:s, s:s, s:o, s:o, s:o}", "command", "train", "model",
                                    cvy_model_name(model), "folds", folds, "val_loss",
                                    json_spread(spread_of(results, count, false)), "val_accuracy",
                                    json_spread(spread_of(results, count, true))));
}

static cvy_status print_text(const cvy_call *call, const fold_result *results, size_t count)
{
    FILE *file = cvy_print_file(call);
    const spread loss = spread_of(results, count, false), hits = spread_of(results, count, true);

    fprintf(file, "%zu folds: val_loss %.4f, deviation %.4f", count, loss.mean, loss.deviation);
    if (isfinite(hits.mean))
        fprintf(file, "; val_accuracy %.2f %%, deviation %.2f", 100 * hits.mean,
                100 * hits.deviation);
    fputc('\n', file);
    return CVY_OK;
}

/* Each fold has its own checkpoint folder, so that a finished fold is not trained again. */
static cvy_status choose_folder(const char *checkpoints, size_t number, char **folder)
{
    const size_t bytes = checkpoints != NULL ? strlen(checkpoints) + 32 : 1;
    cvy_status status = cvy_memory_create(bytes, 1, folder);

    if (status == CVY_OK && checkpoints != NULL)
        snprintf(*folder, bytes, "%s/fold-%zu", checkpoints, number);
    return status;
}

/* of_fold: the settings of all folds, except for the folder */
static cvy_status run_fold(cvy_model *model, const cvy_dataset *data, cvy_train_settings of_fold,
                           size_t number, size_t count, fold_result *result)
{
    char *folder;
    cvy_status status = choose_folder(of_fold.checkpoint_folder, number, &folder);

    if (status != CVY_OK)
        return status;
    if (of_fold.checkpoint_folder != NULL)
        of_fold.checkpoint_folder = folder;
    status = train_fold(model, data, &of_fold, result);
    if (status == CVY_ERR_STOPPED)
        status = cvy_fail(
            CVY_ERR_STOPPED, "folds: stopped in fold %zu of %zu%s", number, count,
            of_fold.checkpoint_folder != NULL ? "; the same line with --resume continues it" : "");
    cvy_memory_free(folder);
    return status;
}

cvy_status cvy_folds_run(const cvy_call *call, cvy_model *model, const cvy_dataset *data,
                         const cvy_train_settings *settings, size_t fold_count)
{
    fold_result *results;
    cvy_train_settings of_fold = *settings;
    cvy_status status = cvy_memory_create(fold_count, sizeof *results, &results);

    of_fold.limit = 0; /* the folds were made from the limited images */
    for (size_t i = 0; status == CVY_OK && i < fold_count; i++) {
        cvy_dataset *fold;
        status = cvy_dataset_fold(data, fold_count, i, settings->limit, &fold);
        if (status != CVY_OK)
            break;
        if (!call->common.quiet && !call->common.json) {
            fprintf(cvy_print_file(call), "fold %zu of %zu\n", i + 1, fold_count);
            fflush(cvy_print_file(call)); /* before the epochs, which go to stderr */
        }
        status = run_fold(model, fold, of_fold, i + 1, fold_count, &results[i]);
        cvy_dataset_close(fold);
    }
    if (status == CVY_OK && !cvy_ranks_follows())
        status = call->common.json ? print_json(model, results, fold_count)
                                   : print_text(call, results, fold_count);
    cvy_memory_free(results);
    return status;
}
