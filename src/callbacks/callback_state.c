#include "callbacks/callback_state.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *text;
    double value;
} others[] = { { "nan", NAN }, { "inf", INFINITY }, { "-inf", -INFINITY } };

json_t *cvy_state_number(double value)
{
    if (isfinite(value))
        return json_real(value);
    return json_string(isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
}

static cvy_status fail(const char *name, const char *expected)
{
    return cvy_fail(CVY_ERR_FORMAT, "state: %s: expected %s", name, expected);
}

cvy_status cvy_state_read_number(const json_t *state, const char *name, double *value)
{
    const json_t *member = json_object_get(state, name);

    if (json_is_number(member)) {
        *value = json_number_value(member);
        return CVY_OK;
    }
    for (size_t i = 0; json_is_string(member) && i < sizeof others / sizeof *others; i++)
        if (strcmp(json_string_value(member), others[i].text) == 0) {
            *value = others[i].value;
            return CVY_OK;
        }
    return fail(name, "a number");
}

cvy_status cvy_state_read_count(const json_t *state, const char *name, size_t *value)
{
    const json_t *member = json_object_get(state, name);

    if (!json_is_integer(member) || json_integer_value(member) < 0)
        return fail(name, "a whole number, at least 0");
    *value = (size_t)json_integer_value(member);
    return CVY_OK;
}

cvy_status cvy_state_read_bool(const json_t *state, const char *name, bool *value)
{
    const json_t *member = json_object_get(state, name);

    if (!json_is_boolean(member))
        return fail(name, "true or false");
    *value = json_is_true(member);
    return CVY_OK;
}

json_t *cvy_state_best(const cvy_best *best)
{
    return json_pack("{s:b, s:o, s:I}", "is_set", best->is_set, "value",
                     cvy_state_number(best->value), "epoch", (json_int_t)best->epoch);
}

cvy_status cvy_state_read_best(const json_t *state, const char *name, cvy_best *best)
{
    const json_t *member = json_object_get(state, name);
    cvy_best read;
    cvy_status status = cvy_state_read_bool(member, "is_set", &read.is_set);

    if (status == CVY_OK)
        status = cvy_state_read_number(member, "value", &read.value);
    if (status == CVY_OK)
        status = cvy_state_read_count(member, "epoch", &read.epoch);
    if (status != CVY_OK)
        return cvy_fail_at(status, "%s", name);
    *best = read;
    return CVY_OK;
}
