#include "model/preparation.h"

#include "base/json.h"

#include <stdio.h>
#include <string.h>

static const char *const polarities[] = { "none", "light_on_dark", "dark_on_light" };

void cvy_preparation_print(const cvy_preparation *preparation, char text[CVY_PREPARATION_BYTES])
{
    snprintf(text, CVY_PREPARATION_BYTES, "{\"polarity\":\"%s\",\"normalize\":\"%s\"%s%s%s}",
             polarities[preparation->polarity],
             preparation->normalize[0] != '\0' ? preparation->normalize : "standard",
             preparation->is_resized ? ",\"resize\":true" : "",
             preparation->has_channels ? ",\"channels\":true" : "",
             preparation->finds_ink ? ",\"ink\":true" : "");
}

static cvy_status read_object(const json_t *object, cvy_preparation *preparation)
{
    const char *polarity = json_string_value(json_object_get(object, "polarity"));
    const char *normalize = json_string_value(json_object_get(object, "normalize"));
    size_t place = 0;

    while (polarity != NULL && place < 3 && strcmp(polarity, polarities[place]) != 0)
        place++;
    if (polarity == NULL || place == 3 || normalize == NULL ||
        strlen(normalize) >= sizeof preparation->normalize ||
        normalize[strspn(normalize, "abcdefghijklmnopqrstuvwxyz")] != '\0')
        return cvy_fail(CVY_ERR_FORMAT,
                        "images: expected a polarity (none, light_on_dark, dark_on_light) and a "
                        "normalization");
    preparation->polarity = (cvy_polarity)place;
    preparation->is_resized = json_is_true(json_object_get(object, "resize"));
    preparation->has_channels = json_is_true(json_object_get(object, "channels"));
    preparation->finds_ink = json_is_true(json_object_get(object, "ink"));
    snprintf(preparation->normalize, sizeof preparation->normalize, "%s", normalize);
    return CVY_OK;
}

cvy_status cvy_preparation_read(const char *text, cvy_preparation *preparation)
{
    *preparation = (cvy_preparation){ 0 };
    if (text == NULL)
        return CVY_OK;
    json_t *object = cvy_json_load_text(text, JSON_REJECT_DUPLICATES, NULL);
    if (object == NULL)
        return cvy_fail(CVY_ERR_FORMAT, "metadata \"images\" is not JSON");
    cvy_status status = read_object(object, preparation);
    json_decref(object);
    return status;
}
