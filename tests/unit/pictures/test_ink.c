/* Finding ink: drawings of known form, on grounds that ordinary pictures have. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "convoy/dataset.h"
#include "pictures/ink.h"
#include "unit/data/idx_files.h"

enum { SIDE = 28, AREA = SIDE * SIDE };

/* A drawing: dark strokes of the figure 7 on light paper. */
typedef struct {
    size_t width, height;
    double left, top, size, stroke; /* of the figure */
    double paper, ink;              /* levels */
    double slope;                   /* of the paper's level, from left to right */
    double noise;
} drawing;

static double distance_to_line(double x, double y, double x0, double y0, double x1, double y1)
{
    double dx = x1 - x0, dy = y1 - y0;
    double t = ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy);

    t = fmin(fmax(t, 0), 1);
    return hypot(x - x0 - t * dx, y - y0 - t * dy);
}

static unsigned char *draw(const drawing *d)
{
    unsigned char *grey = malloc(d->width * d->height);
    double right = d->left + 0.7 * d->size, bottom = d->top + d->size;

    srand(1);
    for (size_t y = 0; y < d->height; y++)
        for (size_t x = 0; x < d->width; x++) {
            double u = (double)x + 0.5, v = (double)y + 0.5;
            double bar = distance_to_line(u, v, d->left, d->top, right, d->top);
            double leg = distance_to_line(u, v, right, d->top, d->left + 0.2 * d->size, bottom);
            double cover = fmin(fmax(d->stroke / 2 - fmin(bar, leg) + 0.5, 0), 1);
            double ground = d->paper + d->slope * ((double)x / (double)d->width - 0.5);
            double grain = d->noise * (2.0 * rand() / RAND_MAX - 1);
            double level = ground + cover * (d->ink - ground) + grain;
            grey[y * d->width + x] = (unsigned char)fmin(fmax(level + 0.5, 0), 255);
        }
    return grey;
}

static const drawing plain = { .width = 300,
                               .height = 300,
                               .left = 100,
                               .top = 60,
                               .size = 150,
                               .stroke = 18,
                               .paper = 255,
                               .ink = 0 };

static cvy_ink_report extract(const drawing *d, cvy_invert invert, unsigned char image[AREA])
{
    cvy_ink_report report;
    size_t others;
    unsigned char *grey = draw(d);

    cvy_status status =
        cvy_ink_extract(grey, d->width, d->height, invert, image, SIDE, SIDE, &report, &others);
    cr_assert(eq(int, status, CVY_OK), "%s", cvy_error_message());
    free(grey);
    return report;
}

/* Mean distance, in levels, of two images of which one may be moved by a pixel: which way the
 * centre of mass is rounded is chance. */
static double difference(const unsigned char *a, const unsigned char *b)
{
    double least = 255;

    for (int down = -1; down <= 1; down++)
        for (int right = -1; right <= 1; right++) {
            double sum = 0;
            for (int i = 0; i < AREA; i++) {
                int x = i % SIDE + right, y = i / SIDE + down;
                bool is_inside = x >= 0 && x < SIDE && y >= 0 && y < SIDE;
                sum += abs(a[i] - (is_inside ? b[y * SIDE + x] : 0));
            }
            least = fmin(least, sum / AREA);
        }
    return least;
}

static cvy_box box_of(const unsigned char *image)
{
    cvy_box box = { .left = SIDE, .top = SIDE };

    for (size_t i = 0; i < AREA; i++)
        if (image[i] >= 128) {
            size_t x = i % SIDE, y = i / SIDE;
            box.left = x < box.left ? x : box.left;
            box.right = x >= box.right ? x + 1 : box.right;
            box.top = y < box.top ? y : box.top;
            box.bottom = y + 1;
        }
    return box;
}

Test(ink, has_the_form_of_mnist)
{
    unsigned char image[AREA];
    cvy_ink_report report = extract(&plain, CVY_INVERT_AUTO, image);
    double mass = 0, x = 0, y = 0;
    int strongest = 0;

    for (size_t i = 0; i < AREA; i++) {
        mass += image[i];
        x += image[i] * (double)(i % SIDE);
        y += image[i] * (double)(i / SIDE);
        strongest = image[i] > strongest ? image[i] : strongest;
    }
    cr_expect(lt(dbl, fabs(x / mass - 14), 0.6));
    cr_expect(lt(dbl, fabs(y / mass - 14), 0.6));
    cr_expect(eq(int, strongest, 255));
    cr_expect(eq(int, image[0], 0));
    cvy_box box = box_of(image);
    cr_expect(eq(sz, box.bottom - box.top, 20));

    cr_expect(report.is_inverted);
    cr_expect(not(report.is_kept));
    cr_expect(eq(int, report.background, 255));
    cr_expect(lt(dbl, fabs((double)report.box.left - 91), 2));
    cr_expect(lt(dbl, fabs((double)report.box.top - 51), 2));
    cr_expect(lt(dbl, fabs((double)report.box.bottom - 219), 2));
    cr_expect(lt(dbl, fabs(report.placing.scale - 20.0 / 168), 0.005));
    cr_expect(lt(dbl, fabs(report.placing.stroke_width - 18 * 20.0 / 168), 0.3));
}

Test(ink, does_not_depend_on_how_the_picture_was_taken)
{
    unsigned char expected[AREA], image[AREA];
    drawing others[] = { plain, plain, plain, plain, plain, plain };

    extract(&plain, CVY_INVERT_AUTO, expected);
    others[0].paper = 0; /* chalk */
    others[0].ink = 255;
    others[1].paper = 180; /* dim light from the side, a noisy camera */
    others[1].ink = 40;
    others[1].slope = 120;
    others[1].noise = 12;
    others[2].width = 900; /* far off centre */
    others[2].height = 400;
    others[2].left = 700;
    others[3] = (drawing){ .width = 2000,
                           .height = 1600,
                           .left = 300,
                           .top = 500,
                           .size = 900,
                           .stroke = 108,
                           .paper = 230,
                           .ink = 30,
                           .noise = 20 };
    others[4] = (drawing){ .width = 48,
                           .height = 48,
                           .left = 12,
                           .top = 12,
                           .size = 25,
                           .stroke = 3,
                           .paper = 255,
                           .ink = 0 };
    others[5].paper = 110; /* pencil */
    others[5].ink = 80;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        extract(&others[i], CVY_INVERT_AUTO, image);
        cr_expect(lt(dbl, difference(image, expected), 6), "%zu: %g", i,
                  difference(image, expected));
    }
}

Test(ink, turns_round_when_told)
{
    unsigned char image[AREA];
    cvy_ink_report report = extract(&plain, CVY_INVERT_YES, image);

    cr_expect(report.is_inverted);
    cr_expect(not(extract(&plain, CVY_INVERT_NO, image).is_inverted));
    drawing chalk = plain;
    chalk.paper = 0;
    chalk.ink = 255;
    cr_expect(not(extract(&chalk, CVY_INVERT_AUTO, image).is_inverted));
}

Test(ink, widens_thin_strokes)
{
    unsigned char image[AREA];
    drawing thin = plain;
    double sum = 0;

    thin.stroke = 3;
    cvy_ink_report report = extract(&thin, CVY_INVERT_AUTO, image);
    cr_expect(gt(dbl, report.placing.widened_by, 1));
    for (size_t i = 0; i < AREA; i++)
        sum += image[i] / 255.0;
    cr_expect(gt(dbl, sum, 1.5 * 32), "%g", sum); /* 32 pixels of length, at least 1.5 wide */
    cvy_box box = box_of(image);
    cr_expect(ge(sz, box.bottom - box.top, 19));
    cr_expect(le(sz, box.bottom - box.top, 21));
}

Test(ink, ignores_specks_and_ruled_lines)
{
    unsigned char expected[AREA], image[AREA], *grey = draw(&plain);
    cvy_ink_report report;
    size_t others;

    extract(&plain, CVY_INVERT_AUTO, expected);
    for (size_t y = 0; y < 300; y++)
        for (size_t x = 0; x < 300; x++) {
            bool is_speck = (x - 20 < 5 && y - 20 < 5) || (x - 280 < 4 && y - 150 < 6);
            int level = is_speck ? 0 : y % 30 == 0 ? 170 : 255;
            if (grey[y * 300 + x] > level)
                grey[y * 300 + x] = (unsigned char)level;
        }
    cr_assert(eq(
        int, cvy_ink_extract(grey, 300, 300, CVY_INVERT_AUTO, image, SIDE, SIDE, &report, &others),
        CVY_OK));
    cr_expect(lt(dbl, difference(image, expected), 4), "%g", difference(image, expected));
    free(grey);
}

Test(ink, keeps_what_has_the_form_already)
{
    unsigned char image[AREA], again[AREA], turned[AREA];
    cvy_ink_report report;
    size_t others;

    extract(&plain, CVY_INVERT_AUTO, image);
    cr_assert(
        eq(int,
           cvy_ink_extract(image, SIDE, SIDE, CVY_INVERT_AUTO, again, SIDE, SIDE, &report, &others),
           CVY_OK));
    cr_expect(report.is_kept);
    cr_expect(zero(int, memcmp(image, again, AREA)));
    for (size_t i = 0; i < AREA; i++)
        turned[i] = (unsigned char)(255 - image[i]);
    cr_assert(eq(
        int,
        cvy_ink_extract(turned, SIDE, SIDE, CVY_INVERT_AUTO, again, SIDE, SIDE, &report, &others),
        CVY_OK));
    cr_expect(report.is_kept);
    cr_expect(report.is_inverted);
    cr_expect(zero(int, memcmp(image, again, AREA)));
}

Test(ink, fits_other_sizes)
{
    static const size_t sizes[][2] = { { 8, 8 }, { 20, 32 }, { 64, 64 }, { 1, 1 }, { 300, 200 } };
    unsigned char *grey = draw(&plain);

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t width = sizes[i][0], height = sizes[i][1];
        unsigned char *image = calloc(width, height);
        cvy_ink_report report;
        size_t others;
        int strongest = 0;
        cr_expect(eq(int,
                     cvy_ink_extract(grey, 300, 300, CVY_INVERT_AUTO, image, width, height, &report,
                                     &others),
                     CVY_OK));
        for (size_t j = 0; j < width * height; j++)
            strongest = image[j] > strongest ? image[j] : strongest;
        cr_expect(eq(int, strongest, 255), "%zu x %zu", width, height);
        free(image);
    }
    free(grey);
}

static void expect_no_ink(const unsigned char *grey, size_t width, size_t height)
{
    unsigned char image[AREA] = { 7 };
    cvy_ink_report report;
    size_t others;

    cr_expect(eq(int,
                 cvy_ink_extract(grey, width, height, CVY_INVERT_AUTO, image, SIDE, SIDE, &report,
                                 &others),
                 CVY_ERR_DATA),
              "%zu x %zu", width, height);
    cr_expect(ne(ptr, strstr(cvy_error_message(), "no ink found"), NULL));
    cr_expect(eq(int, image[0], 7));
}

Test(ink, says_when_there_is_none)
{
    static unsigned char grey[100 * 100];

    expect_no_ink(grey, 1, 1);
    expect_no_ink(grey, 100, 100);
    memset(grey, 200, sizeof grey);
    expect_no_ink(grey, 1, 1);
    expect_no_ink(grey, 100, 100);
    grey[5050] = 0; /* a dot */
    expect_no_ink(grey, 100, 100);
    srand(1);
    for (size_t i = 0; i < sizeof grey; i++)
        grey[i] = (unsigned char)(rand() % 256);
    expect_no_ink(grey, 100, 100);
}

Test(ink, keeps_real_mnist)
{
    cvy_dataset *set;
    cvy_ink_report report;
    size_t others;
    unsigned char image[AREA];
    size_t kept = 0;

    if (real_mnist() == NULL)
        cr_skip_test("real MNIST is not here: set CONVOY_MNIST to its folder");
    cr_assert(eq(int, cvy_dataset_open(real_mnist(), 1, &set), CVY_OK));
    for (size_t i = 0; i < 1000; i++) {
        const unsigned char *grey = cvy_dataset_image(set, CVY_SPLIT_TEST, i);
        cr_assert(eq(
            int,
            cvy_ink_extract(grey, SIDE, SIDE, CVY_INVERT_AUTO, image, SIDE, SIDE, &report, &others),
            CVY_OK));
        kept += report.is_kept && memcmp(image, grey, AREA) == 0;
    }
    cr_expect(ge(sz, kept, 995));
    cvy_dataset_close(set);
}
