/* The gradient noise scale: how large a batch must be before its gradient is more signal than noise. */
#ifndef CVY_STUDY_GRADIENT_NOISE_H
#define CVY_STUDY_GRADIENT_NOISE_H

#include "convoy/dataset.h"
#include "convoy/model.h"
#include "convoy/train.h"

enum { CVY_NOISE_POINTS = 6, CVY_NOISE_BATCHES = 10 };

/* The simple gradient noise scale: the batch size at which the gradient is as large as its noise.
 *     tr(S) / |G|^2, S the covariance of one image's gradient, G the mean gradient
 * Source: McCandlish et al., An Empirical Model of Large-Batch Training (2018), section 2.2; unbiased
 * estimates of both from several batches at fixed weights, as in appendix A.1. */
typedef struct {
    size_t step;
    double scale;         /* in images; NaN unless |G|^2 > 0 */
    double trace, square; /* tr(S), |G|^2 */
} cvy_noise_point;

/** Compute the noise scale from gradients of batches at the same weights.
 *  squares  mean over the batches of |g|^2; mean_square  |mean of g|^2; each batch of batch_size images */
cvy_noise_point cvy_noise_of(double squares, double mean_square, size_t batches, size_t batch_size);

/**
 * Measure it at snapshots of a run's weights, over CVY_NOISE_BATCHES batches of training images
 * each.
 * model      the trained model; it is copied
 * like       settings of the run; images, batch size, loss, threads and seed are used
 * snapshots  [count][floats] the trained tensors concatenated in model order
 * points     [count] `step` is kept, the rest is written; NaN if a gradient is not finite
 * Returns CVY_ERR_MEMORY, or an error of training.
 */
cvy_status cvy_noise_measure(const cvy_model *model, const cvy_dataset *data,
                             const cvy_train_settings *like, const float *snapshots, size_t floats,
                             cvy_noise_point *points, size_t count);

#endif
