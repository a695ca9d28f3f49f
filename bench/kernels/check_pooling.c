/* Pooling against loops over single cells. Values are integers and, in two of three cases, few:
 * ties are common, and sums are exact. */
#include <math.h>

#include "checks.h"
#include "support/kernel_sets.h"
#include "support/plain_lanes.h"

/* One sample by itself gets the lane's bits. */
static void check_sample(const cvy_window *w, size_t sample, const float *lane_x,
                         const float *lane_y,
                         void pool(const cvy_window *window, const float *x, float *y))
{
    const size_t inputs = window_image_floats(w) / CVY_LANE;
    const size_t outputs = window_output_floats(w) / CVY_LANE;
    const size_t in_plane = inputs / w->channels, out_plane = outputs / w->channels;
    float *x = check_floats(inputs), *y = check_floats(outputs), *expected = check_floats(outputs);

    for (size_t i = 0; i < inputs; i++)
        x[i % in_plane * w->channels + i / in_plane] = lane_x[i * CVY_LANE + sample];
    for (size_t i = 0; i < outputs; i++)
        expected[i % out_plane * w->channels + i / out_plane] = lane_y[i * CVY_LANE + sample];
    pool(w, x, y);
    check_same("y of a sample", outputs * sizeof *y, y, expected);
}

static void check_max(const check_subject *subject, const cvy_window *w, int limit)
{
    const size_t image = window_image_floats(w), output = window_output_floats(w);

    check_begin("max, %zu x %zu x %zu, %zu x %zu, whole numbers up to %d", w->height, w->width,
                w->channels, w->window_height, w->window_width, limit);
    float *x = check_floats(image), *y = check_floats(output), *dy = check_floats(output);
    float *dx = check_floats(image), *expected_y = check_floats(output);
    float *expected_dx = check_floats(image);
    uint8_t *winner = check_bytes(output), *expected_winner = check_bytes(output);
    check_fill_whole(1, limit, image, x);
    check_fill_whole(2, 50, output, dy);
    for (size_t i = 0; i < image; i++)
        expected_dx[i] = 0;
    for (size_t i = 0; i < output; i++) {
        const window_place p = window_place_of(w, i);
        expected_winner[i] = plain_window_max(&p, x, &expected_y[i], dy[i], expected_dx);
    }
    subject->compute.kernels->pooling->max_forward(w, x, y, winner);
    subject->compute.kernels->pooling->max_backward(w, winner, dy, dx);
    check_same("y", output * sizeof *y, y, expected_y);
    check_same("winner", output, winner, expected_winner);
    check_same("dx", image * sizeof *dx, dx, expected_dx);
    check_sample(w, 3, x, y, subject->compute.kernels->pooling->max_sample);
    check_end();
}

/* Average over the cells inside: besides the sums, two roundings,
 * of the share and of the product. */
static void plain_average(const window_place *p, const float *x, float dy, check_sum *y,
                          check_sum *dx)
{
    size_t at;
    double inside = 0;

    for (size_t cell = 0; cell < window_cells(p->w); cell++)
        inside += window_cell(p, cell, &at);
    for (size_t cell = 0; cell < window_cells(p->w); cell++)
        if (window_cell(p, cell, &at)) {
            check_add(y, (double)x[at] / inside);
            check_add(&dx[at], (double)dy / inside);
        }
    y->count += 2;
}

static void check_average(const check_subject *subject, const cvy_window *w)
{
    const size_t image = window_image_floats(w), output = window_output_floats(w);

    check_begin("average, %zu x %zu x %zu, %zu x %zu", w->height, w->width, w->channels,
                w->window_height, w->window_width);
    float *x = check_floats(image), *y = check_floats(output), *dy = check_floats(output);
    float *dx = check_floats(image);
    check_sum *expected_y = check_sums(output), *expected_dx = check_sums(image);
    check_fill_whole(1, 100, image, x);
    check_fill_whole(2, 50, output, dy);
    for (size_t i = 0; i < output; i++) {
        const window_place p = window_place_of(w, i);
        plain_average(&p, x, dy[i], &expected_y[i], expected_dx);
    }
    for (size_t i = 0; i < image; i++)
        expected_dx[i].count += 2;
    subject->compute.kernels->pooling->average_forward(w, x, y);
    subject->compute.kernels->pooling->average_backward(w, dy, dx);
    check_near("y", output, y, expected_y);
    check_near("dx", image, dx, expected_dx);
    check_sample(w, 11, x, y, subject->compute.kernels->pooling->average_sample);
    check_end();
}

static void run(const check_subject *subject)
{
    static const int limits[] = { 0, 1, 1000 };

    for (size_t i = 0; i < kernel_window_count; i++) {
        for (size_t j = 0; j < sizeof limits / sizeof *limits; j++)
            check_max(subject, &kernel_windows[i], limits[j]);
        check_average(subject, &kernel_windows[i]);
    }
}

const kernel_check check_pooling = { "pooling", false, run };
