/* Adam's rule, for the optimizers built on it. Compiled once per instruction set. */
#ifndef CVY_OPTIMIZERS_ADAM_H
#define CVY_OPTIMIZERS_ADAM_H

#include "optimizers/optimizer.h"

typedef struct {
    cvy_optimizer_settings common;
    double beta_1, beta_2, epsilon;
    bool amsgrad;
} cvy_adam_settings;

/* Keras's names and defaults for a settings struct with these members. */
#define CVY_MOMENT_ROWS(type)                                                                      \
    { "beta_1",      CVY_FLOAT, offsetof(type, beta_1), "0.9", 0, 1, "decay of the first moment",  \
      CVY_BELOW_MAX, NULL },                                                                       \
        { "beta_2", CVY_FLOAT, offsetof(type, beta_2),       "0.999",                              \
          0,        1,         "decay of the second moment", CVY_BELOW_MAX,                        \
          NULL },                                                                                  \
    {                                                                                              \
        "epsilon", CVY_FLOAT, offsetof(type, epsilon), "1e-7", 0, HUGE_VAL,                        \
            "keeps the divisor above zero", CVY_BELOW_MAX, NULL                                    \
    }

#define CVY_ADAM_ROWS                                                                              \
    CVY_MOMENT_ROWS(cvy_adam_settings),                                                            \
    {                                                                                              \
        "amsgrad", CVY_BOOL, offsetof(cvy_adam_settings, amsgrad), "false", 0, 0,                  \
            "divide by the largest mean square so far", 0, NULL                                    \
    }

/* The factors of an update. */
typedef struct {
    float rate; /* includes the bias corrections */
    float new_1, new_2, epsilon;
} cvy_adam_factors;

/** The learning rate with Adam's bias corrections: rate sqrt(1 - beta_2^n) / (1 - beta_1^n). */
double CVY_FOR_ISA(cvy_adam_rate)(double beta_1, double beta_2, const cvy_update *update);

/** Apply Adam without amsgrad to n weights with moments m and v. */
void CVY_FOR_ISA(cvy_adam_apply)(cvy_adam_factors factors, size_t n, float *restrict w,
                                 const float *restrict dw, float *restrict m, float *restrict v);

/** The functions of adam itself; settings are cvy_adam_settings. */
size_t CVY_FOR_ISA(cvy_adam_slots)(const void *settings, const char *names[CVY_SLOTS_MAX]);
void CVY_FOR_ISA(cvy_adam_prepare)(const void *settings, cvy_update *update);
void CVY_FOR_ISA(cvy_adam_update)(const void *settings, const cvy_update *update, size_t n,
                                  float *restrict w, const float *restrict dw, float *const *slot);

#endif
