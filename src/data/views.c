/* Views: data sets that refer to images of other data sets, in other parts or another order. Labels
 * are copied, pixels are not, and a view keeps its parents alive. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "data/dataset.h"

static cvy_status create_view(const cvy_dataset *like, size_t parent_count, cvy_dataset **view)
{
    cvy_status status = cvy_memory_create(1, sizeof **view, view);

    if (status != CVY_OK)
        return status;
    cvy_dataset *v = *view;
    v->references = 1;
    memcpy(v->name, like->name, sizeof v->name);
    v->height = like->height;
    v->width = like->width;
    v->channels = like->channels;
    v->polarity = like->polarity;
    v->resize_height = like->resize_height;
    v->resize_width = like->resize_width;
    v->wanted_channels = like->wanted_channels;
    v->finds_ink = like->finds_ink;
    v->is_undivided = like->is_undivided;
    return cvy_memory_create(parent_count, sizeof(cvy_dataset *), &v->parents);
}

static void add_parent(cvy_dataset *view, const cvy_dataset *parent)
{
    cvy_dataset *kept = (cvy_dataset *)parent; /* only its reference count changes */

    atomic_fetch_add(&kept->references, 1);
    view->parents[view->parent_count++] = kept;
    for (size_t i = 0; i < CVY_LEFT_OUT_NAMED && cvy_dataset_left_out(parent, i) != NULL; i++)
        if (view->left_out_count + i < CVY_LEFT_OUT_NAMED)
            memcpy(view->left_out[view->left_out_count + i], parent->left_out[i],
                   sizeof *view->left_out);
    view->left_out_count += parent->left_out_count;
    view->scaled_count += parent->scaled_count;
}

static cvy_status copy_class_names(const cvy_dataset *from, cvy_dataset *view)
{
    view->class_count = from->class_count;
    view->has_class_names = from->has_class_names;
    cvy_status status =
        cvy_memory_create(from->class_count, sizeof *view->class_names, &view->class_names);
    if (status == CVY_OK)
        memcpy(view->class_names, from->class_names, from->class_count * sizeof *view->class_names);
    return status;
}

/* Allocate room for `count` images in a part; its number of images does not change. */
static cvy_status make_room(cvy_images *part, size_t count)
{
    const uint8_t **list;
    cvy_status status = cvy_memory_create(count, sizeof *list, &list);

    if (status != CVY_OK)
        return status;
    part->list = list;
    return cvy_memory_create(count, sizeof *part->labels, &part->labels);
}

static void add_image(cvy_images *part, const cvy_dataset *from, const cvy_images *images,
                      size_t index, uint16_t label)
{
    const uint8_t **list = (const uint8_t **)part->list;

    list[part->count] = cvy_images_at(images, cvy_dataset_image_bytes(from), index);
    part->labels[part->count++] = label;
}

/* Append the images. `places` maps the labels; NULL keeps them. */
static cvy_status add_part(cvy_images *part, const cvy_dataset *from, const cvy_images *images,
                           const size_t *places)
{
    cvy_status status = CVY_OK;

    if (part->list == NULL && images->count > 0)
        status = make_room(part, images->count);
    for (size_t i = 0; status == CVY_OK && i < images->count; i++)
        add_image(part, from, images, i,
                  places != NULL ? (uint16_t)places[images->labels[i]] : images->labels[i]);
    return status;
}

static cvy_status finish(cvy_status status, cvy_dataset *made, cvy_dataset **view)
{
    if (status != CVY_OK) {
        cvy_dataset_close(made);
        return status;
    }
    *view = made;
    return CVY_OK;
}

/* ---- joining ---- */

static cvy_status check_same_form(const cvy_dataset *a, const cvy_dataset *b)
{
    if (a->height == b->height && a->width == b->width && a->channels == b->channels)
        return CVY_OK;
    return cvy_fail(
        CVY_ERR_DATA,
        "%s: images of %zu x %zu x %zu, but %s has %zu x %zu x %zu\nuse --resize HxW and "
        "--grayscale",
        b->name, b->height, b->width, b->channels, a->name, a->height, a->width, a->channels);
}

static size_t find_class(const cvy_dataset *dataset, const char *name)
{
    size_t c = 0;
    while (c < dataset->class_count && strcmp(dataset->class_names[c], name) != 0)
        c++;
    return c;
}

/* Merge the classes of all sets by name, in order of appearance. */
static cvy_status join_classes(const cvy_dataset *const *sets, size_t count, cvy_dataset *joined)
{
    cvy_status status =
        cvy_memory_create(CVY_CLASSES_MAX, sizeof *joined->class_names, &joined->class_names);

    for (size_t s = 0; status == CVY_OK && s < count; s++) {
        joined->has_class_names |= sets[s]->has_class_names;
        for (size_t c = 0; c < sets[s]->class_count; c++) {
            const char *name = sets[s]->class_names[c];
            if (find_class(joined, name) < joined->class_count)
                continue;
            if (joined->class_count == CVY_CLASSES_MAX)
                return cvy_fail(CVY_ERR_DATA, "%s: more than %d classes together", sets[s]->name,
                                CVY_CLASSES_MAX);
            memcpy(joined->class_names[joined->class_count++], name, CVY_CLASS_NAME_BYTES);
        }
    }
    return status;
}

static size_t count_part(const cvy_dataset *const *sets, size_t count, cvy_split split)
{
    size_t total = 0;

    for (size_t s = 0; s < count; s++)
        total += cvy_dataset_count(sets[s], split);
    return total;
}

static cvy_status join_images(const cvy_dataset *const *sets, size_t count, cvy_dataset *joined)
{
    size_t places[CVY_CLASSES_MAX];
    cvy_status status = CVY_OK;

    for (int p = 0; status == CVY_OK && p < CVY_PARTS; p++) {
        cvy_images *part = cvy_dataset_part(joined, (cvy_split)p);
        const size_t total = count_part(sets, count, (cvy_split)p);
        if (total > 0)
            status = make_room(part, total);
        for (size_t s = 0; status == CVY_OK && s < count; s++) {
            for (size_t c = 0; c < sets[s]->class_count; c++)
                places[c] = find_class(joined, sets[s]->class_names[c]);
            status = add_part(part, sets[s], cvy_dataset_part_const(sets[s], (cvy_split)p), places);
        }
    }
    return status;
}

/* Make a name such as "mnist + mine", cut if it is too long. */
static void join_names(const cvy_dataset *const *sets, size_t count, cvy_dataset *joined)
{
    size_t used = strlen(joined->name);

    for (size_t s = 1; s < count && used < sizeof joined->name; s++)
        used += (size_t)snprintf(joined->name + used, sizeof joined->name - used, " + %s",
                                 sets[s]->name);
    for (size_t end = strlen(joined->name);
         used >= sizeof joined->name && end > 0 && (joined->name[end - 1] & 0x80) != 0; end--)
        joined->name[end - 1] = '\0'; /* do not cut a UTF-8 character in half */
}

/* What was done to the images of one of the sets is done to images for the model. */
static void add_preparation(cvy_dataset *view, const cvy_dataset *from)
{
    if (view->resize_height == 0) {
        view->resize_height = from->resize_height;
        view->resize_width = from->resize_width;
    }
    if (view->wanted_channels == 0)
        view->wanted_channels = from->wanted_channels;
    view->finds_ink |= from->finds_ink;
}

cvy_status cvy_dataset_join(const cvy_dataset *const *datasets, size_t count, cvy_dataset **joined)
{
    CVY_REQUIRE(datasets);
    CVY_REQUIRE(joined);
    for (size_t s = 0; s < count; s++)
        CVY_REQUIRE(datasets[s]);
    cvy_dataset *made = NULL;
    cvy_status status = count > 0 ? CVY_OK : cvy_fail(CVY_ERR_SETTING, "no data sets to join");

    for (size_t s = 1; status == CVY_OK && s < count; s++)
        status = check_same_form(datasets[0], datasets[s]);
    if (status == CVY_OK)
        status = create_view(datasets[0], count, &made);
    if (status == CVY_OK)
        status = join_classes(datasets, count, made);
    if (status == CVY_OK)
        status = join_images(datasets, count, made);
    for (size_t s = 0; status == CVY_OK && s < count; s++) {
        add_parent(made, datasets[s]);
        add_preparation(made, datasets[s]);
    }
    if (status == CVY_OK)
        join_names(datasets, count, made);
    return finish(status, made, joined);
}

/* ---- validation images from another data set ---- */

/* The part of `other` used for validation: its validation images, else its test or training
 * images. */
static const cvy_images *validating_part(const cvy_dataset *other)
{
    return other->validation.count > 0 ? &other->validation
           : other->test.count > 0     ? &other->test
                                       : &other->train;
}

cvy_status cvy_dataset_with_validation(const cvy_dataset *dataset, const cvy_dataset *other,
                                       cvy_dataset **view)
{
    CVY_REQUIRE(dataset);
    CVY_REQUIRE(other);
    CVY_REQUIRE(view);
    cvy_dataset *made = NULL;
    size_t places[CVY_CLASSES_MAX];
    const cvy_images *images = validating_part(other);
    cvy_status status = check_same_form(dataset, other);

    for (size_t c = 0; c < other->class_count; c++)
        places[c] = find_class(dataset, other->class_names[c]);
    for (size_t i = 0; status == CVY_OK && i < images->count; i++)
        if (places[images->labels[i]] == dataset->class_count)
            status = cvy_fail(CVY_ERR_DATA, "%s: the class %s is not among those of %s",
                              other->name, other->class_names[images->labels[i]], dataset->name);
    if (status == CVY_OK)
        status = create_view(dataset, 2, &made);
    if (status == CVY_OK)
        status = copy_class_names(dataset, made);
    if (status == CVY_OK)
        status = add_part(&made->train, dataset, &dataset->train, NULL);
    if (status == CVY_OK)
        status = add_part(&made->test, dataset, &dataset->test, NULL);
    if (status == CVY_OK)
        status = add_part(&made->validation, other, images, places);
    if (status == CVY_OK) {
        add_parent(made, dataset);
        add_parent(made, other);
    }
    return finish(status, made, view);
}

/* ---- stratified parts of the training images ---- */

/* Choose the training images used for validation: they are true in `chosen`, [count]. */
typedef cvy_status choosing(const cvy_dataset *dataset, size_t count, const void *how,
                            bool *chosen);

static cvy_status divide(const cvy_dataset *dataset, size_t count, choosing *choose,
                         const void *how, cvy_dataset **view)
{
    cvy_dataset *made = NULL;
    bool *chosen = NULL;
    size_t held = 0;
    cvy_status status = cvy_memory_create(count, sizeof *chosen, &chosen);

    if (status == CVY_OK)
        status = choose(dataset, count, how, chosen);
    for (size_t i = 0; status == CVY_OK && i < count; i++)
        held += chosen[i];
    if (status == CVY_OK && held == count)
        status = cvy_fail(CVY_ERR_DATA, "%s: no images are left to train on (%zu)", dataset->name,
                          count);
    if (status == CVY_OK)
        status = create_view(dataset, 1, &made);
    if (status == CVY_OK)
        status = copy_class_names(dataset, made);
    if (status == CVY_OK)
        status = make_room(&made->train, count - held);
    if (status == CVY_OK && held > 0)
        status = make_room(&made->validation, held);
    for (size_t i = 0; status == CVY_OK && i < count; i++)
        add_image(chosen[i] ? &made->validation : &made->train, dataset, &dataset->train, i,
                  dataset->train.labels[i]);
    if (status == CVY_OK)
        status = add_part(&made->test, dataset, &dataset->test, NULL);
    if (status == CVY_OK)
        add_parent(made, dataset);
    cvy_memory_free(chosen);
    return finish(status, made, view);
}

static cvy_status count_classes(const cvy_dataset *dataset, size_t count, size_t **counts)
{
    cvy_status status = cvy_memory_create(dataset->class_count, sizeof **counts, counts);

    for (size_t i = 0; status == CVY_OK && i < count; i++)
        (*counts)[dataset->train.labels[i]]++;
    return status;
}

/* Compute the number of validation images of each class: its share rounded down, plus one for the
 * classes with the largest remainders until the sum equals that of Keras's validation_split. */
static void share_out(const cvy_dataset *dataset, size_t count, double fraction, size_t *counts)
{
    size_t left = count - (size_t)floor((double)count * (1 - fraction));
    double remainder[CVY_CLASSES_MAX];

    for (size_t c = 0; c < dataset->class_count; c++) {
        const double share = (double)counts[c] * fraction;
        const size_t whole = (size_t)fmin(floor(share), (double)left);
        remainder[c] = counts[c] > 0 ? share - floor(share) : -1;
        counts[c] = whole;
        left -= whole;
    }
    for (size_t round = 0; left > 0 && round < dataset->class_count; round++, left--) {
        size_t best = 0;
        for (size_t c = 1; c < dataset->class_count; c++)
            best = remainder[c] > remainder[best] ? c : best;
        counts[best] += remainder[best] > 0;
        remainder[best] = -1;
    }
}

/* Choose the last images of each class. */
static cvy_status choose_share(const cvy_dataset *dataset, size_t count, const void *how,
                               bool *chosen)
{
    const double *fraction = how;
    size_t *counts;
    cvy_status status = count_classes(dataset, count, &counts);

    if (status == CVY_OK)
        share_out(dataset, count, *fraction, counts);
    for (size_t i = count; status == CVY_OK && i-- > 0;) {
        size_t *left = &counts[dataset->train.labels[i]];
        chosen[i] = *left > 0;
        *left -= *left > 0;
    }
    cvy_memory_free(counts);
    return status;
}

static size_t limit_of(const cvy_dataset *dataset, size_t limit)
{
    return limit > 0 && limit < dataset->train.count ? limit : dataset->train.count;
}

cvy_status cvy_dataset_divide(const cvy_dataset *dataset, double fraction, size_t limit,
                              cvy_dataset **view)
{
    CVY_REQUIRE(dataset);
    CVY_REQUIRE(view);
    const size_t count = limit_of(dataset, limit);

    if (!(fraction >= 0 && fraction < 1))
        return cvy_fail(CVY_ERR_SETTING, "validation_split: found %g, expected a number in [0, 1)",
                        fraction);
    return count > 0 ? divide(dataset, count, choose_share, &fraction, view)
                     : cvy_fail(CVY_ERR_DATA, "%s: no training images in it", dataset->name);
}

typedef struct {
    size_t count, index;
} fold;

/* Deal out images class by class, so that folds differ by at most one image, both in total and
 * within each class. */
static cvy_status choose_fold(const cvy_dataset *dataset, size_t count, const void *how,
                              bool *chosen)
{
    const fold *f = how;
    size_t *next, first = 0;
    cvy_status status = count_classes(dataset, count, &next);

    for (size_t c = 0; status == CVY_OK && c < dataset->class_count; c++) {
        const size_t images = next[c];
        next[c] = first;
        first += images;
    }
    for (size_t i = 0; status == CVY_OK && i < count; i++)
        chosen[i] = next[dataset->train.labels[i]]++ % f->count == f->index;
    cvy_memory_free(next);
    return status;
}

cvy_status cvy_dataset_fold(const cvy_dataset *dataset, size_t fold_count, size_t index,
                            size_t limit, cvy_dataset **view)
{
    CVY_REQUIRE(dataset);
    CVY_REQUIRE(view);
    const size_t count = limit_of(dataset, limit);
    const fold f = { fold_count, index };

    if (fold_count < 2 || fold_count > count)
        return cvy_fail(CVY_ERR_SETTING, "folds: found %zu, expected 2 to %zu (training images)",
                        fold_count, count);
    if (index >= fold_count)
        return cvy_fail(CVY_ERR_SETTING, "fold: found %zu, expected one below %zu", index,
                        fold_count);
    return divide(dataset, count, choose_fold, &f, view);
}
