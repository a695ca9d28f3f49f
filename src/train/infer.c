#include "train/infer.h"

#include <string.h>

#include "base/memory.h"
#include "base/minmax.h"

cvy_status cvy_compute_choose(cvy_compute *compute)
{
    cvy_status status = cvy_kernels_choose(&compute->kernels);
    if (status == CVY_OK)
        status = cvy_gemm_choose(&compute->gemm);
    return status == CVY_OK ? cvy_convolution_choose(&compute->convolution) : status;
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
    const size_t positions = cvy_shape_count(model->input) / channels;
    const cvy_range range = cvy_share_range(lane->share, positions, 1);

    lane->plan->compute.kernels->lane->gather_images(positions, channels, range.begin, range.end,
                                                     image, model->pixel_scale, model->pixel_offset,
                                                     cvy_lane_input(lane));
}

/* How the model normalizes the caller's floats: scale * value + offset. */
typedef struct {
    float scale, offset;
} float_form;

static float_form form_of_floats(const cvy_model *model, const cvy_image_run *images)
{
    const double scale = (double)model->pixel_scale;

    return (float_form){ (float)(scale * images->float_scale),
                         (float)((double)model->pixel_offset + scale * images->float_offset) };
}

static void gather_floats(const cvy_lane_pass *lane, const cvy_image_run *images,
                          const float *const image[CVY_LANE])
{
    const cvy_model *model = lane->plan->model;
    const size_t channels = model->input.rank == 3 ? model->input.dims[2] : 1;
    const float_form form = form_of_floats(model, images);

    lane->plan->compute.kernels->lane->gather_floats(cvy_shape_count(model->input) / channels,
                                                     channels, image, form.scale, form.offset,
                                                     cvy_lane_input(lane));
}

/* A pass over a run of images. */
typedef struct {
    const cvy_plan *plan;
    cvy_image_run images;
    char *arenas;    /* [workers][plan->arena_stride] */
    char *scratches; /* [workers][plan->scratch_stride] */
    cvy_lane_function *function;
    void *context;
    atomic_bool is_stopped; /* set once, by any worker */
} inference;

static void gather_run(const cvy_lane_pass *pass, cvy_image_run images, size_t lane)
{
    const uint8_t *image[CVY_LANE] = { NULL };
    const float *floats[CVY_LANE] = { NULL };
    const size_t first = lane * CVY_LANE, left = images.count - first;
    const size_t count = left < CVY_LANE ? left : CVY_LANE;

    for (size_t s = 0; s < count; s++)
        if (images.floats != NULL)
            floats[s] = images.floats + (first + s) * images.image_bytes;
        else
            image[s] = cvy_image_at(&images, first + s);
    if (images.floats != NULL)
        gather_floats(pass, &images, floats);
    else
        cvy_lane_gather(pass, image);
}

/* --- single samples --- */

/* A lane costs as much for one image as for sixteen. Up to this many images are faster one by
 * one. */
enum { SAMPLES_MAX = 4 };

static void gather_sample(const cvy_lane_pass *pass, const cvy_image_run *images, size_t index)
{
    const cvy_model *model = pass->plan->model;
    const size_t count = cvy_shape_count(model->input);
    float *x = cvy_lane_input(pass);

    if (images->floats != NULL) {
        const float_form form = form_of_floats(model, images);
        for (size_t i = 0; i < count; i++)
            x[i] = images->floats[index * count + i] * form.scale + form.offset;
        return;
    }
    const uint8_t *bytes = cvy_image_at(images, index);
    for (size_t i = 0; i < count; i++)
        x[i] = (float)bytes[i] * model->pixel_scale + model->pixel_offset;
}

/* Run samples one by one, and collect their outputs as a lane's. */
static float *run_samples(const cvy_lane_pass *pass, const cvy_image_run *images, size_t first,
                          size_t sample_count)
{
    const size_t outputs = cvy_model_output_count(pass->plan->model);
    float *collected = cvy_lane_collected(pass);

    for (size_t s = 0; s < sample_count; s++) {
        gather_sample(pass, images, first + s);
        cvy_sample_forward(pass, pass->plan->stages);
        for (size_t o = 0; o < outputs; o++)
            collected[o * CVY_LANE + s] = cvy_lane_output(pass)[o];
    }
    return collected;
}

static float *run_lane(const cvy_lane_pass *pass, const cvy_image_run *images, size_t lane)
{
    gather_run(pass, *images, lane);
    cvy_lane_forward(pass, pass->plan->stages);
    return cvy_lane_output(pass);
}

static bool is_stopped(inference *in)
{
    const cvy_image_run *images = &in->images;

    if (images->stop_requested != NULL && images->stop_requested(images->stop_context))
        atomic_store_explicit(&in->is_stopped, true, memory_order_relaxed);
    return atomic_load_explicit(&in->is_stopped, memory_order_relaxed);
}

static void infer_lanes(void *context, cvy_team *team, size_t worker)
{
    inference *in = context;
    const cvy_plan *plan = in->plan;
    const cvy_comm *comm = in->images.comm;
    const size_t all = cvy_lanes_of(in->images.count), rank = cvy_comm_rank(comm);
    const size_t first = cvy_comm_begin(comm, rank, all);
    const size_t lane_count = cvy_comm_begin(comm, rank + 1, all) - first;
    double penalty[CVY_LANE];
    const cvy_lane_pass pass = {
        .plan = plan,
        .arena = in->arenas + worker * plan->arena_stride,
        .scratch = plan->scratch_bytes > 0 ? in->scratches + worker * plan->scratch_stride : NULL,
        .share = { 0, 1 },
        .penalty = penalty,
    };
    const unsigned long entered = cvy_compute_enter_worker(&plan->compute);

    for (size_t piece; (piece = cvy_team_take(team, worker, lane_count)) < lane_count;) {
        const size_t lane = first + piece;
        if (is_stopped(in)) /* take the remaining lanes without computing them */
            continue;
        const size_t left = in->images.count - lane * CVY_LANE;
        const size_t count = cvy_min(left, CVY_LANE);
        memset(penalty, 0, sizeof penalty);
        float *outputs = plan->is_of_samples
                             ? run_samples(&pass, &in->images, lane * CVY_LANE, count)
                             : run_lane(&pass, &in->images, lane);
        in->function(in->context, lane, count, outputs, penalty);
    }
    cvy_compute_leave_worker(entered);
}

size_t cvy_infer_threads(size_t image_count, size_t threads)
{
    const size_t lanes = cvy_lanes_of(image_count);
    return threads < lanes ? threads : lanes > 0 ? lanes : 1;
}

cvy_status cvy_infer_team(cvy_compute compute, size_t image_count, size_t threads,
                          cvy_status (*lead)(void *context, cvy_team *team), void *context)
{
    const size_t size = cvy_infer_threads(image_count, threads);
    cvy_status status = cvy_gemm_check_workers(compute.gemm, "threads", size);

    return status == CVY_OK ? cvy_team_run(size, CVY_BIND_NONE, lead, context) : status;
}

/* Allocate `bytes` per worker, `stride` apart. */
static cvy_status create_each(size_t workers, size_t stride, size_t bytes, char **memory)
{
    return workers == 1 ? cvy_memory_create_raw(1, bytes, memory)
                        : cvy_memory_create_raw(workers, stride, memory);
}

cvy_status cvy_infer(const cvy_model *model, cvy_compute compute, size_t layer_count,
                     cvy_image_run images, cvy_team *team, cvy_lane_function *function,
                     void *context)
{
    cvy_plan plan;
    inference in = { .plan = &plan, .images = images, .function = function, .context = context };
    cvy_status status = images.count <= SAMPLES_MAX
                            ? cvy_plan_make_for_samples(model, compute, layer_count, &plan)
                            : cvy_plan_make(model, compute, layer_count, 0, &plan);

    if (status == CVY_OK)
        status = create_each(team->size, plan.arena_stride, plan.arena_bytes, &in.arenas);
    if (status == CVY_OK)
        status = create_each(team->size, plan.scratch_stride, plan.scratch_bytes, &in.scratches);
    if (status == CVY_OK)
        cvy_team_do(team, infer_lanes, &in);
    if (status == CVY_OK && atomic_load(&in.is_stopped))
        status = cvy_fail(CVY_ERR_STOPPED, "stopped on request");
    cvy_memory_free(in.arenas);
    cvy_memory_free(in.scratches);
    cvy_plan_release(&plan);
    return status;
}
