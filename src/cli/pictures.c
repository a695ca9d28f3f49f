#include "cli/pictures.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "data/idx.h"
#include "formats/picture.h"

/* Where images go, and what they should look like. */
typedef struct {
    cvy_pictures *to;
    size_t width, height;
    cvy_invert invert;
} reading;

/* Room for one more element: twice as much as there was. */
static cvy_status grow(void *array, size_t *room, size_t count, size_t size)
{
    void **memory = array, *larger;

    if (count < *room)
        return CVY_OK;
    const size_t more = *room > 0 ? 2 * *room : 16;
    cvy_status status = cvy_memory_create(more, size, &larger);
    if (status != CVY_OK)
        return status;
    if (count > 0)
        memcpy(larger, *memory, count * size);
    cvy_memory_free(*memory);
    *memory = larger;
    *room = more;
    return CVY_OK;
}

static cvy_status add_entry(cvy_pictures *to, const char *name, const char *error,
                            const char *report)
{
    cvy_status status = grow(&to->entries, &to->entry_room, to->entry_count, sizeof *to->entries);
    if (status != CVY_OK)
        return status;
    cvy_picture_entry *entry = &to->entries[to->entry_count++];
    status = cvy_text_copy(name, &entry->name);
    if (status == CVY_OK && error != NULL)
        status = cvy_text_copy(error, &entry->error);
    if (status == CVY_OK && report != NULL)
        status = cvy_text_copy(report, &entry->report);
    return status;
}

/* The last failure belongs to this file: keep its sentence, unless the memory has run out. */
static cvy_status add_error(cvy_pictures *to, const char *name, cvy_status failure)
{
    char sentence[CVY_ERROR_BYTES];

    if (failure == CVY_ERR_MEMORY)
        return failure;
    snprintf(sentence, sizeof sentence, "%s", cvy_error_message());
    return add_entry(to, name, sentence, NULL);
}

static cvy_status next_image(cvy_pictures *to, unsigned char **image)
{
    cvy_status status = grow(&to->images, &to->image_room, to->image_count, to->image_bytes);
    *image = to->images + to->image_count * to->image_bytes;
    return status;
}

static void describe(const cvy_picture *picture, const cvy_ink_report *ink, char *text, size_t size)
{
    if (ink->is_kept)
        snprintf(text, size, "%zu x %zu pixels, has the model's form already", picture->width,
                 picture->height);
    else
        snprintf(text, size,
                 "%zu x %zu pixels, background %u%s, ink in %zu x %zu at (%zu, %zu), scaled by "
                 "%.3f, strokes of %.1f pixels widened by %.1f, centred by mass (%+.0f, %+.0f)",
                 picture->width, picture->height, ink->background,
                 ink->is_inverted ? ", turned round" : "", ink->box.right - ink->box.left,
                 ink->box.bottom - ink->box.top, ink->box.left, ink->box.top, ink->placing.scale,
                 ink->placing.stroke_width, ink->placing.widened_by, ink->placing.shift_x,
                 ink->placing.shift_y);
}

static cvy_status read_picture(const reading *r, const char *path)
{
    cvy_picture picture;
    cvy_ink_report ink;
    unsigned char *image;
    char report[256];
    size_t others;
    cvy_status status = next_image(r->to, &image);

    if (status != CVY_OK)
        return status;
    status = cvy_picture_read(path, &picture);
    if (status != CVY_OK)
        return add_error(r->to, path, status);
    status = cvy_ink_extract(picture.grey, picture.width, picture.height, r->invert, image,
                             r->width, r->height, &ink, &others);
    if (status == CVY_OK) {
        describe(&picture, &ink, report, sizeof report);
        r->to->image_count++;
        status = add_entry(r->to, path, NULL, report);
    } else {
        status = add_error(r->to, path, cvy_fail_at(status, "%s", path));
    }
    cvy_picture_free(&picture);
    return status;
}

static cvy_status read_idx(const reading *r, const char *path)
{
    cvy_images images;
    size_t height, width;
    cvy_status status = cvy_idx_read_images(path, &images, &height, &width);

    if (status != CVY_OK)
        return add_error(r->to, path, status);
    if (height != r->height || width != r->width)
        status =
            add_error(r->to, path,
                      cvy_fail(CVY_ERR_SHAPE, "%s: images of %zu x %zu, the model takes %zu x %zu",
                               path, height, width, r->height, r->width));
    else
        for (size_t i = 0; status == CVY_OK && i < images.count; i++) {
            unsigned char *image;
            char name[4096];
            status = next_image(r->to, &image);
            if (status != CVY_OK)
                break;
            memcpy(image, images.pixels + i * height * width, height * width);
            r->to->image_count++;
            snprintf(name, sizeof name, "%s[%zu]", path, i);
            status = add_entry(r->to, name, NULL, NULL);
        }
    cvy_memory_free(images.pixels);
    return status;
}

static bool ends_like_a_picture(const char *name)
{
    static const char *const endings[] = { "png", "jpg", "jpeg", "bmp", "pgm", "ppm", "pnm" };
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot != NULL && dot != name && i < sizeof endings / sizeof *endings; i++)
        if (strcasecmp(dot + 1, endings[i]) == 0)
            return true;
    return false;
}

static int select_picture(const struct dirent *entry)
{
    return ends_like_a_picture(entry->d_name);
}

static cvy_status read_folder(const reading *r, const char *folder)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, select_picture, alphasort);
    const char *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
    cvy_status status = CVY_OK;

    if (count < 0)
        return add_error(r->to, folder, cvy_fail(CVY_ERR_OPEN, "%s: cannot be read", folder));
    if (count == 0)
        status = add_error(
            r->to, folder,
            cvy_fail(CVY_ERR_DATA, "%s: no PNG, JPEG, BMP, PGM or PPM file in it", folder));
    for (int i = 0; i < count; i++) {
        char path[4096];
        int length = snprintf(path, sizeof path, "%s%s%s", folder, slash, entries[i]->d_name);
        if (status == CVY_OK && (size_t)length < sizeof path)
            status = read_picture(r, path);
        free(entries[i]);
    }
    free(entries);
    return status;
}

/* An IDX file of images by its name, as MNIST's are called: "...idx3-ubyte", also with .gz. */
static bool is_idx_name(const char *path)
{
    return strstr(path, "idx3-ubyte") != NULL;
}

static cvy_status read_operand(const reading *r, const char *path)
{
    struct stat about;

    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode))
        return read_folder(r, path);
    return is_idx_name(path) ? read_idx(r, path) : read_picture(r, path);
}

cvy_status cvy_pictures_read(char *const *operands, size_t operand_count, cvy_shape shape,
                             cvy_invert invert, cvy_pictures *pictures)
{
    reading r = {
        .to = pictures, .width = shape.dims[1], .height = shape.dims[0], .invert = invert
    };
    cvy_status status = CVY_OK;

    *pictures = (cvy_pictures){ 0 };
    if (shape.rank == 1)
        r.width = r.height = (size_t)lround(sqrt((double)shape.dims[0]));
    if (shape.rank == 3 ? shape.dims[2] != 1 : r.width * r.height != shape.dims[0])
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "pictures: the model does not take grey images, which is all that can be "
                        "read from pictures");
    pictures->image_bytes = r.width * r.height;
    for (size_t i = 0; status == CVY_OK && i < operand_count; i++)
        status = read_operand(&r, operands[i]);
    return status;
}

void cvy_pictures_release(cvy_pictures *pictures)
{
    for (size_t i = 0; i < pictures->entry_count; i++) {
        cvy_memory_free(pictures->entries[i].name);
        cvy_memory_free(pictures->entries[i].error);
        cvy_memory_free(pictures->entries[i].report);
    }
    cvy_memory_free(pictures->entries);
    cvy_memory_free(pictures->images);
    *pictures = (cvy_pictures){ 0 };
}
