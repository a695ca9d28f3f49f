/* The cross-entropy of classes with one-hot labels. convoy stores labels as numbers and makes the
 * targets itself, so this equals sparse_categorical_crossentropy. */
#include "losses/crossentropy.h"

const cvy_loss_kind cvy_loss_categorical_crossentropy = {
    .kind = { "categorical_crossentropy",
              "-log of the true class's probability, for one-hot labels", cvy_crossentropy_rows,
              sizeof(cvy_crossentropy_settings) },
    .link = CVY_LINK_SOFTMAX,
    .forward = cvy_crossentropy_forward,
    .backward = cvy_crossentropy_backward,
};
