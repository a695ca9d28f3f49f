/* Finding optimizers by name and instruction set,
 * and the checks that rows of settings cannot express. */
#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "optimizers/optimizer.h"

extern const cvy_optimizer_set cvy_optimizer_set_generic;
#ifdef CVY_HAVE_X86_ISA
extern const cvy_optimizer_set cvy_optimizer_set_avx2;
#endif

/* The optimizers for each set of kernels. Updates are limited by memory, or by division and square
 * root, which are no faster with AVX-512 than with AVX2. */
static const struct {
    const char *kernels;
    const cvy_optimizer_set *optimizers;
} sets[] = {
    { "generic", &cvy_optimizer_set_generic },
#ifdef CVY_HAVE_X86_ISA
    { "avx2", &cvy_optimizer_set_avx2 },
    { "avx512", &cvy_optimizer_set_avx2 },
#endif
};

const cvy_optimizer_set *cvy_optimizer_set_of(const cvy_kernels *kernels)
{
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if (strcmp(sets[i].kernels, kernels->name) == 0)
            return sets[i].optimizers;
    assert(!"an instruction set that has optimizers");
    return sets[0].optimizers;
}

const cvy_optimizer_kind *cvy_optimizer_in(const cvy_optimizer_set *set,
                                           const cvy_optimizer_kind *kind)
{
    return (const cvy_optimizer_kind *)cvy_kind_find(set->kinds, kind->kind.name);
}

/* --- specs --- */

/* As in Keras, at most one of the three may be given, and 0 counts as given. */
static cvy_status check_clips(const cvy_kind *kind, const void *settings)
{
    static const char *const names[] = { "clipnorm", "global_clipnorm", "clipvalue" };
    const char *given = NULL;
    char value[2][64];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const cvy_setting *row = cvy_setting_find(kind->settings, names[i]);
        cvy_setting_print(row, settings, value[given != NULL], sizeof value[0]);
        if (strcmp(value[given != NULL], "none") == 0)
            continue;
        if (given != NULL)
            return cvy_fail(CVY_ERR_SETTING,
                            "%s: found %s beside %s=%s, expected at most one of "
                            "clipnorm, global_clipnorm and clipvalue",
                            names[i], value[1], given, value[0]);
        given = names[i];
    }
    return CVY_OK;
}

cvy_status cvy_optimizer_read(const char *spec, const cvy_optimizer_kind **kind, void *settings)
{
    const cvy_kind *found;
    const cvy_optimizer_settings *common;
    cvy_status status = cvy_spec_read("optimizer", spec, cvy_optimizer_kinds, &found, &common);

    if (status != CVY_OK)
        return status;
    *kind = (const cvy_optimizer_kind *)found;
    status = check_clips(found, common);
    if (status == CVY_OK)
        status = cvy_pattern_check("exclude_from_weight_decay", common->exclude_from_weight_decay);
    if (status == CVY_OK && (*kind)->check != NULL)
        status = (*kind)->check(common);
    if (status != CVY_OK) {
        cvy_memory_free((void *)(uintptr_t)common);
        return cvy_fail_at(status, "optimizer %s", found->name);
    }
    memcpy(settings, &common, sizeof common);
    return CVY_OK;
}
