#include "train/diverged.h"

#include <math.h>
#include <stdio.h>

/* Describe where a loss that is not finite comes from. */
static void find_source(cvy_epoch_run *run, char *text, size_t size)
{
    const cvy_stepper *stepper = run->stepper;
    size_t lane = 0;

    while (lane < run->faulty.lane_count && isfinite(stepper->lane_loss[lane]))
        lane++;
    if (lane == run->faulty.lane_count) {
        snprintf(text, size, ", because of a regularizer's penalty");
        return;
    }
    const size_t layer = cvy_run_find_fault(run, &run->faulty, lane);
    if (layer == CVY_NO_LAYER)
        snprintf(text, size, ", though every layer's output is");
    else
        snprintf(text, size, ": the output of layer %s is the first that is not",
                 stepper->plan.layers[layer].name);
}

cvy_status cvy_run_fail_diverged(cvy_epoch_run *run)
{
    const cvy_stepper *stepper = run->stepper;
    const cvy_guard *guard = &stepper->guard;
    const size_t call = run->faulty.call, variable = cvy_guard_variable(guard, call);
    const char *name = variable < stepper->variable_count
                           ? stepper->updater.variables[variable].path
                           : "a moving statistic";
    const double rate = cvy_schedule_rate(stepper->task->schedule, call);
    char source[CVY_NAME_BYTES + 64] = "", what[2 * CVY_NAME_BYTES + 64] = "the loss";

    if (guard->fault == CVY_FAULT_LOSS)
        find_source(run, source, sizeof source);
    else if (guard->fault == CVY_FAULT_GRADIENT)
        snprintf(what, sizeof what, "the gradient of %s", name);
    else
        snprintf(what, sizeof what, "the weight %s", name);
    return cvy_fail(
        CVY_ERR_DIVERGED,
        "%s is not a finite number %s update %zu (epoch %zu) with a learning rate of %g%s; "
        "a smaller learning rate, clipnorm=1 or another normalization may help",
        what, guard->fault == CVY_FAULT_WEIGHT ? "after" : "at", call + 1, run->epoch + 1, rate,
        source);
}
