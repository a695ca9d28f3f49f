/* The gradient noise scale: how large a batch must be before its gradient is more signal than noise. */
#ifndef CVY_STUDY_GRADIENT_NOISE_H
#define CVY_STUDY_GRADIENT_NOISE_H

#include "convoy/dataset.h"
#include "convoy/model.h"
#include "convoy/train.h"

enum { CVY_NOISE_POINTS = 6, CVY_NOISE_BATCHES = 10 };

/* The simple gradient noise scale: how many images a batch needs before its gradient is as large as its noise.
 *     tr(S) / |G|^2, S the covariance of one image's gradient, G the mean gradient
 * Source: McCandlish et al., An Empirical Model of Large-Batch Training (2018), section 2.2; unbiased
 * estimates of both from several batches at fixed weights, as in appendix A.1. */
typedef struct {
    size_t step;
    double scale;         /* images; NaN where |G|^2 is not above 0 */
    double trace, square; /* tr(S), |G|^2 */
} cvy_noise_point;

/** The noise scale from batches of gradients at the same weights.
 *  squares  mean over the batches of |g|^2; mean_square  |mean of g|^2; each batch of batch_size images */
cvy_noise_point cvy_noise_of(double squares, double mean_square, size_t batches, size_t batch_size);

/**
 * Measure it at weights that were kept from a run, each time over CVY_NOISE_BATCHES batches of its training images.
 * model      that was trained; it is copied
 * like       the settings of the run: images, batch size, loss, threads and seed are taken from them
 * snapshots  [count][floats] the trained tensors one after another, in the order of the model
 * points     [count] `step` is kept, the rest is written; NaN where a gradient is not finite
 * Returns CVY_ERR_MEMORY, or what training returns.
 */
cvy_status cvy_noise_measure(const cvy_model *model, const cvy_dataset *data,
                             const cvy_train_settings *like, const float *snapshots, size_t floats,
                             cvy_noise_point *points, size_t count);

#endif
