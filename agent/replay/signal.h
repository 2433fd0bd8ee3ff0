/* agent/replay/signal.h - how a figure of a trace goes on while time passes.
 *
 *     0.93                         stays there
 *     ramp FROM TO TIME            on a straight line, then stays at TO
 *     saw FROM TO TIME             the same, but from FROM again each time
 *     pulse LOW HIGH TIME TIME     so long at LOW, so long at HIGH, and again
 *     gone                         its collector no longer reports it
 *     nan                          it is reported, but is no number
 *     ~AMOUNT behind any of them   each reading is off by up to AMOUNT either way, evenly, from a generator with a seed
 *
 * Pure. Thread: any.
 */
#ifndef PICKET_AGENT_REPLAY_SIGNAL_H
#define PICKET_AGENT_REPLAY_SIGNAL_H

#include "agent/replay/words.h"

enum signal_kind { SIGNAL_GONE, SIGNAL_STEADY, SIGNAL_RAMP, SIGNAL_SAW, SIGNAL_PULSE };

struct signal {
    enum signal_kind kind;
    double           from, to, off_by;
    uint64_t         since_ms, first_ms, second_ms;
};

/* words: without the series' name. MALFORMED. */
struct err signal_parse(char *const *words, size_t count, uint64_t now_ms, struct signal *ret);

/* Not of one that is gone. random: the generator's state. */
double signal_at(const struct signal *signal, uint64_t now_ms, uint64_t *random);

#endif
