/* What happens around every optimizer, where Keras's numbers do not show it. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/updates.h"

static json_t *parse(const char *text)
{
    json_t *value = json_loads(text, 0, NULL);
    cr_assert_not_null(value, "%s", text);
    return value;
}

/* Two variables, a matrix of 2 x 2 and its bias. */
static void begin(updates *u, const char *spec)
{
    static const char shapes[] = "[{\"layer\":\"dense\",\"name\":\"kernel\",\"shape\":[2,2]},"
                                 "{\"layer\":\"dense\",\"name\":\"bias\",\"shape\":[2]}]";
    json_t *initial = parse("[1, -1, 2, 0.5, 1, 1]"), *variables = parse(shapes);

    updates_begin(u, spec, NULL, variables, initial, (update_way){ .workers = 2 });
    u->variables[0].name = u->updater.variables[0].name = "kernel"; /* the JSON's go now */
    u->variables[1].name = u->updater.variables[1].name = "bias";
    json_decref(initial);
    json_decref(variables);
}

static void call(updates *u, const char *gradient)
{
    json_t *values = parse(gradient);
    updates_call(u, values);
    json_decref(values);
}

static void expect_weights(const updates *u, const char *wanted)
{
    json_t *values = parse(wanted);

    cr_assert_eq(json_array_size(values), u->count);
    for (size_t i = 0; i < u->count; i++) {
        const double value = json_number_value(json_array_get(values, i));
        cr_expect_float_eq((double)updates_weight(u, i), value, 1e-6, "weight %zu: %g, not %g", i,
                           (double)updates_weight(u, i), value);
    }
    json_decref(values);
}

Test(update, variables_are_clipped_each_for_itself)
{
    updates u;

    begin(&u, "sgd:learning_rate=1,clipnorm=5"); /* norms 10 and 4 */
    call(&u, "[6, 0, 0, 8, 0, 4]");
    expect_weights(&u, "[-2, -1, 2, -3.5, 1, -3]");
    updates_end(&u);
}

Test(update, variables_are_clipped_together)
{
    updates u;

    begin(&u, "sgd:learning_rate=1,global_clipnorm=2.5"); /* norm 5 */
    call(&u, "[3, 0, 0, 0, 0, 4]");
    expect_weights(&u, "[-0.5, -1, 2, 0.5, 1, -1]");
    call(&u, "[1, 0, 0, 0, 0, 0]");
    expect_weights(&u, "[-1.5, -1, 2, 0.5, 1, -1]");
    updates_end(&u);
}

Test(update, a_limit_of_0_clips_nothing)
{
    static const char *const specs[] = { "sgd:learning_rate=1,clipnorm=0",
                                         "sgd:learning_rate=1,global_clipnorm=0",
                                         "sgd:learning_rate=1,clipvalue=0" };
    for (size_t i = 0; i < 3; i++) {
        updates u;
        begin(&u, specs[i]);
        call(&u, "[1, 1, 1, 1, 1, 1]");
        expect_weights(&u, "[0, -2, 1, -0.5, 0, 0]");
        updates_end(&u);
    }
}

/* A gradient that is not finite must not be scaled into one that looks sound. */
Test(update, an_infinite_gradient_spreads)
{
    updates u;

    begin(&u, "sgd:learning_rate=1,global_clipnorm=1");
    call(&u, "[1, 1e60, 1, 1, 1, 1]");
    for (size_t i = 0; i < u.count; i++)
        cr_expect(isnan(updates_weight(&u, i)));
    updates_end(&u);
}

Test(update, what_is_excluded_does_not_decay)
{
    updates u;

    begin(&u, "sgd:learning_rate=0.5,weight_decay=0.2,exclude_from_weight_decay=[bias]");
    call(&u, "[0, 0, 0, 0, 0, 0]");
    expect_weights(&u, "[0.9, -0.9, 1.8, 0.45, 1, 1]");
    updates_end(&u);
}

/* muon: what adam updates has a decay of its own, also where there is no other; and exclusion is
 * stronger than either. */
Test(update, a_kind_may_choose_the_decay)
{
    updates u;

    begin(&u, "muon:learning_rate=0.5,weight_decay=none,adam_weight_decay=0.2");
    call(&u, "[0, 0, 0, 0, 0, 0]");
    expect_weights(&u, "[1, -1, 2, 0.5, 0.9, 0.9]");
    updates_end(&u);
    begin(&u, "muon:learning_rate=0.5,weight_decay=0.4,exclude_from_weight_decay=[bias]");
    call(&u, "[0, 0, 0, 0, 0, 0]");
    expect_weights(&u, "[0.8, -0.8, 1.6, 0.4, 1, 1]");
    updates_end(&u);
}

/* A row and a column without any gradient: Keras has 0 / 0 there, and then NaN everywhere. */
Test(update, adafactor_survives_dead_units)
{
    updates u;

    begin(&u, "adafactor");
    for (size_t t = 0; t < 3; t++)
        call(&u, "[1, 0, 0, 0, 0, 0]");
    for (size_t i = 0; i < u.count; i++)
        cr_expect(isfinite(updates_weight(&u, i)), "weight %zu", i);
    cr_expect_eq(updates_weight(&u, 3), 0.5f);
    cr_expect_lt(updates_weight(&u, 0), 1.0f);
    updates_end(&u);
}

Test(update, accumulated_gradients_make_one_update)
{
    updates u;

    begin(&u, "sgd:learning_rate=1,gradient_accumulation_steps=2,loss_scale_factor=2");
    call(&u, "[2, 2, 2, 2, 2, 2]");
    expect_weights(&u, "[1, -1, 2, 0.5, 1, 1]");
    call(&u, "[6, 6, 6, 6, 6, 6]");
    expect_weights(&u, "[-1, -3, 0, -1.5, -1, -1]");
    call(&u, "[2, 2, 2, 2, 2, 2]"); /* the sum began anew, and the rest is left where it is */
    cvy_updater_finish(&u.updater);
    expect_weights(&u, "[-1, -3, 0, -1.5, -1, -1]");
    updates_end(&u);
}

Test(update, averages_take_over_when_training_ends)
{
    updates u;

    begin(&u, "sgd:learning_rate=1,use_ema=true,ema_momentum=0.5");
    call(&u, "[1, 0, 0, 0, 0, 0]");
    call(&u, "[2, 0, 0, 0, 0, 0]");
    expect_weights(&u, "[-2, -1, 2, 0.5, 1, 1]");
    cvy_updater_finish(&u.updater);
    expect_weights(&u, "[-1, -1, 2, 0.5, 1, 1]");
    updates_end(&u);
}

/* --- what a checkpoint saves --- */

/* Gives `to` everything that `from` keeps, and nothing else. */
static void copy_kept(const updates *from, updates *to)
{
    cvy_update_block source, target;
    size_t i = 0;

    for (; cvy_updater_block(&from->updater, i, &source); i++) {
        cr_assert(cvy_updater_block(&to->updater, i, &target));
        cr_assert_str_eq(source.name, target.name);
        memcpy(target.values, source.values, from->block_floats * sizeof(float));
    }
    cr_assert_not(cvy_updater_block(&to->updater, i, &target));
    memcpy(to->updater.update.state, from->updater.update.state, sizeof to->updater.update.state);
    memcpy(to->weights, from->weights, from->block_floats * sizeof(float));
    to->calls = from->calls;
}

/* Every optimizer, interrupted after each call, with sums and averages in play. */
static void expect_resumes(const char *spec, size_t interrupted)
{
    static const char *const gradients[] = { "[6, 1, -2, 8, 0.5, 4]", "[-3, 2, 1, 4, 1, -1]",
                                             "[1, 1, 1, 0, 2, 3]", "[0.1, -5, 2, 2, -2, 1]" };
    updates whole, resumed;

    begin(&whole, spec);
    begin(&resumed, spec);
    for (size_t i = 0; i < 4; i++) {
        call(&whole, gradients[i]);
        if (i == interrupted)
            copy_kept(&whole, &resumed);
        else if (i > interrupted)
            call(&resumed, gradients[i]);
    }
    cvy_updater_finish(&whole.updater);
    cvy_updater_finish(&resumed.updater);
    for (size_t w = 0; w < whole.count; w++)
        cr_expect_eq(updates_weight(&resumed, w), updates_weight(&whole, w),
                     "%s, interrupted after call %zu: weight %zu", spec, interrupted + 1, w);
    updates_end(&whole);
    updates_end(&resumed);
}

Test(update, blocks_and_state_are_all_that_an_optimizer_keeps)
{
    char spec[160];

    for (size_t i = 0; cvy_optimizer_kinds[i] != NULL; i++)
        for (size_t interrupted = 0; interrupted < 3; interrupted++) {
            expect_resumes(cvy_optimizer_kinds[i]->name, interrupted);
            snprintf(spec, sizeof spec,
                     "%s:gradient_accumulation_steps=2,use_ema=true,ema_momentum=0.5",
                     cvy_optimizer_kinds[i]->name);
            expect_resumes(spec, interrupted);
        }
    expect_resumes("sgd:momentum=0.9", 1);
    expect_resumes("adam:amsgrad=true", 1);
    expect_resumes("rmsprop:momentum=0.5,centered=true", 1);
}
