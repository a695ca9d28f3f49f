#include "train/lane_samples.h"

#include <string.h>

#include "base/minmax.h"

static float class_weight(const cvy_task *task, uint16_t label)
{
    return task->class_weights != NULL ? task->class_weights[label] : 1;
}

static size_t count_correct(const cvy_stepper *stepper, const cvy_targets *targets, size_t count,
                            const float *outputs)
{
    const size_t output_count = cvy_model_output_count(stepper->task->model);
    uint16_t best[CVY_LANE];
    size_t correct = 0;

    stepper->task->compute.kernels->softmax->argmax(output_count, outputs, best);
    for (size_t s = 0; s < count; s++)
        correct += best[s] == targets->label[s];
    return correct;
}

/* Images are scattered in memory, so prefetch all images of a lane before gathering the first. */
static void fetch_ahead(const uint8_t *image, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += CVY_CACHE_LINE)
        __builtin_prefetch(image + i);
}

/* Augment image s of a lane for this epoch, in the worker's own memory. */
static const uint8_t *augment(const cvy_epoch_run *run, size_t worker, size_t s, size_t index,
                              const uint8_t *image, const cvy_mixture *mixture)
{
    const cvy_stepper *stepper = run->stepper;
    const cvy_task *task = stepper->task;
    const size_t bytes = task->images.image_bytes;
    uint8_t *mine = stepper->augmented + worker * (CVY_LANE + 2) * bytes;
    cvy_partner partner = { .buffer = mine + (CVY_LANE + 1) * bytes };

    if (mixture != NULL) {
        partner.mixture = *mixture;
        partner.image = cvy_image_at(&task->images, mixture->partner);
    }
    cvy_augment(task->augmenter, (uint32_t)run->epoch, index, &task->form, image,
                mixture != NULL ? &partner : NULL, mine + s * bytes, mine + CVY_LANE * bytes,
                stepper->augment_work + worker * cvy_augment_work_floats(&task->form));
    return mine + s * bytes;
}

/* The weight of a label in the mean loss of its batch. */
static float label_weight(const cvy_epoch_run *run, const cvy_grain *part, uint16_t label)
{
    return class_weight(run->stepper->task, label) *
           (run->stepper->loss_scale / (float)part->batch_count);
}

/* Choose how sample s is mixed, and set its labels accordingly. */
static cvy_mixture take_mixture(const cvy_epoch_run *run, const cvy_grain *part, size_t s,
                                size_t index, cvy_targets *targets, cvy_lane_mix *mix)
{
    const cvy_task *task = run->stepper->task;
    const cvy_mixture mixture = cvy_augment_draw(task->augmenter, (uint32_t)run->epoch, index,
                                                 task->images.count, &task->form);

    mix->share[s] = mixture.share;
    mix->partner.label[s] = task->labels[mixture.partner];
    mix->partner.weight[s] = (1 - mixture.share) * label_weight(run, part, mix->partner.label[s]);
    targets->weight[s] *= mixture.share;
    return mixture;
}

void cvy_lane_take_samples(const cvy_epoch_run *run, const cvy_grain *part, size_t worker,
                           size_t lane, bool is_gathered, const uint8_t *image[CVY_LANE],
                           cvy_targets *targets, cvy_lane_mix *mix, cvy_dropout_stream *dropout)
{
    const cvy_task *task = run->stepper->task;
    const size_t first = lane * CVY_LANE, count = cvy_min(part->count - first, CVY_LANE);
    const bool is_mixed = task->augmenter != NULL && cvy_augmenter_mixes(task->augmenter);

    for (size_t s = 0; s < count; s++) {
        const uint32_t position = (uint32_t)(part->first + first + s);
        const size_t index = cvy_permutation_at(&run->order, position);
        cvy_mixture mixture;
        image[s] = cvy_image_at(&task->images, index);
        fetch_ahead(image[s], task->images.image_bytes);
        targets->label[s] = task->labels[index];
        targets->weight[s] = label_weight(run, part, targets->label[s]);
        dropout->position[s] = position;
        dropout->sample[s] = (uint32_t)index;
        if (is_mixed)
            mixture = take_mixture(run, part, s, index, targets, mix);
        if (task->augmenter != NULL && is_gathered)
            image[s] = augment(run, worker, s, index, image[s], is_mixed ? &mixture : NULL);
    }
}

/* As in Keras: each sample's loss is multiplied by its weight, and the mean divides by the number
 * of samples, not by the sum of weights. */
static double weigh_loss(const cvy_task *task, const cvy_targets *targets, size_t count,
                         const float loss[CVY_LANE])
{
    double sum = 0;

    for (size_t s = 0; s < count; s++)
        sum += (double)class_weight(task, targets->label[s]) * (double)loss[s];
    return sum;
}

/* Add the lane's samples to the sums of the metrics,
 * which see the outputs that Keras's model would have. */
static void add_metrics(const cvy_stepper *stepper, const cvy_lane_pass *pass,
                        const cvy_targets *targets, size_t lane)
{
    const cvy_metrics *metrics = stepper->task->metrics;
    const size_t outputs = cvy_model_output_count(stepper->task->model);
    double *sums = stepper->lane_metrics + lane * metrics->sum_count;
    const float *y = cvy_lane_output(pass);

    if (stepper->lane_outputs != NULL) {
        float *softmax = stepper->lane_outputs + lane * outputs * CVY_LANE;
        stepper->task->compute.kernels->softmax->forward(outputs, 1, CVY_LANE, y, softmax);
        y = softmax;
    }
    memset(sums, 0, metrics->sum_count * sizeof *sums);
    cvy_metrics_add(metrics, pass->filled, y, targets, sums);
}

/* The derivative of the loss with respect to the outputs. */
static void differentiate(const cvy_task *task, const cvy_lane_pass *pass,
                          const cvy_targets *targets, float *dz)
{
    task->loss->kind->backward(task->loss->settings, task->compute.kernels,
                               cvy_model_output_count(task->model), cvy_lane_output(pass), targets,
                               dz);
}

static void measure_loss(const cvy_task *task, const cvy_lane_pass *pass,
                         const cvy_targets *targets, float loss[CVY_LANE])
{
    task->loss->kind->forward(task->loss->settings, task->compute.kernels,
                              cvy_model_output_count(task->model), cvy_lane_output(pass), targets,
                              loss);
}

/* The loss of a mixed sample is the mean over both labels, weighted by their shares, and so is its
 * derivative. A sample counts as correct if the label with the larger share does. */
static double mix_partners(const cvy_stepper *stepper, const cvy_lane_pass *pass,
                           const cvy_lane_mix *mix, size_t lane, cvy_targets *targets,
                           const float loss[CVY_LANE])
{
    const cvy_task *task = stepper->task;
    const size_t floats = cvy_model_output_count(task->model) * CVY_LANE;
    float *dz = cvy_lane_output_gradient(pass), *more = stepper->mixed_gradients + lane * floats;
    float partner_loss[CVY_LANE];
    double sum = 0;

    measure_loss(task, pass, &mix->partner, partner_loss);
    differentiate(task, pass, &mix->partner, more);
    for (size_t i = 0; i < floats; i++)
        dz[i] += more[i];
    for (size_t s = 0; s < pass->filled; s++) {
        const double share = (double)mix->share[s];
        sum += share * (double)class_weight(task, targets->label[s]) * (double)loss[s] +
               (1 - share) * (double)class_weight(task, mix->partner.label[s]) *
                   (double)partner_loss[s];
        if (share < 0.5)
            targets->label[s] = mix->partner.label[s];
    }
    return sum;
}

void cvy_lane_score(const cvy_epoch_run *run, const cvy_lane_pass *pass, cvy_targets *targets,
                    const cvy_lane_mix *mix, size_t lane)
{
    cvy_stepper *stepper = run->stepper;
    const cvy_task *task = stepper->task;
    float loss[CVY_LANE];

    measure_loss(task, pass, targets, loss);
    differentiate(task, pass, targets, cvy_lane_output_gradient(pass));
    stepper->lane_loss[lane] = stepper->mixed_gradients != NULL
                                   ? mix_partners(stepper, pass, mix, lane, targets, loss)
                                   : weigh_loss(task, targets, pass->filled, loss);
    for (size_t s = 0; pass->penalty != NULL && s < pass->filled; s++)
        stepper->lane_loss[lane] += pass->penalty[s];
    if (stepper->lane_metrics != NULL)
        add_metrics(stepper, pass, targets, lane);
    stepper->lane_correct[lane] =
        (uint32_t)count_correct(stepper, targets, pass->filled, cvy_lane_output(pass));
}
