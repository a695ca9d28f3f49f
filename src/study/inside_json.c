/* Convert records of a run's internals to JSON and back. */
#include <math.h>
#include <stdio.h>

#include "base/json.h"
#include "base/memory.h"
#include "study/inside.h"

static const struct {
    const char *name;
    size_t offset;
} numbers[] = {
    { "learning_rate", offsetof(cvy_inside_point, learning_rate) },
    { "gradient_norm", offsetof(cvy_inside_point, gradient_norm) },
    { "weight_norm", offsetof(cvy_inside_point, weight_norm) },
    { "update_norm", offsetof(cvy_inside_point, update_norm) },
    { "cosine", offsetof(cvy_inside_point, cosine) },
    { "effective_rate_q1", offsetof(cvy_inside_point, rate_q1) },
    { "effective_rate_median", offsetof(cvy_inside_point, rate_median) },
    { "effective_rate_q3", offsetof(cvy_inside_point, rate_q3) },
};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

static double *member(cvy_inside_point *point, size_t i)
{
    return (double *)(void *)((char *)point + numbers[i].offset);
}

static json_t *point_json(const cvy_inside *inside, size_t index)
{
    json_t *object = json_object(), *ratios = json_array();
    cvy_inside_point *point = &inside->points[index];

    cvy_json_set(&object, "step", cvy_json_count(point->step));
    for (size_t i = 0; i < NUMBERS; i++)
        cvy_json_set(&object, numbers[i].name, cvy_json_number(*member(point, i)));
    for (size_t i = 0; i < inside->layer_count; i++)
        cvy_json_append(&ratios, cvy_json_number(inside->ratios[index * inside->layer_count + i]));
    cvy_json_set(&object, "update_ratios", ratios);
    return object;
}

static json_t *noise_json(const cvy_noise_point *point)
{
    json_t *object = json_object();

    cvy_json_set(&object, "step", cvy_json_count(point->step));
    cvy_json_set(&object, "noise_scale", cvy_json_number(point->scale));
    cvy_json_set(&object, "trace", cvy_json_number(point->trace));
    cvy_json_set(&object, "square", cvy_json_number(point->square));
    return object;
}

json_t *cvy_inside_json(const cvy_inside *inside)
{
    json_t *object = json_object(), *layers = json_array(), *points = json_array(),
           *noise = json_array();

    for (size_t i = 0; i < inside->layer_count; i++)
        cvy_json_append(&layers, cvy_json_text(inside->layers[i]));
    for (size_t i = 0; i < inside->point_count; i++)
        cvy_json_append(&points, point_json(inside, i));
    for (size_t i = 0; i < inside->noise_count; i++)
        cvy_json_append(&noise, noise_json(&inside->noise[i]));
    cvy_json_set(&object, "layers", layers);
    cvy_json_set(&object, "updates", points);
    cvy_json_set(&object, "noise", noise);
    return object;
}

/* --- and back --- */

/* Read a number; null stands for a non-finite one. */
static bool read_number(const json_t *value, double *number)
{
    *number = json_is_number(value) ? json_number_value(value) : NAN;
    return json_is_number(value) || json_is_null(value);
}

static bool read_step(const json_t *object, size_t *step)
{
    const json_t *value = json_object_get(object, "step");

    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return false;
    *step = (size_t)json_integer_value(value);
    return true;
}

static bool read_point(const json_t *object, cvy_inside *inside, size_t index)
{
    const json_t *ratios = json_object_get(object, "update_ratios");
    bool is_read = read_step(object, &inside->points[index].step) &&
                   json_array_size(ratios) == inside->layer_count;

    for (size_t i = 0; is_read && i < NUMBERS; i++)
        is_read = read_number(json_object_get(object, numbers[i].name),
                              member(&inside->points[index], i));
    for (size_t i = 0; is_read && i < inside->layer_count; i++)
        is_read = read_number(json_array_get(ratios, i),
                              &inside->ratios[index * inside->layer_count + i]);
    return is_read;
}

static bool read_noise(const json_t *object, cvy_noise_point *point)
{
    return read_step(object, &point->step) &&
           read_number(json_object_get(object, "noise_scale"), &point->scale) &&
           read_number(json_object_get(object, "trace"), &point->trace) &&
           read_number(json_object_get(object, "square"), &point->square);
}

static bool read_all(const json_t *layers, const json_t *points, const json_t *noise,
                     cvy_inside *inside)
{
    for (size_t i = 0; i < inside->layer_count; i++) {
        const char *name = json_string_value(json_array_get(layers, i));
        if (name == NULL)
            return false;
        snprintf(inside->layers[i], CVY_NAME_BYTES, "%s", name);
    }
    for (size_t i = 0; i < inside->point_count; i++)
        if (!read_point(json_array_get(points, i), inside, i))
            return false;
    for (size_t i = 0; i < inside->noise_count; i++)
        if (!read_noise(json_array_get(noise, i), &inside->noise[i]))
            return false;
    return true;
}

cvy_inside *cvy_inside_read(const json_t *object)
{
    enum { LAYERS_MAX = 10000 };
    const json_t *layers = json_object_get(object, "layers"),
                 *points = json_object_get(object, "updates"),
                 *noise = json_object_get(object, "noise");
    cvy_inside *inside;

    if (!json_is_array(layers) || !json_is_array(points) || !json_is_array(noise) ||
        json_array_size(layers) > LAYERS_MAX || json_array_size(points) > CVY_INSIDE_POINTS ||
        json_array_size(noise) > CVY_NOISE_POINTS ||
        cvy_memory_create(1, sizeof *inside, &inside) != CVY_OK)
        return NULL;
    inside->layer_count = json_array_size(layers);
    inside->point_count = json_array_size(points);
    inside->noise_count = json_array_size(noise);
    if (cvy_memory_create(inside->layer_count, CVY_NAME_BYTES, &inside->layers) == CVY_OK &&
        cvy_memory_create(inside->point_count, sizeof *inside->points, &inside->points) == CVY_OK &&
        cvy_memory_create(inside->point_count, inside->layer_count * sizeof(double),
                          &inside->ratios) == CVY_OK &&
        cvy_memory_create(inside->noise_count, sizeof *inside->noise, &inside->noise) == CVY_OK &&
        read_all(layers, points, noise, inside))
        return inside;
    cvy_inside_destroy(inside);
    return NULL;
}
