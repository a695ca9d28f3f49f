#include "kernels/taps.h"
#include "base/minmax.h"

/* (a - b) / d, rounded up; 0 if a < b. */
static size_t steps_up(size_t a, size_t b, size_t d)
{
    return a > b ? (a - b + d - 1) / d : 0;
}

static bool same_taps(const cvy_span *a, const cvy_span *b)
{
    return a->tap_count == b->tap_count && (a->tap_count == 0 || a->first_tap == b->first_tap);
}

static cvy_span taps_forward(const cvy_axis *axis, size_t at)
{
    const size_t start = at * axis->stride; /* in the padded image */
    const size_t first = steps_up(axis->pad, start, axis->spread);
    const size_t end = cvy_min(steps_up(axis->input + axis->pad, start, axis->spread), axis->taps);

    return (cvy_span){ .first = at,
                       .count = 1,
                       .step = 1,
                       .first_tap = first,
                       .tap_count = end > first ? end - first : 0,
                       .tap_step = 1,
                       .source = end > first ? start + first * axis->spread - axis->pad : 0,
                       .pixel_move = axis->stride,
                       .tap_move = axis->spread };
}

cvy_span cvy_span_forward(const cvy_axis *axis, size_t at, size_t end)
{
    cvy_span span = taps_forward(axis, at);

    for (; span.first + span.count < end; span.count++) {
        const cvy_span next = taps_forward(axis, span.first + span.count);
        if (!same_taps(&span, &next))
            break;
    }
    return span;
}

static size_t greatest_divisor(size_t a, size_t b)
{
    while (b != 0) {
        const size_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Tap k of output o reads input pixel `at` if o * stride = at + pad - k * spread. */
static cvy_span taps_backward(const cvy_axis *axis, size_t at, cvy_range of)
{
    const size_t place = at + axis->pad, common = greatest_divisor(axis->stride, axis->spread);
    const size_t step = axis->stride / common;
    cvy_span span = { .first = at,
                      .count = 1,
                      .step = axis->stride,
                      .tap_step = -(ptrdiff_t)step,
                      .pixel_move = 1,
                      .tap_move = axis->spread / common };

    if (of.begin >= of.end || place < of.begin * axis->stride)
        return span;
    const size_t last = cvy_min((place - of.begin * axis->stride) / axis->spread, axis->taps - 1);
    size_t k = steps_up(place, (of.end - 1) * axis->stride, axis->spread);
    while (k <= last && (place - k * axis->spread) % axis->stride != 0)
        k++;
    if (k > last)
        return span;
    span.tap_count = (last - k) / step + 1;
    span.first_tap = k + (span.tap_count - 1) * step;
    span.source = (place - span.first_tap * axis->spread) / axis->stride;
    return span;
}

cvy_span cvy_span_backward(const cvy_axis *axis, size_t at, size_t end, cvy_range of)
{
    cvy_span span = taps_backward(axis, at, of);

    for (; at + span.count * span.step < end; span.count++) {
        const cvy_span next = taps_backward(axis, at + span.count * span.step, of);
        if (!same_taps(&span, &next))
            break;
    }
    return span;
}
