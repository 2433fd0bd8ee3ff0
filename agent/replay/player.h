/* agent/replay/player.h - the player's parts: trace.c reads lines, player.c lets time pass, series.c knows what is read.
 *
 * Inside agent/replay only.
 */
#ifndef PICKET_AGENT_REPLAY_PLAYER_H
#define PICKET_AGENT_REPLAY_PLAYER_H

#include "agent/replay/signal.h"
#include "agent/replay/trace.h"
#include "platform/buf.h"

/* A collector of ours, or what stands in for one: a metric that this version does not know is read on its own. */
struct trace_source {
    const struct collector *collector; /* NULL: foreign */
    struct metric           foreign;
    uint32_t                period_s;
    uint64_t                due_ms; /* steady */
    enum err_code           failing; /* OK: it can be read */
};

struct trace_series {
    char               *name; /* ours in the trace; the metric's attributes lie behind it */
    const struct metric *metric;
    struct attr         attrs[ATTRS_MAX];
    size_t              attr_count;
    size_t              source;
    struct signal       signal;
};

struct trace_repeat {
    struct buf body;
    uint64_t   times;
    size_t     depth; /* of those within it */
    uint64_t   line;  /* of its first line */
    bool       open;  /* lines still come */
};

struct trace_player {
    struct trace_listener listener;
    struct trace_now      now;
    char                  zone[TRACE_ZONE_MAX];
    uint64_t              period_ms, next_ms; /* passed_ms of the next round */
    uint64_t              random;
    struct trace_series  *series;
    size_t                series_count, series_room;
    struct trace_source **sources;
    size_t                source_count;
    struct trace_repeat   repeat;
    size_t                repeating; /* how deep */
    struct buf            line; /* what came of one so far */
    uint64_t              lines_fed;
    uint64_t              rounds_max, steps;
    struct trace_counts   counts;
    bool                  versioned, begun;
    struct err            err;
    char                  why[TRACE_WHY_MAX];
};

/* ---- series.c ---- */

/* "series NAME METRIC KEY=VALUE..." */
struct err trace_series_add(struct trace_player *p, const struct words *words);
struct trace_series *trace_series_find(const struct trace_player *p, const char *name);
struct trace_source *trace_source_find(const struct trace_player *p, const char *collector);
void                 trace_series_done(struct trace_player *p);

/* ---- player.c ---- */

void       trace_begin(struct trace_player *p);
struct err trace_pass(struct trace_player *p, uint64_t ms);  /* with the rounds that are due */
struct err trace_round(struct trace_player *p);              /* one, now */
/* No round meanwhile. asleep: the steady clock stands; off: the machine, and its clocks begin anew. */
void trace_skip(struct trace_player *p, uint64_t ms, enum trace_event event);
void trace_tell(struct trace_player *p, enum trace_event event);

#endif
