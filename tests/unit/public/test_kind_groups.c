/* The public lists are the internal ones, and specs resolve to what training uses. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "convoy/convoy.h"
#include "losses/loss.h"
#include "model/embedded.h"
#include "optimizers/optimizer.h"
#include "public/kind_groups.h"

static const cvy_kinds *get(cvy_kind_group group)
{
    const cvy_kinds *kinds;

    cr_assert_eq(cvy_kinds_get(group, &kinds), CVY_OK, "%s", cvy_error_message());
    return kinds;
}

Test(kind_groups, every_group_lists_named_kinds_with_their_settings)
{
    for (int group = 0; group < CVY_KINDS_COUNT; group++) {
        const cvy_kinds *kinds = get((cvy_kind_group)group);
        cr_expect_gt(kinds->count, 0);
        cr_expect(kinds->name != NULL && kinds->title != NULL);
        for (size_t i = 0; i < kinds->count; i++) {
            const cvy_kind_info *kind = kinds->kinds[i];
            cr_expect(kind->name[0] != '\0' && kind->summary[0] != '\0', "%s", kinds->name);
            cr_expect_eq(kind->class_name != NULL, group == CVY_KINDS_LAYERS);
            for (size_t s = 0; s < kind->setting_count; s++) {
                const cvy_setting_info *setting = kind->settings[s];
                cr_expect(setting->help != NULL && setting->help[0] != '\0', "%s: %s.%s: no help",
                          kinds->name, kind->name, setting->name);
                cr_expect(strstr(setting->help, "likewise") == NULL, "%s.%s: help \"%s\"",
                          kind->name, setting->name, setting->help);
                cr_expect(setting->range[0] != '\0', "%s.%s", kind->name, setting->name);
                cr_expect_eq(setting->choices != NULL, setting->type == CVY_VALUE_CHOICE);
            }
        }
        cr_expect_eq(get((cvy_kind_group)group), kinds, "made twice");
    }
}

/* A layer's settings that name a kind accept every kind that is listed, with its defaults. */
Test(kind_groups, what_is_listed_for_layers_is_accepted_by_them)
{
    static const struct {
        cvy_kind_group group;
        const char *setting;
    } named[] = { { CVY_KINDS_INITIALIZERS, "kernel_initializer" },
                  { CVY_KINDS_REGULARIZERS, "kernel_regularizer" },
                  { CVY_KINDS_CONSTRAINTS, "kernel_constraint" },
                  { CVY_KINDS_ACTIVATIONS, "activation" } };

    for (size_t n = 0; n < sizeof named / sizeof *named; n++)
        for (size_t i = 0; i < get(named[n].group)->count; i++) {
            const char *name = get(named[n].group)->kinds[i]->name;
            char layer[256];
            cvy_model_builder *builder;
            cvy_model *model = NULL;
            snprintf(layer, sizeof layer, "dense:units=4,%s=%s", named[n].setting, name);
            cr_assert_eq(cvy_model_builder_create("named", (cvy_shape){ 1, { 4 } }, &builder),
                         CVY_OK);
            cr_assert_eq(cvy_model_builder_add(builder, layer), CVY_OK, "%s: %s", layer,
                         cvy_error_message());
            cr_expect_eq(cvy_model_builder_finish(builder, &model), CVY_OK, "%s: %s", layer,
                         cvy_error_message());
            cvy_model_destroy(model);
            cvy_model_builder_destroy(builder);
        }
}

Test(kind_groups, lists_are_the_real_ones)
{
    const cvy_kinds *models = get(CVY_KINDS_MODELS), *losses = get(CVY_KINDS_LOSSES);

    cr_assert_eq(models->count, cvy_embedded_model_count);
    for (size_t i = 0; i < models->count; i++)
        cr_expect_str_eq(models->kinds[i]->name, cvy_embedded_models[i].name);
    cr_assert_eq(losses->count, cvy_kind_count(cvy_loss_kinds));
    for (size_t i = 0; i < losses->count; i++)
        cr_expect_str_eq(losses->kinds[i]->name, cvy_loss_kinds[i]->name);
}

Test(kind_groups, a_setting_has_its_type_and_range)
{
    const cvy_kind_info *adam = NULL;
    const cvy_kinds *optimizers = get(CVY_KINDS_OPTIMIZERS);

    for (size_t i = 0; i < optimizers->count; i++)
        if (strcmp(optimizers->kinds[i]->name, "adam") == 0)
            adam = optimizers->kinds[i];
    cr_assert_not_null(adam);
    const cvy_setting_info *beta = adam->settings[1];
    cr_expect_str_eq(beta->name, "beta_1");
    cr_expect_eq(beta->type, CVY_VALUE_NUMBER);
    cr_expect_str_eq(beta->default_text, "0.9");
    cr_expect(beta->min == 0 && beta->max == 1 && !beta->is_min_excluded && beta->is_max_excluded);
    cr_expect_not(beta->allows_none);
}

/* --- specs --- */

static cvy_spec *resolve(cvy_kind_group group, const char *text)
{
    cvy_spec *spec;

    cr_assert_eq(cvy_spec_resolve(group, text, &spec), CVY_OK, "%s: %s", text, cvy_error_message());
    return spec;
}

Test(kind_groups, a_spec_has_every_value)
{
    cvy_spec *spec = resolve(CVY_KINDS_OPTIMIZERS, "adam:beta_1=0.8,amsgrad=true,clipnorm=2");

    cr_expect_str_eq(spec->kind->name, "adam");
    cr_expect_str_eq(spec->brief, "adam:beta_1=0.8,amsgrad=true,clipnorm=2");
    cr_expect_eq(spec->value_count, spec->kind->setting_count);
    const cvy_setting_value *beta = cvy_spec_value(spec, "beta_1");
    cr_expect_eq(beta->numbers[0], 0.8);
    cr_expect_not(beta->is_default);
    cr_expect(cvy_spec_value(spec, "beta_2")->is_default);
    cr_expect_eq(cvy_spec_value(spec, "amsgrad")->numbers[0], 1);
    cr_expect(cvy_spec_value(spec, "clipvalue")->is_none);
    cr_expect_eq(cvy_spec_value(spec, "clipvalue")->number_count, 0);
    cr_expect_null(cvy_spec_value(spec, "momentum"));
    cr_assert_eq(spec->slot_count, 3);
    cr_expect_str_eq(spec->slots[2], "velocity_hat");
    cvy_spec *again = resolve(CVY_KINDS_OPTIMIZERS, spec->text);
    cr_expect_str_eq(again->text, spec->text);
    cvy_spec_destroy(again);
    cvy_spec_destroy(spec);
}

Test(kind_groups, a_number_is_a_constant_schedule)
{
    cvy_spec *spec = resolve(CVY_KINDS_SCHEDULES, "0.02");
    cr_expect_str_eq(spec->brief, "constant:learning_rate=0.02");
    cvy_spec_destroy(spec);

    spec = resolve(CVY_KINDS_SCHEDULES,
                   "piecewise_constant_decay:boundaries=[10;20],values=[1;0.5;0.25]");
    const cvy_setting_value *values = cvy_spec_value(spec, "values");
    cr_expect_eq(values->number_count, 3);
    cr_expect_eq(values->numbers[2], 0.25);
    cvy_spec_destroy(spec);
}

Test(kind_groups, every_optimizer_names_its_slots)
{
    const cvy_kinds *optimizers = get(CVY_KINDS_OPTIMIZERS);

    for (size_t i = 0; i < optimizers->count; i++) {
        cvy_spec *spec = resolve(CVY_KINDS_OPTIMIZERS, optimizers->kinds[i]->name);
        for (size_t a = 0; a < spec->slot_count; a++) {
            cr_expect_gt(strlen(spec->slots[a]), 0);
            for (size_t b = 0; b < a; b++)
                cr_expect_str_neq(spec->slots[a], spec->slots[b]);
        }
        cvy_spec_destroy(spec);
    }
}

/* --- the running library --- */

Test(kind_groups, version_is_that_of_the_header)
{
    cr_expect_str_eq(cvy_version(), CVY_VERSION_STRING);
}

Test(kind_groups, recommended_threads_follow_openmp)
{
    setenv("OMP_NUM_THREADS", "3,2", 1);
    const cvy_threads_info *info = cvy_threads_recommended();
    cr_expect_eq(info->recommended, 3);
    cr_expect_not_null(strstr(info->reason, "OMP_NUM_THREADS is 3"));
    setenv("OMP_NUM_THREADS", "99999", 1);
    info = cvy_threads_recommended();
    cr_expect_eq(info->recommended, info->max);
    cr_expect_leq(info->max, (size_t)CVY_WORKERS_MAX);
    cr_expect_not_null(strstr(info->reason, "at most"));
#ifdef __clang__ /* libomp ends the process where it finds such a value */
    cr_skip("OMP_NUM_THREADS=many under libomp");
#endif
    setenv("OMP_NUM_THREADS", "many", 1);
    info = cvy_threads_recommended();
    cr_expect_geq(info->recommended, 1);
    cr_expect_null(strstr(info->reason, "OMP_NUM_THREADS"));
}
