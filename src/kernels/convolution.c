/* The list of convolution backends and the choice among them. */
#include <stdlib.h>
#include <string.h>

#include "kernels/compute.h"

extern const cvy_convolution_backend cvy_convolution_generic, cvy_convolution_im2col;
#ifdef CVY_HAVE_X86_ISA
extern const cvy_convolution_backend cvy_convolution_avx2, cvy_convolution_avx512;
#endif

const cvy_convolution_backend *const cvy_convolution_backends[] = {
#ifdef CVY_HAVE_X86_ISA
    &cvy_convolution_avx512,  &cvy_convolution_avx2,
#endif
    &cvy_convolution_generic, &cvy_convolution_im2col, NULL,
};

static const char *forced_by(const char *variable)
{
    const char *value = getenv(variable);
    return value != NULL && *value != '\0' ? value : NULL;
}

/* Whether a backend may be chosen. A user who forces a GEMM backend
 * wants convolutions to use it. */
static bool is_wanted(const cvy_convolution_backend *backend, const char *forced,
                      const cvy_kernels *kernels)
{
    if (forced != NULL)
        return strcmp(forced, backend->name) == 0;
    if (forced_by("CONVOY_GEMM") != NULL)
        return backend->isa == NULL;
    return backend->isa == NULL || strcmp(backend->isa, kernels->name) == 0;
}

cvy_status cvy_convolution_choose(const cvy_convolution_backend **backend)
{
    const char *forced = forced_by("CONVOY_CONVOLUTION");
    const cvy_kernels *kernels;
    cvy_status status = cvy_kernels_choose(&kernels);

    if (status != CVY_OK)
        return status;
    for (size_t i = 0; cvy_convolution_backends[i] != NULL; i++) {
        *backend = cvy_convolution_backends[i];
        if (is_wanted(*backend, forced, kernels) && (*backend)->is_usable(cvy_cpu_detect()))
            return CVY_OK;
    }
    return cvy_fail(CVY_ERR_SETTING,
                    "CONVOY_CONVOLUTION: found \"%s\", expected a convolution that this build has "
                    "and this processor runs (im2col always is)",
                    forced);
}

const cvy_convolution_backend *cvy_convolution_of(const cvy_compute *compute)
{
    return compute->convolution != NULL ? compute->convolution : &cvy_convolution_im2col;
}

size_t cvy_convolution_scratch(const cvy_convolution *c, size_t rows)
{
    size_t most = 0;

    for (size_t i = 0; cvy_convolution_backends[i] != NULL; i++) {
        const size_t floats = cvy_convolution_backends[i]->scratch_floats(c, rows);
        most = floats > most ? floats : most;
    }
    return most;
}
