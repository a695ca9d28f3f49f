/* The effective learning rate of each weight: the factor by which an update multiplies its
 * gradient, or the optimizer's moving mean of it. */
#ifndef CVY_STUDY_EFFECTIVE_RATE_H
#define CVY_STUDY_EFFECTIVE_RATE_H

#include "base/error.h"
#include "convoy/train.h"

/* The optimizers with known effective rates. */
typedef enum {
    CVY_EFFECTIVE_UNKNOWN,
    CVY_EFFECTIVE_SGD,     /* rate */
    CVY_EFFECTIVE_ADAGRAD, /* rate / sqrt(sum + epsilon) */
    CVY_EFFECTIVE_RMSPROP, /* rate / sqrt(mean square + epsilon); without momentum and centering */
    /* rate sqrt(1 - beta_2^n) / (1 - beta_1^n) / (sqrt(v) + epsilon), applied to the moving mean;
     * also adamw */
    CVY_EFFECTIVE_ADAM,
} cvy_effective_rule;

typedef struct {
    cvy_effective_rule rule;
    double epsilon, beta_1, beta_2;
    bool is_amsgrad;
} cvy_effective_rate;

/** Read an optimizer's spec. Returns CVY_ERR_SETTING, CVY_ERR_MEMORY. */
cvy_status cvy_effective_rate_read(const char *optimizer, cvy_effective_rate *rate);

/** The rate of element `at` of the view's blocks in the last update, number view->step. NaN if the
 *  rule is unknown. */
double cvy_effective_rate_at(const cvy_effective_rate *rate, const cvy_update_view *view,
                             size_t at);

#endif
