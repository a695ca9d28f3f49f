#include "sources/names.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "data/dataset.h"

size_t cvy_names_find(const cvy_names *names, const char *text)
{
    size_t i = 0;
    while (i < names->count && strcmp(names->texts[i], text) != 0)
        i++;
    return i;
}

cvy_status cvy_names_add(cvy_names *names, const char *text, size_t *place)
{
    *place = cvy_names_find(names, text);
    if (*place < names->count)
        return CVY_OK;
    if (names->count == CVY_CLASSES_MAX)
        return cvy_fail(CVY_ERR_DATA, "more than %d different labels (\"%.40s\" is the next)",
                        CVY_CLASSES_MAX, text);
    if (names->count == names->room) {
        const size_t room = names->room > 0 ? 2 * names->room : 16;
        char **larger;
        cvy_status status = cvy_memory_create(room, sizeof *larger, &larger);
        if (status != CVY_OK)
            return status;
        if (names->count > 0)
            memcpy(larger, names->texts, names->count * sizeof *larger);
        cvy_memory_free(names->texts);
        names->texts = larger;
        names->room = room;
    }
    cvy_status status = cvy_text_copy(text, &names->texts[names->count]);
    if (status == CVY_OK)
        names->count++;
    return status;
}

static bool read_number(const char *text, double *number)
{
    char *end;

    if (text[0] == '\0' || text[strspn(text, "+-0123456789.")] != '\0')
        return false;
    *number = cvy_number_read(text, &end);
    return *end == '\0' && *number == floor(*number);
}

static cvy_status order_numbers(const cvy_names *names, size_t *place, size_t *class_count)
{
    *class_count = 0;
    for (size_t i = 0; i < names->count; i++) {
        double number = 0;
        read_number(names->texts[i], &number);
        if (!(number >= 0 && number < CVY_CLASSES_MAX))
            return cvy_fail(CVY_ERR_DATA,
                            "found the label %.40s, expected names or numbers from 0 to %d",
                            names->texts[i], CVY_CLASSES_MAX - 1);
        place[i] = (size_t)number;
        *class_count = place[i] + 1 > *class_count ? place[i] + 1 : *class_count;
    }
    return CVY_OK;
}

cvy_status cvy_names_order(const cvy_names *names, size_t *place, size_t *class_count,
                           bool *are_numbers)
{
    double number = 0;

    *are_numbers = true;
    for (size_t i = 0; i < names->count; i++)
        *are_numbers &= read_number(names->texts[i], &number);
    if (*are_numbers)
        return order_numbers(names, place, class_count);
    *class_count = names->count;
    for (size_t i = 0; i < names->count; i++) {
        place[i] = 0;
        for (size_t k = 0; k < names->count; k++)
            place[i] += strcmp(names->texts[k], names->texts[i]) < 0;
    }
    return CVY_OK;
}

void cvy_names_release(cvy_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        cvy_memory_free(names->texts[i]);
    cvy_memory_free(names->texts);
    *names = (cvy_names){ 0 };
}

cvy_status cvy_names_to_classes(const cvy_names *labels, cvy_intake *intake)
{
    size_t *place, count;
    bool are_numbers;
    cvy_status status = cvy_memory_create(labels->count, sizeof *place, &place);

    if (status == CVY_OK)
        status = cvy_names_order(labels, place, &count, &are_numbers);
    if (status == CVY_ERR_DATA)
        status = cvy_fail_at(status, "%s", intake->where);
    for (int p = 0; status == CVY_OK && p < CVY_PARTS; p++) {
        const cvy_images *images = cvy_dataset_part(intake->dataset, (cvy_split)p);
        for (size_t i = 0; i < images->count; i++)
            images->labels[i] = (uint16_t)place[images->labels[i]];
    }
    const char **names = NULL;
    if (status == CVY_OK && !are_numbers)
        status = cvy_memory_create(count, sizeof *names, &names);
    for (size_t i = 0; status == CVY_OK && !are_numbers && i < labels->count; i++)
        names[place[i]] = labels->texts[i];
    if (status == CVY_OK)
        status = cvy_intake_name_classes(intake, count, names);
    cvy_memory_free(names);
    cvy_memory_free(place);
    return status;
}
