/* The chosen backends of a call: kernels, GEMM and convolution. */
#ifndef CVY_KERNELS_COMPUTE_H
#define CVY_KERNELS_COMPUTE_H

#include "kernels/convolution.h"
#include "kernels/gemm.h"
#include "kernels/kernels.h"

struct cvy_compute {
    const cvy_kernels *kernels;
    const cvy_gemm_backend *gemm;
    const cvy_convolution_backend *convolution; /* NULL: im2col and GEMM */
};

#endif
