/* Pictures of two levels that stand for greys by the density of their dots, as fax machines, receipt
 * printers and scanners in their "black and white" mode make them. */
#ifndef CVY_PICTURES_DITHER_H
#define CVY_PICTURES_DITHER_H

#include <stddef.h>

#include "base/error.h"

/**
 * Turn the dots of a dithered picture into greys.
 * grey    [height][width]
 * smooth  [height][width], or NULL if the picture is not dithered; the caller releases it
 * Returns CVY_OK or CVY_ERR_MEMORY.
 */
cvy_status cvy_dither_smooth(const unsigned char *grey, size_t width, size_t height,
                             unsigned char **smooth);

#endif
