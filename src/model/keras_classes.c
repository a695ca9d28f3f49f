/* Expressing Keras's classes with those that convoy has. */
#include "model/keras_classes.h"

#include <math.h>
#include <string.h>

#include "model/keras_operations.h"

static cvy_status set_new(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0 ? CVY_OK
                                                        : cvy_fail(CVY_ERR_MEMORY, "out of memory");
}

/* Remove all members of a config but its name, since its class changes. */
static void clear_but_name(json_t *config)
{
    const char *key;
    json_t *value;
    void *next;

    json_object_foreach_safe(config, next, key, value)
    {
        if (strcmp(key, "name") != 0 && strcmp(key, "trainable") != 0 && strcmp(key, "dtype") != 0)
            json_object_del(config, key);
    }
}

static cvy_status become_linear(json_t *config, const char **class_name)
{
    *class_name = "Activation";
    clear_but_name(config);
    return set_new(config, "activation", json_string("linear"));
}

typedef cvy_status restate_function(const cvy_draft *b, json_t *config, cvy_shape in,
                                    const char **class_name);

static cvy_status restate_identity(const cvy_draft *b, json_t *config, cvy_shape in,
                                   const char **class_name)
{
    (void)b, (void)in;
    return become_linear(config, class_name);
}

/* Dense over the last axis of an image, the same at each position, is a 1 x 1 convolution. */
static cvy_status restate_dense(const cvy_draft *b, json_t *config, cvy_shape in,
                                const char **class_name)
{
    json_t *units = json_object_get(config, "units");

    if (in.rank != 3 || units == NULL)
        return CVY_OK;
    if (b->is_channels_first)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "Dense: its input is an image that keeps channels first, so it would run "
                        "over columns; put a Flatten layer before it");
    *class_name = "Conv2D";
    cvy_status status = json_object_set(config, "filters", units) == 0
                            ? CVY_OK
                            : cvy_fail(CVY_ERR_MEMORY, "out of memory");
    json_object_del(config, "units");
    return status == CVY_OK ? set_new(config, "kernel_size", json_integer(1)) : status;
}

static size_t side_of(json_t *config, const char *key)
{
    const json_int_t side = json_integer_value(json_object_get(config, key));
    return side > 0 ? (size_t)side : 0;
}

/* Resizing to the size that images already have is the identity. */
static cvy_status restate_resizing(const cvy_draft *b, json_t *config, cvy_shape in,
                                   const char **class_name)
{
    const size_t height = side_of(config, "height"), width = side_of(config, "width");

    (void)b;
    if (in.rank == 3 && in.dims[0] == height && in.dims[1] == width)
        return become_linear(config, class_name);
    return CVY_OK;
}

static cvy_status restate_center_crop(const cvy_draft *b, json_t *config, cvy_shape in,
                                      const char **class_name)
{
    const size_t height = side_of(config, "height"), width = side_of(config, "width");

    (void)b;
    if (in.rank != 3 || height < 1 || width < 1 || height > in.dims[0] || width > in.dims[1])
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "CenterCrop: %zu x %zu of a smaller image is not supported; give larger "
                        "images",
                        height, width);
    const size_t y = in.dims[0] - height, x = in.dims[1] - width;
    *class_name = "Cropping2D";
    clear_but_name(config);
    return set_new(
        config, "cropping",
        json_pack("[[ii][ii]]", (int)(y / 2), (int)(y - y / 2), (int)(x / 2), (int)(x - x / 2)));
}

/* Adaptive pooling has equal windows if the output's sides divide the input's. */
static cvy_status restate_adaptive(json_t *config, cvy_shape in, const char *target,
                                   const char **class_name)
{
    json_t *size = json_object_get(config, "output_size");
    size_t sides[2];

    for (size_t i = 0; i < 2; i++) {
        json_t *side = json_is_array(size) ? json_array_get(size, i) : size;
        sides[i] = json_integer_value(side) > 0 ? (size_t)json_integer_value(side) : 0;
        if (in.rank != 3 || sides[i] == 0 || in.dims[i] % sides[i] != 0)
            return cvy_fail(CVY_ERR_UNSUPPORTED,
                            "%s: its output_size does not divide an input of %zu x %zu; use %s "
                            "with a pool_size that does",
                            *class_name, in.dims[0], in.dims[1], target);
    }
    *class_name = target;
    clear_but_name(config);
    return set_new(config, "pool_size",
                   json_pack("[ii]", (int)(in.dims[0] / sides[0]), (int)(in.dims[1] / sides[1])));
}

static cvy_status restate_adaptive_average(const cvy_draft *b, json_t *config, cvy_shape in,
                                           const char **class_name)
{
    (void)b;
    return restate_adaptive(config, in, "AveragePooling2D", class_name);
}

static cvy_status restate_adaptive_max(const cvy_draft *b, json_t *config, cvy_shape in,
                                       const char **class_name)
{
    (void)b;
    return restate_adaptive(config, in, "MaxPooling2D", class_name);
}

/* In noise_shape, null stands for the input's side. */
static cvy_status restate_dropout(const cvy_draft *b, json_t *config, cvy_shape in,
                                  const char **class_name)
{
    json_t *shape = json_object_get(config, "noise_shape");

    (void)b;
    if (!json_is_array(shape))
        return CVY_OK;
    for (size_t i = 0; i < json_array_size(shape); i++)
        if (json_is_null(json_array_get(shape, i)) &&
            json_array_set_new(shape, i, json_integer(0)) != 0)
            return cvy_fail(CVY_ERR_MEMORY, "out of memory");
    const json_int_t last = json_integer_value(json_array_get(shape, json_array_size(shape) - 1));
    if (in.rank == 3) {
        *class_name = "SpatialDropout2D";
    } else if (json_array_size(shape) == 2 && (last == 0 || last == (json_int_t)in.dims[0])) {
        json_object_del(config, "noise_shape"); /* plain dropout of single values */
    }
    return CVY_OK;
}

/* axis null means one mean and variance for all values. */
static cvy_status restate_normalization(const cvy_draft *b, json_t *config, cvy_shape in,
                                        const char **class_name)
{
    json_t *axis = json_object_get(config, "axis");

    (void)b, (void)in, (void)class_name;
    return json_is_null(axis) || (json_is_array(axis) && json_array_size(axis) == 0)
               ? set_new(config, "axis", json_integer(0))
               : CVY_OK;
}

/* Keras 2's ThresholdedReLU: x if x > theta, else 0. */
static cvy_status restate_thresholded(const cvy_draft *b, json_t *config, cvy_shape in,
                                      const char **class_name)
{
    json_t *theta = json_object_get(config, "theta");
    const double threshold = theta != NULL ? json_number_value(theta) : 1;

    (void)b, (void)in;
    *class_name = "ReLU";
    clear_but_name(config);
    return set_new(config, "threshold", json_real(threshold));
}

/* ConvNeXt's LayerScale, a factor per channel, is a 1 x 1 depthwise convolution. */
static cvy_status restate_layer_scale(const cvy_draft *b, json_t *config, cvy_shape in,
                                      const char **class_name)
{
    json_t *initial = json_object_get(config, "init_values");
    const double value = json_is_number(initial) ? json_number_value(initial) : 1;

    (void)b;
    if (in.rank != 3)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "LayerScale: its input is a vector, expected an image");
    *class_name = "DepthwiseConv2D";
    clear_but_name(config);
    cvy_status status = set_new(config, "kernel_size", json_integer(1));
    if (status == CVY_OK)
        status = set_new(config, "use_bias", json_false());
    return status == CVY_OK ? set_new(config, "depthwise_initializer",
                                      json_pack("{s:s, s:{s:f}}", "class_name", "Constant",
                                                "config", "value", value))
                            : status;
}

/* `synchronized` has no effect: statistics are always those of the whole batch. */
static cvy_status restate_batch_normalization(const cvy_draft *b, json_t *config, cvy_shape in,
                                              const char **class_name)
{
    (void)b, (void)in;
    json_object_del(config, "synchronized");
    json_object_del(config, "fused");
    *class_name = "BatchNormalization";
    return CVY_OK;
}

static const struct {
    const char *class_name;
    restate_function *restate;
} rules[] = {
    { "Identity", restate_identity },
    { "Dense", restate_dense },
    { "Resizing", restate_resizing },
    { "CenterCrop", restate_center_crop },
    { "AdaptiveAveragePooling2D", restate_adaptive_average },
    { "AdaptiveMaxPooling2D", restate_adaptive_max },
    { "Dropout", restate_dropout },
    { "Normalization", restate_normalization },
    { "ThresholdedReLU", restate_thresholded },
    { "LayerScale", restate_layer_scale },
    { "BatchNormalization", restate_batch_normalization },
    { "SyncBatchNormalization", restate_batch_normalization },
    { "BatchNormalizationV1", restate_batch_normalization },
    { "BatchNormalizationV2", restate_batch_normalization },
};

cvy_status cvy_keras_restate(cvy_draft *b, json_t *entry, cvy_sources *from,
                             const char **class_name)
{
    json_t *config = json_object_get(entry, "config");

    if (cvy_keras_is_operation(entry))
        return cvy_keras_restate_operation(b, entry, from, class_name);
    if (strcmp(*class_name, "Dense") == 0 && b->sides[from->outputs[0]] == CVY_SIDES_MATRIX)
        return CVY_OK; /* refused later */
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (strcmp(rules[i].class_name, *class_name) == 0)
            return rules[i].restate(b, config, cvy_draft_shape(b, from->outputs[0]), class_name);
    return CVY_OK;
}

/* The first word found in the class's name decides. */
const char *cvy_keras_advice(const char *class_name)
{
    static const struct {
        const char *word, *advice;
    } all[] = {
        { "TFOpLambda", "use a layer of keras.layers" },
        { "SlicingOpLambda", "use Cropping2D" },
        { "Lambda", "use layers of keras.layers: Rescaling, Activation, Reshape" },
        { "RandomCrop", "leave it out, give the InputLayer the cropped size, and train with "
                        "--augment random_translation" },
        { "Random", "leave it out: it changes images in training only; convoy train --augment "
                    "offers others (convoy info --augmentations)" },
        { "AugMix", "leave it out: it changes images in training only" },
        { "RandAugment", "leave it out: it changes images in training only" },
        { "AutoContrast", "leave it out and change the images beforehand" },
        { "Equalization", "leave it out and change the images beforehand" },
        { "Solarization", "leave it out and change the images beforehand" },
        { "MaxNumBoundingBoxes", "convoy trains classifiers" },
        { "LSTM", "convoy reads networks for images: use Flatten and Dense" },
        { "GRU", "convoy reads networks for images: use Flatten and Dense" },
        { "RNN", "convoy reads networks for images: use Flatten and Dense" },
        { "Bidirectional", "convoy reads networks for images: use Flatten and Dense" },
        { "TimeDistributed", "use the layer inside it on images" },
        { "Masking", "convoy reads networks for images, which have no missing steps" },
        { "Embedding", "convoy reads networks for images" },
        { "RepeatVector", "use Reshape and UpSampling2D" },
        { "1D", "use its 2D twin on images of one row" },
        { "3D", "use its 2D twin" },
        { "Attention", "use GlobalAveragePooling2D and Dense" },
        { "EinsumDense", "use Dense" },
        { "Bilinear", "use Multiply and Dense" },
        { "Dot", "use Multiply and Dense" },
        { "SpectralNormalization", "use the layer inside it, with kernel_constraint unit_norm" },
        { "Discretization", "use Rescaling" },
        { "CategoryEncoding", "convoy reads networks for images" },
        { "Hashing", "convoy reads networks for images" },
        { "Lookup", "convoy reads networks for images" },
        { "Text", "convoy reads networks for images" },
        { "Spectrogram", "make images of it beforehand" },
        { "LocallyConnected", "use Conv2D" },
        { "TorchModuleWrapper", "use layers of keras.layers" },
        { "JaxLayer", "use layers of keras.layers" },
        { "FlaxLayer", "use layers of keras.layers" },
        { "TFSMLayer", "use layers of keras.layers" },
        { "RandomHeight", "leave it out: images must keep their size" },
        { "RandomWidth", "leave it out: images must keep their size" },
        { ">", "it is a class of the author's own: use layers of keras.layers" },
    };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strstr(class_name, all[i].word) != NULL)
            return all[i].advice;
    return "convoy info --layers lists what is read";
}
