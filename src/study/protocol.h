/* Presets for the protocols of published optimizer benchmarks: tuned keys, numbers of trials and
 * seeds, and scoring. */
#ifndef CVY_STUDY_PROTOCOL_H
#define CVY_STUDY_PROTOCOL_H

#include "base/error.h"
#include "base/settings.h"
#include "statistics/statistics.h"
#include "study/study.h"
#include "study/study_plan.h"

enum { CVY_STUDIES_MAX = 8 };

struct cvy_protocol {
    const char *name, *title;
    cvy_text_list tunings; /* default of --tune */
    size_t trials;         /* per configuration */
    size_t seed_count;     /* default of --seeds; 0: as without a protocol */
    size_t studies;        /* trials are dealt to these in equal parts; 0: no scoring */
    const char *words, *source;
};

/** NULL-terminated. */
extern const cvy_protocol *const cvy_protocols[];

/**
 * Fill in the defaults of settings->protocol in `settings`; NULL: nothing.
 * protocol  written; NULL without one
 * Returns CVY_ERR_SETTING for an unknown name, and for a --tune of another budget.
 */
cvy_status cvy_protocol_apply(cvy_study_settings *settings, const cvy_protocol **protocol);

/** The study, 0 .., of a trial: trials are dealt at random, in the same way for all
 *  configurations. */
size_t cvy_protocol_study_of(const cvy_protocol *protocol, uint64_t seed, size_t trial);

/* The score of a configuration by AlgoPerf's rules. */
typedef struct {
    size_t reached, trials;
    double steps[CVY_STUDIES_MAX]; /* [study] steps of its fastest trial; infinite: none reached */
    double median_steps, median_seconds; /* of the studies' least steps and seconds */
} cvy_protocol_score;

/** Score a compared configuration's trials against a target. */
cvy_protocol_score cvy_protocol_score_of(const cvy_study *study, size_t configuration,
                                         const cvy_target *target);

#endif
