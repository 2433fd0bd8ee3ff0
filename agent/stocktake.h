/* agent/stocktake.h - the inventories that a running agent takes by itself.
 *
 *     WAITING -- due, or asked for --> TAKING -- whole --> kept, WAITING
 *                                        `------ failed, or too long --> WAITING, again in an hour
 *
 * A few minutes after the start, and then every so many hours, of which those count as well that the machine slept through;
 * a clock that jumps costs one inventory more. A process of our own does the reading, at the lowest priority, into a file
 * without a name; what it took goes through us row by row (agent/outbox/inventory.h), and what it did not finish not at all.
 * Looked at in every round, so there is no timer.
 * Thread: the loop's.
 */
#ifndef PICKET_AGENT_STOCKTAKE_H
#define PICKET_AGENT_STOCKTAKE_H

#include <uv.h>

#include "agent/outbox/outbox.h"

struct stocktake;

/* Both are lent until free; folder: where the file lies for as long as it has a name. */
struct err stocktake_new(uv_loop_t *loop, struct outbox *outbox, const char *folder, struct stocktake **ret);
void stocktake_free(struct stocktake **stocktake); /* what it took so far is forgotten; handles close on the loop */

/* Every round. hours 0: none but those that are asked for. */
void stocktake_run(struct stocktake *stocktake, uint32_t hours, uint64_t steady_ms, int64_t wall_ms);

/* One now. BUSY: one is being taken. What becomes of it is logged. */
struct err stocktake_begin(struct stocktake *stocktake, uint64_t steady_ms, int64_t wall_ms);

#endif
