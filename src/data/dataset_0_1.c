/* Functions for programs built against the headers of convoy 0.1.0, whose names later headers
 * define inline. The inline definition is renamed here because a translation unit can hold only one
 * of the two. */
#define cvy_dataset_describe describe_inline
#include "convoy/dataset.h"
#undef cvy_dataset_describe

#include <string.h>

/* cvy_dataset_info of that release. */
typedef struct {
    const char *name;
    size_t numbers[7];
    cvy_polarity polarity;
    bool is_undivided;
} info_0_1;

CVY_API info_0_1 cvy_dataset_describe(const cvy_dataset *dataset);

info_0_1 cvy_dataset_describe(const cvy_dataset *dataset)
{
    const cvy_dataset_info all = describe_inline(dataset);
    info_0_1 info;

    memcpy(&info, &all, sizeof info);
    return info;
}
