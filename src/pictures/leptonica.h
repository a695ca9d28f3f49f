/* Leptonica, the image-processing library, loaded when the first picture needs it: linked, its dozen
 * image-format libraries would be loaded and relocated at every start of every program. */
#ifndef CVY_PICTURES_LEPTONICA_H
#define CVY_PICTURES_LEPTONICA_H

#include <leptonica/allheaders.h>

#include "base/error.h"

/* Each function that is used, once: the table, and the look-up by name, are made from this list. */
#define CVY_LEPTONICA_FUNCTIONS(X)                                                                 \
    X(pixCreate)                                                                                   \
    X(pixDestroy)                                                                                  \
    X(pixGetData)                                                                                  \
    X(pixGetWpl)                                                                                   \
    X(pixCloseGray)                                                                                \
    X(pixOpenGray)                                                                                 \
    X(pixDilateBrick)                                                                              \
    X(pixOpenBrick)                                                                                \
    X(pixConnComp)                                                                                 \
    X(pixaDestroy)                                                                                 \
    X(boxaDestroy)                                                                                 \
    X(boxaGetCount)                                                                                \
    X(boxaGetBoxGeometry)                                                                          \
    X(setMsgSeverity)

typedef struct {
#define CVY_MEMBER(name) __typeof__(name) *name;
    CVY_LEPTONICA_FUNCTIONS(CVY_MEMBER)
#undef CVY_MEMBER
} cvy_leptonica;

/**
 * The library's functions; loaded by the first call, kept for the life of the process. Any thread may
 * call it at any time.
 * library  written only on CVY_OK
 * Returns CVY_ERR_UNSUPPORTED with a sentence that names the package when the library, or a function
 * in it, is not there.
 */
cvy_status cvy_leptonica_open(const cvy_leptonica **library);

#endif
