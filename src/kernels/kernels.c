/* The list of instruction sets for which kernels were compiled, and the choice among them. */
#include "kernels/kernels.h"

#include <stdlib.h>
#include <string.h>

extern const cvy_kernels cvy_kernels_generic;
#ifdef CVY_HAVE_X86_ISA
extern const cvy_kernels cvy_kernels_avx2, cvy_kernels_avx512;
#endif

const cvy_kernels *const cvy_kernel_sets[] = {
#ifdef CVY_HAVE_X86_ISA
    &cvy_kernels_avx512,
    &cvy_kernels_avx2,
#endif
    &cvy_kernels_generic,
    NULL,
};

cvy_status cvy_kernels_choose(const cvy_kernels **kernels)
{
    const char *forced = getenv("CONVOY_ISA");

    for (size_t i = 0; cvy_kernel_sets[i] != NULL; i++) {
        *kernels = cvy_kernel_sets[i];
        if (forced != NULL && *forced != '\0' && strcmp(forced, (*kernels)->name) != 0)
            continue;
        if ((*kernels)->is_usable(cvy_cpu_detect()))
            return CVY_OK;
    }
    return cvy_fail(CVY_ERR_SETTING,
                    "CONVOY_ISA: found \"%s\", expected an instruction set that this build has and "
                    "this processor runs (convoy info lists them)",
                    forced);
}
