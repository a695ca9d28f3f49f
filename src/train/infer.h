/* Inference over many images: workers take lanes and pass each lane's outputs to a function. */
#ifndef CVY_TRAIN_INFER_H
#define CVY_TRAIN_INFER_H

#include "base/team.h"
#include "comm/comm.h"
#include "data/dataset.h"
#include "model/plan.h"

/* Images in one block of memory or, with a list, anywhere. */
typedef struct {
    const uint8_t *pixels;
    size_t image_bytes, count;
    const uint8_t *const *list; /* [count] or NULL */
    const float *floats; /* inference only: replaces pixels, image_bytes floats per image ... */
    double float_scale, float_offset; /* ... with byte = float * float_scale + float_offset */
    bool (*stop_requested)(
        void *context); /* inference only: called by any worker before each lane; true
                                              ends the pass with CVY_ERR_STOPPED. May be NULL */
    void *stop_context;
    cvy_comm *comm; /* inference only: each rank runs its share of the lanes; NULL: run all */
} cvy_image_run;

static inline const uint8_t *cvy_image_at(const cvy_image_run *images, size_t index)
{
    return images->list != NULL ? images->list[index]
                                : images->pixels + index * images->image_bytes;
}

/** Part of a run: `count` images, starting with number `first`. */
static inline cvy_image_run cvy_image_run_part(const cvy_image_run *images, size_t first,
                                               size_t count)
{
    cvy_image_run part = *images;

    part.count = count;
    if (part.list != NULL)
        part.list += first;
    if (part.pixels != NULL)
        part.pixels += first * part.image_bytes;
    if (part.floats != NULL)
        part.floats += first * part.image_bytes;
    return part;
}

/** `count` images of a part of a data set, starting with number `first`. */
static inline cvy_image_run cvy_image_run_of(const cvy_images *images, size_t image_bytes,
                                             size_t first, size_t count)
{
    return (cvy_image_run){
        .pixels = images->pixels != NULL ? images->pixels + first * image_bytes : NULL,
        .image_bytes = image_bytes,
        .count = count,
        .list = images->list != NULL ? images->list + first : NULL,
    };
}

/* Called by any worker, with lanes in any order: sample s of lane l is image l * LANE + s; the last
 * lane may hold fewer than LANE. outputs [output count][LANE] may be overwritten. penalty: added to
 * each sample's loss by activity regularizers. */
typedef void cvy_lane_function(void *context, size_t lane, size_t sample_count, float *outputs,
                               const double penalty[CVY_LANE]);

/** Choose the kernels of this process. Returns CVY_ERR_SETTING. */
cvy_status cvy_compute_choose(cvy_compute *compute);

/** Called by each worker first and, with the value returned, last. The second call restores how the
 *  thread treats denormals. */
unsigned long cvy_compute_enter_worker(const cvy_compute *compute);
void cvy_compute_leave_worker(unsigned long entered);

/** Write LANE images, NULL for an empty element, to a lane as inputs of the model. */
void cvy_lane_gather(const cvy_lane_pass *lane, const uint8_t *const image[CVY_LANE]);

/** Run the first layer_count layers, as a job of the team. Returns CVY_ERR_MEMORY or
 *  CVY_ERR_STOPPED. */
cvy_status cvy_infer(const cvy_model *model, cvy_compute compute, size_t layer_count,
                     cvy_image_run images, cvy_team *team, cvy_lane_function *function,
                     void *context);

/** Start a team for a pass over so many images, with at most `threads` workers and no more than the
 *  pass keeps busy, and run `lead` on the calling thread. Returns what `lead` returns,
 *  CVY_ERR_SETTING for more workers than the GEMM backend supports, or CVY_ERR_MEMORY. */
cvy_status cvy_infer_team(cvy_compute compute, size_t image_count, size_t threads,
                          cvy_status (*lead)(void *context, cvy_team *team), void *context);

/** The number of workers that a pass over so many images keeps busy, at most `threads`. */
size_t cvy_infer_threads(size_t image_count, size_t threads);

#endif
