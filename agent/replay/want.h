/* agent/replay/want.h - the tickets that a trace deserves, and whether they came.
 *
 *     want disk-full mountpoint=/srv critical raised 5h..6h cleared 20h..21h : why
 *     want disk-full mountpoint=/srv warning raised 5h..6h stays : why
 *     want nothing : why
 *
 * Times are since the trace began. A ticket meets what is wanted if rule, instance, worst severity and both times agree; each
 * is met once. Pure. Thread: any.
 */
#ifndef PICKET_AGENT_REPLAY_WANT_H
#define PICKET_AGENT_REPLAY_WANT_H

#include "agent/alert/alert.h"
#include "agent/replay/words.h"

enum { WANTS_MAX = 200, WANT_WHY_MAX = 400 };

struct want {
    char          rule[RULE_NAME_MAX + 1], instance[INSTANCE_MAX];
    enum severity severity;
    uint64_t      raised_from_ms, raised_to_ms, cleared_from_ms, cleared_to_ms;
    bool          stays; /* open at the end */
    bool          met;
    char          why[WANT_WHY_MAX];
};

struct wants {
    struct want *all;
    size_t       count;
    bool         said, nothing;
};

/* words: of the whole line. MALFORMED, TOO_BIG. */
struct err wants_add(struct wants *wants, const struct words *words);
void       wants_done(struct wants *wants);

/* The first that is not met yet and fits: its place, or -1. */
int32_t wants_meet(struct wants *wants, const char *rule, const char *instance, enum severity worst, uint64_t raised_ms,
                   bool open, uint64_t cleared_ms);

#endif
