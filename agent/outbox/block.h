/* agent/outbox/block.h - some minutes of samples as few bytes, and back.
 *
 *     u8 version, varint rounds, varint series, times, then for each series: its name, its values
 *     times:  the first in ms, then differences of differences
 *     name:   varint parts: metric, then key and value of each attribute; each a varint: 0 and then a new text with its
 *             NUL, or which of the texts before it is meant (1: the first)
 *     values: a byte (kind; are some rounds missing?), a bitmap of rounds if so; whole numbers as differences, others
 *             as 32-bit floats (seven digits), each with what differs from the one before
 *
 * Every varint is 7 bits a byte, lowest first, zigzag where it may be negative. A block stands
 * alone: whatever else is lost, it can be read. The reader takes bytes of a damaged file: it never
 * reads beyond them, and says MALFORMED.
 * Thread: any, one owner.
 */
#ifndef PICKET_AGENT_OUTBOX_BLOCK_H
#define PICKET_AGENT_OUTBOX_BLOCK_H

#include "agent/collect/metric.h"
#include "platform/buf.h"

enum { BLOCK_ROUNDS_MAX = 128, BLOCK_SERIES_MAX = 1024, BLOCK_NAME_MAX = 1536, BLOCK_TEXTS_MAX = 1024 * 9,
       BLOCK_MAX_BYTES = 256 * 1024 };

struct block_writer;

struct err block_writer_new(struct block_writer **ret);
void       block_writer_free(struct block_writer **writer);

/* Samples of one series come in order of time; what is at most a second apart is one round. A value that is not finite
 * is left out. TOO_BIG: a series beyond BLOCK_SERIES_MAX, or the block is full: take it first. */
struct err block_put(struct block_writer *writer, int64_t wall_ms, const struct sample *sample);
bool       block_is_full(const struct block_writer *writer);

/* The newest values of a series, oldest first; also those of blocks that were taken. Returns how many. */
enum { BLOCK_RECENT = 8 };
size_t block_recent(const struct block_writer *writer, const struct metric *metric, const struct attr *attrs,
                    size_t attr_count, double ret[BLOCK_RECENT]);

struct block {
    int64_t    first_ms, last_ms;
    uint32_t   count; /* 0: nothing was put, bytes is empty */
    struct buf bytes;
};

/* What was put since the last time; the writer begins anew, also on failure. End with block_done. */
struct err block_take(struct block_writer *writer, struct block *ret);
/* The same, and the writer goes on as if nothing had been asked. */
struct err block_copy(const struct block_writer *writer, struct block *ret);
void       block_done(struct block *block);

/* ---- reading ---- */

/* Lent for the call. */
struct block_sample {
    const char        *metric;
    const struct attr *attrs;
    size_t             attr_count;
    int64_t            wall_ms;
    double             value;
};

/* Series by series, each in order of its rounds. Stops when each says false. MALFORMED: each may have seen some. */
typedef bool block_sample_fn(void *context, const struct block_sample *sample);
struct err block_read(const void *bytes, size_t len, block_sample_fn *each, void *context);

#endif
