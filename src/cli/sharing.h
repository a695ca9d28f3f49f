/* What rank 0 has opened, for ranks that do not see its files. All ranks call these; `is_missing` is whether this one
 * needs what rank 0 has, and is false there. */
#ifndef CVY_CLI_SHARING_H
#define CVY_CLI_SHARING_H

#include "convoy/convoy.h"

/** *model: rank 0's, or, where it is missing, written on CVY_OK. Returns CVY_ERR_READ, CVY_ERR_MEMORY. */
cvy_status cvy_share_model(cvy_comm *comm, bool is_missing, cvy_model **model);

/** *data likewise. It goes over as a packed file in $TMPDIR, else /var/tmp, of rank 0 and of the ranks that miss it,
 *  which map it into memory; nothing is left of it. Returns what cvy_dataset_write() and cvy_dataset_open() return. */
cvy_status cvy_share_data(cvy_comm *comm, bool is_missing, size_t threads, cvy_dataset **data);

#endif
