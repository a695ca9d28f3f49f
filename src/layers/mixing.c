/* Mixing inside a model: in training, each image is blended with another training image, and so are
 * their labels. A layer sees neither labels nor other lanes, so training mixes pixels when it
 * gathers a sample, as with --augment of the kind's name, and the layer is the identity. Only
 * layers that multiply and add constants may come before it, so it makes no difference where pixels
 * are mixed. Keras mixes labels only if such a layer is applied to a data set; inside a model it
 * mixes only images. Sources: Keras 3, MixUp and CutMix. */
#include <string.h>

#include "layers/augmenting.h"
#include "layers/weight_rows.h"

typedef struct {
    double alpha;
    cvy_float_list factor;
    int data_format;
} mixing_settings;

static const char *const data_formats[] = { "channels_last", NULL };

#define AT(member) offsetof(mixing_settings, member)
static const cvy_setting mixup_rows[] = {
    { "alpha", CVY_FLOAT, AT(alpha), "0.2", 0, 1, "larger values mix the two images more equally",
      CVY_ABOVE_MIN, NULL },
    CVY_DATA_FORMAT_ROW(data_formats),
    { 0 },
};
static const cvy_setting cutmix_rows[] = {
    { "factor", CVY_FLOAT_LIST, AT(factor), "1", 0, 1,
      "a of Beta(a, a), from 0 to f or [low;high]; a small a replaces nearly all or nearly nothing",
      0, NULL },
    CVY_DATA_FORMAT_ROW(data_formats),
    { 0 },
};

static cvy_status plan_mixup(const void *settings, cvy_shape in, cvy_layer_plan *plan)
{
    (void)settings;
    plan->can_be_in_place = true;
    return cvy_augmenting_plan(in, plan);
}

static cvy_status plan_cutmix(const void *settings, cvy_shape in, cvy_layer_plan *plan)
{
    const mixing_settings *s = settings;
    cvy_status status = cvy_augmenting_check("factor", &s->factor);

    return status == CVY_OK ? plan_mixup(settings, in, plan) : status;
}

static void forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const cvy_range range = cvy_share_range(pass->share, cvy_shape_count(layer->in), 1);

    if (x != y)
        memcpy(y + range.begin * CVY_LANE, x + range.begin * CVY_LANE,
               (range.end - range.begin) * CVY_LANE * sizeof *y);
}

const cvy_layer_kind cvy_layer_mix_up = {
    .kind = { "mix_up", "blends images and labels with others in training", mixup_rows,
              sizeof(mixing_settings) },
    .class_name = "MixUp",
    .plan = plan_mixup,
    .forward = forward,
    .backward = cvy_augmenting_backward,
    .is_augmentation = true,
    .mixes = "mixup",
};

const cvy_layer_kind cvy_layer_cut_mix = {
    .kind = { "cut_mix", "mixes rectangles of images, and labels, with others in training",
              cutmix_rows, sizeof(mixing_settings) },
    .class_name = "CutMix",
    .plan = plan_cutmix,
    .forward = forward,
    .backward = cvy_augmenting_backward,
    .is_augmentation = true,
    .mixes = "cutmix",
};
