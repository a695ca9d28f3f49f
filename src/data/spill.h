/* Memory for data larger than RAM, mapped to an unnamed file. */
#ifndef CVY_DATA_SPILL_H
#define CVY_DATA_SPILL_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/** Map zeroed bytes to a file in $TMPDIR (else /var/tmp), which disappears when the caller unmaps
 *  them with cvy_mapped_release(). Disk space is reserved, so later writes to them cannot fail. Returns
 *  CVY_ERR_OPEN, CVY_ERR_WRITE (the disk is full), CVY_ERR_MEMORY. */
cvy_status cvy_spill_create(size_t bytes, uint8_t **memory);

#endif
