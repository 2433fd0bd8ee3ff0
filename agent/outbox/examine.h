/* agent/outbox/examine.h - a look at a database that someone else may be working in.
 *
 * Never touches the file: no lock, no write, no journal beside it. What was not yet copied out of the write-ahead log is
 * seen by copying both into a private folder first, and again where they changed meanwhile.
 * Thread: any; takes up to a second for a full outbox, longer on a slow disk.
 */
#ifndef PICKET_AGENT_OUTBOX_EXAMINE_H
#define PICKET_AGENT_OUTBOX_EXAMINE_H

#include <stdint.h>

#include "platform/err.h"

struct outbox_facts {
    uint64_t file_bytes, log_bytes;
    int64_t  version; /* of its tables */
    uint64_t alerts, alerts_open, deliveries, tickets, tickets_open, notes, blocks, samples, gaps;
    int64_t  first_ms, last_ms; /* of the samples; 0: none */
    char     fault[160];        /* CORRUPT: the first thing SQLite names */
};

/* NOT_FOUND: there is none. CORRUPT: it is damaged. MALFORMED: not ours. BUSY: it changed each time it was copied. */
struct err outbox_examine(const char *path, struct outbox_facts *ret);

#endif
