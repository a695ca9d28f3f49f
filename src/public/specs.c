/* Specs with every setting filled in. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "callbacks/callback.h"
#include "optimizers/optimizer.h"
#include "public/kind_groups.h"
#include "schedules/schedule.h"

enum { TEXT_BYTES = 4096, VALUE_BYTES = 512 };

/* What a public cvy_spec pointer points to. */
typedef struct {
    cvy_spec spec; /* first, so that it can be cast back */
    cvy_setting_value *values;
    const cvy_setting_value **list;
    double (*numbers)[CVY_LIST_MAX];
    char (*texts)[VALUE_BYTES];
    const char *slots[CVY_SLOTS_MAX];
    char text[TEXT_BYTES], brief[TEXT_BYTES];
} spec_store;

/* --- reading, with the checks that each group has beyond its rows --- */

static cvy_status read_schedule(const char *text, const cvy_kind **kind, void **settings)
{
    cvy_schedule schedule;
    cvy_status status = cvy_schedule_read(text, &schedule);

    if (status != CVY_OK)
        return status;
    *kind = &schedule.kind->kind;
    *settings = schedule.settings;
    return CVY_OK;
}

static cvy_status read_optimizer(const char *text, const cvy_kind **kind, void **settings)
{
    const cvy_optimizer_kind *optimizer;
    cvy_status status = cvy_optimizer_read(text, &optimizer, settings);

    if (status == CVY_OK)
        *kind = &optimizer->kind;
    return status;
}

static cvy_status read_callback(const char *text, const cvy_kind **kind, void **settings)
{
    cvy_callbacks callbacks;
    cvy_status status = cvy_callbacks_read(&text, 1, &callbacks);

    if (status == CVY_OK) {
        *kind = &callbacks.items[0].kind->kind;
        *settings = callbacks.items[0].settings;
        callbacks.items[0].settings = NULL;
    }
    cvy_callbacks_release(&callbacks);
    return status;
}

static cvy_status read_spec(cvy_kind_group group, const char *text, const cvy_kind **kind,
                            void **settings)
{
    switch (group) {
    case CVY_KINDS_OPTIMIZERS:
        return read_optimizer(text, kind, settings);
    case CVY_KINDS_SCHEDULES:
        return read_schedule(text, kind, settings);
    case CVY_KINDS_CALLBACKS:
        return read_callback(text, kind, settings);
    default:
        return cvy_spec_read(cvy_kinds_what(group), text, cvy_kinds_list(group), kind, settings);
    }
}

/* --- values --- */

static size_t copy_numbers(const cvy_setting *row, const void *settings,
                           double numbers[CVY_LIST_MAX])
{
    const char *member = (const char *)settings + row->offset;
    const cvy_float_list *list = (const void *)member;
    const size_t *counts = (const void *)member;

    switch (row->type) {
    case CVY_FLOAT:
        numbers[0] = *(const double *)(const void *)member;
        return isnan(numbers[0]) ? 0 : 1;
    case CVY_FLOAT_LIST:
        memcpy(numbers, list->values, list->count * sizeof *numbers);
        return list->count;
    case CVY_COUNT:
        numbers[0] = (double)counts[0];
        return row->bounds & CVY_OR_NONE && counts[0] == 0 ? 0 : 1;
    case CVY_COUNT_PAIR:
        numbers[0] = (double)counts[0];
        numbers[1] = (double)counts[1];
        return 2;
    case CVY_BOOL:
        numbers[0] = *(const bool *)member;
        return 1;
    case CVY_CHOICE:
        numbers[0] = *(const int *)(const void *)member;
        return 1;
    default:
        return 0;
    }
}

static bool is_default(const cvy_setting *row, const char *text, const void *defaults)
{
    char fallback[VALUE_BYTES];

    if (row->fallback == NULL)
        return false;
    cvy_setting_print(row, defaults, fallback, sizeof fallback);
    return strcmp(text, fallback) == 0;
}

static void fill_value(spec_store *store, size_t i, const cvy_setting *row, const void *settings,
                       const void *defaults)
{
    cvy_setting_value *value = &store->values[i];

    cvy_setting_print(row, settings, store->texts[i], sizeof store->texts[i]);
    *value = (cvy_setting_value){
        .setting = store->spec.kind->settings[i],
        .text = store->texts[i],
        .is_default = is_default(row, store->texts[i], defaults),
        .number_count = copy_numbers(row, settings, store->numbers[i]),
        .numbers = store->numbers[i],
    };
    value->is_none = value->number_count == 0 && (row->bounds & CVY_OR_NONE) != 0;
    store->list[i] = value;
}

static cvy_status fill_values(spec_store *store, const cvy_kind *kind, const void *settings)
{
    const size_t count = store->spec.kind->setting_count;
    void *defaults = NULL;
    cvy_status status = cvy_memory_create(count, sizeof *store->values, &store->values);

    if (status == CVY_OK)
        status = cvy_memory_create(count, sizeof *store->list, &store->list);
    if (status == CVY_OK)
        status = cvy_memory_create(count, sizeof *store->numbers, &store->numbers);
    if (status == CVY_OK)
        status = cvy_memory_create(count, sizeof *store->texts, &store->texts);
    if (status == CVY_OK && count > 0)
        status = cvy_memory_create(1, kind->settings_size, &defaults);
    if (status != CVY_OK)
        return status;
    if (count > 0)
        cvy_settings_default(kind->settings, defaults);
    for (size_t i = 0; i < count; i++)
        fill_value(store, i, &kind->settings[i], settings, defaults);
    cvy_memory_free(defaults);
    store->spec.value_count = count;
    store->spec.values = store->list;
    return CVY_OK;
}

/* --- texts --- */

static void append(char text[TEXT_BYTES], const char *more)
{
    const size_t length = strlen(text), added = strlen(more);

    if (length + added < TEXT_BYTES)
        memcpy(text + length, more, added + 1);
}

static void append_value(char text[TEXT_BYTES], const cvy_setting_value *value)
{
    append(text, strchr(text, ':') != NULL ? "," : ":");
    append(text, value->setting->name);
    append(text, "=");
    append(text, value->text);
}

static void fill_texts(spec_store *store)
{
    append(store->text, store->spec.kind->name);
    append(store->brief, store->spec.kind->name);
    for (size_t i = 0; i < store->spec.value_count; i++) {
        append_value(store->text, store->list[i]);
        if (!store->list[i]->is_default)
            append_value(store->brief, store->list[i]);
    }
    store->spec.text = store->text;
    store->spec.brief = store->brief;
}

/* --- a spec --- */

static cvy_status find_info(cvy_kind_group group, const cvy_kind *kind, const cvy_kind_info **info)
{
    const cvy_kinds *kinds;
    cvy_status status = cvy_kinds_get(group, &kinds);

    for (size_t i = 0; status == CVY_OK && i < kinds->count; i++)
        if (strcmp(kinds->kinds[i]->name, kind->name) == 0)
            *info = kinds->kinds[i];
    return status;
}

static cvy_status fill(cvy_kind_group group, const cvy_kind *kind, const void *settings,
                       spec_store *store)
{
    cvy_status status = find_info(group, kind, &store->spec.kind);

    if (status == CVY_OK)
        status = fill_values(store, kind, settings);
    if (status != CVY_OK)
        return status;
    fill_texts(store);
    if (group == CVY_KINDS_OPTIMIZERS)
        store->spec.slot_count = ((const cvy_optimizer_kind *)kind)->slots(settings, store->slots);
    store->spec.slots = store->slots;
    return CVY_OK;
}

cvy_status cvy_spec_resolve(cvy_kind_group group, const char *text, cvy_spec **spec)
{
    const cvy_kind *kind;
    void *settings;
    spec_store *store;

    CVY_REQUIRE(text);
    CVY_REQUIRE(spec);
    if ((int)group < 0 || group >= CVY_KINDS_COUNT || cvy_kinds_list(group) == NULL)
        return cvy_fail(CVY_ERR_SETTING, "group: found %d, expected one whose kinds have settings",
                        (int)group);
    cvy_status status = read_spec(group, text, &kind, &settings);
    if (status != CVY_OK)
        return status;
    status = cvy_memory_create(1, sizeof *store, &store);
    if (status == CVY_OK) {
        status = fill(group, kind, settings, store);
        if (status == CVY_OK)
            *spec = &store->spec;
        else
            cvy_spec_destroy(&store->spec);
    }
    cvy_memory_free(settings);
    return status;
}

void cvy_spec_destroy(cvy_spec *spec)
{
    spec_store *store = (spec_store *)spec;

    if (store == NULL)
        return;
    cvy_memory_free(store->values);
    cvy_memory_free(store->list);
    cvy_memory_free(store->numbers);
    cvy_memory_free(store->texts);
    cvy_memory_free(store);
}

const cvy_setting_value *cvy_spec_value(const cvy_spec *spec, const char *setting)
{
    if (spec == NULL || setting == NULL)
        return NULL;
    for (size_t i = 0; i < spec->value_count; i++)
        if (strcmp(spec->values[i]->setting->name, setting) == 0)
            return spec->values[i];
    return NULL;
}
