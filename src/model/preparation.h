/* How images were prepared for a model, beyond scale and offset. It is stored in the model's file,
 * so that other images can be prepared in the same way. In the metadata it is the text
 *     images {"polarity": "light_on_dark", "normalize": "standard",
 *             "resize": true, "channels": true, "ink": true}
 * without the members that do not apply. Older files do not have it. */
#ifndef CVY_MODEL_PREPARATION_H
#define CVY_MODEL_PREPARATION_H

#include <stdbool.h>

#include "base/error.h"
#include "convoy/dataset.h"

enum { CVY_PREPARATION_BYTES = 256 };

typedef struct {
    cvy_polarity polarity;
    bool is_resized;   /* to the model's input size */
    bool has_channels; /* converted to the model's number of channels */
    bool finds_ink;    /* in picture files, the character was cut out */
    char normalize[16];
} cvy_preparation;

void cvy_preparation_print(const cvy_preparation *preparation, char text[CVY_PREPARATION_BYTES]);

/** text may be NULL. Returns CVY_ERR_FORMAT. */
cvy_status cvy_preparation_read(const char *text, cvy_preparation *preparation);

#endif
