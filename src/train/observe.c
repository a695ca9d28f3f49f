#include "train/observe.h"

#include <math.h>

#include "base/memory.h"

cvy_status cvy_observer_create(const cvy_train_settings *settings, const cvy_stepper *stepper,
                               cvy_observer *observer)
{
    const size_t count = stepper->variable_count;

    *observer = (cvy_observer){ .function = settings->on_update,
                                .context = settings->context,
                                .due = SIZE_MAX,
                                .part_count = count };
    if (observer->function == NULL)
        return CVY_OK;
    cvy_status status = cvy_memory_create(count, sizeof *observer->parts, &observer->parts);
    if (status == CVY_OK)
        status = cvy_memory_create(count, sizeof *observer->part_list, &observer->part_list);
    for (size_t i = 0; status == CVY_OK && i < count; i++) {
        const cvy_variable *variable = &stepper->variables[i];
        observer->parts[i] = (cvy_block_part){ .name = variable->path,
                                               .offset = variable->offset,
                                               .count = variable->count };
        observer->part_list[i] = &observer->parts[i];
    }
    return status;
}

void cvy_observer_release(cvy_observer *observer)
{
    cvy_memory_free(observer->parts);
    cvy_memory_free(observer->part_list);
    *observer = (cvy_observer){ 0 };
}

static void call(cvy_observer *observer, const cvy_stepper *stepper, const cvy_running *running)
{
    const cvy_updater *updater = &stepper->updater;
    const cvy_optimizer_kind *kind = updater->task.optimizer;
    const size_t samples = running->samples - observer->seen.samples;
    const char *names[CVY_SLOTS_MAX];
    const float *slots[CVY_SLOTS_MAX];
    cvy_update_view view = {
        .step = stepper->steps_done,
        .samples = samples,
        .loss = samples > 0 ? (running->loss - observer->seen.loss) / (double)samples : NAN,
        .learning_rate = updater->update.rate,
        .weights = stepper->task->model->weights,
        .gradients =
            stepper->steps_done > 0 && kind->update_variable == NULL ? stepper->gradients : NULL,
        .slot_count = kind->slots(updater->task.settings, names),
        .slot_names = names,
        .slots = slots,
        .part_count = observer->part_count,
        .parts = observer->part_list,
    };

    for (size_t i = 0; i < CVY_SLOTS_MAX; i++)
        slots[i] = updater->slots[i];
    observer->seen = *running;
    const size_t wanted = observer->function(observer->context, &view);
    observer->due = wanted > 0 ? wanted : SIZE_MAX;
}

void cvy_observer_begin(cvy_observer *observer, const cvy_stepper *stepper)
{
    if (observer->function != NULL)
        call(observer, stepper, &(cvy_running){ 0 });
}

void cvy_observer_begin_epoch(cvy_observer *observer)
{
    observer->seen = (cvy_running){ 0 };
}

void cvy_observer_advance(cvy_observer *observer, const cvy_stepper *stepper, size_t batches,
                          const cvy_running *running)
{
    if (observer->due == SIZE_MAX)
        return;
    observer->due -= batches;
    if (observer->due == 0)
        call(observer, stepper, running);
}
