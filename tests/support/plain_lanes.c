#include "support/plain_lanes.h"

#include "base/random.h"
#include "support/kernel_sets.h"

window_place window_place_of(const cvy_window *w, size_t index)
{
    const size_t position = index / CVY_LANE;
    return (window_place){ w, position / w->columns / w->rows, position / w->columns % w->rows,
                           position % w->columns, index % CVY_LANE };
}

size_t window_cells(const cvy_window *w)
{
    return w->window_height * w->window_width;
}

bool window_cell(const window_place *p, size_t cell, size_t *at)
{
    size_t pixel;
    const bool is_inside = window_pixel(p->w, p->c, p->row, p->column, cell / p->w->window_width,
                                        cell % p->w->window_width, &pixel);

    if (is_inside)
        *at = pixel * CVY_LANE + p->sample;
    return is_inside;
}

uint8_t plain_window_max(const window_place *p, const float *x, float *y, float dy, float *dx)
{
    size_t at, best = 0, best_at = 0;
    bool is_first = true;

    for (size_t cell = 0; cell < window_cells(p->w); cell++)
        if (window_cell(p, cell, &at) && (is_first || x[at] > x[best_at])) {
            best = cell;
            best_at = at;
            is_first = false;
        }
    *y = x[best_at];
    if (dx != NULL)
        dx[best_at] += dy;
    return (uint8_t)best;
}

void plain_column(size_t classes, size_t stride, const float *x, double *column)
{
    for (size_t c = 0; c < classes; c++)
        column[c] = (double)x[c * stride];
}

void plain_targets(size_t classes, uint16_t label[CVY_LANE], float weight[CVY_LANE])
{
    for (size_t s = 0; s < CVY_LANE; s++) {
        label[s] = (uint16_t)((s * 7 + 3) % classes);
        weight[s] = s < 11 ? 1.0F / 11 : 0;
    }
}

cvy_dropout_stream plain_dropout_stream(void)
{
    cvy_dropout_stream stream = { .key = { 0x12345678, 0x9abcdef0 },
                                  .major = 3,
                                  .purpose = CVY_RANDOM_DROPOUT };

    for (size_t s = 0; s < CVY_LANE; s++)
        stream.position[s] = (uint32_t)(1000 + 17 * s);
    return stream;
}
