/* Sources: get_config() of TensorFlow 2.2 to 2.15 and of Keras 3. */
#include "model/keras_legacy.h"

#include <string.h>

/* now: NULL if the setting is dropped when it has this value. */
static const struct {
    const char *class_name, *then, *now;
    json_int_t value;
} settings[] = {
    { "LeakyReLU", "alpha", "negative_slope", 0 }, { "DepthwiseConv2D", "groups", NULL, 1 },
    { "DepthwiseConv1D", "groups", NULL, 1 },      { "Conv2DTranspose", "groups", NULL, 1 },
    { "Conv1DTranspose", "groups", NULL, 1 },
};

void cvy_keras_modernize(const char *class_name, json_t *config)
{
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        json_t *value = json_object_get(config, settings[i].then);
        if (value == NULL || strcmp(settings[i].class_name, class_name) != 0)
            continue;
        if (settings[i].now != NULL) {
            if (json_object_set(config, settings[i].now, value) == 0)
                json_object_del(config, settings[i].then);
        } else if (json_is_integer(value) && json_integer_value(value) == settings[i].value) {
            json_object_del(config, settings[i].then);
        }
    }
}
