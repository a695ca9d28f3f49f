/* The library's view of the processes that train one model together (convoy/comm.h). */
#ifndef CVY_COMM_COMM_H
#define CVY_COMM_COMM_H

#include "convoy/comm.h"

/* A buffer with a part for each rank: bytes first[r] to first[r] + bytes[r] - 1. */
typedef struct {
    char *data;
    size_t *bytes, *first; /* [size] */
} cvy_comm_parts;

/** Gather a buffer: each rank fills in its own part; afterwards all ranks have all parts. bytes,
 *  first: the same on all ranks. Returns CVY_ERR_READ. */
cvy_status cvy_comm_gather(cvy_comm *comm, const cvy_comm_parts *parts);

/** Send part r of `out` to rank r, for each r. Part q of `in` receives the message from rank q, of the
 *  same size. The rank's own parts are left alone. Returns CVY_ERR_READ. */
cvy_status cvy_comm_all_to_all(cvy_comm *comm, const cvy_comm_parts *out, const cvy_comm_parts *in);

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
