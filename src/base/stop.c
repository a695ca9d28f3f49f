#include "base/stop.h"

#include <stdatomic.h>

static atomic_bool is_requested;

void cvy_stop_request(void)
{
    atomic_store_explicit(&is_requested, true, memory_order_relaxed);
}

bool cvy_stop_is_requested(void *context)
{
    (void)context;
    return atomic_load_explicit(&is_requested, memory_order_relaxed);
}
