#include "study/surface.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/stop.h"
#include "base/threads.h"
#include "convoy/model.h"
#include "convoy/train.h"
#include "statistics/projection.h"
#include "study/study_run.h"
#include "study/trained_weights.h"

/* The state of the computation. */
typedef struct {
    cvy_study *study;
    const cvy_dataset *data;
    cvy_surface *surface;
    cvy_surface_function *function;
    void *context;
    size_t done, total;
    float *points; /* [paths][CVY_SURFACE_POINTS][floats]; paths follow each other without gaps */
    size_t point_count, floats, every;
    cvy_surface_path *path; /* the one being trained */
    cvy_model *model;       /* model of the last training */
    cvy_dataset *images;    /* its test part: the images of the loss */
} work;

/* --- paths --- */

static size_t keep_point(void *context, const cvy_update_view *view)
{
    work *w = context;
    cvy_surface_path *path = w->path;
    float *to = w->points + w->point_count * w->floats;

    if (path->count == CVY_SURFACE_POINTS)
        return 0;
    for (size_t p = 0; p < view->part_count; p++) {
        memcpy(to, view->weights + view->parts[p]->offset, view->parts[p]->count * sizeof(float));
        to += view->parts[p]->count;
    }
    path->steps[path->count++] = view->step;
    w->point_count++;
    return w->every;
}

static bool go_on(void *context, const cvy_progress *progress)
{
    const work *w = context;

    (void)progress;
    return w->function == NULL || w->function(w->context, w->done, w->total);
}

/* Repeat the run's training, so that the path is the run's. */
static cvy_status follow(work *w, size_t configuration)
{
    const cvy_study *study = w->study;
    const cvy_setup *setup = &study->setup;
    const cvy_configuration *c = &study->configurations[configuration];
    const size_t steps = study->runs[c->first_run].steps;
    cvy_train_settings settings = cvy_study_settings_of(study, configuration, study->seeds[0]);
    cvy_history *history = NULL;

    w->path = &w->surface->paths[w->surface->path_count];
    *w->path = (cvy_surface_path){ .configuration = configuration };
    w->every = (steps + CVY_SURFACE_POINTS - 2) / (CVY_SURFACE_POINTS - 1);
    settings.on_update = keep_point;
    settings.on_progress = go_on;
    settings.stop_requested = cvy_stop_is_requested;
    settings.context = w;
    cvy_model_destroy(w->model);
    w->model = NULL;
    cvy_status status = cvy_model_create_for(setup->model, w->data, &w->model);
    if (status == CVY_OK)
        status = cvy_train(w->model, w->data, &settings, &history);
    const bool is_stopped = history != NULL && history->is_stopped;
    cvy_history_destroy(history);
    w->surface->path_count++;
    return status == CVY_OK && is_stopped ? CVY_ERR_STOPPED : status;
}

static bool is_followed(const cvy_study *study, size_t configuration)
{
    return study->runs[study->configurations[configuration].first_run].state == CVY_RUN_FINISHED;
}

static size_t trained_floats(const cvy_model *model)
{
    size_t floats = 0;

    for (size_t i = 0; i < cvy_model_weight_count(model); i++)
        if (cvy_model_weight_info(model, i)->is_trained)
            floats += cvy_model_weight_info(model, i)->count;
    return floats;
}

static cvy_status follow_all(work *w)
{
    cvy_study *study = w->study;
    size_t count = 0;
    cvy_status status = cvy_model_create_for(study->setup.model, w->data, &w->model);

    for (size_t i = 0; i < study->compared_count; i++)
        count += is_followed(study, i);
    w->total = count + CVY_SURFACE_SIDE;
    if (status == CVY_OK) {
        w->floats = trained_floats(w->model);
        status =
            cvy_memory_create(count * CVY_SURFACE_POINTS, w->floats * sizeof(float), &w->points);
    }
    if (status == CVY_OK)
        status = cvy_memory_create(count, sizeof *w->surface->paths, &w->surface->paths);
    for (size_t i = 0; status == CVY_OK && i < study->compared_count; i++)
        if (is_followed(study, i)) {
            status = follow(w, i);
            w->done++;
        }
    return status;
}

/* --- the loss on the plane --- */

/* Copy images spread evenly over the training part, which may be ordered by class. */
static cvy_status open_images(work *w)
{
    const cvy_dataset_info info = cvy_dataset_describe(w->data);
    const size_t bytes = info.height * info.width * info.channels;
    const size_t trained = w->study->setup.train_count;
    const size_t count = trained < CVY_SURFACE_IMAGES ? trained : CVY_SURFACE_IMAGES;
    const char *names[1024];
    unsigned char *pixels = NULL;
    uint16_t *labels = NULL;
    cvy_arrays arrays;
    cvy_status status = cvy_memory_create(count, bytes, &pixels);

    if (status == CVY_OK)
        status = cvy_memory_create(count, sizeof *labels, &labels);
    for (size_t i = 0; status == CVY_OK && i < count; i++) {
        const size_t from = i * trained / count;
        memcpy(pixels + i * bytes, cvy_dataset_image(w->data, CVY_SPLIT_TRAIN, from), bytes);
        labels[i] = (uint16_t)cvy_dataset_label(w->data, CVY_SPLIT_TRAIN, from);
    }
    cvy_arrays_init(&arrays);
    arrays.name = info.name;
    arrays.height = info.height;
    arrays.width = info.width;
    arrays.channels = info.channels;
    arrays.class_count = info.class_count;
    if (info.class_count <= sizeof names / sizeof *names) {
        for (size_t i = 0; i < info.class_count; i++)
            names[i] = cvy_dataset_class_name(w->data, i);
        arrays.class_names = names;
    }
    arrays.test = (cvy_array_part){ .count = count, .bytes = pixels, .labels = labels };
    w->surface->image_count = count;
    if (status == CVY_OK)
        status = cvy_dataset_from_arrays(&arrays, &w->images);
    cvy_memory_free(pixels);
    cvy_memory_free(labels);
    return status;
}

/* The model and weights of one thread. */
typedef struct {
    cvy_model *model;
    float *weights; /* [floats] */
} evaluator;

static cvy_status create_evaluator(const work *w, evaluator *e)
{
    cvy_status status = cvy_copy_model(w->model, "surface", &e->model);

    if (status == CVY_OK)
        status = cvy_memory_create(w->floats, sizeof *e->weights, &e->weights);
    return status;
}

static cvy_status evaluate(const work *w, const cvy_plane *plane, double x, double y,
                           const evaluator *e, double *loss)
{
    cvy_score *score;

    for (size_t i = 0; i < w->floats; i++)
        e->weights[i] = (float)(plane->mean[i] + x * plane->axes[0][i] + y * plane->axes[1][i]);
    cvy_status status = cvy_put_trained(e->model, e->weights);
    if (status == CVY_OK)
        status = cvy_evaluate(e->model, w->images, CVY_SPLIT_TEST, 1, 1, &score);
    if (status != CVY_OK)
        return status;
    *loss = score->loss;
    cvy_score_destroy(score);
    return CVY_OK;
}

static cvy_status evaluate_row(const work *w, const cvy_plane *plane, size_t row,
                               const evaluator *e)
{
    cvy_surface *s = w->surface;
    const double y = s->y_min + (s->y_max - s->y_min) * (double)row / (CVY_SURFACE_SIDE - 1);
    cvy_status status = CVY_OK;

    for (size_t k = 0; status == CVY_OK && k < CVY_SURFACE_SIDE; k++) {
        const double x = s->x_min + (s->x_max - s->x_min) * (double)k / (CVY_SURFACE_SIDE - 1);
        status = evaluate(w, plane, x, y, e, &s->loss[row * CVY_SURFACE_SIDE + k]);
    }
    return status;
}

/* State shared by all threads. */
typedef struct {
    work *w;
    const cvy_plane *plane;
    atomic_size_t next;
    cvy_status status; /* the first failure, with its message */
    char sentence[CVY_ERROR_BYTES];
} rows;

/* Take rows until none is left. */
static void evaluate_rows(rows *r)
{
    evaluator e = { 0 };
    cvy_status status = create_evaluator(r->w, &e);
    size_t row;

    while (status == CVY_OK && (row = atomic_fetch_add(&r->next, 1)) < CVY_SURFACE_SIDE) {
        status = evaluate_row(r->w, r->plane, row, &e);
#pragma omp critical(cvy_surface)
        {
            work *w = r->w;
            w->done++;
            if (status == CVY_OK && w->function != NULL &&
                !w->function(w->context, w->done, w->total))
                status = cvy_fail(CVY_ERR_STOPPED, "stopped");
        }
    }
#pragma omp critical(cvy_surface)
    if (status != CVY_OK && r->status == CVY_OK) {
        r->status = status;
        snprintf(r->sentence, sizeof r->sentence, "%s", cvy_error_message());
        atomic_store(&r->next, CVY_SURFACE_SIDE);
    }
    cvy_model_destroy(e.model);
    cvy_memory_free(e.weights);
}

/* Evaluate rows in parallel, one thread each: barriers within an evaluation would take longer than
 * the evaluation. */
static cvy_status evaluate_all(work *w, const cvy_plane *plane)
{
    const cvy_setup *setup = &w->study->setup;
    const size_t threads = setup->jobs > setup->threads ? setup->jobs : setup->threads;
    rows r = { .w = w, .plane = plane };
    cvy_status status = cvy_memory_create((size_t)CVY_SURFACE_SIDE * CVY_SURFACE_SIDE,
                                          sizeof *w->surface->loss, &w->surface->loss);

    if (status == CVY_OK)
        status = cvy_threads_prepare(threads);
    if (status != CVY_OK)
        return status;
#pragma omp parallel num_threads((int)threads) if (threads > 1)
    evaluate_rows(&r);
    return r.status == CVY_OK ? CVY_OK : cvy_fail_again(r.status, r.sentence);
}

/* --- all of it --- */

/* Choose the part of the plane that contains all points, with a margin. */
static void choose_field(cvy_surface *s, const cvy_plane *plane)
{
    static const double margin = 0.12;
    double low[2] = { INFINITY, INFINITY }, high[2] = { -INFINITY, -INFINITY };

    for (size_t i = 0; i < plane->count; i++)
        for (size_t k = 0; k < 2; k++) {
            low[k] = fmin(low[k], plane->coordinates[2 * i + k]);
            high[k] = fmax(high[k], plane->coordinates[2 * i + k]);
        }
    for (size_t k = 0; k < 2; k++) {
        /* even if points vary in one direction only, the field needs a height */
        const double size = fmax(high[k] - low[k], 0.05 * (high[0] - low[0]));
        low[k] -= margin * size;
        high[k] += margin * size;
    }
    s->x_min = low[0];
    s->x_max = high[0];
    s->y_min = low[1];
    s->y_max = high[1];
}

static void take_coordinates(cvy_surface *s, const cvy_plane *plane)
{
    size_t at = 0;

    for (size_t i = 0; i < s->path_count; i++)
        for (size_t p = 0; p < s->paths[i].count; p++, at++) {
            s->paths[i].xy[p][0] = plane->coordinates[2 * at];
            s->paths[i].xy[p][1] = plane->coordinates[2 * at + 1];
        }
    s->share[0] = plane->share[0];
    s->share[1] = plane->share[1];
}

static cvy_status project(work *w)
{
    cvy_plane plane = { 0 };
    cvy_status status =
        w->point_count >= 2 ? cvy_plane_find(w->points, w->point_count, w->floats, &plane) : CVY_OK;

    if (status == CVY_OK && plane.share[0] > 0) {
        take_coordinates(w->surface, &plane);
        choose_field(w->surface, &plane);
        status = open_images(w);
        if (status == CVY_OK)
            status = evaluate_all(w, &plane);
    }
    cvy_plane_release(&plane);
    return status;
}

cvy_status cvy_surface_make(cvy_study *study, const cvy_dataset *data,
                            cvy_surface_function *function, void *context)
{
    work w = { .study = study, .data = data, .function = function, .context = context };
    cvy_status status = cvy_memory_create(1, sizeof *w.surface, &w.surface);

    if (status == CVY_OK) {
        w.surface->seed = study->seeds[0];
        status = follow_all(&w);
    }
    if (status == CVY_OK)
        status = project(&w);
    cvy_model_destroy(w.model);
    cvy_dataset_close(w.images);
    cvy_memory_free(w.points);
    if (status == CVY_OK && w.surface->loss != NULL)
        study->surface = w.surface;
    else
        cvy_surface_destroy(w.surface);
    return status;
}

void cvy_surface_destroy(cvy_surface *surface)
{
    if (surface == NULL)
        return;
    cvy_memory_free(surface->paths);
    cvy_memory_free(surface->loss);
    cvy_memory_free(surface);
}
