/* agent/replay/replay.h - which alerts a policy would have made of a trace.
 *
 * The agent's own rules and alerts, with an outbox in memory and its local desk, in the trace's time. Nothing of this machine
 * is read or changed. Beside it, for comparison, a bare threshold counts (bare.h).
 * Ownership: the policy is lent until replay_free; what is returned is lent until then. Thread: any, one owner.
 */
#ifndef PICKET_AGENT_REPLAY_REPLAY_H
#define PICKET_AGENT_REPLAY_REPLAY_H

#include "agent/alert/storm.h"
#include "agent/replay/trace.h"
#include "agent/replay/want.h"

enum { REPLAY_ALERTS_MAX = 10000, REPLAY_CHANGES_MAX = 100000, REPLAY_STRANGE_MAX = 16 };

struct replay_change {
    size_t        alert; /* its place */
    uint64_t      at_ms;  /* since the trace began */
    enum severity severity; /* OK: cleared */
    char          text[TITLE_MAX];
};

struct replay_alert {
    int64_t       id;
    char          rule[RULE_NAME_MAX + 1], instance[INSTANCE_MAX], title[TITLE_MAX];
    enum severity worst;
    uint64_t      raised_ms, cleared_ms; /* when it was told, since the trace began */
    int64_t       raised_wall_ms, cleared_wall_ms;
    bool          open; /* at the trace's end */
    int32_t       want; /* the one it meets, or -1 */
};

struct replay_result {
    const char                 *about; /* "" */
    struct replay_alert        *alerts;
    size_t                      alert_count;
    const struct replay_change *changes;
    size_t                      change_count;
    struct want                *wants;
    size_t                      want_count;
    bool                        wants_said; /* the trace says what it deserves, be it nothing */
    size_t                      missed, too_many;
    uint64_t                    tickets; /* of the desk */
    uint64_t                    bare;    /* alerts of the bare threshold */
    uint64_t                    passed_ms;
    struct trace_counts         counts;
    const char *const          *strange; /* metrics that neither a collector nor a rule of the policy knows */
    size_t                      strange_count;
};

struct replay_options {
    const struct policy *policy;
    const char          *device_name; /* where the trace names none */
    uint32_t             remind_hours;
    struct storm_limit   storm;
    uint64_t             rounds_max; /* 0: two million */
};

struct replay;

struct err replay_new(const struct replay_options *options, struct replay **ret);
void       replay_free(struct replay **replay);

struct err  replay_feed(struct replay *replay, const void *bytes, size_t len);
struct err  replay_end(struct replay *replay, struct replay_result *ret);
const char *replay_why(const struct replay *replay); /* what is wrong with the trace, and in which line */

#endif
