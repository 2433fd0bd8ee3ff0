/* agent/replay/trace.h - what a machine went through, as text, played in driven time.
 *
 * The format is explained in docs/traces.md. A player takes bytes as they come, line by line, and plays them to a listener:
 * rounds of samples, and what happened between them. Time is the trace's own; a month takes a second.
 * Bounded: series, length of lines and of what is repeated, rounds in all. A figure outside its metric's nature (a ratio of
 * 1.2) is played as it is written.
 * Ownership: what a listener gets is lent for the call. Thread: any, one owner.
 */
#ifndef PICKET_AGENT_REPLAY_TRACE_H
#define PICKET_AGENT_REPLAY_TRACE_H

#include "agent/collect/collect.h"
#include "agent/replay/words.h"

enum { TRACE_SERIES_MAX = 4096, TRACE_FOREIGN_MAX = 64, TRACE_REPEAT_DEPTH = 4, TRACE_REPEAT_BYTES = 64 * 1024,
       TRACE_WHY_MAX = 300, TRACE_ZONE_MAX = 64 };

/* A machine has several clocks, and a trace moves each as a real one does. */
struct trace_now {
    uint64_t    passed_ms; /* since the trace began, whatever happened */
    int64_t     wall_ms;   /* as the machine's clock says, right or wrong */
    uint64_t    steady_ms; /* since the machine's start, without the time it slept */
    uint64_t    up_ms;     /* since the machine's start, with it */
    const char *zone;      /* IANA name; "" is UTC */
};

enum trace_event {
    TRACE_BEGIN,   /* the agent starts for the first time */
    TRACE_BOOT,    /* the machine was off and starts, and the agent with it */
    TRACE_RESTART, /* the agent alone */
    TRACE_RESUME,  /* the machine slept */
    TRACE_STALL,   /* nothing was read for a while, for a reason that nobody knows */
    TRACE_CLOCK,   /* someone set the clock */
    TRACE_ZONE,
    TRACE_END,
};

struct trace_listener {
    /* on_round_begin, then on_sample and on_collector as a round of the agent has them, then on_round_end */
    void (*on_round_begin)(void *context, const struct trace_now *now);
    void (*on_sample)(void *context, const struct sample *sample);
    void (*on_collector)(void *context, const struct metric *metrics, size_t count, uint32_t period_s, struct err outcome);
    void (*on_round_end)(void *context, const struct trace_now *now);
    void (*on_event)(void *context, enum trace_event event, const struct trace_now *now);
    /* "about", "device" and "want" with what follows; may refuse. */
    struct err (*on_word)(void *context, const struct words *words, const struct trace_now *now);
    void *context;
};

struct trace_player;

/* rounds_max: more are TOO_BIG. */
struct err trace_player_new(const struct trace_listener *listener, uint64_t rounds_max, struct trace_player **ret);
void       trace_player_free(struct trace_player **player);

/* After a failure nothing more is played; trace_player_why says it with its line: "line 12: expected a value". */
struct err  trace_player_feed(struct trace_player *player, const void *bytes, size_t len);
struct err  trace_player_end(struct trace_player *player);
const char *trace_player_why(const struct trace_player *player);

struct trace_counts {
    uint64_t lines, rounds, samples, series;
};
void trace_player_counts(const struct trace_player *player, struct trace_counts *ret);

#endif
