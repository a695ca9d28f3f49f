#include "short_run.h"

#include <criterion/criterion.h>
#include <sched.h>
#include <string.h>

#include "base/memory.h"
#include "model/objective.h"
#include "support/models.h"

/* Lets other workers go first at every step, in another way at each. */
static bool let_others_go_first(void *context, const cvy_running *running)
{
    const size_t *turns = context;

    for (size_t i = 0; i < *turns * (1 + running->steps % 3); i++)
        sched_yield();
    return true;
}

/* A short training that is running. */
typedef struct {
    const short_run *c;
    const cvy_task *task;
    size_t turns;
    cvy_running last;
} running;

static void run_epoch(cvy_stepper *stepper, cvy_team *team, running *l, size_t epoch)
{
    const short_run *c = l->c;
    const size_t limit = c->step_limit > 0 ? c->step_limit : SIZE_MAX;
    const size_t whole = cvy_steps_per_epoch(stepper->task);

    if (c->part == 0) {
        cr_assert_eq(cvy_stepper_epoch(stepper, team, epoch, limit, let_others_go_first, &l->turns,
                                       &l->last),
                     CVY_OK, "%s", cvy_error_message());
        return;
    }
    l->last = (cvy_running){ 0 };
    while (l->last.steps < whole)
        cr_assert_eq(cvy_stepper_continue(stepper, team, epoch, c->part, let_others_go_first,
                                          &l->turns, &l->last),
                     CVY_OK, "%s", cvy_error_message());
}

static cvy_status lead(void *context, cvy_team *team)
{
    running *l = context;
    cvy_stepper stepper;

    cr_assert_eq(cvy_stepper_create(l->task, &stepper), CVY_OK);
    cvy_stepper_start(&stepper);
    for (size_t epoch = 0; epoch < l->c->epochs; epoch++)
        run_epoch(&stepper, team, l, epoch);
    cvy_stepper_finish(&stepper);
    cvy_stepper_release(&stepper);
    return CVY_OK;
}

run_result run_short(cvy_model *model, const cvy_dataset *data, const short_run *c, size_t threads,
                     size_t turns)
{
    const cvy_optimizer_kind *kind;
    void *settings;
    cvy_schedule schedule;
    run_result result;

    cr_assert_eq(cvy_optimizer_read(c->optimizer, &kind, &settings), CVY_OK, "%s",
                 cvy_error_message());
    cr_assert_eq(cvy_schedule_read("0.01", &schedule), CVY_OK);
    cr_assert_eq(cvy_model_initialize(model, 11), CVY_OK);
    cvy_task task = {
        .model = model,
        .loss = cvy_model_loss(model),
        .optimizer = kind,
        .optimizer_settings = settings,
        .schedule = &schedule,
        .images = { .pixels = data->train.pixels, .image_bytes = 28 * 28, .count = c->images },
        .labels = data->train.labels,
        .batch_size = c->batch_size,
        .threads = threads,
        .seed = 11,
    };
    cr_assert_eq(cvy_compute_choose(&task.compute), CVY_OK);
    running l = { .c = c, .task = &task, .turns = turns };
    cr_assert_eq(cvy_team_run(threads, CVY_BIND_NONE, lead, &l), CVY_OK);
    result.last = l.last;
    cvy_schedule_release(&schedule);
    cvy_memory_free(settings);
    strcpy(result.digest, model_digest(model));
    return result;
}

void expect_same_result(const char *what, size_t threads, const run_result *found,
                        const run_result *wanted)
{
    cr_expect_str_eq(found->digest, wanted->digest, "%s, %zu threads", what, threads);
    cr_expect_eq(found->last.loss, wanted->last.loss, "%s, %zu threads", what, threads);
    cr_expect_eq(found->last.correct, wanted->last.correct, "%s, %zu threads", what, threads);
    cr_expect_eq(found->last.samples, wanted->last.samples, "%s, %zu threads", what, threads);
    cr_expect_eq(found->last.steps, wanted->last.steps, "%s, %zu threads", what, threads);
}
