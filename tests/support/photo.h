/* Photographs of one digit, drawn: paper, a pen, light, and whatever may be in the way. */
#ifndef CVY_TESTS_PHOTO_H
#define CVY_TESTS_PHOTO_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    size_t width, height;
    uint8_t *grey; /* [height][width], released with free() */
} photo;

struct scene;

/* A kind of photograph. */
typedef struct {
    const char *name;
    void (*draw)(struct scene *scene);
} photo_kind;

extern const photo_kind photo_kinds[];
extern const size_t photo_kind_count;

/** Draw a digit, given as an image of 28 x 28, on a photograph of a kind. The same seed gives the same
 *  picture. */
photo photo_draw(const photo_kind *kind, const uint8_t digit[28 * 28], uint32_t seed);

#endif
