/* The list of optimizers. Compiled once per instruction set. */
#include "optimizers/optimizer.h"

extern const cvy_optimizer_kind CVY_OPTIMIZER(sgd), CVY_OPTIMIZER(adagrad), CVY_OPTIMIZER(rmsprop),
    CVY_OPTIMIZER(adam), CVY_OPTIMIZER(adamw), CVY_OPTIMIZER(adadelta), CVY_OPTIMIZER(adamax),
    CVY_OPTIMIZER(nadam), CVY_OPTIMIZER(ftrl), CVY_OPTIMIZER(lion), CVY_OPTIMIZER(lamb),
    CVY_OPTIMIZER(adafactor), CVY_OPTIMIZER(muon), CVY_OPTIMIZER(schedule_free_adamw);

extern const cvy_kind *const CVY_FOR_ISA(cvy_optimizer_list)[];
const cvy_kind *const CVY_FOR_ISA(cvy_optimizer_list)[] = {
    &CVY_OPTIMIZER(sgd).kind,
    &CVY_OPTIMIZER(adagrad).kind,
    &CVY_OPTIMIZER(rmsprop).kind,
    &CVY_OPTIMIZER(adam).kind,
    &CVY_OPTIMIZER(adamw).kind,
    &CVY_OPTIMIZER(adadelta).kind,
    &CVY_OPTIMIZER(adamax).kind,
    &CVY_OPTIMIZER(nadam).kind,
    &CVY_OPTIMIZER(ftrl).kind,
    &CVY_OPTIMIZER(lion).kind,
    &CVY_OPTIMIZER(lamb).kind,
    &CVY_OPTIMIZER(adafactor).kind,
    &CVY_OPTIMIZER(muon).kind,
    &CVY_OPTIMIZER(schedule_free_adamw).kind,
    NULL,
};

extern const cvy_update_loops CVY_FOR_ISA(cvy_update_loops);
extern const cvy_optimizer_set CVY_FOR_ISA(cvy_optimizer_set);
const cvy_optimizer_set CVY_FOR_ISA(cvy_optimizer_set) = {
    .kinds = CVY_FOR_ISA(cvy_optimizer_list),
    .loops = &CVY_FOR_ISA(cvy_update_loops),
};
