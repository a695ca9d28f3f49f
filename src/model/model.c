/* Creating, destroying and querying models. */
#include "model/model.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/synonyms.h"
#include "base/utf8.h"
#include "formats/foreign.h"
#include "layers/initializer.h"
#include "model/embedded.h"

enum { ARCHITECTURE_FILE_LIMIT = 16 << 20 };

static const cvy_embedded_model *find_embedded(const char *name)
{
    for (size_t i = 0; i < cvy_embedded_model_count; i++)
        if (strcmp(name, cvy_embedded_models[i].name) == 0)
            return &cvy_embedded_models[i];
    return NULL;
}

static cvy_status read_embedded(const cvy_embedded_model *built_in, cvy_model **model)
{
    z_stream stream = { .next_in = (Bytef *)(uintptr_t)built_in->packed,
                        .avail_in = (uInt)built_in->packed_size,
                        .avail_out = (uInt)built_in->size };
    char *text;
    cvy_status status = cvy_memory_create(built_in->size, sizeof *text, &text);

    if (status != CVY_OK)
        return status;
    stream.next_out = (Bytef *)text;
    if (inflateInit2(&stream, MAX_WBITS + 16) != Z_OK) {
        cvy_memory_free(text);
        return cvy_fail(CVY_ERR_MEMORY, "%s: out of memory", built_in->name);
    }
    const int result = inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
    status = result == Z_STREAM_END ? cvy_model_parse(built_in->name, text, built_in->size, model)
                                    : cvy_fail(CVY_ERR_MEMORY, "%s: out of memory", built_in->name);
    cvy_memory_free(text);
    return status;
}

/* Fail for a name that is neither a built-in model nor a file. */
static cvy_status fail_unknown(const char *name)
{
    const char *names[16];
    char list[256] = "";
    size_t count = 0, used = 0;

    if (name[0] == '\0')
        return cvy_fail(CVY_ERR_OPEN, "model: found \"\", expected a built-in model or a file\n"
                                      "A shell variable in it may be empty.");
    for (const char *known; count < 16 && (known = cvy_model_builtin(count)) != NULL; count++) {
        names[count] = known;
        if (used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", count > 0 ? ", " : "",
                                     known);
    }
    const cvy_suggestion suggestion = cvy_suggest("model", name, names, count);
    if (suggestion.meant != NULL)
        cvy_fail(CVY_ERR_OPEN, "%s: no built-in model; did you mean \"%s\"?", name,
                 suggestion.meant);
    else
        cvy_fail(CVY_ERR_OPEN, "%s: neither a built-in model (%s) nor an existing file", name,
                 list);
    return cvy_fail_advise(
        CVY_ERR_OPEN, suggestion.advice != NULL   ? suggestion.advice
                      : strchr(name, ',') != NULL ? "Only one can be given; convoy compare takes "
                                                    "several: repeat --model for each."
                      : strchr(name, ':') != NULL ? "Built-in models have no settings; other "
                                                    "networks are described in a .json file."
                                                  : NULL);
}

static cvy_status read_architecture(const char *path, cvy_model **model)
{
    unsigned char *text;
    size_t size;

    if (strpbrk(path, "/.") == NULL && access(path, F_OK) != 0 && errno == ENOENT)
        return fail_unknown(path);
    cvy_status status = cvy_file_read(path, ARCHITECTURE_FILE_LIMIT, &text, &size);
    if (status != CVY_OK)
        return cvy_foreign_explain(status, path, CVY_WANTED_ARCHITECTURE);
    status = cvy_model_parse(path, (const char *)text, size, model);
    cvy_memory_free(text);
    return cvy_foreign_explain(status, path, CVY_WANTED_ARCHITECTURE);
}

/* Allocate the weights of a parsed model and return it, or destroy it. */
static cvy_status finish(const char *source, cvy_model *parsed, cvy_model **model)
{
    cvy_status status = cvy_model_allocate(parsed);

    if (status != CVY_OK) {
        cvy_model_destroy(parsed);
        return cvy_fail_at(status, "%s", source);
    }
    *model = parsed;
    return CVY_OK;
}

cvy_status cvy_model_create(const char *architecture, cvy_model **model)
{
    CVY_REQUIRE(architecture);
    CVY_REQUIRE(model);
    const cvy_embedded_model *built_in = find_embedded(architecture);
    cvy_model *parsed;
    cvy_status status = built_in != NULL ? read_embedded(built_in, &parsed)
                                         : read_architecture(architecture, &parsed);

    return status == CVY_OK ? finish(architecture, parsed, model) : status;
}

cvy_status cvy_model_from_json(const char *text, size_t size, cvy_model **model)
{
    cvy_model *parsed;

    CVY_REQUIRE(text);
    CVY_REQUIRE(model);
    cvy_status status = cvy_model_parse("JSON", text, size, &parsed);
    return status == CVY_OK ? finish("JSON", parsed, model) : status;
}

void cvy_model_destroy(cvy_model *model)
{
    if (model == NULL)
        return;
    for (size_t i = 0; i < model->layer_count; i++)
        cvy_memory_free(model->layers[i].settings);
    cvy_memory_free(model->layers);
    cvy_loss_release(&model->loss);
    cvy_memory_free(model->weights);
    cvy_memory_free(model->class_names);
    cvy_memory_free(model->architecture);
    cvy_memory_free(model->training);
    cvy_memory_free(model->configuration);
    cvy_model_free_tables(model);
    cvy_memory_free(model);
}

void cvy_free(void *memory)
{
    cvy_memory_free(memory);
}

/* Place all weights that are state, or all others. A repeated layer comes after the layer whose
 * weights it uses. */
static void lay_out(cvy_model *model, bool is_state, cvy_layout *layout)
{
    for (size_t i = 0; i < model->layer_count; i++) {
        cvy_layer *layer = &model->layers[i];
        for (size_t w = 0; w < layer->plan.weight_count; w++)
            if (layer->plan.weights[w].is_state == is_state)
                layer->weight_offset[w] =
                    layer->repeats > 0
                        ? model->layers[layer->repeats - 1].weight_offset[w]
                        : cvy_layout_add(layout, layer->plan.weights[w].count, sizeof(float)) /
                              sizeof(float);
    }
}

void cvy_model_lay_out(cvy_model *model)
{
    cvy_layout layout = { 0 };

    for (size_t i = 0; i < model->layer_count; i++)
        model->layers[i].index = i;
    lay_out(model, false, &layout);
    model->trained_floats = layout.bytes / sizeof(float);
    lay_out(model, true, &layout);
    model->block_floats = layout.bytes / sizeof(float);
}

cvy_status cvy_model_allocate(cvy_model *model)
{
    return cvy_memory_create(model->block_floats, sizeof *model->weights, &model->weights);
}

bool cvy_model_weight(const cvy_model *model, size_t index, cvy_weight *weight)
{
    for (size_t i = 0; i < model->layer_count; i++) {
        const cvy_layer *layer = &model->layers[i];
        if (layer->repeats > 0)
            continue;
        if (index < layer->plan.weight_count) {
            *weight = (cvy_weight){ layer, index, &layer->plan.weights[index],
                                    layer->weight_offset[index] };
            return true;
        }
        index -= layer->plan.weight_count;
    }
    return false;
}

cvy_status cvy_model_draw(const cvy_model *model, uint64_t seed, float *block)
{
    cvy_weight weight;

    for (size_t i = 0; cvy_model_weight(model, i, &weight); i++) {
        const cvy_random_stream stream = { seed, CVY_RANDOM_WEIGHTS, (uint32_t)i };
        cvy_status status = cvy_initialize(weight.plan->initializer, &stream, weight.plan->rank,
                                           weight.plan->dims, block + weight.offset);
        if (status != CVY_OK)
            return status;
    }
    return CVY_OK;
}

cvy_status cvy_model_initialize(cvy_model *model, uint64_t seed)
{
    float *block;

    CVY_REQUIRE(model);
    cvy_status status = cvy_memory_create(model->block_floats, sizeof *block, &block);
    if (status == CVY_OK)
        status = cvy_model_draw(model, seed, block);
    if (status == CVY_OK && model->block_floats > 0)
        memcpy(model->weights, block, model->block_floats * sizeof *block);
    cvy_memory_free(block);
    return status;
}

const char *cvy_model_builtin(size_t index)
{
    return index < cvy_embedded_model_count ? cvy_embedded_models[index].name : NULL;
}

const char *cvy_model_name(const cvy_model *model)
{
    return model != NULL ? model->name : NULL;
}

const char *cvy_model_json(const cvy_model *model)
{
    return model != NULL ? model->architecture : NULL;
}

cvy_shape cvy_model_input(const cvy_model *model)
{
    return model != NULL ? model->input : (cvy_shape){ 0 };
}

/* The first layer that scales pixels, before all layers that learn, or NULL. */
static const cvy_layer *find_scaling(const cvy_model *model)
{
    for (size_t i = 0; i < model->layer_count; i++) {
        const cvy_layer_plan *plan = &model->layers[i].plan;
        if (plan->scales_input)
            return &model->layers[i];
        if (plan->weight_count > 0)
            return NULL;
    }
    return NULL;
}

bool cvy_model_scales_input(const cvy_model *model)
{
    return find_scaling(model) != NULL;
}

void cvy_model_take_bytes(cvy_model *model)
{
    const cvy_layer *scaling = find_scaling(model);

    model->pixel_scale = scaling != NULL && scaling->plan.takes_unit ? 1.0f / 255 : 1;
    model->pixel_offset = 0;
}

cvy_shape cvy_model_output(const cvy_model *model)
{
    return model->layer_count > 0 ? model->layers[model->layer_count - 1].plan.out : model->input;
}

size_t cvy_model_output_count(const cvy_model *model)
{
    return model != NULL ? cvy_shape_count(cvy_model_output(model)) : 0;
}

/* Backward costs as much as forward for the gradient of the weights, and again for that of the
 * input, which the first layer with weights does not need. */
double cvy_model_flops(const cvy_model *model, bool is_training)
{
    double flops = 0;
    bool is_first = true; /* of the layers with weights */

    if (model == NULL)
        return 0;
    for (size_t i = 0; i < model->layer_count; i++) {
        const cvy_layer_plan *plan = &model->layers[i].plan;
        const double passes = !is_training ? 1 : is_first ? 2 : 3;
        flops += passes * plan->flops;
        is_first = is_first && cvy_trained_count(plan) == 0;
    }
    return flops;
}

cvy_status cvy_model_name_classes(cvy_model *model, size_t count, const char *const *names)
{
    cvy_class_text *texts;
    cvy_status status = cvy_memory_create(count, sizeof *texts, &texts);

    if (status != CVY_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        cvy_utf8_fit(texts[i], sizeof texts[i], names[i]);
    cvy_memory_free(model->class_names);
    model->class_names = texts;
    model->class_count = count;
    return CVY_OK;
}

const char *cvy_model_class_name(const cvy_model *model, size_t index)
{
    static _Thread_local char number[24];

    if (model != NULL && index < model->class_count)
        return model->class_names[index];
    if (model == NULL)
        return NULL;
    snprintf(number, sizeof number, "%zu", index);
    return number;
}

size_t cvy_model_find_class(const cvy_model *model, const char *name)
{
    const size_t count = model != NULL ? cvy_model_output_count(model) : 0;

    for (size_t i = 0; name != NULL && i < count; i++)
        if (strcmp(cvy_model_class_name(model, i), name) == 0)
            return i;
    return SIZE_MAX;
}

const char *cvy_model_configuration(const cvy_model *model)
{
    return model != NULL ? model->configuration : NULL;
}

const char *cvy_model_compiled_optimizer(const cvy_model *model)
{
    return model != NULL && model->compiled_optimizer[0] != '\0' ? model->compiled_optimizer : NULL;
}

const char *cvy_model_training_record(const cvy_model *model)
{
    return model != NULL ? model->training : NULL;
}

cvy_status cvy_model_digest(const cvy_model *model, char text[CVY_DIGEST_HEX_BYTES])
{
    cvy_digest *digest;
    cvy_weight weight;

    CVY_REQUIRE(model);
    CVY_REQUIRE(text);
    cvy_status status = cvy_digest_create(&digest);
    if (status != CVY_OK)
        return status;
    for (size_t i = 0; cvy_model_weight(model, i, &weight); i++)
        cvy_digest_add(digest, model->weights + weight.offset,
                       weight.plan->count * sizeof *model->weights);
    cvy_digest_finish(digest, text);
    return CVY_OK;
}
