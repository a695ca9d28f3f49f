/* Elementwise activation functions and their derivatives. */
#include "kernels/kernels.h"

#include <math.h>

#include "kernels/exponential.h"

/* n is a multiple of LANE, so vectors leave no remainder, and an element depends only on its own
 * inputs, so x and y may be the same. Stating both lets the compiler
 * generate a quarter of the code. */
#define EACH_ELEMENT _Pragma("omp simd") for (size_t i = 0; i < (n & ~(size_t)(CVY_LANE - 1)); i++)

/* Define a function by an expression in v, the input, and alpha. */
#define FORWARD(name, expression)                                                                  \
    static void name(size_t n, float alpha, const float *x, float *y)                              \
    {                                                                                              \
        (void)alpha;                                                                               \
        EACH_ELEMENT                                                                               \
        {                                                                                          \
            float v = x[i];                                                                        \
            y[i] = (expression);                                                                   \
        }                                                                                          \
    }

/* Define a derivative by an expression in alpha and v, the output or, as kernels.h says,
 * the input. */
#define BACKWARD(name, expression)                                                                 \
    static void name(size_t n, float alpha, const float *value, const float *dy, float *dx)        \
    {                                                                                              \
        (void)alpha;                                                                               \
        EACH_ELEMENT                                                                               \
        {                                                                                          \
            float v = value[i];                                                                    \
            dx[i] = dy[i] * (expression);                                                          \
        }                                                                                          \
    }

/* NaN stays NaN, since v < 0 is false */
FORWARD(relu, v < 0 ? 0 : v)
BACKWARD(relu_back, v > 0 ? 1.0f : 0.0f)

FORWARD(leaky_relu, v > 0 ? v : alpha * v)
BACKWARD(leaky_relu_back, v > 0 ? 1.0f : alpha)

/* y = alpha (e^x - 1) below 0, whose derivative alpha e^x is y + alpha */
FORWARD(elu, v > 0 ? v : alpha * (cvy_exp(v) - 1.0f))
BACKWARD(elu_back, v > 0 ? 1.0f : v + alpha)

FORWARD(sigmoid, 1.0f / (1.0f + cvy_exp(-v)))
BACKWARD(sigmoid_back, v *(1.0f - v))

FORWARD(tanh_forward, cvy_tanh(v))
BACKWARD(tanh_back, 1.0f - v * v)

/* x Phi(x), where Phi(x) = (1 + erf(x / sqrt 2)) / 2 is the normal distribution function; its
 * derivative is Phi(x) + x phi(x), where phi is the density (Hendrycks and Gimpel 2016). */
FORWARD(gelu, 0.5f * v * (1.0f + cvy_erf(v * 0.70710678f)))
BACKWARD(gelu_back,
         0.5f * (1.0f + cvy_erf(v * 0.70710678f)) + v * 0.39894228f * cvy_exp(-0.5f * v * v))

/* Klambauer et al., Self-Normalizing Neural Networks, 2017 */
#define SELU_SCALE 1.05070099f
#define SELU_ALPHA 1.67326324f
FORWARD(selu, SELU_SCALE *(v > 0 ? v : SELU_ALPHA * (cvy_exp(v) - 1.0f)))
BACKWARD(selu_back, v > 0 ? SELU_SCALE : v + SELU_SCALE * SELU_ALPHA)

FORWARD(exponential, cvy_exp(v))
BACKWARD(exponential_back, v)

FORWARD(celu, v > 0 ? v : alpha * (cvy_exp(v / alpha) - 1.0f))
BACKWARD(celu_back, v > 0 ? 1.0f : cvy_exp(v / alpha))

/* x (1 + tanh u) / 2 with u = sqrt(2 / pi) (x + 0.044715 x^3), which is +-1 long before 10 */
static inline float gelu_argument(float v)
{
    float near = v > 10 ? 10 : v;
    near = near < -10 ? -10 : near;
    return 0.79788456f * (near + 0.044715f * near * near * near);
}

static inline float gelu_tanh_slope(float v)
{
    const float t = cvy_tanh(gelu_argument(v));
    float near = v > 10 ? 10 : v;
    near = near < -10 ? -10 : near;
    return 0.5f * (1.0f + t) +
           0.5f * near * (1.0f - t * t) * 0.79788456f * (1.0f + 0.134145f * near * near);
}
FORWARD(gelu_tanh, 0.5f * v * (1.0f + cvy_tanh(gelu_argument(v))))
BACKWARD(gelu_tanh_back, gelu_tanh_slope(v))

FORWARD(hard_shrink, v > alpha || v < -alpha ? v : v * 0.0f)
BACKWARD(hard_shrink_back, v > alpha || v < -alpha ? 1.0f : 0.0f)

static inline float clip(float v, float low, float high)
{
    float above = v < low ? low : v;
    return above > high ? high : above;
}
FORWARD(hard_sigmoid, clip(v / 6.0f + 0.5f, 0, 1))
BACKWARD(hard_sigmoid_back, v > -3 && v < 3 ? 1.0f / 6 : 0.0f)

FORWARD(hard_silu, v *clip(v / 6.0f + 0.5f, 0, 1))
BACKWARD(hard_silu_back, v <= -3 ? 0.0f : v >= 3 ? 1.0f : v / 3.0f + 0.5f)

FORWARD(hard_tanh, clip(v, -1, 1))
BACKWARD(hard_tanh_back, v > -1 && v < 1 ? 1.0f : 0.0f)

FORWARD(log_sigmoid, -cvy_softplus(-v))
BACKWARD(log_sigmoid_back, cvy_sigmoid(-v))

/* x tanh(log(1 + e^x)) = x n / (n + 2) with n = e^2x + 2 e^x; Misra, Mish, 2019 */
static inline float mish_share(float v)
{
    const float power = cvy_exp(v < 20 ? v : 20), n = power * power + 2.0f * power;
    return n / (n + 2.0f);
}

static inline float mish_slope(float v)
{
    const float power = cvy_exp(v < 20 ? v : 20), n = power * power + 2.0f * power;
    const float t = n / (n + 2.0f), rest = 2.0f / (n + 2.0f); /* 1 - t */
    const float near = v < 20 ? v : 20;
    return t + near * rest * (1.0f + t) * cvy_sigmoid(near);
}
FORWARD(mish, v *mish_share(v))
BACKWARD(mish_back, mish_slope(v))

/* below -88 the slope is 0 to float precision;
 * without clipping, x times it would matter at x = -1e30 */
static inline float silu_slope(float v)
{
    const float near = clip(v, -88, 88), s = cvy_sigmoid(near);
    return s + near * s * (1.0f - s);
}
FORWARD(silu, v < -88 ? v * 0.0f : v * cvy_sigmoid(v))
BACKWARD(silu_back, silu_slope(v))

FORWARD(softplus, cvy_softplus(v))
BACKWARD(softplus_back, cvy_sigmoid(v))

FORWARD(softsign, v / (1.0f + fabsf(v)))
BACKWARD(softsign_back, 1.0f / (1.0f + fabsf(v)) / (1.0f + fabsf(v)))

FORWARD(soft_shrink, v > alpha ? v - alpha : v < -alpha ? v + alpha : v * 0.0f)
BACKWARD(soft_shrink_back, v > alpha || v < -alpha ? 1.0f : 0.0f)

FORWARD(sparse_plus, v <= -1 ? 0.0f : v >= 1 ? v : 0.25f * (v + 1.0f) * (v + 1.0f))
BACKWARD(sparse_plus_back, v <= -1 ? 0.0f : v >= 1 ? 1.0f : 0.5f * (v + 1.0f))

FORWARD(sparse_sigmoid, clip(0.5f * v + 0.5f, 0, 1))
BACKWARD(sparse_sigmoid_back, v > -1 && v < 1 ? 0.5f : 0.0f)

/* (x + sqrt(x^2 + b)) / 2; below 0, b / 2 / (sqrt(x^2 + b) - x) to avoid cancellation. Above 1e15
 * the root is |x|, and the square could overflow; Barron, Squareplus, 2021. */
static inline float squareplus_root(float v, float b)
{
    const float size = fabsf(v), near = size < 1e15f ? size : 1e15f;
    const float root = sqrtf(near * near + b);
    return size < 1e15f ? root : size;
}
FORWARD(squareplus, v > 0 ? 0.5f * (v + squareplus_root(v, alpha))
                          : 0.5f * alpha / (squareplus_root(v, alpha) - v))
BACKWARD(squareplus_back, 0.5f * (1.0f + v / squareplus_root(v, alpha)))

FORWARD(tanh_shrink, v - cvy_tanh(v))
BACKWARD(tanh_shrink_back, cvy_tanh(v) * cvy_tanh(v))

static void relu_forward(size_t n, const cvy_relu_form *form, const float *x, float *y)
{
    const cvy_relu_form f = *form;

    EACH_ELEMENT
    {
        const float v = x[i], above = v > f.max ? f.max : v;
        y[i] = v < f.threshold ? f.slope * (v - f.threshold) : above;
    }
}

static void relu_backward(size_t n, const cvy_relu_form *form, const float *value, const float *dy,
                          float *dx)
{
    const cvy_relu_form f = *form;

    EACH_ELEMENT
    {
        const float v = value[i], above = v > f.max ? 0.0f : 1.0f;
        dx[i] = dy[i] * (v <= f.threshold ? f.slope : above);
    }
}

static void glu_forward(size_t n, size_t half, const float *x, float *y)
{
    EACH_ELEMENT y[i] = x[i] * cvy_sigmoid(x[half + i]);
}

static void glu_backward(size_t n, size_t half, const float *x, const float *dy, float *dx)
{
    EACH_ELEMENT
    {
        const float s = cvy_sigmoid(x[half + i]), by = dy[i];
        dx[half + i] = by * x[i] * s * (1.0f - s);
        dx[i] = by * s;
    }
}

extern const cvy_activation_kernels CVY_FOR_ISA(cvy_activation_kernels);
const cvy_activation_kernels CVY_FOR_ISA(cvy_activation_kernels) = {
    .forward = { [CVY_RELU] = relu,
                 [CVY_LEAKY_RELU] = leaky_relu,
                 [CVY_ELU] = elu,
                 [CVY_GELU] = gelu,
                 [CVY_SIGMOID] = sigmoid,
                 [CVY_TANH] = tanh_forward,
                 [CVY_SELU] = selu,
                 [CVY_EXPONENTIAL] = exponential,
                 [CVY_CELU] = celu,
                 [CVY_GELU_TANH] = gelu_tanh,
                 [CVY_HARD_SHRINK] = hard_shrink,
                 [CVY_HARD_SIGMOID] = hard_sigmoid,
                 [CVY_HARD_SILU] = hard_silu,
                 [CVY_HARD_TANH] = hard_tanh,
                 [CVY_LOG_SIGMOID] = log_sigmoid,
                 [CVY_MISH] = mish,
                 [CVY_SILU] = silu,
                 [CVY_SOFTPLUS] = softplus,
                 [CVY_SOFTSIGN] = softsign,
                 [CVY_SOFT_SHRINK] = soft_shrink,
                 [CVY_SPARSE_PLUS] = sparse_plus,
                 [CVY_SPARSE_SIGMOID] = sparse_sigmoid,
                 [CVY_SQUAREPLUS] = squareplus,
                 [CVY_TANH_SHRINK] = tanh_shrink },
    .backward = { [CVY_RELU] = relu_back,
                  [CVY_LEAKY_RELU] = leaky_relu_back,
                  [CVY_ELU] = elu_back,
                  [CVY_GELU] = gelu_back,
                  [CVY_SIGMOID] = sigmoid_back,
                  [CVY_TANH] = tanh_back,
                  [CVY_SELU] = selu_back,
                  [CVY_EXPONENTIAL] = exponential_back,
                  [CVY_CELU] = celu_back,
                  [CVY_GELU_TANH] = gelu_tanh_back,
                  [CVY_HARD_SHRINK] = hard_shrink_back,
                  [CVY_HARD_SIGMOID] = hard_sigmoid_back,
                  [CVY_HARD_SILU] = hard_silu_back,
                  [CVY_HARD_TANH] = hard_tanh_back,
                  [CVY_LOG_SIGMOID] = log_sigmoid_back,
                  [CVY_MISH] = mish_back,
                  [CVY_SILU] = silu_back,
                  [CVY_SOFTPLUS] = softplus_back,
                  [CVY_SOFTSIGN] = softsign_back,
                  [CVY_SOFT_SHRINK] = soft_shrink_back,
                  [CVY_SPARSE_PLUS] = sparse_plus_back,
                  [CVY_SPARSE_SIGMOID] = sparse_sigmoid_back,
                  [CVY_SQUAREPLUS] = squareplus_back,
                  [CVY_TANH_SHRINK] = tanh_shrink_back },
    .relu_forward = relu_forward,
    .relu_backward = relu_backward,
    .glu_forward = glu_forward,
    .glu_backward = glu_backward,
};
