/* The list of losses. */
#include "losses/loss.h"

extern const cvy_loss_kind cvy_loss_sparse_categorical_crossentropy, cvy_loss_mean_squared_error,
    cvy_loss_mean_absolute_error;

const cvy_kind *const cvy_loss_kinds[] = {
    &cvy_loss_sparse_categorical_crossentropy.kind,
    &cvy_loss_mean_squared_error.kind,
    &cvy_loss_mean_absolute_error.kind,
    NULL,
};
