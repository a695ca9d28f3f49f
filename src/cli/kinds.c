#include "cli/kinds.h"

#include "augmentations/augmentation.h"
#include "callbacks/callback.h"
#include "data/dataset.h"
#include "layers/layer.h"
#include "losses/loss.h"
#include "optimizers/optimizer.h"
#include "schedules/schedule.h"

const cvy_kind_list cvy_kind_lists[] = {
    { "optimizers", "Optimizers", cvy_optimizer_kinds },
    { "schedules", "Learning-rate schedules", cvy_schedule_kinds },
    { "losses", "Losses", cvy_loss_kinds },
    { "callbacks", "Callbacks", cvy_callback_kinds },
    { "datasets", "Data sets", cvy_dataset_kinds },
    { "augmentations", "Augmentations", cvy_augmentation_kinds },
    { "layers", "Layers of a model file", cvy_layer_kinds },
    { 0 },
};
