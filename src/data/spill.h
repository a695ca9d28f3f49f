/* Memory for more than fits into memory: mapped to a file without a name. */
#ifndef CVY_DATA_SPILL_H
#define CVY_DATA_SPILL_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/** Zeroed bytes, mapped to a file in $TMPDIR (else /var/tmp) that goes when they are unmapped with
 *  munmap(). The room on the disk is reserved, so that writing to them cannot fail later. Returns
 *  CVY_ERR_OPEN, CVY_ERR_WRITE (the disk is full), CVY_ERR_MEMORY. */
cvy_status cvy_spill_create(size_t bytes, uint8_t **memory);

#endif
