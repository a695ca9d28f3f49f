/* Evaluation. Each image has its own score, and scores are added in the order of the images, so no
 * sum depends on the workers. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/minmax.h"
#include "model/objective.h"
#include "model/penalty.h"
#include "train/check.h"
#include "train/infer.h"
#include "train/score.h"
#include "train/train_settings.h"

/* The score of one image. */
typedef struct {
    float loss, absolute_error, squared_error; /* errors: mean over the outputs */
    uint16_t best;                             /* class with the largest output, or CVY_NO_CLASS */
    bool is_in_top_k, has_nan;
} sample_score;

typedef struct {
    const cvy_kernels *kernels;
    const cvy_loss *loss;
    cvy_link link; /* from outputs to probabilities */
    size_t outputs, k;
    const uint16_t *labels;
    sample_score *samples;
    const cvy_metrics *metrics; /* NULL: none */
    double *metric_sums;        /* [lanes][metrics->sum_count] */
    bool is_fused;              /* the loss applies the model's softmax */
} scoring;

static bool has_nan(const scoring *s, const float *outputs, size_t sample)
{
    for (size_t o = 0; o < s->outputs; o++)
        if (isnan(outputs[o * CVY_LANE + sample]))
            return true;
    return false;
}

/* As in Keras, a hit if fewer than k outputs are strictly greater than the label's. */
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

void cvy_apply_link(const cvy_kernels *kernels, cvy_link link, size_t outputs, float *z)
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
    cvy_apply_link(s->kernels, s->link, s->outputs, outputs);
    if (s->metric_sums != NULL && s->is_fused)
        cvy_metrics_add(s->metrics, count, outputs, &targets,
                        s->metric_sums + lane * s->metrics->sum_count);
    for (size_t i = 0; i < count; i++) {
        add_errors(s, &targets, outputs, i, &samples[i]);
        samples[i].has_nan = has_nan(s, outputs, i);
        if (samples[i].has_nan) {
            samples[i].best = CVY_NO_CLASS;
            samples[i].is_in_top_k = false;
        }
    }
}

/* Callers of cvy_evaluate() get a pointer to the first member. */
typedef struct {
    cvy_score score; /* must be first: it is cast back */
    size_t *confusion;
    cvy_class_score *classes;
    const cvy_class_score **class_list;
    cvy_metric_value *metrics;
} score_store;

static cvy_class_score score_class(const size_t *confusion, size_t n, size_t class_index)
{
    size_t predicted = 0, support = 0;

    const double hits = (double)confusion[class_index * n + class_index];
    for (size_t other = 0; other < n; other++) {
        support += confusion[class_index * n + other];
        predicted += confusion[other * n + class_index];
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

/* Confusion matrix and class scores, which only a classifier has. */
static cvy_status create_classes(size_t n, score_store *store)
{
    cvy_status status = cvy_memory_create(n * n, sizeof *store->confusion, &store->confusion);

    if (status == CVY_OK)
        status = cvy_memory_create(n, sizeof *store->classes, &store->classes);
    if (status == CVY_OK)
        status = cvy_memory_create(n, sizeof *store->class_list, &store->class_list);
    store->score.confusion = store->confusion;
    store->score.classes = store->class_list;
    return status;
}

static cvy_status create_store(const scoring *s, size_t count, score_store **store)
{
    score_store *created;
    cvy_status status = cvy_memory_create(1, sizeof *created, &created);

    if (status != CVY_OK)
        return status;
    created->score.image_count = count;
    created->score.class_count = s->outputs;
    if (s->outputs > 1)
        status = create_classes(s->outputs, created);
    if (status != CVY_OK) {
        cvy_score_destroy(&created->score);
        return status;
    }
    *store = created;
    return CVY_OK;
}

static void count_classes(const scoring *s, size_t count, score_store *store)
{
    if (s->outputs == 1)
        return;
    for (size_t i = 0; i < count; i++)
        if (s->samples[i].best != CVY_NO_CLASS)
            store->confusion[s->labels[i] * s->outputs + s->samples[i].best]++;
    for (size_t c = 0; c < s->outputs; c++) {
        store->classes[c] = score_class(store->confusion, s->outputs, c);
        store->class_list[c] = &store->classes[c];
    }
}

/* Clear the sign of a NaN, since printf() would print it. */
static double plain(double value)
{
    return isnan(value) ? (double)NAN : value;
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
        score->nan_count += sample->has_nan;
    }
    score->loss = plain(score->loss / (double)count);
    score->mae = plain(score->mae / (double)count);
    score->mse = plain(score->mse / (double)count);
    score->rmse = plain(sqrt(score->mse));
    score->accuracy = s->outputs > 1 ? (double)hits / (double)count : NAN;
    score->top_k = s->outputs > 1 ? (double)top_k_hits / (double)count : NAN;
}

static cvy_status create_metric_sums(scoring *s, size_t image_count)
{
    if (s->metrics == NULL || s->metrics->count == 0)
        return CVY_OK;
    return cvy_memory_create(cvy_lanes_of(image_count),
                             s->metrics->sum_count * sizeof *s->metric_sums, &s->metric_sums);
}

/* Add the sums of all lanes, in order, to those of the first. */
static void add_up_metrics(const scoring *s, size_t image_count, double *values)
{
    if (s->metric_sums == NULL)
        return;
    for (size_t lane = 1; lane < cvy_lanes_of(image_count); lane++)
        for (size_t i = 0; i < s->metrics->sum_count; i++)
            s->metric_sums[i] += s->metric_sums[lane * s->metrics->sum_count + i];
    cvy_metrics_results(s->metrics, s->metric_sums, values);
}

/* Exchange the scores: each rank has those of its own lanes, and gets those of all. */
static cvy_status gather_scores(const scoring *s, cvy_comm *comm, size_t image_count)
{
    const size_t lanes = cvy_lanes_of(image_count);
    cvy_status status =
        cvy_comm_gather_runs(comm, s->samples, lanes, CVY_LANE * sizeof *s->samples);

    if (status == CVY_OK && s->metric_sums != NULL)
        status = cvy_comm_gather_runs(comm, s->metric_sums, lanes,
                                      s->metrics->sum_count * sizeof *s->metric_sums);
    return status;
}

cvy_status cvy_score_images(const cvy_model *model, cvy_compute compute, cvy_image_run images,
                            const uint16_t *labels, size_t k, const cvy_metrics *metrics,
                            double *values, cvy_team *team, cvy_score **score)
{
    const cvy_loss *loss = cvy_model_loss(model);
    const size_t layers = cvy_layers_before_loss(model, loss);
    score_store *store = NULL;
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
    cvy_status status = create_store(&s, images.count, &store);
    if (status == CVY_OK) /* whole lanes, since ranks exchange lanes */
        status = cvy_memory_create(cvy_whole_lanes(images.count), sizeof *s.samples, &s.samples);
    if (status == CVY_OK)
        status = create_metric_sums(&s, images.count);
    const double start = cvy_clock_seconds();
    if (status == CVY_OK)
        status = cvy_infer(model, compute, layers, images, team, score_lane, &s);
    /* a rank that is out of memory must still take part, or the others would wait for it */
    if (images.comm != NULL)
        status = cvy_comm_agree(images.comm, status);
    if (status == CVY_OK && images.comm != NULL)
        status = gather_scores(&s, images.comm, images.count);
    if (status == CVY_OK) {
        store->score.seconds = cvy_clock_seconds() - start;
        count_classes(&s, images.count, store);
        add_up(&s, images.count, &store->score);
        add_up_metrics(&s, images.count, values);
        store->score.loss += cvy_model_penalty(model);
        *score = &store->score;
    } else if (store != NULL) {
        cvy_score_destroy(&store->score);
    }
    cvy_memory_free(s.samples);
    cvy_memory_free(s.metric_sums);
    return status;
}

void cvy_score_destroy(cvy_score *score)
{
    score_store *store = (score_store *)score;

    if (store == NULL)
        return;
    cvy_memory_free(store->confusion);
    cvy_memory_free(store->classes);
    cvy_memory_free(store->class_list);
    cvy_memory_free(store->metrics);
    cvy_memory_free(store);
}

/* The arguments of cvy_evaluate(). */
typedef struct {
    const cvy_model *model;
    cvy_compute compute;
    cvy_image_run images;
    const uint16_t *labels;
    size_t k;
    const cvy_metrics *metrics;
    cvy_score **score;
    bool has_begun; /* from then on cvy_score_images() makes the ranks agree on a status */
} evaluation;

/* Copy the metrics into the score. */
static cvy_status keep_metrics(const cvy_metrics *metrics, const double *values, cvy_score *score)
{
    score_store *store = (score_store *)score;
    cvy_status status = cvy_memory_create(metrics->count, sizeof *store->metrics, &store->metrics);

    if (status != CVY_OK)
        return status;
    for (size_t i = 0; i < metrics->count; i++) {
        cvy_metric_value *metric = &store->metrics[i];
        *metric = (cvy_metric_value){ .value = values[i], .val_value = NAN };
        snprintf(metric->name, sizeof metric->name, "%s", metrics->items[i].name);
    }
    store->score.metric_count = metrics->count;
    store->score.metrics = store->metrics;
    return CVY_OK;
}

static cvy_status lead_evaluation(void *context, cvy_team *team)
{
    evaluation *e = context;
    double values[CVY_METRICS_COUNT_MAX];
    cvy_score *made;

    e->has_begun = true;
    cvy_status status = cvy_score_images(e->model, e->compute, e->images, e->labels, e->k,
                                         e->metrics, values, team, &made);

    if (status != CVY_OK)
        return status;
    status = keep_metrics(e->metrics, values, made);
    if (status == CVY_OK)
        *e->score = made;
    else
        cvy_score_destroy(made);
    return status;
}

void cvy_evaluate_options_init_sized(cvy_evaluate_options *options, size_t struct_bytes)
{
    const cvy_evaluate_options defaults = {
        .struct_bytes = struct_bytes, .split = CVY_SPLIT_TEST, .k = 1, .threads = 1
    };

    if (options == NULL || struct_bytes < sizeof struct_bytes)
        return;
    memset(options, 0, struct_bytes);
    memcpy(options, &defaults, struct_bytes < sizeof defaults ? struct_bytes : sizeof defaults);
}

static cvy_status take_options(const cvy_evaluate_options *given, cvy_evaluate_options *options)
{
    CVY_REQUIRE(given);
    if (given->struct_bytes < sizeof given->struct_bytes)
        return cvy_fail(CVY_ERR_SETTING,
                        "options.struct_bytes: found %zu, expected the size of the struct; begin "
                        "with cvy_evaluate_options_init()",
                        given->struct_bytes);
    cvy_evaluate_options_init(options);
    memcpy(options, given, cvy_min(given->struct_bytes, sizeof *options));
    if (options->split != CVY_SPLIT_TRAIN && options->split != CVY_SPLIT_TEST &&
        options->split != CVY_SPLIT_VALIDATION)
        return cvy_fail(CVY_ERR_SETTING, "split: found %d, expected a cvy_split",
                        (int)options->split);
    if (options->k < 1)
        return cvy_fail(CVY_ERR_SETTING, "k: found 0, expected at least 1");
    return cvy_threads_check(options->threads);
}

static cvy_status evaluate(const cvy_model *model, const cvy_dataset *data,
                           const cvy_evaluate_options *o, const cvy_metrics *metrics,
                           cvy_score **score)
{
    const cvy_images *images = cvy_dataset_part_const(data, o->split);
    evaluation e = { .model = model,
                     .images =
                         cvy_image_run_of(images, cvy_shape_count(model->input), 0, images->count),
                     .labels = images->labels,
                     .k = o->k,
                     .metrics = metrics,
                     .score = score };

    e.images.stop_requested = o->comm == NULL ? o->stop_requested : NULL;
    e.images.stop_context = o->context;
    e.images.comm = o->comm;
    cvy_status status = cvy_check_fit(model, data);
    if (status == CVY_OK)
        status = cvy_check_labels(model, cvy_model_loss(model), data);
    if (status == CVY_OK && images->count == 0)
        status = cvy_fail(CVY_ERR_DATA, "%s: there are no images to score on", data->name);
    if (status == CVY_OK)
        status = cvy_compute_choose(&e.compute);
    if (status == CVY_OK)
        status = cvy_infer_team(e.compute, images->count, o->threads, lead_evaluation, &e);
    return e.has_begun ? status : cvy_comm_agree(o->comm, status);
}

cvy_status cvy_evaluate_with(const cvy_model *model, const cvy_dataset *data,
                             const cvy_evaluate_options *options, cvy_score **score)
{
    cvy_evaluate_options taken;
    cvy_metrics metrics;

    CVY_REQUIRE(model);
    CVY_REQUIRE(data);
    CVY_REQUIRE(score);
    cvy_status status = take_options(options, &taken);
    if (status != CVY_OK)
        return status;
    status = cvy_metrics_read(taken.metrics, cvy_model_output_count(model), &metrics);
    if (status == CVY_OK)
        status = evaluate(model, data, &taken, &metrics, score);
    cvy_metrics_release(&metrics);
    return status;
}

cvy_status cvy_evaluate(const cvy_model *model, const cvy_dataset *data, cvy_split split, size_t k,
                        size_t threads, cvy_score **score)
{
    return cvy_evaluate_until(model, data, split, k, threads, NULL, NULL, score);
}

cvy_status cvy_evaluate_until(const cvy_model *model, const cvy_dataset *data, cvy_split split,
                              size_t k, size_t threads, bool (*stop_requested)(void *context),
                              void *context, cvy_score **score)
{
    const cvy_evaluate_options options = { .struct_bytes = sizeof options,
                                           .split = split,
                                           .k = k,
                                           .threads = threads,
                                           .stop_requested = stop_requested,
                                           .context = context };
    return cvy_evaluate_with(model, data, &options, score);
}

cvy_status cvy_evaluate_together(cvy_comm *comm, const cvy_model *model, const cvy_dataset *data,
                                 cvy_split split, size_t k, size_t threads, cvy_score **score)
{
    const cvy_evaluate_options options = {
        .struct_bytes = sizeof options, .split = split, .k = k, .threads = threads, .comm = comm
    };
    return cvy_evaluate_with(model, data, &options, score);
}
