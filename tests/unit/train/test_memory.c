/* What a run holds in memory does not grow with its epochs: validation, callbacks and saved models
 * give back all they took. */
#include <criterion/criterion.h>
#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#include "convoy/train.h"
#include "support/models.h"
#include "support/slow_build.h"

enum { EPOCHS = 50, EPOCH_SETTLED = 3 };

TestSuite(train_memory, .init = scratch_open, .fini = scratch_close);

typedef struct {
    size_t held, resident; /* bytes */
} memory_use;

#if HAS_SANITIZER
size_t __sanitizer_get_current_allocated_bytes(void); /* gcc brings no header for it */

static size_t bytes_held(void)
{
    return __sanitizer_get_current_allocated_bytes();
}

/* A sanitizer keeps what was given back, to find later uses of it. */
static size_t bytes_resident(void)
{
    return 0;
}
#else
static size_t bytes_held(void)
{
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

static size_t bytes_resident(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    size_t pages = 0;

    cr_assert_not_null(file);
    cr_assert_eq(fscanf(file, "%*u %zu", &pages), 1);
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}
#endif

typedef struct {
    memory_use early, late;
} watch;

static bool look(void *context, const cvy_progress *progress)
{
    watch *seen = context;
    memory_use *use = progress->epoch == EPOCHS ? &seen->late : &seen->early;

    if (progress->is_epoch_end && (progress->epoch == EPOCH_SETTLED || progress->epoch == EPOCHS))
        *use = (memory_use){ bytes_held(), bytes_resident() };
    return true;
}

/* The largest growth that is none: small blocks that a thread of the C library keeps for itself when
 * they are given back, and pages of a heap. What an epoch loses shows 47 times; the
 * counts of a validation are 12 KiB. */
enum { HELD_MAX = 48 << 10, RESIDENT_MAX = 512 << 10 };

static void train_and_watch(const cvy_dataset *data, size_t threads)
{
    char checkpoint[512];
    cvy_history *history;
    watch seen = { 0 };
    cvy_model *model = model_make(INPUT("28,28,1") CONV("4", "[5,5]") MAX_POOL("[4,4]")
                                      FLATTEN LAYER("Dense", "'units':40,'activation':'softmax'"));
    cvy_train_settings settings = cvy_train_defaults();

    snprintf(checkpoint, sizeof checkpoint, "model_checkpoint:filepath=%s",
             scratch_path("best.safetensors"));
    const char *const callbacks[] = { checkpoint,
                                      "early_stopping:patience=1000,restore_best_weights=true",
                                      "reduce_lr_on_plateau:patience=1000" };
    settings.epochs = EPOCHS;
    settings.batch_size = 40;
    settings.threads = threads;
    settings.validation_split = 0.2;
    settings.callbacks = callbacks;
    settings.callback_count = 3;
    settings.on_progress = look;
    settings.context = &seen;
    cr_assert_eq(cvy_train(model, data, &settings, &history), CVY_OK, "%s", cvy_error_message());
    cr_assert_eq(history->epoch_count, EPOCHS);
    cr_assert_gt(seen.early.held, 0);
    cr_expect_leq(seen.late.held, seen.early.held + HELD_MAX, "%zu threads: %zu bytes, then %zu",
                  threads, seen.early.held, seen.late.held);
    cr_expect_leq(seen.late.resident, seen.early.resident + RESIDENT_MAX,
                  "%zu threads: %zu bytes resident, then %zu", threads, seen.early.resident,
                  seen.late.resident);
    cvy_history_destroy(history);
    history = NULL;
    cvy_model_destroy(model);
}

Test(train_memory, does_not_grow_with_the_epochs)
{
    cvy_dataset *data;

    cr_assert_eq(cvy_dataset_open("digits:train=150,test=20", 2, &data), CVY_OK);
    train_and_watch(data, 1);
    train_and_watch(data, 3);
    cvy_dataset_close(data);
}
