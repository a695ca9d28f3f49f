#include "cli/warm_start.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/plural.h"
#include "base/visible.h"
#include "cli/print.h"
#include "cli/values.h"

cvy_status cvy_warm_start_open(const char *what, const char *weights, cvy_warm_start *warm,
                               cvy_model **model)
{
    const bool has_weights = cvy_is_trained_name(what);
    cvy_status status =
        has_weights ? cvy_model_open_trained(what, model) : cvy_model_create(what, model);

    *warm = (cvy_warm_start){ .what = what,
                              .file = weights != NULL ? weights
                                      : has_weights   ? what
                                                      : NULL };
    return status == CVY_OK && weights != NULL ? cvy_model_read_weights(*model, weights) : status;
}

cvy_status cvy_warm_start_check(const cvy_warm_start *warm, const cvy_model *model,
                                const char *normalize)
{
    const char *known = cvy_model_normalization(model);

    if (warm->file == NULL || normalize == NULL || known == NULL || strcmp(normalize, known) == 0)
        return CVY_OK;
    return cvy_fail(CVY_ERR_SETTING,
                    "--normalize: found %.40s, but the weights of %s were trained with %s\n"
                    "Leave it out: the preprocessing of a trained model is kept.",
                    normalize, warm->file, known);
}

/* Whether the data's classes are the model's, in their order. */
static bool has_same_classes(const cvy_model *model, const cvy_dataset *data)
{
    const size_t count = cvy_dataset_describe(data).class_count;

    if (count != cvy_model_output_count(model))
        return false;
    for (size_t i = 0; i < count; i++)
        if (cvy_model_find_class(model, cvy_dataset_class_name(data, i)) != i)
            return false;
    return true;
}

cvy_status cvy_warm_start_take_classes(cvy_warm_start *warm, const cvy_dataset *data, size_t seed,
                                       cvy_model **model)
{
    const size_t count = cvy_dataset_describe(data).class_count;
    const char **names;
    cvy_model *changed;

    if (warm->file == NULL && cvy_model_output_count(*model) == count)
        return CVY_OK;
    if (warm->file == NULL) {
        cvy_model_destroy(*model);
        *model = NULL;
        return cvy_model_create_for(warm->what, data, model);
    }
    if (cvy_model_output_count(*model) < 2 || has_same_classes(*model, data))
        return CVY_OK;
    cvy_status status = cvy_memory_create(count, sizeof *names, &names);
    for (size_t i = 0; status == CVY_OK && i < count; i++)
        names[i] = cvy_dataset_class_name(data, i);
    if (status == CVY_OK)
        status = cvy_model_with_classes(*model, count, names, seed, &changed);
    cvy_memory_free(names);
    if (status != CVY_OK)
        return cvy_fail_at(status, "%s", warm->file);
    warm->before = *model;
    *model = changed;
    return CVY_OK;
}

/* Elsewhere --freeze takes the number of layers; as an expression, 2 would find conv2d. */
static bool is_number(const char *text)
{
    return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* "conv2d,dense": as expressions, these would find every layer that contains one of the words. */
static bool is_list(const char *text)
{
    return strchr(text, ',') != NULL && strpbrk(text, "[({") == NULL;
}

static cvy_status freeze(const char *pattern, cvy_model *model)
{
    if (is_number(pattern))
        return cvy_fail(CVY_ERR_SETTING,
                        "found %.80s, a number, expected the name of a layer, or a pattern such as "
                        "conv2d*",
                        pattern);
    if (is_list(pattern))
        return cvy_fail(CVY_ERR_SETTING,
                        "found %.80s, expected one name or pattern\nRepeat --freeze for each.",
                        pattern);
    return cvy_model_set_trainable(model, pattern, false, NULL);
}

cvy_status cvy_warm_start_freeze(cvy_warm_start *warm, const cvy_text_list *patterns,
                                 cvy_model *model)
{
    const size_t learning = cvy_model_trained_count(model);
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < patterns->count; i++)
        status = freeze(patterns->texts[i], model);
    if (status != CVY_OK)
        return cvy_fail_at(status, "--freeze");
    for (size_t i = 0; patterns->count > 0 && i < cvy_model_layer_count(model); i++)
        warm->frozen_count += !cvy_model_is_trainable(model, i);
    warm->frozen_floats = learning - cvy_model_trained_count(model);
    if (patterns->count > 0 && cvy_model_trained_count(model) == 0)
        return cvy_fail(CVY_ERR_SETTING,
                        "--freeze: no layer of %s is left to train, expected one with weights",
                        cvy_model_name(model));
    return CVY_OK;
}

/* --- messages --- */

typedef enum { KEPT, NEW, DROPPED } fate;

/* The name of class `index` if this was its fate; NULL if not, "" past the last. */
static const char *class_of(const cvy_warm_start *warm, const cvy_model *model, fate of,
                            size_t index)
{
    const cvy_model *in = of == DROPPED ? warm->before : model;
    const cvy_model *other = of == DROPPED ? model : warm->before;

    if (index >= cvy_model_output_count(in))
        return "";
    const char *name = cvy_model_class_name(in, index);
    const bool is_in_both = cvy_model_find_class(other, name) != SIZE_MAX;
    return is_in_both == (of == KEPT) ? name : NULL;
}

/* "; new: A, B", or nothing if there are none. */
static void print_classes(const cvy_warm_start *warm, const cvy_model *model, fate of,
                          const char *what, FILE *file)
{
    enum { SHOWN_MAX = 20 };
    size_t shown = 0;
    const char *name = NULL;

    for (size_t i = 0; name == NULL || *name != '\0'; i++) {
        name = class_of(warm, model, of, i);
        if (name == NULL || *name == '\0')
            continue;
        if (shown <= SHOWN_MAX)
            cvy_visible_print(file, "%s%s", shown == 0 ? what : ", ",
                              shown < SHOWN_MAX ? name : "...");
        shown++;
    }
}

static const char *head_of(const cvy_model *model)
{
    const char *head = "";

    for (size_t i = 0; cvy_model_layer(model, i) != NULL; i++)
        if (cvy_model_layer(model, i)->parameters > 0)
            head = cvy_model_layer(model, i)->name;
    return head;
}

static const char *describe_polarity(const cvy_model *model)
{
    return cvy_model_polarity(model) == CVY_POLARITY_LIGHT_ON_DARK   ? ", light ink on dark"
           : cvy_model_polarity(model) == CVY_POLARITY_DARK_ON_LIGHT ? ", dark ink on light"
                                                                     : "";
}

void cvy_warm_start_print(const cvy_warm_start *warm, const cvy_model *model, FILE *file)
{
    const cvy_shape input = cvy_model_input(model);
    const char *normalize = cvy_model_normalization(model);

    if (warm->file != NULL) {
        cvy_visible_print(file, "continuing from %s: images as it was trained on (", warm->file);
        if (input.rank == 3)
            fprintf(file, "%zu x %zu x %zu, ", input.dims[0], input.dims[1], input.dims[2]);
        cvy_visible_print(file, "pixels %s%s)",
                          normalize != NULL ? normalize
                                            : "divided by 255 unless the model scales them",
                          describe_polarity(model));
        if (warm->before == NULL && cvy_model_output_count(model) > 1)
            fprintf(file, ", the same %zu classes", cvy_model_output_count(model));
        fputc('\n', file);
    }
    if (warm->before != NULL) {
        cvy_visible_print(file, "the last layer, %s, is new, for %zu classes instead of %zu",
                          head_of(model), cvy_model_output_count(model),
                          cvy_model_output_count(warm->before));
        print_classes(warm, model, NEW, "; new: ", file);
        print_classes(warm, model, KEPT, "; with their weights as before: ", file);
        print_classes(warm, model, DROPPED, "; no longer there: ", file);
        fputc('\n', file);
    }
    if (warm->frozen_count == 0)
        return;
    cvy_visible_print(file, "frozen: %zu layer%s, %s parameters; %s learn\n", warm->frozen_count,
                      cvy_plural(warm->frozen_count), cvy_human_count(warm->frozen_floats).text,
                      cvy_human_count(cvy_model_trained_count(model)).text);
}

static json_t *json_class_list(const cvy_warm_start *warm, const cvy_model *model, fate of)
{
    json_t *list = json_array();
    const char *name = NULL;

    for (size_t i = 0; name == NULL || *name != '\0'; i++) {
        name = class_of(warm, model, of, i);
        if (name != NULL && *name != '\0')
            cvy_json_append(&list, cvy_json_text(name));
    }
    return list;
}

static json_t *json_classes(const cvy_warm_start *warm, const cvy_model *model)
{
    json_t *classes = json_object();

    cvy_json_set(&classes, "new", json_class_list(warm, model, NEW));
    cvy_json_set(&classes, "kept", json_class_list(warm, model, KEPT));
    cvy_json_set(&classes, "dropped", json_class_list(warm, model, DROPPED));
    return classes;
}

static json_t *json_frozen(const cvy_warm_start *warm, const cvy_model *model)
{
    json_t *frozen = json_array();

    for (size_t i = 0; warm->frozen_count > 0 && i < cvy_model_layer_count(model); i++)
        if (!cvy_model_is_trainable(model, i))
            cvy_json_append(&frozen, cvy_json_text(cvy_model_layer(model, i)->name));
    return frozen;
}

json_t *cvy_warm_start_json(const cvy_warm_start *warm, const cvy_model *model)
{
    const bool has_other_classes = warm->before != NULL;
    json_t *object;

    if (warm->file == NULL && warm->frozen_count == 0)
        return json_null();
    object = json_object();
    cvy_json_set(&object, "file", cvy_json_text(warm->file));
    cvy_json_set(&object, "new_layer", cvy_json_text(has_other_classes ? head_of(model) : NULL));
    cvy_json_set(&object, "classes", has_other_classes ? json_classes(warm, model) : json_null());
    cvy_json_set(&object, "frozen", json_frozen(warm, model));
    return object;
}

void cvy_warm_start_release(cvy_warm_start *warm)
{
    cvy_model_destroy(warm->before);
    *warm = (cvy_warm_start){ 0 };
}
