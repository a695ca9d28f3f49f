#include "kernels/image_draws.h"

#include <math.h>

/* log2 of the numbers that an augmentation may draw for one sample,
 * and of the augmentations of a sample. */
enum { KIND_BITS = 18, KINDS_BITS = 4, SAMPLE_BITS = KIND_BITS + KINDS_BITS };

cvy_dice cvy_dice_of(uint64_t seed, uint32_t epoch, uint64_t sample, size_t number)
{
    const uint32_t more = (uint32_t)(number >> KINDS_BITS); /* augmentations after the 16th */
    const uint64_t place = (uint64_t)number % (1 << KINDS_BITS);

    return (
        cvy_dice){ .stream = { seed, (cvy_random_purpose)(CVY_RANDOM_AUGMENT | more << 8), epoch },
                   .position = (sample << SAMPLE_BITS) + (place << KIND_BITS) };
}

/* Box and Muller 1958, like cvy_random_normal(). */
float cvy_dice_normal(cvy_dice *dice)
{
    if (!dice->has_spare) {
        const float radius = sqrtf(-2 * logf(1 - cvy_dice_unit(dice)));
        const float angle = 6.28318530718F * cvy_dice_unit(dice);
        dice->has_spare = true;
        dice->spare = radius * sinf(angle);
        return radius * cosf(angle);
    }
    dice->has_spare = false;
    return dice->spare;
}

/* Jöhnk's method, with logarithms if the powers 1 / a underflow, as they do for a small a. Source:
 * Devroye, Non-Uniform Random Variate Generation (1986), IX.3.5. */
double cvy_dice_beta(cvy_dice *dice, double a)
{
    enum { TRIES = 1000 }; /* at least every second one succeeds */

    for (int i = 0; i < TRIES; i++) {
        const double u = (double)cvy_dice_unit(dice), v = (double)cvy_dice_unit(dice);
        const double x = pow(u, 1 / a), y = pow(v, 1 / a);
        if (x + y > 1)
            continue;
        if (x + y > 0)
            return x / (x + y);
        if (u != v)
            return 1 / (1 + exp((log(v) - log(u)) / a));
    }
    return 0.5;
}

double cvy_dice_factor(cvy_dice *dice, const cvy_float_list *factor)
{
    return cvy_factor_at(factor, (double)cvy_dice_unit(dice));
}

double cvy_dice_fraction(cvy_dice *dice, const cvy_float_list *factor)
{
    const double unit = (double)cvy_dice_unit(dice);

    return factor->count == 1 ? factor->values[0] * unit : cvy_factor_at(factor, unit);
}

bool cvy_dice_chance(cvy_dice *dice, const cvy_float_list *factor)
{
    const double probability = cvy_dice_fraction(dice, factor);

    return (double)cvy_dice_unit(dice) < probability;
}

cvy_flips cvy_draw_flips(cvy_dice *dice)
{
    const bool left_right = cvy_dice_unit(dice) < 0.5F;

    return (cvy_flips){ left_right, cvy_dice_unit(dice) < 0.5F };
}

cvy_map cvy_draw_translation(cvy_dice *dice, const cvy_float_list *height_factor,
                             const cvy_float_list *width_factor, double height, double width)
{
    const double down = cvy_dice_factor(dice, height_factor) * height;

    return cvy_map_moved(cvy_dice_factor(dice, width_factor) * width, down);
}

cvy_map cvy_draw_rotation(cvy_dice *dice, const cvy_float_list *factor)
{
    return cvy_map_turned(cvy_dice_factor(dice, factor));
}

cvy_map cvy_draw_zoom(cvy_dice *dice, const cvy_float_list *height_factor,
                      const cvy_float_list *width_factor)
{
    const double by_height = cvy_dice_factor(dice, height_factor);

    return cvy_map_zoomed(width_factor != NULL ? cvy_dice_factor(dice, width_factor) : by_height,
                          by_height);
}

cvy_map cvy_draw_shear(cvy_dice *dice, const cvy_float_list *x_factor,
                       const cvy_float_list *y_factor, double height, double width)
{
    const double sign = cvy_dice_unit(dice) < 0.5F ? 1 : -1;
    const double x = sign * cvy_dice_factor(dice, x_factor);

    return cvy_map_sheared(x, sign * cvy_dice_factor(dice, y_factor), width, height);
}

/* Draw an interval that covers `part` of 0 ..
 * size: the pixels whose upper or left edge is inside it. */
static void place(cvy_dice *dice, double part, size_t size, size_t *begin, size_t *end)
{
    const double length = part * (double)size;
    const double first = (double)cvy_dice_unit(dice) * ((double)size - length);

    *begin = (size_t)ceil(first);
    *end = (size_t)fmin(ceil(first + length), (double)size);
}

cvy_box cvy_draw_box(cvy_dice *dice, double part_of_height, double part_of_width, size_t height,
                     size_t width)
{
    cvy_box box;

    place(dice, part_of_width, width, &box.left, &box.right);
    place(dice, part_of_height, height, &box.top, &box.bottom);
    return box;
}

bool cvy_draw_erased(cvy_dice *dice, const cvy_float_list *factor, const cvy_float_list *scale,
                     size_t height, size_t width, cvy_box *box)
{
    const bool is_changed = cvy_dice_chance(dice, factor);
    const double part_of_width = sqrt(cvy_dice_fraction(dice, scale));
    const double part_of_height = sqrt(cvy_dice_fraction(dice, scale));

    *box = cvy_draw_box(dice, part_of_height, part_of_width, height, width);
    return is_changed;
}

double cvy_draw_erasure(cvy_dice *dice, double fill_value, double low, double high)
{
    const double value = isnan(fill_value) ? (double)cvy_dice_normal(dice) * high : fill_value;

    return fmin(fmax(value, low), high);
}

cvy_field cvy_field_simard(double alpha, double sigma)
{
    return (cvy_field){ alpha, sigma, (size_t)fmin(ceil(3 * sigma), CVY_FIELD_RADIUS_MAX), false };
}

/* The field of RandomElasticTransform. Its noise has standard deviation sigma before the filter,
 * and is multiplied by alpha after it. */
cvy_field cvy_field_keras(double scale, size_t height, size_t width)
{
    const double longer = (double)(height > width ? height : width);
    const double alpha = 0.1 * scale * longer;
    const double sigma = 0.05 * scale * (double)(height > width ? width : height);

    return (cvy_field){ alpha * sigma, sigma,
                        (size_t)fmin(floor(6 * sigma) / 2, CVY_FIELD_RADIUS_MAX), true };
}

static void make_gaussian(const cvy_field *field, float *weights)
{
    double total = 0;

    for (size_t k = 0; k <= 2 * field->radius; k++) {
        const double x = ((double)k - (double)field->radius) / field->deviation;
        weights[k] = (float)exp(-x * x / 2);
        total += (double)weights[k];
    }
    for (size_t k = 0; k <= 2 * field->radius; k++)
        weights[k] = (float)((double)weights[k] / total);
}

/* Filter a line in place. Outside the line, the field is 0. */
static void filter_line(float *line, size_t count, size_t stride, const float *weights,
                        size_t radius, float *copy)
{
    for (size_t i = 0; i < count; i++)
        copy[i] = line[i * stride];
    for (size_t i = 0; i < count; i++) {
        const size_t from = i > radius ? i - radius : 0;
        const size_t to = i + radius < count ? i + radius : count - 1;
        float sum = 0;
        for (size_t k = from; k <= to; k++)
            sum += copy[k] * weights[radius + k - i];
        line[i * stride] = sum;
    }
}

static void draw_noise(cvy_dice *dice, const cvy_field *field, size_t count, float *values)
{
    const float strength = (float)field->strength;

    for (size_t i = 0; i < count; i++)
        values[i] =
            strength * (field->is_normal ? cvy_dice_normal(dice) : 2 * cvy_dice_unit(dice) - 1);
}

void cvy_draw_field(cvy_dice *dice, const cvy_field *field, size_t height, size_t width,
                    float *values, float *copy)
{
    float weights[2 * CVY_FIELD_RADIUS_MAX + 1];

    make_gaussian(field, weights);
    draw_noise(dice, field, height * width, values);
    for (size_t y = 0; y < height; y++)
        filter_line(values + y * width, width, 1, weights, field->radius, copy);
    for (size_t x = 0; x < width; x++)
        filter_line(values + x, height, width, weights, field->radius, copy);
}
