/* The list of optimizers. */
#include "optimizers/optimizer.h"

extern const cvy_optimizer_kind cvy_optimizer_sgd, cvy_optimizer_adam;

const cvy_kind *const cvy_optimizer_kinds[] = {
    &cvy_optimizer_sgd.kind,
    &cvy_optimizer_adam.kind,
    NULL,
};
