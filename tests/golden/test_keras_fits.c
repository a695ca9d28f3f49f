/* Two of Keras's own unit tests that train: learning_rate_schedule_test.py, test_fit_lr_correctness,
 * and optimizer_test.py, test_ema_with_model_fit (Keras 3.16.0, whose tolerances these are). Their
 * targets are vectors, so a dense layer and its squared error are written out here; rates, updates and
 * averages are convoy's. */
#include <criterion/criterion.h>
#include <math.h>

#include "support/golden.h"
#include "support/updates.h"

enum { UNITS = 2, BATCH = 4, BATCHES = 4 };

/* y = x W + b, W [UNITS][UNITS] and then b. Returns the batch's mean squared error. */
static double regress(const updates *u, size_t first, json_t *gradient)
{
    double error = 0, slope[UNITS * UNITS + UNITS] = { 0 };

    for (size_t row = first; row < first + BATCH; row++)
        for (size_t j = 0; j < UNITS; j++) {
            const double wanted = (double)(row * UNITS + j);
            double y = (double)updates_weight(u, UNITS * UNITS + j);
            for (size_t i = 0; i < UNITS; i++)
                y += (double)(row * UNITS + i) * (double)updates_weight(u, i * UNITS + j);
            const double dy = 2 * (y - wanted) / (BATCH * UNITS);
            error += (y - wanted) * (y - wanted) / (BATCH * UNITS);
            slope[UNITS * UNITS + j] += dy;
            for (size_t i = 0; i < UNITS; i++)
                slope[i * UNITS + j] += dy * (double)(row * UNITS + i);
        }
    for (size_t i = 0; i < UNITS * UNITS + UNITS; i++)
        cr_assert_eq(json_array_append_new(gradient, json_real(slope[i])), 0);
    return error;
}

Test(keras_fits, the_schedule_is_asked_for_step_0_first)
{
    static const double epochs[] = { 230.79457092285156, 128.30319213867188, 79.33648681640625 };
    json_t *variables =
        json_pack("[{s:s,s:s,s:[i,i]},{s:s,s:s,s:[i]}]", "layer", "dense", "name", "kernel",
                  "shape", UNITS, UNITS, "layer", "dense", "name", "bias", "shape", UNITS);
    json_t *ones = json_pack("[i,i,i,i,i,i]", 1, 1, 1, 1, 1, 1);
    updates u;

    updates_begin(&u, "adam",
                  "exponential_decay:initial_learning_rate=0.05,decay_steps=1,decay_rate=0.9",
                  variables, ones, (update_way){ 0 });
    for (size_t epoch = 0; epoch < sizeof epochs / sizeof *epochs; epoch++) {
        double loss = 0;
        for (size_t batch = 0; batch < BATCHES; batch++) {
            json_t *gradient = json_array();
            loss += regress(&u, batch * BATCH, gradient) / BATCHES;
            updates_call(&u, gradient);
            json_decref(gradient);
        }
        cr_expect_float_eq(loss, epochs[epoch], 5e-5 * epochs[epoch], "epoch %zu: %.9g", epoch,
                           loss);
    }
    updates_end(&u);
    json_decref(ones);
    json_decref(variables);
}

Test(keras_fits, averages_take_the_place_of_weights_in_the_end)
{
    json_t *variables =
        json_pack("[{s:s,s:s,s:[i,i]}]", "layer", "dense", "name", "kernel", "shape", 1, UNITS);
    json_t *ones = json_pack("[i,i]", 1, 1);
    updates u;

    updates_begin(&u, "sgd:learning_rate=0.1,use_ema=true,ema_momentum=0.9", NULL, variables, ones,
                  (update_way){ 0 });
    for (size_t epoch = 0; epoch < 2; epoch++) { /* x = 1, y = 0, the mean of two squares */
        json_t *gradient =
            json_pack("[f,f]", (double)updates_weight(&u, 0), (double)updates_weight(&u, 1));
        updates_call(&u, gradient);
        json_decref(gradient);
    }
    cr_expect_float_eq(updates_weight(&u, 0), 0.81, 1e-5);
    cvy_updater_finish(&u.updater);
    for (size_t i = 0; i < UNITS; i++)
        cr_expect_float_eq(updates_weight(&u, i), 0.891, 1e-5, "weight %zu", i);
    updates_end(&u);
    json_decref(ones);
    json_decref(variables);
}
