/* Paths on textbook functions, against closed forms, against Keras, and what each function is there to show.
 * Goldens: tests/golden/make_textbook_goldens.py. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "study/textbook.h"

static const cvy_textbook *find(const char *name)
{
    const cvy_textbook *scene = NULL;

    for (size_t i = 0; (scene = cvy_textbook_at(i)) != NULL; i++)
        if (strcmp(scene->name, name) == 0)
            return scene;
    cr_assert_fail("no scene %s", name);
    return NULL;
}

static cvy_textbook_path follow(const cvy_textbook *scene, const char *label)
{
    cvy_textbook_path path = { 0 };

    for (size_t i = 0; i < scene->run_count; i++)
        if (strcmp(scene->runs[i].label, label) == 0) {
            cr_assert_eq(cvy_textbook_follow(scene, i, &path), CVY_OK, "%s", cvy_error_message());
            return path;
        }
    cr_assert_fail("no run %s", label);
    return path;
}

/* The gradients are those of the values: central differences. */
Test(textbook, gradients_are_slopes)
{
    const cvy_textbook *scene;
    const double h = 1e-5;

    for (size_t i = 0; (scene = cvy_textbook_at(i)) != NULL; i++)
        for (size_t k = 0; k < 25; k++) {
            const double x = scene->x_min + (scene->x_max - scene->x_min) * (double)(k % 5) / 4;
            const double y = scene->y_min + (scene->y_max - scene->y_min) * (double)(k / 5) / 4;
            double gradient[2];
            scene->gradient(x, y, gradient);
            const double dx = (scene->value(x + h, y) - scene->value(x - h, y)) / (2 * h);
            const double dy = (scene->value(x, y + h) - scene->value(x, y - h)) / (2 * h);
            cr_expect_float_eq(gradient[0], dx, 1e-5 * (1 + fabs(dx)), "%s", scene->name);
            cr_expect_float_eq(gradient[1], dy, 1e-5 * (1 + fabs(dy)), "%s", scene->name);
        }
}

Test(textbook, minima_are_minima)
{
    const cvy_textbook *scene;

    for (size_t i = 0; (scene = cvy_textbook_at(i)) != NULL; i++)
        for (size_t m = 0; m < scene->minimum_count; m++) {
            const double *at = scene->minima[m], value = scene->value(at[0], at[1]);
            double gradient[2];
            scene->gradient(at[0], at[1], gradient);
            cr_expect_lt(hypot(gradient[0], gradient[1]), 1e-5, "%s", scene->name);
            for (size_t k = 0; k < 8; k++)
                cr_expect_geq(
                    scene->value(at[0] + 0.1 * cos((double)k), at[1] + 0.1 * sin((double)k)), value,
                    "%s", scene->name);
        }
}

/* x_k = (1 - rate curvature)^k x_0 in each direction. */
Test(textbook, gradient_descent_on_the_ravine_is_geometric)
{
    const cvy_textbook *scene = find("learning-rates");
    const double rates[] = { 0.005, 0.05, 0.095, 0.101 };

    for (size_t r = 0; r < 4; r++) {
        cvy_textbook_path path = follow(scene, scene->runs[r].label);
        for (size_t k = 0; k < path.count; k++) {
            const double x = scene->start[0] * pow(1 - rates[r], (double)k);
            const double y = scene->start[1] * pow(1 - 20 * rates[r], (double)k);
            cr_expect_float_eq(path.xy[2 * k], x, 1e-5 * (1 + fabs(x)));
            cr_expect_float_eq(path.xy[2 * k + 1], y, 1e-5 * (1 + fabs(y)));
        }
        cvy_textbook_release(&path);
    }
}

/* v' = m v - r g, x' = x + v' in float64. */
Test(textbook, momentum_on_the_ravine_follows_its_recurrence)
{
    const cvy_textbook *scene = find("ravine");
    cvy_textbook_path path = follow(scene, "momentum");
    double x = scene->start[0], y = scene->start[1], vx = 0, vy = 0;

    for (size_t k = 0; k < path.count; k++) {
        cr_expect_float_eq(path.xy[2 * k], x, 1e-5);
        cr_expect_float_eq(path.xy[2 * k + 1], y, 1e-5);
        vx = 0.8 * vx - 0.02 * x;
        vy = 0.8 * vy - 0.02 * 20 * y;
        x += vx;
        y += vy;
    }
    cvy_textbook_release(&path);
}

Test(textbook, paths_are_those_of_keras)
{
    json_error_t error;
    json_t *golden = json_load_file(TESTS_FOLDER "/golden/textbook.json", 0, &error);
    const cvy_textbook *scene;
    size_t compared = 0;

    cr_assert_not_null(golden, "%s", error.text);
    for (size_t i = 0; (scene = cvy_textbook_at(i)) != NULL; i++)
        for (size_t r = 0; r < scene->run_count; r++) {
            json_t *points =
                json_object_get(json_object_get(json_object_get(golden, "functions"), scene->name),
                                scene->runs[r].label);
            cvy_textbook_path path = follow(scene, scene->runs[r].label);
            cr_assert_eq(json_array_size(points), scene->updates / 10, "%s", scene->name);
            for (size_t k = 0; k < json_array_size(points); k++) {
                const json_t *point = json_array_get(points, k);
                for (size_t d = 0; d < 2; d++) {
                    const double keras = json_number_value(json_array_get(point, d));
                    const double ours = path.xy[2 * (10 * k + 10) + d];
                    /* errors of single precision grow where paths turn sharply */
                    cr_expect_float_eq(ours, keras, 2e-3 * (1 + fabs(keras)),
                                       "%s, %s, update %zu: %g, %g", scene->name,
                                       scene->runs[r].label, 10 * k + 10, ours, keras);
                    compared++;
                }
            }
            cvy_textbook_release(&path);
        }
    cr_expect_gt(compared, 500);
    json_decref(golden);
}

/* --- what the functions are there to show --- */

static cvy_path_end end_of(const char *scene, const char *label)
{
    cvy_textbook_path path = follow(find(scene), label);
    const cvy_path_end end = path.end;

    cvy_textbook_release(&path);
    return end;
}

static size_t arrived(const char *scene, const char *label)
{
    cvy_textbook_path path = follow(find(scene), label);
    const size_t updates = path.arrived > 0 ? path.arrived : SIZE_MAX;

    cvy_textbook_release(&path);
    return updates;
}

Test(textbook, learning_rates_crawl_overshoot_and_diverge)
{
    cr_expect_eq(end_of("learning-rates", "0.005"), CVY_PATH_ON_ITS_WAY);
    cr_expect_eq(end_of("learning-rates", "0.05"), CVY_PATH_ARRIVED);
    cr_expect_eq(end_of("learning-rates", "0.101"), CVY_PATH_DIVERGED);
}

Test(textbook, momentum_is_faster_in_the_ravine)
{
    cr_expect_lt(arrived("ravine", "momentum"), arrived("ravine", "gradient descent"));
}

Test(textbook, momentum_passes_the_local_minimum)
{
    cr_expect_eq(end_of("two-valleys", "gradient descent"), CVY_PATH_LOCAL);
    cr_expect_eq(end_of("two-valleys", "momentum"), CVY_PATH_ARRIVED);
}

Test(textbook, adaptive_rules_leave_the_saddle_first)
{
    cr_expect_lt(arrived("saddle", "rmsprop"), arrived("saddle", "gradient descent"));
    cr_expect_lt(arrived("saddle", "adam"), arrived("saddle", "gradient descent"));
}
