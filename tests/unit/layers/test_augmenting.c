/* Augmentations as layers of a model beside the same ones of --augment: the same images, but for bytes that --augment
 * rounds to, and each by seed, epoch and sample alone. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "augmentations/augmentation.h"
#include "base/memory.h"
#include "layers/layer.h"

enum { HEIGHT = 12, WIDTH = 10, POSITIONS = HEIGHT * WIDTH, CHANNELS_MAX = 3, SEED = 7, EPOCH = 3 };

typedef struct {
    cvy_layer layer;
    void *scratch;
    float *x, *y;
} probe;

static uint8_t image_byte(size_t sample, size_t value)
{
    return (uint8_t)((value * 37 + sample * 101 + value * value % 91) % 256);
}

static probe create(const char *spec, size_t channels, size_t number)
{
    probe p = { .layer = { .name = "probe", .augmentation = number } };
    const cvy_kind *kind;

    cr_assert(
        eq(int, cvy_spec_read("layer", spec, cvy_layer_kinds, &kind, &p.layer.settings), CVY_OK),
        "%s", cvy_error_message());
    p.layer.kind = (const cvy_layer_kind *)kind;
    cr_assert(eq(int, cvy_layer_plan_make(&p.layer, (cvy_shape){ 3, { HEIGHT, WIDTH, channels } }),
                 CVY_OK),
              "%s", cvy_error_message());
    cr_assert(eq(int, cvy_memory_create(p.layer.plan.scratch_bytes + 1, 1, &p.scratch), CVY_OK));
    cr_assert(
        eq(int, cvy_memory_create(POSITIONS * channels * CVY_LANE, sizeof *p.x, &p.x), CVY_OK));
    cr_assert(
        eq(int, cvy_memory_create(POSITIONS * channels * CVY_LANE, sizeof *p.y, &p.y), CVY_OK));
    for (size_t v = 0; v < POSITIONS * channels; v++)
        for (size_t s = 0; s < CVY_LANE;
             s++) /* channels are innermost in bytes, outermost in a lane */
            p.x[(v % channels * POSITIONS + v / channels) * CVY_LANE + s] = image_byte(s, v);
    return p;
}

static void release(probe *p)
{
    cvy_memory_free(p->layer.settings);
    cvy_memory_free(p->scratch);
    cvy_memory_free(p->x);
    cvy_memory_free(p->y);
}

static void forward(probe *p, size_t shares, bool is_training)
{
    cvy_dropout_stream stream = { .key = { SEED, 0 }, .major = EPOCH };

    for (size_t s = 0; s < CVY_LANE; s++)
        stream.sample[s] = (uint32_t)(40 * s + 5);
    for (size_t i = 0; i < shares; i++) {
        const cvy_pass pass = { .share = { i, shares },
                                .is_training = is_training,
                                .scratch = p->scratch,
                                .dropout = &stream,
                                .filled = CVY_LANE };
        p->layer.kind->forward(&p->layer, &pass, p->x, p->y);
    }
}

/* The largest difference of a sample's pixels from what the augmentation makes of its bytes; changed: how many
 * pixels it changes. */
static double distance(const probe *p, const cvy_augmenter *augmenter, size_t channels, size_t s,
                       size_t *changed)
{
    static uint8_t from[POSITIONS * CHANNELS_MAX], to[sizeof from], spare[sizeof from];
    static float work[4 * sizeof from];
    const cvy_image_form form = { HEIGHT, WIDTH, channels };
    double largest = 0;

    for (size_t v = 0; v < POSITIONS * channels; v++)
        from[v] = image_byte(s, v);
    cr_assert(cvy_augment_work_floats(&form) <= sizeof work / sizeof *work);
    cvy_augment(augmenter, EPOCH, 40 * s + 5, &form, from, NULL, to, spare, work);
    for (size_t v = 0; v < POSITIONS * channels; v++) {
        const float found = p->y[(v % channels * POSITIONS + v / channels) * CVY_LANE + s];
        largest = fmax(largest, fabs((double)found - to[v]));
        *changed += to[v] != from[v];
    }
    return largest;
}

static void expect_alike(const char *layer, const char *augmentation, size_t channels)
{
    const char *const specs[] = { "random_brightness:factor=0", augmentation };
    cvy_augmenter augmenter;
    size_t changed = 0;

    cr_assert(eq(int, cvy_augmenter_read(specs, 2, SEED, &augmenter), CVY_OK), "%s",
              cvy_error_message());
    probe p = create(layer, channels, 1); /* the second one there, too */
    forward(&p, 1, true);
    for (size_t s = 0; s < CVY_LANE; s++)
        cr_expect(le(dbl, distance(&p, &augmenter, channels, s, &changed), 2.01), "%s, sample %zu",
                  layer, s);
    cr_expect(changed > 100, "%s changed %zu pixels", layer, changed);
    release(&p);
    cvy_augmenter_release(&augmenter);
}

/* Bytes are rounded, and places are multiples of 1/256 pixel there: at most two grey levels. */
Test(augmenting, a_layer_gives_the_images_of_the_same_augmentation)
{
#define FILL "fill_mode=constant,fill_value=9,interpolation=bilinear"
    static const char *const same[] = {
        "random_flip:mode=horizontal",
        "random_flip",
        "random_translation:height_factor=0.2,width_factor=[0.05;0.3],fill_mode=wrap",
        "random_rotation:factor=0.1," FILL,
        "random_shear:x_factor=0.3,y_factor=0.2",
        "random_contrast:factor=0.4",
        "random_brightness:factor=[-0.3;0.2]",
        "random_erasing:factor=[1;1]",
        "random_erasing:scale=[0.1;0.6],fill_value=50",
        "random_elastic_transform:factor=[0.5;1],fill_mode=nearest",
        "random_elastic_transform:scale=[0.4;0.9]," FILL,
    };

    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        expect_alike(same[i], same[i], 1);
        expect_alike(same[i], same[i], 3);
    }
    expect_alike("random_zoom:height_factor=[-0.3;0.2]", "random_zoom:height_factor=[-0.3;0.2]", 3);
    expect_alike("random_zoom:height_factor=0.2,width_factor=0.3",
                 "random_zoom:height_factor=0.2,width_factor=0.3,keep_aspect=false", 1);
}

/* Sharing out a lane changes no bit, and outside of training a layer hands its input on. */
Test(augmenting, shares_and_inference)
{
    static const char *const specs[] = { "random_erasing:factor=[1;1]",
                                         "random_elastic_transform",
                                         "random_rotation:factor=0.1",
                                         "random_contrast:factor=0.4",
                                         "mix_up",
                                         "cut_mix" };

    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        probe whole = create(specs[i], 3, 0), shared = create(specs[i], 3, 0);
        const size_t bytes = sizeof(float) * POSITIONS * 3 * CVY_LANE;
        forward(&whole, 1, true);
        forward(&shared, 3, true);
        cr_expect(eq(int, memcmp(whole.y, shared.y, bytes), 0), "%s", specs[i]);
        forward(&shared, 2, false);
        cr_expect(eq(int, memcmp(shared.x, shared.y, bytes), 0), "%s", specs[i]);
        release(&whole);
        release(&shared);
    }
}

/* Three numbers fill three channels; they are clipped to the range of pixels. */
Test(augmenting, erasing_fills_each_channel)
{
    probe p = create("random_erasing:factor=[1;1],scale=[1;1],fill_value=[10;20;300]", 3, 0);

    forward(&p, 1, true);
    for (size_t v = 0; v < POSITIONS * CVY_LANE; v++) {
        cr_expect(eq(flt, p.y[v], 10));
        cr_expect(eq(flt, p.y[POSITIONS * CVY_LANE + v], 20));
        cr_expect(eq(flt, p.y[2 * POSITIONS * CVY_LANE + v], 255));
    }
    release(&p);
}
