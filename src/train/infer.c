#include "train/infer.h"

#include <omp.h>

#include "base/memory.h"

cvy_status cvy_compute_choose(cvy_compute *compute)
{
    cvy_status status = cvy_kernels_choose(&compute->kernels);
    return status == CVY_OK ? cvy_gemm_choose(&compute->gemm) : status;
}

unsigned long cvy_compute_enter_worker(const cvy_compute *compute)
{
    if (compute->gemm->enter_worker != NULL)
        compute->gemm->enter_worker();
    return cvy_cpu_flush_denormals();
}

void cvy_compute_leave_worker(unsigned long entered)
{
    cvy_cpu_restore_denormals(entered);
}

void cvy_lane_gather(const cvy_lane_pass *lane, const uint8_t *const image[CVY_LANE])
{
    const cvy_model *model = lane->plan->model;
    const size_t channels = model->input.rank == 3 ? model->input.dims[2] : 1;

    lane->plan->compute.kernels->lane->gather_images(cvy_shape_count(model->input), channels, image,
                                                     model->pixel_scale, model->pixel_offset,
                                                     cvy_lane_input(lane));
}

static size_t gather_run(const cvy_lane_pass *pass, cvy_image_run images, size_t lane)
{
    const uint8_t *image[CVY_LANE] = { NULL };
    const size_t first = lane * CVY_LANE, left = images.count - first;
    const size_t count = left < CVY_LANE ? left : CVY_LANE;

    for (size_t s = 0; s < count; s++)
        image[s] = images.pixels + (first + s) * images.image_bytes;
    cvy_lane_gather(pass, image);
    return count;
}

cvy_status cvy_infer(const cvy_model *model, cvy_compute compute, size_t layer_count,
                     cvy_image_run images, size_t threads, cvy_lane_function *function,
                     void *context)
{
    const size_t lane_count = (images.count + CVY_LANE - 1) / CVY_LANE;
    cvy_plan plan;
    char *arenas = NULL;
    cvy_status status;

    threads = threads < lane_count ? threads : lane_count > 0 ? lane_count : 1;
    if ((status = cvy_gemm_check_workers(compute.gemm, "threads", threads)) != CVY_OK)
        return status;
    status = cvy_plan_make(model, compute, layer_count, false, &plan);
    if (status == CVY_OK)
        status = cvy_memory_create(threads, plan.arena_bytes + plan.scratch_bytes, &arenas);
    if (status == CVY_OK) {
#pragma omp parallel num_threads((int)threads)
        {
            char *arena =
                arenas + (size_t)omp_get_thread_num() * (plan.arena_bytes + plan.scratch_bytes);
            const cvy_lane_pass pass = { .plan = &plan,
                                         .arena = arena,
                                         .scratch = arena + plan.arena_bytes };
            const unsigned long entered = cvy_compute_enter_worker(&compute);
#pragma omp for schedule(dynamic, 1)
            for (size_t lane = 0; lane < lane_count; lane++) {
                size_t count = gather_run(&pass, images, lane);
                cvy_lane_forward(&pass, plan.stages);
                function(context, lane, count, cvy_lane_output(&pass));
            }
            cvy_compute_leave_worker(entered);
        }
    }
    cvy_memory_free(arenas);
    cvy_plan_release(&plan);
    return status;
}
