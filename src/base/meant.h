/* Guesses what a refused value means: "20%" is 0.2, "10k" is 10000, "Strong" strong. */
#ifndef CVY_BASE_MEANT_H
#define CVY_BASE_MEANT_H

#include "base/settings.h"

/** Write to `meant` the value that `text` probably means and the row accepts; false if there is
 *  none. */
bool cvy_value_meant(const cvy_setting *row, const char *text, char meant[CVY_NAME_BYTES]);

#endif
