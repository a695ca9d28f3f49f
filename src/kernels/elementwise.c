/* Activation functions and their derivatives, element by element. */
#include "kernels/kernels.h"

#include <math.h>

#include "kernels/exponential.h"

/* One function from an expression in v, the input, and alpha. */
#define FORWARD(name, expression)                                                                  \
    static void name(size_t n, float alpha, const float *x, float *y)                              \
    {                                                                                              \
        (void)alpha;                                                                               \
        for (size_t i = 0; i < n; i++) {                                                           \
            float v = x[i];                                                                        \
            y[i] = (expression);                                                                   \
        }                                                                                          \
    }

/* One derivative from an expression in v, the output (gelu: the input), and alpha. */
#define BACKWARD(name, expression)                                                                 \
    static void name(size_t n, float alpha, const float *value, const float *dy, float *dx)        \
    {                                                                                              \
        (void)alpha;                                                                               \
        for (size_t i = 0; i < n; i++) {                                                           \
            float v = value[i];                                                                    \
            dx[i] = dy[i] * (expression);                                                          \
        }                                                                                          \
    }

FORWARD(relu, v > 0 ? v : 0)
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

/* x Phi(x) with the normal distribution's Phi(x) = (1 + erf(x / sqrt 2)) / 2; its derivative is
 * Phi(x) + x phi(x), phi the density (Hendrycks and Gimpel 2016). */
FORWARD(gelu, 0.5f * v * (1.0f + cvy_erf(v * 0.70710678f)))
BACKWARD(gelu_back,
         0.5f * (1.0f + cvy_erf(v * 0.70710678f)) + v * 0.39894228f * cvy_exp(-0.5f * v * v))

extern const cvy_activation_kernels CVY_FOR_ISA(cvy_activation_kernels);
const cvy_activation_kernels CVY_FOR_ISA(cvy_activation_kernels) = {
    .forward = { [CVY_RELU] = relu,
                 [CVY_LEAKY_RELU] = leaky_relu,
                 [CVY_ELU] = elu,
                 [CVY_GELU] = gelu,
                 [CVY_SIGMOID] = sigmoid,
                 [CVY_TANH] = tanh_forward },
    .backward = { [CVY_RELU] = relu_back,
                  [CVY_LEAKY_RELU] = leaky_relu_back,
                  [CVY_ELU] = elu_back,
                  [CVY_GELU] = gelu_back,
                  [CVY_SIGMOID] = sigmoid_back,
                  [CVY_TANH] = tanh_back },
};
