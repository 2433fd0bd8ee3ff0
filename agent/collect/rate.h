/* agent/collect/rate.h - how fast the counters of named things grow.
 *
 * A reading begins, puts every thing it met, and ends; a thing that was not met is forgotten, so that a disk that is
 * plugged in again starts anew. A thing of which any counter went back (it was replaced, a driver started over, 32 bits
 * were full) has no rates that time: which of these happened cannot be told, and a false peak raises a false alert. Only
 * a counter that is known to have 32 bits (`narrow`) and went from their last quarter to their first, while no other of the
 * thing went back, is known to have wrapped.
 * Ownership: owns its rows; all zero is empty. Time is the caller's steady clock. Thread: one owner.
 */
#ifndef PICKET_AGENT_COLLECT_RATE_H
#define PICKET_AGENT_COLLECT_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/collect/metric.h"
#include "platform/err.h"

enum { RATE_COUNTERS_MAX = 8, RATE_NAME_MAX = 96, RATE_THINGS_MAX = 1024, RATE_LEAST_MS = 100 };

struct rate_row;

struct rates {
    uint32_t         narrow; /* bit i: counter i has 32 bits; rates_done leaves it */
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

/* One reading of a collector of devices: what its callback is given as context. */
struct rate_reading {
    struct rates *rates;
    struct sink  *out;
    struct err    err; /* the first failure */
    double        per_s[RATE_COUNTERS_MAX];
    char          name[ATTR_VALUE_MAX]; /* the device's, as UTF-8 */
};

/* Begins at the clock's now. */
void rate_reading_begin(struct rate_reading *reading, struct rates *rates, struct sink *out);

/* False while its rates are not known; then per_s is not set, but name is. key: under which it is remembered, which may
 * tell more than its name. */
bool rate_reading_put(struct rate_reading *reading, const char *key, const char *name, const uint64_t *counters,
                      size_t count);

/* e: of the reading itself; a failed one forgets nothing. Returns it, or the first failure to remember something. */
struct err rate_reading_end(struct rate_reading *reading, struct err e);

/* A figure of both directions: the attribute `key` is in[0] or in[1] beside the device's own. */
struct direction {
    const char *device_key, *key, *values[2];
};
void rate_put_directions(const struct rate_reading *reading, const struct metric *metric, const struct direction *by,
                         double first, double second);

#endif
