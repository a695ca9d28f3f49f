/* Measure the gradient noise scale from batches at fixed weights. */
#include "study/gradient_noise.h"

#include <math.h>

#include "base/memory.h"
#include "study/trained_weights.h"

cvy_noise_point cvy_noise_of(double squares, double mean_square, size_t batches, size_t batch_size)
{
    const double k = (double)batches, b = (double)batch_size;
    cvy_noise_point point = { 0 };

    /* E|g|^2 = |G|^2 + tr(S) / b, E|mean g|^2 = |G|^2 + tr(S) / (k b) */
    point.trace = b * k / (k - 1) * (squares - mean_square);
    point.square = (k * mean_square - squares) / (k - 1);
    point.scale = point.square > 0 ? point.trace / point.square : NAN;
    return point;
}

/* Sums of the gradients of batches at fixed weights. */
typedef struct {
    double *sum; /* [floats] */
    size_t floats, count;
    double squares;
} gradient_sums;

static size_t add_gradient(void *context, const cvy_update_view *view)
{
    gradient_sums *s = context;

    if (view->step == 0)
        return 1;
    s->count++;
    for (size_t p = 0; p < view->part_count; p++)
        for (size_t i = 0; i < view->parts[p]->count; i++) {
            const size_t at = view->parts[p]->offset + i;
            const double g = (double)view->gradients[at];
            s->squares += g * g;
            s->sum[at] += g;
        }
    return 1;
}

/* Stop training after the last batch, since validation would take as long as all batches. */
static bool has_all_batches(void *context)
{
    const gradient_sums *s = context;
    return s->count == CVY_NOISE_BATCHES;
}

/* Settings for a pass over the training images with learning rate 0, in its own order. */
static cvy_train_settings noise_settings(const cvy_train_settings *like)
{
    cvy_train_settings settings = cvy_train_defaults();

    settings.optimizer = "sgd:learning_rate=0";
    settings.loss = like->loss;
    settings.batch_size = like->batch_size;
    settings.limit = like->limit;
    settings.validation_split = like->validation_split;
    settings.threads = like->threads;
    settings.seed = like->seed + 1;
    settings.epochs = 1;
    settings.steps = CVY_NOISE_BATCHES;
    settings.keep_weights = true;
    settings.on_update = add_gradient;
    settings.stop_requested = has_all_batches;
    return settings;
}

static cvy_status measure_at(cvy_model *model, const cvy_dataset *data,
                             const cvy_train_settings *like, size_t floats, cvy_noise_point *point)
{
    cvy_train_settings settings = *like;
    gradient_sums sums = { .floats = floats };
    cvy_status status = cvy_memory_create(floats, sizeof *sums.sum, &sums.sum);
    double mean_square = 0;

    if (status != CVY_OK)
        return status;
    settings.context = &sums;
    status = cvy_train(model, data, &settings, NULL);
    if (status == CVY_ERR_STOPPED && sums.count == CVY_NOISE_BATCHES)
        status = CVY_OK;
    const double k = (double)sums.count;
    for (size_t i = 0; i < floats && k > 0; i++)
        mean_square += sums.sum[i] / k * (sums.sum[i] / k);
    const size_t step = point->step;
    if (status == CVY_OK && sums.count > 1)
        *point = cvy_noise_of(sums.squares / k, mean_square, sums.count, like->batch_size);
    else
        point->scale = point->trace = point->square = NAN;
    point->step = step;
    cvy_memory_free(sums.sum);
    return status == CVY_ERR_DIVERGED ? CVY_OK : status;
}

cvy_status cvy_noise_measure(const cvy_model *model, const cvy_dataset *data,
                             const cvy_train_settings *like, const float *snapshots, size_t floats,
                             cvy_noise_point *points, size_t count)
{
    cvy_model *copy = NULL;
    const cvy_train_settings settings = noise_settings(like);
    cvy_status status = cvy_copy_model(model, "recorder", &copy);

    for (size_t i = 0; status == CVY_OK && i < count; i++) {
        status = cvy_put_trained(copy, snapshots + i * floats);
        if (status == CVY_OK)
            status = measure_at(copy, data, &settings, floats, &points[i]);
    }
    cvy_model_destroy(copy);
    return status;
}
