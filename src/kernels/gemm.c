/* The list of GEMM backends and the choice among them. */
#include "kernels/gemm.h"

#include <stdlib.h>
#include <string.h>

extern const cvy_gemm_backend cvy_gemm_reference;
#ifdef CVY_HAVE_OPENBLAS
extern const cvy_gemm_backend cvy_gemm_openblas;
#endif

const cvy_gemm_backend *const cvy_gemm_backends[] = {
#ifdef CVY_HAVE_OPENBLAS
    &cvy_gemm_openblas,
#endif
    &cvy_gemm_reference,
    NULL,
};

cvy_status cvy_gemm_choose(const cvy_gemm_backend **backend)
{
    const char *forced = getenv("CONVOY_GEMM");

    for (size_t i = 0; cvy_gemm_backends[i] != NULL; i++) {
        *backend = cvy_gemm_backends[i];
        if (forced != NULL && *forced != '\0' && strcmp(forced, (*backend)->name) != 0)
            continue;
        if ((*backend)->is_usable(cvy_cpu_detect()))
            return CVY_OK;
    }
    return cvy_fail(CVY_ERR_SETTING,
                    "CONVOY_GEMM: found \"%s\", expected a matrix product that this build has and "
                    "this processor runs (convoy info lists them)",
                    forced);
}

cvy_status cvy_gemm_check_workers(const cvy_gemm_backend *backend, const char *what, size_t workers)
{
    if (backend->workers_max == NULL || workers <= backend->workers_max())
        return CVY_OK;
    return cvy_fail(
        CVY_ERR_SETTING,
        "%s: found %zu, expected at most %zu, as many as this build of %s has buffers for", what,
        workers, backend->workers_max(), backend->name);
}
