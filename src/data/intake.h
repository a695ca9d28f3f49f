/* Where images go while a data set is opened. A source announces a part (begin) and hands its
 * images over in any order (put, or put_one from several threads at once); the intake brings them
 * into the form that was asked for and keeps them. */
#ifndef CVY_DATA_INTAKE_H
#define CVY_DATA_INTAKE_H

#include "data/cache.h"
#include "data/dataset.h"

/* The form of an image: [height][width][channels] bytes. */
typedef struct {
    size_t height, width, channels;
} cvy_form;

struct cvy_intake {
    const char *where;    /* what the user typed, or the path it resolved to */
    const void *settings; /* of a kind asked for by name; else NULL */
    const cvy_dataset_options *options;
    cvy_dataset *dataset;
    cvy_cache *cache; /* where pixels beyond the limit of memory go; NULL: a file without a name */
    cvy_form forms[CVY_PARTS]; /* in which images are handed over; zero before begin */
    size_t held;               /* bytes of pixels in memory, for the limit */
    size_t steps, done;        /* of all parts so far, for on_progress */
};

/** Whether that part is to be read at all. */
bool cvy_intake_wants(const cvy_intake *intake, cvy_split split);

/** Where the images of a source with one part go: they are training images, unless only another part is
 *  wanted. Call it once. */
cvy_split cvy_intake_undivided(cvy_intake *intake);

/**
 * Announce a part: count images (at least one) of a form, whose labels the source then writes to
 * (*part)->labels. All parts must have the same size and number of channels.
 * Returns CVY_ERR_DATA (not the size of another part, or too large), CVY_ERR_MEMORY.
 */
cvy_status cvy_intake_begin(cvy_intake *intake, cvy_split split, size_t count, cvy_form form,
                            cvy_images **part);

/** Images first .. first + count - 1 of a part, in the form that was announced. */
void cvy_intake_put(cvy_intake *intake, cvy_split split, size_t first, size_t count,
                    const uint8_t *pixels);

/** One image in a form of its own. It must fit the data set's form: the caller has asked
 *  cvy_intake_fits(). Safe to call from several threads for different images. */
void cvy_intake_put_one(cvy_intake *intake, cvy_split split, size_t index, const uint8_t *pixels,
                        cvy_form form);

/** Whether the options turn an image of that form into the data set's form. */
bool cvy_intake_fits(const cvy_intake *intake, cvy_form form);

/* --- pictures that cannot be read --- */

/** Count a file that is left out, with the sentence that says why. One thread at a time. */
void cvy_intake_leave_out(cvy_intake *intake, const char *sentence);

/** With the option is_strict, a file that was left out is an error: CVY_ERR_DATA. */
cvy_status cvy_intake_check_left_out(const cvy_intake *intake);

/** Copy image and label `from` of a part to the place `to`, which is not after it. */
void cvy_intake_move(cvy_intake *intake, cvy_split split, size_t from, size_t to);

/** Keep the first `count` images of a part, which are fewer than were announced. */
void cvy_intake_shorten(cvy_intake *intake, cvy_split split, size_t count);

/** Expect `count` more steps: a picture is looked at, then decoded. */
void cvy_intake_expect(cvy_intake *intake, size_t count);

/** Report `count` more steps as done. Safe to call from several threads. */
void cvy_intake_progress(cvy_intake *intake, size_t count);

/** Check class names that a caller gives: CVY_ERR_SETTING when one is missing or there twice; CVY_ERR_MEMORY. */
cvy_status cvy_class_names_check(const char *const *names, size_t count);

/** The classes: `names` are `count` texts, copied; NULL: numbers from 0 on. Names that are too long
 *  are cut between characters. Returns CVY_ERR_DATA (fewer than 2, more than CVY_CLASSES_MAX) or
 *  CVY_ERR_MEMORY. */
cvy_status cvy_intake_name_classes(cvy_intake *intake, size_t count, const char *const *names);

/** After all parts: check labels, find the polarity and invert pixels of another one than was asked for.
 *  Returns CVY_ERR_DATA, CVY_ERR_MEMORY. */
cvy_status cvy_intake_settle(cvy_intake *intake);

/** Put the classes into the order that was asked for. Returns CVY_ERR_DATA, CVY_ERR_MEMORY. */
cvy_status cvy_intake_order_classes(cvy_intake *intake);

#endif
