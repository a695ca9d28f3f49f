/* Changing the classes of a model: the last layer with weights is replaced,
 * everything else is kept. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "convoy/fine_tuning.h"
#include "model/model.h"
#include "model/objective.h"

/* The last layer with weights, or NULL. */
static const cvy_layer *find_head(const cvy_model *model)
{
    const cvy_layer *head = NULL;

    for (size_t i = 0; i < model->layer_count; i++)
        if (model->layers[i].plan.weight_count > 0)
            head = &model->layers[i];
    return head;
}

/* The setting that contains the number of outputs of a layer. */
static const char *output_setting(const cvy_layer *layer)
{
    return strcmp(layer->kind->class_name, "Dense") == 0    ? "units"
           : strcmp(layer->kind->class_name, "Conv2D") == 0 ? "filters"
                                                            : NULL;
}

static bool ends_in(const char *text, const char *ending)
{
    const size_t length = strlen(text), tail = strlen(ending);
    return length >= tail && strcmp(text + length - tail, ending) == 0;
}

/* Find the last config, in the order of the file, of a layer with that class and name. Unless
 * is_exact, the name may lack the prefix that a layer of a nested model got, or be missing
 * (model/architecture.c). */
static json_t *find_config(json_t *value, const cvy_layer *layer, bool is_exact)
{
    const char *class_name = json_string_value(json_object_get(value, "class_name"));
    json_t *config = json_object_get(value, "config"), *found = NULL, *member;
    const char *name = json_string_value(json_object_get(config, "name")), *key;
    size_t i;

    if (class_name != NULL && strcmp(class_name, layer->kind->class_name) == 0 &&
        (name == NULL
             ? !is_exact && json_is_object(config)
             : ends_in(layer->name, name) && (!is_exact || strlen(name) == strlen(layer->name))))
        return config;
    json_object_foreach(value, key, member)
    {
        json_t *inside = find_config(member, layer, is_exact);
        found = inside != NULL ? inside : found;
    }
    json_array_foreach(value, i, member)
    {
        json_t *inside = find_config(member, layer, is_exact);
        found = inside != NULL ? inside : found;
    }
    return found;
}

/* Print the architecture with `count` outputs. */
static cvy_status print_architecture(const cvy_model *model, const cvy_layer *head, size_t count,
                                     char **text)
{
    json_t *root = cvy_json_load_text(model->architecture, JSON_REJECT_DUPLICATES, NULL);
    json_t *config = find_config(root, head, true);
    json_t *units = json_integer((json_int_t)count);

    if (config == NULL)
        config = find_config(root, head, false);
    const bool is_set = json_object_set_new(config, output_setting(head), units) == 0;
    *text = is_set ? cvy_json_dump(root, JSON_COMPACT) : NULL;
    json_decref(root);
    return *text != NULL ? CVY_OK : cvy_fail(CVY_ERR_MEMORY, "%s: out of memory", model->name);
}

/* Copy the weights of classes that both models have.
 * Outputs are the last axis of kernel and bias. */
static void copy_classes(const cvy_model *from, const cvy_weight *old, cvy_model *to,
                         const cvy_weight *new, const char *const *names)
{
    const size_t old_count = old->plan->dims[old->plan->rank - 1];
    const size_t new_count = new->plan->dims[new->plan->rank - 1];

    for (size_t c = 0; c < new_count; c++) {
        const size_t known = cvy_model_find_class(from, names[c]);
        for (size_t row = 0; known < old_count && row < new->plan->count / new_count; row++)
            to->weights[new->offset + row *new_count + c] =
                from->weights[old->offset + row * old_count + known];
    }
}

/* Copy all weights between two models with the same layers. */
static cvy_status copy_weights(const cvy_model *from, size_t head, cvy_model *to,
                               const char *const *names)
{
    cvy_weight old, new;

    for (size_t i = 0; cvy_model_weight(from, i, &old) && cvy_model_weight(to, i, &new); i++) {
        if (old.layer->index == head)
            copy_classes(from, &old, to, &new, names);
        else if (old.plan->count == new.plan->count)
            memcpy(to->weights + new.offset, from->weights + old.offset,
                   old.plan->count * sizeof *to->weights);
        else
            return cvy_fail(CVY_ERR_UNSUPPORTED,
                            "%s: the size of layer %s depends on the number of classes, so only a "
                            "new model can have others",
                            from->name, old.layer->name);
    }
    return CVY_OK;
}

static cvy_status fill(const cvy_model *from, size_t head, size_t count, const char *const *names,
                       uint64_t seed, cvy_model *to)
{
    cvy_status status = CVY_OK;

    if (cvy_model_output_count(to) != count || to->layer_count != from->layer_count)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "%s: %zu outputs in layer %s make %zu outputs of the model, expected one "
                        "for each class",
                        from->name, count, from->layers[head].name, cvy_model_output_count(to));
    for (size_t i = 0; i < to->layer_count; i++)
        to->layers[i].is_frozen = from->layers[i].is_frozen;
    to->pixel_scale = from->pixel_scale;
    to->pixel_offset = from->pixel_offset;
    to->preparation = from->preparation;
    status = cvy_model_allocate(to);
    if (status == CVY_OK)
        status = cvy_model_draw(to, seed, to->weights);
    if (status == CVY_OK)
        status = copy_weights(from, head, to, names);
    if (status == CVY_OK)
        status = cvy_model_set_loss(to, from->loss_spec);
    memcpy(to->loss_refusal, from->loss_refusal, sizeof to->loss_refusal);
    if (status == CVY_OK && from->training != NULL)
        status = cvy_text_copy(from->training, &to->training);
    return status == CVY_OK ? cvy_model_name_classes(to, count, names) : status;
}

static cvy_status check_names(const cvy_model *model, size_t count, const char *const *names)
{
    if (cvy_model_output_count(model) < 2)
        return cvy_fail(CVY_ERR_SHAPE, "%s: one output, which predicts a number: it has no classes",
                        model->name);
    if (count < 2 || count > CVY_FEATURES_MAX)
        return cvy_fail(CVY_ERR_SETTING, "classes: found %zu, expected at least 2 and at most %d",
                        count, CVY_FEATURES_MAX);
    for (size_t i = 0; i < count; i++)
        if (names[i] == NULL)
            return cvy_fail(CVY_ERR_SETTING, "names[%zu] is NULL", i);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(names[i], names[j]) == 0)
                return cvy_fail(CVY_ERR_SETTING, "classes: %.60s is given twice", names[i]);
    return CVY_OK;
}

cvy_status cvy_model_with_classes(const cvy_model *model, size_t count, const char *const *names,
                                  uint64_t seed, cvy_model **changed)
{
    cvy_model *made = NULL;
    char *text = NULL;

    CVY_REQUIRE(model);
    CVY_REQUIRE(names);
    CVY_REQUIRE(changed);
    cvy_status status = check_names(model, count, names);
    if (status != CVY_OK)
        return status;
    const cvy_layer *head = find_head(model);
    if (head == NULL || output_setting(head) == NULL)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "%s: its last layer with weights is %s (%s), expected a Dense or a Conv2D, "
                        "which can be made anew for other classes",
                        model->name, head != NULL ? head->name : "none",
                        head != NULL ? head->kind->class_name : "-");
    status = print_architecture(model, head, count, &text);
    if (status == CVY_OK)
        status = cvy_model_parse(model->name, text, strlen(text), &made);
    free(text);
    if (status == CVY_OK)
        status = fill(model, head->index, count, names, seed, made);
    if (status != CVY_OK) {
        cvy_model_destroy(made);
        return status;
    }
    *changed = made;
    return CVY_OK;
}

cvy_status cvy_model_replace_outputs(size_t count, cvy_model **model)
{
    const cvy_layer *head = find_head(*model);
    cvy_model *made = NULL;
    char *text = NULL;

    if (head == NULL || output_setting(head) == NULL)
        return CVY_OK;
    cvy_status status = print_architecture(*model, head, count, &text);
    if (status == CVY_OK)
        status = cvy_model_parse((*model)->name, text, strlen(text), &made);
    free(text);
    if (status == CVY_OK)
        status = cvy_model_allocate(made);
    if (status != CVY_OK) {
        cvy_model_destroy(made);
        return status;
    }
    cvy_model_destroy(*model);
    *model = made;
    return CVY_OK;
}
