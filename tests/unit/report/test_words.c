/* Sentences about made-up runs: said where the numbers bear them out, and not where they do not. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "study/findings.h"
#include "report/words.h"

enum { SEEDS = 10, POINTS = 8, CONFIGURATIONS_MAX = 3 };

/* What becomes of a configuration: its accuracy and its training loss at each evaluation. */
typedef struct {
    const char *label, *optimizer, *rate;
    double accuracy[POINTS], loss[POINTS];
    bool is_diverged;
    size_t batch_size;
} course;

static cvy_point points[CONFIGURATIONS_MAX][SEEDS][POINTS];
static cvy_study_run runs[CONFIGURATIONS_MAX * SEEDS];
static cvy_configuration configurations[CONFIGURATIONS_MAX];
static uint64_t seeds[SEEDS];
static char labels[CONFIGURATIONS_MAX][3][64];
static cvy_hypotheses hypotheses;

static void fill(const course *c, size_t k)
{
    snprintf(labels[k][0], sizeof labels[k][0], "%s", c->label);
    snprintf(labels[k][1], sizeof labels[k][1], "%s", c->optimizer);
    snprintf(labels[k][2], sizeof labels[k][2], "%s", c->rate);
    configurations[k] = (cvy_configuration){ .label = labels[k][0],
                                             .optimizer = labels[k][1],
                                             .learning_rate = labels[k][2],
                                             .base = k,
                                             .batch_size = c->batch_size,
                                             .first_run = k * SEEDS,
                                             .run_count = SEEDS };
    for (size_t s = 0; s < SEEDS; s++) {
        const double noise = 0.0001 * (double)(s % 5);
        const bool falls = strstr(c->rate, "decay") != NULL && strstr(c->rate, "restarts") == NULL;
        for (size_t p = 0; p < POINTS; p++)
            points[k][s][p] =
                (cvy_point){ .step = p + 1,
                             .epoch = (double)(p + 1),
                             .learning_rate = falls ? 0.1 / (double)(p + 1) : 0.1,
                             .metric = { c->loss[p], NAN, NAN, c->accuracy[p] + noise } };
        runs[k * SEEDS + s] =
            (cvy_study_run){ .configuration = k,
                             .state = c->is_diverged ? CVY_RUN_DIVERGED : CVY_RUN_FINISHED,
                             .points = points[k][s],
                             .point_count = c->is_diverged ? 0 : POINTS };
    }
}

/* The sentences, to be freed. */
static char *explain(const course *courses, size_t count, size_t seed_count,
                     bool is_about_schedules)
{
    char *text = NULL;
    size_t bytes;
    cvy_findings f;

    for (size_t k = 0; k < count; k++)
        fill(&courses[k], k);
    const cvy_study study = {
        .setup = { .epochs = POINTS, .steps_per_epoch = 1, .evaluate_every = 1 },
        .configuration_count = count,
        .compared_count = count,
        .seed_count = seed_count,
        .run_count = count * SEEDS,
        .configurations = configurations,
        .seeds = seeds,
        .runs = runs,
        .hypotheses = hypotheses,
        .is_about_schedules = is_about_schedules,
    };
    FILE *file = open_memstream(&text, &bytes);
    cr_assert_eq(cvy_findings_make(&study, &f), CVY_OK);
    cvy_words_explain(file, &f);
    fclose(file);
    cvy_findings_release(&f);
    return text;
}

static void expect_words(char *text, const char *words, bool is_there)
{
    cr_expect_eq(strstr(text, words) != NULL, is_there, "\"%s\" in:\n%s", words, text);
}

#define PLAIN                                                                                      \
    {                                                                                              \
        .label = "plain", .optimizer = "sgd:learning_rate=0.1,momentum=0,nesterov=false",          \
        .rate = "constant:learning_rate=0.1",                                                      \
        .accuracy = { 0.5, 0.6, 0.6, 0.7, 0.7, 0.7, 0.7, 0.7 }, .loss = {                          \
            2,                                                                                     \
            1.8,                                                                                   \
            1.6,                                                                                   \
            1.4,                                                                                   \
            1.2,                                                                                   \
            1.0,                                                                                   \
            0.9,                                                                                   \
            0.8                                                                                    \
        }                                                                                          \
    }

static course with_momentum(const char *label, const char *optimizer, double end)
{
    course c = PLAIN;

    c.label = label;
    c.optimizer = optimizer;
    c.accuracy[POINTS - 1] = end;
    return c;
}

/* A difference may come of whatever else differs. */
Test(words, configurations_that_differ_otherwise_explain_nothing)
{
    static const char momentum[] = "sgd:learning_rate=0.1,momentum=0.9,nesterov=false",
                      decay[] = "sgd:learning_rate=0.1,momentum=0.9,weight_decay=0.01";
    course courses[] = { PLAIN, with_momentum("heavy", momentum, 0.9) };
    char *text = explain(courses, 2, SEEDS, false);

    expect_words(text, "At the same learning rate, momentum 0.9", true);
    free(text);
    courses[1].batch_size = 1;
    text = explain(courses, 2, SEEDS, false);
    cr_expect_str_eq(text, "");
    free(text);
    courses[1] = with_momentum("heavy", decay, 0.9);
    text = explain(courses, 2, SEEDS, false);
    cr_expect_str_eq(text, "");
    free(text);
}

Test(words, momentum_that_helps_and_one_that_is_too_large)
{
    course courses[] = { PLAIN, with_momentum("heavy", "sgd:momentum=0.9,nesterov=false", 0.9),
                         with_momentum("huge", "sgd:momentum=0.99,nesterov=false", 0.2) };
    courses[2].loss[3] = 5;

    char *text = explain(courses, 3, SEEDS, false);
    expect_words(text,
                 "momentum 0.9 makes steps in a constant direction 10 times as long: heavy reached "
                 "90.02 %, plain SGD 70.02 %.",
                 true);
    expect_words(text,
                 "A momentum of 0.99 is too large for this learning rate, as it makes steps in a "
                 "constant direction 100 times as long: huge reached 20.02 %, while heavy, with "
                 "0.9, reached 90.02 %; its training loss rose at 1 evaluation, the other's at 0.",
                 true);
    free(text);

    courses[2].is_diverged = true;
    text = explain(courses, 3, SEEDS, false);
    expect_words(text, "huge diverged in 10 of 10 runs, while heavy, with 0.9, reached 90.02 %.",
                 true);
    free(text);
}

Test(words, no_more_is_said_of_momentum_than_the_runs_show)
{
    course courses[] = { PLAIN, with_momentum("heavy", "sgd:momentum=0.9,nesterov=false", 0.7) };

    char *text = explain(courses, 2, SEEDS, false);
    expect_words(text, "momentum 0.9 makes no significant difference: heavy reached", true);
    expect_words(text, "too large", false);
    free(text);
    courses[1].accuracy[POINTS - 1] = 0.9;
    text = explain(courses, 2, 3, false); /* too few seeds for anything */
    cr_expect_str_empty(text);
    free(text);
    courses[1].rate = "constant:learning_rate=0.01"; /* another rate */
    text = explain(courses, 2, SEEDS, false);
    cr_expect_str_empty(text);
    free(text);
}

Test(words, adagrads_steps_shrink)
{
    course courses[] = { { "ada",
                           "adagrad:epsilon=1e-7",
                           "constant:learning_rate=0.001",
                           { 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5 },
                           { 2, 1.8, 1.7, 1.65, 1.6, 1.6, 1.58, 1.52 },
                           false,
                           64 },
                         { "rms",
                           "rmsprop:rho=0.9",
                           "constant:learning_rate=0.001",
                           { 0.5, 0.6, 0.7, 0.8, 0.9, 0.9, 0.9, 0.9 },
                           { 2, 1.5, 1.2, 1.1, 1.0, 0.9, 0.6, 0.5 },
                           false,
                           64 } };

    char *text = explain(courses, 2, SEEDS, false);
    /* 5 of 8 evaluations are two thirds: 1 - 1.52 / 1.6 and 1 - 0.5 / 1 */
    expect_words(
        text,
        "so its effective learning rate only falls; rms uses a moving average instead: ada reached "
        "50.02 %, rms 90.02 %; in the last third of the run its training loss fell by "
        "5 %, the other's by 50 %.",
        true);
    free(text);
    courses[0].accuracy[POINTS - 1] = 0.95;
    text = explain(courses, 2, SEEDS, false);
    expect_words(text, "only falls", false);
    free(text);
}

Test(words, schedules_against_the_constant_rate)
{
    course courses[] = { { "constant",
                           "sgd:momentum=0.9",
                           "constant:learning_rate=0.1",
                           { 0.5, 0.7, 0.8, 0.8, 0.8, 0.8, 0.84, 0.8 },
                           { 2, 1, 1, 1, 1, 1, 1, 1 },
                           false,
                           64 },
                         { "cosine",
                           "sgd:momentum=0.9",
                           "cosine_decay:decay_steps=8",
                           { 0.5, 0.6, 0.7, 0.85, 0.9, 0.9, 0.9, 0.9 },
                           { 2, 1, 1, 1, 1, 1, 1, 1 },
                           false,
                           64 },
                         { "inverse",
                           "sgd:momentum=0.9",
                           "inverse_time_decay:decay_steps=8",
                           { 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6 },
                           { 2, 1, 1, 1, 1, 1, 1, 1 },
                           false,
                           64 } };

    char *text = explain(courses, 3, SEEDS, true);
    expect_words(
        text,
        "Significantly better than the constant learning rate: cosine. Significantly worse "
        "than the constant learning rate: inverse.",
        true);
    expect_words(text, "Up to epoch 3 the constant learning rate was ahead of cosine at times",
                 true);
    expect_words(
        text,
        "changed by 4 points between evaluations with the constant learning rate, and by 0 "
        "with cosine",
        true);
    free(text);
    text = explain(courses, 3, SEEDS, false);
    expect_words(text, "constant learning rate", false);
    free(text);
}

/* "Not significantly different" is the result of a test, so it is not said without one. */
Test(words, what_was_not_tested_is_not_called_alike)
{
    course courses[] = { PLAIN, with_momentum("heavy", "sgd:momentum=0.9,nesterov=false", 0.7),
                         with_momentum("huge", "sgd:momentum=0.99,nesterov=false", 0.7) };
    courses[2].rate = "cosine_decay:decay_steps=8";

    hypotheses = (cvy_hypotheses){ .tests = CVY_TESTS_PAIR, .first = 0, .second = 2 };
    char *text = explain(courses, 3, SEEDS, true);
    expect_words(text, "momentum 0.9", false);
    expect_words(text, "Not significantly different from the constant learning rate: huge.", true);
    free(text);
    hypotheses = (cvy_hypotheses){ .tests = CVY_TESTS_BASELINE, .first = 1 };
    text = explain(courses, 3, SEEDS, true);
    expect_words(text, "constant learning rate", false);
    expect_words(text, "momentum 0.9 makes no significant difference", true);
    free(text);
    hypotheses = (cvy_hypotheses){ .tests = CVY_TESTS_ALL };
    courses[2].is_diverged = true;
    text = explain(courses, 3, SEEDS, true);
    expect_words(text, "huge", false);
    free(text);
}

/* A schedule that restarts ends with a high learning rate: something else made it calm. */
Test(words, only_a_small_learning_rate_lets_weights_settle)
{
    course courses[] = { PLAIN, with_momentum("other", "sgd:momentum=0,nesterov=false", 0.9) };
    static const double calm[POINTS] = { 0.5, 0.6, 0.7, 0.8, 0.9, 0.9, 0.9, 0.9 };

    memcpy(courses[1].accuracy, calm, sizeof calm);
    courses[0].accuracy[POINTS - 1] = 0.75;
    courses[1].rate = "cosine_decay:decay_steps=8";
    char *text = explain(courses, 2, SEEDS, true);
    expect_words(text, "small learning rates let the weights settle", true);
    free(text);
    courses[1].rate = "cosine_decay_restarts:first_decay_steps=4";
    text = explain(courses, 2, SEEDS, true);
    expect_words(text, "Significantly better than the constant learning rate: other.", true);
    expect_words(text, "settle", false);
    free(text);
}
