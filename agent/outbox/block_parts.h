/* agent/outbox/block_parts.h - the writer of blocks as its own files see it, and the numbers of the format. */
#ifndef PICKET_AGENT_OUTBOX_BLOCK_PARTS_H
#define PICKET_AGENT_OUTBOX_BLOCK_PARTS_H

#include "agent/outbox/block.h"
#include "agent/outbox/varint.h"

enum { BLOCK_VERSION = 1, BLOCK_WHOLE = 1, BLOCK_SOME = 2 };

struct series {
    const struct metric *metric;
    char                *name; /* parts, each with its NUL, name_len in all */
    size_t               name_len;
    double              *values;
    uint16_t            *rounds; /* of each value */
    uint16_t             count, room;
    float                recent[BLOCK_RECENT]; /* a ring */
    uint32_t             recent_count;         /* ever put */
};

struct block_writer {
    struct series *series;
    size_t         series_count, series_room;
    size_t         next; /* where the next sample's series is, if all come in the order of last time */
    int64_t        times[BLOCK_ROUNDS_MAX];
    uint16_t       rounds;
    uint32_t       count;
};

struct err block_print(const struct block_writer *w, struct buf *into);

#endif
