/* Leptonica, the image-processing library, loaded when the first picture needs it. If linked, its
 * dozen image-format libraries would be loaded and relocated at every program start. */
#ifndef CVY_PICTURES_LEPTONICA_H
#define CVY_PICTURES_LEPTONICA_H

#include <leptonica/allheaders.h>

#include "base/error.h"

/* All functions in use; the table and the look-up by name are generated from this list. */
#define CVY_LEPTONICA_FUNCTIONS(X)                                                                 \
    X(pixCreate)                                                                                   \
    X(pixDestroy)                                                                                  \
    X(pixGetData)                                                                                  \
    X(pixGetWpl)                                                                                   \
    X(pixCloseGray)                                                                                \
    X(pixOpenGray)                                                                                 \
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
 * Return the library's functions. The first call loads the library, which stays loaded until the
 * process ends. Thread-safe.
 * library  written only on CVY_OK
 * Returns CVY_ERR_UNSUPPORTED with a message that names the package if the library or one of its
 * functions is missing.
 */
cvy_status cvy_leptonica_open(const cvy_leptonica **library);

#endif
