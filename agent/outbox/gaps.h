/* agent/outbox/gaps.h - which samples were kept once and are no more.
 *
 * Neighbours with one reason are one row. At most a few hundred rows. Internal to agent/outbox.
 */
#ifndef PICKET_AGENT_OUTBOX_GAPS_H
#define PICKET_AGENT_OUTBOX_GAPS_H

#include "agent/outbox/rows.h"

/* Within the caller's transaction. */
struct err gap_record(struct store *s, const struct gap *gap);
struct err gap_each(struct store *s, gap_fn *each, void *context);

#endif
