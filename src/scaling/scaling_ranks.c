/* Messages between ranks: measured in the steps, measured alone, and predicted.
 *
 * The prediction for an exchange among P ranks, in which each receives n bytes:
 *
 *     seconds = ceil(log2 P) * L + n * G
 *
 * L is the time of a short message including both processors' overheads, and G the time per byte of
 * a message about as long as those of the exchange, both from a ping-pong between rank 0 and the last
 * rank of the point in the same repeat. No all-gather algorithm needs fewer rounds or fewer bytes
 * received by a rank.
 * Sources: Alexandrov, Ionescu, Schauser and Scheiman, LogGP, SPAA 1995; Thakur, Rabenseifner and
 * Gropp, Optimization of collective communication operations in MPICH, IJHPCA 19(1), 2005. */
#include "scaling/scaling_ranks.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/minmax.h"

enum { SHORT_BYTES = 8, SHORT_PINGS = 50, LONG_PINGS = 5, ALONE_TIMES = 5 };
/* a long message is as long as one of the exchange, within these bounds */
enum { LONG_BYTES_MIN = 1 << 16, LONG_BYTES_MAX = 1 << 20 };

cvy_status cvy_scaling_add_up(cvy_comm *comm, double *value)
{
    double sum = 0;

    if (comm == NULL)
        return CVY_OK;
    for (size_t rank = 0; rank < cvy_comm_size(comm); rank++) {
        double one = *value;
        const cvy_status status = cvy_comm_broadcast(comm, &one, sizeof one, rank);
        if (status != CVY_OK)
            return status;
        sum += one;
    }
    *value = sum;
    return CVY_OK;
}

static cvy_status measure_link(cvy_comm *comm, cvy_scaling_messages *messages, size_t each,
                               size_t repeat)
{
    const size_t last = cvy_comm_size(comm) - 1, rank = cvy_comm_rank(comm);
    const size_t bytes = cvy_min(cvy_max(each, LONG_BYTES_MIN), LONG_BYTES_MAX);
    double of_short = 0, of_long = 0;
    cvy_status status = CVY_OK;

    if (rank != 0 && rank != last)
        return CVY_OK;
    status = cvy_comm_ping(comm, last, SHORT_BYTES, SHORT_PINGS, &of_short);
    if (status == CVY_OK)
        status = cvy_comm_ping(comm, last, bytes, LONG_PINGS, &of_long);
    messages->latencies[repeat] = of_short;
    messages->bandwidths[repeat] =
        (double)bytes / (of_long > of_short ? of_long - of_short : of_long);
    return status;
}

cvy_status cvy_scaling_measure_messages(cvy_scaling *s, cvy_scaling_point *point, size_t repeat,
                                        const cvy_train_times *times)
{
    cvy_comm *comm = s->request.comm;
    cvy_scaling_messages *messages = &point->messages;
    const double steps = (double)times->steps;
    double alone = 0;

    if (point->ranks < 2)
        return CVY_OK;
    messages->count = (double)times->exchanges / steps;
    messages->bytes = times->exchange_bytes / steps;
    messages->sum_ranks = times->sum_ranks;
    messages->lane_bytes = times->lane_bytes;
    messages->input_bytes = times->input_bytes;
    messages->output_gradient_bytes = times->output_gradient_bytes;
    messages->subtree_bytes = times->subtree_bytes;
    messages->gradient_bytes = times->gradient_bytes;
    messages->seconds[repeat] = times->exchange_seconds / steps;
    /* the bytes contributed per rank if all contribute alike; rank 0's value, since lanes may
     * differ by one */
    size_t each = (size_t)(times->exchange_bytes / (double)cvy_max(times->exchanges, 1) /
                           (double)(point->ranks - 1));
    cvy_status status = cvy_comm_broadcast(comm, &each, sizeof each, 0);
    if (status == CVY_OK)
        status = measure_link(comm, messages, each, repeat);
    status = cvy_comm_agree(comm, status);
    if (status == CVY_OK)
        status = cvy_comm_time_exchange(comm, each, ALONE_TIMES, &alone);
    messages->alone[repeat] = messages->count * alone;
    return status;
}

cvy_status cvy_scaling_neighbour_time(cvy_comm *comm, double own, double *seconds)
{
    struct {
        char host[256];
        double seconds;
    } first = { "", 0 }, one = { "", 0 };

    *seconds = 0;
    for (size_t rank = 0; rank < cvy_comm_size(comm); rank++) {
        if (gethostname(one.host, sizeof one.host - 1) != 0)
            strcpy(one.host, "?");
        one.seconds = own;
        const cvy_status status = cvy_comm_broadcast(comm, &one, sizeof one, rank);
        if (status != CVY_OK)
            return status;
        if (rank == 0)
            first = one;
        else if (strcmp(first.host, one.host) == 0)
            *seconds += one.seconds;
    }
    return CVY_OK;
}

/* --- the model --- */

/* Threads per processor of rank 0's machine, at least 1. */
static double crowding(const cvy_scaling *s, const cvy_scaling_point *point)
{
    const double ranks = (double)cvy_min(point->ranks, cvy_max(s->request.neighbours, 1));
    const double processors = (double)sysconf(_SC_NPROCESSORS_ONLN);

    return fmax(1, ranks * (double)point->threads / processors);
}

/* Predict the step time from that of one rank: work on lanes is divided, and so are the sums of the
 * gradients unless every rank computes all of them; every rank does the whole update. */
static double predict_step(const cvy_scaling *s, const cvy_scaling_point *point)
{
    const cvy_scaling_point *one = &s->points[0];
    const double in_lanes =
        one->phase[CVY_PHASE_DATA] + one->phase[CVY_PHASE_FORWARD] + one->phase[CVY_PHASE_BACKWARD];
    const double sums = one->phase[CVY_PHASE_REDUCE];
    const double ranks = (double)point->ranks;
    const double sum_ranks = (double)cvy_max(point->messages.sum_ranks, 1);
    const double all = ceil((double)one->batch_size / CVY_SCALING_LANE);
    double computing = one->step;

    if (s->request.is_weak)
        computing += (ranks / sum_ranks - 1) * sums;
    else
        computing -= in_lanes * (1 - ceil(all / ranks) / all) + sums * (1 - 1 / sum_ranks);
    return crowding(s, point) * computing + point->messages.predicted;
}

static double median_of(const cvy_scaling *s, const double *values)
{
    double sorted[CVY_REPEATS_MAX];

    memcpy(sorted, values, s->request.repeats * sizeof *sorted);
    return cvy_repeats_sum_up(sorted, s->request.repeats).median;
}

void cvy_scaling_work_out_messages(cvy_scaling *s, cvy_scaling_point *point)
{
    cvy_scaling_messages *messages = &point->messages;

    if (point->ranks < 2)
        return;
    messages->second = median_of(s, messages->seconds);
    messages->second_alone = median_of(s, messages->alone);
    messages->latency = median_of(s, messages->latencies);
    messages->bandwidth = median_of(s, messages->bandwidths);
    messages->predicted = messages->count * ceil(log2((double)point->ranks)) * messages->latency +
                          messages->bytes / messages->bandwidth;
    messages->predicted_step = predict_step(s, point);
}
