/* agent/alert/storm.h - many alerts within a short time are one ticket.
 *
 *     calm --more than `alerts` raised within `within_s`--> STORM --fewer than half as many within the last `within_s`--> calm
 *
 * A storm is an alert of its own, put before the first that it holds. So the outbox alone says which those are, whoever is
 * killed when: the alerts with a higher id, while it is open. Nobody is told of them but by its list; those that still stand
 * when it is over are told then, and those that are not are settled.
 * Thread: the loop's.
 */
#ifndef PICKET_AGENT_ALERT_STORM_H
#define PICKET_AGENT_ALERT_STORM_H

#include "agent/outbox/outbox.h"

#define STORM_RULE "picket.storm" /* no rule of a configuration can be called so */

enum { STORM_ALERTS_MAX = 100, STORM_NOTE_S = 300 };

struct storm_limit {
    uint32_t alerts; /* 0: there are no storms */
    uint32_t within_s;
};

/* What is known in this run only. */
struct storm {
    uint64_t raised_ms[STORM_ALERTS_MAX + 1]; /* steady; a ring */
    size_t   next;
    int64_t  named;   /* the newest alert that the summary names */
    uint64_t told_ms; /* steady; when the summary changed last */
    uint32_t total;   /* how many it held so far */
    bool     unnamed; /* there was no room for all: the next round goes on */
    bool     begun;   /* in this round: nobody was told of it yet */
};

/* The one that is open; NULL: none. */
const struct alert *storm_open(const struct outbox *outbox);

/* How an alert that nobody was told of stands to storms: in none, waiting for the end of one, or over within one. */
enum storm_part { STORM_NONE, STORM_WAITS, STORM_WENT_BY };
enum storm_part storm_part_of(const struct outbox *outbox, const struct alert *alert);

/* An alert is about to be put. Returns whether a storm begins before it. */
bool storm_note(struct storm *storm, const struct storm_limit *limit, uint64_t steady_ms);
bool storm_is_over(const struct storm *storm, const struct storm_limit *limit, uint64_t steady_ms);
/* At the start, where one is open: it goes on for a while. */
void storm_resume(struct storm *storm, const struct storm_limit *limit, const struct alert *open, uint64_t steady_ms);

bool storm_is(const struct alert *alert);

/* What the summary says. alert is it so far, and gets texts that lie in words. */
struct storm_words {
    char title[TITLE_MAX], facts[FACTS_MAX], change[TITLE_MAX];
};
void storm_tell_begin(const struct storm_limit *limit, const char *device, struct alert *alert,
                      struct storm_words *words);
/* Whether there is anything new: alerts that it does not name yet, when the last note is old enough, or worse ones at once. */
bool storm_tell(struct storm *storm, const struct outbox *outbox, uint64_t steady_ms, struct alert *alert,
                struct storm_words *words);
void storm_tell_end(const struct storm *storm, const struct outbox *outbox, int64_t lasted_ms, struct alert *alert,
                    struct storm_words *words);

#endif
