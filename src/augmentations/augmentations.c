/* The list of augmentations; applies the requested ones to a sample. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "augmentations/augmentation.h"
#include "base/memory.h"

static_assert(offsetof(cvy_augmentation_kind, kind) == 0, "the list holds the first members");

const cvy_kind *const cvy_augmentation_kinds[] = {
    &cvy_random_translation.kind,
    &cvy_random_rotation.kind,
    &cvy_random_zoom.kind,
    &cvy_random_shear.kind,
    &cvy_random_flip.kind,
    &cvy_random_brightness.kind,
    &cvy_random_contrast.kind,
    &cvy_random_erasing.kind,
    &cvy_random_elastic.kind,
    &cvy_random_elastic_transform.kind,
    &cvy_mixup.kind,
    &cvy_cutmix.kind,
    NULL,
};

cvy_status cvy_factor_check(const char *name, const cvy_float_list *factor, double limit)
{
    bool fits = factor->count <= 2 && (factor->count < 2 || factor->values[0] <= factor->values[1]);

    for (size_t i = 0; i < factor->count && i < 2; i++)
        fits &= fabs(factor->values[i]) <= limit;
    return fits
               ? CVY_OK
               : cvy_fail(CVY_ERR_SETTING, "%s: expected a number or [low;high] between -%g and %g",
                          name, limit, limit);
}

cvy_status cvy_augmenter_add(cvy_augmenter *augmenter, const char *spec)
{
    const size_t i = augmenter->count;
    const cvy_kind *kind;

    if (i == CVY_AUGMENTATIONS_MAX)
        return cvy_fail(CVY_ERR_SETTING, "augmentations: found %zu, expected at most %d", i + 1,
                        CVY_AUGMENTATIONS_MAX);
    cvy_status status =
        cvy_spec_read("augmentation", spec, cvy_augmentation_kinds, &kind, &augmenter->settings[i]);
    if (status != CVY_OK)
        return status;
    augmenter->kinds[i] = (const cvy_augmentation_kind *)kind;
    augmenter->count++;
    if (augmenter->kinds[i]->mix != NULL && augmenter->mixing < CVY_AUGMENTATIONS_MAX)
        return cvy_fail(CVY_ERR_SETTING, "augmentations: %s mixes after %s, expected one of them",
                        kind->name, augmenter->kinds[augmenter->mixing]->kind.name);
    if (augmenter->kinds[i]->mix != NULL)
        augmenter->mixing = i;
    if (augmenter->kinds[i]->check != NULL)
        status = augmenter->kinds[i]->check(augmenter->settings[i]);
    return status == CVY_OK ? status : cvy_fail_at(status, "%s", kind->name);
}

cvy_status cvy_augmenter_read(const char *const *specs, size_t count, uint64_t seed,
                              cvy_augmenter *augmenter)
{
    cvy_status status = CVY_OK;

    *augmenter = (cvy_augmenter){ .seed = seed, .mixing = CVY_AUGMENTATIONS_MAX };
    if (count > CVY_AUGMENTATIONS_MAX)
        return cvy_fail(CVY_ERR_SETTING, "augmentations: found %zu, expected at most %d", count,
                        CVY_AUGMENTATIONS_MAX);
    for (size_t i = 0; status == CVY_OK && i < count; i++)
        status = specs[i] != NULL ? cvy_augmenter_add(augmenter, specs[i])
                                  : cvy_fail(CVY_ERR_SETTING, "augmentations[%zu] is NULL", i);
    return status;
}

void cvy_augmenter_release(cvy_augmenter *augmenter)
{
    for (size_t i = 0; i < augmenter->count; i++)
        cvy_memory_free(augmenter->settings[i]);
    *augmenter = (cvy_augmenter){ 0 };
}

/* random_elastic needs two fields of displacements, a copy of the image, and a line of the
 * filter. */
size_t cvy_augment_work_floats(const cvy_image_form *form)
{
    const size_t longer = form->height > form->width ? form->height : form->width;
    return 3 * form->height * form->width + longer;
}

/* An image in progress, with a map that is still to be applied. */
typedef struct {
    const cvy_image_form *form;
    uint8_t *image, *spare;
    cvy_map map;
    cvy_fill fill;
    bool is_moving;
} passage;

static void flush(passage *p)
{
    if (!p->is_moving)
        return;
    cvy_resample(p->form, &p->map, &p->fill, p->image, p->spare);
    uint8_t *moved = p->spare;
    p->spare = p->image;
    p->image = moved;
    p->is_moving = false;
}

static void move(passage *p, const cvy_augmentation_kind *kind, const void *settings,
                 cvy_dice *dice)
{
    cvy_map map = cvy_map_identity();
    cvy_fill fill = { 0 };

    kind->move(settings, dice, p->form, &map, &fill);
    if (p->is_moving && !cvy_fill_is(&fill, &p->fill))
        flush(p);
    p->map = p->is_moving ? cvy_map_after(&p->map, &map) : map;
    p->fill = fill;
    p->is_moving = true;
}

/* Apply augmentations first .. end - 1, none of which mixes. */
static void apply(const cvy_augmenter *augmenter, size_t first, size_t end, uint32_t epoch,
                  uint64_t sample, passage *p, float *work)
{
    for (size_t i = first; i < end; i++) {
        cvy_dice dice = cvy_dice_of(augmenter->seed, epoch, sample, i);
        const cvy_augmentation_kind *kind = augmenter->kinds[i];
        if (kind->move != NULL) {
            move(p, kind, augmenter->settings[i], &dice);
            continue;
        }
        flush(p);
        kind->change(augmenter->settings[i], &dice, p->form, p->image, work);
    }
    flush(p);
}

/* Augment the partner up to the mix, then mix it in; leaves another image spare. */
static void mix(const cvy_augmenter *augmenter, uint32_t epoch, const cvy_partner *partner,
                passage *p, float *work)
{
    const size_t bytes = p->form->height * p->form->width * p->form->channels;
    passage other = { .form = p->form, .image = partner->buffer, .spare = p->spare };

    memcpy(partner->buffer, partner->image, bytes);
    apply(augmenter, 0, augmenter->mixing, epoch, partner->mixture.partner, &other, work);
    augmenter->kinds[augmenter->mixing]->mix(&partner->mixture, p->form, p->image, other.image);
    p->spare = other.spare;
}

cvy_mixture cvy_augment_draw(const cvy_augmenter *augmenter, uint32_t epoch, uint64_t sample,
                             size_t count, const cvy_image_form *form)
{
    const size_t i = augmenter->mixing;
    cvy_dice dice = cvy_dice_of(augmenter->seed, epoch, sample, i);
    cvy_mixture mixture = { .share = 1 };

    const double high = (double)cvy_dice_unit(&dice), low = (double)cvy_dice_unit(&dice);
    mixture.partner = (size_t)((high + low * 0x1p-24) * (double)count); /* 48 random bits */
    mixture.partner = mixture.partner < count ? mixture.partner : count - 1;
    augmenter->kinds[i]->draw(augmenter->settings[i], &dice, form, &mixture);
    return mixture;
}

void cvy_augment(const cvy_augmenter *augmenter, uint32_t epoch, uint64_t sample,
                 const cvy_image_form *form, const uint8_t *from, const cvy_partner *partner,
                 uint8_t *to, uint8_t *spare, float *work)
{
    const size_t bytes = form->height * form->width * form->channels;
    const bool is_mixed = partner != NULL && cvy_augmenter_mixes(augmenter);
    const size_t middle = is_mixed ? augmenter->mixing : augmenter->count;
    passage p = { .form = form, .image = to, .spare = spare };

    assert(is_mixed || !cvy_augmenter_mixes(augmenter));
    memcpy(to, from, bytes);
    apply(augmenter, 0, middle, epoch, sample, &p, work);
    if (is_mixed) {
        mix(augmenter, epoch, partner, &p, work);
        apply(augmenter, middle + 1, augmenter->count, epoch, sample, &p, work);
    }
    if (p.image != to)
        memcpy(to, p.image, bytes);
}
