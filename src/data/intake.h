/* Where images go while a data set is opened. A source announces a part (begin) and hands its
 * images over in any order (put, or put_one from several threads at once); the intake brings them
 * into the form that was asked for and keeps them. */
#ifndef CVY_DATA_INTAKE_H
#define CVY_DATA_INTAKE_H

#include "data/dataset.h"

/* The form of an image: [height][width][channels] bytes. */
typedef struct {
    size_t height, width, channels;
} cvy_form;

struct cvy_intake {
    const char *where;    /* what the user typed, or the path that was found behind it */
    const void *settings; /* of a kind asked for by name; else NULL */
    const cvy_dataset_options *options;
    cvy_dataset *dataset;
    cvy_form forms[CVY_PARTS]; /* in which images are handed over; zero before begin */
};

/** Whether that part is to be read at all. */
bool cvy_intake_wants(const cvy_intake *intake, cvy_split split);

/**
 * Announce a part: count images (at least one) of a form, whose labels the source then writes to
 * (*part)->labels. All parts must come to the same size and number of channels.
 * Returns CVY_ERR_DATA (not the size of another part, or too large), CVY_ERR_MEMORY.
 */
cvy_status cvy_intake_begin(cvy_intake *intake, cvy_split split, size_t count, cvy_form form,
                            cvy_images **part);

/** Images first .. first + count - 1 of a part, in the form that was announced. */
void cvy_intake_put(cvy_intake *intake, cvy_split split, size_t first, size_t count,
                    const uint8_t *pixels);

/** One image in a form of its own. It must come to the data set's form: the caller has asked
 *  cvy_intake_fits(). Safe to call from several threads for different images. */
void cvy_intake_put_one(cvy_intake *intake, cvy_split split, size_t index, const uint8_t *pixels,
                        cvy_form form);

/** Whether an image of that form comes to the data set's form with the options given. */
bool cvy_intake_fits(const cvy_intake *intake, cvy_form form);

/** The classes: `names` are `count` texts, copied; NULL: numbers from 0 on. Names that are too long
 *  are cut between characters. Returns CVY_ERR_DATA (fewer than 2, more than CVY_CLASSES_MAX) or
 *  CVY_ERR_MEMORY. */
cvy_status cvy_intake_name_classes(cvy_intake *intake, size_t count, const char *const *names);

/** After all parts: check labels, put the classes into the order that was asked for, find the
 *  polarity. Returns CVY_ERR_DATA. */
cvy_status cvy_intake_finish(cvy_intake *intake);

#endif
