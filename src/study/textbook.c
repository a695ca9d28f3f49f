#include "study/textbook.h"

#include <math.h>

#include "base/memory.h"
#include "convoy/optimizer.h"

/* --- functions --- */

static double ravine(double x, double y)
{
    return (x * x + 20 * y * y) / 2;
}

static void ravine_gradient(double x, double y, double gradient[2])
{
    gradient[0] = x;
    gradient[1] = 20 * y;
}

/* Beale, On an Iterative Method for Finding a Local Minimum of a Function of More than One Variable (1958). */
static double beale(double x, double y)
{
    const double a = 1.5 - x + x * y, b = 2.25 - x + x * y * y, c = 2.625 - x + x * y * y * y;
    return a * a + b * b + c * c;
}

static void beale_gradient(double x, double y, double gradient[2])
{
    const double a = 1.5 - x + x * y, b = 2.25 - x + x * y * y, c = 2.625 - x + x * y * y * y;
    gradient[0] = 2 * (a * (y - 1) + b * (y * y - 1) + c * (y * y * y - 1));
    gradient[1] = 2 * x * (a + 2 * b * y + 3 * c * y * y);
}

static double saddle(double x, double y)
{
    return x * x / 2 - y * y / 2 + y * y * y * y / 4;
}

static void saddle_gradient(double x, double y, double gradient[2])
{
    gradient[0] = x;
    gradient[1] = y * y * y - y;
}

/* It has minima near x = -1 and x = 1; the left one is lower. */
static double two_valleys(double x, double y)
{
    return (x * x - 1) * (x * x - 1) / 2 + 0.3 * x + y * y / 2;
}

static void two_valleys_gradient(double x, double y, double gradient[2])
{
    gradient[0] = 2 * x * (x * x - 1) + 0.3;
    gradient[1] = y;
}

/* --- scenes --- */

static const cvy_textbook scenes[] = {
    {
        .name = "learning-rates",
        .title = "Too small, right, too large",
        .formula = "f(x, y) = (x² + 20 y²) / 2",
        .lesson = "Gradient descent with four learning rates. Across the ravine the curvature is "
                  "20, so a learning rate above 2 / 20 = 0.1 overshoots by more at every update; "
                  "along it the curvature is 1, so a learning rate that is safe across crawls "
                  "along.",
        .value = ravine,
        .gradient = ravine_gradient,
        .start = { -4, 1 },
        .x_min = -5,
        .x_max = 3,
        .y_min = -2.4,
        .y_max = 2.4,
        .minimum_count = 1,
        .minima = { { 0, 0 } },
        .updates = 80,
        .run_count = 4,
        .runs = { { "0.005", "sgd:learning_rate=0.005" },
                  { "0.05", "sgd:learning_rate=0.05" },
                  { "0.095", "sgd:learning_rate=0.095" },
                  { "0.101", "sgd:learning_rate=0.101" } },
    },
    {
        .name = "ravine",
        .title = "A ravine",
        .formula = "f(x, y) = (x² + 20 y²) / 2",
        .lesson = "Gradient descent zigzags across the ravine. Momentum adds up the steps along it "
                  "and cancels those across. Adagrad, RMSprop and Adam divide each coordinate by "
                  "the size of its own gradients, so the ravine looks round to them; Adagrad's sum "
                  "of squares only grows, so its steps shrink. With a learning rate close to its "
                  "limit, as here, gradient descent still arrives before these three.",
        .value = ravine,
        .gradient = ravine_gradient,
        .start = { -4, 1.6 },
        .x_min = -5,
        .x_max = 3,
        .y_min = -2.4,
        .y_max = 2.4,
        .minimum_count = 1,
        .minima = { { 0, 0 } },
        .updates = 120,
        .run_count = 6,
        .runs = { { "gradient descent", "sgd:learning_rate=0.085" },
                  { "momentum", "sgd:learning_rate=0.02,momentum=0.8" },
                  { "nesterov", "sgd:learning_rate=0.02,momentum=0.8,nesterov=true" },
                  { "adagrad", "adagrad:learning_rate=0.6" },
                  { "rmsprop", "rmsprop:learning_rate=0.06" },
                  { "adam", "adam:learning_rate=0.25" } },
    },
    {
        .name = "beale",
        .title = "Beale's function",
        .formula = "f(x, y) = (1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²",
        .lesson = "Steep walls around a long, flat valley. A learning rate that the walls permit "
                  "is slow in the valley. Momentum gains most there, since the gradient is small "
                  "and keeps its direction; RMSprop and Adam arrive later, and Adagrad's steps "
                  "become too short.",
        .value = beale,
        .gradient = beale_gradient,
        .start = { 0.7, 1.4 },
        .x_min = -0.5,
        .x_max = 4.2,
        .y_min = -1.2,
        .y_max = 1.8,
        .minimum_count = 1,
        .minima = { { 3, 0.5 } },
        .updates = 300,
        .run_count = 6,
        .runs = { { "gradient descent", "sgd:learning_rate=0.01" },
                  { "momentum", "sgd:learning_rate=0.005,momentum=0.9" },
                  { "nesterov", "sgd:learning_rate=0.005,momentum=0.9,nesterov=true" },
                  { "adagrad", "adagrad:learning_rate=0.5" },
                  { "rmsprop", "rmsprop:learning_rate=0.02" },
                  { "adam", "adam:learning_rate=0.1" } },
    },
    {
        .name = "saddle",
        .title = "A saddle",
        .formula = "f(x, y) = x² / 2 − y² / 2 + y⁴ / 4",
        .lesson = "The gradient leads to the saddle at (0, 0), where it is almost zero. Gradient "
                  "descent takes longest to leave it. Momentum gathers speed, and rules that "
                  "divide by the size of past gradients take long steps even where the gradient is "
                  "small, if it is steady.",
        .value = saddle,
        .gradient = saddle_gradient,
        .start = { -1.7, 0.0005 },
        .x_min = -2,
        .x_max = 1.2,
        .y_min = -1.5,
        .y_max = 1.5,
        .minimum_count = 2,
        .minima = { { 0, 1 }, { 0, -1 } },
        .updates = 120,
        .run_count = 6,
        .runs = { { "gradient descent", "sgd:learning_rate=0.1" },
                  { "momentum", "sgd:learning_rate=0.1,momentum=0.6" },
                  { "nesterov", "sgd:learning_rate=0.1,momentum=0.6,nesterov=true" },
                  { "adagrad", "adagrad:learning_rate=0.3" },
                  { "rmsprop", "rmsprop:learning_rate=0.05" },
                  { "adam", "adam:learning_rate=0.12" } },
    },
    {
        .name = "two-valleys",
        .title = "Two valleys",
        .formula = "f(x, y) = (x² − 1)² / 2 + 0.3 x + y² / 2",
        .lesson = "The valley on the right is a local minimum, the one on the left is lower. "
                  "Without momentum a run stops in the first valley that it reaches; with it, "
                  "speed can carry it over the hill. Adam's moving average does not here.",
        .value = two_valleys,
        .gradient = two_valleys_gradient,
        .start = { 1.9, 1.2 },
        .x_min = -1.9,
        .x_max = 2.2,
        .y_min = -1.3,
        .y_max = 1.6,
        .minimum_count = 2,
        .minima = { { -1.0679230, 0 }, { 0.9142973, 0 } },
        .updates = 150,
        .run_count = 6,
        .runs = { { "gradient descent", "sgd:learning_rate=0.05" },
                  { "momentum", "sgd:learning_rate=0.02,momentum=0.9" },
                  { "nesterov", "sgd:learning_rate=0.02,momentum=0.9,nesterov=true" },
                  { "adagrad", "adagrad:learning_rate=0.3" },
                  { "rmsprop", "rmsprop:learning_rate=0.03" },
                  { "adam", "adam:learning_rate=0.1" } },
    },
};

const cvy_textbook *cvy_textbook_at(size_t index)
{
    return index < sizeof scenes / sizeof *scenes ? &scenes[index] : NULL;
}

/* --- paths --- */

/* Whether a point is within 1/100 of the picture's width and height of another. */
static bool is_near(const cvy_textbook *scene, const double *at, const double minimum[2])
{
    return fabs(at[0] - minimum[0]) < 0.01 * (scene->x_max - scene->x_min) &&
           fabs(at[1] - minimum[1]) < 0.01 * (scene->y_max - scene->y_min);
}

static void judge(const cvy_textbook *scene, cvy_textbook_path *path)
{
    const double *last = &path->xy[2 * (path->count - 1)];

    path->end = CVY_PATH_ON_ITS_WAY;
    if (path->count < scene->updates + 1 || !(path->values[path->count - 1] < path->values[0]))
        path->end = CVY_PATH_DIVERGED;
    for (size_t i = 1; i < scene->minimum_count; i++)
        if (is_near(scene, last, scene->minima[i]))
            path->end = scene->value(scene->minima[i][0], scene->minima[i][1]) >
                                scene->value(scene->minima[0][0], scene->minima[0][1]) + 1e-6
                            ? CVY_PATH_LOCAL
                            : CVY_PATH_ARRIVED;
    if (!is_near(scene, last, scene->minima[0]))
        return;
    path->end = CVY_PATH_ARRIVED;
    path->arrived = path->count - 1;
    while (path->arrived > 0 &&
           is_near(scene, &path->xy[2 * (path->arrived - 1)], scene->minima[0]))
        path->arrived--;
}

static cvy_status follow(const cvy_textbook *scene, cvy_optimizer *optimizer,
                         cvy_textbook_path *path)
{
    float w[2] = { (float)scene->start[0], (float)scene->start[1] };
    cvy_status status = CVY_OK;

    for (size_t i = 0; i <= scene->updates && status == CVY_OK; i++) {
        double gradient[2];
        const double value = scene->value((double)w[0], (double)w[1]);
        if (!isfinite(value))
            break;
        path->xy[2 * i] = (double)w[0];
        path->xy[2 * i + 1] = (double)w[1];
        path->values[i] = value;
        path->count = i + 1;
        scene->gradient((double)w[0], (double)w[1], gradient);
        const float narrowed[2] = { (float)gradient[0], (float)gradient[1] };
        status = cvy_optimizer_update(optimizer, w, narrowed);
    }
    return status;
}

cvy_status cvy_textbook_follow(const cvy_textbook *scene, size_t run, cvy_textbook_path *path)
{
    cvy_optimizer *optimizer = NULL;

    *path = (cvy_textbook_path){ .run = &scene->runs[run] };
    cvy_status status =
        cvy_optimizer_create(path->run->optimizer, NULL, scene->updates + 1, 2, &optimizer);
    if (status == CVY_OK)
        status = cvy_memory_create(scene->updates + 1, 2 * sizeof(double), &path->xy);
    if (status == CVY_OK)
        status = cvy_memory_create(scene->updates + 1, sizeof(double), &path->values);
    if (status == CVY_OK)
        status = follow(scene, optimizer, path);
    if (status == CVY_OK)
        judge(scene, path);
    cvy_optimizer_destroy(optimizer);
    return status;
}

void cvy_textbook_release(cvy_textbook_path *path)
{
    cvy_memory_free(path->xy);
    cvy_memory_free(path->values);
    *path = (cvy_textbook_path){ 0 };
}
