/* The texts of the progress bar and of an epoch's line, which are pure functions. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <string.h>

#include "cli/progress.h"

static cvy_progress halfway(void)
{
    return (cvy_progress){
        .epoch = 2,
        .epoch_count = 5,
        .step = 61,
        .steps_per_epoch = 100,
        .steps_done = 161,
        .steps_total = 500,
        .seconds = 1.61,
        .images_per_second = 24310.7,
        .loss = 0.12341,
        .accuracy = 0.9651,
    };
}

static const char *bar(const cvy_progress *progress, size_t width)
{
    static char text[256];

    cvy_progress_print_bar(progress, width, text, sizeof text);
    return text;
}

Test(progress, a_bar_has_everything)
{
    cvy_progress progress = halfway();

    cr_expect(eq(str, (char *)bar(&progress, 68),
                 "epoch 2/5 [######....] 61% 24,310 img/s loss 0.1234 acc 96.5% ETA 4s"));
}

Test(progress, a_bar_fits_its_line)
{
    cvy_progress progress = halfway();

    for (size_t width = 0; width < 200; width++) {
        const char *text = bar(&progress, width);
        cr_expect(le(sz, strlen(text), width), "%s", text);
        cr_expect(eq(int, strchr(text, '[') != NULL, width >= 63), "%zu: %s", width, text);
    }
    cr_expect(eq(str, (char *)bar(&progress, 20), "epoch 2/5 61% 24,310"));
    cr_expect(eq(sz, strcspn(strchr(bar(&progress, 199), '['), "]"), 31));
}

Test(progress, a_bar_is_empty_at_first_and_full_at_last)
{
    cvy_progress progress = halfway();

    progress.step = 0, progress.steps_done = 0, progress.images_per_second = 0;
    progress.loss = NAN, progress.accuracy = NAN;
    cr_expect(eq(str, (char *)bar(&progress, 25), "epoch 2/5 [..........] 0%"));
    progress.step = 100, progress.steps_done = 500;
    cr_expect(eq(str, (char *)bar(&progress, 34), "epoch 2/5 [##########] 100% ETA 0s"));
    progress.steps_per_epoch = 0;
    cr_expect(ne(ptr, strstr(bar(&progress, 40), "100%"), NULL));
}

Test(progress, remaining_time_is_written_short)
{
    static const struct {
        double seconds;
        const char *eta;
    } cases[] = {
        { 0.2, "ETA 1s" },
        { 59, "ETA 59s" },
        { 60, "ETA 1m00s" },
        { 125, "ETA 2m05s" },
        { 3600, "ETA 1h00m" },
        { 7 * 3600 + 61, "ETA 7h01m" },
        { HUGE_VAL, "ETA 277777h46m" },
    };
    cvy_progress progress = halfway();

    progress.steps_done = 1, progress.steps_total = 2;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        progress.seconds = cases[i].seconds;
        cr_expect(ne(ptr, strstr(bar(&progress, 120), cases[i].eta), NULL), "%s: %s", cases[i].eta,
                  bar(&progress, 120));
    }
}

Test(progress, texts_are_cut_to_their_room)
{
    cvy_progress progress = halfway();
    cvy_epoch epoch = { .epoch = 1, .loss = 1 };
    char text[8];

    cvy_progress_print_bar(&progress, 200, text, sizeof text);
    cr_expect(eq(str, text, "epoch 2"));
    cvy_progress_print_line(&epoch, 3, text, sizeof text);
    cr_expect(eq(str, text, "epoch 1"));
}

Test(progress, an_epoch_has_a_line)
{
    cvy_epoch epoch = {
        .epoch = 2,
        .loss = 0.12341,
        .accuracy = 0.9651,
        .has_validation = true,
        .val_loss = 0.101,
        .val_accuracy = 0.97,
        .seconds = 1.23,
        .images_per_second = 24310.7,
    };
    char text[256];

    cvy_progress_print_line(&epoch, 5, text, sizeof text);
    cr_expect(eq(str, text,
                 "epoch 2/5  1.2 s  24,310 img/s  loss 0.1234  acc 96.51%  val_loss 0.1010  "
                 "val_acc 97.00%"));
    epoch.accuracy = epoch.val_accuracy = NAN;
    cvy_progress_print_line(&epoch, 5, text, sizeof text);
    cr_expect(eq(str, text, "epoch 2/5  1.2 s  24,310 img/s  loss 0.1234  val_loss 0.1010"));
    epoch.has_validation = false;
    cvy_progress_print_line(&epoch, 5, text, sizeof text);
    cr_expect(eq(str, text, "epoch 2/5  1.2 s  24,310 img/s  loss 0.1234"));
}

Test(progress, silence_is_kept_where_it_is_asked_for)
{
    const cvy_call quiet = { .common.quiet = true }, json = { .common.json = true };
    cvy_progress_bar shown;

    cvy_progress_bar_init(&shown, &quiet);
    cr_expect(not(shown.has_bar || shown.has_lines));
    cvy_progress_bar_init(&shown, &json);
    cr_expect(not(shown.has_bar));
    cr_expect(shown.has_lines);
}
