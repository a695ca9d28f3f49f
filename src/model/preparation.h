/* How images were prepared before they came to a model, beyond scale and offset: kept in its file, so
 * that other images can be prepared likewise. In the metadata it is the text
 *     images {"polarity": "light_on_dark", "normalize": "standard", "resize": true, "channels": true}
 * in which what does not hold is left out. Older files have none. */
#ifndef CVY_MODEL_PREPARATION_H
#define CVY_MODEL_PREPARATION_H

#include <stdbool.h>

#include "base/error.h"
#include "convoy/dataset.h"

enum { CVY_PREPARATION_BYTES = 256 };

typedef struct {
    cvy_polarity polarity;
    bool is_resized;   /* to the model's input size */
    bool has_channels; /* brought to the model's number of channels */
    char normalize[16];
} cvy_preparation;

void cvy_preparation_print(const cvy_preparation *preparation, char text[CVY_PREPARATION_BYTES]);

/** text may be NULL. Returns CVY_ERR_FORMAT. */
cvy_status cvy_preparation_read(const char *text, cvy_preparation *preparation);

#endif
