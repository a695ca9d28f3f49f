/* Previews the effect of augmentations on a data set's images. */
#include "augmentations/augmentation.h"
#include "data/dataset.h"
#include "base/memory.h"
#include "data/preview.h"

typedef struct {
    const cvy_dataset *dataset;
    cvy_split split;
    const cvy_augmenter *augmenter;
    cvy_image_form form;
    uint8_t *spare, *partner; /* one image each */
    float *work;
} maker;

/* Make the image as training sees it in epoch `variant`. */
static void make(void *context, size_t index, size_t variant, unsigned char *pixels)
{
    const maker *m = context;
    const size_t count = cvy_dataset_count(m->dataset, m->split);
    const bool is_mixed = cvy_augmenter_mixes(m->augmenter);
    cvy_partner partner = { .buffer = m->partner };

    if (is_mixed) {
        partner.mixture =
            cvy_augment_draw(m->augmenter, (uint32_t)variant - 1, index, count, &m->form);
        partner.image = cvy_dataset_image(m->dataset, m->split, partner.mixture.partner);
    }
    cvy_augment(m->augmenter, (uint32_t)variant - 1, index, &m->form,
                cvy_dataset_image(m->dataset, m->split, index), is_mixed ? &partner : NULL, pixels,
                m->spare, m->work);
}

static cvy_status create(maker *m)
{
    const size_t bytes = m->form.height * m->form.width * m->form.channels;
    cvy_status status = cvy_memory_create(bytes, 1, &m->spare);

    if (status == CVY_OK)
        status = cvy_memory_create(bytes, 1, &m->partner);
    if (status == CVY_OK)
        status = cvy_memory_create(cvy_augment_work_floats(&m->form), sizeof *m->work, &m->work);
    return status;
}

cvy_status cvy_dataset_preview_augmented(const cvy_dataset *dataset, cvy_split split,
                                         const char *path, size_t per_class,
                                         const char *const *augmentations, size_t count,
                                         size_t variants, uint64_t seed)
{
    CVY_REQUIRE(dataset);
    CVY_REQUIRE(path);
    if (!cvy_split_is(split))
        return cvy_fail(CVY_ERR_SETTING, "split: found %d, expected a cvy_split", (int)split);
    if (count > 0)
        CVY_REQUIRE(augmentations);
    const cvy_dataset_info info = cvy_dataset_describe(dataset);
    cvy_augmenter augmenter;
    maker m = { .dataset = dataset,
                .split = split,
                .augmenter = &augmenter,
                .form = { info.height, info.width, info.channels } };

    if (variants < 1 || variants > CVY_PREVIEW_VARIANTS_MAX)
        return cvy_fail(CVY_ERR_SETTING, "variants: found %zu, expected 1 to %d", variants,
                        CVY_PREVIEW_VARIANTS_MAX);
    cvy_status status = cvy_augmenter_read(augmentations, count, seed, &augmenter);
    if (status == CVY_OK)
        status = create(&m);
    if (status == CVY_OK)
        status = cvy_preview_write(dataset, split, path, per_class, variants, make, &m);
    cvy_memory_free(m.spare);
    cvy_memory_free(m.partner);
    cvy_memory_free(m.work);
    cvy_augmenter_release(&augmenter);
    return status;
}
