/* SPDX-License-Identifier: MIT */
/* One log line and one counter per message (promise 1). Never a body. */
#pragma once

#include "translation/types.h"

typedef struct StoxOutcomes StoxOutcomes;
StoxOutcomes *stox_outcomes_new(void);
void stox_outcomes_free(StoxOutcomes *outcomes);
/* `action` is a STOX_ACTION_OUTCOME. */
void stox_outcomes_record(StoxOutcomes *outcomes, const StoxAction *action);
uint64_t stox_outcomes_count(const StoxOutcomes *outcomes, StoxDirection direction,
                             StoxOutcome outcome);
