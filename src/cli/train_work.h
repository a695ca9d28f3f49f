/* What `convoy train` works on: the model and the data to train it on, on every rank. */
#ifndef CVY_CLI_TRAIN_WORK_H
#define CVY_CLI_TRAIN_WORK_H

#include "cli/command.h"
#include "cli/warm_start.h"
#include "convoy/convoy.h"

typedef struct {
    cvy_model *model;
    cvy_warm_start warm;
    cvy_dataset *data;
    size_t available; /* training images before --limit and --validation-split */
} cvy_train_work;

/** Open the model and the images that the options of the call name, each adapted to the other; all
 *  ranks call it. Ranks that cannot read the files get what rank 0 has opened. status: whether this
 *  rank can begin; unless all can, nothing is opened. Whatever is returned, cvy_train_work_close()
 *  has to be called. comm: NULL: one process. */
cvy_status cvy_train_work_open(const cvy_call *call, cvy_comm *comm, cvy_status status,
                               cvy_train_work *work);

void cvy_train_work_close(cvy_train_work *work);

#endif
