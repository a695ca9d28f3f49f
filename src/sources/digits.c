/* The built-in digits: every image is drawn anew. A glyph of the digit (sources/glyphs.h) is varied
 * like handwriting, fitted to a box and drawn (data/pen.h) in the form of MNIST: 28x28, light ink
 * on 0, the bounding box of the ink 20 pixels high or wide, its centre of mass in the middle. Image
 * i of a split is a function of seed, split and i alone. */
#include <assert.h>
#include <math.h>

#include "base/memory.h"
#include "base/random.h"
#include "sources/glyphs.h"
#include "data/intake.h"
#include "data/pen.h"

enum { SIDE = 28, PIXELS = SIDE * SIDE, BLOCKS_PER_IMAGE = 1024 };
static const float box_side = 20;

typedef struct {
    size_t seed, train, test;
} digits_settings;

#define AT(member) offsetof(digits_settings, member)
static const cvy_setting settings[] = {
    { "seed", CVY_COUNT, AT(seed), "0", 0, 0x1p53 - 1,
      "of the digits; another seed gives another handwriting", 0, NULL },
    { "train", CVY_COUNT, AT(train), "20000", 1, 1e6, "images to train on", 0, NULL },
    { "test", CVY_COUNT, AT(test), "5000", 1, 1e6, "images held out", 0, NULL },
    { 0 },
};

/* ---- chance ---- */

/* The random numbers of one image. Never draw two in one expression: their order would depend on
 * the compiler. */
typedef struct {
    cvy_random_stream stream;
    uint64_t position;
} chance;

static float unit(chance *dice)
{
    return cvy_random_unit_at(&dice->stream, dice->position++);
}

static float between(chance *dice, float low, float high)
{
    return low + (high - low) * unit(dice);
}

/* A random number with mean 0 and the given standard deviation, within 3.5 of it: a sum of four
 * uniform ones (Irwin and Hall, 1927). */
static float bell(chance *dice, float deviation)
{
    float sum = -2;

    for (size_t i = 0; i < 4; i++)
        sum += unit(dice);
    return sum * 1.7320508F * deviation;
}

/* A random factor; f and 1/f are equally likely. */
static float factor(chance *dice, float deviation)
{
    float by = bell(dice, deviation);

    return by >= 0 ? 1 + by : 1 / (1 - by);
}

/* ---- handwriting ---- */

/* The handwriting of one digit. Lengths are relative to the digit's height. */
typedef struct {
    float hand;                /* variant of the glyph, whose two drawn hands are at -1 and 1 */
    float slant, turn;         /* x per y; tangent of half the angle */
    float wide, taper;         /* scale of x, and its change from top to bottom */
    float sag, bow_x, bow_y;   /* bends along y, of the vertical and of the horizontal */
    float wobble;              /* standard deviation of each point */
    float radius, radius_part; /* pen radius in pixels, and its relative variation */
} handwriting;

static handwriting roll_hand(chance *dice)
{
    handwriting hand;

    hand.hand = between(dice, -1.6F, 1.6F);
    hand.slant = 0.14F + bell(dice, 0.27F);
    hand.turn = bell(dice, 0.05F);
    hand.wide = 1.12F * factor(dice, 0.30F);
    hand.taper = bell(dice, 0.22F);
    hand.sag = bell(dice, 0.24F);
    hand.bow_x = bell(dice, 0.14F);
    hand.bow_y = bell(dice, 0.12F);
    hand.wobble = between(dice, 0.01F, 0.06F);
    hand.radius = 1.24F * factor(dice, 0.34F);
    hand.radius_part = between(dice, 0, 0.12F);
    return hand;
}

static float of_hundredths(int8_t value)
{
    return (float)value / 100.0F;
}

/* Place a point of a glyph in this handwriting. */
static cvy_trace_point put(const cvy_glyph_point *from, const handwriting *hand, chance *dice)
{
    float x = of_hundredths(from->x) + hand->hand * of_hundredths(from->dx) +
              bell(dice, hand->wobble) - 0.31F;
    float y = of_hundredths(from->y) + hand->hand * of_hundredths(from->dy) +
              bell(dice, hand->wobble) - 0.5F;
    float cosine = (1 - hand->turn * hand->turn) / (1 + hand->turn * hand->turn);
    float sine = 2 * hand->turn / (1 + hand->turn * hand->turn);

    float bent_y = y + hand->sag * (0.25F - y * y) + hand->bow_y * (x * x - 0.05F);
    x = x * hand->wide * (1 + hand->taper * y) + hand->bow_x * (y * y - 0.08F);
    x -= hand->slant * bent_y;
    return (cvy_trace_point){ .x = x * cosine - bent_y * sine,
                              .y = x * sine + bent_y * cosine,
                              .radius = hand->radius * factor(dice, hand->radius_part) };
}

static const cvy_glyph *roll_glyph(size_t digit, chance *dice)
{
    const cvy_glyph *chosen = NULL;
    float sum = 0, place;

    for (size_t i = 0; i < cvy_glyph_count; i++)
        sum += cvy_glyphs[i].digit == digit ? cvy_glyphs[i].share : 0;
    place = sum * unit(dice);
    for (size_t i = 0; i < cvy_glyph_count && place >= 0; i++)
        if (cvy_glyphs[i].digit == digit) {
            chosen = &cvy_glyphs[i];
            place -= chosen->share;
        }
    assert(chosen != NULL);
    return chosen;
}

/* ---- drawing ---- */

/* Draw curves through the points of a glyph, split at corners and ends of strokes. */
static void write_glyph(const cvy_glyph *glyph, const handwriting *hand, chance *dice,
                        cvy_trace *trace)
{
    const cvy_glyph_point *plan = glyph->points;
    cvy_trace_point points[CVY_GLYPH_POINTS_MAX];
    size_t begin = 0;

    points[0] = put(&plan[0], hand, dice);
    for (size_t i = 1; plan[i - 1].pen != CVY_PEN_END; i++) {
        if (plan[i].pen != CVY_PEN_END)
            points[i] = put(&plan[i], hand, dice);
        if (plan[i].pen == CVY_PEN_THROUGH)
            continue;
        size_t first = trace->count, end = plan[i].pen == CVY_PEN_CORNER ? i + 1 : i;
        cvy_pen_curve(trace, points + begin, end - begin);
        trace->points[first].is_lifted = plan[begin].pen == CVY_PEN_DOWN;
        begin = i;
    }
}

typedef struct {
    float left, top, right, bottom;
} extent;

/* Bounding box of the center line. */
static extent measure(const cvy_trace *trace)
{
    const cvy_trace_point *p = trace->points;
    extent box = { .left = p->x, .top = p->y, .right = p->x, .bottom = p->y };

    for (size_t i = 1; i < trace->count; i++) {
        box.left = fminf(box.left, p[i].x);
        box.right = fmaxf(box.right, p[i].x);
        box.top = fminf(box.top, p[i].y);
        box.bottom = fmaxf(box.bottom, p[i].y);
    }
    return box;
}

/* Scale the line so that its ink fills a box of the given side, and move the box's center. */
static void fit(cvy_trace *trace, float radius, float side, float middle_x, float middle_y)
{
    extent box = measure(trace);
    float longest = fmaxf(box.right - box.left, box.bottom - box.top);
    float scale = (side - 2 * radius) / longest;

    for (size_t i = 0; i < trace->count; i++) {
        cvy_trace_point *p = &trace->points[i];
        p->x = middle_x + scale * (p->x - (box.left + box.right) / 2);
        p->y = middle_y + scale * (p->y - (box.top + box.bottom) / 2);
    }
}

/* Number of whole pixels to shift the centre of mass to the middle of pixel SIDE / 2, as in MNIST,
 * without leaving the image. */
static int shift_to_middle(float sum, float mass)
{
    float shift = floorf((float)SIDE / 2 + 1 - sum / mass), room = (SIDE - box_side) / 2;

    return (int)fminf(fmaxf(shift, -room), room);
}

/* Copy an image, moving its centre of mass to the middle. */
static void centre(const uint8_t *drawn, uint8_t *image)
{
    float mass = 0, sum_x = 0, sum_y = 0;

    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            float ink = drawn[y * SIDE + x];
            mass += ink;
            sum_x += ink * ((float)x + 0.5F);
            sum_y += ink * ((float)y + 0.5F);
        }
    int right = shift_to_middle(sum_x, mass), down = shift_to_middle(sum_y, mass);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            int u = x - right, v = y - down;
            bool is_inside = u >= 0 && u < SIDE && v >= 0 && v < SIDE;
            image[y * SIDE + x] = is_inside ? drawn[v * SIDE + u] : 0;
        }
}

static size_t write_image(chance *dice, uint8_t *image)
{
    cvy_trace trace = { 0 };
    float distance[PIXELS];
    uint8_t drawn[PIXELS];

    size_t digit = (size_t)(unit(dice) * CVY_DIGIT_COUNT);
    const cvy_glyph *glyph = roll_glyph(digit, dice);
    const handwriting hand = roll_hand(dice);
    write_glyph(glyph, &hand, dice, &trace);
    float side = box_side * between(dice, 0.95F, 1.01F);
    float x = between(dice, -0.5F, 0.5F), y = between(dice, -0.5F, 0.5F);
    fit(&trace, hand.radius, side, (float)SIDE / 2 + x, (float)SIDE / 2 + y);
    cvy_pen_ink(&trace, between(dice, 0.9F, 1.4F), 255, distance, drawn, SIDE, SIDE);
    centre(drawn, image);
    return digit;
}

/* ---- the data set ---- */

static cvy_status write_split(cvy_intake *intake, cvy_split split, size_t count, uint64_t seed)
{
    cvy_images *images;

    if (!cvy_intake_wants(intake, split))
        return CVY_OK;
    cvy_status status =
        cvy_intake_begin(intake, split, count, (cvy_form){ SIDE, SIDE, 1 }, &images);
    if (status != CVY_OK)
        return status;
    const cvy_random_stream stream = { seed, CVY_RANDOM_DIGITS, (uint32_t)split };
#pragma omp parallel for num_threads((int)intake->options->threads) schedule(dynamic, 64)
    for (size_t i = 0; i < count; i++) {
        chance dice = { stream, (uint64_t)i * BLOCKS_PER_IMAGE };
        uint8_t image[PIXELS];
        images->labels[i] = (uint16_t)write_image(&dice, image);
        cvy_intake_put_one(intake, split, i, image, (cvy_form){ SIDE, SIDE, 1 });
    }
    return CVY_OK;
}

static cvy_status open_digits(cvy_intake *intake)
{
    const digits_settings *s = intake->settings;
    cvy_status status = write_split(intake, CVY_SPLIT_TRAIN, s->train, s->seed);

    if (status == CVY_OK)
        status = write_split(intake, CVY_SPLIT_TEST, s->test, s->seed);
    return status == CVY_OK ? cvy_intake_name_classes(intake, CVY_DIGIT_COUNT, NULL) : status;
}

const cvy_dataset_kind cvy_dataset_digits = {
    .kind = { .name = "digits",
              .summary = "synthetic handwritten digits, generated on the fly",
              .settings = settings,
              .settings_size = sizeof(digits_settings) },
    .open = open_digits,
};
