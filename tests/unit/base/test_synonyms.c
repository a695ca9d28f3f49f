/* Names from elsewhere: what is suggested, and that the table suggests only what there is. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/synonyms.h"
#include "callbacks/callback.h"
#include "layers/initializer.h"
#include "losses/loss.h"
#include "optimizers/optimizer.h"
#include "schedules/schedule.h"

static const char *const names[] = { "learning_rate", "beta_1", "sgd", "batch-size" };
enum { NAME_COUNT = sizeof names / sizeof *names };

static void expect_meant(const char *where, const char *typed, const char *meant)
{
    const char *found = cvy_suggest(where, typed, names, NAME_COUNT).meant;

    cr_expect(found != NULL && strcmp(found, meant) == 0, "%s: found %s, expected %s", typed,
              found != NULL ? found : "nothing", meant);
}

Test(synonyms, case_and_separators_do_not_matter)
{
    expect_meant("setting", "LearningRate", "learning_rate");
    expect_meant("setting", "learning-rate", "learning_rate");
    expect_meant("option", "batchSize", "batch-size");
    expect_meant("optimizer", "SGD", "sgd");
}

Test(synonyms, a_synonym_goes_before_the_nearest_name)
{
    expect_meant("setting", "lr", "learning_rate");
    expect_meant("optimizer", "Momentum", "sgd:momentum=0.9");
    expect_meant("setting", "betas", "beta_1=0.9,beta_2=0.999");
    expect_meant("setting", "beta_l", "beta_1");
}

Test(synonyms, modules_quotes_and_dashes_do_not_matter)
{
    expect_meant("optimizer", "keras.optimizers.SGD", "sgd");
    expect_meant("optimizer", "torch.optim.SGD", "sgd");
    expect_meant("optimizer", "'sgd'", "sgd");
    expect_meant("optimizer", "nn.momentum", "sgd:momentum=0.9");
    expect_meant("option", "\u2013\u2013batch", "batch-size");
    expect_meant("option", "/bs", "batch-size");
    expect_meant("setting", " lr ", "learning_rate");
}

Test(synonyms, what_is_not_known_there_is_not_meant)
{
    static const char *const other[] = { "patience" };

    cr_expect_null(cvy_suggest("setting", "lr", other, 1).meant);
    cr_expect_null(cvy_suggest("optimizer", "xyzzy", names, NAME_COUNT).meant);
    cr_expect_null(cvy_suggest("nothing", "momentum", names, NAME_COUNT).meant);
}

Test(synonyms, advice_comes_where_there_is_no_such_thing)
{
    const cvy_suggestion s = cvy_suggest("option", "gpu", names, NAME_COUNT);

    cr_expect_null(s.meant);
    cr_assert_not_null(s.advice);
    cr_expect_not_null(strstr(s.advice, "runs on CPUs only"));
}

/* Each row of `where` begins with a name of the list and, as a spec, can be read. */
static void expect_specs(const char *where, const cvy_kind *const *kinds)
{
    for (const cvy_synonym_list *list = cvy_kind_synonyms; list->where != NULL; list++) {
        if (strcmp(list->where, where) != 0)
            continue;
        cr_expect_gt(list->count, 3);
        for (size_t i = 0; i < list->count; i++) {
            char name[CVY_NAME_BYTES];
            const char *meant = list->rows[i].meant;
            if (meant == NULL)
                continue;
            snprintf(name, sizeof name, "%.*s", (int)strcspn(meant, ":"), meant);
            const cvy_kind *kind = cvy_kind_find(kinds, name);
            void *settings = NULL;
            if (kind == NULL) /* one that may come */
                continue;
            if (strchr(meant, ':') != NULL)
                cr_expect_eq(cvy_spec_read(where, meant, kinds, &kind, &settings), CVY_OK, "%s: %s",
                             meant, cvy_error_message());
            cvy_memory_free(settings);
        }
    }
}

Test(synonyms, specs_that_are_suggested_can_be_read)
{
    expect_specs("optimizer", cvy_optimizer_kinds);
    expect_specs("learning rate", cvy_schedule_kinds);
    expect_specs("callback", cvy_callback_kinds);
    expect_specs("loss", cvy_loss_kinds);
    expect_specs("initializer", cvy_initializer_kinds);
}

/* A name that is known would never be looked up, and a second row for it may never be reached. */
static void expect_something_said(const cvy_synonym_list *list)
{
    for (; list->where != NULL; list++) {
        for (size_t i = 0; i < list->count; i++) {
            const cvy_synonym *row = &list->rows[i];
            cr_expect(row->meant != NULL || row->advice != NULL, "%s: %s", list->where, row->typed);
            cr_expect_null(strstr(row->typed, "||"), "%s", row->typed);
            if (row->advice != NULL)
                cr_expect_eq(row->advice[strlen(row->advice) - 1], '.', "%s", row->advice);
        }
    }
}

Test(synonyms, rows_have_something_to_say)
{
    expect_something_said(cvy_typed_synonyms);
    expect_something_said(cvy_kind_synonyms);
}

Test(synonyms, a_star_matches_any_characters)
{
    const cvy_suggestion s = cvy_suggest("--seed", "1,2,3", names, 0);

    cr_assert_not_null(s.advice);
    cr_expect_not_null(strstr(s.advice, "--seeds"));
    cr_expect_null(cvy_suggest("--seed", "1+2", names, 0).advice);
}
