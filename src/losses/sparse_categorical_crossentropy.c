/* The cross-entropy of classes with labels as numbers. */
#include "losses/crossentropy.h"

const cvy_loss_kind cvy_loss_sparse_categorical_crossentropy = {
    .kind = { "sparse_categorical_crossentropy", "-log of the true class's probability",
              cvy_crossentropy_rows, sizeof(cvy_crossentropy_settings) },
    .link = CVY_LINK_SOFTMAX,
    .forward = cvy_crossentropy_forward,
    .backward = cvy_crossentropy_backward,
};
