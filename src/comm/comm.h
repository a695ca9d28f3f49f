/* The processes that train one model together (convoy/comm.h), as the library sees them. */
#ifndef CVY_COMM_COMM_H
#define CVY_COMM_COMM_H

#include "convoy/comm.h"

/** One block of data, which every rank has a part of: bytes first[r] to first[r] + bytes[r] - 1 are filled
 *  in by rank r; afterwards all ranks have all of it. bytes, first: [size], the same on all ranks.
 *  Returns CVY_ERR_READ. */
cvy_status cvy_comm_gather(cvy_comm *comm, void *data, const size_t *bytes, const size_t *first);

/** Element by element the sum over the ranks, in an order that MPI chooses; all ranks get it. Returns
 *  CVY_ERR_READ. */
cvy_status cvy_comm_sum(cvy_comm *comm, float *data, size_t count);

/** A text of rank `root` goes to all; on the others *text is allocated, and freed with cvy_memory_free(). May
 *  be NULL on the root, and then is on all. Returns CVY_ERR_READ, CVY_ERR_MEMORY. */
cvy_status cvy_comm_broadcast_text(cvy_comm *comm, char **text, size_t root);

/** Pieces 0 to count - 1 are divided among the ranks in consecutive runs, as evenly as can be: where the run
 *  of a rank begins; that of the rank after it is its end. comm: NULL is one rank. */
static inline size_t cvy_comm_begin(const cvy_comm *comm, size_t rank, size_t count)
{
    const size_t size = cvy_comm_size(comm);
    return count / size * rank + count % size * rank / size;
}

/** Gather pieces that were divided so: each rank has filled in its own run of data [count][piece_bytes].
 *  Allocates nothing. Returns CVY_ERR_READ. */
cvy_status cvy_comm_gather_runs(cvy_comm *comm, void *data, size_t count, size_t piece_bytes);

#endif
