/* The library's view of the processes that train one model together (convoy/comm.h). */
#ifndef CVY_COMM_COMM_H
#define CVY_COMM_COMM_H

#include "convoy/comm.h"

/** Gather one block of data: rank r fills in bytes first[r] to first[r] + bytes[r] - 1; afterwards
 *  all ranks have the whole block. bytes, first: [size], the same on all ranks. Returns
 *  CVY_ERR_READ. */
cvy_status cvy_comm_gather(cvy_comm *comm, void *data, const size_t *bytes, const size_t *first);

/** Sum each element over the ranks, in an order that MPI chooses; all ranks get the sums. Returns
 *  CVY_ERR_READ. */
cvy_status cvy_comm_sum(cvy_comm *comm, float *data, size_t count);

/** Send a text from rank `root` to all; on the others *text is allocated, and freed with
 *  cvy_memory_free(). If it is NULL on the root, it becomes NULL on all. Returns CVY_ERR_READ,
 *  CVY_ERR_MEMORY. */
cvy_status cvy_comm_broadcast_text(cvy_comm *comm, char **text, size_t root);

/** Pieces 0 to count - 1 are divided among the ranks in consecutive runs, as evenly as possible.
 *  Returns where a rank's run begins, which is where the previous rank's ends. comm: NULL is one
 *  rank. */
static inline size_t cvy_comm_begin(const cvy_comm *comm, size_t rank, size_t count)
{
    const size_t size = cvy_comm_size(comm);
    return count / size * rank + count % size * rank / size;
}

/** Gather pieces that were divided in this way: each rank has filled in its own run of data
 *  [count][piece_bytes]. Allocates nothing. Returns CVY_ERR_READ. */
cvy_status cvy_comm_gather_runs(cvy_comm *comm, void *data, size_t count, size_t piece_bytes);

#endif
