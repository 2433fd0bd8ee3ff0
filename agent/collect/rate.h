/* agent/collect/rate.h - how fast the counters of named things grow.
 *
 * A reading begins, puts every thing it met, and ends; a thing that was not met is forgotten, so that a disk that is
 * plugged in again starts anew. A thing of which any counter went back (it was replaced, a driver started over, 32 bits
 * were full) has no rates that time: which of these happened cannot be told, and a false peak raises a false alert.
 * Ownership: owns its rows; all zero is empty. Time is the caller's steady clock. Thread: one owner.
 */
#ifndef PICKET_AGENT_COLLECT_RATE_H
#define PICKET_AGENT_COLLECT_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/err.h"

enum { RATE_COUNTERS_MAX = 6, RATE_NAME_MAX = 64, RATE_THINGS_MAX = 1024, RATE_LEAST_MS = 100 };

struct rate_row;

struct rates {
    struct rate_row *rows;
    size_t           count, room;
    uint64_t         now_ms;
};

void rates_begin(struct rates *r, uint64_t now_ms);

/* Fills ret_per_s (count of them) and sets *ret_known; or clears it, where there is nothing to compare with yet or less
 * than RATE_LEAST_MS went by. A name that is too long, and more things than agreed, are TOO_BIG. */
struct err rates_put(struct rates *r, const char *name, const uint64_t *counters, size_t count, double *ret_per_s,
                     bool *ret_known);

void rates_end(struct rates *r);
void rates_done(struct rates *r);

#endif
