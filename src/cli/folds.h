/* Cross-validation for train --folds. */
#ifndef CVY_CLI_FOLDS_H
#define CVY_CLI_FOLDS_H

#include "cli/command.h"
#include "convoy/convoy.h"

/**
 * Train the model once for each fold and report validation loss and accuracy with their mean and
 * deviation. No model is saved. Checkpoints of fold 1 are in the folder fold-1 of
 * settings->checkpoint_folder. settings->validation_split must be 0. Returns what cvy_train()
 * returns.
 */
cvy_status cvy_folds_run(const cvy_call *call, cvy_model *model, const cvy_dataset *data,
                         const cvy_train_settings *settings, size_t fold_count);

#endif
