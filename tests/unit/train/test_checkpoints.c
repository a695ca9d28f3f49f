/* The folder of checkpoints: damaged files in it, those that are kept, other runs, and its removal. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "data/dataset.h"
#include "unit/train/checkpointed_run.h"

TestSuite(checkpoints, .init = checkpointed_run_begin, .fini = checkpointed_run_end);

/* --- damage --- */

static void damage(const char *path, long offset)
{
    FILE *file = fopen(path, "r+b");

    cr_assert_not_null(file, "%s", path);
    cr_assert_eq(fseek(file, offset, offset < 0 ? SEEK_END : SEEK_SET), 0);
    const int byte = fgetc(file);
    cr_assert_eq(fseek(file, -1, SEEK_CUR), 0);
    fputc(byte ^ 1, file);
    cr_assert_eq(fclose(file), 0);
}

static size_t skipped, resumed_at;

static void note_resumption(void *context, const cvy_resumption *resumption)
{
    (void)context;
    skipped = resumption->skipped_count;
    resumed_at = resumption->steps;
    for (size_t i = 0; i < skipped; i++)
        cr_expect(strstr(resumption->skipped[i], "damaged") != NULL ||
                      strstr(resumption->skipped[i], "cut short") != NULL,
                  "%s", resumption->skipped[i]);
}

/* Any byte of the newest file: its header, its text, its numbers; or its end is missing. */
Test(checkpoints, damaged_checkpoints_are_passed_over)
{
    static const long places[] = { 0, 3, 20, 500, 4000, -1, -2000 };
    const char *whole = train();
    char newest[1024], older[1024];

    settings.checkpoint_folder = folder;
    settings.checkpoint_steps = 3;
    settings.on_resume = note_resumption;
    for (size_t i = 0; i <= sizeof places / sizeof *places; i++) {
        settings.resume = false;
        train();
        settings.resume = true;
        snprintf(newest, sizeof newest, "%s/checkpoint-%012d.safetensors", folder, STEPS);
        snprintf(older, sizeof older, "%s/checkpoint-%012d.safetensors", folder, STEPS - 3);
        if (i < sizeof places / sizeof *places)
            damage(newest, places[i]);
        else
            cr_assert_eq(truncate(newest, 5000), 0);
        damage(older, -7);
        cr_expect_str_eq(train(), whole);
        cr_expect_eq(skipped, 2);
        cr_expect_eq(resumed_at, STEPS - 6);
        forget_checkpoints();
    }
}

Test(checkpoints, none_is_valid)
{
    char path[1024];

    settings.checkpoint_folder = folder;
    settings.checkpoint_keep = 1;
    train();
    snprintf(path, sizeof path, "%s/checkpoint-%012d.safetensors", folder, STEPS);
    damage(path, -1);
    snprintf(path, sizeof path, "%s/best.safetensors", folder);
    damage(path, -1);
    settings.resume = true;
    expect_refusal("none", cvy_train(model, data, &settings, NULL), CVY_ERR_FORMAT,
                   "damaged|another folder");
}

/* --- the folder --- */

Test(checkpoints, the_last_are_kept_and_the_best)
{
    char path[1024];
    cvy_model *best;
    cvy_score *score;
    double least = INFINITY;

    settings.checkpoint_folder = folder;
    settings.checkpoint_steps = 1;
    settings.checkpoint_keep = 2;
    train();
    for (int step = 1; step <= STEPS; step++) {
        snprintf(path, sizeof path, "%s/checkpoint-%012d.safetensors", folder, step);
        cr_expect_eq(access(path, F_OK) == 0, step > STEPS - 2, "step %d", step);
    }
    for (size_t i = 0; i < history->epoch_count; i++)
        least = history->epochs[i]->val_loss < least ? history->epochs[i]->val_loss : least;

    /* a checkpoint is a model */
    snprintf(path, sizeof path, "%s/best.safetensors", folder);
    cr_assert_eq(cvy_model_load(path, &best), CVY_OK, "%s", cvy_error_message());
    cvy_dataset kept = *data;
    kept.test = (cvy_images){ .count = data->train.count - history->train_count,
                              .pixels = data->train.pixels + history->train_count * 28 * 28,
                              .labels = data->train.labels + history->train_count };
    cr_assert_eq(cvy_evaluate(best, &kept, CVY_SPLIT_TEST, 1, 1, &score), CVY_OK);
    cr_expect_eq(score->loss, least);
    cvy_score_destroy(score);
    cvy_model_destroy(best);
}

Test(checkpoints, a_used_folder_needs_resume)
{
    settings.checkpoint_folder = folder;
    train();
    expect_refused("an earlier run|--resume");
}

Test(checkpoints, a_second_run_in_one_folder_is_refused)
{
    settings.checkpoint_folder = folder;
    train();
    const int file = open(folder, O_RDONLY | O_DIRECTORY);
    cr_assert_eq(flock(file, LOCK_EX | LOCK_NB), 0); /* as another process has it */
    settings.resume = true;
    expect_refusal("locked", cvy_train(model, data, &settings, NULL), CVY_ERR_OPEN,
                   "another run is writing");
    close(file);
    train();
}

static bool remove_folder(void *context, const cvy_progress *progress)
{
    (void)context;
    if (progress->is_epoch_end && progress->epoch == 1) /* a thread is writing there */
        cr_assert_eq(rename(folder, scratch_path("gone")), 0);
    return true;
}

/* Training goes on, and the end says what is wrong. */
Test(checkpoints, a_folder_removed_while_training_costs_no_training)
{
    const char *whole = train();

    settings.checkpoint_folder = folder;
    settings.checkpoint_steps = 1;
    settings.on_progress = remove_folder;
    cr_expect_str_eq(train(), whole);
    cr_assert_not_null(history->checkpoint_problem);
    cr_expect(strstr(history->checkpoint_problem, "checkpoint-") != NULL, "%s",
              history->checkpoint_problem);
    cr_assert_eq(rename(scratch_path("gone"), folder), 0);
}

Test(checkpoints, wrong_settings)
{
    settings.resume = true;
    expect_refused("resume|checkpoint_folder");
    settings.resume = false;
    settings.checkpoint_seconds = -1;
    expect_refused("checkpoint_seconds|-1");
    settings.checkpoint_seconds = 0;
    settings.configuration = "[1]";
    expect_refused("configuration|JSON object");
    settings.configuration = NULL;
    settings.checkpoint_folder = "/proc/none/here";
    expect_refusal("folder", cvy_train(model, data, &settings, NULL), CVY_ERR_OPEN, "/proc/none");
}

Test(checkpoints, the_configuration_is_in_the_model)
{
    settings.configuration = "{\"epochs\":3}";
    train();
    cr_expect_str_eq(cvy_model_configuration(model), "{\"epochs\":3}");
}
