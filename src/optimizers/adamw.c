/* Adam with decoupled weight decay; the values and defaults of Keras's AdamW. It is adam with a
 * different default of weight_decay, which cannot be "none"; 0 disables it.
 * Source: Loshchilov and Hutter, Decoupled weight decay regularization (2019). */
#include "optimizers/adam.h"

CVY_OPTIMIZER_ROWS_DEFINE(adamw) = {
    CVY_LEARNING_RATE_ROW("0.001"),
    CVY_WEIGHT_DECAY_ROW("0.004", 0),
    CVY_ADAM_ROWS,
    CVY_COMMON_ROWS,
    { 0 },
};

const cvy_optimizer_kind CVY_OPTIMIZER(adamw) = {
    .kind = { "adamw", "Adam with decoupled weight decay", CVY_OPTIMIZER_ROWS(adamw),
              sizeof(cvy_adam_settings) },
    .slots = CVY_FOR_ISA(cvy_adam_slots),
    .prepare = CVY_FOR_ISA(cvy_adam_prepare),
    .update = CVY_FOR_ISA(cvy_adam_update),
};
