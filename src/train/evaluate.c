/* Scoring and predicting. Every image's share is written to a place of its own and added up in
 * the order of the images, so no sum depends on the workers. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "model/objective.h"
#include "model/penalty.h"
#include "train/check.h"
#include "train/infer.h"
#include "train/score.h"

/* What one image adds. */
typedef struct {
    float loss, absolute_error, squared_error; /* errors: mean over the outputs */
    uint16_t best;                             /* class with the largest output */
    bool is_in_top_k;
} sample_score;

typedef struct {
    const cvy_kernels *kernels;
    const cvy_loss *loss;
    cvy_link link; /* what makes probabilities of the outputs */
    size_t outputs, k;
    const uint16_t *labels;
    sample_score *samples;
    const cvy_metrics *metrics; /* NULL: none */
    double *metric_sums;        /* [lanes][metrics->sum_count] */
    bool is_fused;              /* the model's own softmax was left to the loss */
} scoring;

/* Keras: a hit when fewer than k outputs are strictly greater than the label's. */
static bool is_in_top_k(const scoring *s, const float *outputs, size_t sample, size_t label)
{
    size_t greater = 0;
    for (size_t o = 0; o < s->outputs; o++)
        greater += outputs[o * CVY_LANE + sample] > outputs[label * CVY_LANE + sample];
    return greater < s->k;
}

static void add_errors(const scoring *s, const cvy_targets *targets, const float *outputs,
                       size_t sample, sample_score *score)
{
    for (size_t o = 0; o < s->outputs; o++) {
        float error =
            outputs[o * CVY_LANE + sample] - cvy_target_value(targets, s->outputs, o, sample);
        score->absolute_error += fabsf(error) / (float)s->outputs;
        score->squared_error += error * error / (float)s->outputs;
    }
}

/* Outputs as probabilities. */
static void apply_link(const cvy_kernels *kernels, cvy_link link, size_t outputs, float *z)
{
    if (link == CVY_LINK_SOFTMAX)
        kernels->softmax->forward(outputs, 1, CVY_LANE, z, z);
    else if (link == CVY_LINK_SIGMOID)
        kernels->activation->forward[CVY_SIGMOID](outputs * CVY_LANE, 0, z, z);
}

static void score_lane(void *context, size_t lane, size_t count, float *outputs,
                       const double penalty[CVY_LANE])
{
    const scoring *s = context;
    sample_score *samples = s->samples + lane * CVY_LANE;
    cvy_targets targets = { 0 };
    float loss[CVY_LANE];
    uint16_t best[CVY_LANE];

    memcpy(targets.label, s->labels + lane * CVY_LANE, count * sizeof *targets.label);
    s->loss->kind->forward(s->loss->settings, s->kernels, s->outputs, outputs, &targets, loss);
    s->kernels->softmax->argmax(s->outputs, outputs, best);
    for (size_t i = 0; i < count; i++)
        samples[i] = (sample_score){
            .loss = (float)((double)loss[i] + penalty[i]),
            .best = best[i],
            .is_in_top_k = s->outputs > 1 && is_in_top_k(s, outputs, i, targets.label[i]),
        };
    if (s->metric_sums != NULL && !s->is_fused)
        cvy_metrics_add(s->metrics, count, outputs, &targets,
                        s->metric_sums + lane * s->metrics->sum_count);
    apply_link(s->kernels, s->link, s->outputs, outputs);
    if (s->metric_sums != NULL && s->is_fused)
        cvy_metrics_add(s->metrics, count, outputs, &targets,
                        s->metric_sums + lane * s->metrics->sum_count);
    for (size_t i = 0; i < count; i++)
        add_errors(s, &targets, outputs, i, &samples[i]);
}

/* The matrix of a classifier; with a single output there is none. */
static cvy_status count_confusion(const scoring *s, size_t count, cvy_score *score)
{
    if (s->outputs == 1)
        return CVY_OK;
    cvy_status status =
        cvy_memory_create(s->outputs * s->outputs, sizeof *score->confusion, &score->confusion);
    for (size_t i = 0; status == CVY_OK && i < count; i++)
        score->confusion[s->labels[i] * s->outputs + s->samples[i].best]++;
    return status;
}

static void add_up(const scoring *s, size_t count, cvy_score *score)
{
    size_t hits = 0, top_k_hits = 0;

    for (size_t i = 0; i < count; i++) {
        const sample_score *sample = &s->samples[i];
        score->loss += (double)sample->loss;
        score->mae += (double)sample->absolute_error;
        score->mse += (double)sample->squared_error;
        hits += sample->best == s->labels[i];
        top_k_hits += sample->is_in_top_k;
    }
    score->loss /= (double)count;
    score->mae /= (double)count;
    score->mse /= (double)count;
    score->rmse = sqrt(score->mse);
    score->accuracy = s->outputs > 1 ? (double)hits / (double)count : NAN;
    score->top_k = s->outputs > 1 ? (double)top_k_hits / (double)count : NAN;
}

static cvy_status create_metric_sums(scoring *s, size_t image_count)
{
    if (s->metrics == NULL || s->metrics->count == 0)
        return CVY_OK;
    return cvy_memory_create((image_count + CVY_LANE - 1) / CVY_LANE,
                             s->metrics->sum_count * sizeof *s->metric_sums, &s->metric_sums);
}

/* Lane after lane into the first one's. */
static void add_up_metrics(const scoring *s, size_t image_count, cvy_score *score)
{
    double values[CVY_METRICS_COUNT_MAX];

    if (s->metric_sums == NULL)
        return;
    for (size_t lane = 1; lane < (image_count + CVY_LANE - 1) / CVY_LANE; lane++)
        for (size_t i = 0; i < s->metrics->sum_count; i++)
            s->metric_sums[i] += s->metric_sums[lane * s->metrics->sum_count + i];
    cvy_metrics_results(s->metrics, s->metric_sums, values);
    score->metric_count = s->metrics->count;
    for (size_t i = 0; i < s->metrics->count; i++) {
        cvy_metric_value *value = &score->metrics[i];
        snprintf(value->name, sizeof value->name, "%s", s->metrics->items[i].name);
        value->value = value->val_value = values[i];
    }
}

cvy_status cvy_score_images(const cvy_model *model, cvy_compute compute, cvy_image_run images,
                            const uint16_t *labels, size_t k, const cvy_metrics *metrics,
                            cvy_team *team, cvy_score *score)
{
    const cvy_loss *loss = cvy_model_loss(model);
    const size_t layers = cvy_layers_before_loss(model, loss);
    scoring s = {
        .kernels = compute.kernels,
        .loss = loss,
        .link = cvy_model_link(model),
        .outputs = cvy_model_output_count(model),
        .k = k,
        .labels = labels,
        .metrics = metrics,
        .is_fused = layers < model->layer_count,
    };

    assert(k >= 1 && images.count >= 1);
    *score = (cvy_score){ .image_count = images.count, .class_count = s.outputs };
    cvy_status status = cvy_memory_create(images.count, sizeof *s.samples, &s.samples);
    if (status != CVY_OK)
        return status;
    status = create_metric_sums(&s, images.count);
    double start = cvy_clock_seconds();
    if (status == CVY_OK)
        status = cvy_infer(model, compute, layers, images, team, score_lane, &s);
    score->seconds = cvy_clock_seconds() - start;
    if (status == CVY_OK)
        status = count_confusion(&s, images.count, score);
    if (status == CVY_OK) {
        add_up(&s, images.count, score);
        add_up_metrics(&s, images.count, score);
        score->loss += cvy_model_penalty(model);
    }
    cvy_memory_free(s.samples);
    cvy_memory_free(s.metric_sums);
    return status;
}

/* A team for a pass over so many images: of no more workers than it keeps busy. */
static cvy_status run_team(cvy_compute compute, size_t image_count, size_t threads,
                           cvy_status (*lead)(void *context, cvy_team *team), void *context)
{
    const size_t size = cvy_infer_threads(image_count, threads);
    cvy_status status = cvy_gemm_check_workers(compute.gemm, "threads", size);

    assert(threads >= 1);
    return status == CVY_OK ? cvy_team_run(size, CVY_BIND_NONE, lead, context) : status;
}

/* What cvy_evaluate() was asked for. */
typedef struct {
    const cvy_model *model;
    cvy_compute compute;
    cvy_image_run images;
    const uint16_t *labels;
    size_t k;
    cvy_score *score;
} evaluation;

static cvy_status lead_evaluation(void *context, cvy_team *team)
{
    const evaluation *e = context;
    return cvy_score_images(e->model, e->compute, e->images, e->labels, e->k, NULL, team, e->score);
}

cvy_status cvy_evaluate(const cvy_model *model, const cvy_dataset *data, cvy_split split, size_t k,
                        size_t threads, cvy_score *score)
{
    const cvy_images *images = cvy_dataset_part_const(data, split);
    evaluation e = { .model = model,
                     .images =
                         cvy_image_run_of(images, cvy_shape_count(model->input), 0, images->count),
                     .labels = images->labels,
                     .k = k,
                     .score = score };
    cvy_status status = cvy_check_fit(model, data);

    if (status == CVY_OK && images->count == 0)
        status = cvy_fail(CVY_ERR_DATA, "%s: there are no images to score on", data->name);
    if (status == CVY_OK)
        status = cvy_compute_choose(&e.compute);
    return status == CVY_OK ? run_team(e.compute, images->count, threads, lead_evaluation, &e)
                            : status;
}

cvy_class_score cvy_score_class(const cvy_score *score, size_t class_index)
{
    const size_t n = score->class_count;
    size_t predicted = 0, support = 0;

    assert(score->confusion != NULL && class_index < n);
    const double hits = (double)score->confusion[class_index * n + class_index];
    for (size_t other = 0; other < n; other++) {
        support += score->confusion[class_index * n + other];
        predicted += score->confusion[other * n + class_index];
    }
    cvy_class_score result = {
        .precision = predicted > 0 ? hits / (double)predicted : 0,
        .recall = support > 0 ? hits / (double)support : 0,
        .support = support,
    };
    const double sum = result.precision + result.recall;
    result.f1 = sum > 0 ? 2 * result.precision * result.recall / sum : 0;
    return result;
}

void cvy_score_release(cvy_score *score)
{
    cvy_memory_free(score->confusion);
    score->confusion = NULL;
}

/* What cvy_model_predict() was asked for. */
typedef struct {
    const cvy_model *model;
    cvy_compute compute;
    cvy_image_run images;
    cvy_link link;
    size_t count;
    float *outputs; /* [images][count] */
} prediction;

static void predict_lane(void *context, size_t lane, size_t sample_count, float *outputs,
                         const double penalty[CVY_LANE])
{
    const prediction *p = context;

    (void)penalty;
    apply_link(p->compute.kernels, p->link, p->count, outputs);
    for (size_t s = 0; s < sample_count; s++)
        for (size_t o = 0; o < p->count; o++)
            p->outputs[(lane * CVY_LANE + s) * p->count + o] = outputs[o * CVY_LANE + s];
}

static cvy_status lead_prediction(void *context, cvy_team *team)
{
    const prediction *p = context;
    return cvy_infer(p->model, p->compute,
                     cvy_layers_before_loss(p->model, cvy_model_loss(p->model)), p->images, team,
                     predict_lane, context);
}

cvy_status cvy_model_predict(const cvy_model *model, const unsigned char *images, size_t count,
                             size_t threads, float *outputs)
{
    prediction p = { .model = model,
                     .images = { .pixels = images,
                                 .image_bytes = cvy_shape_count(model->input),
                                 .count = count },
                     .link = cvy_model_link(model),
                     .count = cvy_model_output_count(model),
                     .outputs = outputs };
    cvy_status status = cvy_compute_choose(&p.compute);

    return status == CVY_OK ? run_team(p.compute, count, threads, lead_prediction, &p) : status;
}
