/* Files of any content as pictures, and whatever they show as inputs of a model: as one character, as all
 * characters, as a whole. */
#include <assert.h>
#include <stdint.h>

#include "convoy/picture.h"
#include "formats/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void look(const uint8_t *bytes, size_t size, const cvy_picture_options *options)
{
    cvy_inputs *inputs;
    size_t width, height;

    if (cvy_inputs_decode("input", bytes, size, options, &inputs) != CVY_OK)
        return;
    (void)cvy_inputs_picture(inputs, &width, &height);
    assert(cvy_inputs_count(inputs) >= 1);
    for (size_t i = 0; i < cvy_inputs_count(inputs); i++) {
        const cvy_input_info info = cvy_inputs_info(inputs, i);
        assert(info.left < info.right && info.right <= width);
        assert(info.top < info.bottom && info.bottom <= height);
    }
    cvy_inputs_destroy(inputs);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    enum { PIXELS_MAX = 1 << 12 }; /* of pictures that characters are looked for in: for speed */
    cvy_picture_options options;
    size_t width, height, channels;

    if (cvy_picture_measure("input", bytes, size, &width, &height, &channels) != CVY_OK ||
        width * height > PIXELS_MAX)
        return 0;
    cvy_picture_options_init(&options);
    look(bytes, size, &options);
    options.is_segmented = true;
    look(bytes, size, &options);
    options.channels = 3;
    look(bytes, size, &options);
    return 0;
}
