/* Every optimizer, with what all of them can do around it, against Keras: 50 calls each
 * (optimizers.json), and what Keras's own unit tests assert (keras_unit_tests.json).
 *
 * How close can they come? The goldens are computed in float64. float32 keeps a number to 6e-8, and
 * fifty updates add a few such roundings each; Keras's own float32 run ends up to 5.6e-5 off, most of
 * it from powers of beta_2 in float32, which convoy takes in double. An error is relative to the
 * weight, or to least_weight where the weight has come near 0 on its way through it: below that its
 * roundings are those of the larger weight that it was. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/golden.h"
#include "support/kernel_sets.h"
#include "support/updates.h"

static const double tolerance = 2e-6;

/* Where a formula's conditioning allows less. A decay or a step that hardly changes is rounded the
 * same way in each of fifty updates, and such errors add up: to 50 * 2^-24 = 3e-6 for the one, to
 * twice that for both. Of a centered square q - a^2 the digits are lost that both have in common. */
static const struct {
    const char *beginning; /* of the spec */
    double tolerance;
} harder[] = {
    { "adamw", 4e-6 },
    { "lion", 4e-6 },
    { "muon", 4e-6 },
    { "rmsprop:learning_rate=0.01,rho=0.8,centered=true", 1e-5 },
};

static double allowed_error(const char *spec)
{
    for (size_t i = 0; i < sizeof harder / sizeof *harder; i++)
        if (strncmp(spec, harder[i].beginning, strlen(harder[i].beginning)) == 0)
            return harder[i].tolerance;
    return tolerance;
}

static double error_of(const updates *u, const json_t *wanted, double least)
{
    double worst = 0;

    cr_assert_eq(json_array_size(wanted), u->count);
    for (size_t i = 0; i < u->count; i++) {
        const double keras = json_number_value(json_array_get(wanted, i));
        const double error = fabs((double)updates_weight(u, i) - keras) / fmax(fabs(keras), least);
        if (!(error <= worst)) /* so that NaN counts */
            worst = error;
    }
    return worst;
}

static void expect_near(const updates *u, const json_t *golden, const json_t *entry, size_t row)
{
    const json_t *wanted = json_array_get(golden_member(entry, "weights"), row);
    const double error = error_of(u, wanted, golden_number(golden, "least_weight"));

    cr_expect(error <= allowed_error(golden_text(entry, "spec")),
              "%s, call %zu: off by %.3g, where Keras in float32 is by %.3g",
              golden_text(entry, "spec"), u->calls, error,
              golden_number(entry, "keras_float32_error"));
}

static void begin(updates *u, const json_t *golden, const json_t *entry, update_way way)
{
    const json_t *rate = json_object_get(entry, "learning_rate");

    updates_begin(u, golden_text(entry, "spec"), json_string_value(rate),
                  golden_member(golden, "variables"), golden_member(golden, "initial"), way);
}

static void run_case(const json_t *golden, const json_t *entry)
{
    const json_t *gradients = golden_member(golden, "gradients");
    const json_t *written = golden_member(golden, "written_after");
    const size_t row_count = json_array_size(golden_member(entry, "weights"));
    size_t row = 0;
    updates u;

    begin(&u, golden, entry, (update_way){ 0 });
    cr_assert_gt(row_count, 0);
    for (size_t t = 0; t < json_array_size(gradients); t++) {
        updates_call(&u, json_array_get(gradients, t));
        if ((json_int_t)u.calls == json_integer_value(json_array_get(written, row)))
            expect_near(&u, golden, entry, row++);
    }
    cr_assert_eq(row, json_array_size(written));
    cvy_updater_finish(&u.updater);
    if (row < row_count)
        expect_near(&u, golden, entry, row++);
    cr_expect_eq(row, row_count);
    updates_end(&u);
}

Test(optimizers_against_keras, weights_of_every_case)
{
    json_t *golden = golden_open("optimizers.json");
    const json_t *cases = golden_member(golden, "cases");

    cr_expect_geq(json_array_size(cases), 4 * cvy_kind_count(cvy_optimizer_kinds));
    for (size_t i = 0; i < json_array_size(cases); i++)
        run_case(golden, json_array_get(cases, i));
    json_decref(golden);
}

/* Every instruction set, tiles of whatever size and any number of workers give the same bits. */
Test(optimizers_against_keras, who_does_what_does_not_matter)
{
    json_t *golden = golden_open("optimizers.json");
    const json_t *gradients = golden_member(golden, "gradients"), *entry;
    size_t number;

    json_array_foreach(golden_member(golden, "cases"), number, entry)
    {
        updates first, other;
        begin(&first, golden, entry, (update_way){ kernel_set(0), 16, 1 });
        for (size_t t = 0; t < 20; t++)
            updates_call(&first, json_array_get(gradients, t));
        for (size_t set = 0; kernel_set(set) != NULL; set++) {
            begin(&other, golden, entry, (update_way){ kernel_set(set), 16, 1 + set });
            for (size_t t = 0; t < 20; t++)
                updates_call(&other, json_array_get(gradients, t));
            cr_expect_arr_eq(first.weights, other.weights, first.block_floats * sizeof(float),
                             "%s, %s", golden_text(entry, "spec"), kernel_set(set)->name);
            updates_end(&other);
        }
        updates_end(&first);
    }
    json_decref(golden);
}

/* Without a norm to clip nothing is added up over tiles, and then these do not matter either. */
Test(optimizers_against_keras, tiles_do_not_matter_where_no_norm_is_clipped)
{
    json_t *golden = golden_open("optimizers.json");
    const json_t *gradients = golden_member(golden, "gradients"), *entry;
    size_t number;

    json_array_foreach(golden_member(golden, "cases"), number, entry)
    {
        updates whole, cut;
        if (strstr(golden_text(entry, "spec"), "clipnorm") != NULL)
            continue;
        begin(&whole, golden, entry, (update_way){ 0 });
        begin(&cut, golden, entry, (update_way){ .tile_floats = 16 });
        for (size_t t = 0; t < 20; t++) {
            updates_call(&whole, json_array_get(gradients, t));
            updates_call(&cut, json_array_get(gradients, t));
        }
        cr_expect_arr_eq(whole.weights, cut.weights, whole.block_floats * sizeof(float), "%s",
                         golden_text(entry, "spec"));
        updates_end(&whole);
        updates_end(&cut);
    }
    json_decref(golden);
}

/* Whether a case of that kind gives the setting; any case of the kind for NULL. */
static bool has_case(const json_t *golden, const char *kind, const char *setting)
{
    const json_t *cases = golden_member(golden, "cases");
    char key[CVY_NAME_BYTES];

    snprintf(key, sizeof key, "%s=", setting != NULL ? setting : "");
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const char *spec = golden_text(json_array_get(cases, i), "spec");
        const size_t length = strlen(kind);
        if (strncmp(spec, kind, length) == 0 && (spec[length] == ':' || spec[length] == '\0') &&
            (setting == NULL || strstr(spec, key) != NULL))
            return true;
    }
    return false;
}

Test(optimizers_against_keras, each_kind_and_setting_has_a_golden)
{
    json_t *golden = golden_open("optimizers.json");

    for (size_t i = 0; cvy_optimizer_kinds[i] != NULL; i++) {
        const cvy_kind *kind = cvy_optimizer_kinds[i];
        cr_expect(has_case(golden, kind->name, NULL), "%s: no golden", kind->name);
        for (const cvy_setting *row = kind->settings; row->name != NULL; row++)
            cr_expect(has_case(golden, kind->name, row->name), "%s: no golden gives %s", kind->name,
                      row->name);
    }
    json_decref(golden);
}

static void run_unit_test(const json_t *entry)
{
    const json_t *gradients = golden_member(entry, "gradients");
    const json_t *expected = golden_member(entry, "expected");
    const char *name = golden_text(entry, "id");
    /* as Keras compares: absolute plus relative, and its weights are of the order of 1 */
    const double allowed = golden_number(entry, "atol") + golden_number(entry, "rtol");
    size_t row = 0;
    updates u;

    updates_begin(&u, golden_text(entry, "spec"), NULL, golden_member(entry, "variables"),
                  golden_member(entry, "initial"), (update_way){ 0 });
    for (size_t t = 0; t < json_array_size(gradients); t++) {
        updates_call(&u, json_array_get(gradients, t));
        const json_t *state = json_array_get(expected, row);
        if ((json_int_t)u.calls != json_integer_value(json_object_get(state, "after")))
            continue;
        const double error = error_of(&u, golden_member(state, "weights"), 1);
        cr_expect(error <= allowed, "%s, call %zu: off by %.3g", name, u.calls, error);
        row++;
    }
    cr_expect_eq(row, json_array_size(expected), "%s", name);
    updates_end(&u);
}

Test(optimizers_against_keras, numbers_of_its_own_unit_tests)
{
    json_t *golden = golden_open("keras_unit_tests.json");
    const json_t *tests = golden_member(golden, "optimizers");

    cr_expect_geq(json_array_size(tests), 40);
    for (size_t i = 0; i < json_array_size(tests); i++)
        run_unit_test(json_array_get(tests, i));
    json_decref(golden);
}
