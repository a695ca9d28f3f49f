/* Any text as a spec, `name:key=value,...`: refused, or settings that come out again as a spec that
 * means the same. The first byte chooses what the spec is of. */
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "callbacks/callback.h"
#include "data/dataset.h"
#include "layers/initializer.h"
#include "layers/layer.h"
#include "losses/loss.h"
#include "optimizers/optimizer.h"
#include "schedules/schedule.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { TEXT_BYTES = 1024 };

/* A bracket in a file's name may find its partner in another setting: then it cannot be told from a list. */
static bool has_bracket(const char *text)
{
    return text[0] != '[' && strpbrk(text, "[](),") != NULL;
}

/* What names and paths hold, apart from lists of patterns. */
static bool has_bracket_in_text(const cvy_kind *kind, const void *settings)
{
    for (const cvy_setting *row = kind->settings; row != NULL && row->name != NULL; row++)
        if ((row->type == CVY_NAME || row->type == CVY_PATH) &&
            has_bracket((const char *)settings + row->offset))
            return true;
    return false;
}

static void check_round_trip(const cvy_kind *const *kinds, const cvy_kind *kind,
                             const void *settings)
{
    char first[TEXT_BYTES], second[TEXT_BYTES];
    const cvy_kind *again;
    void *read_again;

    if (has_bracket_in_text(kind, settings))
        return;
    cvy_spec_print(kind, settings, first, sizeof first);
    if (strlen(first) + 1 == sizeof first)
        return; /* may have been cut */
    cvy_status status = cvy_spec_read("spec", first, kinds, &again, &read_again);
    assert(status == CVY_OK && again == kind);
    (void)status;
    cvy_spec_print(again, read_again, second, sizeof second);
    assert(strcmp(first, second) == 0);
    cvy_memory_free(read_again);
}

static void read_rate(const char *text)
{
    cvy_schedule schedule;

    if (cvy_schedule_read(text, &schedule) != CVY_OK)
        return;
    for (size_t step = 0; step < 3; step++)
        assert(!(cvy_schedule_rate(&schedule, step) < 0)); /* NaN where settings overflow */
    cvy_schedule_release(&schedule);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const cvy_kind *const *const lists[] = { cvy_optimizer_kinds, cvy_schedule_kinds,
                                             cvy_loss_kinds,      cvy_layer_kinds,
                                             cvy_dataset_kinds,   cvy_callback_kinds };
    enum { LIST_COUNT = sizeof lists / sizeof *lists };
    char text[TEXT_BYTES];
    const cvy_kind *kind;
    void *settings;

    if (size < 1 || size > sizeof text)
        return 0;
    memcpy(text, bytes + 1, size - 1);
    text[size - 1] = '\0';
    const size_t choice = bytes[0] % (LIST_COUNT + 1);
    if (choice == LIST_COUNT) {
        read_rate(text);
    } else if (cvy_spec_read("spec", text, lists[choice], &kind, &settings) == CVY_OK) {
        check_round_trip(lists[choice], kind, settings);
        cvy_memory_free(settings);
    }
    return 0;
}
