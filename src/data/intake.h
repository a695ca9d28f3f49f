/* The destination of images while a data set is opened. A source announces a part (begin) and hands
 * over its images in any order (put, or put_one from several threads at once); the intake converts
 * them to the requested form and stores them. */
#ifndef CVY_DATA_INTAKE_H
#define CVY_DATA_INTAKE_H

#include "data/cache.h"
#include "data/dataset.h"

/* The form of an image: [height][width][channels] bytes. */
typedef struct {
    size_t height, width, channels;
} cvy_form;

struct cvy_intake {
    const char *where;    /* the user's text, or the path it resolved to */
    const void *settings; /* settings of a kind selected by name; else NULL */
    const cvy_dataset_options *options;
    cvy_dataset *dataset;
    cvy_cache *cache; /* takes pixels beyond the memory limit; NULL: an unnamed file does */
    cvy_form forms[CVY_PARTS]; /* form of the images handed over; zero before begin */
    size_t held;               /* bytes of pixels in memory, checked against the limit */
    size_t steps, done;        /* for all parts so far, for on_progress */
};

/** Whether this part was requested. */
bool cvy_intake_wants(const cvy_intake *intake, cvy_split split);

/** The part for the images of a source that has only one: training images, unless only another part
 *  was requested. Call it once. */
cvy_split cvy_intake_undivided(cvy_intake *intake);

/**
 * Announce a part of `count` images (at least one) of a form. The source then writes their labels
 * to (*part)->labels. All parts must have the same size and number of channels.
 * Returns CVY_ERR_DATA (size differs from another part's, or is too large), CVY_ERR_MEMORY.
 */
cvy_status cvy_intake_begin(cvy_intake *intake, cvy_split split, size_t count, cvy_form form,
                            cvy_images **part);

/** Store images first .. first + count - 1 of a part, in the announced form. */
void cvy_intake_put(cvy_intake *intake, cvy_split split, size_t first, size_t count,
                    const uint8_t *pixels);

/** Store one image that has its own form. The caller has checked with cvy_intake_fits() that it can
 *  be converted. Safe to call from several threads for different images. */
void cvy_intake_put_one(cvy_intake *intake, cvy_split split, size_t index, const uint8_t *pixels,
                        cvy_form form);

/** Whether the options convert an image of this form to the data set's form. */
bool cvy_intake_fits(const cvy_intake *intake, cvy_form form);

/* --- unreadable pictures --- */

/** Count a skipped file and keep the message that says why. One thread at a time. */
void cvy_intake_leave_out(cvy_intake *intake, const char *sentence);

/** Count a readable picture that was skipped for its size; `found` names the file and its size. */
void cvy_intake_leave_out_size(cvy_intake *intake, const char *found);

/** Return CVY_ERR_DATA if the option is_strict is set and a file was skipped. */
cvy_status cvy_intake_check_left_out(const cvy_intake *intake);

/** Copy the image and label at index `from` of a part to index `to` <= `from`. */
void cvy_intake_move(cvy_intake *intake, cvy_split split, size_t from, size_t to);

/** Keep only the first `count` images of a part, at most as many as were announced. */
void cvy_intake_shorten(cvy_intake *intake, cvy_split split, size_t count);

/** Expect `count` more steps. A picture takes two: inspecting and decoding. */
void cvy_intake_expect(cvy_intake *intake, size_t count);

/** Report `count` more steps as done. Safe to call from several threads. */
void cvy_intake_progress(cvy_intake *intake, size_t count);

/** Check a caller's class names. Returns CVY_ERR_SETTING (a name is missing or occurs twice),
 *  CVY_ERR_MEMORY. */
cvy_status cvy_class_names_check(const char *const *names, size_t count);

/** Set the classes: copies of `count` names, or numbers from 0 if `names` is NULL. Names that are
 *  too long are cut between characters. Returns CVY_ERR_DATA (fewer than 2, more than
 *  CVY_CLASSES_MAX) or CVY_ERR_MEMORY. */
cvy_status cvy_intake_name_classes(cvy_intake *intake, size_t count, const char *const *names);

/** After all parts: check labels, detect the polarity and invert the pixels if another one was
 *  requested.
 *  Returns CVY_ERR_DATA, CVY_ERR_MEMORY. */
cvy_status cvy_intake_settle(cvy_intake *intake);

/** Put the classes into the requested order. Returns CVY_ERR_DATA, CVY_ERR_MEMORY. */
cvy_status cvy_intake_order_classes(cvy_intake *intake);

#endif
