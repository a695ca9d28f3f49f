/* Draw ink in the form of MNIST: on a canvas finer than the image thin strokes are widened; then it
 * is averaged down and shifted by whole pixels. */
#include "pictures/placing.h"

#include <math.h>

#include "base/memory.h"

enum { CANVAS_SIDE_MIN = 112 };            /* four times an MNIST image */
static const double box_part = 20.0 / 28;  /* share of the side */
static const double stroke_min = 2.0 / 28; /* share of the side; a quarter of MNIST is thinner */
static const double scale_slack = 0.12;    /* tolerance for ink already placed */

/* Image pixels per ink pixel at which the box and a margin around it fit. */
static double fitting_scale(const cvy_box *box, double width, double height, double margin)
{
    double across = (box_part * width - 2 * margin) / (double)(box->right - box->left);
    double down = (box_part * height - 2 * margin) / (double)(box->bottom - box->top);

    return fmin(across, down);
}

/* Draw the box in the middle, its corner at an image pixel's corner, so that ink that needs no
 * scaling stays sharp. An image pixel is over x over canvas pixels. */
static void draw_centred(const cvy_plane *ink, const cvy_box *box, double scale, size_t over,
                         cvy_plane *canvas)
{
    double width = (double)(canvas->width / over), height = (double)(canvas->height / over);
    double left = round((width - scale * (double)(box->right - box->left)) / 2);
    double top = round((height - scale * (double)(box->bottom - box->top)) / 2);

    cvy_plane_draw(ink, (double)box->left - left / scale, (double)box->top - top / scale,
                   scale * (double)over, canvas);
}

/* Draw the scaled ink, with thin strokes widened, to canvas; spare has the size of canvas. */
static void draw_canvas(const cvy_plane *ink, const cvy_box *box, size_t over, cvy_plane *canvas,
                        cvy_plane *spare, cvy_placing *placing)
{
    double width = (double)(canvas->width / over), height = (double)(canvas->height / over);
    double wanted = stroke_min * fmin(width, height) * (double)over;

    placing->scale = fitting_scale(box, width, height, 0);
    draw_centred(ink, box, placing->scale, over, canvas);
    double found = cvy_plane_stroke_width(canvas);
    size_t radius = found < wanted ? (size_t)((wanted - found) / 2 + 0.5) : 0;
    placing->stroke_width = found / (double)over;
    placing->widened_by = 2 * (double)radius / (double)over;
    if (radius > 0) {
        placing->scale = fitting_scale(box, width, height, (double)radius / (double)over);
        draw_centred(ink, box, placing->scale, over, spare);
        cvy_plane_dilate(spare, radius, canvas);
    }
}

/* MNIST's centre of mass along an axis: the middle of pixel 14 of 0..27. */
static double middle_of(size_t side)
{
    return (double)(side / 2) + 0.5;
}

/* The shift along one axis, in whole pixels as in MNIST, that centers the mass and keeps the box
 * inside the image. */
static double shift_of(double mass, size_t side, double box_side)
{
    double room = fmax(0, floor(((double)side - box_side) / 2));

    return round(fmin(fmax(middle_of(side) - mass, -room), room)) + 0.0; /* + 0.0: never -0 */
}

static void write_shifted(const cvy_plane *drawn, const cvy_placing *placing, unsigned char *image)
{
    size_t width = drawn->width, height = drawn->height;
    ptrdiff_t right = (ptrdiff_t)placing->shift_x, down = (ptrdiff_t)placing->shift_y;
    float strongest = 0;

    for (size_t i = 0; i < width * height; i++)
        strongest = fmaxf(strongest, drawn->value[i]);
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++) {
            size_t u = (size_t)((ptrdiff_t)x - right), v = (size_t)((ptrdiff_t)y - down);
            float ink = u < width && v < height ? drawn->value[v * width + u] : 0;
            image[y * width + x] = (unsigned char)(ink / strongest * 255 + 0.5F);
        }
}

cvy_status cvy_placing_draw(const cvy_plane *ink, const cvy_box *box, unsigned char *image,
                            size_t image_width, size_t image_height, cvy_placing *placing)
{
    size_t side = image_width > image_height ? image_width : image_height;
    size_t over = (CANVAS_SIDE_MIN + side - 1) / side;
    cvy_plane canvas = { 0 }, spare = { 0 }, drawn = { 0 };
    double mass_x, mass_y;

    cvy_status status = cvy_plane_create(&canvas, image_width * over, image_height * over);
    if (status == CVY_OK)
        status = cvy_plane_create(&spare, canvas.width, canvas.height);
    if (status == CVY_OK)
        status = cvy_plane_create(&drawn, image_width, image_height);
    if (status == CVY_OK) {
        draw_canvas(ink, box, over, &canvas, &spare, placing);
        cvy_plane_shrink(&canvas, over, &drawn);
        cvy_plane_centre(&drawn, &mass_x, &mass_y);
        placing->shift_x =
            shift_of(mass_x, image_width, placing->scale * (double)(box->right - box->left));
        placing->shift_y =
            shift_of(mass_y, image_height, placing->scale * (double)(box->bottom - box->top));
        write_shifted(&drawn, placing, image);
    }
    cvy_memory_free(canvas.value);
    cvy_memory_free(spare.value);
    cvy_memory_free(drawn.value);
    return status;
}

bool cvy_placing_is_met(const cvy_plane *ink, const cvy_box *box)
{
    double width = (double)ink->width, height = (double)ink->height, x, y;
    double slack = fmax(width, height) / 28;

    cvy_plane_centre(ink, &x, &y);
    return fabs(fitting_scale(box, width, height, 0) - 1) <= scale_slack &&
           fabs(x - middle_of(ink->width)) <= slack && fabs(y - middle_of(ink->height)) <= slack;
}
