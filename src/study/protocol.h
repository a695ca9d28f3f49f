/* Protocols of published optimizer benchmarks, as presets: what is tuned, with how many trials and seeds, and how
 * trials are scored. */
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
    cvy_text_list tunings; /* --tune, unless it is given */
    size_t trials;         /* of each configuration */
    size_t seed_count;     /* --seeds, unless it is given; 0: as without a protocol */
    size_t studies; /* to which the trials are dealt in equal parts; 0: trials are not scored */
    const char *words, *source;
};

/** NULL-terminated. */
extern const cvy_protocol *const cvy_protocols[];

/**
 * Fill in what a protocol settles, in `settings`, from settings->protocol; NULL: nothing.
 * protocol  written; NULL without one
 * Returns CVY_ERR_SETTING for an unknown name, and for a --tune of another budget.
 */
cvy_status cvy_protocol_apply(cvy_study_settings *settings, const cvy_protocol **protocol);

/** To which study, 0 .., a trial belongs: trials are dealt at random, the same way for all configurations. */
size_t cvy_protocol_study_of(const cvy_protocol *protocol, uint64_t seed, size_t trial);

/* How a configuration does by AlgoPerf's rules. */
typedef struct {
    size_t reached, trials;
    double steps
        [CVY_STUDIES_MAX]; /* of each study, those of the trial that took the least; infinite: none reached it */
    double median_steps,
        median_seconds; /* over the studies, of the least steps, and of the least seconds */
} cvy_protocol_score;

/** Score a compared configuration's trials against a target. */
cvy_protocol_score cvy_protocol_score_of(const cvy_study *study, size_t configuration,
                                         const cvy_target *target);

#endif
