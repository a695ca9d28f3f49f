/* Which instruction set and convolution are chosen, and how CONVOY_ISA and CONVOY_CONVOLUTION force one. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

#include "support/kernel_sets.h"

Test(choice, the_generic_set_is_there_last_and_always_usable)
{
    size_t count = 0;

    while (cvy_kernel_sets[count] != NULL)
        count++;
    cr_assert(gt(sz, count, 0));
    cr_expect(eq(str, (char *)cvy_kernel_sets[count - 1]->name, "generic"));
    cr_expect(cvy_kernel_sets[count - 1]->is_usable(&(cvy_cpu){ .has_avx2 = false }));
}

/* A set must not be chosen on a processor that lacks its instructions. */
Test(choice, other_sets_ask_the_processor)
{
    const cvy_cpu bare = { .has_avx2 = false }, avx2 = { .has_avx2 = true };
    const cvy_cpu avx512 = { .has_avx2 = true, .has_avx512 = true };

    for (size_t i = 0; cvy_kernel_sets[i] != NULL; i++) {
        const cvy_kernels *set = cvy_kernel_sets[i];
        bool is_generic = strcmp(set->name, "generic") == 0;
        bool is_avx512 = strcmp(set->name, "avx512") == 0;
        cr_expect(set->is_usable(&bare) == is_generic, "%s", set->name);
        cr_expect(set->is_usable(&avx2) == !is_avx512, "%s", set->name);
        cr_expect(set->is_usable(&avx512), "%s", set->name);
    }
}

Test(choice, without_the_variable_the_best_is_chosen)
{
    const cvy_kernels *chosen;

    unsetenv("CONVOY_ISA");
    cr_assert(eq(int, cvy_kernels_choose(&chosen), CVY_OK));
    cr_expect(eq(ptr, (void *)chosen, (void *)kernel_set(0)));
    setenv("CONVOY_ISA", "", 1);
    cr_assert(eq(int, cvy_kernels_choose(&chosen), CVY_OK));
    cr_expect(eq(ptr, (void *)chosen, (void *)kernel_set(0)));
}

Test(choice, the_environment_forces_a_set)
{
    const cvy_kernels *set, *chosen;

    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++) {
        setenv("CONVOY_ISA", set->name, 1);
        cr_expect(eq(int, cvy_kernels_choose(&chosen), CVY_OK), "%s", set->name);
        cr_expect(eq(ptr, (void *)chosen, (void *)set), "%s", set->name);
    }
}

/* An instruction set that is known but does not run here is refused like an unknown one. */
Test(choice, a_set_that_does_not_run_here_is_refused)
{
    const cvy_kernels *chosen;

    for (size_t i = 0; cvy_kernel_sets[i] != NULL; i++) {
        if (cvy_kernel_sets[i]->is_usable(cvy_cpu_detect()))
            continue;
        setenv("CONVOY_ISA", cvy_kernel_sets[i]->name, 1);
        cr_expect(eq(int, cvy_kernels_choose(&chosen), CVY_ERR_SETTING));
    }
}

Test(choice, a_wrong_name_is_refused_with_what_was_found)
{
    static const char *const names[] = { "avx", "AVX2", "avx512 ", "generic,avx2", "best" };
    const cvy_kernels *chosen;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        setenv("CONVOY_ISA", names[i], 1);
        cr_expect(eq(int, cvy_kernels_choose(&chosen), CVY_ERR_SETTING), "%s", names[i]);
        cr_expect(eq(ptr, (void *)cvy_error_message(),
                     strstr(cvy_error_message(), "CONVOY_ISA: found \"")));
        cr_expect(ne(ptr, strstr(cvy_error_message(), names[i]), NULL), "%s", names[i]);
    }
}

Test(choice, the_environment_forces_a_convolution)
{
    const cvy_convolution_backend *backend;

    setenv("CONVOY_CONVOLUTION", "im2col", 1);
    cr_expect(eq(int, cvy_convolution_choose(&backend), CVY_OK));
    cr_expect(eq(str, (char *)backend->name, "im2col"));
    setenv("CONVOY_CONVOLUTION", "winograd", 1);
    cr_expect(eq(int, cvy_convolution_choose(&backend), CVY_ERR_SETTING));
    cr_expect(ne(ptr, strstr(cvy_error_message(), "found \"winograd\""), NULL));
}
