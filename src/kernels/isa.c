/* Gathers the tables of one instruction set. Compiled once per instruction set. */
#include "kernels/kernels.h"

/* AVX-512 uses these of AVX2: they are limited by memory or division, which wider vectors do not
 * speed up. */
#if defined(__AVX512F__)
#define NARROW(name) name##_avx2
#else
#define NARROW(name) CVY_FOR_ISA(name)
#endif

extern const cvy_lane_kernels CVY_FOR_ISA(cvy_lane_kernels);
extern const cvy_im2col_kernels NARROW(cvy_im2col_kernels);
extern const cvy_pooling_kernels CVY_FOR_ISA(cvy_pooling_kernels);
extern const cvy_activation_kernels CVY_FOR_ISA(cvy_activation_kernels);
extern const cvy_softmax_kernels CVY_FOR_ISA(cvy_softmax_kernels);
extern const cvy_dropout_kernels CVY_FOR_ISA(cvy_dropout_kernels);
extern const cvy_normalization_kernels NARROW(cvy_normalization_kernels);
extern const cvy_fma_peak_kernels CVY_FOR_ISA(cvy_fma_peak_kernels);

static bool is_usable(const cvy_cpu *cpu)
{
#if defined(__AVX512F__)
    return cpu->has_avx512;
#elif defined(__AVX2__)
    return cpu->has_avx2;
#else
    (void)cpu;
    return true;
#endif
}

extern const cvy_kernels CVY_FOR_ISA(cvy_kernels);
const cvy_kernels CVY_FOR_ISA(cvy_kernels) = {
    .name = CVY_ISA_TEXT(CVY_ISA),
    .is_usable = is_usable,
    .lane = &CVY_FOR_ISA(cvy_lane_kernels),
    .im2col = &NARROW(cvy_im2col_kernels),
    .pooling = &CVY_FOR_ISA(cvy_pooling_kernels),
    .activation = &CVY_FOR_ISA(cvy_activation_kernels),
    .softmax = &CVY_FOR_ISA(cvy_softmax_kernels),
    .dropout = &CVY_FOR_ISA(cvy_dropout_kernels),
    .normalization = &NARROW(cvy_normalization_kernels),
    .fma_peak = &CVY_FOR_ISA(cvy_fma_peak_kernels),
};
