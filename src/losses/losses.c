/* The list of losses, and how one is read. */
#include "base/memory.h"
#include "losses/loss.h"

extern const cvy_loss_kind cvy_loss_sparse_categorical_crossentropy, cvy_loss_mean_squared_error,
    cvy_loss_mean_absolute_error;

const cvy_kind *const cvy_loss_kinds[] = {
    &cvy_loss_sparse_categorical_crossentropy.kind,
    &cvy_loss_mean_squared_error.kind,
    &cvy_loss_mean_absolute_error.kind,
    NULL,
};

cvy_status cvy_loss_read(const char *spec, cvy_loss *loss)
{
    const cvy_kind *kind;

    *loss = (cvy_loss){ 0 };
    cvy_status status = cvy_spec_read("loss", spec != NULL ? spec : cvy_loss_kinds[0]->name,
                                      cvy_loss_kinds, &kind, &loss->settings);
    if (status == CVY_OK)
        loss->kind = (const cvy_loss_kind *)kind;
    return status;
}

void cvy_loss_release(cvy_loss *loss)
{
    cvy_memory_free(loss->settings);
    *loss = (cvy_loss){ 0 };
}
