/* What a value that a setting refuses most likely means: "20%" is 0.2, "10k" is 10000, "Strong" strong. */
#ifndef CVY_BASE_MEANT_H
#define CVY_BASE_MEANT_H

#include "base/settings.h"

/** Write to `meant` the value that `text` stands for where the row takes one; false: none is likely. */
bool cvy_value_meant(const cvy_setting *row, const char *text, char meant[CVY_NAME_BYTES]);

#endif
