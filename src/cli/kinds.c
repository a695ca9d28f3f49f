#include "cli/kinds.h"

#include "callbacks/callback.h"
#include "data/dataset.h"
#include "layers/initializer.h"
#include "layers/layer.h"
#include "losses/loss.h"
#include "metrics/metric.h"
#include "optimizers/optimizer.h"
#include "schedules/schedule.h"

const cvy_kind_list cvy_kind_lists[] = {
    { "optimizers", "Optimizers", cvy_optimizer_kinds },
    { "schedules", "Learning-rate schedules", cvy_schedule_kinds },
    { "losses", "Losses", cvy_loss_kinds },
    { "metrics", "Metrics", cvy_metric_kinds },
    { "callbacks", "Callbacks", cvy_callback_kinds },
    { "datasets", "Data sets", cvy_dataset_kinds },
    { "layers", "Layers of a model file", cvy_layer_kinds },
    { "initializers", "Initializers of a model file", cvy_initializer_kinds },
    { "regularizers", "Regularizers of a model file", cvy_regularizer_kinds },
    { "constraints", "Constraints of a model file", cvy_constraint_kinds },
    { 0 },
};
