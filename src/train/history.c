#include "train/history.h"

#include <string.h>

#include "base/memory.h"

cvy_status cvy_results_create(size_t epochs, cvy_results **results)
{
    cvy_results *r;
    cvy_status status = cvy_memory_create(1, sizeof *r, &r);

    if (status != CVY_OK)
        return status;
    status = cvy_memory_create(epochs, sizeof *r->epochs, &r->epochs);
    if (status == CVY_OK)
        status = cvy_memory_create(epochs, sizeof *r->epoch_list, &r->epoch_list);
    if (status != CVY_OK) {
        cvy_history_destroy(&r->history);
        return status;
    }
    r->epoch_room = epochs;
    r->history.epochs = r->epoch_list;
    r->history.optimizer = r->optimizer;
    r->history.learning_rate = r->learning_rate;
    r->history.loss = r->loss;
    *results = r;
    return CVY_OK;
}

/* Double the list when it is full. Its capacity follows from the number of events. */
static cvy_status make_room(cvy_results *r)
{
    const size_t count = r->history.event_count;
    const cvy_event **larger;

    if ((count & (count - 1)) != 0) /* 0, 1, 2, 4, 8, ...: full */
        return CVY_OK;
    cvy_status status = cvy_memory_create(count > 0 ? 2 * count : 1, sizeof *larger, &larger);
    if (status != CVY_OK)
        return status;
    if (count > 0)
        memcpy(larger, r->event_list, count * sizeof *larger);
    cvy_memory_free(r->event_list);
    r->event_list = larger;
    r->history.events = larger;
    return CVY_OK;
}

cvy_status cvy_results_add_event(cvy_results *results, const cvy_event *event)
{
    cvy_event *copy;
    cvy_status status = make_room(results);

    if (status == CVY_OK)
        status = cvy_memory_create(1, sizeof *copy, &copy);
    if (status != CVY_OK)
        return status;
    *copy = *event;
    results->event_list[results->history.event_count++] = copy;
    return CVY_OK;
}

void cvy_history_destroy(cvy_history *history)
{
    cvy_results *r = (cvy_results *)history;

    if (r == NULL)
        return;
    for (size_t i = 0; i < r->history.event_count; i++)
        cvy_memory_free((void *)(uintptr_t)r->event_list[i]);
    cvy_memory_free(r->event_list);
    cvy_memory_free(r->checkpoint);
    cvy_memory_free(r->step_seconds);
    cvy_memory_free(r->epoch_list);
    cvy_memory_free(r->epochs);
    cvy_memory_free(r);
}
