/* One cycle, up to a peak and down to almost 0: the learning rates of PyTorch's OneCycleLR. Unlike
 * there, momentum does not change.
 *     low = max_learning_rate / div_factor,  end = low / final_div_factor,  t = total_steps
 *     two phases:    low -> max until step pct_start * t - 1, -> end until t - 1
 *     three_phase:   low -> max until step pct_start * t - 1, -> low until 2 * pct_start * t - 2,
 *                    -> end until t - 1
 * each phase half a cosine wave, or a straight line. After the cycle, where PyTorch raises an
 * error, the last learning rate stays.
 * Source: Smith and Topin, Super-Convergence: Very Fast Training of Neural Networks Using Large
 * Learning Rates (2018). */
#include "schedules/schedule.h"

enum { PHASES_MAX = 3 };

typedef enum { STRATEGY_COS, STRATEGY_LINEAR } strategy;

typedef struct {
    cvy_schedule_settings common;
    double max_learning_rate, pct_start, div_factor, final_div_factor;
    size_t total_steps;
    int anneal_strategy;
    bool three_phase;
} one_cycle_settings;

static const char *const strategies[] = {
    [STRATEGY_COS] = "cos", [STRATEGY_LINEAR] = "linear", NULL
};

#define AT(member) offsetof(one_cycle_settings, member)
static const cvy_setting settings[] = {
    CVY_RATE_ROW("max_learning_rate", AT(max_learning_rate), NULL, "learning rate at the peak"),
    CVY_STEPS_ROW("total_steps", AT(total_steps), "0", 0,
                  "updates of the cycle; 0: until the end of training"),
    { "pct_start", CVY_FLOAT, AT(pct_start), "0.3", 0, 1, "fraction of the updates before the peak",
      0, NULL },
    { "anneal_strategy", CVY_CHOICE, AT(anneal_strategy), "cos", 0, 0,
      "shape of a phase: half a cosine wave, or linear", 0, strategies },
    CVY_FACTOR_ROW("div_factor", AT(div_factor), "25",
                   "peak divided by the learning rate of the first update"),
    CVY_FACTOR_ROW("final_div_factor", AT(final_div_factor), "10000",
                   "learning rate of the first update divided by that of the last"),
    { "three_phase", CVY_BOOL, AT(three_phase), "false", 0, 0,
      "go down for as long as up, then to the end", 0, NULL },
    CVY_WARMUP_ROWS,
    { 0 },
};

/* The learning rate and step at which a phase ends. */
typedef struct {
    double rate, step;
} phase;

static size_t plan_phases(const one_cycle_settings *s, double total, phase phases[PHASES_MAX])
{
    const double low = s->max_learning_rate / s->div_factor, end = low / s->final_div_factor;
    size_t count = 0;

    phases[count++] = (phase){ s->max_learning_rate, s->pct_start * total - 1 };
    if (s->three_phase)
        phases[count++] = (phase){ low, 2 * s->pct_start * total - 2 };
    phases[count++] = (phase){ end, total - 1 };
    return count;
}

static double anneal(const one_cycle_settings *s, double from, double to, double part)
{
    if (s->anneal_strategy == STRATEGY_LINEAR)
        return from + (to - from) * part;
    return to + (from - to) * 0.5 * (1 + cos(M_PI * part));
}

static size_t cycle_steps(const one_cycle_settings *s, const cvy_schedule_run *run)
{
    if (s->total_steps > 0)
        return s->total_steps;
    return run->steps_total > s->common.warmup_steps ? run->steps_total - s->common.warmup_steps
                                                     : 1;
}

static double rate(const void *config, const cvy_schedule_run *run, size_t step)
{
    const one_cycle_settings *s = config;
    const double total = (double)cycle_steps(s, run), at = fmin((double)step, total - 1);
    phase phases[PHASES_MAX], from = { s->max_learning_rate / s->div_factor, 0 };
    size_t i = 0;

    const size_t last = plan_phases(s, total, phases) - 1;
    while (i < last && at > phases[i].step)
        from = phases[i++];
    const double steps = phases[i].step - from.step;
    /* a first phase of a single update consists only of its end */
    return anneal(s, from.rate, phases[i].rate, steps != 0 ? (at - from.step) / steps : 1);
}

const cvy_schedule_kind cvy_schedule_one_cycle = {
    .kind = { "one_cycle", "one cycle: warm up to a peak, then decay to almost zero", settings,
              sizeof(one_cycle_settings) },
    .rate = rate,
};
