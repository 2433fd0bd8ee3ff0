/* agent/collect/round.h - one wake-up: every collector that is due, read into whoever listens.
 *
 * The samples of a collector reach the listener only when all of its reading succeeded. A collector that says UNSUPPORTED is
 * not asked again. One that is late (collect.h) is begun when it is due and read when it is ready, in a round of its own.
 * Thread: the loop's. Time: the caller's steady clock.
 */
#ifndef PICKET_AGENT_COLLECT_ROUND_H
#define PICKET_AGENT_COLLECT_ROUND_H

#include "agent/collect/collect.h"

struct round_listener {
    void (*on_sample)(void *context, const struct sample *sample); /* lent for the call */
    /* After its samples, or alone when it failed. took_us: how long it was. */
    void (*on_collector)(void *context, const struct collector *collector, struct err outcome,
                         uint64_t took_us);
    void *context;
};

struct round;

/* period_s: of collectors that name none. Collectors are asked from the first round on. */
struct err round_new(uint32_t period_s, struct round **ret);
void       round_free(struct round **round); /* also lets every collector go of its files */

/* Tells every collector of it, and which of those on demand its rules ask for. Until then: the others alone. */
void round_configure(struct round *round, const struct config *config);
/* A person asks: all that is on demand is read as well, or no longer. */
void round_ask_all(struct round *round, bool all);

/* From now on late collectors are begun, on this loop; without one they wait. on_ready is called from the loop when one
 * came: round_run_ready then reads it. NULL cancels what runs, and must come before the loop ends. */
typedef void round_ready_fn(void *context);
void round_attach(struct round *round, uv_loop_t *loop, round_ready_fn *on_ready, void *context);
bool round_is_waiting(const struct round *round); /* something late has begun and not come yet */

/* Reads what is due at now_ms, and begins what is late. */
void round_run(struct round *round, uint64_t now_ms, const struct round_listener *listener);
/* Reads once more what has rates, due or not; for those who look once. */
void round_run_again(struct round *round, const struct round_listener *listener);
/* Reads what became ready. */
void round_run_ready(struct round *round, const struct round_listener *listener);

/* How often a collector is read. */
uint32_t round_period_s(const struct round *round, const struct collector *collector);

/* The outcome of a collector's last reading; NOT_FOUND before the first. */
struct err round_outcome(const struct round *round, size_t collector);
bool       round_is_asleep(const struct round *round, size_t collector); /* on demand, and nobody asks */

#endif
