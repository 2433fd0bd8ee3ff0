/* agent/replay/history.h - recorded samples as a trace.
 *
 * Samples come in any order within a stretch of time; at its end they are sorted and written as rounds, each figure only
 * when it changed. A series that is missing while its collector was read is gone; a collector of which nothing was kept for
 * three of its periods fails; a time in which nothing was kept at all is a boot if the uptime went back, otherwise a stall:
 * what it was cannot be told from samples. A clock that went back is one that was set.
 * Thread: any, one owner.
 */
#ifndef PICKET_AGENT_REPLAY_HISTORY_H
#define PICKET_AGENT_REPLAY_HISTORY_H

#include "agent/outbox/block.h"

typedef struct err history_write_fn(void *context, const char *text, size_t len);

struct history;

/* write is called from put and end; its failure sticks. device: in titles. */
struct err history_new(const char *device, history_write_fn *write, void *context, struct history **ret);
void       history_free(struct history **history);

/* TOO_BIG beyond some millions of samples in a stretch; series beyond those a trace can have are left out. */
struct err history_put(struct history *history, const struct block_sample *sample);
struct err history_end_stretch(struct history *history);

#endif
