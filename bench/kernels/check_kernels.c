/* Tests or times the kernels. Without options, every kernel is compared with a plain computation,
 * with every instruction set that this machine runs; --bench measures their speed in the layers of
 * the built-in models. */
#include <stdio.h>
#include <string.h>

#include "checks.h"
#include "cli/options.h"
#include "support/kernel_sets.h"
#include "support/slow_build.h"
#include "times.h"

static const kernel_check *const checks[] = {
    &check_products,      &check_convolutions, &check_im2col,  &check_pooling, &check_lanes,
    &check_normalization, &check_activations,  &check_softmax, &check_dropout,
};
enum { CHECKS = sizeof checks / sizeof *checks, SUBJECTS_MAX = 16 };

static const cvy_gemm_backend *gemm_of(const cvy_kernels *set)
{
    const cvy_gemm_backend *gemm;

    for (size_t b = 0; (gemm = gemm_backend(b)) != NULL; b++)
        if (gemm->isa != NULL && strcmp(gemm->isa, set->name) == 0)
            return gemm;
    return gemm_backend(0);
}

static const cvy_convolution_backend *convolution_of(const cvy_kernels *set)
{
    const cvy_convolution_backend *backend;

    for (size_t b = 0; (backend = convolution_backend(b)) != NULL; b++)
        if (backend->isa != NULL && strcmp(backend->isa, set->name) == 0)
            return backend;
    return NULL;
}

/* List each instruction set with its own backends, then im2col with each GEMM; in a slow build with the first one only,
 * since every GEMM is also that of an instruction set. */
static size_t list_subjects(check_subject subjects[SUBJECTS_MAX])
{
    size_t count = 0;
    const cvy_kernels *set;
    const cvy_gemm_backend *gemm;

    for (size_t k = 0; (set = kernel_set(k)) != NULL && count < SUBJECTS_MAX; k++)
        subjects[count++] =
            (check_subject){ { set, gemm_of(set), convolution_of(set) }, .is_own = true };
    const size_t gemms = IS_SLOW ? 1 : SUBJECTS_MAX - count;
    for (size_t b = 0; (gemm = gemm_backend(b)) != NULL && b < gemms; b++)
        subjects[count++] = (check_subject){ { kernel_set(0), gemm, NULL }, .is_own = false };
    return count;
}

static bool is_wanted(const char *name, char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return count == 0;
}

static int run_checks(char **names, size_t name_count)
{
    check_subject subjects[SUBJECTS_MAX];
    const size_t count = list_subjects(subjects);
    size_t failures = 0, known = 0;

    if (!check_itself()) {
        fprintf(stderr,
                "check_kernels: the self-test failed: deliberate errors were not detected\n");
        return 1;
    }
    for (size_t i = 0; i < CHECKS; i++) {
        if (!is_wanted(checks[i]->name, names, name_count))
            continue;
        const check_result result = check_run(checks[i], subjects, count);
        printf("%-14s %6zu cases  %s\n", checks[i]->name, result.cases,
               result.failures == 0 ? "ok" : "FAILED");
        fflush(stdout);
        failures += result.failures;
        known++;
    }
    printf("instruction sets:");
    for (size_t i = 0; i < count; i++)
        if (subjects[i].is_own)
            printf(" %s", subjects[i].compute.kernels->name);
    printf("\n");
    if (name_count > 0 && known != name_count) {
        fprintf(stderr, "check_kernels: a name is not that of a check; --help lists them\n");
        return 2;
    }
    return failures == 0 ? 0 : 1;
}

typedef struct {
    size_t repeats;
    bool bench, json, help;
} options;

#define AT(member) offsetof(options, member)
static const cvy_setting rows[] = {
    { "bench", CVY_BOOL, AT(bench), "false", 0, 0, "time the layers of built-in models instead", 0,
      NULL },
    { "repeats", CVY_COUNT, AT(repeats), "25", 1, 10000, "repeats of --bench; the fastest counts",
      0, NULL },
    { "json", CVY_BOOL, AT(json), "false", 0, 0, "print the results of --bench as JSON", 0, NULL },
    { "help", CVY_BOOL, AT(help), "false", 0, 0, "print this", 0, NULL },
    { 0 },
};

static int print_usage(void)
{
    printf("Usage: check_kernels [CHECK]...\n"
           "       check_kernels --bench [--json] [--repeats N] [MODEL]...\n"
           "Checks:");
    for (size_t i = 0; i < CHECKS; i++)
        printf(" %s", checks[i]->name);
    printf("\nOptions:\n");
    for (const cvy_setting *row = rows; row->name != NULL; row++)
        printf("  --%-12s %s (default %s)\n", row->name, row->help, row->fallback);
    return 0;
}

int main(int count, char **arguments)
{
    const cvy_option_set set = { rows, &(options){ 0 } };
    const options *o = set.values;
    char **names = arguments + 1;
    size_t name_count;

    if (cvy_options_read(&set, 1, names, (size_t)count - 1, &name_count) != CVY_OK) {
        fprintf(stderr, "check_kernels: %s\n", cvy_error_message());
        return 2;
    }
    if (o->help)
        return print_usage();
    if (o->bench)
        return times_print(names, name_count, o->repeats, o->json);
    const unsigned long entered = cvy_cpu_flush_denormals();
    const int status = run_checks(names, name_count);
    cvy_cpu_restore_denormals(entered);
    return status;
}
