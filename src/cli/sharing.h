/* Sends what rank 0 has opened to ranks that cannot read its files. All ranks call these functions;
 * `is_missing` is whether this rank needs the data, and is false on rank 0. */
#ifndef CVY_CLI_SHARING_H
#define CVY_CLI_SHARING_H

#include "convoy/convoy.h"

/** *model is rank 0's model; where it is missing, it is written on CVY_OK. Returns CVY_ERR_READ,
 *  CVY_ERR_MEMORY. */
cvy_status cvy_share_model(cvy_comm *comm, bool is_missing, cvy_model **model);

/** *data in the same way. It is sent as a packed file in $TMPDIR, else /var/tmp, of rank 0 and of
 *  the ranks that need it, which map it into memory; no file remains. Returns what
 *  cvy_dataset_write() and cvy_dataset_open() return. */
cvy_status cvy_share_data(cvy_comm *comm, bool is_missing, size_t threads, cvy_dataset **data);

#endif
