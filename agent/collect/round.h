/* agent/collect/round.h - one wake-up: every collector that is due, read into whoever listens.
 *
 * The samples of a collector reach the listener only when all of its reading succeeded. A collector that says UNSUPPORTED is
 * not asked again.
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

/* Reads what is due at now_ms. */
void round_run(struct round *round, uint64_t now_ms, const struct round_listener *listener);

/* How often a collector is read. */
uint32_t round_period_s(const struct round *round, const struct collector *collector);

/* The outcome of a collector's last reading; NOT_FOUND before the first. */
struct err round_outcome(const struct round *round, size_t collector);

#endif
