/* SPDX-License-Identifier: MIT */
#include "component/outcome.h"

struct StoxOutcomes {
    uint64_t counts[2][4];
};

StoxOutcomes *stox_outcomes_new(void)
{
    return g_new0(StoxOutcomes, 1);
}

void stox_outcomes_free(StoxOutcomes *outcomes)
{
    g_free(outcomes);
}

void stox_outcomes_record(StoxOutcomes *outcomes, const StoxAction *action)
{
    static const char *const directions[] = {"xmpp->sip", "sip->xmpp"};
    static const char *const names[] = {"delivered", "refused", "handed over", "unknown"};
    const char *reason = action->reason ? action->reason : "";

    outcomes->counts[action->direction][action->outcome]++;
    g_log_structured(G_LOG_DOMAIN, G_LOG_LEVEL_INFO, "STOX_FROM", "%s", action->from, "STOX_TO",
                     "%s", action->to, "STOX_ID", "%s", action->id ? action->id : "",
                     "STOX_OUTCOME", "%s", names[action->outcome], "MESSAGE",
                     "message %s %s -> %s id=%s: %s%s%s", directions[action->direction],
                     action->from, action->to, action->id ? action->id : "-",
                     names[action->outcome], *reason ? ": " : "", reason);
}

uint64_t stox_outcomes_count(const StoxOutcomes *outcomes, StoxDirection direction,
                             StoxOutcome outcome)
{
    return outcomes->counts[direction][outcome];
}
