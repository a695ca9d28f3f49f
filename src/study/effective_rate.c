#include "study/effective_rate.h"

#include <math.h>
#include <string.h>

#include "convoy/kinds.h"

/* The value of a setting; 0 if it is missing or none. */
static double setting(const cvy_spec *spec, const char *name)
{
    for (size_t i = 0; i < spec->value_count; i++)
        if (strcmp(spec->values[i]->setting->name, name) == 0 && spec->values[i]->number_count > 0)
            return spec->values[i]->numbers[0];
    return 0;
}

/* With gradient accumulation there are fewer updates than batches, so the update number is
 * unknown. */
static cvy_effective_rule rule_of(const cvy_spec *spec)
{
    const char *name = spec->kind->name;

    if (setting(spec, "gradient_accumulation_steps") > 0)
        return CVY_EFFECTIVE_UNKNOWN;
    if (strcmp(name, "sgd") == 0)
        return CVY_EFFECTIVE_SGD;
    if (strcmp(name, "adagrad") == 0)
        return CVY_EFFECTIVE_ADAGRAD;
    if (strcmp(name, "rmsprop") == 0 && setting(spec, "momentum") == 0 &&
        setting(spec, "centered") == 0)
        return CVY_EFFECTIVE_RMSPROP;
    if (strcmp(name, "adam") == 0 || strcmp(name, "adamw") == 0)
        return CVY_EFFECTIVE_ADAM;
    return CVY_EFFECTIVE_UNKNOWN;
}

cvy_status cvy_effective_rate_read(const char *optimizer, cvy_effective_rate *rate)
{
    cvy_spec *spec;
    cvy_status status = cvy_spec_resolve(CVY_KINDS_OPTIMIZERS, optimizer, &spec);

    if (status != CVY_OK)
        return status;
    *rate = (cvy_effective_rate){ .rule = rule_of(spec),
                                  .epsilon = setting(spec, "epsilon"),
                                  .beta_1 = setting(spec, "beta_1"),
                                  .beta_2 = setting(spec, "beta_2"),
                                  .is_amsgrad = setting(spec, "amsgrad") != 0 };
    cvy_spec_destroy(spec);
    return CVY_OK;
}

double cvy_effective_rate_at(const cvy_effective_rate *r, const cvy_update_view *view, size_t at)
{
    const double n = (double)view->step;

    switch (r->rule) {
    case CVY_EFFECTIVE_SGD:
        return view->learning_rate;
    case CVY_EFFECTIVE_ADAGRAD:
    case CVY_EFFECTIVE_RMSPROP:
        return view->learning_rate / sqrt((double)view->slots[0][at] + r->epsilon);
    case CVY_EFFECTIVE_ADAM:
        return view->learning_rate * sqrt(1 - pow(r->beta_2, n)) / (1 - pow(r->beta_1, n)) /
               (sqrt((double)view->slots[r->is_amsgrad ? 2 : 1][at]) + r->epsilon);
    case CVY_EFFECTIVE_UNKNOWN:
        break;
    }
    return NAN;
}
