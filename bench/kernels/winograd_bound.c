#include "winograd_bound.h"

#include <math.h>
#include <string.h>

/* |B'|, |G| and |A'|. */
static const double patch_matrix[4][4] = {
    { 1, 0, 1, 0 }, { 0, 1, 1, 0 }, { 0, 1, 1, 0 }, { 0, 1, 0, 1 }
};
static const double weight_matrix[4][4] = {
    { 1, 0, 0 }, { 0.5, 0.5, 0.5 }, { 0.5, 0.5, 0.5 }, { 0, 0, 1 }
};
static const double sum_matrix[2][4] = { { 1, 1, 1, 0 }, { 0, 1, 1, 1 } };

/* M in M', with a matrix of `rows` x `columns`. */
static void transform(size_t rows, size_t columns, const double matrix[][4], double in[4][4],
                      double out[4][4])
{
    double half[4][4];

    memset(half, 0, sizeof half);
    memset(out, 0, 4 * sizeof *out);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            for (size_t k = 0; k < columns; k++)
                half[i][j] += matrix[i][k] * in[k][j];
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < rows; j++)
            for (size_t k = 0; k < columns; k++)
                out[i][j] += half[i][k] * matrix[j][k];
}

/* |B'| |d| |B| of one input, one sample and the tile whose first output is (row, column). */
static void patch_sizes(const winograd_problem *p, size_t input, size_t sample, size_t row,
                        size_t column, double out[4][4])
{
    double d[4][4];

    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 4; j++) {
            const size_t y = row + i - p->pad_top, x = column + j - p->pad_left;
            const bool is_inside = y < p->height && x < p->width; /* below 0: very large */
            const size_t pixel = (input * p->height + y) * p->width + x;
            d[i][j] = is_inside ? fabs((double)p->x[pixel * CVY_LANE + sample]) : 0;
        }
    transform(4, 4, patch_matrix, d, out);
}

static void weight_sizes(const winograd_problem *p, size_t input, size_t output, double out[4][4])
{
    double g[4][4];

    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 3; j++)
            g[i][j] = fabs((double)p->w[(ptrdiff_t)(3 * i + j) * p->w_cell +
                                        (ptrdiff_t)(input * p->w_input + output * p->w_output)]);
    transform(4, 3, weight_matrix, g, out);
}

/* Sizes for all inputs and outputs, and the sums over inputs for one tile of one sample. */
typedef struct {
    const winograd_problem *p;
    double (*weights)[4][4]; /* [inputs][outputs] */
    double (*sums)[4][4];    /* [outputs] */
} sizes;

static void add_inputs(const sizes *s, size_t sample, size_t row, size_t column)
{
    const size_t outputs = s->p->outputs;

    for (size_t c = 0; c < s->p->inputs; c++) {
        double patch[4][4];
        patch_sizes(s->p, c, sample, row, column, patch);
        for (size_t k = 0; k < outputs; k++)
            for (size_t i = 0; i < 4; i++)
                for (size_t j = 0; j < 4; j++)
                    s->sums[k][i][j] += patch[i][j] * s->weights[c * outputs + k][i][j];
    }
}

static void bound_tile(const sizes *s, size_t sample, size_t row, size_t column, check_sum *y)
{
    const winograd_problem *p = s->p;

    memset(s->sums, 0, p->outputs * sizeof *s->sums);
    add_inputs(s, sample, row, column);
    for (size_t k = 0; k < p->outputs; k++) {
        double of_tile[4][4];
        s->sums[k][1][1] += p->bias != NULL ? fabs((double)p->bias[k]) : 0;
        transform(2, 4, sum_matrix, s->sums[k], of_tile);
        for (size_t i = row; i < row + 2 && i < p->rows; i++)
            for (size_t j = column; j < column + 2 && j < p->columns; j++) {
                check_sum *at = &y[((k * p->rows + i) * p->columns + j) * CVY_LANE + sample];
                at->size = of_tile[i - row][j - column];
                at->count = (double)p->inputs + 10;
            }
    }
}

static double (*matrices(size_t count))[4][4]
{
    return (double(*)[4][4])(void *)check_doubles(count * 16);
}

void winograd_bound(const winograd_problem *p, check_sum *y)
{
    const sizes s = { p, matrices(p->inputs * p->outputs), matrices(p->outputs) };

    for (size_t c = 0; c < p->inputs; c++)
        for (size_t k = 0; k < p->outputs; k++)
            weight_sizes(p, c, k, s.weights[c * p->outputs + k]);
    for (size_t row = 0; row < p->rows; row += 2)
        for (size_t column = 0; column < p->columns; column += 2)
            for (size_t sample = 0; sample < CVY_LANE; sample++)
                bound_tile(&s, sample, row, column, y);
}
