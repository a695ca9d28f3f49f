/* The list of GEMM backends and the choice among them. */
#include "kernels/gemm.h"

#include <stdlib.h>
#include <string.h>

#include "kernels/kernels.h"

extern const cvy_gemm_backend cvy_gemm_generic, cvy_gemm_openblas, cvy_gemm_reference;
#ifdef CVY_HAVE_X86_ISA
extern const cvy_gemm_backend cvy_gemm_avx2, cvy_gemm_avx512;
#endif

const cvy_gemm_backend *const cvy_gemm_backends[] = {
#ifdef CVY_HAVE_X86_ISA
    &cvy_gemm_avx512,  &cvy_gemm_avx2,
#endif
    &cvy_gemm_generic, &cvy_gemm_openblas, &cvy_gemm_reference, NULL,
};

static bool is_wanted(const cvy_gemm_backend *backend, const char *forced,
                      const cvy_kernels *kernels)
{
    if (forced != NULL && *forced != '\0')
        return strcmp(forced, backend->name) == 0;
    return !backend->is_on_request &&
           (backend->isa == NULL || strcmp(backend->isa, kernels->name) == 0);
}

cvy_status cvy_gemm_choose(const cvy_gemm_backend **backend)
{
    const char *forced = getenv("CONVOY_GEMM");
    const cvy_kernels *kernels;
    cvy_status status = cvy_kernels_choose(&kernels);

    if (status != CVY_OK)
        return status;
    for (size_t i = 0; cvy_gemm_backends[i] != NULL; i++) {
        *backend = cvy_gemm_backends[i];
        if (!is_wanted(*backend, forced, kernels))
            continue;
        if ((*backend)->is_usable(cvy_cpu_detect()))
            return (*backend)->load != NULL ? (*backend)->load() : CVY_OK;
    }
    return cvy_fail(CVY_ERR_SETTING,
                    "CONVOY_GEMM: found \"%s\", expected a matrix product that this build has and "
                    "this processor runs (convoy info lists them)",
                    forced);
}

const char *cvy_gemm_label(const cvy_gemm_backend *backend)
{
    return backend->label != NULL ? backend->label() : backend->name;
}

cvy_status cvy_gemm_check_workers(const cvy_gemm_backend *backend, const char *what, size_t workers)
{
    if (backend->workers_max == NULL || workers <= backend->workers_max())
        return CVY_OK;
    return cvy_fail(CVY_ERR_SETTING,
                    "%s: found %zu, expected at most %zu, as many as %s has buffers for here", what,
                    workers, backend->workers_max(), backend->name);
}
