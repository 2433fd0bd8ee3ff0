/* agent/export_batch.h - from a block of the outbox to a message for the courier, as much as fits.
 *
 * What cannot be sent (a text of a damaged block that is too long, or not UTF-8) is left out and counts as sent.
 * Thread: any.
 */
#ifndef PICKET_AGENT_EXPORT_BATCH_H
#define PICKET_AGENT_EXPORT_BATCH_H

#include "proto/link.h"

struct export_block {
    const void *bytes;
    size_t      len;
    uint32_t    skip;    /* samples, in the block's order, that were sent before */
    int64_t     boot_ms; /* since when counters count, for what is newer; 0: unknown */
};

struct export_batch {
    struct buf frame;  /* a whole SAMPLES message; end with buf_done */
    uint32_t   done;   /* samples of the block that are sent with it, skip included */
    bool       whole;  /* nothing of the block is left */
    size_t     points; /* in it; 0: there is nothing to send */
};

/* MALFORMED: the block is damaged; ret then holds what could be read, and is whole. Any other failure: ret is untouched. */
struct err export_batch_print(const struct export_block *block, const struct link_samples *head, struct export_batch *ret);

#endif
