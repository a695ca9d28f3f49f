#include "study/inside.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "statistics/statistics.h"
#include "study/gradient_noise.h"

enum { SAMPLED_MAX = 4096 };

struct cvy_recorder {
    cvy_inside *inside;
    cvy_effective_rate rate;
    size_t every;    /* updates from one recorded update to the next, at least 3 */
    size_t next;     /* the next recorded update */
    float *before;   /* weights before the recorded update, then after it */
    float *update;   /* the recorded update */
    double *sampled; /* [SAMPLED_MAX] */
    size_t floats;   /* floats of a block; 0 before the first call */
    size_t floats_max;
    size_t noise_points;
    float *snapshots; /* [noise_points][floats_max] weights by tensor, in the order of `parts` */
};

/* --- creation --- */

static bool is_layer(const cvy_weight_info *info)
{
    return info->is_trained && info->rank >= 2;
}

static void name_layers(const cvy_model *model, cvy_inside *inside)
{
    for (size_t i = 0; i < cvy_model_weight_count(model); i++) {
        const cvy_weight_info *info = cvy_model_weight_info(model, i);
        if (is_layer(info))
            snprintf(inside->layers[inside->layer_count++], CVY_NAME_BYTES, "%.*s",
                     (int)strcspn(info->name, "/"), info->name);
    }
}

static cvy_status create_inside(const cvy_model *model, size_t noise_points, cvy_inside **inside)
{
    const size_t tensors = cvy_model_weight_count(model);
    cvy_status status = cvy_memory_create(1, sizeof **inside, inside);

    if (status == CVY_OK)
        status = cvy_memory_create(tensors, CVY_NAME_BYTES, &(*inside)->layers);
    if (status == CVY_OK)
        name_layers(model, *inside);
    if (status == CVY_OK)
        status = cvy_memory_create(CVY_INSIDE_POINTS, sizeof(cvy_inside_point), &(*inside)->points);
    if (status == CVY_OK)
        status = cvy_memory_create(CVY_INSIDE_POINTS, (tensors + 1) * sizeof(double),
                                   &(*inside)->ratios);
    if (status == CVY_OK)
        status = cvy_memory_create(noise_points, sizeof(cvy_noise_point), &(*inside)->noise);
    return status;
}

/* A block has padding between tensors, at most a cache line each. */
static size_t most_floats(const cvy_model *model)
{
    return cvy_model_parameter_count(model) + 16 * (cvy_model_weight_count(model) + 1);
}

cvy_status cvy_recorder_create(const cvy_model *model, const char *optimizer, size_t steps_total,
                               size_t noise_points, cvy_recorder **recorder)
{
    cvy_recorder *r;
    cvy_status status = cvy_memory_create(1, sizeof *r, &r);

    if (status != CVY_OK)
        return status;
    r->every = steps_total / CVY_INSIDE_POINTS > 3 ? steps_total / CVY_INSIDE_POINTS : 3;
    r->next = 2;
    r->floats_max = most_floats(model);
    r->noise_points = noise_points < CVY_NOISE_POINTS ? noise_points : CVY_NOISE_POINTS;
    status = cvy_effective_rate_read(optimizer, &r->rate);
    if (status == CVY_OK)
        status = create_inside(model, r->noise_points, &r->inside);
    if (status == CVY_OK)
        status = cvy_memory_create(r->floats_max, sizeof(float), &r->before);
    if (status == CVY_OK)
        status = cvy_memory_create(r->floats_max, sizeof(float), &r->update);
    if (status == CVY_OK)
        status = cvy_memory_create(SAMPLED_MAX, sizeof(double), &r->sampled);
    if (status == CVY_OK)
        status = cvy_memory_create(r->noise_points, r->floats_max * sizeof(float), &r->snapshots);
    if (status == CVY_OK)
        *recorder = r;
    else
        cvy_recorder_destroy(r);
    return status;
}

void cvy_recorder_destroy(cvy_recorder *r)
{
    if (r == NULL)
        return;
    cvy_inside_destroy(r->inside);
    cvy_memory_free(r->before);
    cvy_memory_free(r->update);
    cvy_memory_free(r->sampled);
    cvy_memory_free(r->snapshots);
    cvy_memory_free(r);
}

void cvy_inside_destroy(cvy_inside *inside)
{
    if (inside == NULL)
        return;
    cvy_memory_free(inside->layers);
    cvy_memory_free(inside->points);
    cvy_memory_free(inside->ratios);
    cvy_memory_free(inside->noise);
    cvy_memory_free(inside);
}

/* --- recording --- */

static double square(const float *x, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)x[i] * (double)x[i];
    return sum;
}

static void note_rates(cvy_recorder *r, const cvy_update_view *view, cvy_inside_point *point)
{
    const size_t every = (r->floats + SAMPLED_MAX - 1) / SAMPLED_MAX;
    size_t count = 0, passed = 0;

    for (size_t p = 0; p < view->part_count; p++) {
        const cvy_block_part *part = view->parts[p];
        for (size_t i = 0; i < part->count; i++) {
            const size_t at = part->offset + i;
            if (passed++ % every == 0 && (view->gradients == NULL || view->gradients[at] != 0))
                r->sampled[count++] = cvy_effective_rate_at(&r->rate, view, at);
        }
    }
    const bool is_known = r->rate.rule != CVY_EFFECTIVE_UNKNOWN && count > 0;
    const cvy_quartiles q = cvy_quartiles_take(r->sampled, is_known ? count : 0);
    point->rate_q1 = q.q1;
    point->rate_median = q.median;
    point->rate_q3 = q.q3;
}

/* Compute the update just made: weights now minus weights before. */
static void note_update(cvy_recorder *r, const cvy_update_view *view)
{
    cvy_inside *inside = r->inside;
    cvy_inside_point *point = &inside->points[inside->point_count];
    double *ratios = &inside->ratios[inside->point_count++ * inside->layer_count];
    double gradient = 0, weights = 0, update = 0;
    size_t layer = 0;

    *point = (cvy_inside_point){ .step = view->step,
                                 .learning_rate = view->learning_rate,
                                 .cosine = NAN };
    for (size_t i = 0; i < inside->layer_count; i++)
        ratios[i] = NAN;
    for (size_t p = 0; p < view->part_count; p++) {
        const cvy_block_part *part = view->parts[p];
        const float *now = view->weights + part->offset, *then = r->before + part->offset;
        float *change = r->update + part->offset;
        const double part_weights = square(then, part->count);
        for (size_t i = 0; i < part->count; i++)
            change[i] = now[i] - then[i];
        const double part_update = square(change, part->count);
        weights += part_weights;
        update += part_update;
        if (view->gradients != NULL)
            gradient += square(view->gradients + part->offset, part->count);
        const size_t name = strcspn(part->name, "/");
        while (layer < inside->layer_count &&
               (strncmp(inside->layers[layer], part->name, name) != 0 ||
                inside->layers[layer][name] != '\0'))
            layer++;
        if (layer ==
            inside->layer_count) /* a bias of the previous layer, or a tensor without a layer */
            layer = 0;
        else if (isnan(ratios[layer]))
            ratios[layer] = sqrt(part_update / part_weights);
    }
    point->gradient_norm = view->gradients != NULL ? sqrt(gradient) : NAN;
    point->weight_norm = sqrt(weights);
    point->update_norm = sqrt(update);
    note_rates(r, view, point);
}

/* Called for the update after the recorded one. */
static void note_cosine(cvy_recorder *r, const cvy_update_view *view)
{
    cvy_inside_point *point = &r->inside->points[r->inside->point_count - 1];
    double product = 0, squares = 0;

    for (size_t p = 0; p < view->part_count; p++)
        for (size_t i = 0; i < view->parts[p]->count; i++) {
            const size_t at = view->parts[p]->offset + i;
            const double next = (double)(view->weights[at] - r->before[at]);
            product += next * (double)r->update[at];
            squares += next * next;
        }
    point->cosine = product / (sqrt(squares) * point->update_norm);
}

static void keep_weights(const cvy_update_view *view, float *copy)
{
    for (size_t p = 0; p < view->part_count; p++)
        memcpy(copy + view->parts[p]->offset, view->weights + view->parts[p]->offset,
               view->parts[p]->count * sizeof(float));
}

/* The offsets of tensors are known only during training. */
static void keep_snapshot(cvy_recorder *r, const cvy_update_view *view)
{
    cvy_inside *inside = r->inside;
    float *to = r->snapshots + inside->noise_count * r->floats_max;

    inside->noise[inside->noise_count++].step = view->step;
    for (size_t p = 0; p < view->part_count; p++) {
        memcpy(to, view->weights + view->parts[p]->offset, view->parts[p]->count * sizeof(float));
        to += view->parts[p]->count;
    }
}

static bool fits(cvy_recorder *r, const cvy_update_view *view)
{
    size_t end = 0;

    for (size_t p = 0; p < view->part_count; p++) {
        const size_t part_end = view->parts[p]->offset + view->parts[p]->count;
        end = part_end > end ? part_end : end;
    }
    r->floats = end;
    return end <= r->floats_max;
}

size_t cvy_recorder_note(cvy_recorder *r, const cvy_update_view *view)
{
    cvy_inside *inside = r->inside;

    if (r->floats == 0 && !fits(r, view))
        return 0;
    if (view->step + 1 == r->next) {
        keep_weights(view, r->before);
        const size_t due = inside->point_count * r->noise_points;
        if (inside->noise_count < r->noise_points && due >= inside->noise_count * CVY_INSIDE_POINTS)
            keep_snapshot(r, view);
        return 1;
    }
    if (view->step == r->next) {
        note_update(r, view);
        keep_weights(view, r->before);
        return 1;
    }
    if (view->step == r->next + 1) {
        note_cosine(r, view);
        r->next += r->every;
        return inside->point_count < CVY_INSIDE_POINTS ? r->next - 1 - view->step : 0;
    }
    return r->next > view->step + 1 ? r->next - 1 - view->step : 0;
}

cvy_status cvy_recorder_finish(cvy_recorder *r, const cvy_model *model, const cvy_dataset *data,
                               const cvy_train_settings *settings, cvy_inside **inside)
{
    cvy_status status = CVY_OK;

    if (model == NULL)
        r->inside->noise_count = 0;
    if (r->inside->noise_count > 0)
        status = cvy_noise_measure(model, data, settings, r->snapshots, r->floats_max,
                                   r->inside->noise, r->inside->noise_count);
    if (status == CVY_OK) {
        *inside = r->inside;
        r->inside = NULL;
    }
    return status;
}
