#include "cli/train_work.h"

#include "cli/data_options.h"
#include "cli/ranks.h"
#include "cli/sharing.h"
#include "cli/train_options.h"

/* Open the images, with those for validation in a part of their own. */
static cvy_status open_images(const cvy_call *call, const cvy_train_options *o, cvy_train_work *w)
{
    const cvy_model *like = w->warm.file != NULL ? w->model : NULL;
    cvy_dataset *divided;
    cvy_status status = cvy_data_open_to_learn(call, &o->data, like, &w->data);

    if (like != NULL)
        status = cvy_data_blame_model(status, w->warm.file);
    if (status == CVY_OK)
        w->available = cvy_dataset_count(w->data, CVY_SPLIT_TRAIN);
    if (status == CVY_OK && o->validation_data != NULL)
        status = cvy_data_add_validation(call, &o->data, o->validation_data, &w->data);
    if (status != CVY_OK || o->validation_split == 0)
        return status;
    status = cvy_dataset_divide(w->data, o->validation_split, o->limit, &divided);
    if (status == CVY_OK) {
        cvy_dataset_close(w->data);
        w->data = divided;
    }
    return status;
}

/* Open the model and its images, each adapted to the other. */
static cvy_status open_here(const cvy_call *call, const cvy_train_options *o, cvy_train_work *w)
{
    cvy_status status = cvy_warm_start_open(o->model, o->weights, &w->warm, &w->model);

    if (status == CVY_OK)
        status = cvy_warm_start_check(&w->warm, w->model, o->normalize);
    if (status == CVY_OK)
        status = open_images(call, o, w);
    if (status == CVY_OK)
        status = cvy_warm_start_take_classes(&w->warm, w->data, call->common.seed, &w->model);
    return status == CVY_OK ? cvy_warm_start_freeze(&w->warm, &o->frozen, w->model) : status;
}

void cvy_train_work_close(cvy_train_work *w)
{
    cvy_warm_start_release(&w->warm);
    cvy_model_destroy(w->model);
    cvy_dataset_close(w->data);
    *w = (cvy_train_work){ 0 };
}

/* Called by all ranks: those that could not open everything get the model and the images of rank
 * 0. */
static cvy_status share_work(const cvy_call *call, cvy_comm *comm, bool is_missing,
                             cvy_train_work *w)
{
    const cvy_train_options *o = call->options;

    if (is_missing)
        cvy_train_work_close(w);
    cvy_status status = cvy_share_model(comm, is_missing, &w->model);
    if (status == CVY_OK)
        status = cvy_share_data(comm, is_missing, call->common.threads, &w->data);
    if (status == CVY_OK && is_missing)
        status = cvy_warm_start_freeze(&w->warm, &o->frozen, w->model);
    return status;
}

/* The ranks of one machine share a cache of decoded images, which the first of them writes. */
cvy_status cvy_train_work_open(const cvy_call *call, cvy_comm *comm, cvy_status status,
                               cvy_train_work *w)
{
    const cvy_train_options *o = call->options;
    const bool follows = cvy_ranks_follows();

    if (status == CVY_OK && !follows)
        status = open_here(call, o, w);
    status = cvy_comm_agree(comm, status);
    if (status != CVY_OK || comm == NULL)
        return status;
    const bool is_missing = follows && open_here(call, o, w) != CVY_OK;
    bool is_any_missing = is_missing;
    status = cvy_comm_any(comm, &is_any_missing);
    return status == CVY_OK && is_any_missing ? share_work(call, comm, is_missing, w) : status;
}
