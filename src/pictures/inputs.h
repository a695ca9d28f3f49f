/* The inputs of a picture, declared in include/convoy/picture.h. */
#ifndef CVY_PICTURES_INPUTS_H
#define CVY_PICTURES_INPUTS_H

#include "convoy/picture.h"
#include "formats/picture.h"
#include "pictures/ink.h"

enum { CVY_INPUT_REPORT_BYTES = 320, CVY_INPUT_SIDE_MAX = 4096 };

struct cvy_inputs {
    cvy_picture picture;
    cvy_inks inks;
    size_t others;
    char (*reports)[CVY_INPUT_REPORT_BYTES]; /* [inks.count] */
};

#endif
