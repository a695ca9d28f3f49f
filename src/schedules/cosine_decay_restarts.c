/* Cosine decay with warm restarts; Keras's CosineDecayRestarts.
 *     period j lasts first_decay_steps * t_mul^j updates; f in [0, 1) is the position in it
 *     rate = initial_learning_rate * ((1 - alpha) * m_mul^j * (1 + cos(pi * f)) / 2 + alpha)
 * Keras finds the period with float32 logarithms, whose rounding can put the first update of a
 * period into the previous one (t_mul 1.5 and first_decay_steps 10: step 25). Here the logarithm is
 * only a guess, which is corrected with the sums of the periods.
 * Source: Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts (2017). */
#include "schedules/schedule.h"

typedef struct {
    cvy_schedule_settings common;
    double initial_learning_rate, first_decay_steps, t_mul, m_mul, alpha;
} restarts_settings;

#define AT(member) offsetof(restarts_settings, member)
static const cvy_setting settings[] = {
    CVY_RATE_ROW("initial_learning_rate", AT(initial_learning_rate), NULL,
                 "learning rate at the start"),
    CVY_FACTOR_ROW("first_decay_steps", AT(first_decay_steps), NULL, "updates of the first period"),
    { "t_mul", CVY_FLOAT, AT(t_mul), "2", 1, HUGE_VAL,
      "length of each period relative to the previous one", CVY_BELOW_MAX, NULL },
    CVY_RATE_ROW("m_mul", AT(m_mul), "1", "start of each period relative to the previous one"),
    { "alpha", CVY_FLOAT, AT(alpha), "0", 0, 1,
      "fraction of the initial learning rate that always remains", 0, NULL },
    CVY_WARMUP_ROWS,
    { 0 },
};

/* The beginning of period j, in units of the first period. */
static double period_start(double t, double j)
{
    return t == 1 ? j : (pow(t, j) - 1) / (t - 1);
}

/* Whether period j has begun; the tolerance lets the first step belong to it despite rounding. */
static bool has_begun(double t, double j, double x)
{
    return period_start(t, j) <= x * (1 + 1e-12);
}

static double rate(const void *config, const cvy_schedule_run *run, size_t step)
{
    const restarts_settings *s = config;
    const double t = s->t_mul, x = (double)step / s->first_decay_steps;
    double j = t == 1 ? floor(x) : floor(log1p(x * (t - 1)) / log(t));

    (void)run;
    if (has_begun(t, j + 1, x))
        j++;
    else if (!has_begun(t, j, x))
        j--;
    const double place = fmax(x - period_start(t, j), 0) / pow(t, j);
    return s->initial_learning_rate *
           ((1 - s->alpha) * 0.5 * pow(s->m_mul, j) * (1 + cos(M_PI * place)) + s->alpha);
}

const cvy_schedule_kind cvy_schedule_cosine_decay_restarts = {
    .kind = { "cosine_decay_restarts", "cosine decay with warm restarts", settings,
              sizeof(restarts_settings) },
    .rate = rate,
};
