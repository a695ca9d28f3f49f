/* Connected components by union-find: one pass assigns provisional labels, a second one final
 * labels (Rosenfeld and Pfaltz, Sequential Operations in Digital Picture Processing, 1966). */
#include "pictures/pieces.h"

#include <string.h>

#include "base/memory.h"

cvy_status cvy_pieces_create(cvy_pieces *pieces, size_t width, size_t height)
{
    *pieces = (cvy_pieces){ 0 };
    cvy_status status = cvy_memory_create(width * height, sizeof *pieces->label, &pieces->label);
    /* at most every other pixel of every other row gets a new label */
    pieces->label_count = ((width + 1) / 2) * ((height + 1) / 2) + 1;
    if (status == CVY_OK)
        status = cvy_memory_create(pieces->label_count, sizeof *pieces->parent, &pieces->parent);
    for (size_t i = 0; status == CVY_OK && i < 2; i++)
        status = cvy_memory_create(width * height, 1, &pieces->distance[i]);
    if (status == CVY_OK)
        status = cvy_memory_create(width * height, sizeof *pieces->queue, &pieces->queue);
    return status;
}

void cvy_pieces_release(cvy_pieces *pieces)
{
    cvy_memory_free(pieces->piece);
    cvy_memory_free(pieces->label);
    cvy_memory_free(pieces->parent);
    cvy_memory_free(pieces->distance[0]);
    cvy_memory_free(pieces->distance[1]);
    cvy_memory_free(pieces->queue);
    *pieces = (cvy_pieces){ 0 };
}

static uint32_t root_of(uint32_t *parent, uint32_t i)
{
    while (parent[i] != i) {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    return i;
}

static uint32_t joined(uint32_t *parent, uint32_t a, uint32_t b)
{
    a = root_of(parent, a);
    b = root_of(parent, b);
    if (a < b) {
        parent[b] = a;
        return a;
    }
    parent[a] = b;
    return b;
}

/* Take the label of an ink pixel from its neighbours to the left and above; 0 if there are none. */
static uint32_t from_neighbours(uint32_t *parent, const uint32_t *here, const uint32_t *above,
                                size_t x, size_t width)
{
    uint32_t number = x > 0 ? here[x - 1] : 0;

    if (above == NULL)
        return number;
    if (above[x] != 0) /* the pixel above already touches all the others */
        return number != 0 && number != above[x] ? joined(parent, number, above[x]) : above[x];
    if (number == 0 && x > 0)
        number = above[x - 1];
    if (x + 1 < width && above[x + 1] != 0)
        number = number != 0 && number != above[x + 1] ? joined(parent, number, above[x + 1])
                                                       : above[x + 1];
    return number;
}

/* Assign provisional labels from 1; returns their number. */
static uint32_t number_pixels(cvy_pieces *p, const cvy_bytes *strength, unsigned threshold)
{
    const size_t width = strength->width;
    uint32_t count = 0;

    for (size_t y = 0; y < strength->height; y++) {
        const uint8_t *value = strength->value + y * width;
        uint32_t *here = p->label + y * width;
        const uint32_t *above = y > 0 ? here - width : NULL;
        for (size_t x = 0; x < width; x++) {
            if (value[x] < threshold) {
                here[x] = 0;
                continue;
            }
            here[x] = from_neighbours(p->parent, here, above, x, width);
            if (here[x] == 0) {
                here[x] = ++count;
                p->parent[count] = count;
            }
        }
    }
    return count;
}

/* Replace parents by final labels; returns the number of pieces. */
static size_t settle(uint32_t *parent, uint32_t count)
{
    uint32_t pieces = 0;

    for (uint32_t i = 1; i <= count; i++) /* a root precedes all its descendants */
        parent[i] = parent[i] == i ? ++pieces : parent[parent[i]];
    return pieces;
}

static cvy_status make_room(cvy_pieces *p, size_t count)
{
    p->count = count;
    if (count > p->room) {
        cvy_memory_free(p->piece);
        p->piece = NULL;
        p->room = 0;
        cvy_status status = cvy_memory_create(count, sizeof *p->piece, &p->piece);
        if (status != CVY_OK)
            return status;
        p->room = count;
    }
    for (size_t i = 0; i < count; i++)
        p->piece[i] = (cvy_piece){ .box = { .left = SIZE_MAX, .top = SIZE_MAX } };
    return CVY_OK;
}

static void measure(cvy_pieces *p, const cvy_bytes *strength)
{
    const size_t width = strength->width, height = strength->height;

    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++) {
            const size_t i = y * width + x;
            if (p->label[i] == 0)
                continue;
            p->label[i] = p->parent[p->label[i]];
            cvy_piece *piece = &p->piece[p->label[i] - 1];
            cvy_box *box = &piece->box;
            piece->area++;
            piece->weight += strength->value[i];
            box->left = x < box->left ? x : box->left;
            box->right = x >= box->right ? x + 1 : box->right;
            box->top = y < box->top ? y : box->top;
            box->bottom = y + 1;
            piece->is_at_edge |= x == 0 || y == 0 || x + 1 == width || y + 1 == height;
            piece->outline += (x == 0 || p->label[i - 1] == 0) +
                              (x + 1 == width || p->label[i + 1] == 0) +
                              (y == 0 || p->label[i - width] == 0) +
                              (y + 1 == height || p->label[i + width] == 0);
        }
}

cvy_status cvy_pieces_find(cvy_pieces *pieces, const cvy_bytes *strength, unsigned threshold)
{
    const uint32_t count = number_pixels(pieces, strength, threshold);
    cvy_status status = make_room(pieces, settle(pieces->parent, count));

    if (status == CVY_OK)
        measure(pieces, strength);
    return status;
}

double cvy_piece_stroke_width(const cvy_piece *piece)
{
    return 2.0 * (double)piece->area / (double)piece->outline;
}
