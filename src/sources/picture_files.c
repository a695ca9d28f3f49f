/* Read pictures in two parallel passes: the headers of all files give the number and form of the
 * images, so that one block can hold them; then each file is decoded to its place. */
#include "sources/picture_files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "data/content.h"
#include "data/fit.h"
#include "formats/picture.h"
#include "pictures/inputs.h"

enum { HEAD_BYTES = 1 << 16, CHUNK = 64 };

/* Properties of a picture known before it is decoded. */
typedef struct {
    cvy_form form;
    bool is_bad;
} picture_look;

/* The pictures of a part being read. */
typedef struct {
    cvy_intake *intake;
    cvy_split split;
    const cvy_file_list *list;
    picture_look *looks; /* [list->count] */
    size_t memory_failures;
} picture_reading;

/* ---- inspecting ---- */

/* Read the first bytes of a file, at most HEAD_BYTES. */
static cvy_status read_head(const char *path, unsigned char bytes[HEAD_BYTES], size_t *size)
{
    struct stat about;
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t count = 1;

    *size = 0;
    if (file < 0)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", path, strerror(errno));
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) {
        close(file);
        return cvy_fail(CVY_ERR_READ, "%s: not a regular file", path);
    }
    while (*size < HEAD_BYTES && count > 0) {
        count = read(file, bytes + *size, HEAD_BYTES - *size);
        if (count > 0)
            *size += (size_t)count;
        else if (count < 0 && errno == EINTR)
            count = 1;
    }
    const int error = errno;
    close(file);
    return count < 0 ? cvy_fail(CVY_ERR_READ, "%s: %s", path, strerror(error)) : CVY_OK;
}

/* Read the header of a picture, or the whole file if the first bytes are not enough. */
static cvy_status look_at(const char *path, picture_look *look)
{
    unsigned char head[HEAD_BYTES], *whole;
    size_t size;
    cvy_status status = read_head(path, head, &size);

    if (status != CVY_OK)
        return status;
    const char *other = cvy_content_picture_name(head, size);
    const char *mistake = cvy_content_mistake(cvy_content_of_bytes(head, size));
    if (mistake != NULL)
        return cvy_fail(CVY_ERR_FORMAT, "%s: %s", path, mistake);
    if (other != NULL)
        return cvy_fail(CVY_ERR_FORMAT, "%s: %s %s picture, expected PNG, JPEG, BMP, PGM or PPM",
                        path, other[0] == 'A' ? "an" : "a", other);
    status = cvy_picture_measure(path, head, size, &look->form.width, &look->form.height,
                                 &look->form.channels);
    if (status != CVY_ERR_FORMAT || size < HEAD_BYTES)
        return status;
    status = cvy_file_read(path, CVY_PICTURE_FILE_BYTES_MAX, &whole, &size);
    if (status != CVY_OK)
        return status;
    status = cvy_picture_measure(path, whole, size, &look->form.width, &look->form.height,
                                 &look->form.channels);
    cvy_memory_free(whole);
    return status;
}

/* An unreadable picture is skipped and counted, or stops the reading. */
static void leave_out(picture_reading *r, size_t i, cvy_status status)
{
    r->looks[i].is_bad = true;
#pragma omp critical
    {
        if (status == CVY_ERR_MEMORY)
            r->memory_failures++;
        cvy_intake_leave_out(r->intake, cvy_error_message());
    }
}

static cvy_status check_failures(const picture_reading *r)
{
    return r->memory_failures > 0 ? cvy_fail(CVY_ERR_MEMORY, "%s: out of memory", r->intake->where)
                                  : CVY_OK;
}

/* The form of a character that was cut out. */
static cvy_form ink_form(const picture_reading *r)
{
    const cvy_dataset_options *o = r->intake->options;
    cvy_picture_options standard;

    cvy_picture_options_init(&standard);
    return (cvy_form){ o->resize_height > 0 ? o->resize_height : standard.height,
                       o->resize_width > 0 ? o->resize_width : standard.width, 1 };
}

static cvy_status look_at_all(picture_reading *r)
{
    cvy_status status = cvy_memory_create(r->list->count, sizeof *r->looks, &r->looks);

    if (status != CVY_OK)
        return status;
    cvy_intake_expect(r->intake, 2 * r->list->count);
#pragma omp parallel for num_threads((int)r->intake->options->threads) schedule(dynamic, CHUNK)
    for (size_t i = 0; i < r->list->count; i++) {
        const cvy_status looked = look_at(r->list->files[i].path, &r->looks[i]);
        if (looked != CVY_OK)
            leave_out(r, i, looked);
        if (r->intake->options->finds_ink)
            r->looks[i].form = ink_form(r);
        cvy_intake_progress(r->intake, 1);
    }
    return check_failures(r);
}

/* ---- sizes ---- */

static bool is_size(cvy_form a, cvy_form b)
{
    return a.height == b.height && a.width == b.width;
}

/* The form of picture i after --resize. */
static cvy_form fitted(const picture_reading *r, size_t i)
{
    return cvy_fit_form(r->intake->options, r->looks[i].form);
}

/* Return a readable picture that has the size of more than half of them, if there is such a size;
 * else any. Boyer and Moore's majority vote. list->count: none can be read. */
static size_t find_typical(const picture_reading *r, size_t *good)
{
    size_t typical = r->list->count, votes = 0;

    *good = 0;
    for (size_t i = 0; i < r->list->count; i++) {
        if (r->looks[i].is_bad)
            continue;
        ++*good;
        if (votes == 0)
            typical = i;
        if (is_size(fitted(r, i), fitted(r, typical)))
            votes++;
        else
            votes--;
    }
    return typical;
}

/* The size that all images must have: that of the parts before, or of most pictures. */
static cvy_form wanted_size(const picture_reading *r, size_t typical)
{
    const cvy_dataset *d = r->intake->dataset;

    if (r->intake->options->leaves_out_sizes && d->height > 0)
        return (cvy_form){ d->height, d->width, d->channels };
    return fitted(r, typical);
}

/* Leave out, or refuse, the pictures of another size. */
static cvy_status check_sizes(picture_reading *r, size_t typical, size_t *good)
{
    const cvy_form wanted = wanted_size(r, typical);
    size_t others = 0, first = 0;

    for (size_t i = 0; i < r->list->count; i++) {
        if (r->looks[i].is_bad || is_size(fitted(r, i), wanted))
            continue;
        first = others++ == 0 ? i : first;
        if (r->intake->options->leaves_out_sizes) {
            char found[CVY_LEFT_OUT_BYTES];
            snprintf(found, sizeof found, "%zu x %zu: %.200s", r->looks[i].form.height,
                     r->looks[i].form.width, r->list->files[i].path);
            cvy_intake_leave_out_size(r->intake, found);
            r->looks[i].is_bad = true;
        }
    }
    *good -= others;
    if (others == 0 || r->intake->options->leaves_out_sizes)
        return CVY_OK;
    return cvy_fail(CVY_ERR_DATA,
                    "%s: %zu x %zu pixels, expected %zu x %zu as in %s; %zu of %zu pictures %s "
                    "another size\nuse --resize HxW, or --find-ink for a character in each",
                    r->list->files[first].path, fitted(r, first).height, fitted(r, first).width,
                    wanted.height, wanted.width, r->list->files[typical].path, others,
                    *good + others, others == 1 ? "has" : "have");
}

static cvy_status fail_all(const picture_reading *r)
{
    return cvy_fail(CVY_ERR_DATA, "%s: none of its %zu pictures can be read\n%s", r->intake->where,
                    r->list->count, r->intake->dataset->left_out[0]);
}

/* Choose the form of the images: the size of most pictures, in color if any picture has color. No
 * picture may be left, *good == 0, if those of another size are left out. */
static cvy_status choose_form(picture_reading *r, size_t *good, cvy_form *form)
{
    const size_t typical = find_typical(r, good);

    if (*good == 0)
        return fail_all(r);
    cvy_status status = check_sizes(r, typical, good);
    bool has_form = false;
    for (size_t i = 0; status == CVY_OK && i < r->list->count; i++) {
        if (r->looks[i].is_bad)
            continue;
        if (!has_form)
            *form = r->looks[i].form;
        has_form = true;
        r->intake->dataset->scaled_count += !is_size(r->looks[i].form, fitted(r, i));
        form->channels = r->looks[i].form.channels == 3 ? 3 : form->channels;
    }
    return status;
}

/* ---- decoding ---- */

/* Cut the character out of a picture, as `predict` does. */
static cvy_status decode_ink(picture_reading *r, const char *path, size_t place)
{
    const cvy_form form = ink_form(r);
    cvy_picture_options options;
    cvy_inputs *inputs;

    cvy_picture_options_init(&options);
    options.height = form.height;
    options.width = form.width;
    if (r->intake->options->polarity != CVY_POLARITY_NONE)
        options.polarity = r->intake->options->polarity;
    const cvy_status status = cvy_inputs_read(path, &options, &inputs);
    if (status != CVY_OK)
        return status;
    cvy_intake_put_one(r->intake, r->split, place, cvy_inputs_images(inputs), form);
    cvy_inputs_destroy(inputs);
    return CVY_OK;
}

static cvy_status decode_whole(picture_reading *r, size_t i, size_t place)
{
    cvy_colour_picture picture;
    unsigned char *bytes;
    size_t size;
    const char *path = r->list->files[i].path;
    cvy_status status = cvy_file_read(path, CVY_PICTURE_FILE_BYTES_MAX, &bytes, &size);

    if (status != CVY_OK)
        return status;
    status = cvy_picture_decode_colour(path, bytes, size, &picture);
    cvy_memory_free(bytes);
    if (status != CVY_OK)
        return status;
    const cvy_form form = { picture.height, picture.width, picture.channels };
    const cvy_form looked = r->looks[i].form;
    if (form.height != looked.height || form.width != looked.width)
        status = cvy_fail(CVY_ERR_FORMAT, "%s: it changed while it was read", path);
    else
        cvy_intake_put_one(r->intake, r->split, place, picture.pixels, form);
    cvy_colour_picture_free(&picture);
    return status;
}

static cvy_status decode(picture_reading *r, size_t i, size_t place)
{
    return r->intake->options->finds_ink ? decode_ink(r, r->list->files[i].path, place)
                                         : decode_whole(r, i, place);
}

/* Number the readable pictures in order; the others get no place. */
static cvy_status number(const picture_reading *r, size_t **places)
{
    size_t next = 0;
    cvy_status status = cvy_memory_create(r->list->count, sizeof **places, places);

    for (size_t i = 0; status == CVY_OK && i < r->list->count; i++)
        (*places)[i] = r->looks[i].is_bad ? SIZE_MAX : next++;
    return status;
}

static cvy_status decode_all(picture_reading *r, cvy_images *part)
{
    size_t *places;
    cvy_status status = number(r, &places);
    bool any_bad = false;

    if (status != CVY_OK)
        return status;
    const int chunk = r->intake->options->finds_ink ? 1 : CHUNK;
#pragma omp parallel for num_threads((int)r->intake->options->threads) schedule(dynamic, chunk)
    for (size_t i = 0; i < r->list->count; i++) {
        cvy_intake_progress(r->intake, 1);
        if (places[i] == SIZE_MAX)
            continue;
        part->labels[places[i]] = (uint16_t)r->list->files[i].class_index;
        const cvy_status decoded = decode(r, i, places[i]);
        if (decoded != CVY_OK)
            leave_out(r, i, decoded);
    }
    for (size_t i = 0; i < r->list->count; i++)
        any_bad |= places[i] != SIZE_MAX && r->looks[i].is_bad;
    if (any_bad) { /* found while decoding: move the others up */
        size_t kept = 0;
        for (size_t i = 0; i < r->list->count; i++)
            if (places[i] != SIZE_MAX && !r->looks[i].is_bad)
                cvy_intake_move(r->intake, r->split, places[i], kept++);
        cvy_intake_shorten(r->intake, r->split, kept);
        if (kept == 0)
            status = fail_all(r);
    }
    cvy_memory_free(places);
    return status == CVY_OK ? check_failures(r) : status;
}

cvy_status cvy_picture_files_read(cvy_intake *intake, cvy_split split, const cvy_file_list *list)
{
    picture_reading r = { .intake = intake, .split = split, .list = list };
    cvy_images *part;
    cvy_form form = { 0 };
    size_t good = 0;
    cvy_status status = look_at_all(&r);

    if (status == CVY_OK)
        status = cvy_intake_check_left_out(intake);
    if (status == CVY_OK)
        status = choose_form(&r, &good, &form);
    if (status == CVY_OK && intake->options->finds_ink)
        intake->dataset->polarity = intake->options->polarity != CVY_POLARITY_NONE
                                        ? intake->options->polarity
                                        : CVY_POLARITY_LIGHT_ON_DARK;
    if (status == CVY_OK && good > 0)
        status = cvy_intake_begin(intake, split, good, form, &part);
    if (status == CVY_OK && good > 0)
        status = decode_all(&r, part);
    if (status == CVY_OK)
        status = cvy_intake_check_left_out(intake);
    cvy_memory_free(r.looks);
    return status;
}
